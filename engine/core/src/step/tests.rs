//! The promises of `decide`, told through a small world with a manual clock.

use crate::invariant;
use crate::model::*;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;
use std::sync::Arc;

mod duty;
mod ladder;
mod life;
mod notices;
mod people;
mod quiet;
mod receipts;
mod updates;

struct World {
    directory: Directory,
    state: State,
    now: Timestamp,
    timeline: Vec<TimelineEntry>,
    last: Transition,
    events: u64,
}

fn t(text: &str) -> Timestamp {
    text.parse().expect(text)
}

fn person(id: &str) -> Person {
    Person {
        id: id.into(),
        name: id.to_owned(),
        email: Some(format!("{id}@example.org")),
        time_zone: jiff::tz::TimeZone::UTC,
        language: "en".to_owned(),
    }
}

fn step(targets: &[Target], minutes: i64) -> Step {
    Step::new(targets.to_vec(), SignedDuration::from_mins(minutes))
}

fn to(id: &str) -> Target {
    Target::Person(id.into())
}

impl World {
    /// Policy `shop`: alice for 5 minutes, bob for 10, once more; then carol, the fallback.
    fn new() -> Self {
        let steps = vec![step(&[to("alice")], 5), step(&[to("bob")], 10)];
        Self::with_policy(EscalationPolicy::new("shop".into(), steps, 1))
    }

    fn with_policy(policy: EscalationPolicy) -> Self {
        let people = ["alice", "bob", "carol"].map(|id| (PersonId::new(id), person(id)));
        let service = Service {
            id: "shop".into(),
            name: "Shop".to_owned(),
            policy: policy.id.clone(),
            urgency: None,
            support_hours: None,
            reopen_within: SignedDuration::ZERO,
            team: None,
            subscribers: Vec::new(),
        };
        let integration = Integration { id: "nagios".into(), service: "shop".into() };
        let directory = Directory {
            people: BTreeMap::from(people),
            services: BTreeMap::from([(service.id.clone(), service)]),
            integrations: BTreeMap::from([(integration.id.clone(), integration)]),
            policies: BTreeMap::from([(policy.id.clone(), Arc::new(policy))]),
            schedules: BTreeMap::new(),
            fallback: vec![to("carol")],
            ..Directory::default()
        };
        Self {
            directory: directory.with_built_in(),
            state: State::default(),
            now: t("2026-03-02T09:00:00Z"),
            timeline: Vec::new(),
            last: Transition::default(),
            events: 0,
        }
    }

    fn input(&mut self, input: Input) -> &Transition {
        let view = View { directory: &self.directory, state: &self.state };
        self.last = crate::decide(view, &input, self.now);
        self.state.apply(&self.last.changes);
        self.timeline.extend(self.last.timeline.clone());
        assert_eq!(invariant::violations(&self.state), Vec::<String>::new(), "after {input:?}");
        &self.last
    }

    fn judged(&mut self, key: &str, kind: EventKind) -> JudgedEvent {
        self.events += 1;
        JudgedEvent {
            event: Arc::new(Event {
                id: EventId(self.events),
                integration: "nagios".into(),
                received_at: self.now,
                kind,
                dedup_key: key.into(),
                title: format!("{key} is down"),
                severity: Severity::Critical,
                starts_at: None,
                expires_at: None,
                source: "web1".to_owned(),
                links: Vec::new(),
                images: Vec::new(),
                labels: BTreeMap::from([("key".to_owned(), key.to_owned())]),
                details: String::new(),
                attributes: Vec::new(),
            }),
            verdict: Verdict::Pass,
            decision: RouteDecision::default(),
            stages: Vec::new(),
        }
    }

    fn event(&mut self, key: &str, kind: EventKind, change: impl FnOnce(&mut JudgedEvent)) -> Fate {
        let mut judged = self.judged(key, kind);
        change(&mut judged);
        let transition = self.input(Input::Event(Box::new(judged)));
        transition.outcome.clone().expect("every event has an outcome (I6)").fate
    }

    fn trigger(&mut self, key: &str) -> Fate {
        self.event(key, EventKind::Trigger, |_| {})
    }

