//! What people decide about how they are told: codes, tests, quiet hours, marks.

use super::*;
use crate::notify;
use jiff::civil::{Weekday, time};

const RIGHT: [u8; 32] = [1; 32];
const WRONG: [u8; 32] = [2; 32];

impl World {
    /// Alice has e-mail (verified) and `sms` (not).
    fn with_sms() -> Self {
        let mut world = Self::new();
        world.put("sms", false);
        world
    }

    fn put(&mut self, id: &str, verified: bool) {
        let (person, method) = ("alice".into(), method(id, verified));
        assert_eq!(self.act("alice", Action::PutMethod { person, method }), Reply::Done);
    }

    fn code(&mut self, id: &str) -> Reply {
        let (person, method) = ("alice".into(), id.into());
        // A salt of its own each time, as the shell gives.
        let salt = [u8::try_from(self.now.as_second() % 251).expect("small"); 32];
        self.act("alice", Action::SendCode { person, method, salt, proof: RIGHT })
    }

    fn confirm(&mut self, id: &str, proof: [u8; 32]) -> Reply {
        let (person, method) = ("alice".into(), id.into());
        self.act("alice", Action::ConfirmCode { person, method, proof })
    }

    fn test(&mut self, id: &str) -> Reply {
        let (person, method) = ("alice".into(), id.into());
        self.act("alice", Action::TestMethod { person, method })
    }

    fn verified(&self, id: &str) -> bool {
        let view = View { directory: &self.directory, state: &self.state };
        let methods = notify::profile(view, &"alice".into()).methods;
        methods.iter().any(|method| method.id.as_str() == id && method.verified)
    }

    fn known(&self, id: &str) -> MethodCheck {
        let view = View { directory: &self.directory, state: &self.state };
        let methods = notify::profile(view, &"alice".into()).methods;
        let method = methods.iter().find(|method| method.id.as_str() == id).expect("a method");
        self.state.people().check(&"alice".into(), method).cloned().expect("something is known")
    }

    fn notices(&self, kind: NoticeKind) -> Vec<(String, String)> {
        let told = self.state.deliveries().filter_map(|delivery| {
            let notice = delivery.notice().filter(|notice| notice.kind == kind)?;
            Some((delivery.method.to_string(), format!("{}\n{}", notice.subject, notice.text)))
        });
        told.collect()
    }

    fn first_delivery(&self) -> String {
        self.state.deliveries().next().expect("a delivery").id.to_string()
    }

    fn quiet(&mut self, who: &str, from: (i8, i8), to: (i8, i8), breakthrough: Breakthrough) {
        let days = [Weekday::Monday, Weekday::Tuesday].into_iter().collect();
        let (from, to) = (time(from.0, from.1, 0, 0), time(to.0, to.1, 0, 0));
        let hours = vec![QuietHours { days, from, to, breakthrough }];
        let choices = vec![Preference::QuietHours(hours)];
        assert_eq!(self.act(who, Action::Prefer { person: who.into(), choices }), Reply::Done);
    }

    fn trigger_low(&mut self, key: &str) {
        self.event(key, EventKind::Trigger, |judged| {
            judged.decision.urgency = Some(Urgency::Low);
        });
    }

    fn held(&self) -> Vec<(String, Timestamp)> {
        let held = self.timeline.iter().filter_map(|entry| match &entry.kind {
            TimelineKind::Held { person, until, .. } => Some((person.to_string(), *until)),
            _ => None,
        });
        held.collect()
    }
}

fn refused(reply: Reply) -> Refusal {
    match reply {
        Reply::Refused(refusal) => refusal,
        Reply::Done => panic!("it was done"),
    }
}

#[test]
fn a_code_verifies_the_method_it_was_sent_to_and_works_once() {
    let mut world = World::with_sms();
    assert_eq!(world.code("sms"), Reply::Done);
    let told = world.notices(NoticeKind::Verification);
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].0, "sms");
    assert!(told[0].1.contains(notify::notice_words::CODE), "the code itself is written nowhere");
    assert_eq!(world.confirm("sms", RIGHT), Reply::Done);
    assert!(world.verified("sms"));
    assert_eq!(refused(world.confirm("sms", RIGHT)), Refusal::NoCode);
    assert!(matches!(refused(world.code("sms")), Refusal::Invalid(why) if why.contains("already")));
}

#[test]
fn five_wrong_codes_void_the_right_one() {
    let mut world = World::with_sms();
    world.code("sms");
    for left in [4, 3, 2, 1, 0] {
        assert_eq!(refused(world.confirm("sms", WRONG)), Refusal::WrongCode { left });
    }
    assert_eq!(refused(world.confirm("sms", RIGHT)), Refusal::NoCode);
    assert!(!world.verified("sms"));
    world.pass(1);
    assert_eq!(world.code("sms"), Reply::Done);
    assert_eq!(world.confirm("sms", RIGHT), Reply::Done);
}

