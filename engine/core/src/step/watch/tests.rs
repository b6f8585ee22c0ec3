//! Who hears of which hand-off, and what is told ahead of time, once.

use crate::model::*;
use crate::step::swap::tests::{World, day, t, world};
use jiff::SignedDuration;
use std::sync::Arc;

/// Alice and bob take turns of a day at midnight UTC; carol is the fallback.
fn watched() -> World {
    let mut world = world();
    world.input(&Input::Config);
    world.pass_to("2026-03-02T12:00:00Z");
    assert_eq!(world.told(), [], "who is on call already is not told");
    world
}

fn wish(person: &str, change: impl FnOnce(&mut HandoffWish)) -> Action {
    let mut wish = HandoffWish::default_of(person.into());
    change(&mut wish);
    Action::SetHandoffWish(wish)
}

fn take(id: &str, person: &str, starts_at: &str, ends_at: &str) -> Action {
    Action::PutOverride(Override {
        id: id.into(),
        schedule: "primary".into(),
        person: person.into(),
        starts_at: t(starts_at),
        ends_at: t(ends_at),
        created_at: t("2026-03-02T12:00:00Z"),
        created_by: "ops".to_owned(),
    })
}

fn away(id: &str, starts_at: &str, ends_at: &str) -> Action {
    Action::PutAbsence(Absence {
        id: id.into(),
        person: "alice".into(),
        starts_at: t(starts_at),
        ends_at: t(ends_at),
        source: "manual".to_owned(),
        summary: "leave".to_owned(),
        created_at: t("2026-03-02T12:00:00Z"),
        created_by: "alice".to_owned(),
    })
}

/// From now on nobody has the even turns.
fn without_alice(world: &mut World) {
    let schedule = world.directory.schedules.get_mut(&ScheduleId::new("primary")).expect("known");
    Arc::make_mut(schedule).layers[0].people[0] = None;
}

fn subjects(world: &World, person: &str) -> Vec<String> {
    world.told().into_iter().filter(|(who, _)| who == person).map(|(_, what)| what).collect()
}

#[test]
fn whoever_takes_over_is_told_and_whoever_is_relieved_only_if_they_wish() {
    let mut world = watched();
    world.pass_to("2026-03-03T00:00:00Z");
    assert_eq!(world.told(), [("bob".to_owned(), "You are on call on primary".to_owned())]);
    let text = world.texts().concat();
    assert!(text.contains("until Wed 4 Mar 00:00 (UTC). After you: ALICE."), "{text}");
    world.act("bob", wish("bob", |wish| wish.at_end = true)).expect("his own word");
    world.act("alice", wish("alice", |wish| wish.at_start = false)).expect("her own word");
    world.pass_to("2026-03-04T00:00:00Z");
    assert_eq!(subjects(&world, "alice"), Vec::<String>::new());
    assert_eq!(
        subjects(&world, "bob").last().map(String::as_str),
        Some("Your shift on primary is over")
    );
}

#[test]
fn a_shift_is_announced_so_long_before_as_the_person_wishes() {
    let mut world = watched();
    let half_an_hour = Some(SignedDuration::from_mins(30));
    world.act("bob", wish("bob", |wish| wish.before = half_an_hour)).expect("his own word");
    world.pass_to("2026-03-02T23:29:59Z");
    assert_eq!(world.told(), []);
    world.pass_to("2026-03-02T23:30:00Z");
    assert_eq!(subjects(&world, "bob"), ["Your shift on primary begins soon"]);
    world.pass_to("2026-03-03T00:00:00Z");
    assert_eq!(subjects(&world, "bob").len(), 2, "and when it begins");
    world.pass_to("2026-03-04T23:45:00Z");
    assert_eq!(subjects(&world, "bob").len(), 3, "late is better than not at all");
}

#[test]
fn an_override_is_a_hand_off_and_a_shift_that_goes_on_is_none() {
    let mut world = watched();
    let (from, to) = ("2026-03-02T12:00:00Z", "2026-03-02T18:00:00Z");
    world.act("admin", take("o", "carol", from, to)).expect("made");
    world.pass_to("2026-03-02T12:00:00Z");
    assert_eq!(subjects(&world, "carol"), ["You are on call on primary"]);
    world
        .act("admin", take("p", "alice", "2026-03-03T00:00:00Z", "2026-03-03T06:00:00Z"))
        .expect("made");
    world.pass_to("2026-03-02T18:00:00Z");
    assert_eq!(subjects(&world, "alice").len(), 1, "she has it again");
    assert!(
        world.texts().concat().contains("until Tue 3 Mar 06:00"),
        "her turn and the override are one"
    );
    world.pass_to("2026-03-03T00:00:00Z");
    assert_eq!(subjects(&world, "alice").len(), 1, "from the layer to the override it is hers");
}

