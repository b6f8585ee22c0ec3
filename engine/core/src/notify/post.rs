//! Deciding the page of a room: one message to its address, which rings nobody. It is paced as a person's page is: the
//! room is a lane of its own.

use super::fresh::{To, about, fresh};
use super::{delivery_id, send};
use crate::model::{Draft, Incident, MethodId, PageReason, PersonId, Purpose, Room, TimelineKind};

/// Tells a room of the incident in its current phase: now, or with others.
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
    let post = about(incident, reason, fresh);
    send(draft, incident, post);
}