#[test]
fn a_code_holds_ten_minutes_and_not_at_the_end_of_the_last() {
    let mut world = World::with_sms();
    world.code("sms");
    world.now += SignedDuration::from_mins(10);
    assert_eq!(refused(world.confirm("sms", RIGHT)), Refusal::NoCode);
    world.code("sms");
    world.now += SignedDuration::from_secs(599);
    assert_eq!(world.confirm("sms", RIGHT), Reply::Done);
}

#[test]
fn a_newer_code_takes_the_place_of_an_older_one() {
    let mut world = World::with_sms();
    let (person, method) = (PersonId::new("alice"), MethodId::new("sms"));
    for (salt, proof) in [([1; 32], [7; 32]), ([2; 32], [8; 32])] {
        let (person, method) = (person.clone(), method.clone());
        world.act("alice", Action::SendCode { person, method, salt, proof });
    }
    assert_eq!(refused(world.confirm("sms", [7; 32])), Refusal::WrongCode { left: 4 });
    assert_eq!(world.confirm("sms", [8; 32]), Reply::Done);
}

#[test]
fn three_codes_an_hour_go_to_one_method_and_twelve_to_one_person() {
    let mut world = World::with_sms();
    let first = world.now;
    for _ in 0..3 {
        assert_eq!(world.code("sms"), Reply::Done);
        world.pass(1);
    }
    let again_at = first + SignedDuration::from_hours(1);
    assert!(
        matches!(refused(world.code("sms")), Refusal::TooOften { again_at: at, .. } if at == again_at)
    );
    // Taken away and added again, under other names too: the person has had their codes.
    for n in 0..9 {
        let id = format!("phone{n}");
        world.put(&id, false);
        assert_eq!(world.code(&id), Reply::Done, "{n}");
        let (person, method) = ("alice".into(), id.as_str().into());
        world.act("alice", Action::RemoveMethod { person, method });
    }
    world.put("another", false);
    assert!(matches!(refused(world.code("another")), Refusal::TooOften { .. }));
    world.now = first + SignedDuration::from_hours(2);
    assert_eq!(world.code("another"), Reply::Done);
    let kept = world.state.people().checks(&"alice".into()).expect("known");
    assert!(kept.methods.len() <= 3, "nothing is kept of methods that are gone: {kept:?}");
}

#[test]
fn only_a_method_that_is_there_gets_a_code_or_a_test() {
    let mut world = World::with_sms();
    assert!(matches!(refused(world.code("pager")), Refusal::NotFound { .. }));
    assert!(matches!(refused(world.confirm("pager", RIGHT)), Refusal::NotFound { .. }));
    assert!(matches!(refused(world.test("pager")), Refusal::NotFound { .. }));
    assert!(
        matches!(refused(world.test("sms")), Refusal::Invalid(why) if why.contains("verified"))
    );
    assert_eq!(refused(world.confirm("sms", RIGHT)), Refusal::NoCode);
}

#[test]
fn a_test_shows_how_it_went() {
    let mut world = World::new();
    assert_eq!(world.test("email"), Reply::Done);
    assert_eq!(world.known("email").test.expect("a test").outcome, TestOutcome::UnderWay);
    let at = world.now;
    world.attempt(&world.first_delivery(), fail(FailureKind::Transient { retry_after_s: None }));
    assert_eq!(world.known("email").test.expect("a test").outcome, TestOutcome::UnderWay);
    world.attempt(&world.first_delivery(), done());
    assert_eq!(world.known("email").test.expect("a test").outcome, TestOutcome::Delivered { at });
    world.test("email");
    world.attempt(&world.first_delivery(), fail(FailureKind::Permanent));
    let outcome = world.known("email").test.expect("a test").outcome;
    assert_eq!(outcome, TestOutcome::Failed { at, reason: "no route".to_owned() });
    for _ in 0..3 {
        assert_eq!(world.test("email"), Reply::Done);
    }
    assert!(matches!(refused(world.test("email")), Refusal::TooOften { .. }), "five an hour");
}

