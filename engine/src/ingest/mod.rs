//! Bytes at an integration's door become parsed events in the journal.
//!
//! Reading order: [`mod@self`] knows the doors and finds out whose a request is; `scan` and `key` find and check
//! the key; `body` reads and decodes, `mail` decodes what is a mail; `accept` admits, parses, appends and replies; `normal` makes events fit for
//! the journal; `clean` says what of the envelope is handed on; `dialect` speaks as the sender expects.
//!
//! Nothing here decides anything about events. A sender hears 200 or 202 only after the journal is synced (I2); a
//! failing parser never loses a payload (I7); everything read is bounded (I8).

pub(crate) mod accept;
mod body;
mod clean;
mod dialect;
mod key;
mod mail;
mod meter;
mod normal;
mod parsed;
mod scan;

pub use parsed::{ParseOutcome, ParsedEvent, Parsers, Payload, Reply};

use crate::api::Problem;
use crate::config::IntegrationPlan;
use crate::server::Doors;
use accept::Received;
use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use bytes::Bytes;
use dialect::Dialect;
use std::sync::Arc;

/// PagerDuty's well-known paths and the member of the body that holds the key.
const PAGERDUTY_DOORS: [(&str, &str); 3] = [
    ("/v2/enqueue", "routing_key"),
    ("/v2/change/enqueue", "routing_key"),
    ("/generic/2010-04-15/create_event.json", "service_key"),
];
/// How the path of a Prometheus server's alerts ends.
const ALERTS: &str = "/api/v2/alerts";

/// The doors of all monitors.
pub fn routes() -> Router<Arc<Doors>> {
    let keyed = || post(keyed).put(keyed);
    let mut router = Router::new()
        .route("/in", post(keyless).put(keyless))
        .route("/in/", post(keyless).put(keyless))
        .route("/in/{key}", keyed())
        .route("/in/{key}/", keyed())
        .route("/in/{key}/{*rest}", keyed());
    for (path, _) in PAGERDUTY_DOORS {
        router = router.route(path, post(pagerduty));
    }
    router
}

async fn keyless() -> Problem {
    Problem::unauthorized("expected `/in/{integration key}`, got no key")
}

/// The key is the second segment of the path; what follows is the parser's to see.
async fn keyed(State(doors): State<Arc<Doors>>, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    let rest = path.strip_prefix("/in/").unwrap_or_default();
    let (key, rest) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let rest = if rest.is_empty() { "/" } else { rest };
    let plan = doors.door.plan();
    let Some(integration) = key::integration_of(&plan, key.as_bytes()) else {
        meter::unknown_key();
        return Problem::not_found("no integration has this key").into_response();
    };
    let (parser, member) = parser_of(rest, integration);
    let dialect = Dialect::of(parser);
    let (parts, body) = request.into_parts();
    let mut bytes = match body::read(&parts.headers, body).await {
        Ok(bytes) => bytes,
        Err(error) => return dialect.body_error(&error),
    };
    if let Some(member) = member
        && let scan::Scan::Found { spans, .. } = scan::top_level(&bytes, member)
    {
        bytes = scan::mask(&bytes, &spans).into();
    }
    let received = Received { integration, parser, dialect, path: rest, parts: &parts, key };
    accept::accept(&doors, received, bytes).await
}

/// Which parser a door picks, and which member of the body holds a key nevertheless.
fn parser_of<'a>(rest: &str, integration: &'a IntegrationPlan) -> (&'a str, Option<&'static str>) {
    if let Some((_, member)) = PAGERDUTY_DOORS.iter().find(|(path, _)| *path == rest) {
        return ("pagerduty", Some(member));
    }
    if rest.ends_with(ALERTS) {
        return ("prometheus", None);
    }
    (&integration.parser, None)
}

/// The key is in the body.
async fn pagerduty(State(doors): State<Arc<Doors>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let bytes = match body::read(&parts.headers, body).await {
        Ok(bytes) => bytes,
        Err(error) => return Dialect::PagerDuty.body_error(&error),
    };
    pagerduty_body(&doors, &parts, bytes).await
}

async fn pagerduty_body(
    doors: &Arc<Doors>,
    parts: &axum::http::request::Parts,
    bytes: Bytes,
) -> Response {
    let path = parts.uri.path();
    let door = PAGERDUTY_DOORS.iter().find(|(known, _)| *known == path);
    let Some((path, member)) = door else {
        return Problem::not_found("no such door").into_response();
    };
    let (key, bytes) = match scan::top_level(&bytes, member) {
        scan::Scan::Found { value, spans } => (value, scan::mask(&bytes, &spans)),
        scan::Scan::Missing => return dialect::key_missing(member),
        scan::Scan::Broken => return dialect::no_object(),
    };
    if key.chars().count() != key::KEY_LEN {
        return dialect::key_length(member);
    }
    let plan = doors.door.plan();
    let Some(integration) = key::integration_of(&plan, key.as_bytes()) else {
        meter::unknown_key();
        return dialect::key_unknown(member);
    };
    let dialect = Dialect::PagerDuty;
    let key = key.as_str();
    let received = Received { integration, parser: "pagerduty", dialect, path, parts, key };
    accept::accept(doors, received, bytes.into()).await
}

/// What HTTP calls a body, for callers that hold bytes already.
pub(crate) async fn read_body(parts: &axum::http::HeaderMap, body: Body) -> Result<Bytes, Problem> {
    body::read(parts, body).await.map_err(|error| dialect::body_problem(&error))
}

#[cfg(test)]
mod tests;
