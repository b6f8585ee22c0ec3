//! Escalation: targets, strategies, conditions, several acknowledgements, the policy's timers, responders.

use super::*;
use crate::escalate::{self, Question};

const NOBODY: [&str; 0] = [];
const MINUTE: SignedDuration = SignedDuration::from_mins(1);

fn policy(steps: Vec<Step>) -> EscalationPolicy {
    EscalationPolicy::new("shop".into(), steps, 1)
}

fn hours(zone: &str, window: &str) -> Hours {
    let time_zone = jiff::tz::TimeZone::get(zone).expect(zone);
    Hours { time_zone, windows: vec![Window::parse(window).expect(window)] }
}

impl World {
    fn with_team(mut self, members: &[&str]) -> Self {
        let members = members.iter().map(|id| (*id).into()).collect();
        let team = Team { id: "crew".into(), name: "Crew".to_owned(), members };
        self.directory.teams.insert("crew".into(), team);
        self
    }

    fn with_room(mut self) -> Self {
        let (channel, address) = ("chat".to_owned(), "C1".to_owned());
        let room = Room { id: "ops".into(), name: "Ops".to_owned(), channel, address };
        self.directory.rooms.insert("ops".into(), room);
        self
    }

    /// Whom the pages were for since the last call.
    fn rung(&mut self) -> Vec<String> {
        let paged = self.timeline.iter().filter_map(|entry| match &entry.kind {
            TimelineKind::Paged { person, .. } => Some(person.to_string()),
            _ => None,
        });
        let rung = paged.collect();
        self.timeline.clear();
        rung
    }

    fn not_paged(&self) -> Vec<NotPagedReason> {
        let why = self.timeline.iter().filter_map(|entry| match &entry.kind {
            TimelineKind::NotPaged(why) => Some(why.clone()),
            _ => None,
        });
        why.collect()
    }

    fn acknowledge(&mut self, who: &str) {
        assert_eq!(self.act(who, Action::Acknowledge(FIRST)), Reply::Done);
    }

    fn status(&self) -> IncidentStatus {
        self.incident(1).status
    }

    fn respond(&mut self, people: &[&str]) -> Reply {
        let people = people.iter().map(|id| (*id).into()).collect();
        self.act("alice", Action::AddResponders { incident: FIRST, people })
    }
}

#[test]
fn a_team_is_told_together_as_it_is_now() {
    let team = Target::Team("crew".into());
    let steps = vec![step(&[team.clone(), to("bob")], 5)];
    let mut world = World::with_policy(policy(steps)).with_team(&["bob", "gone", "alice"]);
    world.trigger("disk");
    let unknown = NotPagedReason::UnknownTarget(to("gone"));
    assert_eq!(world.not_paged(), [unknown, NotPagedReason::AlreadyInStep("bob".into())]);
    assert_eq!(world.rung(), ["bob", "alice"]);
    world.directory.teams.clear();
    world.pass(5);
    assert!(world.not_paged().contains(&NotPagedReason::UnknownTarget(team)));
    assert_eq!(world.rung(), ["bob"]);
}

#[test]
fn next_on_call_is_who_takes_over() {
    let steps = vec![step(&[Target::Next("primary".into())], 5)];
    let mut world = World::with_policy(policy(steps));
    let turn = Turn { count: 1, unit: TurnUnit::Weeks };
    let start = "2026-01-05T09:00".parse().expect("time");
    let people = ["alice", "alice", "bob"].map(|id| Some(id.into())).to_vec();
    let layer = Layer::new("week", start, turn, people);
    let primary = Schedule::new("primary".into(), jiff::tz::TimeZone::UTC, vec![layer]);
    world.directory.schedules.insert("primary".into(), Arc::new(primary));
    // 2 March is the ninth week: bob's; alice has the two after it.
    world.trigger("disk");
    assert_eq!(world.rung(), ["alice"]);
    world.now = t("2026-03-09T10:00:00Z");
    world.trigger("cpu");
    assert!(world.rung().ends_with(&["bob".to_owned()]), "not alice's own second week");
}

