//! Earlier messages are kept current: what is decided when an incident changes its status, and what follows of a try.

use super::*;

/// What a channel with threads answers.
fn took(thread: &str) -> AttemptResult {
    AttemptResult::Delivered {
        receipt: None,
        thread: Some(thread.to_owned()),
        arrived: false,
        problems: Vec::new(),
    }
}

impl World {
    /// Incident 1, triggered, whose first page left and returned a thread.
    fn with_thread() -> Self {
        let mut world = Self::new();
        world.trigger("disk");
        let page = world.state.deliveries().next().expect("a page").id.to_string();
        world.attempt(&page, took("t1"));
        world
    }

    fn updates(&self) -> Vec<String> {
        let text = |delivery: &Arc<Delivery>| match &delivery.purpose {
            Purpose::StatusUpdate { update } => Some(update.clone()),
            Purpose::Page | Purpose::Notice(_) | Purpose::Post { .. } | Purpose::Bundle { .. } => {
                None
            }
        };
        self.state.deliveries().filter_map(text).collect()
    }

    fn update(&self) -> Arc<Delivery> {
        let mut updates = self.state.deliveries().filter(|delivery| !delivery.is_page());
        updates.next().expect("an update").clone()
    }

    fn count(&self, matches: impl Fn(&TimelineKind) -> bool) -> usize {
        self.timeline.iter().filter(|entry| matches(&entry.kind)).count()
    }
}

#[test]
fn each_change_of_status_tells_every_thread_in_names() {
    let mut world = World::with_thread();
    world.directory.people.get_mut("bob").expect("bob").name = "Bob B.".to_owned();
    let zone = jiff::tz::TimeZone::get("Asia/Tokyo").expect("a zone");
    world.directory.people.get_mut("alice").expect("alice").time_zone = zone;
    world.act("bob", Action::Acknowledge(FIRST));
    assert_eq!(world.updates(), ["acknowledged by Bob B."]);
    let until = world.now + SignedDuration::from_mins(10);
    world.act("bob", Action::Snooze { incident: FIRST, until });
    assert_eq!(
        world.updates(),
        ["snoozed by Bob B. until 2026-03-02 18:10 JST"],
        "in the zone of whom it was sent to, and in the place of what had not left"
    );
    world.pass(10);
    assert_eq!(world.updates(), ["rings again: the snooze is over"]);
    assert_eq!(world.pending().len(), 2, "the update and alice's page");
    world.act("alice", Action::Resolve(FIRST));
    assert_eq!(world.updates(), ["resolved by alice"]);
}

#[test]
fn updates_are_in_the_language_of_whom_they_are_sent_to() {
    let mut world = World::with_thread();
    world.directory.people.get_mut("alice").expect("alice").language = "ja".to_owned();
    world.act("bob", Action::Acknowledge(FIRST));
    assert_eq!(world.updates(), ["bob さんが対応中"]);
    let until = world.now + SignedDuration::from_mins(10);
    world.act("bob", Action::Snooze { incident: FIRST, until });
    assert_eq!(world.updates(), ["bob さんが 2026-03-02 09:10 UTC まで保留"]);
    world.pass(10);
    assert_eq!(world.updates(), ["再び呼び出し中: 保留の時間が終わりました"]);
    world.act("alice", Action::Resolve(FIRST));
    assert_eq!(world.updates(), ["alice さんが解決"]);
}

#[test]
fn a_monitors_resolve_and_an_expiry_are_told_too() {
    let mut world = World::with_thread();
    world.resolve("disk");
    assert_eq!(world.updates(), ["resolved by nagios"]);

    let mut world = World::new();
    let end = world.now + SignedDuration::from_mins(1);
    world.event("disk", EventKind::Trigger, |judged| {
        Arc::make_mut(&mut judged.event).expires_at = Some(end);
    });
    let page = world.state.deliveries().next().expect("a page").id.to_string();
    world.attempt(&page, took("t1"));
    world.pass(1);
    assert_eq!(world.updates(), ["resolved: its last alert ended"]);
}

