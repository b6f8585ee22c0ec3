//! The page behind a link that stands for several incidents: which they are, how many each button does, and what was done.

use super::page::{self, busy, notice, respond};
use super::several::{self, Wanted};
use crate::server::Doors;
use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use nightbell_core::model::{
    Action, Actor, Delivery, Incident, IncidentStatus, PersonId, Reply, Via, View,
};

/// Incidents named on the page.
const SHOWN_MAX: usize = 50;

#[derive(Template)]
#[template(path = "answers.html")]
struct Sheet {
    heading: String,
    status: &'static str,
    status_words: String,
    incidents: Vec<Line>,
    /// How many are not named.
    more: usize,
    person: String,
    /// What was just done.
    done: Option<String>,
    can_acknowledge: usize,
    can_resolve: usize,
}

struct Line {
    number: u64,
    title: String,
    service: String,
    status: &'static str,
}

/// The page as things stand.
pub(super) fn show(
    doors: &Doors,
    person: &PersonId,
    bundle: &Delivery,
    done: Option<String>,
) -> Response {
    let sheet = doors.door.view(|view| sheet(view, person, bundle, done));
    respond(StatusCode::OK, &sheet)
}

fn sheet(view: View<'_>, person: &PersonId, bundle: &Delivery, done: Option<String>) -> Sheet {
    let open = several::open(view, bundle);
    let (all, can_resolve) = (bundle.about().len(), open.len());
    let ringing = open.iter().filter(|incident| incident.status == IncidentStatus::Triggered);
    let can_acknowledge = ringing.count();
    let status = match (can_acknowledge, can_resolve) {
        (0, 0) => IncidentStatus::Resolved,
        (0, _) => IncidentStatus::Acknowledged,
        _ => IncidentStatus::Triggered,
    };
    let shown = open.iter().take(SHOWN_MAX);
    Sheet {
        heading: format!("{all} incidents"),
        status: status.as_str(),
        status_words: format!(
            "Nobody has {can_acknowledge} of them, {} are acknowledged, {} are over",
            can_resolve - can_acknowledge,
            all - can_resolve,
        ),
        incidents: shown.map(|incident| line(view, incident)).collect(),
        more: can_resolve.saturating_sub(SHOWN_MAX),
        person: page::name(view, person),
        done,
        can_acknowledge,
        can_resolve,
    }
}

fn line(view: View<'_>, incident: &Incident) -> Line {
    let service = view.directory.services.get(&incident.service);
    Line {
        number: incident.id.0,
        title: incident.title.clone(),
        service: service
            .map_or_else(|| incident.service.to_string(), |service| service.name.clone()),
        status: incident.status.as_str(),
    }
}

/// Does what was pressed about every one that still wants it, and shows how they stand then.
pub(super) async fn act(
    doors: &Doors,
    person: &PersonId,
    bundle: &Delivery,
    pressed: &str,
) -> Response {
    let by = Actor::Person(person.clone());
    let (wanted, past) = match pressed {
        "acknowledge" => (Wanted::WhatRings, "acknowledged"),
        _ => (Wanted::WhatIsOpen, "resolved"),
    };
    let incidents = several::incidents(doors, bundle, wanted);
    let action = |id| match wanted {
        Wanted::WhatRings => Action::Acknowledge(id),
        Wanted::WhatIsOpen => Action::Resolve(id),
    };
    if incidents.is_empty() {
        return show(doors, person, bundle, None);
    }
    match several::act(doors, &by, &Via::Link, &incidents, action, Vec::new()).await {
        Ok(replies) => {
            // What somebody else ended meanwhile is refused: the page says how it stands now.
            let done = replies.iter().filter(|reply| **reply == Reply::Done).count();
            let done = match done {
                1 => format!("You have {past} 1 incident."),
                done => format!("You have {past} {done} incidents."),
            };
            show(doors, person, bundle, Some(done))
        }
        Err(closed) => busy(closed),
    }
}

/// The message of several pages that a link was in, if it was one.
pub(super) async fn find(
    doors: &Doors,
    answering: &super::Answering,
) -> Result<Option<std::sync::Arc<Delivery>>, Response> {
    let known = doors.door.view(|view| view.state.delivery(&answering.delivery).cloned());
    let delivery = match known {
        Some(known) => Some(known),
        None => {
            let all = doors.door.store().deliveries(answering.incident).await;
            let all = all.map_err(|error| {
                tracing::error!(%error, "the store did not answer");
                let text = "The engine's store did not answer. Try again.".to_owned();
                notice(StatusCode::INTERNAL_SERVER_ERROR, "That did not work", text)
            })?;
            all.into_iter().find(|one| one.id == answering.delivery)
        }
    };
    Ok(delivery.filter(|delivery| delivery.is_bundle()))
}