#[test]
fn a_room_is_told_once_and_is_nobody() {
    let steps = vec![step(&[Target::Room("ops".into())], 5), step(&[to("alice")], 10)];
    let mut world = World::with_policy(policy(steps)).with_room();
    world.trigger("disk");
    assert!(world.rung().is_empty());
    let post = world.state.posts_of(FIRST).next().cloned().expect("it waits");
    assert_eq!((post.address.as_str(), post.person.room()), ("C1", Some("ops".into())));
    assert!(!post.is_page());
    world.attempt(post.id.as_str(), fail(FailureKind::Permanent));
    assert!(world.rung().is_empty(), "nothing follows when it fails");
    world.pass(5);
    assert_eq!(world.rung(), ["alice"], "the delay is kept");
    world.pass(10);
    assert!(world.state.posts_of(FIRST).next().is_some(), "the next pass tells it again");
    world.acknowledge("alice");
    assert!(world.state.posts_of(FIRST).next().is_none(), "I12: taken back");
}

#[test]
fn i11_a_pass_that_told_rooms_only_paged_nobody() {
    let steps = vec![step(&[Target::Room("ops".into())], 5)];
    let mut world = World::with_policy(EscalationPolicy::new("shop".into(), steps, 9)).with_room();
    world.trigger("disk");
    world.pass(5);
    assert_eq!(world.rung(), ["carol"], "the fallback, and not nine passes of a chat room");
}

#[test]
fn a_round_robin_begins_each_incident_and_each_pass_with_the_next() {
    let one = Step {
        strategy: StepStrategy::RoundRobin,
        ..step(&[Target::Team("crew".into()), to("carol")], 5)
    };
    let mut world = World::with_policy(policy(vec![one])).with_team(&["alice", "bob"]);
    for (key, who) in [("a", "alice"), ("b", "bob"), ("c", "carol"), ("d", "alice")] {
        world.trigger(key);
        assert_eq!(world.not_paged().len(), 2, "I6: whose turn it is not");
        assert_eq!(world.rung(), [who], "{key}");
    }
    world.pass(5);
    assert_eq!(world.rung(), ["bob", "carol", "alice", "bob"], "each goes on from its own place");
}

#[test]
fn a_round_robin_passes_over_who_cannot_be_reached() {
    let one = Step {
        strategy: StepStrategy::RoundRobin,
        ..step(&[to("alice"), to("bob"), to("carol")], 5)
    };
    let mut world = World::with_policy(policy(vec![one]));
    let (person, method) = ("alice".into(), "email".into());
    world.act("alice", Action::RemoveMethod { person, method });
    world.trigger("a");
    assert_eq!(world.rung(), ["bob"]);
    world.trigger("b");
    assert_eq!(world.rung(), ["bob"]);
    world.trigger("c");
    assert_eq!(world.rung(), ["carol"]);
}

#[test]
fn i06_a_step_whose_conditions_do_not_hold_is_skipped_at_once_with_the_reason() {
    let low = Conditions { urgency: Some(Urgency::Low), ..Conditions::default() };
    let p1 = Conditions { priorities: vec![Priority::P1], ..Conditions::default() };
    let night = Conditions { hours: Some(hours("Asia/Tokyo", "22:00-06:00")), ..low.clone() };
    let night = Conditions { urgency: None, ..night };
    let inside = Conditions { support_hours: Some(Side::Outside), ..Conditions::default() };
    let conditional = |conditions| Step { conditions, ..step(&[to("alice")], 5) };
    let steps = [low, p1, night, inside].map(conditional);
    let mut world =
        World::with_policy(policy([steps.to_vec(), vec![step(&[to("bob")], 5)]].concat()));
    world.trigger("disk");
    let reasons = world.timeline.iter().filter_map(|entry| match &entry.kind {
        TimelineKind::StepNotMet { step, reason, .. } => Some((*step, reason.clone())),
        _ => None,
    });
    let reasons: Vec<_> = reasons.collect();
    let expected = [
        "the urgency is high, not low",
        "the priority is none, not P1",
        "it is Monday 18:00 JST, outside of the step's hours",
        "it is within support hours",
    ];
    let expected = expected.iter().enumerate().map(|(n, why)| (n, (*why).to_owned()));
    let expected: Vec<_> = expected.collect();
    assert_eq!(reasons, expected);
    assert_eq!(world.rung(), ["bob"]);
}

