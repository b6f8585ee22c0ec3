//! The page behind a link that stands for several incidents: which they are, how many each button does, and what was done.

use super::page::{self, busy, notice, respond};
use super::several::{self, Wanted};
use super::sheet_words::{self, Counts, Words};
use super::words;
use crate::server::Doors;
use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use nightbell_core::model::{
    Action, Actor, Delivery, Incident, IncidentStatus, Language, PersonId, Reply, Via, View,
};
use nightbell_core::notify;

/// Incidents named on the page.
const SHOWN_MAX: usize = 50;

#[derive(Template)]
#[template(path = "answers.html")]
struct Sheet {
    words: Words,
    status: &'static str,
    status_shown: &'static str,
    incidents: Vec<Line>,
    /// That some are not named.
    more: Option<String>,
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
    let more = can_resolve.saturating_sub(SHOWN_MAX);
    let language = notify::language(view, person);
    Sheet {
        words: sheet_words::of(
            language,
            Counts { all, ringing: can_acknowledge, open: can_resolve },
        ),
        status: status.as_str(),
        status_shown: words::status(language, status.as_str()),
        incidents: shown.map(|incident| line(view, incident, language)).collect(),
        more: (more > 0).then(|| sheet_words::more(language, more)),
        person: page::name(view, person),
        done,
        can_acknowledge,
        can_resolve,
    }
}

fn line(view: View<'_>, incident: &Incident, language: Language) -> Line {
    let service = view.directory.services.get(&incident.service);
    Line {
        number: incident.id.0,
        title: incident.title.clone(),
        service: service
            .map_or_else(|| incident.service.to_string(), |service| service.name.clone()),
        status: words::status(language, incident.status.as_str()),
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
    let wanted = match pressed {
        "acknowledge" => Wanted::WhatRings,
        _ => Wanted::WhatIsOpen,
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
            let language = doors.door.view(|view| notify::language(view, person));
            let done = sheet_words::done(language, wanted == Wanted::WhatIsOpen, done);
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
