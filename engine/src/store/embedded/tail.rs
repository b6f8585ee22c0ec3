//! The latest events, kept in memory, so that the pipeline does not read back what was just written.

use crate::store::bounds::{TAIL_MAX_BYTES, TAIL_MAX_EVENTS};
use nightbell_core::model::{Event, EventId};
use std::collections::VecDeque;
use std::sync::Arc;

/// All durable events after a floor that rises when there are too many.
#[derive(Debug)]
pub(super) struct Tail {
    /// Events up to this id may be missing here.
    floor: EventId,
    /// Ascending, with the bytes each stands for.
    events: VecDeque<(Arc<Event>, usize)>,
    bytes: usize,
}

impl Tail {
    /// Of a journal that ends at `floor`.
    pub(super) fn new(floor: EventId) -> Self {
        Self { floor, events: VecDeque::new(), bytes: 0 }
    }

    /// Adds the next events, which take so many bytes in the journal.
    pub(super) fn push(&mut self, events: Vec<Event>, bytes: usize) {
        let each = bytes / events.len().max(1);
        for event in events {
            self.events.push_back((Arc::new(event), each));
            self.bytes += each;
        }
        while self.events.len() > TAIL_MAX_EVENTS || self.bytes > TAIL_MAX_BYTES {
            self.drop_oldest();
        }
    }

    /// Forgets events that are decided.
    pub(super) fn forget(&mut self, cursor: EventId) {
        while self.events.front().is_some_and(|(event, _)| event.id <= cursor) {
            self.drop_oldest();
        }
    }

    /// The events after `after`, at most `max`; `None` when the journal must be read.
    pub(super) fn after(&self, after: EventId, max: usize) -> Option<Vec<Arc<Event>>> {
        if after < self.floor {
            return None;
        }
        let from = self.events.partition_point(|(event, _)| event.id <= after);
        Some(self.events.range(from..).take(max).map(|(event, _)| event.clone()).collect())
    }

    fn drop_oldest(&mut self) {
        if let Some((event, bytes)) = self.events.pop_front() {
            self.floor = event.id;
            self.bytes -= bytes;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::sample;

    fn event(id: u64) -> Event {
        Event { id: EventId(id), ..sample::event("cpu") }
    }

    fn ids(events: Vec<Arc<Event>>) -> Vec<u64> {
        events.iter().map(|event| event.id.0).collect()
    }

    #[test]
    fn what_was_forgotten_is_asked_of_the_journal() {
        let mut tail = Tail::new(EventId(10));
        tail.push(vec![event(11), event(12)], 100);
        tail.push(vec![event(14)], 100);
        assert_eq!(tail.after(EventId(9), 9).map(ids), None);
        assert_eq!(tail.after(EventId(10), 9).map(ids), Some(vec![11, 12, 14]));
        assert_eq!(tail.after(EventId(11), 1).map(ids), Some(vec![12]));
        tail.forget(EventId(13));
        assert_eq!(tail.after(EventId(11), 9).map(ids), None);
        assert_eq!(tail.after(EventId(12), 9).map(ids), Some(vec![14]));
        assert_eq!(tail.after(EventId(14), 9).map(ids), Some(vec![]));
    }

    #[test]
    fn i08_the_tail_is_bounded_in_events_and_bytes() {
        let mut tail = Tail::new(EventId(0));
        for id in 1..=TAIL_MAX_EVENTS as u64 + 5 {
            tail.push(vec![event(id)], 0);
        }
        assert_eq!(tail.events.len(), TAIL_MAX_EVENTS);
        assert_eq!(tail.after(EventId(4), 1), None);
        assert!(tail.after(EventId(5), 1).is_some());
        let next = TAIL_MAX_EVENTS as u64 + 6;
        tail.push(vec![event(next), event(next + 1)], TAIL_MAX_BYTES * 2);
        assert_eq!(ids(tail.after(EventId(next), 9).expect("the last one fits")), [next + 1]);
        assert!(tail.bytes <= TAIL_MAX_BYTES);
    }
}
