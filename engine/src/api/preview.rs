//! Dry runs: what a silence or maintenance window would mute now, and would have muted lately. Changes nothing.

use super::Problem;
use super::quiet::{Occurrence, occurrences};
use crate::limits::{PAGE_MAX, PREVIEW_EVENTS_MAX, PREVIEW_SHOWN_MAX};
use crate::server::Doors;
use crate::store::{EventFilter, StoredEvent};
use jiff::{SignedDuration, Timestamp};
use nightbell_core::decide;
use nightbell_core::filter::{self, Muted};
use nightbell_core::model::{
    Action, Actor, Alert, EventKind, Fate, Incident, IncidentId, Input, Quiet, Reply, ServiceId,
    State,
};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// How far back is looked when nothing is said, in hours.
const HOURS: u32 = 24;
/// How far back can be looked, in hours.
const HOURS_MAX: u32 = 24 * 30;

/// What it would mute.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Preview {
    /// The stretch that holds now, or the next five.
    occurrences: Vec<Occurrence>,
    now: Now,
    past: Past,
}

/// If it held now.
#[derive(Debug, Serialize, ToSchema)]
struct Now {
    /// Firing alerts that match.
    alert_count: usize,
    /// At most 100 of them.
    alerts: Vec<MutedAlert>,
    /// Open incidents that have such an alert.
    incident_count: usize,
    /// At most 100 of them.
    incidents: Vec<MutedIncident>,
}

/// A firing alert.
#[derive(Debug, Serialize, ToSchema)]
struct MutedAlert {
    integration: String,
    dedup_key: String,
    title: String,
    service: String,
    severity: &'static str,
    /// Its incident, if it has one.
    incident: Option<String>,
    /// What keeps it quiet already.
    suppressed_by: Option<String>,
}

/// An open incident.
#[derive(Debug, Serialize, ToSchema)]
struct MutedIncident {
    id: String,
    title: String,
    service: String,
    status: &'static str,
    /// Whether its escalation would pause: nobody has it, and none of its firing alerts would be heard.
    pauses: bool,
}

/// If it had held before; what recurs, on its days and hours.
#[derive(Debug, Serialize, ToSchema)]
struct Past {
    #[schema(value_type = String, format = DateTime)]
    since: Timestamp,
    /// Events that opened or joined an incident and would have been muted.
    event_count: usize,
    /// Incidents they opened.
    incident_count: usize,
    /// At most 100 of them, newest first.
    events: Vec<PastEvent>,
    /// Whether everything since then was looked at; there is a bound of 5,000 events.
    complete: bool,
}

/// An event that paged somebody.
#[derive(Debug, Serialize, ToSchema)]
struct PastEvent {
    id: String,
    #[schema(value_type = String, format = DateTime)]
    received_at: Timestamp,
    title: String,
    service: String,
    incident: String,
}

/// Looks at what is open, and at the events of the last hours.
///
/// # Errors
/// 422 for too many hours; whatever the store says.
pub(super) async fn preview(
    doors: &Doors,
    planned: &Quiet,
    hours: Option<u32>,
) -> Result<Preview, Problem> {
    let hours = hours.unwrap_or(HOURS);
    if hours > HOURS_MAX {
        return Err(Problem::invalid(format!("`hours`: expected 0 to {HOURS_MAX}, got {hours}")));
    }
    let now = doors.now();
    let input = Input::Action { by: Actor::Engine, via: None, action: action(planned) };
    let shown = doors.door.view(|view| {
        // Decided and thrown away: what would be refused is refused.
        if let Reply::Refused(refusal) = decide(view, &input, now).reply {
            return Err(Problem::invalid(refusal.to_string()));
        }
        let muted = filter::muted(view.state, planned, now);
        Ok(show_now(view.state, &muted, now))
    })?;
    let since = now.saturating_sub(SignedDuration::from_hours(i64::from(hours)));
    let past = past(doors, planned, since.unwrap_or(now)).await?;
    Ok(Preview { occurrences: occurrences(planned.time(), now), now: shown, past })
}

