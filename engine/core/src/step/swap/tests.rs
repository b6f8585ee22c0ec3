//! The life of a swap: who may, what is checked, what is made, who is told.

use crate::model::*;
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use std::collections::BTreeMap;
use std::sync::Arc;

pub(in crate::step) struct World {
    pub(in crate::step) directory: Directory,
    pub(in crate::step) state: State,
    pub(in crate::step) now: Timestamp,
}

pub(in crate::step) fn t(text: &str) -> Timestamp {
    text.parse().expect(text)
}

/// Alice and bob take turns of a day on `primary` from Monday, 2 March, midnight UTC; carol is on no schedule.
pub(in crate::step) fn world() -> World {
    let person = |id: &str| {
        let person = Person {
            id: id.into(),
            name: id.to_uppercase(),
            email: Some(format!("{id}@example.org")),
            time_zone: TimeZone::UTC,
            language: "en".to_owned(),
        };
        (PersonId::new(id), person)
    };
    let start = "2026-03-02T00:00".parse().expect("a time");
    let turn = Turn { count: 1, unit: TurnUnit::Days };
    let layer = Layer::new("daily", start, turn, vec![Some("alice".into()), Some("bob".into())]);
    let schedule = Schedule::new("primary".into(), TimeZone::UTC, vec![layer]);
    let directory = Directory {
        people: BTreeMap::from(["alice", "bob", "carol"].map(person)),
        schedules: BTreeMap::from([(schedule.id.clone(), Arc::new(schedule))]),
        fallback: vec![Target::Person("carol".into())],
        ..Directory::default()
    };
    World {
        directory: directory.with_built_in(),
        state: State::default(),
        now: t("2026-03-02T12:00:00Z"),
    }
}

pub(in crate::step) fn day(day: i8) -> DutySpan {
    let starts_at = t(&format!("2026-03-{day:02}T00:00:00Z"));
    let ends_at = starts_at + SignedDuration::from_hours(24);
    DutySpan { schedule: "primary".into(), starts_at, ends_at }
}

/// Alice offers Wednesday.
pub(in crate::step) fn swap() -> Swap {
    Swap {
        id: "w".into(),
        from: "alice".into(),
        to: Some("bob".into()),
        gives: day(4),
        in_return: None,
        note: String::new(),
        expires_at: Timestamp::MAX,
        created_at: Timestamp::MIN,
        created_by: "alice".to_owned(),
        status: SwapStatus::Offered,
    }
}

fn anybody() -> Swap {
    Swap { to: None, ..swap() }
}

impl World {
    pub(in crate::step) fn act(&mut self, who: &str, action: Action) -> Result<(), Refusal> {
        let by = match who {
            "admin" => Actor::Admin("ops".to_owned()),
            person => Actor::Person(person.into()),
        };
        let transition = self.input(&Input::Action { by, via: None, action });
        match transition.reply {
            Reply::Done => Ok(()),
            Reply::Refused(refusal) => Err(refusal),
        }
    }

    pub(in crate::step) fn input(&mut self, input: &Input) -> Transition {
        let view = View { directory: &self.directory, state: &self.state };
        let transition = crate::decide(view, input, self.now);
        self.state.apply(&transition.changes);
        transition
    }

    pub(in crate::step) fn accept(&mut self, who: &str, person: &str) -> Result<(), Refusal> {
        self.act(who, Action::AcceptSwap { swap: "w".into(), person: person.into() })
    }

    fn status(&self) -> &'static str {
        self.state.swaps().get(&"w".into()).expect("kept").status.as_str()
    }

    fn on_call(&self, at: &str) -> String {
        let view = View { directory: &self.directory, state: &self.state };
        let id = ScheduleId::new("primary");
        let calendar = crate::schedule::calendar(view, &id).expect("known");
        calendar.on_call(t(at)).expect("somebody").person.to_string()
    }

    /// What all notices say that wait.
    pub(in crate::step) fn texts(&self) -> Vec<String> {
        let notices = self.state.deliveries().filter_map(|delivery| delivery.notice());
        notices.map(|notice| notice.text.clone()).collect()
    }

    /// How much is amiss on `primary`, as far as is known.
    pub(in crate::step) fn foreseen(&self) -> usize {
        self.state.watches().of(&"primary".into()).map_or(0, |watch| watch.foreseen.len())
    }

    /// To whom which notices wait: person and subject.
    pub(in crate::step) fn told(&self) -> Vec<(String, String)> {
        let notices = self.state.deliveries().filter_map(|delivery| {
            delivery.notice().map(|notice| (delivery.person.to_string(), notice.subject.clone()))
        });
        let mut told: Vec<_> = notices.collect();
        told.sort();
        told
    }

    pub(in crate::step) fn pass_to(&mut self, at: &str) {
        self.now = t(at);
        for timer in self.state.due(self.now, 10) {
            let input = Input::Due(timer.key);
            self.input(&input);
            assert!(self.input(&input).is_empty(), "I9");
        }
    }
}

#[test]
fn accepting_moves_the_shift_and_the_one_in_return_at_once() {
    let mut world = world();
    let offered = Swap { in_return: Some(day(5)), ..swap() };
    world.act("alice", Action::OfferSwap(Box::new(offered))).expect("offered");
    assert_eq!(
        world.told(),
        [("bob".to_owned(), "ALICE offers you a shift on primary".to_owned())]
    );
    assert_eq!(world.on_call("2026-03-04T10:00:00Z"), "alice", "an offer changes nothing");
    world.accept("bob", "bob").expect("accepted");
    assert_eq!(world.status(), "accepted");
    assert_eq!(world.on_call("2026-03-04T10:00:00Z"), "bob");
    assert_eq!(world.on_call("2026-03-05T10:00:00Z"), "alice");
    assert_eq!(world.on_call("2026-03-06T10:00:00Z"), "alice", "the layers hold again");
    let subjects: Vec<_> = world.told().into_iter().filter(|(who, _)| who == "alice").collect();
    assert_eq!(subjects, [("alice".to_owned(), "BOB takes your shift on primary".to_owned())]);
}

