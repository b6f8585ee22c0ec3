//! The deduplicated condition.

use super::{AlertId, EventId, IncidentId, ServiceId, Severity, SuppressedBy, Urgency};
use super::{EscalationPolicy, Priority};
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Whether the condition holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AlertStatus {
    /// It holds.
    Firing,
    /// It is over.
    Resolved,
}

/// Why a firing alert pages nobody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suppression {
    /// In the words of the filter or the silence's comment.
    pub reason: String,
    /// Who said so.
    pub by: SuppressedBy,
    /// The person or admin behind a silence or maintenance window.
    pub author: Option<String>,
    /// When it ends; `None`: only when the next event is judged otherwise.
    pub until: Option<Timestamp>,
}

/// One condition of one integration, from its first trigger to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alert {
    /// Identity.
    pub id: AlertId,
    /// Whether it holds.
    pub status: AlertStatus,
    /// Whose it is, after routing.
    pub service: ServiceId,
    /// The policy a router asked for instead of the service's.
    pub policy: Option<Arc<EscalationPolicy>>,
    /// Alerts of one service with the same key share an incident.
    pub group_key: Option<String>,
    /// How loudly it wants to be told.
    pub urgency: Urgency,
    /// A router's opinion.
    pub priority: Option<Priority>,
    /// Latest title.
    pub title: String,
    /// Latest severity.
    pub severity: Severity,
    /// Latest labels, for silences.
    pub labels: BTreeMap<String, String>,
    /// Latest source, for silences.
    pub source: String,
    /// When this episode began, by the source if it says so.
    pub starts_at: Timestamp,
    /// The event that began this episode.
    pub first_event: EventId,
    /// The latest event.
    pub last_event: EventId,
    /// When the latest event came.
    pub last_seen_at: Timestamp,
    /// When it ends unless sent again.
    pub expires_at: Option<Timestamp>,
    /// When it ended.
    pub resolved_at: Option<Timestamp>,
    /// How many triggers this episode had.
    pub trigger_count: u64,
    /// Set while it fires and is kept quiet.
    pub suppression: Option<Suppression>,
    /// The incident it belongs to.
    pub incident: Option<IncidentId>,
    /// Its urgency is its service's support hours' to say, no router's.
    pub by_support_hours: bool,
    /// A person resolved it while the monitor still claims it: re-sends do not open it again.
    pub closed_by_person: bool,
}

impl Alert {
    /// The value a matcher looks at, as [`super::Event::field`] has it.
    pub fn field<'a>(&'a self, name: &str) -> &'a str {
        match self.labels.get(name) {
            Some(value) => value,
            None => match name {
                "title" => &self.title,
                "source" => &self.source,
                "severity" => self.severity.as_str(),
                "integration" => self.id.integration.as_str(),
                "service" => self.service.as_str(),
                "dedup_key" => self.id.dedup_key.as_str(),
                _ => "",
            },
        }
    }
}
