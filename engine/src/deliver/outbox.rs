//! The outbox in memory: what may still be sent, and the one gate through which every attempt starts.
//!
//! The law of I12, "no attempt starts after the acknowledgement's commit", is kept here: the pipeline
//! withdraws what a batch cancels *before* it commits, under the same lock that hands deliveries out.

use jiff::Timestamp;
use nightbell_core::model::{Change, Delivery, DeliveryId, DeliveryStatus, IncidentId};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// Shared by the pipeline, which offers and withdraws, and the dispatcher, which starts attempts.
#[derive(Debug, Default)]
pub struct Outbox {
    /// A std lock: held for map operations only, never across an await.
    inner: Mutex<Inner>,
    /// Wakes the dispatcher when something was offered.
    offered: Notify,
}

#[derive(Debug, Default)]
struct Inner {
    waiting: BTreeMap<DeliveryId, Arc<Delivery>>,
    by_time: BTreeSet<(Timestamp, DeliveryId)>,
    /// Attempts under way.
    started: BTreeMap<DeliveryId, Started>,
    /// Of messages of several pages that wait or are under way: what was answered since they were offered.
    gone: BTreeMap<DeliveryId, BTreeSet<IncidentId>>,
}

/// Whether an attempt may go to its channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Going {
    /// It may.
    Yes,
    /// Something in it was answered since it was composed: it must be composed again.
    Changed,
    /// Nobody wants it any more.
    No,
}

#[derive(Debug)]
struct Started {
    delivery: Arc<Delivery>,
    /// Whether it is still to go out.
    wanted: bool,
}

impl Outbox {
    /// An outbox with what a store held when it was opened.
    pub fn new(pending: impl IntoIterator<Item = Arc<Delivery>>) -> Self {
        let outbox = Self::default();
        outbox.offer(pending);
        outbox
    }

    /// Takes back what a batch no longer wants. Called before the batch is committed.
    pub fn withdraw(&self, changes: &[Change]) {
        let mut inner = self.lock();
        for change in changes {
            let Change::Delivery(delivery) = change else { continue };
            if !delivery.is_pending() {
                inner.take(&delivery.id);
                match inner.started.get_mut(&delivery.id) {
                    Some(started) => started.wanted = false,
                    None => drop(inner.gone.remove(&delivery.id)),
                }
            }
            if let Some(bundle) = delivery.bundle.as_ref().filter(|_| !delivery.is_open()) {
                inner.leave(bundle, delivery.incident);
            }
        }
    }

    /// Whether an attempt that [`Outbox::start`] handed out may still go to its channel. Asked last, after
    /// everything that waits.
    pub fn is_wanted(&self, id: &DeliveryId) -> bool {
        self.lock().started.get(id).is_some_and(|started| started.wanted)
    }

    /// What of a message of several pages was answered since it was offered. Empty for all others.
    pub(super) fn gone(&self, id: &DeliveryId) -> BTreeSet<IncidentId> {
        self.lock().gone.get(id).cloned().unwrap_or_default()
    }

    /// As [`Outbox::is_wanted`], for what was composed without the `gone` that [`Outbox::gone`] told.
    pub(super) fn may_go(&self, id: &DeliveryId, gone: usize) -> Going {
        let inner = self.lock();
        let is_wanted = inner.started.get(id).is_some_and(|started| started.wanted);
        let now_gone = inner.gone.get(id).map_or(0, BTreeSet::len);
        match (is_wanted, now_gone == gone) {
            (false, _) => Going::No,
            (true, false) => Going::Changed,
            (true, true) => Going::Yes,
        }
    }

    /// Adds what a batch decided to send. Called after the batch is durable.
    pub fn offer(&self, deliveries: impl IntoIterator<Item = Arc<Delivery>>) {
        let mut inner = self.lock();
        for delivery in deliveries {
            if let DeliveryStatus::Pending { not_before } = delivery.status {
                inner.take(&delivery.id);
                inner.by_time.insert((not_before, delivery.id.clone()));
                inner.waiting.insert(delivery.id.clone(), delivery);
            }
        }
        drop(inner);
        self.offered.notify_one();
    }

