//! What a silence or maintenance window would mute, before it is made.

use crate::model::{
    Alert, AlertStatus, Event, Incident, IncidentId, IncidentStatus, Quiet, QuietTime, ServiceId,
    State, Urgency,
};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What would be quiet if it held now.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Muted {
    /// Firing alerts it is about, by id.
    pub alerts: Vec<Arc<Alert>>,
    /// Open incidents whose escalation would be paused.
    pub pausing: Vec<Arc<Incident>>,
    /// Open incidents that would go on, since other alerts of theirs fire or somebody has them.
    pub going_on: Vec<Arc<Incident>>,
}

/// What `planned` would mute if it held at `now`, beside what is quiet already. Linear in what fires.
pub fn muted(state: &State, planned: &Quiet, now: Timestamp) -> Muted {
    let mut found = Muted::default();
    let mut all_quiet: BTreeMap<IncidentId, (bool, bool)> = BTreeMap::new();
    for alert in state.alerts().filter(|alert| alert.status == AlertStatus::Firing) {
        let covered = planned.is_about(alert);
        if let Some(id) = alert.incident {
            let (touched, all) = all_quiet.entry(id).or_insert((false, true));
            *touched |= covered;
            *all = *all && (covered || super::quiet(state, alert, now).is_some());
        }
        if covered {
            found.alerts.push(alert.clone());
        }
    }
    for (id, (_, all)) in all_quiet.into_iter().filter(|(_, (touched, _))| *touched) {
        let Some(incident) = state.incident(id) else { continue };
        match all && incident.status == IncidentStatus::Triggered {
            true => found.pausing.push(incident.clone()),
            false => found.going_on.push(incident.clone()),
        }
    }
    found
}

/// Whether `planned` would have muted an event of this service, had it held when the event came. What recurs counts on its
/// days and hours, whenever it begins and ends.
pub fn would_have_muted(planned: &Quiet, event: &Event, service: &ServiceId) -> bool {
    let on_its_hours = planned.time().weekly.as_ref().is_none_or(|weekly| {
        let around =
            |days: i64| event.received_at.saturating_add(SignedDuration::from_hours(24 * days));
        let (Ok(starts_at), Ok(ends_at)) = (around(-8), around(8)) else { return false };
        let time = QuietTime { starts_at, ends_at, weekly: Some(weekly.clone()) };
        super::occurrence(&time, event.received_at).is_some()
    });
    on_its_hours && planned.is_about(&alert_of(event, service))
}

/// As far as a matcher can see, the alert that the event opened.
fn alert_of(event: &Event, service: &ServiceId) -> Alert {
    Alert {
        id: event.alert_id(),
        status: AlertStatus::Firing,
        service: service.clone(),
        policy: None,
        group_key: None,
        urgency: Urgency::High,
        priority: None,
        title: event.title.clone(),
        severity: event.severity,
        labels: event.labels.clone(),
        source: event.source.clone(),
        starts_at: event.began_at(),
        first_event: event.id,
        last_event: event.id,
        last_seen_at: event.received_at,
        expires_at: event.expires_at,
        resolved_at: None,
        trigger_count: 1,
        suppression: None,
        incident: None,
        closed_by_person: false,
        by_support_hours: false,
    }
}
