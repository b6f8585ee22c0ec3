//! Events and rejected arrivals: what came in, and in short what became of it.

use super::input::Asked;
use super::page::{List, Paging};
use super::problem::Problem;
use super::refusal::Refused;
use crate::server::Doors;
use crate::store::{EventFilter, Parsing, StoredEvent};
use axum::Json;
use axum::extract::State;
use jiff::Timestamp;
use nightbell_core::model::{EventId, Fate, IncidentId, IntegrationId};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};

/// One event in a list; of a rejected arrival the fields of an event are null.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Brief {
    id: String,
    integration: String,
    #[schema(value_type = String, format = DateTime)]
    received_at: Timestamp,
    /// `parsed`, `rejected` or `failed`: what the parser made of the payload.
    parsing: &'static str,
    /// `trigger`, `acknowledge`, `resolve` or `change`.
    kind: Option<&'static str>,
    dedup_key: Option<String>,
    title: Option<String>,
    severity: Option<&'static str>,
    /// What became of it; null until it is decided.
    fate: Option<String>,
    /// The incident it opened, joined or changed.
    incident: Option<String>,
}

/// The parser's word.
pub(super) fn parsing(parsing: &Parsing) -> &'static str {
    match parsing {
        Parsing::Parsed { .. } => "parsed",
        Parsing::Rejected { .. } => "rejected",
        Parsing::Failed { .. } => "failed",
    }
}

/// The incident a fate speaks of.
pub(super) fn incident_of(fate: &Fate) -> Option<IncidentId> {
    match fate {
        Fate::Opened(id) | Fate::Joined(id) | Fate::Acknowledged(id) | Fate::Reopened(id) => {
            Some(*id)
        }
        Fate::Repeated(id) | Fate::Resolved(id) => *id,
        Fate::Suppressed { .. }
        | Fate::Dropped { .. }
        | Fate::ClosedByPerson
        | Fate::Recorded(_) => None,
    }
}

fn brief(stored: &StoredEvent) -> Brief {
    let (event, fate) = (stored.event.as_ref(), stored.outcome.as_ref().map(|o| &o.fate));
    Brief {
        id: stored.id.to_string(),
        integration: stored.arrival.integration.to_string(),
        received_at: stored.arrival.received_at,
        parsing: parsing(&stored.arrival.parsing),
        kind: event.map(|event| event.kind.as_str()),
        dedup_key: event.map(|event| event.dedup_key.to_string()),
        title: event.map(|event| event.title.clone()),
        severity: event.map(|event| event.severity.as_str()),
        fate: fate.map(Fate::describe),
        incident: fate.and_then(incident_of).map(|id| id.to_string()),
    }
}

/// Which events.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Which {
    /// An integration's id.
    integration: Option<String>,
    /// Only payloads that were rejected or whose parser failed.
    #[serde(default)]
    unparsed: bool,
    /// At most so many items, 1 to 200; 50 when absent.
    limit: Option<usize>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// Lists events and rejected payloads, newest first.
#[utoipa::path(get, path = "/api/v1/events", tag = "events", params(Which),
    responses((status = 200, body = List<Brief>), Refused))]
pub(super) async fn list(
    State(doors): State<Arc<Doors>>,
    Asked(which): Asked<Which>,
) -> Result<Json<List<Brief>>, Problem> {
    let paging = Paging { limit: which.limit, cursor: which.cursor };
    let filter = EventFilter {
        integration: which.integration.map(IntegrationId::new),
        only_unparsed: which.unparsed,
        before: paging.before()?.map(EventId),
        limit: paging.limit()?,
    };
    let page = doors.door.store().events(filter).await?;
    let next = page.items.last().filter(|_| page.more).map(|last| last.id.to_string());
    let items = page.items.iter().map(brief).collect();
    Ok(Json(List { items, next }))
}
