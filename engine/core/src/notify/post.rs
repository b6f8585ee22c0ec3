//! Deciding the page of a room: one message to its address, which rings nobody.

use super::delivery_id;
use super::fresh::{To, about, fresh};
use crate::model::{
    Change, Draft, Incident, MethodId, PageReason, PersonId, Purpose, Room, TimelineKind,
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
    let to =
        To { person: &person, method: &method, channel: &room.channel, address: &room.address };
    let fresh = fresh(id, Purpose::Post { room: room.id.clone() }, &to, draft.now);
    draft.change(Change::Delivery(Arc::new(about(incident, reason, fresh))));
}
