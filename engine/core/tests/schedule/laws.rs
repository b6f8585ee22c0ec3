//! Laws that hold for any calendar.

use super::random::{Dice, PEOPLE, World, id, schedule, world};
use jiff::{SignedDuration, Timestamp};
use nightbell_core::decide;
use nightbell_core::model::*;
use proptest::prelude::*;
use std::sync::Arc;

pub(super) fn input(world: &mut World, input: &Input, now: Timestamp) -> Reply {
    let view = View { directory: &world.directory, state: &world.state };
    let transition = decide(view, input, now);
    world.state.apply(&transition.changes);
    transition.reply
}

fn act(world: &mut World, action: Action, now: Timestamp) -> Reply {
    input(world, &Input::Action { by: Actor::Engine, via: None, action }, now)
}

pub(super) fn person(id: &str) -> (PersonId, Person) {
    let person = Person {
        id: id.into(),
        name: id.to_owned(),
        email: None,
        time_zone: jiff::tz::TimeZone::UTC,
        language: "en".to_owned(),
    };
    (id.into(), person)
}

/// Somebody changes something about the schedule at `now`.
fn happen(world: &mut World, dice: &mut Dice, now: Timestamp, number: u64) {
    let starts_at = dice.after(now - SignedDuration::from_hours(48), 96);
    let ends_at = dice.after(starts_at, 72) + SignedDuration::from_mins(15);
    let fresh = format!("n{number}");
    let who = dice.person();
    let absence = |id: &str, source: &str| Absence {
        id: id.into(),
        person: who.clone(),
        starts_at,
        ends_at,
        source: source.to_owned(),
        summary: String::new(),
        created_at: now,
        created_by: String::new(),
    };
    let duty = world.state.duty().clone();
    let action = match dice.below(9) {
        0 | 1 => {
            // The configuration is edited: somebody joins, or all is different.
            let seen = world.directory.schedules.get(&id()).cloned();
            match dice.below(4) {
                0 => drop(world.directory.schedules.remove(&id())),
                1 => drop(world.directory.schedules.insert(id(), Arc::new(schedule(dice, 2026)))),
                _ => {
                    let seen = seen.unwrap_or_else(|| Arc::new(schedule(dice, 2026)));
                    let mut edited = (*seen).clone();
                    for layer in &mut edited.layers {
                        layer.people.push(Some("new".into()));
                    }
                    if dice.one_in(2) {
                        let from = dice.after(now - SignedDuration::from_hours(48), 96);
                        edited.effective_from = Some(edited.time_zone.to_datetime(from));
                    }
                    world.directory.schedules.insert(id(), Arc::new(edited));
                }
            }
            input(world, &Input::Config, now);
            return;
        }
        2 => Action::PutOverride(Override {
            id: fresh.as_str().into(),
            schedule: id(),
            person: who,
            starts_at,
            ends_at,
            created_at: now,
            created_by: String::new(),
        }),
        3 => match duty.overrides().next() {
            Some(over) => Action::RemoveOverride(over.id.clone()),
            None => return,
        },
        4 => Action::PutTemporary(Temporary {
            id: fresh.as_str().into(),
            schedule: id(),
            name: String::new(),
            starts_at,
            ends_at,
            shifts: vec![FixedShift { person: who, starts_at, ends_at }],
            created_at: now,
            created_by: String::new(),
        }),
        5 => match duty.temporaries().next() {
            Some(one) => Action::RemoveTemporary(one.id.clone()),
            None => return,
        },
        6 => Action::PutAbsence(absence(&fresh, "manual")),
        7 => match duty.absences().next() {
            Some(one) => Action::RemoveAbsence(one.id.clone()),
            None => return,
        },
        _ => Action::ReplaceAbsences {
            person: who.clone(),
            source: "holidays".to_owned(),
            absences: (0..dice.below(3))
                .map(|n| absence(&format!("{who}{n}"), "holidays"))
                .collect(),
        },
    };
    act(world, action, now);
}

/// Shifts of two neighbouring windows as one list.
fn join(mut halves: Vec<Shift>, second: Vec<Shift>) -> Vec<Shift> {
    for shift in second {
        match halves.last_mut() {
            Some(last) if last.ends_at == shift.starts_at && last.is_same_duty(&shift) => {
                last.ends_at = shift.ends_at;
            }
            _ => halves.push(shift),
        }
    }
    halves
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn shifts_tile_the_window_with_gaps(seed in any::<u64>()) {
        let world = world(seed);
        let gaps = world.calendar(|calendar| calendar.gaps(world.from, world.to));
        let shifts = world.shifts(world.from, world.to);
        let spans = shifts.iter().map(|shift| (shift.starts_at, shift.ends_at));
        let mut tiles: Vec<_> = spans.chain(gaps).collect();
        tiles.sort_unstable();
        let mut at = world.from;
        for (from, to) in tiles {
            prop_assert_eq!(from, at);
            prop_assert!(from < to);
            at = to;
        }
        prop_assert_eq!(at, world.to);
    }

    #[test]
    fn resolving_a_window_in_two_halves_is_resolving_it_whole(seed in any::<u64>(), cut in 0..100_i64) {
        let world = world(seed);
        let (a, c) = (world.from, world.to);
        let b = a + SignedDuration::from_secs(c.duration_since(a).as_secs() * cut / 100);
        prop_assert_eq!(join(world.shifts(a, b), world.shifts(b, c)), world.shifts(a, c));
    }

    #[test]
    fn an_override_beats_every_layer(seed in any::<u64>()) {
        let mut world = world(seed);
        let (from, to) = (world.from, world.to);
        world.directory.people = PEOPLE.into_iter().map(person).collect();
        let over = Override {
            id: "last".into(),
            schedule: id(),
            person: "a".into(),
            starts_at: from,
            ends_at: to,
            created_at: from,
            created_by: String::new(),
        };
        // Whatever was made in the window is older.
        let others: Vec<_> = world.state.duty().overrides().cloned().collect();
        for other in others {
            let mut other = (*other).clone();
            other.created_at = other.created_at.min(from);
            world.apply(Change::Override(Arc::new(other)));
        }
        prop_assert_eq!(act(&mut world, Action::PutOverride(over), from), Reply::Done);
        let shifts = world.shifts(from + SignedDuration::from_secs(1), to);
        prop_assert_eq!(shifts.len(), 1);
        prop_assert_eq!(&shifts[0].source, &ShiftSource::Override("last".into()));
    }

    #[test]
    fn nothing_that_is_changed_changes_the_past(seed in any::<u64>()) {
        let mut world = world(seed);
        world.directory.people = PEOPLE.into_iter().map(person).collect();
        let mut dice = Dice::new(seed);
        let mut now = world.from;
        input(&mut world, &Input::Config, now);
        let since = world.from - SignedDuration::from_hours(24 * 10);
        for number in 0..12 {
            let past = world.shifts(since, now);
            happen(&mut world, &mut dice, now, number);
            if world.calendar_is_known() {
                prop_assert_eq!(&world.shifts(since, now), &past, "change {} at {}", number, now);
            }
            now = dice.after(now, 30);
        }
    }

    #[test]
    fn i09_seeing_a_configuration_twice_changes_nothing(seed in any::<u64>()) {
        let mut world = world(seed);
        let now = world.from;
        input(&mut world, &Input::Config, now);
        let view = View { directory: &world.directory, state: &world.state };
        let later = now + SignedDuration::from_hours(100);
        prop_assert!(decide(view, &Input::Config, later).is_empty());
    }
}