#[test]
fn i11_a_gap_is_told_when_it_is_foreseen_and_a_day_before_it_begins() {
    let mut world = watched();
    let schedule = world.directory.schedules.get_mut(&ScheduleId::new("primary")).expect("known");
    Arc::make_mut(schedule).layers[0].end = Some("2026-03-20T00:00".parse().expect("a time"));
    world.input(&Input::Config);
    world.pass_to("2026-03-02T12:00:00Z");
    assert_eq!(subjects(&world, "carol"), ["Shifts that nobody has on primary"]);
    assert!(world.texts().concat().contains("from Fri 20 Mar 00:00 to"), "{:?}", world.texts());
    for day in 3..19 {
        world.pass_to(&format!("2026-03-{day:02}T00:00:00Z"));
    }
    assert_eq!(subjects(&world, "carol").len(), 1, "the horizon moves, the gap is the same");
    world.pass_to("2026-03-19T00:00:00Z");
    assert_eq!(subjects(&world, "carol").len(), 2, "{:?}", world.told());
    for day in 20..30 {
        world.pass_to(&format!("2026-03-{day:02}T00:00:00Z"));
    }
    assert_eq!(subjects(&world, "carol").len(), 2, "it was told");
    assert_eq!(world.foreseen(), 1, "and is shown as long as it lasts");
}

#[test]
fn i11_hours_that_are_open_every_week_are_told_once() {
    let mut world = watched();
    without_alice(&mut world);
    let schedule = world.directory.schedules.get_mut(&ScheduleId::new("primary")).expect("known");
    Arc::make_mut(schedule).layers[0].turn = Turn { count: 84, unit: TurnUnit::Hours };
    world.input(&Input::Config);
    world.pass_to("2026-03-02T12:00:00Z");
    assert_eq!(subjects(&world, "carol").len(), 1);
    assert!(world.texts().concat().contains("more: `nightbell schedule gaps primary`"));
    for day in 3..31 {
        world.pass_to(&format!("2026-03-{day:02}T12:00:00Z"));
    }
    assert_eq!(subjects(&world, "carol").len(), 1, "a word a day is no warning");
}

#[test]
fn i11_a_shift_of_somebody_who_is_absent_is_told_and_an_override_ends_it() {
    let mut world = watched();
    let (from, to) = ("2026-03-08T06:00:00Z", "2026-03-08T18:00:00Z");
    world.act("alice", away("a", from, to)).expect("made");
    world.pass_to("2026-03-02T12:00:00Z");
    assert_eq!(subjects(&world, "carol"), ["Shifts that nobody has on primary"]);
    assert!(world.texts().concat().contains("ALICE is on call and absent from Sun 8 Mar 06:00"));
    assert_eq!(world.foreseen(), 1);
    world.act("bob", take("o", "bob", from, to)).expect("made");
    world.pass_to("2026-03-02T12:00:00Z");
    assert_eq!(world.foreseen(), 0);
    world.pass_to("2026-03-07T06:00:00Z");
    assert_eq!(subjects(&world, "carol").len(), 1, "nothing to be reminded of");
}

#[test]
fn i11_who_will_be_on_call_twice_at_once_is_told_once_for_the_two_schedules() {
    let mut world = watched();
    let mut other = (*world.directory.schedules[&ScheduleId::new("primary")]).clone();
    other.id = "second".into();
    other.layers[0].people = vec![Some("bob".into())];
    other.layers[0].end = Some("2026-03-10T00:00".parse().expect("a time"));
    world.directory.schedules.insert(other.id.clone(), Arc::new(other));
    world.input(&Input::Config);
    for day in 3..10 {
        world.pass_to(&format!("2026-03-{day:02}T12:00:00Z"));
    }
    let told = subjects(&world, "carol");
    let told_as = |what: &str| told.iter().filter(|subject| *subject == what).count();
    assert_eq!(told_as("Somebody is on call twice at once on primary"), 1, "{told:?}");
    assert_eq!(told.iter().filter(|what| what.contains("twice at once on second")).count(), 0);
    assert!(world.texts().concat().contains("BOB is on call here and on second from Tue 3 Mar"));
}

#[test]
fn what_was_told_survives_a_restart_and_goes_with_the_schedule() {
    let mut world = watched();
    assert!(world.input(&Input::Config).is_empty(), "nothing is new");
    world.pass_to("2026-03-03T00:00:00Z");
    assert_eq!(world.told().len(), 1);
    world.directory.schedules.clear();
    world.input(&Input::Config);
    world.pass_to("2026-03-04T00:00:00Z");
    assert!(world.state.watches().all().next().is_none());
    assert_eq!(world.state.timer(&TimerKey::Watch("primary".into())), None);
}

#[test]
fn a_wish_that_cannot_be_is_refused() {
    let mut world = watched();
    for before in [SignedDuration::ZERO, SignedDuration::from_hours(24 * 8)] {
        let refused = world.act("bob", wish("bob", |wish| wish.before = Some(before)));
        assert!(matches!(refused, Err(Refusal::Invalid(_))), "{refused:?}");
    }
    assert!(matches!(world.act("bob", wish("dave", |_| {})), Err(Refusal::NoPerson(_))));
}

#[test]
fn an_accepted_swap_is_handed_off_when_it_begins() {
    let mut world = watched();
    let swap = Swap { gives: day(4), ..crate::step::swap::tests::swap() };
    world.act("alice", Action::OfferSwap(Box::new(swap))).expect("offered");
    world.accept("bob", "bob").expect("accepted");
    world.pass_to("2026-03-03T00:00:00Z");
    world.pass_to("2026-03-04T00:00:00Z");
    let told = subjects(&world, "bob");
    let begins = told.iter().filter(|what| what.starts_with("You are on call")).count();
    assert_eq!(begins, 1, "his own turn and the one he took are one run: {told:?}");
    assert_eq!(
        subjects(&world, "alice").iter().filter(|what| what.starts_with("You are")).count(),
        0
    );
}