fn action(planned: &Quiet) -> Action {
    match planned {
        Quiet::Silence(silence) => Action::PutSilence((**silence).clone()),
        Quiet::MaintenanceWindow(window) => Action::PutMaintenanceWindow((**window).clone()),
    }
}

fn show_now(state: &State, muted: &Muted, now: Timestamp) -> Now {
    let alert = |alert: &Alert| MutedAlert {
        integration: alert.id.integration.to_string(),
        dedup_key: alert.id.dedup_key.to_string(),
        title: alert.title.clone(),
        service: alert.service.to_string(),
        severity: alert.severity.as_str(),
        incident: alert.incident.map(|id| id.to_string()),
        suppressed_by: alert
            .suppression
            .clone()
            .or_else(|| filter::quiet(state, alert, now))
            .map(|held| held.by.to_string()),
    };
    let incident = |incident: &Incident, pauses| MutedIncident {
        id: incident.id.to_string(),
        title: incident.title.clone(),
        service: incident.service.to_string(),
        status: incident.status.as_str(),
        pauses,
    };
    let pausing = muted.pausing.iter().map(|one| incident(one, true));
    let going_on = muted.going_on.iter().map(|one| incident(one, false));
    Now {
        alert_count: muted.alerts.len(),
        alerts: muted.alerts.iter().take(PREVIEW_SHOWN_MAX).map(|one| alert(one)).collect(),
        incident_count: muted.pausing.len() + muted.going_on.len(),
        incidents: pausing.chain(going_on).take(PREVIEW_SHOWN_MAX).collect(),
    }
}

async fn past(doors: &Doors, planned: &Quiet, since: Timestamp) -> Result<Past, Problem> {
    let mut past =
        Past { since, event_count: 0, incident_count: 0, events: Vec::new(), complete: true };
    let mut services = BTreeMap::new();
    let (mut before, mut seen) = (None, 0);
    loop {
        let filter = EventFilter { before, limit: PAGE_MAX, ..EventFilter::default() };
        let page = doors.door.store().events(filter).await?;
        for stored in &page.items {
            if stored.arrival.received_at < since {
                return Ok(past);
            }
            look_back(doors, planned, stored, &mut services, &mut past).await?;
        }
        seen += page.items.len();
        before = page.items.last().map(|last| last.id);
        if !page.more || before.is_none() {
            return Ok(past);
        }
        if seen >= PREVIEW_EVENTS_MAX {
            past.complete = false;
            return Ok(past);
        }
    }
}

async fn look_back(
    doors: &Doors,
    planned: &Quiet,
    stored: &StoredEvent,
    services: &mut BTreeMap<IncidentId, Option<ServiceId>>,
    past: &mut Past,
) -> Result<(), Problem> {
    let event = stored.event.as_ref().filter(|event| event.kind == EventKind::Trigger);
    let fate = stored.outcome.as_ref().map(|outcome| &outcome.fate);
    let (Some(event), Some(Fate::Opened(id) | Fate::Joined(id))) = (event, fate) else {
        return Ok(());
    };
    let service = match services.get(id) {
        Some(known) => known.clone(),
        None => {
            let incident = doors.door.store().incident(*id).await?;
            let service = incident.map(|incident| incident.service.clone());
            services.insert(*id, service.clone());
            service
        }
    };
    let Some(service) = service.filter(|service| filter::would_have_muted(planned, event, service))
    else {
        return Ok(());
    };
    past.event_count += 1;
    past.incident_count += usize::from(matches!(fate, Some(Fate::Opened(_))));
    if past.events.len() < PREVIEW_SHOWN_MAX {
        past.events.push(PastEvent {
            id: stored.id.to_string(),
            received_at: event.received_at,
            title: event.title.clone(),
            service: service.to_string(),
            incident: id.to_string(),
        });
    }
    Ok(())
}
