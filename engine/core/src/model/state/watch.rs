//! What was told of schedules, and what people wish to hear of their shifts.

use super::State;
use crate::model::{Change, HandoffWish, PersonId, ScheduleId, Watch};
use std::collections::BTreeMap;
use std::sync::Arc;

/// One watch a schedule, one wish a person at most.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Watches {
    schedules: BTreeMap<ScheduleId, Arc<Watch>>,
    wishes: BTreeMap<PersonId, Arc<HandoffWish>>,
}

impl Watches {
    /// Applies one change if it is one of these.
    pub(super) fn apply(&mut self, change: &Change) {
        match change {
            Change::Watch(watch) => {
                self.schedules.insert(watch.schedule.clone(), watch.clone());
            }
            Change::RemoveWatch(id) => drop(self.schedules.remove(id)),
            Change::HandoffWish(wish) => {
                self.wishes.insert(wish.person.clone(), wish.clone());
            }
            _ => {}
        }
    }

    /// What was told of a schedule.
    pub fn of(&self, schedule: &ScheduleId) -> Option<&Arc<Watch>> {
        self.schedules.get(schedule)
    }

    /// All, by schedule.
    pub fn all(&self) -> impl Iterator<Item = &Arc<Watch>> {
        self.schedules.values()
    }

    /// What a person wishes to hear: their own word, or the default.
    pub fn wish(&self, person: &PersonId) -> HandoffWish {
        let own = self.wishes.get(person);
        own.map_or_else(|| HandoffWish::default_of(person.clone()), |wish| (**wish).clone())
    }

    /// What people said themselves, by person.
    pub fn wishes(&self) -> impl Iterator<Item = &Arc<HandoffWish>> {
        self.wishes.values()
    }
}

impl State {
    /// What was told of schedules, and what people wish to hear of theirs.
    pub fn watches(&self) -> &Watches {
        &self.watches
    }
}