#[test]
fn conditions_are_looked_at_in_each_pass_anew() {
    let many = Conditions { alerts: Some(2), ..Conditions::default() };
    let many = Step { conditions: many, ..step(&[to("alice")], 5) };
    let mut world = World::with_policy(policy(vec![many, step(&[to("bob")], 5)]));
    let grouped = |judged: &mut JudgedEvent| judged.decision.group_key = Some("g".to_owned());
    world.event("a", EventKind::Trigger, grouped);
    assert_eq!(world.rung(), ["bob"], "one alert fires");
    world.event("b", EventKind::Trigger, grouped);
    world.pass(5);
    assert_eq!(world.rung(), ["alice"], "two do");
}

#[test]
fn two_must_acknowledge_and_it_rings_on_for_the_others() {
    let two = Step { acknowledgements: Some(2), ..step(&[to("alice"), to("bob")], 5) };
    let mut world = World::with_policy(policy(vec![two, step(&[to("carol")], 10)]));
    world.trigger("disk");
    world.acknowledge("alice");
    world.acknowledge("alice");
    assert_eq!(world.status(), IncidentStatus::Triggered, "alice counts once");
    assert!(world.has(|k| *k == TimelineKind::AcknowledgedInPart { have: 1, needed: 2 }));
    assert_eq!(world.pending(), ["bob via email"], "whoever has answered is not paged");
    world.rung();
    world.pass(5);
    assert_eq!(world.rung(), ["carol"], "it goes on escalating");
    world.pass(10);
    assert_eq!(world.not_paged(), [NotPagedReason::HasAnswered("alice".into())]);
    assert_eq!(world.rung(), ["bob"]);
    world.acknowledge("bob");
    assert_eq!(world.status(), IncidentStatus::Acknowledged);
    assert_eq!(world.incident(1).escalation.answers.len(), 2);
    world.pass(24 * 60);
    assert!(world.rung().is_empty());
}

#[test]
fn when_all_who_were_told_have_answered_the_next_are_told_at_once() {
    let steps = vec![step(&[to("alice")], 5), step(&[to("bob")], 10)];
    let mut world = World::with_policy(EscalationPolicy { acknowledgements: 2, ..policy(steps) });
    world.trigger("disk");
    world.acknowledge("alice");
    assert_eq!(world.rung(), ["alice", "bob"]);
}

#[test]
fn an_admin_and_a_monitor_answer_for_all() {
    let two = || EscalationPolicy { acknowledgements: 2, ..policy(vec![step(&[to("alice")], 5)]) };
    let mut world = World::with_policy(two());
    world.trigger("disk");
    let by = Actor::Admin("ci".to_owned());
    world.input(Input::Action { by, via: None, action: Action::Acknowledge(FIRST) });
    assert_eq!(world.status(), IncidentStatus::Acknowledged);
    let mut world = World::with_policy(two());
    world.trigger("disk");
    world.event("disk", EventKind::Acknowledge, |_| {});
    assert_eq!(world.status(), IncidentStatus::Acknowledged);
}

#[test]
fn with_nobody_else_to_ring_those_who_answered_have_it() {
    let steps = vec![step(&[to("alice")], 5)];
    let mut world = World::with_policy(EscalationPolicy { acknowledgements: 3, ..policy(steps) });
    world.trigger("disk");
    world.acknowledge("alice");
    assert_eq!(world.rung(), ["alice", "carol"], "the fallback");
    world.acknowledge("carol");
    assert!(world.has(|k| *k == TimelineKind::NobodyElse { have: 2, needed: 3 }));
    assert_eq!(world.status(), IncidentStatus::Acknowledged);
    assert_eq!(world.incident(1).acknowledged_by.as_deref(), Some("carol"));
}

