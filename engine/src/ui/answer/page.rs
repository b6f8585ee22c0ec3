//! The page behind an answer link. Plain HTML and one style sheet: it works on any phone, without scripts.

use super::link::{Answering, LinkError};
use super::sheet;
use super::words::{self, Standing, Words};
use crate::pipeline::door::DoorClosed;
use crate::server::Doors;
use crate::store::StoreError;
use askama::Template;
use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use nightbell_core::model::{
    Action, Actor, Delivery, Incident, IncidentStatus, Input, PersonId, Refusal, Reply, Via, View,
};
use nightbell_core::notify;
use serde::Deserialize;
use std::sync::Arc;

const STYLE: &str = include_str!("../../../templates/style.css");
/// No script, no foreign content; the style sheet and the form are our own.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'none'; form-action 'self'; \
     base-uri 'none'; frame-ancestors 'none'";

#[derive(Template)]
#[template(path = "answer.html")]
struct AnswerPage {
    number: u64,
    title: String,
    words: &'static Words,
    status: &'static str,
    status_shown: &'static str,
    status_words: String,
    service: String,
    urgency: &'static str,
    opened: String,
    person: String,
    /// What was just done.
    done: Option<&'static str>,
    can_acknowledge: bool,
    can_resolve: bool,
}

#[derive(Template)]
#[template(path = "notice.html")]
struct Notice {
    heading: &'static str,
    text: String,
}

/// What was just done.
#[derive(Clone, Copy, Debug)]
enum Done {
    Acknowledged,
    Resolved,
}

/// The one field of the form.
#[derive(Deserialize)]
pub(super) struct Pressed {
    action: String,
}

pub(super) async fn show(State(doors): State<Arc<Doors>>, Path(token): Path<String>) -> Response {
    match find(&doors, &token).await {
        Ok((answering, Told::One(incident))) => page(&doors, &answering.person, &incident, None),
        Ok((answering, Told::Several(bundle))) => {
            sheet::show(&doors, &answering.person, &bundle, None)
        }
        Err(refused) => refused,
    }
}

pub(super) async fn act(
    State(doors): State<Arc<Doors>>,
    Path(token): Path<String>,
    pressed: Result<Form<Pressed>, FormRejection>,
) -> Response {
    let (answering, told) = match find(&doors, &token).await {
        Ok(found) => found,
        Err(refused) => return refused,
    };
    let id = answering.incident;
    let pressed = pressed.as_ref().map(|Form(pressed)| pressed.action.as_str());
    let (action, done) = match pressed {
        Ok("acknowledge") => (Action::Acknowledge(id), Done::Acknowledged),
        Ok("resolve") => (Action::Resolve(id), Done::Resolved),
        _ => {
            let text = "Expected the button Acknowledge or Resolve. Open the link again.";
            return notice(StatusCode::BAD_REQUEST, "That did not work", text.to_owned());
        }
    };
    let incident = match told {
        Told::One(incident) => incident,
        Told::Several(bundle) => {
            let pressed = pressed.unwrap_or_default();
            return sheet::act(&doors, &answering.person, &bundle, pressed).await;
        }
    };
    if !incident.is_open() {
        return page(&doors, &answering.person, &incident, None);
    }
    let by = Actor::Person(answering.person.clone());
    match doors.door.submit(Input::Action { by, via: Some(Via::Link), action }).await {
        Ok(Reply::Done) => after(&doors, &answering, Some(done)).await,
        // Somebody was quicker: the page says how it stands now.
        Ok(Reply::Refused(Refusal::NoOpenIncident(_))) => after(&doors, &answering, None).await,
        Ok(Reply::Refused(refusal)) => {
            notice(StatusCode::CONFLICT, "That did not work", refusal.to_string())
        }
        Err(closed) => busy(closed),
    }
}

async fn after(doors: &Doors, answering: &Answering, done: Option<Done>) -> Response {
    match incident(doors, answering).await {
        Ok(incident) => page(doors, &answering.person, &incident, done),
        Err(refused) => refused,
    }
}

/// What a link is about.
enum Told {
    One(Arc<Incident>),
    /// A message of several pages.
    Several(Arc<Delivery>),
}

