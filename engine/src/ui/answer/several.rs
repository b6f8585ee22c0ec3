//! What an answer about one delivery acts on: its incident, or everything that one message of several pages told of and that
//! still wants the answer.

use crate::pipeline::door::DoorClosed;
use crate::server::Doors;
use futures_util::StreamExt as _;
use futures_util::stream;
use nightbell_core::model::{
    Action, Actor, Change, Delivery, Incident, IncidentId, IncidentStatus, Input, Reply, TimerKey,
    Via, View,
};
use std::sync::Arc;

/// Answers of one press that are on their way at once: enough for few commits, and no more than the door's queue likes.
const AT_ONCE: usize = 128;

/// What somebody wants done about every one of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// Acknowledge, snooze or escalate: what nobody has yet.
    WhatRings,
    /// Resolve: what is not over.
    WhatIsOpen,
}

/// The open incidents that a message of several pages told of, oldest first.
pub(super) fn open(view: View<'_>, bundle: &Delivery) -> Vec<Arc<Incident>> {
    bundle.about().iter().filter_map(|id| view.state.incident(*id)).cloned().collect()
}

/// The incidents an answer about `delivery` acts on. About a page: its own, in whatever state, so that whoever answers is told
/// how it stands.
pub(super) fn incidents(doors: &Doors, delivery: &Delivery, wanted: Wanted) -> Vec<IncidentId> {
    if !delivery.is_bundle() {
        return vec![delivery.incident];
    }
    let rings = |incident: &Incident| incident.status == IncidentStatus::Triggered;
    let all = doors.door.view(|view| open(view, delivery));
    let wanting = all.iter().filter(|one| wanted == Wanted::WhatIsOpen || rings(one));
    wanting.map(|incident| incident.id).collect()
}

/// Does the same about each, and keeps what a plugin wrote with the first. Answers the replies, in no order.
///
/// # Errors
/// When the engine stops or is too busy; some may have been done then, and doing them again changes nothing.
pub(super) async fn act(
    doors: &Doors,
    by: &Actor,
    via: &Via,
    incidents: &[IncidentId],
    action: impl Fn(IncidentId) -> Action,
    changes: Vec<Change>,
) -> Result<Vec<Reply>, DoorClosed> {
    let (first, others) = match incidents.split_first() {
        Some((first, others)) => (
            Input::Action { by: by.clone(), via: Some(via.clone()), action: action(*first) },
            others,
        ),
        // Something must carry what the plugin wrote; a timer that is not due changes nothing (I9).
        None => (Input::Due(TimerKey::Escalate(IncidentId::NONE)), [].as_slice()),
    };
    let mut replies = vec![doors.door.submit_with(first, changes).await?];
    let inputs: Vec<_> = others
        .iter()
        .map(|id| Input::Action { by: by.clone(), via: Some(via.clone()), action: action(*id) })
        .collect();
    let mut asked =
        stream::iter(inputs).map(|input| doors.door.submit(input)).buffer_unordered(AT_ONCE);
    while let Some(reply) = asked.next().await {
        replies.push(reply?);
    }
    Ok(replies)
}