#[test]
fn i12_a_room_that_is_told_as_those_who_answered_get_the_incident_is_not_told() {
    let steps = vec![step(&[to("alice")], 5)];
    let two = EscalationPolicy { acknowledgements: 2, repeat: 0, ..policy(steps) };
    let mut world = World::with_policy(two).with_room();
    world.directory.fallback = vec![to("alice"), Target::Room("ops".into())];
    world.trigger("disk");
    world.acknowledge("alice");
    assert_eq!(world.status(), IncidentStatus::Acknowledged, "there is nobody else");
    assert!(world.state.posts_of(FIRST).next().is_none(), "nothing that rings is left");
}

#[test]
fn i12_a_page_that_would_wait_for_waking_hours_as_others_get_the_incident_does_not_wait() {
    let steps = vec![step(&[to("alice")], 5), step(&[to("bob")], 5)];
    let two = EscalationPolicy { acknowledgements: 2, repeat: 0, ..policy(steps) };
    let mut world = World::with_policy(two);
    world.directory.fallback = vec![to("alice")];
    let always = QuietHours {
        days: Weekdays::ALL,
        from: jiff::civil::time(0, 0, 0, 0),
        to: jiff::civil::time(23, 0, 0, 0),
        breakthrough: Breakthrough::Nothing,
    };
    let choices = vec![Preference::QuietHours(vec![always])];
    assert_eq!(world.act("bob", Action::Prefer { person: "bob".into(), choices }), Reply::Done);
    world.trigger("disk");
    world.acknowledge("alice");
    assert_eq!(
        world.status(),
        IncidentStatus::Acknowledged,
        "bob sleeps, and there is nobody else"
    );
    assert_eq!(world.state.all_prepared().count(), 0);
}

#[test]
fn i07_what_is_taken_back_twice_in_one_decision_leaves_the_message_to_the_others_in_it() {
    let steps = vec![step(&[to("alice")], 60)];
    let two = EscalationPolicy { acknowledgements: 2, repeat: 0, ..policy(steps) };
    let mut world = World::with_policy(two);
    world.directory.fallback = vec![to("alice")];
    for key in ["a", "b", "c", "d", "e"] {
        world.trigger(key);
    }
    world.pass(1);
    let message =
        world.state.deliveries().find(|one| one.is_bundle()).cloned().expect("one of two");
    assert_eq!(message.about().len(), 2);
    let answered = message.about()[0];
    assert_eq!(world.act("alice", Action::Acknowledge(answered)), Reply::Done);
    assert_eq!(world.incident(answered.0).status, IncidentStatus::Acknowledged);
    assert!(world.state.delivery(&message.id).is_some(), "the other one still rings");
}

#[test]
fn a_snooze_that_is_not_the_last_answer_wanted_counts_as_one() {
    let steps = vec![step(&[to("alice"), to("bob")], 5)];
    let mut world = World::with_policy(EscalationPolicy { acknowledgements: 2, ..policy(steps) });
    world.trigger("disk");
    let until = world.now + SignedDuration::from_hours(1);
    let snooze = Action::Snooze { incident: FIRST, until };
    world.act("alice", snooze.clone());
    assert_eq!(
        (world.status(), world.incident(1).snoozed_until),
        (IncidentStatus::Triggered, None)
    );
    world.act("bob", snooze);
    assert_eq!(world.incident(1).snoozed_until, Some(until));
    world.pass(60);
    assert_eq!(world.incident(1).escalation.answers, [], "and everybody is to answer again");
}

