//! Storms: the first page at once, the rest together, nothing lost, and a handful of messages in all.

use jiff::{SignedDuration, Timestamp};
use nightbell_core::model::*;
use nightbell_core::{decide, invariant};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Messages that may leave through one method in an hour, whatever happens: the burst of each of sixty first windows.
const PER_HOUR_MAX: usize = 60 * Bounds::USUAL.burst as usize;

fn person(id: &str) -> (PersonId, Person) {
    let person = Person {
        id: id.into(),
        name: id.to_owned(),
        email: Some(format!("{id}@example.org")),
        time_zone: jiff::tz::TimeZone::UTC,
        language: "en".to_owned(),
    };
    (id.into(), person)
}

fn room() -> (RoomId, Room) {
    let (channel, address) = ("slack".to_owned(), "C1".to_owned());
    (RoomId::new("ops"), Room { id: "ops".into(), name: "Ops".to_owned(), channel, address })
}

/// As [`directory`], and each step tells a room too.
fn directory_with_room() -> Directory {
    let mut directory = directory();
    let mut policy = (*directory.policies[&PolicyId::new("p")]).clone();
    for step in &mut policy.steps {
        step.targets.push(Target::Room("ops".into()));
    }
    directory.policies.insert(policy.id.clone(), Arc::new(policy));
    directory.rooms = BTreeMap::from([room()]);
    directory
}

fn directory() -> Directory {
    let delay = SignedDuration::from_mins(5);
    let step = |id: &str| Step::new(vec![Target::Person(id.into())], delay);
    let policy = EscalationPolicy::new("p".into(), vec![step("a"), step("b")], 0);
    let service = Service {
        id: "s".into(),
        name: "Shop".to_owned(),
        policy: "p".into(),
        urgency: None,
        support_hours: None,
        reopen_within: SignedDuration::ZERO,
        team: None,
        subscribers: Vec::new(),
    };
    Directory {
        people: BTreeMap::from(["a", "b"].map(person)),
        services: BTreeMap::from([(ServiceId::new("s"), service)]),
        integrations: BTreeMap::from([(
            IntegrationId::new("in"),
            Integration { id: "in".into(), service: "s".into() },
        )]),
        policies: BTreeMap::from([(PolicyId::new("p"), Arc::new(policy))]),
        fallback: vec![Target::Person("b".into())],
        ..Directory::default()
    }
    .with_built_in()
}

struct World {
    directory: Directory,
    state: State,
    now: Timestamp,
    events: u64,
    /// When messages left, by lane: single pages and bundles.
    left: BTreeMap<Lane, Vec<Timestamp>>,
    /// Pages that were decided, and those whose end is known.
    decided: BTreeSet<DeliveryId>,
    ended: BTreeSet<DeliveryId>,
    /// The most values that one decision changed.
    most_changes: usize,
    checks: bool,
}

impl World {
    fn new(checks: bool) -> Self {
        Self::of(directory(), checks)
    }

    fn with_room(checks: bool) -> Self {
        Self::of(directory_with_room(), checks)
    }

    fn of(directory: Directory, checks: bool) -> Self {
        let mut world = Self {
            directory,
            state: State::default(),
            now: "2026-03-02T09:00:00Z".parse().expect("a time"),
            events: 0,
            left: BTreeMap::new(),
            decided: BTreeSet::new(),
            ended: BTreeSet::new(),
            most_changes: 0,
            checks,
        };
        let method = ContactMethod {
            id: "hook".into(),
            channel: "webhook".to_owned(),
            address: "https://example.org/".to_owned(),
            verified: true,
            created_at: world.now,
        };
        let person = PersonId::new("a");
        world.act(Action::PutMethod { person, method });
        world
    }

    fn input(&mut self, input: Input) {
        let view = View { directory: &self.directory, state: &self.state };
        let transition = decide(view, &input, self.now);
        self.most_changes = self.most_changes.max(transition.changes.len());
        for change in &transition.changes {
            self.note(change);
        }
        self.state.apply(&transition.changes);
        if self.checks {
            assert_eq!(invariant::violations(&self.state), Vec::<String>::new(), "after {input:?}");
        }
    }

