//! A delivery whose journey begins: what page, post, update and notice have in common.

use crate::model::{
    ContactMethod, Delivery, DeliveryId, DeliveryStatus, Incident, IncidentId, MethodId,
    PageReason, PersonId, Phase, Purpose, Urgency,
};
use jiff::Timestamp;

/// Where it goes.
pub(super) struct To<'a> {
    pub(super) person: &'a PersonId,
    pub(super) method: &'a MethodId,
    pub(super) channel: &'a str,
    pub(super) address: &'a str,
}

impl<'a> To<'a> {
    /// To one of a person's methods.
    pub(super) fn method(person: &'a PersonId, method: &'a ContactMethod) -> Self {
        let (channel, address) = (method.channel.as_str(), method.address.as_str());
        Self { person, method: &method.id, channel, address }
    }
}

/// About no incident, to be sent at once.
pub(super) fn fresh(id: DeliveryId, purpose: Purpose, to: &To<'_>, now: Timestamp) -> Delivery {
    Delivery {
        id,
        purpose,
        incident: IncidentId::NONE,
        person: to.person.clone(),
        method: to.method.clone(),
        channel: to.channel.to_owned(),
        address: to.address.to_owned(),
        urgency: Urgency::Low,
        reason: PageReason::Notice,
        start: 0,
        phase: Phase::Assigned,
        created_at: now,
        attempts: 0,
        first_attempt_at: None,
        last_error: None,
        tried: Vec::new(),
        bundle: None,
        status: DeliveryStatus::Pending { not_before: now },
    }
}

/// The same about an incident, in the phase it is in.
pub(super) fn about(incident: &Incident, reason: &PageReason, fresh: Delivery) -> Delivery {
    Delivery {
        incident: incident.id,
        urgency: incident.urgency,
        reason: reason.clone(),
        start: incident.escalation.start,
        phase: incident.escalation.phase,
        ..fresh
    }
}