#[test]
fn acknowledged_for_too_long_it_rings_again_unless_it_is_snoozed() {
    let hour = SignedDuration::from_hours(1);
    let steps = vec![step(&[to("alice")], 5)];
    let policy = EscalationPolicy { acknowledge_timeout: Some(hour), ..policy(steps) };
    let mut world = World::with_policy(policy);
    world.trigger("disk");
    world.acknowledge("alice");
    world.pass(50);
    world.acknowledge("alice");
    world.rung();
    world.pass(59);
    assert_eq!(world.rung(), NOBODY, "saying so again begins the hour anew");
    world.pass(1);
    assert!(world.has(|k| matches!(k, TimelineKind::Retriggered { reason }
        if reason == "acknowledged 1h ago and not resolved")));
    assert_eq!(world.rung(), ["alice"]);
    let until = world.now + SignedDuration::from_hours(5);
    world.act("alice", Action::Snooze { incident: FIRST, until });
    world.pass(299);
    assert_eq!(world.rung(), NOBODY);
    world.pass(1);
    assert_eq!(world.rung(), ["alice"], "the snooze is over");
}

#[test]
fn without_news_and_untouched_it_resolves_and_a_new_trigger_opens_anew() {
    let hour = SignedDuration::from_hours(1);
    let steps = vec![step(&[to("alice")], 5)];
    let mut world =
        World::with_policy(EscalationPolicy { resolve_after: Some(hour), ..policy(steps) });
    world.trigger("disk");
    world.pass(40);
    world.trigger("disk");
    world.pass(40);
    world.act("bob", Action::Note { incident: FIRST, text: "looking".to_owned() });
    world.pass(59);
    assert!(world.state.incident(FIRST).is_some(), "an event and a note were news");
    world.pass(1);
    assert!(world.state.incident(FIRST).is_none());
    assert!(world.has(|k| *k == TimelineKind::AutoResolved { after: hour }));
    assert_eq!(world.state.alerts().count(), 0, "its alerts are over");
    assert_eq!(world.trigger("disk"), Fate::Opened(IncidentId(2)), "never silence");
}

#[test]
fn a_snooze_holds_off_resolving_for_want_of_news() {
    let hour = SignedDuration::from_hours(1);
    let steps = vec![step(&[to("alice")], 5)];
    let mut world =
        World::with_policy(EscalationPolicy { resolve_after: Some(hour), ..policy(steps) });
    world.trigger("disk");
    let until = world.now + SignedDuration::from_hours(3);
    world.act("alice", Action::Snooze { incident: FIRST, until });
    world.pass(180);
    assert_eq!(world.status(), IncidentStatus::Triggered, "it rings again first");
    world.pass(60);
    assert!(world.state.incident(FIRST).is_none());
}

#[test]
fn the_same_people_are_paged_again_in_growing_intervals() {
    let steps = vec![step(&[to("alice")], 60), step(&[to("bob")], 10)];
    let repage = vec![MINUTE * 5, MINUTE * 15];
    let mut world = World::with_policy(EscalationPolicy { repage, ..policy(steps) });
    world.trigger("disk");
    let mut ids = std::collections::BTreeSet::new();
    for minutes in [5, 15, 15, 15] {
        ids.extend(world.state.deliveries().map(|one| one.id.to_string()));
        world.pass(minutes - 1);
        world.rung();
        world.pass(1);
        assert_eq!(world.rung(), ["alice"]);
    }
    ids.extend(world.state.deliveries().map(|one| one.id.to_string()));
    assert_eq!(ids.len(), 5, "I4: each has a name of its own");
    world.pass(10);
    assert_eq!(world.rung(), ["bob"], "the next step, and alice's time is over");
    world.pass(5);
    assert_eq!(world.rung(), ["bob"], "the intervals begin anew");
    world.acknowledge("bob");
    world.pass(24 * 60);
    assert_eq!(world.rung(), NOBODY);
}

#[test]
fn the_fallback_is_paged_again_in_between() {
    let repage = vec![MINUTE * 10];
    let mut world = World::with_policy(EscalationPolicy { repage, ..policy(Vec::new()) });
    world.trigger("disk");
    world.pass(59);
    assert_eq!(world.rung().len(), 6, "at 0, 10, 20, 30, 40 and 50 minutes");
}