#[test]
fn i07_an_undeliverable_method_is_marked_its_owner_told_elsewhere_and_no_longer_planned() {
    let mut world = World::new();
    world.put("webhook", true);
    let rules = vec![
        rule(Urgency::High, "email", 0),
        rule(Urgency::High, "webhook", 1),
        rule(Urgency::Low, "email", 0),
    ];
    world.act("alice", Action::SetRules { person: "alice".into(), rules });
    world.trigger("disk");
    world.attempt(&world.first_delivery(), fail(FailureKind::BadAddress));
    let mark = world.known("email").undeliverable.expect("a mark");
    assert_eq!((mark.since, mark.reason.as_str()), (world.now, "no route"));
    let told = world.notices(NoticeKind::Undeliverable);
    assert_eq!(told.len(), 1);
    assert!(told[0].0 == "webhook" && told[0].1.contains("no route"), "{told:?}");
    world.act("alice", Action::Acknowledge(FIRST));
    let before = world.pages().len();
    world.trigger("cpu");
    world.pass(1);
    assert_eq!(world.pages()[before..], ["alice via webhook"]);
    // What rules of low urgency name is all they name: it may work again, and the next method follows when not.
    world.act("alice", Action::Acknowledge(IncidentId(2)));
    let before = world.pages().len();
    world.trigger_low("net");
    assert_eq!(world.pages()[before..], ["alice via email"]);
}

#[test]
fn a_mark_goes_with_a_delivered_test_a_new_code_or_another_address() {
    let marked = || {
        let mut world = World::new();
        world.put("sms", true);
        world.test("sms");
        world.attempt(&world.first_delivery(), fail(FailureKind::BadAddress));
        assert!(world.known("sms").undeliverable.is_some());
        world
    };
    let mut world = marked();
    world.test("sms");
    let test =
        world.state.deliveries().find(|d| d.notice().is_some_and(|n| n.kind == NoticeKind::Test));
    let test = test.expect("a test").id.to_string();
    world.attempt(&test, done());
    assert!(world.known("sms").undeliverable.is_none());
    let mut world = marked();
    assert_eq!(world.code("sms"), Reply::Done, "verified, but not known to work");
    assert_eq!(world.confirm("sms", RIGHT), Reply::Done);
    assert!(world.known("sms").undeliverable.is_none());
    let mut world = marked();
    let moved = ContactMethod { address: "sms:2".to_owned(), ..method("sms", true) };
    world.act("alice", Action::PutMethod { person: "alice".into(), method: moved.clone() });
    assert_eq!(world.state.people().undeliverable(&"alice".into(), &moved), None);
}

#[test]
fn two_methods_that_tell_of_each_other_come_to_an_end() {
    let mut world = World::new();
    world.put("sms", true);
    world.test("sms");
    for _ in 0..10 {
        let Some(next) = world.state.deliveries().next().map(|d| d.id.to_string()) else { return };
        world.attempt(&next, fail(FailureKind::BadAddress));
    }
    panic!("still under way: {:?}", world.pending());
}

// 2026-03-02, the first day of these worlds, is a Monday; alice lives in UTC.

#[test]
fn i06_quiet_hours_hold_a_low_page_say_so_and_the_escalation_goes_on() {
    let mut world = World::new();
    world.quiet("alice", (8, 0), (12, 0), Breakthrough::HighUrgency);
    world.trigger_low("disk");
    assert_eq!(world.held(), [("alice".to_owned(), t("2026-03-02T12:00:00Z"))]);
    assert_eq!(world.pages(), ["bob via email"], "who can be told is told at once");
    assert!(world.has(|kind| matches!(kind, TimelineKind::StepSkipped { step: 0, .. })));
    world.now = t("2026-03-02T12:00:00Z");
    let key = world.state.due(world.now, 100).into_iter().map(|timer| timer.key);
    let notify = key.filter(|key| matches!(key, TimerKey::Notify { .. })).collect::<Vec<_>>();
    assert_eq!(notify.len(), 1, "held, not lost");
    world.input(Input::Due(notify[0].clone()));
    assert!(world.pending().contains(&"alice via email".to_owned()));
}

#[test]
fn what_is_held_is_taken_back_when_somebody_answers() {
    let mut world = World::new();
    world.quiet("alice", (8, 0), (12, 0), Breakthrough::HighUrgency);
    world.trigger_low("disk");
    world.act("bob", Action::Acknowledge(FIRST));
    world.pass(24 * 60);
    assert_eq!(world.pages(), ["bob via email"]);
    assert_eq!(world.state.all_prepared().count(), 0);
}

