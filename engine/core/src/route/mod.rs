//! Whose an event is and how loud: the routers' opinions where they are valid, the defaults where not.

use crate::model::{
    Directory, EscalationPolicy, JudgedEvent, Priority, Service, ServiceId, Severity, Urgency,
};
use std::sync::Arc;

/// Where an event goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Routed {
    /// Whose it is.
    pub service: ServiceId,
    /// Instead of the service's policy.
    pub policy: Option<Arc<EscalationPolicy>>,
    /// How loud.
    pub urgency: Urgency,
    /// The service's support hours say instead how loud: no router did.
    pub by_support_hours: bool,
    /// How important.
    pub priority: Option<Priority>,
    /// Which alerts share an incident.
    pub group_key: Option<String>,
    /// Opinions that were refused, one line each (I6).
    pub remarks: Vec<String>,
}

/// Applies the routers' decision. An unknown service falls back to the integration's own, and an integration
/// that the configuration no longer knows to the built-in service: an event always has an owner (I7).
pub fn route(directory: &Directory, judged: &JudgedEvent) -> Routed {
    let mut remarks = Vec::new();
    let service = service(directory, judged, &mut remarks);
    let decision = &judged.decision;
    let policy = decision.escalation_policy.as_deref().and_then(|id| {
        let found = directory.policies.get(id).cloned();
        if found.is_none() {
            remarks.push(format!("a router named the unknown escalation policy `{id}`"));
        }
        found
    });
    let priority = decision.priority.as_deref().and_then(|text| {
        let found = Priority::parse(text);
        if found.is_none() {
            remarks.push(format!("a router named the unknown priority `{text}`"));
        }
        found
    });
    let known = directory.services.get(&service);
    let by_support_hours =
        decision.urgency.is_none() && known.is_some_and(|service| service.support_hours.is_some());
    let urgency = decision
        .urgency
        .or_else(|| known.and_then(|service| service.urgency))
        .unwrap_or_else(|| by_severity(judged.event.severity));
    let group_key = decision.group_key.clone().filter(|key| !key.is_empty());
    Routed { service, policy, urgency, by_support_hours, priority, group_key, remarks }
}

fn service(directory: &Directory, judged: &JudgedEvent, remarks: &mut Vec<String>) -> ServiceId {
    if let Some(wanted) = judged.decision.service.as_deref() {
        match directory.services.get(wanted) {
            Some(Service { id, .. }) => return id.clone(),
            None => remarks.push(format!("a router named the unknown service `{wanted}`")),
        }
    }
    match directory.integrations.get(&judged.event.integration) {
        Some(integration) => integration.service.clone(),
        None => {
            let gone = &judged.event.integration;
            remarks.push(format!("integration `{gone}` is no longer in the configuration"));
            Directory::BUILT_IN.into()
        }
    }
}

/// The default: what claims to be broken wakes people, and so does what claims nothing.
pub fn by_severity(severity: Severity) -> Urgency {
    match severity {
        Severity::Critical | Severity::Error | Severity::Unknown => Urgency::High,
        Severity::Warning | Severity::Info => Urgency::Low,
    }
}
