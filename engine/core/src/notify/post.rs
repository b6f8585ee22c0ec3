//! Deciding the page of a room: one message to its address, which rings nobody.

use super::delivery_id;
use crate::model::{
    Change, Delivery, DeliveryStatus, Draft, Incident, MethodId, PageReason, PersonId, Purpose,
    Room, TimelineKind,
};
use std::sync::Arc;

/// Tells a room of the incident in its current phase.
pub fn post(draft: &mut Draft<'_>, incident: &mut Incident, room: &Room, reason: &PageReason) {
    let person = PersonId::nobody_in(&room.id);
    let method = MethodId::new("room");
    let (start, phase) = (incident.escalation.start, incident.escalation.phase);
    let again = incident.escalation.again;
    let id = delivery_id(incident.id, start, phase, &person, &method, 0, again);
    let posted = TimelineKind::Posted {
        room: room.id.clone(),
        channel: room.channel.clone(),
        delivery: id.clone(),
        reason: reason.clone(),
    };
    draft.log_engine(incident, posted);
    draft.change(Change::Delivery(Arc::new(Delivery {
        id,
        purpose: Purpose::Post { room: room.id.clone() },
        incident: incident.id,
        person,
        method,
        channel: room.channel.clone(),
        address: room.address.clone(),
        urgency: incident.urgency,
        reason: reason.clone(),
        start,
        phase,
        created_at: draft.now,
        attempts: 0,
        first_attempt_at: None,
        last_error: None,
        tried: Vec::new(),
        bundle: None,
        status: DeliveryStatus::Pending { not_before: draft.now },
    })));
}
