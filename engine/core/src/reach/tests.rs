//! Holes, named by hand and by an oracle that knows nothing of `decide`: it walks the steps minute by minute.

use super::*;
use crate::model::{
    Breakthrough, Checks, ContactMethod, EscalationPolicy, Layer, MethodCheck, NotificationRule,
    Person, Preferences, Profile, QuietHours, Schedule, Step, Target, Turn, TurnUnit,
    Undeliverable, Weekdays,
};
use crate::schedule;
use jiff::civil::{date, time};
use jiff::tz::TimeZone;
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::sync::Arc;

const NAMES: [&str; 3] = ["alice", "bob", "carol"];

fn t(text: &str) -> Timestamp {
    text.parse().expect(text)
}

fn mins(minutes: i64) -> SignedDuration {
    SignedDuration::from_mins(minutes)
}

struct World {
    directory: Directory,
    state: State,
}

impl World {
    /// Service `shop`; two schedules that change every so many hours, in which `None` is nobody.
    fn new(steps: Vec<Step>, turns: [(u32, Vec<Option<usize>>); 2]) -> Self {
        let person = |id: &str| Person {
            id: id.into(),
            name: id.to_owned(),
            email: Some(format!("{id}@example.org")),
            time_zone: TimeZone::get("Europe/Berlin").expect("a zone"),
            language: "en".to_owned(),
        };
        let service = Service {
            id: "shop".into(),
            name: "Shop".to_owned(),
            policy: "p".into(),
            urgency: None,
            support_hours: None,
            reopen_within: SignedDuration::ZERO,
            subscribers: Vec::new(),
            team: None,
        };
        let schedules = turns.into_iter().enumerate().map(|(place, (hours, people))| {
            let id = ["s0", "s1"][place];
            let turn = Turn { count: hours, unit: TurnUnit::Hours };
            let people = people.into_iter().map(|who| who.map(|who| NAMES[who].into())).collect();
            let layer = Layer::new("l", date(2026, 3, 1).at(0, 0, 0, 0), turn, people);
            (id.into(), Arc::new(Schedule::new(id.into(), TimeZone::UTC, vec![layer])))
        });
        let policy = EscalationPolicy::new("p".into(), steps, 0);
        let directory = Directory {
            people: NAMES.map(|id| (id.into(), person(id))).into(),
            services: BTreeMap::from([(service.id.clone(), service)]),
            policies: BTreeMap::from([(policy.id.clone(), Arc::new(policy))]),
            schedules: schedules.collect(),
            fallback: vec![Target::Person("carol".into())],
            ..Directory::default()
        };
        Self { directory: directory.with_built_in(), state: State::default() }
    }

    fn view(&self) -> View<'_> {
        View { directory: &self.directory, state: &self.state }
    }

    fn profile(&mut self, who: usize, delay: Option<i64>, quiet: Option<(i8, i8)>) {
        let person: PersonId = NAMES[who].into();
        let mut profile: Profile = notify::profile(self.view(), &person);
        profile.rules = delay.into_iter().map(rule).collect();
        let quiet = quiet.map(|(from, to)| QuietHours {
            days: Weekdays::ALL,
            from: time(from, 0, 0, 0),
            to: time(to, 0, 0, 0),
            breakthrough: Breakthrough::Nothing,
        });
        let quiet_hours = quiet.into_iter().collect();
        profile.preferences = Preferences { quiet_hours, ..Preferences::default() };
        self.state.apply(&[Change::Profile(Arc::new(profile))]);
    }

    fn holes(&self, hours: i64, within: i64) -> Vec<(String, String, String)> {
        let found = reach(self.view(), ask(hours, within));
        assert!(found.complete);
        let text =
            |hole: &Hole| (hole.service.to_string(), hole.from.to_string(), hole.to.to_string());
        found.holes.iter().map(text).collect()
    }
}

fn ask(hours: i64, within: i64) -> Ask {
    let from = t("2026-03-28T12:00:00Z");
    Ask { from, to: from + SignedDuration::from_hours(hours), within: mins(within), urgency: None }
}

