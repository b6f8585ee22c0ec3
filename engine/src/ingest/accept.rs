//! From bytes of a known integration to a reply: admit, parse, normalise, append, answer.
//!
//! Overload is said before anything is accepted; after the append nothing can go wrong any more (I2).

use super::dialect::{self, Dialect};
use super::mail::{self, Mail};
use super::meter::{self, Fared};
use super::parsed::{ParseOutcome, ParsedEvent, Payload, Reply};
use super::{clean, key, normal};
use crate::api::Problem;
use crate::config::IntegrationPlan;
use crate::limits;
use crate::server::Doors;
use crate::store::{Arrival, Header, Parsing, StoreError};
use crate::token::fresh_id;
use axum::Json;
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use nightbell_core::model::{
    AlertId, AlertStatus, Event, EventId, EventKind, IntegrationId, Label, PluginStamp,
};
use serde_json::json;
use tokio::time::timeout;

/// Longest text of a failing or refusing parser that is kept, in bytes.
const MESSAGE_MAX_BYTES: usize = 4 << 10;

/// A request whose key is known.
pub(super) struct Received<'a> {
    pub(super) integration: &'a IntegrationPlan,
    pub(super) parser: &'a str,
    pub(super) dialect: Dialect,
    /// Without the key.
    pub(super) path: &'a str,
    pub(super) parts: &'a Parts,
    /// To be found nowhere in what is kept.
    pub(super) key: &'a str,
}

/// Takes one payload in.
pub(super) async fn accept(doors: &Doors, received: Received<'_>, body: Bytes) -> Response {
    let id = &received.integration.id;
    meter::received(id, body.len());
    let Ok(Ok(place)) = timeout(doors.parsing.wait, doors.parsing.free.acquire()).await else {
        return overloaded(id, "too many payloads are being parsed");
    };
    let appended = doors.door.store().appended().borrow().0;
    if appended.saturating_sub(doors.door.cursor().0) > limits::BACKLOG_MAX as u64 {
        return overloaded(id, "too many events wait to be decided");
    }
    let payload = payload(doors, &received, body);
    let settings = settings(&received);
    let since = meter::start();
    let outcome = match mail_of(&received, &payload) {
        None => doors.parsers.parse(received.parser, &payload, &settings).await,
        Some(Ok((mail, left_out))) => {
            let outcome = doors.parsers.parse(received.parser, &mail, &settings).await;
            with_rejected(outcome, left_out)
        }
        Some(Err(error)) => {
            let made = refused(error.to_string(), None, None);
            return append(doors, &received, payload, made).await;
        }
    };
    meter::parse_time(since);
    drop(place);
    let made = match outcome {
        ParseOutcome::Overloaded => return overloaded(id, "all parsers are busy"),
        outcome => make(doors, &received, &payload, outcome),
    };
    append(doors, &received, payload, made).await
}

/// A raw mail as its parser sees it, and what was left out of it; `None` for everything else. The journal keeps the raw
/// one.
fn mail_of(
    received: &Received<'_>,
    payload: &Payload,
) -> Option<Result<(Payload, Vec<String>), mail::MailError>> {
    if payload.content_type != mail::MEDIA_TYPE || received.dialect != Dialect::Plain {
        return None;
    }
    let Mail { headers, text, attachments, left_out } = match mail::decode(&payload.body) {
        Ok(mail) => mail,
        Err(error) => return Some(Err(error)),
    };
    // An encoding may have hidden the key from the first look.
    let clean = |text: &str| key::scrub_text(text, received.key);
    let attachments = attachments.into_iter().map(|mut one| {
        one.name = clean(&one.name);
        one.body = key::scrub(&one.body, received.key.as_bytes()).map_or(one.body, Bytes::from);
        one
    });
    let mail = Payload {
        method: "MAIL".to_owned(),
        headers: headers.into_iter().map(|(name, value)| (name, clean(&value))).collect(),
        content_type: "text/plain".to_owned(),
        body: clean(&text).into(),
        attachments: attachments.collect(),
        ..payload.clone()
    };
    Some(Ok((mail, left_out.iter().map(|line| clean(line)).collect())))
}

fn with_rejected(outcome: ParseOutcome, more: Vec<String>) -> ParseOutcome {
    match outcome {
        ParseOutcome::Parsed { events, reply, mut rejected, plugin } => {
            rejected.extend(more);
            ParseOutcome::Parsed { events, reply, rejected, plugin }
        }
        other => other,
    }
}

