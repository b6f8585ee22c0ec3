//! Which resolved incident a trigger may reopen: by alert, and by service and group key.

use crate::model::{AlertId, Incident, IncidentId, ServiceId};
use std::collections::BTreeSet;

type Group = (ServiceId, String);

/// Resolved incidents that may be reopened. Whether one still may is the asker's to look at.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Recent {
    by_alert: BTreeSet<(AlertId, IncidentId)>,
    by_group: BTreeSet<(Group, IncidentId)>,
}

impl Recent {
    /// Takes one up, if it may be reopened at all.
    pub(super) fn put(&mut self, incident: &Incident) {
        if incident.life.reopen_until.is_some() {
            self.by_alert.extend(incident.alerts.iter().map(|alert| (alert.clone(), incident.id)));
            self.by_group.extend(incident.groups().map(|group| (group, incident.id)));
        }
    }

    /// Lets one go.
    pub(super) fn remove(&mut self, incident: &Incident) {
        if incident.life.reopen_until.is_some() {
            for alert in &incident.alerts {
                self.by_alert.remove(&(alert.clone(), incident.id));
            }
            for group in incident.groups() {
                self.by_group.remove(&(group, incident.id));
            }
        }
    }

    /// Those that a trigger of this alert belongs to: by the alert itself, then by its group, the newest first.
    pub(super) fn of(&self, alert: &AlertId, group: Option<Group>) -> Vec<IncidentId> {
        let all = IncidentId(0)..=IncidentId(u64::MAX);
        let by_alert = (alert.clone(), *all.start())..=(alert.clone(), *all.end());
        let mut found: Vec<_> = self.by_alert.range(by_alert).rev().map(|(_, id)| *id).collect();
        if let Some(group) = group {
            let by_group = (group.clone(), *all.start())..=(group, *all.end());
            found.extend(self.by_group.range(by_group).rev().map(|(_, id)| *id));
        }
        found
    }
}