fn rule(delay: i64) -> NotificationRule {
    NotificationRule { urgency: Urgency::High, method: "email".into(), delay: mins(delay) }
}

fn on(schedule: &str, delay: i64) -> Step {
    Step::new(vec![Target::Schedule(schedule.into())], mins(delay))
}

fn hole(from: &str, to: &str) -> (String, String, String) {
    ("shop".to_owned(), from.to_owned(), to.to_owned())
}

#[test]
fn a_gap_in_the_schedule_is_a_hole_with_its_reason() {
    let turns = [(6, vec![Some(0), None]), (24, vec![Some(1)])];
    let world = World::new(vec![on("s0", 5)], turns);
    let expected = [
        hole("2026-03-28T18:00:00Z", "2026-03-29T00:00:00Z"),
        hole("2026-03-29T06:00:00Z", "2026-03-29T12:00:00Z"),
    ];
    assert_eq!(world.holes(24, 15), expected);
    let found = reach(world.view(), ask(24, 15));
    assert_eq!(found.services, 2, "the built-in one too, which the fallback answers for");
    let nobody = |entry: &TimelineEntry| {
        matches!(entry.kind, TimelineKind::NotPaged(crate::model::NotPagedReason::NobodyOnCall(_)))
    };
    assert!(found.holes[0].reasons.iter().any(nobody), "{:?}", found.holes[0].reasons);
}

#[test]
fn a_second_step_fills_the_gap_of_the_first_at_once_but_not_behind_one_that_is_told_too_late() {
    let turns = [(6, vec![Some(0), None]), (24, vec![Some(1)])];
    let mut world = World::new(vec![on("s0", 20), on("s1", 20)], turns);
    assert_eq!(world.holes(24, 15), [], "nobody on call: the next step at once");
    // Alice is told only after half an hour; bob's step comes after twenty minutes.
    world.profile(0, Some(30), None);
    let expected = [
        hole("2026-03-28T12:00:00Z", "2026-03-28T18:00:00Z"),
        hole("2026-03-29T00:00:00Z", "2026-03-29T06:00:00Z"),
    ];
    assert_eq!(world.holes(24, 15), expected);
    assert_eq!(world.holes(24, 20), []);
}

#[test]
fn quiet_hours_make_a_hole_that_ends_when_the_held_page_comes_in_time() {
    let turns = [(24, vec![Some(0)]), (24, vec![Some(1)])];
    let mut world = World::new(vec![on("s0", 5)], turns);
    // Berlin's clocks skip 02:00–03:00 that night: the hours end at 05:00Z.
    world.profile(0, Some(0), Some((22, 7)));
    let expected = [
        hole("2026-03-28T21:00:00Z", "2026-03-29T04:45:00Z"),
        hole("2026-03-29T20:00:00Z", "2026-03-30T04:45:00Z"),
    ];
    assert_eq!(world.holes(48, 15), expected);
}

#[test]
fn a_person_without_a_verified_method_that_works_is_nobody() {
    let turns = [(24, vec![Some(0)]), (24, vec![Some(1)])];
    let mut world = World::new(vec![on("s0", 5)], turns);
    assert_eq!(world.holes(24, 15), []);
    let alice: PersonId = "alice".into();
    let email: ContactMethod = notify::profile(world.view(), &alice).methods.remove(0);
    let mut check = MethodCheck::new(email.id.clone(), email.address.clone());
    let since = t("2026-03-01T00:00:00Z");
    check.undeliverable = Some(Undeliverable { since, reason: "gone".to_owned() });
    let mut checks = Checks::new(alice.clone());
    checks.methods.push(check);
    world.state.apply(&[Change::Checks(Arc::new(checks))]);
    let all = [hole("2026-03-28T12:00:00Z", "2026-03-29T12:00:00Z")];
    assert_eq!(world.holes(24, 15), all, "marked");
    let mut profile = notify::profile(world.view(), &alice);
    profile.methods = vec![ContactMethod { verified: false, ..email }];
    world.state.apply(&[Change::Profile(Arc::new(profile))]);
    assert_eq!(world.holes(24, 15), all, "not verified");
}