#[test]
fn only_whom_it_concerns_and_admins_act() {
    let theirs = |result: Result<(), Refusal>| {
        assert!(matches!(result, Err(Refusal::NotTheirs(_))), "{result:?}");
    };
    let mut world = world();
    theirs(world.act("bob", Action::OfferSwap(Box::new(swap()))));
    world.act("alice", Action::OfferSwap(Box::new(swap()))).expect("offered");
    theirs(world.accept("carol", "carol"));
    theirs(world.accept("carol", "bob"));
    theirs(world.accept("alice", "alice"));
    theirs(world.act("alice", Action::DeclineSwap("w".into())));
    theirs(world.act("bob", Action::WithdrawSwap("w".into())));
    assert_eq!(world.status(), "offered");
    world.accept("admin", "bob").expect("managers act on swaps");
    let told: Vec<_> = world.told().into_iter().map(|(who, _)| who).collect();
    assert_eq!(told, ["alice", "bob", "bob"], "both hear what the admin did");
}

#[test]
fn a_shift_offered_to_anybody_goes_to_the_first_who_takes_it() {
    let mut world = world();
    world.act("alice", Action::OfferSwap(Box::new(anybody()))).expect("offered");
    assert_eq!(world.told().len(), 1, "bob is the only colleague: {:?}", world.told());
    let refused = world.act("bob", Action::DeclineSwap("w".into()));
    assert!(matches!(refused, Err(Refusal::Invalid(_))), "{refused:?}");
    world.accept("carol", "carol").expect("carol may, too");
    assert_eq!(world.on_call("2026-03-04T10:00:00Z"), "carol");
    let late = world.accept("bob", "bob");
    assert!(matches!(late, Err(Refusal::Conflict(_))), "{late:?}");
}

#[test]
fn a_shift_that_is_no_longer_theirs_cannot_be_accepted() {
    let mut world = world();
    world.act("alice", Action::OfferSwap(Box::new(swap()))).expect("offered");
    let gone = Override {
        id: "o".into(),
        schedule: "primary".into(),
        person: "carol".into(),
        starts_at: t("2026-03-04T20:00:00Z"),
        ends_at: t("2026-03-04T22:00:00Z"),
        created_at: world.now,
        created_by: "ops".to_owned(),
    };
    world.act("admin", Action::PutOverride(gone)).expect("made");
    let refused = world.accept("bob", "bob").expect_err("two hours of it are carol's");
    assert!(refused.to_string().contains("until 2026-03-04T20:00:00Z"), "{refused}");
    assert_eq!(world.status(), "offered");
    assert_eq!(world.on_call("2026-03-04T10:00:00Z"), "alice");
}

#[test]
fn declining_withdrawing_and_silence_leave_the_shift_where_it_is() {
    for (who, action, status) in [
        ("bob", Some(Action::DeclineSwap("w".into())), "declined"),
        ("alice", Some(Action::WithdrawSwap("w".into())), "withdrawn"),
        ("", None, "expired"),
    ] {
        let mut world = world();
        world.act("alice", Action::OfferSwap(Box::new(swap()))).expect("offered");
        match action {
            Some(action) => world.act(who, action).expect(status),
            // No deadline was given: the shift's own beginning is the last one.
            None => world.pass_to("2026-03-04T00:00:00Z"),
        }
        assert_eq!(world.status(), status);
        assert_eq!(world.on_call("2026-03-04T10:00:00Z"), "alice");
        assert!(world.accept("bob", "bob").is_err());
        let told: Vec<_> = world.told().into_iter().map(|(who, _)| who).collect();
        let hears = if status == "withdrawn" { ["bob", "bob"] } else { ["alice", "bob"] };
        assert_eq!(told, hears, "{status}");
        world.pass_to("2026-04-10T00:00:00Z");
        assert_eq!(world.state.swaps().all().count(), 0, "forgotten after a month");
    }
}

#[test]
fn an_offer_that_cannot_be_is_refused_with_what_was_expected() {
    let yesterday = DutySpan { starts_at: t("2026-03-02T00:00:00Z"), ..day(2) };
    let backwards = DutySpan { ends_at: day(4).starts_at, ..day(4) };
    let nowhere = DutySpan { schedule: "x".into(), ..day(4) };
    for (offered, expected) in [
        (Swap { gives: day(5), ..swap() }, "alice is not on call"),
        (Swap { gives: yesterday, ..swap() }, "in the future"),
        (Swap { gives: backwards, ..swap() }, "ends after it starts"),
        (Swap { gives: nowhere, ..swap() }, "no schedule `x`"),
        (Swap { to: Some("dave".into()), ..swap() }, "no person `dave`"),
        (Swap { to: Some("alice".into()), ..swap() }, "another person"),
        (Swap { in_return: Some(day(5)), ..anybody() }, "named person"),
        (Swap { in_return: Some(day(6)), ..swap() }, "bob is not on call"),
        (Swap { expires_at: t("2026-03-02T12:00:00Z"), ..swap() }, "deadline in the future"),
        (Swap { note: "x".repeat(1_001), ..swap() }, "at most 1000 bytes"),
    ] {
        let mut world = world();
        let refused = world.act("alice", Action::OfferSwap(Box::new(offered))).expect_err(expected);
        assert!(refused.to_string().contains(expected), "{refused}");
        assert_eq!(world.state, State::default(), "nothing changes");
    }
}