/// Who asks and about what, or the page that says why not.
async fn find(doors: &Doors, token: &str) -> Result<(Answering, Told), Response> {
    let answering = doors.links.verify(token, doors.now()).map_err(|error| match error {
        LinkError::Expired => notice(
            StatusCode::GONE,
            "This link has expired",
            "Answer from a newer message, or with the command line or the API.".to_owned(),
        ),
        LinkError::Forged => notice(
            StatusCode::NOT_FOUND,
            "This link does not work",
            "It may have been cut by a mail program. Copy it whole from the message.".to_owned(),
        ),
    })?;
    let known = doors.door.view(|view| view.directory.people.contains_key(&answering.person));
    if !known {
        return Err(notice(
            StatusCode::GONE,
            "This link no longer works",
            "The person it was made for is not in the configuration any more.".to_owned(),
        ));
    }
    if let Some(bundle) = sheet::find(doors, &answering).await? {
        return Ok((answering, Told::Several(bundle)));
    }
    let incident = incident(doors, &answering).await?;
    Ok((answering, Told::One(incident)))
}

async fn incident(doors: &Doors, answering: &Answering) -> Result<Arc<Incident>, Response> {
    match doors.door.store().incident(answering.incident).await {
        Ok(Some(incident)) => Ok(incident),
        Ok(None) => Err(notice(
            StatusCode::GONE,
            "This incident is no longer kept",
            "There is nothing left to answer.".to_owned(),
        )),
        Err(error) => Err(store_failed(&error)),
    }
}

fn store_failed(error: &StoreError) -> Response {
    tracing::error!(%error, "the store did not answer");
    let text = "The engine's store did not answer. Try again.".to_owned();
    notice(StatusCode::INTERNAL_SERVER_ERROR, "That did not work", text)
}

pub(super) fn busy(closed: DoorClosed) -> Response {
    let text = format!("{closed}. Try again.");
    notice(StatusCode::SERVICE_UNAVAILABLE, "That did not work yet", text)
}

fn page(doors: &Doors, person: &PersonId, incident: &Incident, done: Option<Done>) -> Response {
    let (name, zone, service, language) = doors.door.view(|view| {
        let service = view.directory.services.get(&incident.service);
        (
            self::name(view, person),
            view.directory.zone_of(person),
            service.map_or_else(|| incident.service.to_string(), |known| known.name.clone()),
            notify::language(view, person),
        )
    });
    let words = words::of(language);
    let page = AnswerPage {
        words,
        status_shown: words::status(language, incident.status.as_str()),
        number: incident.id.0,
        title: incident.title.clone(),
        status: incident.status.as_str(),
        status_words: words::standing(
            language,
            &standing(incident, &holder(doors, incident), &zone),
        ),
        service,
        urgency: words::urgency(language, incident.urgency.as_str()),
        opened: local(incident.created_at, &zone),
        person: name,
        done: done.map(|done| match done {
            Done::Acknowledged => words.acknowledged,
            Done::Resolved => words.resolved,
        }),
        can_acknowledge: incident.status == IncidentStatus::Triggered,
        can_resolve: incident.is_open(),
    };
    respond(StatusCode::OK, &page)
}

/// A person as shown.
pub(super) fn name(view: View<'_>, person: &PersonId) -> String {
    view.directory.name_of(person.as_str()).to_owned()
}

/// Who has it, by name where it is a person.
fn holder(doors: &Doors, incident: &Incident) -> String {
    let by = incident.acknowledged_by.as_deref().unwrap_or("somebody");
    doors.door.view(|view| view.directory.name_of(by).to_owned())
}

fn standing<'a>(incident: &Incident, by: &'a str, zone: &TimeZone) -> Standing<'a> {
    let since = incident.acknowledged_at.map(|at| local(at, zone));
    match (incident.status, incident.snoozed_until) {
        (IncidentStatus::Triggered, _) => Standing::Nobody,
        (IncidentStatus::Acknowledged, Some(until)) => {
            Standing::Snoozed(by, since, local(until, zone))
        }
        (IncidentStatus::Acknowledged, None) => Standing::Acknowledged(by, since),
        (IncidentStatus::Resolved, _) => {
            Standing::Resolved(incident.resolved_at.map(|at| local(at, zone)))
        }
    }
}

/// As the person's own clock shows it, with the zone said.
fn local(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M %Z").to_string()
}

pub(super) fn notice(status: StatusCode, heading: &'static str, text: String) -> Response {
    respond(status, &Notice { heading, text })
}

pub(super) fn respond(status: StatusCode, page: &impl Template) -> Response {
    let html = page.render().unwrap_or_else(|error| {
        tracing::error!(%error, "a page could not be written");
        String::from("<!doctype html><title>Nightbell</title><p>The page could not be written.")
    });
    let mut response = (status, Html(html)).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

pub(super) async fn style() -> Response {
    let media = [
        (header::CONTENT_TYPE, "text/css; charset=utf-8"),
        (header::CACHE_CONTROL, "public, max-age=3600"),
    ];
    (media, STYLE).into_response()
}
