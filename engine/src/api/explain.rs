//! Everything known about one event: how it came in, who judged it and how, what became of it, who was paged for it
//! and who was not, and why (I6).

use super::events::{incident_of, parsing};
use super::input::{number, unknown};
use super::plugins::Stamp;
use super::problem::Problem;
use super::refusal::Refused;
use super::timeline::{self, Entry};
use crate::server::Doors;
use crate::store::{Arrival, Parsing};
use axum::Json;
use axum::extract::{Path, State};
use jiff::Timestamp;
use nightbell_core::model::{
    Event as Domain, EventId, Fate, IncidentId, StageTrace, TimelineEntry, TimelineKind,
};
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Arc;
use utoipa::ToSchema;

/// Of a body, shown as text.
const BODY_SHOWN_BYTES: usize = 64 << 10;

/// The way of one event.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Explanation {
    id: String,
    /// As parsed, before filters; null for a rejected payload.
    event: Option<Event>,
    arrival: Came,
    /// What each filter and router said, in order.
    stages: Vec<Stage>,
    /// What became of it, in words; null until it is decided.
    fate: Option<String>,
    /// The incident it opened, joined or changed.
    incident: Option<String>,
    /// What was refused of the routers' opinions, and other remarks.
    remarks: Vec<String>,
    /// The lines of that incident's timeline about who was paged, who was not, and why; and what was told later.
    pages: Vec<Entry>,
}

/// A parsed event.
#[derive(Debug, Serialize, ToSchema)]
struct Event {
    /// `trigger`, `acknowledge`, `resolve` or `change`.
    kind: &'static str,
    dedup_key: String,
    title: String,
    severity: &'static str,
    source: String,
    #[schema(value_type = Option<String>, format = DateTime)]
    starts_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Timestamp>,
    labels: BTreeMap<String, String>,
    attributes: Vec<Named>,
    links: Vec<Link>,
    /// The rest, as the parser left it.
    details: serde_json::Value,
}

/// A name and a value.
#[derive(Debug, Serialize, ToSchema)]
struct Named {
    name: String,
    value: String,
}

/// A web link.
#[derive(Debug, Serialize, ToSchema)]
struct Link {
    href: String,
    text: String,
}

/// The payload as it came in; keys and credentials were taken out at the door.
#[derive(Debug, Serialize, ToSchema)]
struct Came {
    integration: String,
    #[schema(value_type = String, format = DateTime)]
    received_at: Timestamp,
    payload_id: String,
    method: String,
    path: String,
    query: String,
    headers: Vec<Named>,
    content_type: String,
    /// At most 64 KiB, as text.
    body: String,
    body_bytes: usize,
    /// Whether `body` shows less than came.
    body_cut: bool,
    parser: Option<Stamp>,
    /// `parsed`, `rejected` or `failed`.
    parsing: &'static str,
    /// The parser's words when it rejected or failed.
    message: Option<String>,
    /// Parts that were refused while the rest was accepted.
    rejected: Vec<String>,
}

/// What one plugin said.
#[derive(Debug, Serialize, ToSchema)]
struct Stage {
    /// `filter` or `route`.
    stage: &'static str,
    plugin: String,
    /// Hex of the SHA-256 of the plugin's file.
    sha256: String,
    verdict: String,
    /// How long the call took, over its whole batch, in microseconds.
    batch_us: u64,
    /// Events in the batch.
    batch_len: u32,
}

fn event(event: Domain) -> Event {
    let details = match event.details.as_str() {
        "" => serde_json::Value::Null,
        text => serde_json::from_str(text).unwrap_or_else(|_| text.into()),
    };
    Event {
        kind: event.kind.as_str(),
        dedup_key: event.dedup_key.to_string(),
        title: event.title,
        severity: event.severity.as_str(),
        source: event.source,
        starts_at: event.starts_at,
        expires_at: event.expires_at,
        labels: event.labels,
        attributes: event
            .attributes
            .into_iter()
            .map(|one| Named { name: one.name, value: one.value })
            .collect(),
        links: event
            .links
            .into_iter()
            .map(|link| Link { href: link.href, text: link.text })
            .collect(),
        details,
    }
}