#[test]
fn a_fallback_without_a_method_is_a_hole_of_the_built_in_service() {
    let turns = [(24, vec![Some(0)]), (24, vec![Some(1)])];
    let mut world = World::new(vec![on("s0", 5)], turns);
    for who in NAMES {
        let mut profile = notify::profile(world.view(), &who.into());
        profile.methods.clear();
        world.state.apply(&[Change::Profile(Arc::new(profile))]);
    }
    let services: Vec<String> =
        world.holes(24, 15).into_iter().map(|(service, ..)| service).collect();
    assert_eq!(services, ["nightbell", "shop"]);
}

/// Walks the steps of the policy from `at` as a person would with a calendar and a list of everybody's rules. Knows nothing
/// of `decide`, plans or edges.
fn oracle(world: &World, at: Timestamp, within: SignedDuration) -> bool {
    let (view, last) = (world.view(), at + within);
    let mut now = at;
    for step in &world.directory.policies["p"].steps {
        let mut told = false;
        for target in &step.targets {
            let person = match target {
                Target::Person(person) => Some(person.clone()),
                Target::Schedule(id) => {
                    let calendar = schedule::calendar(view, id).expect("a schedule");
                    calendar.on_call(now).map(|shift| shift.person)
                }
                _ => None,
            };
            let Some(person) = person else { continue };
            let profile = notify::profile(view, &person);
            for rule in &profile.rules {
                let due = now + rule.delay;
                let quiet = |at: Timestamp| {
                    let local = at.to_zoned(TimeZone::get("Europe/Berlin").expect("a zone"));
                    profile.preferences.quiet_hours.iter().any(|hours| {
                        let (time, from, to) = (local.time(), hours.from, hours.to);
                        if from < to {
                            from <= time && time < to
                        } else {
                            from <= time || time < to
                        }
                    })
                };
                let mut rings = due;
                while quiet(rings) && rings <= last {
                    rings += mins(1);
                }
                if rings <= last {
                    return true;
                }
                told |= !quiet(due);
            }
        }
        if told {
            now += step.delay;
        }
        if now > last {
            return false;
        }
    }
    false
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// The night on which Berlin's clocks skip an hour is within.
    #[test]
    fn reach_is_what_an_oracle_finds_minute_by_minute(
        steps in prop::collection::vec((0..3_usize, 1..25_i64), 1..4),
        turns in (1..9_u32, prop::collection::vec(prop::option::of(0..3_usize), 1..4)),
        other in (1..9_u32, prop::collection::vec(prop::option::of(0..3_usize), 1..4)),
        people in prop::collection::vec(
            (prop::option::weighted(0.8, 0..20_i64), prop::option::weighted(0.5, (0..24_i8, 0..24_i8))), 3),
        within in 0..31_i64,
    ) {
        let target = |which: usize| match which {
            2 => Target::Person("bob".into()),
            which => Target::Schedule(["s0", "s1"][which].into()),
        };
        let steps = steps.into_iter().map(|(which, delay)| Step::new(vec![target(which)], mins(delay)));
        let mut world = World::new(steps.collect(), [turns, other]);
        for (who, (delay, quiet)) in people.into_iter().enumerate() {
            // Hours of no length are the whole day: the oracle reads them as none.
            world.profile(who, delay, quiet.filter(|(from, to)| from != to));
        }
        let ask = ask(30, within);
        let found = reach(world.view(), ask);
        prop_assert!(found.complete);
        let holes: Vec<&Hole> = found.holes.iter().filter(|hole| hole.service.as_str() == "shop").collect();
        let mut at = ask.from;
        while at < ask.to {
            let in_hole = holes.iter().any(|hole| hole.from <= at && at < hole.to);
            prop_assert_eq!(!in_hole, oracle(&world, at, ask.within), "at {}", at);
            at += mins(1);
        }
    }
}