    /// What leaves, what is held, and what ends.
    fn note(&mut self, change: &Change) {
        let Change::Delivery(delivery) = change else { return };
        let known = self.state.delivery(&delivery.id);
        let lane = Lane::of_page(delivery);
        let is_told = delivery.is_page() || delivery.is_post();
        if (is_told || delivery.is_bundle()) && delivery.is_pending() {
            let is_new = known.is_none_or(|known| !known.is_pending());
            if is_new {
                self.left.entry(lane.clone()).or_default().push(self.now);
            }
        }
        if !is_told {
            return;
        }
        self.decided.insert(delivery.id.clone());
        if let DeliveryStatus::Bundled { until } = delivery.status {
            let last = self.left.get(&lane).and_then(|left| left.last());
            let since = last.map(|last| self.now.duration_since(*last));
            let longest = Bounds::USUAL.urgent_window_max;
            assert!(
                since.is_some_and(|since| since <= longest),
                "the first page to a method is never held: {delivery:?}, last {last:?}"
            );
            assert!(until.duration_since(self.now) <= longest, "held too long: {delivery:?}");
        }
        if !delivery.is_open() {
            self.ended.insert(delivery.id.clone());
        }
    }

    fn act(&mut self, action: Action) {
        self.input(Input::Action { by: Actor::Person("a".into()), via: None, action });
    }

    fn trigger(&mut self) {
        self.events += 1;
        let n = self.events;
        let event = Event {
            id: EventId(n),
            integration: "in".into(),
            received_at: self.now,
            kind: EventKind::Trigger,
            dedup_key: format!("k{n}").as_str().into(),
            title: format!("condition {n}"),
            severity: Severity::Critical,
            starts_at: None,
            expires_at: None,
            source: "web".to_owned(),
            links: Vec::new(),
            images: Vec::new(),
            labels: BTreeMap::new(),
            details: String::new(),
            attributes: Vec::new(),
        };
        self.input(Input::Event(Box::new(JudgedEvent {
            event: event.into(),
            verdict: Verdict::Pass,
            decision: RouteDecision::default(),
            stages: Vec::new(),
        })));
    }

    /// Moves the clock; each due timer is tried twice (I9). With `send`, everything that may start is taken by the other side.
    fn pass(&mut self, time: SignedDuration, send: bool) {
        let until = self.now + time;
        let mut turns = 0;
        loop {
            if send {
                self.send_all();
            }
            let Some(due) = self.state.next_due().filter(|due| *due <= until) else { break };
            self.now = due.max(self.now);
            for timer in self.state.due(self.now, 256) {
                self.input(Input::Due(timer.key.clone()));
                if self.checks {
                    let view = View { directory: &self.directory, state: &self.state };
                    let twice = decide(view, &Input::Due(timer.key.clone()), self.now);
                    assert!(twice.is_empty(), "I9: {:?} twice at one now", timer.key);
                }
            }
            turns += 1;
            assert!(turns < 100_000, "time stands still");
        }
        self.now = until;
    }

    /// What the outbox would hand out now.
    fn sendable(&self) -> Vec<Arc<Delivery>> {
        let may = |delivery: &&Arc<Delivery>| match delivery.status {
            DeliveryStatus::Pending { not_before } => not_before <= self.now,
            _ => false,
        };
        self.state.deliveries().filter(may).cloned().collect()
    }

    fn send_all(&mut self) {
        for delivery in self.sendable() {
            self.attempt(delivery, 0);
        }
    }

    fn attempt(&mut self, delivery: Arc<Delivery>, how: u8) {
        self.may_start(&delivery);
        let message = "m".to_owned();
        let result = match how % 4 {
            0 | 1 => AttemptResult::Delivered {
                receipt: None,
                thread: None,
                arrived: how.is_multiple_of(2),
                problems: Vec::new(),
            },
            2 => AttemptResult::Failed {
                kind: FailureKind::Transient { retry_after_s: None },
                message,
            },
            _ => AttemptResult::Failed { kind: FailureKind::Permanent, message },
        };
        let started_at = self.now;
        self.input(Input::Attempt(Attempt { delivery, started_at, result }));
    }

