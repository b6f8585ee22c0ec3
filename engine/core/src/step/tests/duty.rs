//! Overrides, temporary schedules and absences: refusals, boundaries, and that nothing of it rewrites what was.

use super::*;
use crate::decide;
use crate::schedule::{Calendar, calendar, load, overlaps};

const HOUR: SignedDuration = SignedDuration::from_hours(1);

fn with_schedule() -> World {
    let mut world = World::new();
    let start = "2026-01-05T00:00".parse().expect("time");
    let people = vec![Some("alice".into()), Some("bob".into())];
    let layer = Layer::new("week", start, Turn { count: 1, unit: TurnUnit::Weeks }, people);
    put(&mut world, Schedule::new("primary".into(), jiff::tz::TimeZone::UTC, vec![layer]));
    world
}

fn put(world: &mut World, schedule: Schedule) {
    world.directory.schedules.insert(schedule.id.clone(), Arc::new(schedule));
}

fn edit(world: &mut World, change: impl FnOnce(&mut Schedule)) {
    let mut schedule = (*world.directory.schedules["primary"]).clone();
    change(&mut schedule);
    put(world, schedule);
    see(world);
}

fn see(world: &mut World) {
    let view = View { directory: &world.directory, state: &world.state };
    let seen = decide(view, &Input::Config, world.now);
    world.state.apply(&seen.changes);
}