    fn resolve(&mut self, key: &str) -> Fate {
        self.event(key, EventKind::Resolve, |_| {})
    }

    fn act(&mut self, who: &str, action: Action) -> Reply {
        let by = Actor::Person(who.into());
        let reply = self.input(Input::Action { by, via: None, action }).reply.clone();
        // As in the pipeline: what an action makes due now is decided with it.
        self.pass(0);
        reply
    }

    /// Moves the clock, deciding everything that becomes due at its own time.
    fn pass(&mut self, minutes: i64) {
        let until = self.now + SignedDuration::from_mins(minutes);
        while let Some(due) = self.state.next_due().filter(|due| *due <= until) {
            self.now = due;
            for timer in self.state.due(due, 100) {
                self.input(Input::Due(timer.key.clone()));
            }
        }
        self.now = until;
    }

    fn attempt(&mut self, delivery: &str, result: AttemptResult) {
        let found = self.state.deliveries().find(|d| d.id.as_str() == delivery).cloned();
        let delivery = found.expect("the delivery is pending");
        self.input(Input::Attempt(Attempt { delivery, started_at: self.now, result }));
    }

    /// `person via method`, in the order in which they were decided, of all pages so far.
    fn pages(&self) -> Vec<String> {
        let paged = self.timeline.iter().filter_map(|entry| match &entry.kind {
            TimelineKind::Paged { person, method, .. } => Some(format!("{person} via {method}")),
            _ => None,
        });
        paged.collect()
    }

    fn pending(&self) -> Vec<String> {
        self.state.deliveries().map(|d| format!("{} via {}", d.person, d.method)).collect()
    }

    fn incident(&self, id: u64) -> &Incident {
        self.state.incident(IncidentId(id)).expect("open")
    }

    fn has(&self, matches: impl Fn(&TimelineKind) -> bool) -> bool {
        self.timeline.iter().any(|entry| matches(&entry.kind))
    }
}

const FIRST: IncidentId = IncidentId(1);

fn done() -> AttemptResult {
    AttemptResult::Delivered { receipt: None, thread: None, arrived: false, problems: Vec::new() }
}

fn fail(kind: FailureKind) -> AttemptResult {
    AttemptResult::Failed { kind, message: "no route".to_owned() }
}

#[test]
fn a_trigger_opens_an_incident_and_pages_the_first_step() {
    let mut world = World::new();
    assert_eq!(world.trigger("disk"), Fate::Opened(FIRST));
    assert_eq!(world.pages(), ["alice via email"]);
    assert_eq!(world.trigger("disk"), Fate::Repeated(Some(FIRST)));
    assert_eq!(world.pages(), ["alice via email"], "a repeated trigger never pages again");
}

#[test]
fn i11_the_bell_rings_through_all_passes_and_then_the_fallback_again_and_again() {
    let mut world = World::new();
    world.trigger("disk");
    world.pass(5 + 10 + 5 + 10);
    let expected = ["alice", "bob", "alice", "bob", "carol"].map(|p| format!("{p} via email"));
    assert_eq!(world.pages(), expected);
    world.pass(60);
    assert_eq!(world.pages().len(), 7, "the fallback is paged every 30 minutes");
    assert_eq!(world.act("carol", Action::Acknowledge(FIRST)), Reply::Done);
    world.pass(24 * 60);
    assert_eq!(world.pages().len(), 7);
}

#[test]
fn i12_acknowledge_takes_back_what_has_not_left() {
    let mut world = World::new();
    world.trigger("disk");
    assert_eq!(world.pending(), ["alice via email"]);
    world.act("bob", Action::Acknowledge(FIRST));
    assert_eq!(world.pending(), Vec::<String>::new());
    assert!(world.last.changes.iter().any(|change| matches!(change,
        Change::Delivery(d) if matches!(d.status, DeliveryStatus::Cancelled { .. }))));
    assert!(world.has(|kind| matches!(kind, TimelineKind::PagesCancelled { count: 1, .. })));
    assert_eq!(world.incident(1).acknowledged_by.as_deref(), Some("bob"));
}

