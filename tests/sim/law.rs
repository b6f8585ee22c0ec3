//! What must hold after every step, and when the night is over.

use jiff::{SignedDuration, Timestamp};
use nightbell::store::Commit;
use nightbell_core::model::{
    Change, Delivery, DeliveryId, DeliveryStatus, Directory, IncidentId, Input, State, TimerKey,
    Urgency, View,
};
use nightbell_core::{decide, invariant};
use std::collections::{BTreeMap, BTreeSet};

/// Longest time without a page that arrives, for an incident that rings while every channel works: the longest delay of
/// a step or of the fallback, and what bundling and a retry may add.
const SILENCE_MAX: SignedDuration = SignedDuration::from_mins(65);

/// After a batch is decided, before it is durable.
pub(crate) fn after_decision(state: &State, commit: &Commit, now: Timestamp) {
    let broken = invariant::violations(state);
    assert!(broken.is_empty(), "at {now}: {broken:#?}\nafter {:?}", commit.inputs);
}

/// I12: no attempt starts unless its incident rings, as everybody can read in the store.
pub(crate) fn attempt_may_start(state: &State, delivery: &Delivery) {
    let incident = state.incident(delivery.incident);
    let rings = incident.is_some_and(|incident| incident.may_page(&delivery.person));
    let is_page = delivery.is_page() || delivery.is_post();
    assert!(!is_page || rings, "I12: {delivery:?} starts although nothing rings");
    if delivery.is_bundle() {
        let mut members = state.paces().members(&delivery.id);
        let rings =
            |id| state.incident(id).is_some_and(|incident| incident.may_page(&delivery.person));
        let wanted = members.any(|(incident, _)| rings(*incident));
        assert!(wanted, "I12: {delivery:?} starts with nothing in it that rings");
    }
}

/// I9: what was done is done; and what is not due changes nothing.
pub(crate) fn due_again(directory: &Directory, state: &State, now: Timestamp, key: &TimerKey) {
    let view = View { directory, state };
    let transition = decide(view, &Input::Due(key.clone()), now);
    let due = state.timer(key).is_some_and(|due| due <= now);
    assert!(due || transition.is_empty(), "I9: {key:?} is not due and changes {transition:?}");
}

/// What is remembered over a whole night.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    /// Pages that were decided and durable.
    decided: BTreeSet<DeliveryId>,
    /// Those of them whose end is known.
    ended: BTreeSet<DeliveryId>,
    /// When an incident was last heard, or had no reason to be.
    heard: BTreeMap<IncidentId, Timestamp>,
}

impl Memory {
    /// A commit is durable.
    pub(crate) fn note(&mut self, commit: &Commit) {
        for change in &commit.changes {
            match change {
                Change::Delivery(delivery) if delivery.is_page() => {
                    self.decided.insert(delivery.id.clone());
                    if !delivery.is_open() {
                        self.ended.insert(delivery.id.clone());
                    }
                    if let DeliveryStatus::Delivered { .. } = delivery.status {
                        self.heard.insert(delivery.incident, commit.now);
                    }
                }
                Change::PreparedDelivery(delivery) => {
                    self.decided.insert(delivery.id.clone());
                }
                Change::CancelTimer(TimerKey::Notify { delivery, .. }) => {
                    self.ended.insert(delivery.clone());
                }
                _ => {}
            }
        }
    }

    /// I4: nothing that was decided is forgotten: it waits, or its end is on record.
    pub(crate) fn nothing_is_forgotten(&self, state: &State) {
        for id in self.decided.difference(&self.ended) {
            let waits = state.delivery(id).is_some() || state.prepared(id).is_some();
            assert!(waits, "I4: page {id} was decided, does not wait, and has no end");
        }
    }

    /// I11: when every channel works and nobody answers, whatever rings is heard.
    pub(crate) fn the_bell_keeps_ringing(
        &mut self,
        directory: &Directory,
        state: &State,
        since: Timestamp,
        now: Timestamp,
    ) {
        if nightbell_core::notify::reachable(View { directory, state }).next().is_none() {
            return;
        }
        for incident in state.incidents() {
            let heard = self.heard.entry(incident.id).or_insert(incident.created_at);
            // What can wait for waking hours waits for the end of somebody's quiet hours, and no longer.
            let waits =
                incident.urgency == Urgency::Low && state.prepared_of(incident.id).next().is_some();
            if !incident.is_ringing() || waits {
                *heard = now;
            }
            let silent_for = now.duration_since((*heard).max(since));
            assert!(
                silent_for <= SILENCE_MAX,
                "I11: incident {} rings and nobody has heard it for {silent_for:#}: {incident:#?}",
                incident.id
            );
        }
    }
}