    /// Hands out the earliest delivery that may start at `now` on a channel for which `has_room`, and counts it
    /// as started. The caller must report its end by [`Outbox::finish`]. An update waits for whatever is under way to the
    /// same address about the same incident: the message must not end with what was composed first. A page waits for
    /// nothing.
    pub fn start(&self, now: Timestamp, has_room: impl Fn(&str) -> bool) -> Option<Arc<Delivery>> {
        let mut inner = self.lock();
        let ready = inner.by_time.iter().take_while(|(at, _)| *at <= now);
        let found = ready.map(|(_, id)| id).find(|id| {
            let may = |delivery: &Arc<Delivery>| {
                has_room(&delivery.channel) && (!delivery.is_update() || !inner.is_busy(delivery))
            };
            !inner.started.contains_key(*id) && inner.waiting.get(*id).is_some_and(may)
        })?;
        let found = found.clone();
        let delivery = inner.take(&found)?;
        inner.started.insert(found, Started { delivery: delivery.clone(), wanted: true });
        Some(delivery)
    }

    /// The attempt's result is decided; a retry was offered anew.
    pub fn finish(&self, id: &DeliveryId) {
        let mut inner = self.lock();
        inner.started.remove(id);
        if !inner.waiting.contains_key(id) {
            inner.gone.remove(id);
        }
        drop(inner);
        self.offered.notify_one();
    }

    /// When the next waiting delivery may start.
    pub fn next_at(&self) -> Option<Timestamp> {
        let inner = self.lock();
        inner.by_time.iter().find(|(_, id)| !inner.started.contains_key(id)).map(|(at, _)| *at)
    }

    /// How many wait.
    pub fn len(&self) -> usize {
        self.lock().waiting.len()
    }

    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Resolves when something was offered or finished since the last call.
    pub async fn changed(&self) {
        self.offered.notified().await;
    }

