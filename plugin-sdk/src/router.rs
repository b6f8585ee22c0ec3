//! Routers: which service an event belongs to, and how loud it is.

use serde::de::DeserializeOwned;

use crate::event::Urgency;
use crate::packed::EventRef;
use crate::wire::router::exports::nightbell::plugin::routing as wire;

pub use wire::Decision;

/// Decides where events go.
///
/// The first router with an opinion on a field sets it. Acknowledge and resolve events never come here.
pub trait Router: Sized {
    /// The operator's settings. [`NoSettings`](crate::NoSettings) when there are none.
    type Settings: DeserializeOwned + Default;

    /// Called once per instance, before the first event.
    fn new(settings: Self::Settings) -> Self;

    /// Called once per event, in order. `None` is no opinion at all.
    fn route(&mut self, event: &EventRef<'_>) -> Option<Decision>;
}

impl Default for Decision {
    fn default() -> Self {
        Self::new()
    }
}

impl Decision {
    /// No opinion on any field yet.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            service: None,
            escalation_policy: None,
            urgency: None,
            priority: None,
            group_key: None,
        }
    }

    /// To this service.
    pub fn service(id: impl Into<String>) -> Self {
        Self::new().to_service(id)
    }

    /// To this service, on a decision begun otherwise.
    #[must_use]
    pub fn to_service(mut self, id: impl Into<String>) -> Self {
        self.service = Some(id.into());
        self
    }

    /// By this escalation policy instead of the service's.
    #[must_use]
    pub fn escalation_policy(mut self, id: impl Into<String>) -> Self {
        self.escalation_policy = Some(id.into());
        self
    }

    /// How loudly people are notified.
    #[must_use]
    pub fn urgency(mut self, urgency: Urgency) -> Self {
        self.urgency = Some(urgency);
        self
    }

    /// `P1` to `P5`.
    #[must_use]
    pub fn priority(mut self, priority: impl Into<String>) -> Self {
        self.priority = Some(priority.into());
        self
    }

    /// Alerts of one service with the same group key share an incident.
    #[must_use]
    pub fn group_key(mut self, key: impl Into<String>) -> Self {
        self.group_key = Some(key.into());
        self
    }
}