#[test]
fn i09_what_is_due_twice_changes_nothing_the_second_time() {
    let mut world = World::new();
    world.trigger("disk");
    world.pass(4);
    world.now += SignedDuration::from_mins(1);
    let key = TimerKey::Escalate(FIRST);
    assert!(!world.input(Input::Due(key.clone())).is_empty());
    let pages = world.pages();
    assert!(world.input(Input::Due(key)).is_empty());
    assert_eq!(world.pages(), pages);
}

#[test]
fn i05_a_running_incident_keeps_its_policy() {
    let mut world = World::new();
    world.trigger("disk");
    let other = EscalationPolicy::new("shop".into(), Vec::new(), 0);
    world.directory.policies.insert("shop".into(), Arc::new(other));
    world.pass(5);
    assert_eq!(world.pages(), ["alice via email", "bob via email"]);
}

#[test]
fn i11_nobody_on_call_pages_the_fallback_at_once_and_says_why() {
    let gap = Target::Schedule("empty".into());
    let steps = vec![step(std::slice::from_ref(&gap), 5), step(&[gap], 5)];
    let mut world = World::with_policy(EscalationPolicy::new("p".into(), steps, 3));
    world.directory.schedules.insert(
        "empty".into(),
        Arc::new(Schedule::new("empty".into(), jiff::tz::TimeZone::UTC, Vec::new())),
    );
    world.trigger("disk");
    assert_eq!(world.pages(), ["carol via email"]);
    let skipped = |kind: &TimelineKind| matches!(kind, TimelineKind::StepSkipped { .. });
    assert!(world.has(skipped), "I6");
    assert!(
        world.has(|kind| matches!(kind, TimelineKind::NotPaged(NotPagedReason::NobodyOnCall(_))))
    );
}

#[test]
fn i06_a_person_without_a_method_is_skipped_with_the_reason() {
    let mut world = World::new();
    world.directory.people.get_mut("alice").expect("alice").email = None;
    world.trigger("disk");
    assert_eq!(world.pages(), ["bob via email"]);
    assert!(world.has(|kind| matches!(
        kind,
        TimelineKind::NotPaged(NotPagedReason::NoMethod(who)) if who.as_str() == "alice"
    )));
}

#[test]
fn i11_a_fallback_that_cannot_be_reached_rings_everybody_who_can() {
    let mut world =
        World::with_policy(EscalationPolicy::new("shop".into(), vec![step(&[to("carol")], 5)], 0));
    let (person, method) = ("carol".into(), "email".into());
    world.act("carol", Action::RemoveMethod { person, method });
    world.trigger("disk");
    assert_eq!(world.pages(), ["alice via email", "bob via email"]);
    assert!(
        world.has(|kind| *kind == TimelineKind::NotPaged(NotPagedReason::NoMethod("carol".into())))
    );
}

fn method(id: &str, verified: bool) -> ContactMethod {
    ContactMethod {
        id: id.into(),
        channel: id.to_owned(),
        address: format!("{id}:1"),
        verified,
        created_at: Timestamp::UNIX_EPOCH,
    }
}

fn rule(urgency: Urgency, method: &str, minutes: i64) -> NotificationRule {
    NotificationRule { urgency, method: method.into(), delay: SignedDuration::from_mins(minutes) }
}

#[test]
fn a_person_is_told_by_their_own_rules() {
    let mut world = World::new();
    for (id, verified) in [("webhook", true), ("sms", false)] {
        let (person, method) = ("alice".into(), method(id, verified));
        world.act("alice", Action::PutMethod { person, method });
    }
    let rules = vec![
        rule(Urgency::High, "email", 2),
        rule(Urgency::High, "sms", 0),
        rule(Urgency::High, "webhook", 0),
        rule(Urgency::Low, "email", 0),
    ];
    world.act("alice", Action::SetRules { person: "alice".into(), rules });
    world.trigger("disk");
    assert_eq!(world.pending(), ["alice via webhook"], "sms is not verified, e-mail comes later");
    world.pass(2);
    assert_eq!(world.state.deliveries().count(), 2);
    world.pass(1);
    world.act("alice", Action::Acknowledge(FIRST));
    world.trigger("cpu");
    world.act("alice", Action::Acknowledge(IncidentId(2)));
    world.pass(10);
    assert_eq!(world.state.deliveries().count(), 0, "the later rule never comes after the answer");
}