#[test]
fn whoever_returned_no_thread_is_told_only_that_it_is_over() {
    let mut world = World::new();
    world.trigger("disk");
    let page = world.state.deliveries().next().expect("a page").id.to_string();
    world.attempt(&page, done());
    world.act("bob", Action::Acknowledge(FIRST));
    assert_eq!(world.updates(), Vec::<String>::new());
    world.act("bob", Action::Resolve(FIRST));
    assert_eq!(world.updates(), ["resolved by bob"]);
    assert_eq!(world.pending(), ["alice via email"]);
    let update = world.update().id.to_string();
    world.attempt(&update, done());
    world.pass(5);
    assert_eq!(world.state.known_incident(FIRST), None, "nothing is left to tell");
}

#[test]
fn acknowledging_twice_tells_once() {
    let mut world = World::with_thread();
    world.act("bob", Action::Acknowledge(FIRST));
    let first = world.update();
    world.act("bob", Action::Acknowledge(FIRST));
    assert_eq!(world.update(), first);
    world.act("alice", Action::Acknowledge(FIRST));
    assert_ne!(world.update().id, first.id, "somebody else has it now");
    assert_eq!(world.updates(), ["acknowledged by alice"]);
}

#[test]
fn i12_answering_takes_back_pages_and_no_updates() {
    let mut world = World::with_thread();
    world.pass(5);
    assert_eq!(world.pending(), ["bob via email"]);
    world.act("alice", Action::Acknowledge(FIRST));
    assert_eq!(world.updates(), ["acknowledged by alice"]);
    assert_eq!(world.state.pages_of(FIRST).count(), 0);
    world.act("alice", Action::Resolve(FIRST));
    assert_eq!(world.updates(), ["resolved by alice"], "and the end is told, not taken back");
}

#[test]
fn a_resolved_incident_stays_until_its_updates_are_out() {
    let mut world = World::with_thread();
    world.act("alice", Action::Resolve(FIRST));
    assert!(world.state.incident(FIRST).is_none(), "it is not open");
    assert!(world.state.known_incident(FIRST).is_some());
    world.pass(60);
    assert!(world.state.thread(FIRST, "email", "alice@example.org").is_some(), "not sent yet");
    let update = world.update();
    world.attempt(update.id.as_str(), took("t1"));
    assert!(world.has(|kind| matches!(kind,
        TimelineKind::Updated { update, .. } if update == "resolved by alice")));
    world.pass(5);
    assert_eq!(world.state.known_incident(FIRST), None);
    assert_eq!(world.state.threads().count(), 0);
    assert_eq!(world.state.next_due(), world.state.timers().map(|timer| timer.due).min());
}

#[test]
fn a_failing_update_is_tried_as_a_page_is_and_has_no_consequences() {
    let mut world = World::with_thread();
    let (person, method) = ("alice".into(), method("webhook", true));
    world.act("alice", Action::PutMethod { person, method });
    let until = world.now + SignedDuration::from_mins(1);
    world.act("bob", Action::Snooze { incident: FIRST, until });
    world.pass(1);
    let page = world.state.pages_of(FIRST).next().expect("it rings again").id.to_string();
    world.attempt(&page, done());
    let before = world.incident(1).escalation.clone();
    let update = world.update();
    for _ in 0..2 {
        world.attempt(update.id.as_str(), fail(FailureKind::Transient { retry_after_s: None }));
        assert_eq!(world.update().id, update.id, "I4");
    }
    world.attempt(update.id.as_str(), fail(FailureKind::Transient { retry_after_s: None }));
    assert_eq!(world.state.deliveries().count(), 0, "no other method, no other step");
    assert_eq!(world.incident(1).escalation, before);
    assert_eq!(world.count(|kind| matches!(kind, TimelineKind::UpdateFailed { .. })), 1);
    assert_eq!(world.count(|kind| matches!(kind, TimelineKind::DeliveryFailed { .. })), 0);
}

#[test]
fn i07_an_update_on_its_way_is_nobody_on_the_way() {
    let mut world = World::with_thread();
    let until = world.now + SignedDuration::from_mins(1);
    world.act("bob", Action::Snooze { incident: FIRST, until });
    world.pass(1);
    assert_eq!(world.updates().len(), 1);
    let page = world.state.pages_of(FIRST).next().expect("alice").id.to_string();
    world.attempt(&page, fail(FailureKind::Permanent));
    assert_eq!(world.pages()[2..], ["bob via email"], "the next step at once");
}