fn came(arrival: &Arrival) -> Came {
    let shown = &arrival.body[..arrival.body.len().min(BODY_SHOWN_BYTES)];
    let headers = arrival.headers.iter();
    let (message, rejected) = match &arrival.parsing {
        Parsing::Parsed { rejected } => (None, rejected.clone()),
        Parsing::Rejected { message } | Parsing::Failed { message } => {
            (Some(message.clone()), Vec::new())
        }
    };
    Came {
        integration: arrival.integration.to_string(),
        received_at: arrival.received_at,
        payload_id: arrival.payload_id.clone(),
        method: arrival.method.clone(),
        path: arrival.path.clone(),
        query: arrival.query.clone(),
        headers: headers
            .map(|header| Named { name: header.name.clone(), value: header.value.clone() })
            .collect(),
        content_type: arrival.content_type.clone(),
        body: String::from_utf8_lossy(shown).into_owned(),
        body_bytes: arrival.body.len(),
        body_cut: shown.len() < arrival.body.len(),
        parser: arrival.parser.as_ref().map(Stamp::of),
        parsing: parsing(&arrival.parsing),
        message,
        rejected,
    }
}

fn stage(trace: &StageTrace) -> Stage {
    Stage {
        stage: trace.stage,
        plugin: trace.plugin.name.to_string(),
        sha256: trace.plugin.sha256.to_string(),
        verdict: trace.verdict.to_string(),
        batch_us: trace.batch_us,
        batch_len: trace.batch_len,
    }
}

fn is_about_pages(entry: &TimelineEntry) -> bool {
    matches!(
        entry.kind,
        TimelineKind::Paged { .. }
            | TimelineKind::NotPaged(_)
            | TimelineKind::StepSkipped { .. }
            | TimelineKind::FallbackReached { .. }
            | TimelineKind::Delivered { .. }
            | TimelineKind::DeliveryFailed { .. }
            | TimelineKind::Arrived { .. }
            | TimelineKind::Updated { .. }
            | TimelineKind::UpdateFailed { .. }
            | TimelineKind::AnswerRefused { .. }
            | TimelineKind::PagesCancelled { .. }
            | TimelineKind::Paused
            | TimelineKind::Resumed
            | TimelineKind::PausedBy { .. }
            | TimelineKind::ResumedAfter { .. }
    )
}

async fn pages(doors: &Doors, incident: Option<IncidentId>) -> Result<Vec<Entry>, Problem> {
    let Some(incident) = incident else { return Ok(Vec::new()) };
    let entries = doors.door.store().timeline(incident).await?;
    let about = entries.iter().filter(|entry| is_about_pages(entry));
    Ok(doors.door.view(|view| about.map(|one| timeline::show(one, view.directory)).collect()))
}

/// Explains one event, or one rejected payload.
#[utoipa::path(get, path = "/api/v1/events/{id}/explain", tag = "events",
    params(("id" = String, Path)), responses((status = 200, body = Explanation), Refused))]
pub(super) async fn explain(
    State(doors): State<Arc<Doors>>,
    Path(id): Path<String>,
) -> Result<Json<Explanation>, Problem> {
    let found = doors.door.store().event(EventId(number(&id, "event")?)).await?;
    let found = found.ok_or_else(|| unknown("event", &id))?;
    let fate = found.outcome.as_ref().map(|outcome| &outcome.fate);
    let incident = fate.and_then(incident_of);
    let stages = found.outcome.as_ref().map(|outcome| outcome.stages.as_slice());
    Ok(Json(Explanation {
        id: found.id.to_string(),
        arrival: came(&found.arrival),
        stages: stages.unwrap_or_default().iter().map(stage).collect(),
        fate: fate.map(Fate::describe),
        incident: incident.map(|id| id.to_string()),
        remarks: found.outcome.as_ref().map(|o| o.remarks.clone()).unwrap_or_default(),
        pages: pages(&doors, incident).await?,
        event: found.event.map(event),
    }))
}