fn overloaded(integration: &IntegrationId, why: &str) -> Response {
    meter::fared(integration, Fared::Overloaded);
    Problem::unavailable(format!("{why}; nothing was accepted, send it again")).into_response()
}

fn payload(doors: &Doors, received: &Received<'_>, body: Bytes) -> Payload {
    let headers = clean::headers(&received.parts.headers).into_iter();
    let key = received.key;
    Payload {
        id: fresh_id(),
        integration: received.integration.id.clone(),
        method: received.parts.method.as_str().to_owned(),
        path: clean::path(&key::scrub_text(received.path, key)),
        query: clean::query(&key::scrub_text(received.parts.uri.query().unwrap_or(""), key)),
        headers: headers.map(|h| (h.name, key::scrub_text(&h.value, key))).collect(),
        content_type: clean::content_type(&received.parts.headers),
        body: key::scrub(&body, key.as_bytes()).map_or(body, Bytes::from),
        received_at: doors.now(),
        attachments: Vec::new(),
    }
}

/// An integration's settings are for its own parser; one that the door picked has its defaults.
fn settings(received: &Received<'_>) -> serde_json::Value {
    match received.parser == received.integration.parser {
        true => received.integration.settings.clone(),
        false => serde_json::Value::Null,
    }
}

/// What goes into the journal, and what the sender hears afterwards.
struct Made {
    fared: Fared,
    parser: Option<PluginStamp>,
    parsing: Parsing,
    /// What the sender sent; its reply counts these.
    events: Vec<Event>,
    /// What we add about our own parser.
    own: Option<Event>,
    reply: Said,
}

enum Said {
    Parser(Reply),
    Accepted,
    Rejected(String),
}

fn make(doors: &Doors, received: &Received<'_>, payload: &Payload, outcome: ParseOutcome) -> Made {
    match outcome {
        ParseOutcome::Parsed { events, reply, rejected, plugin } => {
            parsed(doors, payload, events, reply, rejected, plugin)
        }
        ParseOutcome::Rejected { message, reply, plugin } => refused(message, reply, Some(plugin)),
        ParseOutcome::Failed { message, plugin } => failed(received, payload, message, plugin),
        ParseOutcome::Overloaded => failed(received, payload, "overloaded".to_owned(), None),
    }
}

/// The payload is wrong: it is kept, and the sender hears why.
fn refused(message: String, reply: Option<Reply>, parser: Option<PluginStamp>) -> Made {
    let message = normal::one_line(&message, MESSAGE_MAX_BYTES);
    Made {
        fared: Fared::Rejected,
        parser,
        parsing: Parsing::Rejected { message: message.clone() },
        events: Vec::new(),
        own: None,
        reply: reply.map_or(Said::Rejected(message), Said::Parser),
    }
}

fn parsed(
    doors: &Doors,
    payload: &Payload,
    mut events: Vec<ParsedEvent>,
    reply: Option<Reply>,
    mut rejected: Vec<String>,
    plugin: PluginStamp,
) -> Made {
    if events.len() > limits::EVENTS_PER_PAYLOAD_MAX {
        let (max, got) = (limits::EVENTS_PER_PAYLOAD_MAX, events.len());
        rejected.push(format!(
            "expected at most {max} events per payload, got {got}; the rest was left out"
        ));
        events.truncate(max);
    }
    let (integration, at) = (&payload.integration, payload.received_at);
    let events = events.into_iter();
    let events = events.map(|event| normal::event(integration, at, event, &mut rejected)).collect();
    let own = raw_alert_fires(doors, integration).then(|| {
        let title = format!("parser `{}` reads this integration's payloads again", plugin.name);
        normal::raw(integration, at, EventKind::Resolve, &title, Vec::new())
    });
    Made {
        fared: Fared::Accepted,
        parser: Some(plugin),
        parsing: Parsing::Parsed { rejected },
        events,
        own,
        reply: reply.map_or(Said::Accepted, Said::Parser),
    }
}

fn raw_alert_fires(doors: &Doors, integration: &IntegrationId) -> bool {
    let dedup_key = normal::raw_key(integration);
    let id = AlertId { integration: integration.clone(), dedup_key };
    doors
        .door
        .view(|view| view.state.alert(&id).is_some_and(|alert| alert.status == AlertStatus::Firing))
}