#[test]
fn an_update_that_arrives_reaches_nobody() {
    let mut world = World::with_thread();
    let until = world.now + SignedDuration::from_mins(1);
    world.act("bob", Action::Snooze { incident: FIRST, until });
    world.pass(1);
    let update = world.update();
    world.attempt(update.id.as_str(), took("t1"));
    assert_eq!(world.incident(1).escalation.reached, 0);
}

#[test]
fn a_message_that_left_before_the_answer_is_told_of_it_once_its_thread_is_known() {
    for resolve in [false, true] {
        let mut world = World::new();
        world.trigger("disk");
        let page = world.state.deliveries().next().expect("a page").clone();
        let (action, told) = match resolve {
            false => (Action::Acknowledge(FIRST), "acknowledged by bob"),
            true => (Action::Resolve(FIRST), "resolved by bob"),
        };
        world.act("bob", action);
        assert_eq!(world.state.deliveries().count(), 0, "no thread is known");
        let started_at = world.now;
        let attempt = Attempt { delivery: page, started_at, result: took("t1") };
        world.input(Input::Attempt(attempt));
        assert_eq!(world.updates(), [told]);
    }
}

#[test]
fn an_update_that_was_replaced_while_it_was_under_way_leaves_no_line() {
    let mut world = World::with_thread();
    world.act("bob", Action::Acknowledge(FIRST));
    let older = world.update();
    world.act("bob", Action::Resolve(FIRST));
    let started_at = world.now;
    for result in [took("t1"), fail(FailureKind::Transient { retry_after_s: None })] {
        world.input(Input::Attempt(Attempt { delivery: older.clone(), started_at, result }));
    }
    assert_eq!(world.updates(), ["resolved by bob"]);
    assert_eq!(world.count(|kind| matches!(kind, TimelineKind::Updated { .. })), 0);
}

#[test]
fn those_who_answered_are_remembered_in_order_and_once() {
    let mut world = World::with_thread();
    let bob = world.now + SignedDuration::from_mins(1);
    world.act("bob", Action::Acknowledge(FIRST));
    world.act("alice", Action::Acknowledge(FIRST));
    world.act("bob", Action::Snooze { incident: FIRST, until: bob });
    let names: Vec<_> = world.incident(1).answered_by.iter().map(Actor::name).collect();
    assert_eq!(names, ["alice", "bob"]);
}

#[test]
fn a_thread_of_an_older_version_gets_no_updates() {
    let mut world = World::new();
    world.trigger("disk");
    world.state.apply(&[Change::Thread(Arc::new(Thread {
        incident: FIRST,
        channel: "email".to_owned(),
        address: "alice@example.org".to_owned(),
        thread: "<a@b>".to_owned(),
        page: None,
    }))]);
    world.act("bob", Action::Acknowledge(FIRST));
    assert_eq!(world.updates(), Vec::<String>::new());
}

#[test]
fn a_channel_on_which_updates_are_not_wanted_gets_none_and_may_still_hear_of_the_end() {
    let mut world = World::with_thread();
    let chosen = |status_updates, resolve_notices| {
        let channel = "email".to_owned();
        let chosen = ChannelPreference { channel, status_updates, resolve_notices };
        Action::Prefer { person: "alice".into(), choices: vec![Preference::Channel(chosen)] }
    };
    world.act("alice", chosen(false, true));
    world.act("bob", Action::Acknowledge(FIRST));
    assert_eq!(world.updates(), Vec::<String>::new());
    world.act("bob", Action::Resolve(FIRST));
    assert_eq!(world.updates(), ["resolved by bob"]);
    let mut world = World::with_thread();
    world.act("alice", chosen(true, false));
    world.act("bob", Action::Acknowledge(FIRST));
    assert_eq!(world.updates(), ["acknowledged by bob"]);
    world.act("bob", Action::Resolve(FIRST));
    assert_eq!(world.updates(), ["acknowledged by bob"], "what was on its way is not taken back");
}
