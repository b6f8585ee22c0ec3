//! What a silence or maintenance window would mute, before it is made.

use crate::model::{Alert, AlertStatus, Incident, IncidentId, IncidentStatus, Quiet, State};
use jiff::Timestamp;
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