#[test]
fn one_address_is_one_contact_method() {
    let mut world = World::new();
    let put = |world: &mut World, method: ContactMethod| {
        world.act("alice", Action::PutMethod { person: "alice".into(), method })
    };
    assert_eq!(put(&mut world, method("webhook", false)), Reply::Done);
    let again = ContactMethod { id: "other".into(), ..method("webhook", true) };
    let exists = Refusal::Exists { what: "contact method", id: "webhook".to_owned() };
    assert_eq!(put(&mut world, again), Reply::Refused(exists));
    let mail = ContactMethod {
        channel: "email".to_owned(),
        address: "alice@example.org".to_owned(),
        ..method("mine", true)
    };
    let exists = Refusal::Exists { what: "contact method", id: "email".to_owned() };
    assert_eq!(put(&mut world, mail), Reply::Refused(exists), "the configuration's counts too");
    assert_eq!(put(&mut world, method("sms", false)), Reply::Done);
    assert_eq!(put(&mut world, method("webhook", true)), Reply::Done, "the same may be verified");
    let profile = world.state.profile(&"alice".into()).expect("alice has one");
    let all: Vec<_> = profile.methods.iter().map(|m| (m.id.as_str(), m.verified)).collect();
    assert_eq!(all, [("email", true), ("webhook", true), ("sms", false)], "in their order");
}

#[test]
fn i07_a_failing_channel_is_retried_then_the_next_method_then_the_next_step() {
    let mut world = World::new();
    let (person, method) = ("alice".into(), method("webhook", true));
    world.act("alice", Action::PutMethod { person, method });
    world.trigger("disk");
    let transient = FailureKind::Transient { retry_after_s: None };
    let first = world.state.deliveries().next().expect("one").id.to_string();
    for _ in 0..2 {
        world.attempt(&first, fail(transient));
        assert_eq!(world.state.deliveries().next().expect("same").id.as_str(), first, "I4");
    }
    world.attempt(&first, fail(transient));
    assert_eq!(world.pending(), ["alice via webhook"], "three tries, then the next method");
    let second = world.state.deliveries().next().expect("one").id.to_string();
    world.attempt(&second, fail(FailureKind::Permanent));
    assert_eq!(world.pending(), ["bob via email"], "no method left: the next step at once");
}

