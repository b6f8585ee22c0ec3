//! What becomes due and when: a million of them, each set, found, moved and taken away in less than a microsecond.
//!
//! Two sorted sets of small numbers point into one list, so that a search reads few cache lines and follows no text: one by
//! a digest of the key, one by time. A digest that two keys share costs a comparison and nothing else; whoever would make
//! many keys of one digest has to break SipHash in full, not only its lowest bits as with a hash table.

use crate::model::{Timer, TimerKey};
use jiff::Timestamp;
use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

/// Timers by key and by time.
#[derive(Clone, Debug, Default)]
pub(super) struct Timers {
    slots: Vec<Option<Timer>>,
    /// Slots that hold nothing.
    free: Vec<u32>,
    by_digest: BTreeSet<(u64, u32)>,
    by_time: BTreeSet<(Timestamp, u32)>,
}

fn digest(key: &TimerKey) -> u64 {
    let mut hasher = DefaultHasher::new();
    key.hash(&mut hasher);
    hasher.finish()
}

impl Timers {
    /// Sets or moves one.
    pub(super) fn set(&mut self, key: &TimerKey, due: Timestamp) {
        let digest = digest(key);
        if let Some(slot) = self.find(digest, key) {
            if let Some(timer) = &mut self.slots[slot as usize] {
                self.by_time.remove(&(timer.due, slot));
                timer.due = due;
            }
            self.by_time.insert((due, slot));
            return;
        }
        let timer = Some(Timer { key: key.clone(), due });
        let slot = match self.free.pop() {
            Some(slot) => {
                self.slots[slot as usize] = timer;
                slot
            }
            None => {
                self.slots.push(timer);
                u32::try_from(self.slots.len() - 1)
                    .expect("four thousand million timers fit no memory")
            }
        };
        self.by_digest.insert((digest, slot));
        self.by_time.insert((due, slot));
    }

    /// Takes one away, if it is set.
    pub(super) fn cancel(&mut self, key: &TimerKey) {
        let digest = digest(key);
        let Some(slot) = self.find(digest, key) else { return };
        if let Some(timer) = self.slots[slot as usize].take() {
            self.by_time.remove(&(timer.due, slot));
        }
        self.by_digest.remove(&(digest, slot));
        self.free.push(slot);
    }

    /// When one is due.
    pub(super) fn get(&self, key: &TimerKey) -> Option<Timestamp> {
        let slot = self.find(digest(key), key)?;
        self.timer(slot).map(|timer| timer.due)
    }

    /// All of them, by key.
    pub(super) fn sorted(&self) -> Vec<Timer> {
        let mut all: Vec<Timer> = self.slots.iter().flatten().cloned().collect();
        all.sort_by(|a, b| a.key.cmp(&b.key));
        all
    }

    /// What is due at `now`, earliest first, at most `max`; those taken that are due at one instant by key.
    pub(super) fn due(&self, now: Timestamp, max: usize) -> Vec<Timer> {
        let due = self.by_time.iter().take_while(|(due, _)| *due <= now).take(max);
        let mut due: Vec<Timer> = due.filter_map(|(_, slot)| self.timer(*slot).cloned()).collect();
        due.sort_by(|a, b| (a.due, &a.key).cmp(&(b.due, &b.key)));
        due
    }

    /// When the first is due.
    pub(super) fn next_due(&self) -> Option<Timestamp> {
        self.by_time.first().map(|(due, _)| *due)
    }

    fn find(&self, digest: u64, key: &TimerKey) -> Option<u32> {
        let same = self.by_digest.range((digest, 0)..=(digest, u32::MAX)).map(|(_, slot)| *slot);
        same.into_iter().find(|slot| self.timer(*slot).is_some_and(|timer| timer.key == *key))
    }

    fn timer(&self, slot: u32) -> Option<&Timer> {
        self.slots.get(slot as usize)?.as_ref()
    }
}

/// Which slot holds what says nothing.
impl PartialEq for Timers {
    fn eq(&self, other: &Self) -> bool {
        self.by_time.len() == other.by_time.len()
            && self.slots.iter().flatten().all(|timer| other.get(&timer.key) == Some(timer.due))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::IncidentId;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    fn at(second: u8) -> Timestamp {
        Timestamp::from_second(i64::from(second)).expect("in range")
    }

    fn key(n: u8) -> TimerKey {
        match n % 3 {
            0 => TimerKey::Snooze(IncidentId(u64::from(n))),
            1 => TimerKey::Escalate(IncidentId(u64::from(n))),
            _ => TimerKey::Silence(format!("s{n}").as_str().into()),
        }
    }

    fn due(sorted: &BTreeMap<TimerKey, Timestamp>, now: Timestamp) -> Vec<Timer> {
        let due = sorted.iter().filter(|(_, due)| **due <= now);
        let mut due: Vec<Timer> =
            due.map(|(key, due)| Timer { key: key.clone(), due: *due }).collect();
        due.sort_by(|a, b| (a.due, &a.key).cmp(&(b.due, &b.key)));
        due
    }

    proptest! {
        /// As a sorted map would do it, only slower.
        #[test]
        fn timers_are_what_was_set_last_and_not_cancelled(
            steps in proptest::collection::vec((0..40_u8, any::<u8>(), any::<bool>()), 0..200)
        ) {
            let (mut timers, mut plain) = (Timers::default(), BTreeMap::new());
            for (n, second, sets) in steps {
                let key = key(n);
                if sets {
                    timers.set(&key, at(second));
                    plain.insert(key, at(second));
                } else {
                    timers.cancel(&key);
                    plain.remove(&key);
                }
                prop_assert_eq!(timers.next_due(), plain.values().min().copied());
            }
            prop_assert_eq!(timers.due(at(128), usize::MAX), due(&plain, at(128)));
            let first: Vec<_> = timers.due(at(255), 3).iter().map(|timer| timer.due).collect();
            let expected: Vec<_> = due(&plain, at(255)).iter().map(|t| t.due).take(3).collect();
            prop_assert_eq!(first, expected);
            for n in 0..40 {
                prop_assert_eq!(timers.get(&key(n)), plain.get(&key(n)).copied());
            }
            let mut again = Timers::default();
            plain.iter().rev().for_each(|(key, due)| again.set(key, *due));
            prop_assert_eq!(&again, &timers);
            let sorted: Vec<_> = timers.sorted().into_iter().map(|t| (t.key, t.due)).collect();
            prop_assert_eq!(sorted, plain.into_iter().collect::<Vec<_>>());
            again.set(&key(41), at(0));
            prop_assert_ne!(again, timers);
        }
    }

    #[test]
    fn slots_are_used_again() {
        let mut timers = Timers::default();
        for n in 0..100 {
            timers.set(&key(n), at(n));
            timers.cancel(&key(n));
        }
        assert_eq!(timers.slots.len(), 1);
    }
}
