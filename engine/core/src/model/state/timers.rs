//! What becomes due and when: a million of them, each set, found, moved and taken away in less than a microsecond.
//!
//! A table and a sorted set of small values point into one list, so that a search reads few cache lines and follows no text.
//! The table's order is never read.

use super::digest::digest;
use crate::model::{IncidentId, Timer, TimerKey};
use hashbrown::HashTable;
use jiff::Timestamp;
use std::collections::BTreeSet;

/// Timers by key and by time.
#[derive(Clone, Debug, Default)]
pub(super) struct Timers {
    slots: Vec<Option<Slot>>,
    /// Slots that hold nothing.
    free: Vec<u32>,
    by_key: HashTable<u32>,
    by_time: BTreeSet<Due>,
}

#[derive(Clone, Debug)]
struct Slot {
    digest: u64,
    timer: Timer,
}

/// In this order: what is due at one instant comes by the age of its incident, as a restart leaves it. Small, for there are
/// many.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Due {
    at: i64,
    incident: IncidentId,
    digest: u32,
    slot: u32,
}

impl Due {
    fn new(timer: &Timer, digest: u64, slot: u32) -> Self {
        let Timer { key, due } = timer;
        let incident = key.incident().unwrap_or(IncidentId::NONE);
        Self { at: nanosecond(*due), incident, digest: (digest >> 32) as u32, slot }
    }
}

/// Since 1970, from 1677 to 2262; whatever is due later is due then.
fn nanosecond(at: Timestamp) -> i64 {
    let at = at.as_nanosecond().clamp(i128::from(i64::MIN), i128::from(i64::MAX));
    i64::try_from(at).unwrap_or(i64::MAX)
}

impl Timers {
    /// Sets or moves one.
    pub(super) fn set(&mut self, key: &TimerKey, due: Timestamp) {
        let digest = digest(key);
        if let Some(slot) = self.find(digest, key) {
            if let Some(Slot { timer, .. }) = &mut self.slots[slot as usize] {
                self.by_time.remove(&Due::new(timer, digest, slot));
                timer.due = due;
                self.by_time.insert(Due::new(timer, digest, slot));
            }
            return;
        }
        let slot = self.next_slot();
        let timer = Timer { key: key.clone(), due };
        self.by_time.insert(Due::new(&timer, digest, slot));
        self.slots[slot as usize] = Some(Slot { digest, timer });
        let Self { by_key, slots, .. } = self;
        by_key.insert_unique(digest, slot, |slot| digest_of(slots, *slot));
    }

    fn next_slot(&mut self) -> u32 {
        self.free.pop().unwrap_or_else(|| {
            self.slots.push(None);
            u32::try_from(self.slots.len() - 1).expect("four thousand million timers fit no memory")
        })
    }

    /// Takes one away, if it is set.
    pub(super) fn cancel(&mut self, key: &TimerKey) {
        let digest = digest(key);
        let Self { by_key, slots, .. } = self;
        let Ok(entry) = by_key.find_entry(digest, |slot| holds(slots, *slot, key)) else { return };
        let (slot, _) = entry.remove();
        if let Some(Slot { timer, .. }) = self.slots[slot as usize].take() {
            self.by_time.remove(&Due::new(&timer, digest, slot));
        }
        self.free.push(slot);
    }

    /// When one is due.
    pub(super) fn get(&self, key: &TimerKey) -> Option<Timestamp> {
        let slot = self.find(digest(key), key)?;
        self.timer(slot).map(|timer| timer.due)
    }

    /// All of them, by key.
    pub(super) fn sorted(&self) -> Vec<Timer> {
        let mut all: Vec<Timer> = self.all().cloned().collect();
        all.sort_by(|a, b| a.key.cmp(&b.key));
        all
    }

    /// What is due at `now`, earliest first, at most `max`. What is due at one instant comes by the number of its incident, and
    /// what is about none before that; beyond it in an order that is always the same.
    pub(super) fn due(&self, now: Timestamp, max: usize) -> Vec<Timer> {
        let now = nanosecond(now);
        let due = self.by_time.iter().take_while(|due| due.at <= now).take(max);
        due.filter_map(|due| self.timer(due.slot).cloned()).collect()
    }

    /// When the first is due.
    pub(super) fn next_due(&self) -> Option<Timestamp> {
        self.timer(self.by_time.first()?.slot).map(|timer| timer.due)
    }

    fn all(&self) -> impl Iterator<Item = &Timer> {
        self.slots.iter().flatten().map(|slot| &slot.timer)
    }

    fn find(&self, digest: u64, key: &TimerKey) -> Option<u32> {
        self.by_key.find(digest, |slot| holds(&self.slots, *slot, key)).copied()
    }

    fn timer(&self, slot: u32) -> Option<&Timer> {
        self.slots.get(slot as usize)?.as_ref().map(|slot| &slot.timer)
    }
}

fn holds(slots: &[Option<Slot>], slot: u32, key: &TimerKey) -> bool {
    slots[slot as usize].as_ref().is_some_and(|slot| slot.timer.key == *key)
}

/// The table moves what it holds when it grows.
fn digest_of(slots: &[Option<Slot>], slot: u32) -> u64 {
    slots[slot as usize].as_ref().map_or(0, |slot| slot.digest)
}

/// Which slot holds what says nothing.
impl PartialEq for Timers {
    fn eq(&self, other: &Self) -> bool {
        self.by_time.len() == other.by_time.len()
            && self.all().all(|timer| other.get(&timer.key) == Some(timer.due))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    fn at(second: u8) -> Timestamp {
        Timestamp::from_second(i64::from(second)).expect("in range")
    }

    fn key(n: u8) -> TimerKey {
        let n = n + 1;
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
        due.sort_by_key(|timer| (timer.due, timer.key.incident(), digest(&timer.key) >> 32));
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
            // Also where a batch ends between two of one instant: whatever was set first, and after a restart.
            let first: Vec<_> = due(&plain, at(255)).into_iter().take(3).collect();
            prop_assert_eq!(&timers.due(at(255), 3), &first);
            for n in 0..40 {
                prop_assert_eq!(timers.get(&key(n)), plain.get(&key(n)).copied());
            }
            let mut again = Timers::default();
            plain.iter().rev().for_each(|(key, due)| again.set(key, *due));
            prop_assert_eq!(&again, &timers);
            prop_assert_eq!(again.due(at(255), 3), first);
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
