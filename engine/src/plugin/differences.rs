//! Where a plugin in shadow would have decided otherwise: the last ones, and how many in all. Bounded.

use super::bounds;
use jiff::Timestamp;
use nightbell_core::model::EventId;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// One event about which a shadow is of another mind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// From 1, over all differences of this version.
    pub number: u64,
    /// Which event.
    pub event: EventId,
    /// Its title, as the live filters left it.
    pub title: String,
    /// When the event came in.
    pub received_at: Timestamp,
    /// What was decided.
    pub live: String,
    /// What the shadow said.
    pub shadow: String,
}

/// The differences of one plugin version.
#[derive(Default)]
pub(super) struct Differences {
    judged: AtomicU64,
    /// A std lock: held to push or to copy.
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    count: u64,
    last: VecDeque<Difference>,
}

impl Differences {
    /// Notes that so many events were shown to the shadow.
    pub(super) fn shown(&self, events: usize) {
        self.judged.fetch_add(events as u64, Ordering::Relaxed);
    }

    /// How many events were shown to the shadow.
    pub(super) fn judged(&self) -> u64 {
        self.judged.load(Ordering::Relaxed)
    }

    /// Keeps one, in place of the oldest when there are too many. Its number is given here.
    pub(super) fn keep(&self, difference: Difference) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.count += 1;
        if kept.last.len() == bounds::DIFFERENCES_KEPT {
            kept.last.pop_front();
        }
        let number = kept.count;
        kept.last.push_back(Difference { number, ..difference });
    }

    /// How many there were.
    pub(super) fn count(&self) -> u64 {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).count
    }

    /// The last ones, newest first.
    pub(super) fn last(&self) -> Vec<Difference> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.last.iter().rev().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_are_kept_and_all_are_counted() {
        let differences = Differences::default();
        for id in 0..1_000 {
            differences.keep(Difference {
                number: 0,
                event: EventId(id),
                title: String::new(),
                received_at: Timestamp::UNIX_EPOCH,
                live: "pass".to_owned(),
                shadow: "drop: noise".to_owned(),
            });
        }
        let last = differences.last();
        assert_eq!((differences.count(), last.len()), (1_000, bounds::DIFFERENCES_KEPT));
        assert_eq!(
            (last[0].number, last[0].event, last[199].event),
            (1_000, EventId(999), EventId(800))
        );
    }
}
