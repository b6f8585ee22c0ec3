//! An incident's timeline: what happened, by whom, why.

use super::input::unknown;
use super::refusal::Refused;
use super::{Problem, incidents, page::List, words};
use crate::server::Doors;
use axum::Json;
use axum::extract::{Path, State};
use jiff::Timestamp;
use nightbell_core::model::{Actor, Directory, TimelineEntry, TimelineKind, Via};
use serde::Serialize;
use std::sync::Arc;
use utoipa::ToSchema;

/// One line.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Entry {
    /// From 0, without holes.
    seq: u32,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// A person's or an integration's id, an admin token's name, or `nightbell`.
    actor: String,
    /// `person`, `admin`, `monitor` or `engine`.
    actor_kind: &'static str,
    /// Through which door they acted: `link` (in a message), `channel` (named by `channel`), `api`, `cli` or `monitor`;
    /// null for what Nightbell did itself.
    via: Option<&'static str>,
    /// `opened`, `paged`, `not-paged`, `acknowledged` and so on.
    kind: &'static str,
    /// The line as a sentence.
    text: String,
    /// Whom it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    person: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    channel: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    delivery: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    event: Option<String>,
    /// Parts of a message that failed although it went out, one line each.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    problems: Vec<String>,
}

/// An entry as the API shows it.
pub(super) fn show(entry: &TimelineEntry, directory: &Directory) -> Entry {
    let (mut person, mut channel, mut delivery, mut event) = (None, None, None, None);
    match &entry.kind {
        TimelineKind::Opened { event: id, .. } | TimelineKind::AlertJoined { event: id, .. } => {
            event = Some(id.to_string());
        }
        TimelineKind::Paged { person: who, channel: on, delivery: id, .. }
        | TimelineKind::Delivered { person: who, channel: on, delivery: id, .. }
        | TimelineKind::Arrived { person: who, channel: on, delivery: id }
        | TimelineKind::Updated { person: who, channel: on, delivery: id, .. }
        | TimelineKind::UpdateFailed { person: who, channel: on, delivery: id, .. }
        | TimelineKind::DeliveryFailed { person: who, channel: on, delivery: id, .. }
        | TimelineKind::Held { person: who, channel: on, delivery: id, .. }
        | TimelineKind::HeldForBundle { person: who, channel: on, delivery: id, .. }
        | TimelineKind::DeliveredTogether { person: who, channel: on, delivery: id, .. } => {
            person = Some(who.to_string());
            channel = Some(on.clone());
            delivery = Some(id.to_string());
        }
        TimelineKind::AnswerRefused { channel: through, .. } => channel = Some(through.clone()),
        TimelineKind::Subscribed { person: who } | TimelineKind::Unsubscribed { person: who } => {
            person = Some(who.to_string());
        }
        TimelineKind::Reopened { event: id, .. } => event = Some(id.to_string()),
        TimelineKind::NewsDecided { person: who, channel: on, .. } => {
            person = Some(who.to_string());
            channel = Some(on.clone());
        }
        TimelineKind::NewsNotTold { person: who, .. } => person = Some(who.to_string()),
        _ => {}
    }
    if let Some(Via::Channel(name)) = &entry.via {
        channel = Some(name.clone());
    }
    Entry {
        seq: entry.seq,
        at: entry.at,
        actor: entry.actor.name().to_owned(),
        actor_kind: match &entry.actor {
            Actor::Person(_) => "person",
            Actor::Admin(_) => "admin",
            Actor::Monitor(_) => "monitor",
            Actor::Engine => "engine",
        },
        via: entry.via.as_ref().map(Via::as_str),
        kind: words::kind(&entry.kind),
        text: words::sentence(entry, directory),
        person,
        channel,
        delivery,
        event,
        problems: match &entry.kind {
            TimelineKind::Delivered { problems, .. } | TimelineKind::Updated { problems, .. } => {
                problems.clone()
            }
            _ => Vec::new(),
        },
    }
}

/// Lists an incident's timeline, oldest first, all of it.
#[utoipa::path(get, path = "/api/v1/incidents/{id}/timeline", tag = "incidents",
    params(("id" = String, Path)), responses((status = 200, body = List<Entry>), Refused))]
pub(super) async fn timeline(
    State(doors): State<Arc<Doors>>,
    Path(id): Path<String>,
) -> Result<Json<List<Entry>>, Problem> {
    let id = incidents::id_of(&id)?;
    let store = doors.door.store();
    let known = store.incident(id).await?;
    known.ok_or_else(|| unknown("incident", &id.to_string()))?;
    let entries = store.timeline(id).await?;
    let items =
        doors.door.view(|view| entries.iter().map(|entry| show(entry, view.directory)).collect());
    Ok(Json(List { items, next: None }))
}