#[test]
fn a_silence_pauses_paging_again() {
    let repage = vec![MINUTE * 2];
    let steps = vec![step(&[to("alice")], 10)];
    let mut world = World::with_policy(EscalationPolicy { repage, ..policy(steps) });
    world.trigger("disk");
    let id = world.state.deliveries().next().expect("a page").id.to_string();
    world.attempt(&id, done());
    world.rung();
    let silence = silence("s", "source=web1", world.now, 30);
    world.act("alice", Action::PutSilence(silence));
    world.pass(30);
    assert_eq!(world.rung(), NOBODY);
    world.pass(2);
    assert_eq!(world.rung(), ["alice"]);
}

fn supported(mut world: World) -> World {
    let support_hours = SupportHours {
        hours: hours("Europe/Berlin", "mon-fri 09:00-17:00"),
        inside: Urgency::High,
        outside: Urgency::Low,
    };
    let shop = world.directory.services.get_mut("shop").expect("the service");
    shop.support_hours = Some(Arc::new(support_hours));
    world
}

#[test]
fn support_hours_say_how_loud_and_their_start_rings_what_waited() {
    let mut world = supported(World::new());
    world.now = t("2026-03-02T03:00:00Z");
    world.trigger("disk");
    assert_eq!(world.incident(1).urgency, Urgency::Low);
    world.pass(5 * 60 - 1);
    world.rung();
    world.pass(1);
    assert_eq!(world.now, t("2026-03-02T08:00:00Z"), "nine in Berlin");
    assert_eq!(world.incident(1).urgency, Urgency::High);
    assert!(world.has(|k| *k == TimelineKind::UrgencyRaisedByHours));
    assert!(world.rung().contains(&"alice".to_owned()), "from step 1");
    world.trigger("cpu");
    assert_eq!(world.incident(2).urgency, Urgency::High);
}

/// It began anew, still paused, and the timer that ends the pause was gone: silence for ever.
#[test]
fn i11_support_hours_that_begin_during_a_silence_do_not_outlive_it() {
    let mut world = supported(World::new());
    world.now = t("2026-03-02T07:30:00Z");
    world.trigger("disk");
    let silence = Silence {
        id: "s".into(),
        matchers: vec![Matcher::parse("source=web1").expect("a matcher")],
        time: QuietTime { starts_at: world.now, ends_at: t("2026-03-02T09:00:00Z"), weekly: None },
        created_by: "alice".to_owned(),
        comment: String::new(),
        created_at: world.now,
        history: Vec::new(),
    };
    world.act("alice", Action::PutSilence(silence));
    world.rung();
    world.pass(89);
    assert_eq!(world.incident(1).urgency, Urgency::High);
    assert_eq!(world.rung(), NOBODY);
    world.pass(1);
    assert_eq!(world.rung(), ["alice"], "the silence is over");
}

#[test]
fn support_hours_leave_alone_what_a_router_decided_and_ring_nobody_who_has_it() {
    let mut world = supported(World::new());
    world.now = t("2026-03-02T03:00:00Z");
    world.event("quiet", EventKind::Trigger, |judged| judged.decision.urgency = Some(Urgency::Low));
    world.trigger("disk");
    world.act("bob", Action::Acknowledge(IncidentId(2)));
    world.pass(5 * 60 - 1);
    world.rung();
    world.pass(1);
    assert_eq!(world.incident(1).urgency, Urgency::Low);
    assert_eq!(world.incident(2).urgency, Urgency::High, "should it ring again, then loudly");
    assert_eq!(world.incident(2).status, IncidentStatus::Acknowledged);
}

#[test]
fn responders_are_paged_too_and_nobody_is_taken_away() {
    let mut world = World::new();
    world.trigger("disk");
    assert_eq!(world.respond(&["bob", "alice"]), Reply::Done);
    assert_eq!(world.not_paged(), [NotPagedReason::AlreadyInStep("alice".into())]);
    assert_eq!(world.rung(), ["alice", "bob"]);
    assert_eq!(world.pending().len(), 2);
    world.acknowledge("bob");
    assert_eq!(world.pending(), NOBODY, "while it rings an answer is everybody's (I12)");
    assert_eq!(world.incident(1).acknowledged_by.as_deref(), Some("bob"));
}