/// Our fault, not the sender's: the payload is kept, and somebody is told that a parser is broken.
fn failed(
    received: &Received<'_>,
    payload: &Payload,
    message: String,
    plugin: Option<PluginStamp>,
) -> Made {
    let mut message = message;
    message.truncate(message.floor_char_boundary(MESSAGE_MAX_BYTES));
    let id = &payload.integration;
    tracing::warn!(integration = %id, parser = received.parser, "parser failed; payload kept raw");
    let first_line = message.lines().next().unwrap_or_default();
    let title = format!("parser `{}` failed on a payload of `{id}`: {first_line}", received.parser);
    let attribute = |name: &str, value: String| Label { name: name.to_owned(), value };
    let attributes = vec![
        attribute("parser", received.parser.to_owned()),
        attribute("error", message.clone()),
        attribute("payload", payload.id.clone()),
        attribute("content type", payload.content_type.clone()),
        attribute("bytes", payload.body.len().to_string()),
    ];
    let event = normal::raw(id, payload.received_at, EventKind::Trigger, &title, attributes);
    Made {
        fared: Fared::Raw,
        parser: plugin,
        parsing: Parsing::Failed { message },
        events: vec![event],
        own: None,
        reply: Said::Accepted,
    }
}

async fn append(doors: &Doors, received: &Received<'_>, payload: Payload, made: Made) -> Response {
    let integration = payload.integration.clone();
    let count = made.events.len();
    let left_out = match &made.parsing {
        Parsing::Parsed { rejected } => rejected.clone(),
        Parsing::Rejected { .. } | Parsing::Failed { .. } => Vec::new(),
    };
    let sent = payload.body.clone();
    let arrival = Arrival {
        integration: payload.integration,
        received_at: payload.received_at,
        payload_id: payload.id,
        method: payload.method,
        path: payload.path,
        query: payload.query,
        headers: payload.headers.into_iter().map(|(name, value)| Header { name, value }).collect(),
        content_type: payload.content_type,
        body: payload.body,
        parser: made.parser,
        parsing: made.parsing,
        events: made.events.into_iter().chain(made.own).collect(),
    };
    let since = meter::start();
    let appended = doors.door.store().append(vec![arrival]).await;
    meter::append_time(since);
    let first = match appended {
        Ok(ids) => ids.first().copied().unwrap_or_default(),
        Err(StoreError::Full) => {
            meter::fared(&integration, Fared::Overloaded);
            return Problem::from(StoreError::Full).into_response();
        }
        Err(error) => {
            meter::fared(&integration, Fared::StoreFailed);
            return Problem::from(error).into_response();
        }
    };
    meter::fared(&integration, made.fared);
    meter::events(&integration, count);
    match made.reply {
        Said::Parser(reply) => plugin_reply(reply),
        Said::Rejected(message) => received.dialect.rejected(&message),
        Said::Accepted => match received.dialect {
            Dialect::Plain => accepted(first, count, &left_out),
            Dialect::PagerDuty => dialect::processed(&sent, &integration),
        },
    }
}

/// What was refused of a payload is said to whoever reads the answer, and stands with the payload.
fn accepted(first: EventId, count: usize, left_out: &[String]) -> Response {
    let ids: Vec<String> = (first.0..).take(count).map(|id| id.to_string()).collect();
    let mut body = json!({ "status": "accepted", "events": count, "ids": ids });
    if !left_out.is_empty() {
        body["rejected"] = json!(left_out);
    }
    (StatusCode::ACCEPTED, Json(body)).into_response()
}

/// What a plugin says to the outside, as it says it; it never becomes a page of ours (see the security headers).
pub(crate) fn plugin_reply(reply: Reply) -> Response {
    let status = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::OK);
    let mut response = (status, reply.body).into_response();
    match HeaderValue::from_str(&reply.content_type) {
        Ok(media) if !media.is_empty() => {
            response.headers_mut().insert(header::CONTENT_TYPE, media);
        }
        _ => {
            response.headers_mut().remove(header::CONTENT_TYPE);
        }
    }
    if status == StatusCode::SERVICE_UNAVAILABLE {
        let after = HeaderValue::from(limits::RETRY_AFTER_S);
        response.headers_mut().insert(header::RETRY_AFTER, after);
    }
    response
}
