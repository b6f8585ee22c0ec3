//! Where one person is on call for several schedules at once.

use super::Calendar;
use crate::model::{PersonId, ScheduleId};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// One person on call for several schedules over `[starts_at, ends_at)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Overlap {
    /// Who.
    pub person: PersonId,
    /// From, inclusive.
    pub starts_at: Timestamp,
    /// Until, exclusive.
    pub ends_at: Timestamp,
    /// At least two, by id.
    pub schedules: Vec<ScheduleId>,
}

/// Returns every overlap in `[from, to)`, by person, earliest first. Neighbours of the same schedules are one.
pub fn overlaps(calendars: &[Calendar<'_>], from: Timestamp, to: Timestamp) -> Vec<Overlap> {
    // Per person, who begins and ends being on call for what; at one instant, ends come first.
    let mut edges: BTreeMap<PersonId, Vec<(Timestamp, bool, ScheduleId)>> = BTreeMap::new();
    for calendar in calendars {
        for shift in calendar.shifts(from, to) {
            let own = edges.entry(shift.person).or_default();
            own.push((shift.starts_at, true, calendar.id().clone()));
            own.push((shift.ends_at, false, calendar.id().clone()));
        }
    }
    let mut found = Vec::new();
    for (person, mut edges) in edges {
        edges.sort_unstable();
        let mut on_call: BTreeSet<ScheduleId> = BTreeSet::new();
        let mut since = from;
        for (at, begins, schedule) in edges {
            if since < at && on_call.len() > 1 {
                let schedules = on_call.iter().cloned().collect();
                add(
                    &mut found,
                    Overlap { person: person.clone(), starts_at: since, ends_at: at, schedules },
                );
            }
            since = at;
            match begins {
                true => drop(on_call.insert(schedule)),
                false => drop(on_call.remove(&schedule)),
            }
        }
    }
    found
}

fn add(found: &mut Vec<Overlap>, next: Overlap) {
    match found.last_mut() {
        Some(last)
            if last.person == next.person
                && last.ends_at == next.starts_at
                && last.schedules == next.schedules =>
        {
            last.ends_at = next.ends_at;
        }
        _ => found.push(next),
    }
}