    /// Whether nothing waits and nothing is under way.
    #[cfg(test)]
    pub(crate) fn is_idle(&self) -> bool {
        let inner = self.lock();
        inner.waiting.is_empty() && inner.started.is_empty()
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // Every operation leaves the maps whole, so a panic elsewhere does not spoil them.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    /// Whether something else is under way to the same address about the same incident.
    fn is_busy(&self, update: &Delivery) -> bool {
        self.started.values().any(|started| {
            let other = &started.delivery;
            (other.incident, &other.channel, &other.address)
                == (update.incident, &update.channel, &update.address)
        })
    }

    /// An incident is no longer to be told of in a message that waits or is under way.
    fn leave(&mut self, bundle: &DeliveryId, incident: IncidentId) {
        if self.waiting.contains_key(bundle) || self.started.contains_key(bundle) {
            self.gone.entry(bundle.clone()).or_default().insert(incident);
        }
    }

    fn take(&mut self, id: &DeliveryId) -> Option<Arc<Delivery>> {
        let delivery = self.waiting.remove(id)?;
        if let DeliveryStatus::Pending { not_before } = delivery.status {
            self.by_time.remove(&(not_before, id.clone()));
        }
        Some(delivery)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use nightbell_core::model::{IncidentId, PageReason, Phase, Purpose, Urgency};

    fn t(seconds: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + seconds).expect("in range")
    }

    fn delivery(id: &str, channel: &str, not_before: i64) -> Arc<Delivery> {
        Arc::new(Delivery {
            id: id.into(),
            purpose: Purpose::Page,
            incident: IncidentId(1),
            person: "alice".into(),
            method: "m".into(),
            channel: channel.to_owned(),
            address: "a".to_owned(),
            urgency: Urgency::High,
            reason: PageReason::Fallback,
            start: 1,
            phase: Phase::Fallback { round: 1 },
            created_at: t(0),
            attempts: 0,
            first_attempt_at: None,
            last_error: None,
            tried: Vec::new(),
            bundle: None,
            status: DeliveryStatus::Pending { not_before: t(not_before) },
        })
    }

    fn cancelled(id: &str) -> Change {
        let mut delivery = (*delivery(id, "email", 0)).clone();
        delivery.status = DeliveryStatus::Cancelled { at: t(1), reason: "acknowledged".to_owned() };
        Change::Delivery(Arc::new(delivery))
    }

    #[test]
    fn i12_what_was_withdrawn_never_starts() {
        let outbox = Outbox::new([delivery("a", "email", 0), delivery("b", "email", 0)]);
        outbox.withdraw(&[cancelled("a")]);
        let started = outbox.start(t(1), |_| true).expect("b is left");
        assert_eq!(started.id.as_str(), "b");
        assert!(outbox.start(t(1), |_| true).is_none());
    }

    #[test]
    fn i12_what_was_withdrawn_after_its_start_is_no_longer_wanted() {
        let outbox = Outbox::new([delivery("a", "email", 0), delivery("b", "email", 0)]);
        let a = outbox.start(t(1), |_| true).expect("due");
        let b = outbox.start(t(1), |_| true).expect("due");
        outbox.withdraw(&[cancelled("a")]);
        assert!(!outbox.is_wanted(&a.id));
        assert!(outbox.is_wanted(&b.id));
        outbox.finish(&a.id);
        outbox.offer([delivery("a", "email", 0)]);
        let again = outbox.start(t(1), |_| true).expect("a new page of that name");
        assert!(outbox.is_wanted(&again.id));
    }

    #[test]
    fn a_slow_channel_leaves_room_for_others_and_time_is_kept() {
        let outbox = Outbox::new([delivery("a", "slow", 0), delivery("b", "email", 5)]);
        assert!(outbox.start(t(4), |channel| channel != "slow").is_none());
        let started = outbox.start(t(5), |channel| channel != "slow").expect("b is due");
        assert_eq!(started.id.as_str(), "b");
        assert_eq!(outbox.next_at(), Some(t(0)));
    }

    fn update(id: &str) -> Arc<Delivery> {
        let purpose = Purpose::StatusUpdate { update: "acknowledged by Alice".to_owned() };
        Arc::new(Delivery { purpose, ..(*delivery(id, "chat", 0)).clone() })
    }

    #[test]
    fn an_update_waits_for_what_is_under_way_to_its_message_and_a_page_for_nothing() {
        let outbox = Outbox::new([delivery("a", "chat", 0), update("b")]);
        let page = outbox.start(t(1), |_| true).expect("the page");
        assert!(page.is_page());
        assert!(outbox.start(t(1), |_| true).is_none(), "the page is under way");
        outbox.offer([delivery("c", "email", 0)]);
        let other = outbox.start(t(1), |_| true).expect("another channel's");
        assert_eq!(other.id.as_str(), "c");
        outbox.finish(&page.id);
        let first = outbox.start(t(1), |_| true).expect("now the update may");
        assert_eq!(first.id.as_str(), "b");
        outbox.offer([update("d"), delivery("e", "chat", 0)]);
        assert_eq!(outbox.start(t(1), |_| true).expect("the page").id.as_str(), "e");
        assert!(outbox.start(t(1), |_| true).is_none());
    }

    #[test]
    fn one_attempt_at_a_time_per_delivery() {
        let outbox = Outbox::new([delivery("a", "email", 0)]);
        let first = outbox.start(t(0), |_| true).expect("due");
        outbox.offer([delivery("a", "email", 0)]);
        assert!(outbox.start(t(1), |_| true).is_none(), "the first attempt is under way");
        outbox.finish(&first.id);
        assert!(outbox.start(t(1), |_| true).is_some());
    }
}