#[test]
fn i04_the_same_page_always_has_the_same_name() {
    let names = || {
        let mut world = World::new();
        world.trigger("disk");
        world.pass(30);
        world.state.deliveries().map(|d| d.id.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(names(), names());
    let mut unique = names();
    unique.dedup();
    assert_eq!(unique.len(), 5, "each pass and step is a page of its own");
}

#[test]
fn a_delivery_that_left_before_the_acknowledgement_is_recorded_after_it() {
    let mut world = World::new();
    world.trigger("disk");
    let delivery = world.state.deliveries().next().expect("one").clone();
    world.act("alice", Action::Acknowledge(FIRST));
    let started_at = world.now;
    world.input(Input::Attempt(Attempt { delivery, started_at, result: done() }));
    assert!(world.has(|kind| matches!(kind, TimelineKind::Delivered { .. })));
}

#[test]
fn resolve_before_trigger_and_unknown_acknowledge_are_recorded_and_change_nothing() {
    let mut world = World::new();
    assert!(matches!(world.resolve("disk"), Fate::Recorded(_)));
    let fate = world.event("disk", EventKind::Acknowledge, |_| {});
    assert!(matches!(fate, Fate::Recorded(_)));
    assert_eq!(world.state, State::default());
}

#[test]
fn an_incident_resolves_with_its_last_alert() {
    let mut world = World::new();
    let grouped = |judged: &mut JudgedEvent| judged.decision.group_key = Some("g".to_owned());
    assert_eq!(world.event("a", EventKind::Trigger, grouped), Fate::Opened(FIRST));
    assert_eq!(world.event("b", EventKind::Trigger, grouped), Fate::Joined(FIRST));
    assert_eq!(world.pages().len(), 1, "a joining alert pages nobody anew");
    assert_eq!(world.resolve("a"), Fate::Resolved(Some(FIRST)));
    assert_eq!(world.incident(1).status, IncidentStatus::Triggered);
    assert_eq!(world.resolve("b"), Fate::Resolved(Some(FIRST)));
    assert!(world.state.incident(FIRST).is_none());
    assert_eq!(world.pending(), Vec::<String>::new());
    assert_eq!(world.trigger("a"), Fate::Opened(IncidentId(2)), "a new episode");
}

#[test]
fn what_a_person_closed_is_not_opened_by_a_resend() {
    let mut world = World::new();
    let began = world.now;
    let since =
        move |judged: &mut JudgedEvent| Arc::make_mut(&mut judged.event).starts_at = Some(began);
    world.event("disk", EventKind::Trigger, since);
    world.pass(1);
    world.act("alice", Action::Resolve(FIRST));
    world.pass(1);
    assert_eq!(world.event("disk", EventKind::Trigger, since), Fate::ClosedByPerson);
    assert_eq!(world.resolve("disk"), Fate::Resolved(None));
    assert_eq!(world.event("disk", EventKind::Trigger, since), Fate::Opened(IncidentId(2)));
    world.act("alice", Action::Resolve(IncidentId(2)));
    let later = world.now + SignedDuration::from_mins(1);
    world.pass(2);
    let fate = world.event("disk", EventKind::Trigger, |j| {
        Arc::make_mut(&mut j.event).starts_at = Some(later);
    });
    assert_eq!(fate, Fate::Opened(IncidentId(3)), "a later episode opens");
}

#[test]
fn what_a_person_closed_is_forgotten_a_week_after_the_last_word() {
    let mut world = World::new();
    world.trigger("disk");
    world.act("alice", Action::Resolve(FIRST));
    world.pass(8 * 24 * 60);
    assert_eq!(world.state.alerts().count(), 0);
}

#[test]
fn a_snooze_rings_again_from_step_one() {
    let mut world = World::new();
    world.trigger("disk");
    world.pass(6);
    let until = world.now + SignedDuration::from_mins(30);
    assert_eq!(world.act("bob", Action::Snooze { incident: FIRST, until }), Reply::Done);
    world.pass(29);
    assert_eq!(world.pages().len(), 2);
    world.pass(1);
    assert_eq!(world.incident(1).status, IncidentStatus::Triggered);
    assert_eq!(world.pages()[2..], ["alice via email"]);
    let past = Action::Snooze { incident: FIRST, until: world.now };
    assert!(matches!(world.act("bob", past), Reply::Refused(Refusal::Invalid(_))));
}

#[test]
fn only_a_louder_alert_rings_an_acknowledged_incident_again() {
    let mut world = World::new();
    let grouped = |severity: Severity| {
        move |judged: &mut JudgedEvent| {
            judged.decision.group_key = Some("g".to_owned());
            Arc::make_mut(&mut judged.event).severity = severity;
        }
    };
    world.event("a", EventKind::Trigger, grouped(Severity::Warning));
    assert_eq!(world.incident(1).urgency, Urgency::Low);
    world.act("alice", Action::Acknowledge(FIRST));
    world.event("b", EventKind::Trigger, grouped(Severity::Info));
    assert_eq!(world.incident(1).status, IncidentStatus::Acknowledged);
    world.event("c", EventKind::Trigger, grouped(Severity::Critical));
    assert_eq!(world.incident(1).status, IncidentStatus::Triggered);
    assert_eq!(world.pages().len(), 2);
}

#[test]
fn a_monitors_acknowledge_counts_when_it_is_the_only_firing_alert() {
    let mut world = World::new();
    let grouped = |judged: &mut JudgedEvent| judged.decision.group_key = Some("g".to_owned());
    world.event("a", EventKind::Trigger, grouped);
    world.event("b", EventKind::Trigger, grouped);
    let fate = world.event("a", EventKind::Acknowledge, |_| {});
    assert!(matches!(fate, Fate::Recorded(_)));
    world.resolve("b");
    let fate = world.event("a", EventKind::Acknowledge, |_| {});
    assert_eq!(fate, Fate::Acknowledged(FIRST));
    assert_eq!(world.pending(), Vec::<String>::new());
}

#[test]
fn i06_a_drop_and_a_suppression_keep_their_reason() {
    let mut world = World::new();
    let drop = |judged: &mut JudgedEvent| {
        judged.verdict = Verdict::Drop { reason: "test host".to_owned(), by: "mute".into() };
    };
    let by = "filter mute".to_owned();
    let fate = world.event("disk", EventKind::Trigger, drop);
    assert_eq!(fate, Fate::Dropped { reason: "test host".to_owned(), by: by.clone() });
    let until = world.now + SignedDuration::from_mins(10);
    let suppress = move |judged: &mut JudgedEvent| {
        let reason = "deployment".to_owned();
        judged.verdict = Verdict::Suppress { reason, by: "mute".into(), until: Some(until) };
    };
    let fate = world.event("disk", EventKind::Trigger, suppress);
    let (reason, until) = ("deployment".to_owned(), Some(until));
    assert_eq!(fate, Fate::Suppressed { reason, by, author: None, until });
    assert_eq!(world.pages(), Vec::<String>::new());
    world.pass(10);
    assert_eq!(world.pages(), ["alice via email"], "it still fires when the suppression ends");
}

#[test]
fn an_alert_past_its_expiry_resolves_and_a_resend_moves_it() {
    let mut world = World::new();
    let lasting = |minutes: i64, now: Timestamp| {
        move |judged: &mut JudgedEvent| {
            Arc::make_mut(&mut judged.event).expires_at =
                Some(now + SignedDuration::from_mins(minutes));
        }
    };
    world.event("disk", EventKind::Trigger, lasting(4, world.now));
    world.pass(3);
    world.event("disk", EventKind::Trigger, lasting(4, world.now));
    world.pass(3);
    assert_eq!(world.state.incidents().count(), 1);
    world.pass(1);
    assert_eq!(world.state.incidents().count(), 0);
    let over = world.event("disk", EventKind::Trigger, lasting(0, world.now));
    assert!(matches!(over, Fate::Recorded(_)));
}

fn silence(id: &str, matcher: &str, from: Timestamp, minutes: i64) -> Silence {
    Silence {
        id: id.into(),
        matchers: vec![Matcher::parse(matcher).expect("matcher")],
        time: QuietTime {
            starts_at: from,
            ends_at: from + SignedDuration::from_mins(minutes),
            weekly: None,
        },
        created_by: "alice".to_owned(),
        comment: "known".to_owned(),
        created_at: from,
        history: Vec::new(),
    }
}

#[test]
fn a_silence_holds_new_alerts_and_lets_them_go_when_it_ends() {
    let mut world = World::new();
    let muted = silence("s1", "key=disk", world.now, 60);
    world.act("alice", Action::PutSilence(muted));
    assert!(matches!(world.trigger("disk"), Fate::Suppressed { .. }));
    assert_eq!(world.trigger("cpu"), Fate::Opened(FIRST));
    world.act("alice", Action::Resolve(FIRST));
    world.pass(59);
    assert_eq!(world.state.incidents().count(), 0);
    world.pass(1);
    assert_eq!(world.incident(2).alerts[0].dedup_key.as_str(), "disk");
}

#[test]
fn expiring_a_silence_by_hand_lets_its_alerts_go_at_once_and_groups_them() {
    let mut world = World::new();
    world.act("alice", Action::PutSilence(silence("s1", "source=web1", world.now, 60)));
    let grouped = |judged: &mut JudgedEvent| judged.decision.group_key = Some("g".to_owned());
    world.event("a", EventKind::Trigger, grouped);
    world.event("b", EventKind::Trigger, grouped);
    world.act("alice", Action::ExpireSilence("s1".into()));
    assert_eq!(world.state.incidents().count(), 1, "one incident for the group");
    assert_eq!(world.incident(1).alerts.len(), 2);
    assert_eq!(world.pages().len(), 1);
}

#[test]
fn while_every_firing_alert_is_silenced_the_escalation_pauses() {
    let mut world = World::new();
    world.trigger("disk");
    let delivery = world.state.deliveries().next().expect("one").id.to_string();
    world.attempt(&delivery, done());
    world.pass(2);
    world.act("alice", Action::PutSilence(silence("s1", "key=disk", world.now, 60)));
    assert!(world.has(|kind| matches!(kind, TimelineKind::PausedBy { .. })));
    world.pass(59);
    assert_eq!(world.pages().len(), 1);
    world.pass(1 + 2);
    assert_eq!(world.pages().len(), 1, "three minutes of alice's five were left");
    world.pass(1);
    assert_eq!(world.pages().len(), 2);
}

#[test]
fn a_silence_takes_back_unsent_pages_and_begins_the_step_anew() {
    let mut world = World::new();
    world.trigger("disk");
    world.act("alice", Action::PutSilence(silence("s1", "key=disk", world.now, 60)));
    assert_eq!(world.pending(), Vec::<String>::new());
    world.act("alice", Action::ExpireSilence("s1".into()));
    assert_eq!(world.pending(), ["alice via email"]);
}

#[test]
fn a_reassigned_incident_pages_its_new_owners_then_the_policy() {
    let mut world = World::new();
    world.trigger("disk");
    world.act("alice", Action::Acknowledge(FIRST));
    let to = vec!["carol".into()];
    assert_eq!(world.act("alice", Action::Reassign { incident: FIRST, to }), Reply::Done);
    assert_eq!(world.pending(), ["carol via email"]);
    world.pass(5);
    assert_eq!(world.pages()[2..], ["alice via email"]);
    let nobody = Action::Reassign { incident: FIRST, to: vec!["zoe".into()] };
    assert_eq!(world.act("alice", nobody), Reply::Refused(Refusal::NoPerson("zoe".to_owned())));
}

#[test]
fn escalate_by_hand_goes_to_the_next_step_now() {
    let mut world = World::new();
    world.trigger("disk");
    world.act("alice", Action::Escalate(FIRST));
    assert_eq!(world.pages(), ["alice via email", "bob via email"]);
}

#[test]
fn an_override_decides_who_is_paged() {
    let on_call = Target::Schedule("primary".into());
    let steps = vec![step(&[on_call], 5)];
    let mut world = World::with_policy(EscalationPolicy::new("p".into(), steps, 0));
    let turn = Turn { count: 1, unit: TurnUnit::Weeks };
    let start = "2026-01-05T09:00".parse().expect("time");
    let layer = Layer::new("week", start, turn, vec![Some("alice".into())]);
    let primary = Schedule::new("primary".into(), jiff::tz::TimeZone::UTC, vec![layer]);
    world.directory.schedules.insert("primary".into(), Arc::new(primary));
    let over = Override {
        id: "o1".into(),
        schedule: "primary".into(),
        person: "bob".into(),
        starts_at: world.now,
        ends_at: world.now + SignedDuration::from_hours(1),
        created_at: world.now,
        created_by: "alice".to_owned(),
    };
    assert_eq!(world.act("alice", Action::PutOverride(over)), Reply::Done);
    world.trigger("disk");
    world.pass(61);
    world.trigger("cpu");
    let pages = world.pages();
    assert_eq!(
        (pages[0].as_str(), pages.last().map(String::as_str)),
        ("bob via email", Some("alice via email"))
    );
}

#[test]
fn a_router_that_names_nothing_known_leaves_the_integrations_own_service() {
    let mut world = World::new();
    let lost = |judged: &mut JudgedEvent| {
        judged.decision.service = Some("nowhere".to_owned());
        judged.decision.priority = Some("P9".to_owned());
    };
    world.event("disk", EventKind::Trigger, lost);
    assert_eq!(world.incident(1).service.as_str(), "shop");
    let outcome = world.last.outcome.clone().expect("outcome");
    assert_eq!(outcome.remarks.len(), 2, "I6");
}

#[test]
fn trouble_of_the_engine_itself_pages_the_fallback() {
    let mut world = World::new();
    world.event("smtp", EventKind::Trigger, |j| {
        Arc::make_mut(&mut j.event).integration = "nightbell".into();
    });
    assert_eq!(world.pages(), ["carol via email"]);
}

#[test]
fn a_resend_that_no_silence_matches_any_longer_resumes_at_once() {
    let mut world = World::new();
    world.trigger("disk");
    world.act("alice", Action::PutSilence(silence("s1", "severity=critical", world.now, 600)));
    assert!(!world.incident(1).is_ringing());
    world.event("disk", EventKind::Trigger, |j| {
        Arc::make_mut(&mut j.event).severity = Severity::Error;
    });
    assert!(world.incident(1).is_ringing(), "it is another severity now");
    world.trigger("disk");
    assert!(!world.incident(1).is_ringing(), "and back");
}

#[test]
fn a_snooze_that_ends_under_a_silence_waits_for_the_silences_end() {
    let mut world = World::new();
    world.trigger("disk");
    let until = world.now + SignedDuration::from_mins(10);
    world.act("alice", Action::Snooze { incident: FIRST, until });
    world.act("alice", Action::PutSilence(silence("s1", "key=disk", world.now, 60)));
    world.pass(59);
    assert_eq!(world.pages().len(), 1, "every firing alert is silenced");
    assert!(world.has(|kind| matches!(kind, TimelineKind::PausedBy { .. })), "I6");
    assert_eq!(world.incident(1).status, IncidentStatus::Triggered);
    world.pass(1);
    assert_eq!(world.pages()[1..], ["alice via email"], "from step 1, when it may be heard again");
}

#[test]
fn a_pause_does_not_forget_whom_the_incident_was_handed_to() {
    let mut world = World::new();
    world.trigger("disk");
    let to = vec!["carol".into()];
    world.act("alice", Action::Reassign { incident: FIRST, to });
    world.act("alice", Action::PutSilence(silence("s1", "key=disk", world.now, 60)));
    assert_eq!(world.pending(), Vec::<String>::new());
    world.pass(60);
    assert_eq!(world.pending(), ["carol via email"]);
}

#[test]
fn nobody_who_left_is_paged_because_the_incident_was_theirs() {
    let mut world = World::new();
    let (person, method) = ("bob".into(), method("webhook", true));
    world.act("bob", Action::PutMethod { person, method });
    world.trigger("disk");
    let to = vec!["bob".into()];
    world.act("alice", Action::Reassign { incident: FIRST, to });
    let until = world.now + SignedDuration::from_mins(10);
    world.act("bob", Action::Snooze { incident: FIRST, until });
    world.directory.people.remove("bob");
    world.pass(10);
    assert_eq!(world.pending(), ["alice via email"]);
    assert!(world.has(|kind| matches!(
        kind,
        TimelineKind::NotPaged(NotPagedReason::UnknownTarget(Target::Person(who))) if who.as_str() == "bob"
    )));
}

#[test]
fn i07_the_next_method_is_tried_although_the_next_step_was_reached_meanwhile() {
    let mut world = World::new();
    let (person, method) = ("alice".into(), method("webhook", true));
    world.act("alice", Action::PutMethod { person, method });
    world.trigger("disk");
    let first = world.state.deliveries().next().expect("one").id.to_string();
    world.pass(5);
    assert_eq!(world.pages(), ["alice via email", "bob via email"]);
    world.attempt(&first, fail(FailureKind::Permanent));
    assert_eq!(world.pages()[2..], ["alice via webhook"], "escalating takes nobody away");
}

#[test]
fn i04_a_fallback_that_reached_nobody_is_tried_again_soon() {
    let steps = Vec::new();
    let mut world = World::with_policy(EscalationPolicy::new("p".into(), steps, 0));
    world.trigger("disk");
    assert_eq!(world.pending(), ["carol via email"]);
    for round in 1..=3 {
        let page = world.state.deliveries().next().expect("a page a round").id.to_string();
        world.attempt(&page, fail(FailureKind::Permanent));
        assert_eq!(world.pending(), Vec::<String>::new());
        world.pass(2);
        assert_eq!(world.pages().len(), round + 1, "not half an hour of silence");
    }
    let page = world.state.deliveries().next().expect("one").id.to_string();
    world.attempt(&page, done());
    world.pass(29);
    assert_eq!(world.pages().len(), 4, "once somebody was told the interval holds");
    world.pass(1);
    assert_eq!(world.pages().len(), 5);
}