fn ask<T>(world: &World, ask: impl FnOnce(Calendar<'_>) -> T) -> T {
    let view = View { directory: &world.directory, state: &world.state };
    ask(calendar(view, &"primary".into()).expect("known"))
}

/// Who is on call; `-`: nobody.
fn who(world: &World, at: Timestamp) -> String {
    let shift = ask(world, |calendar| calendar.on_call(at));
    shift.map_or("-".to_owned(), |shift| shift.person.to_string())
}

fn schedule_override(world: &World, id: &str, from: i64, to: i64) -> Override {
    Override {
        id: id.into(),
        schedule: "primary".into(),
        person: "carol".into(),
        starts_at: world.now + HOUR * i32::try_from(from).expect("small"),
        ends_at: world.now + HOUR * i32::try_from(to).expect("small"),
        created_at: world.now,
        created_by: "alice".to_owned(),
    }
}

fn temporary(world: &World, id: &str, from: i64, to: i64) -> Temporary {
    let over = schedule_override(world, id, from, to);
    let shift = FixedShift {
        person: "carol".into(),
        starts_at: over.starts_at + HOUR,
        ends_at: over.ends_at - HOUR,
    };
    Temporary {
        id: id.into(),
        schedule: over.schedule,
        name: "Christmas".to_owned(),
        starts_at: over.starts_at,
        ends_at: over.ends_at,
        shifts: vec![shift],
        created_at: over.created_at,
        created_by: over.created_by,
    }
}

fn absence(world: &World, id: &str, person: &str, from: i64, to: i64) -> Absence {
    let over = schedule_override(world, id, from, to);
    Absence {
        id: id.into(),
        person: person.into(),
        starts_at: over.starts_at,
        ends_at: over.ends_at,
        source: "manual".to_owned(),
        summary: String::new(),
        created_at: over.created_at,
        created_by: over.created_by,
    }
}

fn refused(reply: Reply) -> String {
    match reply {
        Reply::Done => panic!("expected a refusal"),
        Reply::Refused(refusal) => refusal.to_string(),
    }
}

#[test]
fn what_cannot_be_put_is_refused_and_says_why() {
    let mut world = with_schedule();
    let now = world.now;
    let over = |world: &World| schedule_override(world, "o", 0, 1);
    let cases = [
        (Action::PutOverride(Override { schedule: "x".into(), ..over(&world) }), "no schedule `x`"),
        (Action::PutOverride(Override { person: "x".into(), ..over(&world) }), "no person `x`"),
        (Action::PutOverride(Override { ends_at: now, ..over(&world) }), "expected an end after"),
        (Action::RemoveOverride("x".into()), "no override `x`"),
        (
            Action::PutTemporary(Temporary { ends_at: now + HOUR, ..temporary(&world, "t", 0, 4) }),
            "expected shifts one after the other",
        ),
        (Action::RemoveTemporary("x".into()), "no temporary schedule `x`"),
        (Action::PutAbsence(absence(&world, "a", "x", 0, 1)), "no person `x`"),
        (Action::PutAbsence(absence(&world, "a", "bob", -2, -1)), "expected an end after"),
        (Action::RemoveAbsence("x".into()), "no absence `x`"),
        (
            Action::ReplaceAbsences {
                person: "alice".into(),
                source: "holidays".to_owned(),
                absences: vec![absence(&world, "a", "alice", 0, 1)],
            },
            "expected absences of alice from holidays alone",
        ),
    ];
    for (action, why) in cases {
        let said = refused(world.act("alice", action.clone()));
        assert!(said.starts_with(why), "{action:?}: {said}");
    }
    let twice = Action::PutOverride(over(&world));
    assert_eq!(world.act("alice", twice.clone()), Reply::Done);
    assert_eq!(refused(world.act("alice", twice)), "there is this override already, as `o`");
}

#[test]
fn what_has_begun_is_ended_and_not_taken_away() {
    let mut world = with_schedule();
    let start = world.now;
    let base = who(&world, start);
    let over = schedule_override(&world, "o", 0, 6);
    assert_eq!(world.act("alice", Action::PutOverride(over)), Reply::Done);
    let later = temporary(&world, "t", 10, 20);
    assert_eq!(world.act("alice", Action::PutTemporary(later)), Reply::Done);
    world.pass(120);
    assert_eq!(world.act("alice", Action::RemoveOverride("o".into())), Reply::Done);
    assert_eq!(who(&world, start + HOUR), "carol", "it was so");
    assert_eq!(who(&world, world.now), base);
    assert_eq!(world.act("alice", Action::RemoveOverride("o".into())), Reply::Done, "it is over");
    assert_eq!(world.act("alice", Action::RemoveTemporary("t".into())), Reply::Done);
    assert!(world.state.duty().temporary(&"t".into()).is_none(), "it had not begun");
}

#[test]
fn a_temporary_schedule_replaces_the_layers_and_its_gaps_are_gaps() {
    let mut world = with_schedule();
    let now = world.now;
    let base = who(&world, now);
    let one = temporary(&world, "t", 1, 5);
    assert_eq!(world.act("alice", Action::PutTemporary(one)), Reply::Done);
    let over = schedule_override(&world, "o", 4, 6);
    assert_eq!(world.act("alice", Action::PutOverride(over)), Reply::Done);
    let got = [0, 1, 2, 3, 4, 5, 6].map(|hours| who(&world, now + HOUR * hours));
    assert_eq!(got, [&base, "-", "carol", "carol", "carol", "carol", &base]);
    let gaps = ask(&world, |calendar| calendar.gaps(now, now + HOUR * 10));
    assert_eq!(gaps, [(now + HOUR, now + HOUR * 2)]);
    world.pass(180);
    assert_eq!(world.act("alice", Action::RemoveTemporary("t".into())), Reply::Done);
    assert_eq!(who(&world, now + HOUR * 2), "carol", "it was so");
    assert_eq!(who(&world, now + HOUR * 3), base);
}

#[test]
fn the_turns_of_the_absent_are_shown_or_passed_on() {
    let mut world = with_schedule();
    let now = world.now;
    let (base, other) = match who(&world, now).as_str() {
        "alice" => ("alice", "bob"),
        _ => ("bob", "alice"),
    };
    let away = absence(&world, "a", base, 1, 3);
    assert_eq!(world.act("alice", Action::PutAbsence(away)), Reply::Done);
    assert_eq!(who(&world, now + HOUR), base, "shown");
    let uncovered = ask(&world, |calendar| calendar.uncovered(now, now + HOUR * 10));
    assert_eq!(uncovered.len(), 1);
    let part = (uncovered[0].shift.starts_at, uncovered[0].shift.ends_at);
    assert_eq!(part, (now + HOUR, now + HOUR * 3));
    see(&mut world);
    edit(&mut world, |schedule| schedule.on_absence = OnAbsence::Next);
    let shift = ask(&world, |calendar| calendar.on_call(now + HOUR)).expect("somebody is there");
    assert_eq!((shift.person.as_str(), shift.starts_at), (other, now + HOUR));
    assert_eq!(shift.instead_of, Some(base.into()));
    assert_eq!(shift.ends_at, now + HOUR * 3);
    let both = absence(&world, "b", other, 2, 4);
    assert_eq!(world.act("alice", Action::PutAbsence(both)), Reply::Done);
    let got = [0, 1, 2, 3].map(|hours| who(&world, now + HOUR * hours));
    assert_eq!(got, [base, other, "-", base], "I11: nobody is left, which is a gap");
}

#[test]
fn an_import_keeps_what_is_the_same_and_what_was() {
    let mut world = with_schedule();
    let import = |world: &mut World, absences: Vec<Absence>| {
        let source = "holidays".to_owned();
        let named = |absence| Absence { source: source.clone(), ..absence };
        let absences = absences.into_iter().map(named).collect();
        world.act("bob", Action::ReplaceAbsences { person: "bob".into(), source, absences })
    };
    let (a, b) = (absence(&world, "a", "bob", 0, 9), absence(&world, "b", "bob", 20, 30));
    let own = absence(&world, "own", "bob", 40, 50);
    assert_eq!(world.act("bob", Action::PutAbsence(own)), Reply::Done);
    assert_eq!(import(&mut world, vec![a.clone(), b.clone()]), Reply::Done);
    let first = world.now;
    world.pass(60);
    let longer = Absence { ends_at: a.ends_at + HOUR, ..a.clone() };
    assert_eq!(import(&mut world, vec![longer.clone()]), Reply::Done);
    let known = world.state.duty().absences_of(&"bob".into()).iter();
    let got: Vec<_> = known.map(|one| (one.starts_at, one.ends_at, one.created_at)).collect();
    let expected = [
        (first, world.now, first),
        (first, longer.ends_at, world.now),
        (first + HOUR * 40, first + HOUR * 50, first),
    ];
    assert_eq!(got, expected, "what was, what is, and what is nobody's but bob's");
    world.pass(60);
    assert_eq!(import(&mut world, vec![longer]), Reply::Done);
    assert_eq!(world.state.duty().absences_of(&"bob".into()).len(), 3, "the same again");
}

#[test]
fn i08_exceptions_are_bounded_and_the_oldest_that_ended_goes() {
    let mut world = with_schedule();
    for n in 0..1_000 {
        let over = schedule_override(&world, &format!("o{n}"), 0, 1);
        assert_eq!(world.act("alice", Action::PutOverride(over)), Reply::Done);
    }
    let one_more = schedule_override(&world, "more", 0, 1);
    let said = refused(world.act("alice", Action::PutOverride(one_more)));
    assert_eq!(said, "expected at most 1000 overrides of one schedule; take some away first");
    world.pass(60);
    let one_more = schedule_override(&world, "more", 0, 1);
    assert_eq!(world.act("alice", Action::PutOverride(one_more)), Reply::Done);
    assert_eq!(world.state.duty().overrides().count(), 1_000);
}

#[test]
fn a_new_definition_holds_from_when_it_is_seen_or_from_its_date_and_never_before() {
    let mut world = with_schedule();
    see(&mut world);
    let first = world.now;
    let past = ask(&world, |calendar| calendar.shifts(first - HOUR * 1000, first));
    let only = |person: &'static str| {
        move |schedule: &mut Schedule| schedule.layers[0].people = vec![Some(person.into())]
    };
    world.pass(60);
    edit(&mut world, |schedule| {
        only("carol")(schedule);
        // A date that has passed does not reach back.
        schedule.effective_from = Some("2020-01-01T00:00".parse().expect("time"));
    });
    assert_eq!(who(&world, world.now), "carol");
    let base = who(&world, first);
    assert_ne!(base, "carol");
    // A pending change may still be changed.
    let in_a_day = jiff::tz::TimeZone::UTC.to_datetime(world.now + HOUR * 24);
    edit(&mut world, |schedule| {
        only("bob")(schedule);
        schedule.effective_from = Some(in_a_day);
    });
    assert_eq!(who(&world, world.now + HOUR * 23), "carol");
    assert_eq!(who(&world, world.now + HOUR * 24), "bob");
    world.pass(60);
    edit(&mut world, |schedule| {
        only("alice")(schedule);
        schedule.effective_from = Some(in_a_day);
    });
    assert_eq!(who(&world, world.now + HOUR * 24), "alice", "bob's never held");
    assert_eq!(who(&world, world.now), "carol");
    // Removed, it ends; back again, it goes on.
    world.pass(60);
    world.directory.schedules.remove(&ScheduleId::new("primary"));
    see(&mut world);
    assert_eq!(who(&world, world.now), "-");
    assert_eq!(who(&world, world.now + HOUR * 48), "-");
    let now = ask(&world, |calendar| calendar.shifts(first - HOUR * 1000, first));
    assert_eq!(now, past, "what was stays");
}

