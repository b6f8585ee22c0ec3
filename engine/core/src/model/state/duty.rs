//! What was decided about schedules at run time, found by schedule and by person.

use crate::model::{
    Absence, AbsenceId, Change, Override, OverrideId, PersonId, Revision, ScheduleId, Temporary,
    TemporaryId,
};
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Everything of one schedule.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ScheduleFacts {
    overrides: Vec<Arc<Override>>,
    temporaries: Vec<Arc<Temporary>>,
    revisions: Vec<Arc<Revision>>,
}

impl ScheduleFacts {
    /// By end, then by id.
    pub fn overrides(&self) -> &[Arc<Override>] {
        &self.overrides
    }

    /// The overrides that have not ended at `at`.
    pub fn overrides_after(&self, at: Timestamp) -> &[Arc<Override>] {
        &self.overrides[self.overrides.partition_point(|over| over.ends_at <= at)..]
    }

    /// By end, then by id.
    pub fn temporaries(&self) -> &[Arc<Temporary>] {
        &self.temporaries
    }

    /// By number, which is the order in which they hold.
    pub fn revisions(&self) -> &[Arc<Revision>] {
        &self.revisions
    }

    fn is_empty(&self) -> bool {
        self.overrides.is_empty() && self.temporaries.is_empty() && self.revisions.is_empty()
    }
}

/// Overrides, temporary schedules, revisions and absences.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Duty {
    schedules: BTreeMap<ScheduleId, ScheduleFacts>,
    overrides: BTreeMap<OverrideId, Arc<Override>>,
    temporaries: BTreeMap<TemporaryId, Arc<Temporary>>,
    absences: BTreeMap<AbsenceId, Arc<Absence>>,
    absences_of: BTreeMap<PersonId, Vec<Arc<Absence>>>,
}

impl Duty {
    /// Applies one change if it is one of these.
    pub(super) fn apply(&mut self, change: &Change) {
        match change {
            Change::Override(over) => {
                self.remove_override(&over.id);
                self.overrides.insert(over.id.clone(), over.clone());
                let overrides = &mut self.of_mut(&over.schedule).overrides;
                put(overrides, over, |over| (over.ends_at, over.id.clone()));
            }
            Change::RemoveOverride(id) => self.remove_override(id),
            Change::Temporary(temporary) => {
                self.remove_temporary(&temporary.id);
                self.temporaries.insert(temporary.id.clone(), temporary.clone());
                let temporaries = &mut self.of_mut(&temporary.schedule).temporaries;
                put(temporaries, temporary, |one| (one.ends_at, one.id.clone()));
            }
            Change::RemoveTemporary(id) => self.remove_temporary(id),
            Change::Revision(revision) => {
                let revisions = &mut self.of_mut(&revision.schedule).revisions;
                revisions.retain(|known| known.number != revision.number);
                put(revisions, revision, |one| one.number);
            }
            Change::RemoveRevision { schedule, number } => {
                self.change(schedule, |facts| {
                    facts.revisions.retain(|known| known.number != *number);
                });
            }
            Change::Absence(absence) => {
                self.remove_absence(&absence.id);
                self.absences.insert(absence.id.clone(), absence.clone());
                let own = self.absences_of.entry(absence.person.clone()).or_default();
                put(own, absence, |one| (one.ends_at, one.id.clone()));
            }
            Change::RemoveAbsence(id) => self.remove_absence(id),
            _ => {}
        }
    }

    fn of_mut(&mut self, schedule: &ScheduleId) -> &mut ScheduleFacts {
        self.schedules.entry(schedule.clone()).or_default()
    }

    fn change(&mut self, schedule: &ScheduleId, change: impl FnOnce(&mut ScheduleFacts)) {
        if let Some(facts) = self.schedules.get_mut(schedule) {
            change(facts);
            if facts.is_empty() {
                self.schedules.remove(schedule);
            }
        }
    }

    fn remove_override(&mut self, id: &OverrideId) {
        if let Some(over) = self.overrides.remove(id) {
            self.change(&over.schedule, |facts| facts.overrides.retain(|one| one.id != *id));
        }
    }

    fn remove_temporary(&mut self, id: &TemporaryId) {
        if let Some(one) = self.temporaries.remove(id) {
            self.change(&one.schedule, |facts| facts.temporaries.retain(|one| one.id != *id));
        }
    }

    fn remove_absence(&mut self, id: &AbsenceId) {
        let Some(absence) = self.absences.remove(id) else { return };
        if let Some(own) = self.absences_of.get_mut(&absence.person) {
            own.retain(|one| one.id != *id);
            if own.is_empty() {
                self.absences_of.remove(&absence.person);
            }
        }
    }

    /// Everything of one schedule; `None` when nothing was decided about it.
    pub fn of(&self, schedule: &ScheduleId) -> Option<&ScheduleFacts> {
        self.schedules.get(schedule)
    }

    /// The schedules about which something was decided, by id.
    pub fn schedules(&self) -> impl Iterator<Item = (&ScheduleId, &ScheduleFacts)> {
        self.schedules.iter()
    }

    /// An override.
    pub fn schedule_override(&self, id: &OverrideId) -> Option<&Arc<Override>> {
        self.overrides.get(id)
    }

    /// All overrides, by id.
    pub fn overrides(&self) -> impl Iterator<Item = &Arc<Override>> {
        self.overrides.values()
    }

    /// A temporary schedule.
    pub fn temporary(&self, id: &TemporaryId) -> Option<&Arc<Temporary>> {
        self.temporaries.get(id)
    }

    /// All temporary schedules, by id.
    pub fn temporaries(&self) -> impl Iterator<Item = &Arc<Temporary>> {
        self.temporaries.values()
    }

    /// An absence.
    pub fn absence(&self, id: &AbsenceId) -> Option<&Arc<Absence>> {
        self.absences.get(id)
    }

    /// All absences, by id.
    pub fn absences(&self) -> impl Iterator<Item = &Arc<Absence>> {
        self.absences.values()
    }

    /// A person's absences, by end, then by id.
    pub fn absences_of(&self, person: &PersonId) -> &[Arc<Absence>] {
        self.absences_of.get(person).map_or(&[], Vec::as_slice)
    }
}

/// Puts a value where it belongs in a list that is sorted by `key`.
fn put<T, K: Ord>(sorted: &mut Vec<Arc<T>>, value: &Arc<T>, key: impl Fn(&T) -> K) {
    let own = key(value);
    let place = sorted.partition_point(|one| key(one) < own);
    sorted.insert(place, value.clone());
}