#[test]
fn whoever_has_it_can_ask_for_help_and_keeps_it() {
    let mut world = World::new();
    world.trigger("disk");
    world.acknowledge("alice");
    world.rung();
    world.respond(&["bob", "carol"]);
    assert_eq!(world.rung(), ["bob", "carol"]);
    world.acknowledge("alice");
    assert_eq!(world.pending().len(), 2, "alice's word does not answer for them");
    world.acknowledge("bob");
    assert!(world.has(|k| *k == TimelineKind::Responded));
    assert_eq!(world.pending(), ["carol via email"]);
    assert_eq!(world.incident(1).acknowledged_by.as_deref(), Some("alice"));
    world.act("alice", Action::Resolve(FIRST));
    assert_eq!(world.pending(), NOBODY);
}

#[test]
fn responders_are_known_people_and_not_too_many() {
    let mut world = World::new();
    world.trigger("disk");
    let no_person = Reply::Refused(Refusal::NoPerson("zoe".to_owned()));
    assert_eq!(world.respond(&["zoe"]), no_person);
    assert!(matches!(world.respond(&[]), Reply::Refused(Refusal::Invalid(_))));
    assert_eq!(world.rung(), ["alice"]);
}

#[test]
fn i05_all_of_it_is_the_policy_it_opened_with() {
    let steps = vec![step(&[to("alice")], 5), step(&[to("bob")], 10)];
    let repage = vec![MINUTE];
    let mut world = World::with_policy(EscalationPolicy {
        repage,
        acknowledgements: 2,
        resolve_after: Some(MINUTE * 60),
        ..policy(steps)
    });
    world.trigger("disk");
    let other = policy(vec![step(&[to("carol")], 1)]);
    world.directory.policies.insert("shop".into(), Arc::new(other));
    world.acknowledge("carol");
    assert_eq!(world.status(), IncidentStatus::Triggered);
    world.rung();
    world.pass(2);
    assert_eq!(world.rung(), ["alice", "alice"]);
    world.pass(120);
    assert!(world.state.incident(FIRST).is_none());
}

#[test]
fn an_explanation_is_what_then_happens() {
    let one = Step { strategy: StepStrategy::RoundRobin, ..step(&[to("alice"), to("bob")], 7) };
    let low = Conditions { urgency: Some(Urgency::Low), ..Conditions::default() };
    let low = Step { conditions: low, ..step(&[to("carol")], 3) };
    let room = step(&[Target::Room("ops".into()), to("bob")], 20);
    let policy = EscalationPolicy { repage: vec![MINUTE * 4], ..policy(vec![one, low, room]) };
    let mut world = World::with_policy(policy).with_room();
    let rules = vec![rule(Urgency::High, "email", 0)];
    world.act("bob", Action::SetRules { person: "bob".into(), rules });
    let question = Question {
        policy: "shop".into(),
        service: Some("shop".into()),
        urgency: None,
        priority: None,
        at: world.now,
    };
    let view = View { directory: &world.directory, state: &world.state };
    let told = escalate::explain(view, &question).expect("a policy");
    assert!(!told.cut);
    assert_eq!((told.service.as_str(), told.urgency), ("shop", Urgency::High));
    world.timeline.clear();
    world.trigger("disk");
    world.pass(7 + 20 + 7 + 20 + 60 - 1);
    let shown = |kind: &TimelineKind| !matches!(kind, TimelineKind::Opened { .. });
    let happened = world.timeline.iter().filter(|entry| shown(&entry.kind));
    let lines = |entries: &[TimelineEntry]| -> Vec<_> {
        entries.iter().map(|entry| (entry.at, entry.kind.clone())).collect()
    };
    let happened: Vec<_> = happened.cloned().collect();
    assert_eq!(lines(&told.entries), lines(&happened));
    assert!(
        escalate::explain(
            View { directory: &world.directory, state: &world.state },
            &Question { policy: "none".into(), ..question }
        )
        .is_none()
    );
}