#[test]
fn high_urgency_breaks_through_unless_nothing_may() {
    let mut world = World::new();
    world.quiet("alice", (8, 0), (12, 0), Breakthrough::HighUrgency);
    world.trigger("disk");
    assert_eq!(world.pages(), ["alice via email"]);
    let mut world = World::new();
    world.quiet("alice", (8, 0), (12, 0), Breakthrough::Nothing);
    world.trigger("disk");
    assert_eq!(world.pages(), ["bob via email"]);
    let mut world = World::new();
    world.quiet("alice", (8, 0), (12, 0), Breakthrough::Priority(Priority::P2));
    world.event("disk", EventKind::Trigger, |judged| {
        judged.decision.urgency = Some(Urgency::Low);
        judged.decision.priority = Some("P2".to_owned());
    });
    assert_eq!(world.pages(), ["alice via email"]);
}

#[test]
fn a_rule_whose_delay_ends_in_quiet_hours_waits_for_their_end_and_one_that_ends_after_does_not() {
    let mut world = World::new();
    world.quiet("alice", (9, 2), (9, 30), Breakthrough::Nothing);
    let rules = vec![rule(Urgency::High, "email", 5)];
    world.act("alice", Action::SetRules { person: "alice".into(), rules });
    world.trigger("disk");
    assert_eq!(world.held(), [("alice".to_owned(), t("2026-03-02T09:30:00Z"))]);
    let mut world = World::new();
    world.quiet("alice", (8, 0), (9, 3), Breakthrough::Nothing);
    let rules = vec![rule(Urgency::High, "email", 5)];
    world.act("alice", Action::SetRules { person: "alice".into(), rules });
    world.trigger("disk");
    assert_eq!(world.held(), []);
    world.pass(5);
    assert_eq!(world.pages()[0], "alice via email");
}

#[test]
fn i11_the_fallback_rings_in_quiet_hours_for_high_urgency_and_waits_for_low() {
    for (low, pages) in [(false, vec!["carol via email"]), (true, vec![])] {
        let mut world = World::new();
        for who in ["alice", "bob", "carol"] {
            world.quiet(who, (8, 0), (12, 0), Breakthrough::Nothing);
        }
        if low {
            world.trigger_low("disk");
        } else {
            world.trigger("disk");
        }
        assert_eq!(world.pages(), pages);
        world.pass(30);
        // Round two of the fallback adds no second page at noon.
        assert_eq!(
            world.state.all_prepared().filter(|d| d.person.as_str() == "carol").count(),
            usize::from(low)
        );
        world.pass(24 * 60);
        assert!(world.pending().contains(&"alice via email".to_owned()), "held, not lost");
    }
}

#[test]
fn i11_quiet_hours_without_an_end_do_not_silence_the_fallback() {
    let mut world = World::new();
    for who in ["alice", "bob", "carol"] {
        let midnight = time(0, 0, 0, 0);
        let breakthrough = Breakthrough::Nothing;
        let hours = QuietHours { days: Weekdays::ALL, from: midnight, to: midnight, breakthrough };
        let choices = vec![Preference::QuietHours(vec![hours])];
        world.act(who, Action::Prefer { person: who.into(), choices });
    }
    world.trigger_low("disk");
    assert_eq!(world.pages(), ["carol via email"]);
}

#[test]
fn each_choice_leaves_the_others_as_they_are() {
    let mut world = World::new();
    world.quiet("alice", (8, 0), (12, 0), Breakthrough::Nothing);
    let slack = ChannelPreference {
        channel: "slack".to_owned(),
        status_updates: false,
        resolve_notices: true,
    };
    let choices = vec![
        Preference::Language(Some(Language::Japanese)),
        Preference::Channel(slack.clone()),
        Preference::Channel(ChannelPreference { resolve_notices: false, ..slack.clone() }),
    ];
    world.act("alice", Action::Prefer { person: "alice".into(), choices });
    let view = View { directory: &world.directory, state: &world.state };
    let kept = notify::profile(view, &"alice".into()).preferences;
    assert_eq!(kept.quiet_hours.len(), 1);
    assert_eq!(kept.channels, [ChannelPreference { resolve_notices: false, ..slack }]);
    assert_eq!(notify::language(view, &"alice".into()), Language::Japanese);
    assert!(kept.of_channel("email").status_updates, "nothing chosen: everything");
    let nobody = Action::Prefer { person: "zoe".into(), choices: Vec::new() };
    assert_eq!(refused(world.act("alice", nobody)), Refusal::NoPerson("zoe".to_owned()));
    let endless = (0..33).map(|_| QuietHours {
        days: Weekdays::ALL,
        from: time(0, 0, 0, 0),
        to: time(1, 0, 0, 0),
        breakthrough: Breakthrough::Nothing,
    });
    let choices = vec![Preference::QuietHours(endless.collect())];
    let too_many = Action::Prefer { person: "alice".into(), choices };
    assert!(matches!(refused(world.act("alice", too_many)), Refusal::Invalid(_)));
}