#[test]
fn i08_of_many_definitions_the_oldest_is_forgotten() {
    let mut world = with_schedule();
    let mut times = Vec::new();
    for n in 0..70 {
        world.pass(60);
        let person = if n % 2 == 0 { "carol" } else { "bob" };
        edit(&mut world, |schedule| schedule.layers[0].people = vec![Some(person.into())]);
        times.push((world.now, person));
    }
    let facts = world.state.duty().of(&"primary".into()).expect("facts");
    assert_eq!(facts.revisions().len(), 64);
    assert_eq!(facts.revisions()[0].effective_from, None);
    for (at, person) in &times[10..] {
        assert_eq!(who(&world, *at), *person, "the recent past stays");
    }
}

#[test]
fn load_and_overlaps_are_per_person() {
    let mut world = with_schedule();
    let always = |person: &str| {
        let start = "2026-01-01T00:00".parse().expect("time");
        let people = vec![Some(person.into())];
        Layer::new("all", start, Turn { count: 1, unit: TurnUnit::Weeks }, people)
    };
    let utc = jiff::tz::TimeZone::UTC;
    put(&mut world, Schedule::new("second".into(), utc, vec![always("alice")]));
    let tokyo = jiff::tz::TimeZone::get("Asia/Tokyo").expect("zone");
    world.directory.people.get_mut(&PersonId::new("alice")).expect("alice").time_zone = tokyo;
    let view = View { directory: &world.directory, state: &world.state };
    let (first, second) = ("primary".into(), "second".into());
    let calendars = [&first, &second].map(|id| calendar(view, id).expect("known"));
    // Two weeks from a Monday: alice has the first of `primary`, and all of `second`.
    let from: Timestamp = "2026-01-05T00:00Z".parse().expect("time");
    let (week, to) = (from + HOUR * 168, from + HOUR * 336);
    let found = overlaps(&calendars, from, to);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(
        (&found[0].person, found[0].starts_at, found[0].ends_at),
        (&"alice".into(), from, week)
    );
    assert_eq!(found[0].schedules, [first.clone(), second.clone()]);
    let loads = load(&calendars, &world.directory.people, from, to);
    let hours = |person: &str| {
        let load = loads[&PersonId::new(person)];
        [load.total, load.night, load.weekend].map(|time| time.as_hours())
    };
    assert_eq!(hours("alice"), [336, 14 * 8, 96], "twice at once counts once");
    assert_eq!(hours("bob"), [168, 7 * 8, 48]);
}