    /// I12: something in it rings.
    fn may_start(&self, delivery: &Delivery) {
        let rings = |id: IncidentId| {
            self.state.incident(id).is_some_and(|incident| incident.may_page(&delivery.person))
        };
        let wanted = match &delivery.purpose {
            Purpose::Page | Purpose::Post { .. } => rings(delivery.incident),
            Purpose::Bundle { .. } => {
                self.state.paces().members(&delivery.id).any(|(incident, _)| rings(*incident))
            }
            _ => true,
        };
        assert!(wanted, "I12: {delivery:?} starts, and nothing in it rings");
    }

    fn bundles_left(&self) -> usize {
        self.left.values().map(Vec::len).sum()
    }

    fn hourly_bound_holds(&self) {
        for (lane, left) in &self.left {
            for (at, first) in left.iter().enumerate() {
                let end = *first + SignedDuration::from_hours(1);
                let within = left[at..].iter().take_while(|time| **time < end).count();
                assert!(within <= PER_HOUR_MAX, "{lane:?}: {within} messages in an hour");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn i04_i06_i12_of_any_storm_every_page_leaves_alone_or_with_others_or_is_taken_back(
        happenings in proptest::collection::vec((0..10_u8, any::<u8>(), 0..400_u16), 1..40),
        with_room: bool,
    ) {
        let mut world = if with_room { World::with_room(true) } else { World::new(true) };
        for (what, how, seconds) in happenings {
            world.pass(SignedDuration::from_secs(i64::from(seconds)), false);
            let open: Vec<_> = world.state.incidents().map(|incident| incident.id).collect();
            let one = open.get(usize::from(how) % open.len().max(1)).copied();
            match (what, one) {
                (0..=3, _) => (0..=how % 8).for_each(|_| world.trigger()),
                (4, Some(id)) => world.act(Action::Acknowledge(id)),
                (5, Some(id)) => world.act(Action::Resolve(id)),
                (6, _) => for id in open { world.act(Action::Acknowledge(id)) },
                (7, Some(id)) => {
                    let until = world.now + SignedDuration::from_mins(3);
                    world.act(Action::Snooze { incident: id, until });
                }
                _ => for delivery in world.sendable() {
                    if world.state.delivery(&delivery.id).is_some() {
                        world.attempt(delivery, how);
                    }
                },
            }
        }
        // From now on everything works.
        world.pass(SignedDuration::from_mins(40), true);
        let waits = |id: &DeliveryId| {
            let page = world.state.delivery(id).cloned();
            page.or_else(|| world.state.prepared(id).cloned()).is_some_and(|page| {
                world.now.duration_since(page.created_at) < SignedDuration::from_mins(11)
            })
        };
        for id in world.decided.difference(&world.ended) {
            prop_assert!(waits(id), "page {id} was decided and has no end");
        }
        world.hourly_bound_holds();
    }
}

#[test]
fn a_storm_of_ten_thousand_sends_a_handful_of_messages_and_makes_no_giant_commit() {
    let mut world = World::new(false);
    for n in 0..10_000_u32 {
        world.trigger();
        if n == 0 {
            let first = world.sendable();
            assert_eq!(first.len(), 1, "the first page leaves at once");
        }
    }
    world.pass(SignedDuration::from_secs(270), true);
    let total = world.bundles_left();
    assert!((2..=6).contains(&total), "{total} messages");
    assert!(world.state.deliveries().all(|delivery| !delivery.is_page()), "all of them ended");
    let told = world.state.incidents().filter(|incident| incident.told == ["a".into()]).count();
    assert_eq!(told, 10_000, "each page has its own end");
    assert!(world.most_changes <= 400, "{} values in one decision", world.most_changes);
    assert_eq!(invariant::violations(&world.state), Vec::<String>::new());
    // Nobody answers: the next step is told by as many messages, and who is paged again as well.
    world.pass(SignedDuration::from_mins(5), true);
    assert!(world.bundles_left() <= 14, "{} messages", world.bundles_left());
}

#[test]
fn a_room_hears_of_a_storm_of_ten_thousand_in_a_handful_of_posts_the_first_at_once() {
    let mut world = World::with_room(false);
    let posts = |world: &World| {
        let mut of_room = world.left.iter().filter(|(lane, _)| lane.person.room().is_some());
        let left = of_room.next().map_or(0, |(_, left)| left.len());
        assert!(of_room.next().is_none(), "the room is one lane");
        left
    };
    for n in 0..10_000_u32 {
        world.trigger();
        if n == 0 {
            let first = world.sendable();
            assert!(first.iter().any(|one| one.is_post()), "the first post leaves at once");
        }
    }
    world.pass(SignedDuration::from_secs(270), true);
    assert!((2..=6).contains(&posts(&world)), "{} posts", posts(&world));
    assert!(world.state.deliveries().all(|delivery| !delivery.is_post()), "all of them ended");
    assert!(world.state.incidents().all(|incident| incident.told == ["a".into()]), "nobody in it");
    let reached = world.state.incidents().map(|incident| incident.escalation.reached).max();
    assert_eq!(reached, Some(1), "a room counts as nobody");
    assert!(world.most_changes <= 400, "{} values in one decision", world.most_changes);
    assert_eq!(invariant::violations(&world.state), Vec::<String>::new());
    world.pass(SignedDuration::from_mins(5), true);
    assert!(posts(&world) <= 12, "{} posts", posts(&world));
}

/// Ten incidents, whose room was told of three one by one; the post about the others waits to be sent.
fn with_post_of_several() -> (World, Arc<Delivery>) {
    let mut world = World::with_room(true);
    (0..10).for_each(|_| world.trigger());
    world.send_all();
    world.pass(SignedDuration::from_mins(1), false);
    let mut bundles = world.sendable().into_iter().filter(|delivery| delivery.is_bundle());
    let post = bundles.find(|bundle| bundle.person.room() == Some("ops".into()));
    let post = post.expect("the room's window is over");
    assert_eq!((post.about().len(), post.address.as_str()), (7, "C1"));
    (world, post)
}

#[test]
fn i12_a_post_of_several_is_taken_back_with_the_last_acknowledgement() {
    let (mut world, post) = with_post_of_several();
    for (left, id) in (0..7).rev().zip(post.about()) {
        world.act(Action::Acknowledge(*id));
        assert_eq!(world.state.paces().members_len(&post.id), left);
    }
    assert!(world.state.delivery(&post.id).is_none(), "nothing in it is wanted any more");
}

#[test]
fn a_post_of_several_that_fails_or_comes_back_changes_nobodys_escalation() {
    let standing = |world: &World| {
        let incidents = world.state.incidents();
        incidents.map(|one| (one.id, one.escalation.clone(), one.told.clone())).collect::<Vec<_>>()
    };
    let (mut world, post) = with_post_of_several();
    let before = standing(&world);
    result_of(&mut world, &post, 3);
    assert_eq!(standing(&world), before);
    assert_eq!(world.state.paces().members_len(&post.id), 0, "each post has its end");
    let (mut world, post) = with_post_of_several();
    result_of(&mut world, &post, 1);
    let told = Arc::new(Delivery {
        status: DeliveryStatus::Delivered { at: world.now, receipt: None, arrived: false },
        ..(*post).clone()
    });
    let outcome = ReceiptOutcome::CameBack { reason: "channel archived".to_owned() };
    world.input(Input::Receipt(LateReceipt { delivery: told, outcome }));
    assert_eq!(standing(&world), before);
}

#[test]
fn an_end_of_ten_thousand_is_told_in_a_handful_of_messages() {
    let mut world = World::new(false);
    (0..2_000).for_each(|_| world.trigger());
    world.pass(SignedDuration::from_secs(200), true);
    let mut news = 0;
    let ids: Vec<_> = world.state.incidents().map(|incident| incident.id).collect();
    for id in ids {
        world.input(Input::Action {
            by: Actor::Admin("ci".to_owned()),
            via: None,
            action: Action::Resolve(id),
        });
    }
    for _ in 0..20 {
        let updates = world.sendable();
        news +=
            updates.iter().filter(|update| update.is_update() || update.notice().is_some()).count();
        world.send_all();
        world.pass(SignedDuration::from_mins(1), false);
    }
    assert!((2..=6).contains(&news), "{news} messages");
}

/// Ten incidents, of which seven share a message that waits to be sent.
fn with_bundle() -> (World, Arc<Delivery>) {
    let mut world = World::new(true);
    (0..10).for_each(|_| world.trigger());
    world.send_all();
    world.pass(SignedDuration::from_mins(1), false);
    let bundle = world.sendable().into_iter().find(|delivery| delivery.is_bundle());
    let bundle = bundle.expect("the window is over");
    assert_eq!(bundle.about().len(), 7);
    (world, bundle)
}

fn result_of(world: &mut World, delivery: &Arc<Delivery>, how: u8) {
    world.attempt(delivery.clone(), how);
}

#[test]
fn i12_an_answer_takes_its_incident_out_and_the_last_one_takes_the_message_back() {
    let (mut world, bundle) = with_bundle();
    for (left, id) in (0..7).rev().zip(bundle.about()) {
        world.act(Action::Acknowledge(*id));
        assert_eq!(world.state.paces().members_len(&bundle.id), left);
    }
    assert!(world.state.delivery(&bundle.id).is_none(), "nothing in it is wanted any more");
    // One that was on its way meanwhile is on record, and tells nobody's page.
    let attempt = Attempt {
        delivery: bundle,
        started_at: world.now,
        result: AttemptResult::Failed { kind: FailureKind::Permanent, message: "m".to_owned() },
    };
    world.input(Input::Attempt(attempt));
    assert!(world.sendable().is_empty());
}

#[test]
fn i07_when_the_message_fails_each_incident_goes_on_to_the_persons_next_method() {
    let (mut world, bundle) = with_bundle();
    result_of(&mut world, &bundle, 3);
    let through = |status: fn(&Delivery) -> bool, world: &World| {
        let pages = world.state.deliveries().filter(|page| page.is_page() && status(page));
        pages.filter(|page| page.method.as_str() == "hook").count()
    };
    assert_eq!(through(Delivery::is_pending, &world), 3, "the first ones at once");
    assert_eq!(through(|page| !page.is_pending(), &world), 4, "the others together");
    world.pass(SignedDuration::from_mins(2), true);
    let reached = |id: &IncidentId| world.state.incident(*id).expect("open").escalation.reached;
    assert!(bundle.about().iter().all(|id| reached(id) > 0));
}

#[test]
fn i07_a_message_that_comes_back_later_is_as_if_it_had_never_been_taken() {
    let (mut world, bundle) = with_bundle();
    result_of(&mut world, &bundle, 1);
    let told = Arc::new(Delivery {
        status: DeliveryStatus::Delivered { at: world.now, receipt: None, arrived: false },
        ..(*bundle).clone()
    });
    let outcome = ReceiptOutcome::CameBack { reason: "no such number".to_owned() };
    for again in [false, true] {
        let (delivery, outcome) = (told.clone(), outcome.clone());
        world.input(Input::Receipt(LateReceipt { delivery, outcome }));
        let pages = world.state.deliveries().filter(|page| page.is_page());
        assert_eq!(pages.count(), 7, "told twice ({again}), it counts once");
    }
    world.pass(SignedDuration::from_mins(2), true);
    assert!(world.state.deliveries().next().is_none());
}

#[test]
fn i04_a_message_keeps_its_name_over_all_its_attempts() {
    let (mut world, bundle) = with_bundle();
    result_of(&mut world, &bundle, 2);
    let again = world.state.delivery(&bundle.id).expect("tried again").clone();
    assert_eq!((again.attempts, &again.purpose), (1, &bundle.purpose));
    assert!(world.state.paces().members_len(&bundle.id) == 7, "its pages wait for its end");
}
