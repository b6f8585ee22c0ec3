//! The pipeline with a store in memory, plugins that are closures, and a channel that is a list.

use super::door::Door;
use super::{Judge, Pipeline};
use crate::clock;
use crate::config::Plan;
use crate::deliver::{Answers, ChannelTrouble, Channels, Dispatcher, Outbox};
use crate::plugin::{AnswerLinks, Delivered, JudgedBatch, Notification, Receipt};
use crate::store::{Arrival, IncidentFilter, MemoryStore, Parsing, Store};
use crate::trouble::{own_event, parts_in_trouble, raise};
use arc_swap::ArcSwap;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use nightbell_core::model::*;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

mod notices;
mod updates;

struct KeepAll;

impl Judge for KeepAll {
    fn judge(&self, events: Vec<Arc<Event>>) -> BoxFuture<'_, JudgedBatch> {
        let judged = |event: &Arc<Event>| JudgedEvent {
            event: event.clone(),
            verdict: Verdict::Pass,
            decision: RouteDecision::default(),
            stages: Vec::new(),
        };
        let events = events.iter().map(judged).collect();
        async { JudgedBatch { events, ..JudgedBatch::default() } }.boxed()
    }
}

/// A channel whose deliveries wait at a gate.
struct Gate {
    sent: Mutex<Vec<Notification>>,
    places: Semaphore,
    /// Whether it asks for its messages to be kept current.
    has_threads: AtomicBool,
}

impl Channels for Gate {
    fn deliver<'a>(&'a self, _: &'a str, notification: Notification) -> BoxFuture<'a, Delivered> {
        async move {
            self.places.acquire().await.expect("open").forget();
            let thread = format!("thread of {}", notification.incident.id);
            let thread = self.has_threads.load(Ordering::SeqCst).then_some(thread);
            self.sent.lock().expect("lock").push(notification);
            let problems = vec!["the image is too large".to_owned()];
            let receipt = Receipt { delivered: true, id: None, thread, problems };
            Delivered { result: Ok(receipt), changes: Vec::new(), plugin: None }
        }
        .boxed()
    }
}

struct NoLinks;

impl Answers for NoLinks {
    fn links(&self, _: &Delivery, _: Timestamp) -> AnswerLinks {
        AnswerLinks::default()
    }

    fn callback_url(&self, _: &Delivery, _: Timestamp) -> Option<String> {
        None
    }

    fn code(&self, _: &Delivery, _: &[u8; 32]) -> String {
        "123456".to_owned()
    }
}

fn directory() -> Directory {
    let person = Person {
        id: "alice".into(),
        name: "Alice".to_owned(),
        email: Some("alice@example.org".to_owned()),
        time_zone: jiff::tz::TimeZone::UTC,
        language: "en".to_owned(),
    };
    let step = Step::new(vec![Target::Person("alice".into())], SignedDuration::from_hours(1));
    let policy = EscalationPolicy::new("p".into(), vec![step], 0);
    let service = Service {
        id: "s".into(),
        name: "S".to_owned(),
        policy: "p".into(),
        urgency: None,
        support_hours: None,
        reopen_within: SignedDuration::ZERO,
        team: None,
        subscribers: Vec::new(),
    };
    Directory {
        people: BTreeMap::from([(person.id.clone(), person)]),
        services: BTreeMap::from([(service.id.clone(), service)]),
        integrations: BTreeMap::from([(
            IntegrationId::new("in"),
            Integration { id: "in".into(), service: "s".into() },
        )]),
        policies: BTreeMap::from([(policy.id.clone(), Arc::new(policy))]),
        schedules: BTreeMap::new(),
        fallback: vec![Target::Person("alice".into())],
        pacing: Pacing { usual: Bounds { burst: 1_000, ..Bounds::USUAL }, ..Pacing::default() },
        ..Directory::default()
    }
    .with_built_in()
}

fn plan() -> Plan {
    Plan {
        public_url: "http://127.0.0.1".to_owned(),
        sha256: "test".to_owned(),
        ..Plan::bare(Path::new("."), directory())
    }
}

struct Bench {
    outbox: Arc<Outbox>,
    door: Door,
    store: Arc<dyn Store>,
    gate: Arc<Gate>,
    stop: CancellationToken,
}

impl Bench {
    /// A pipeline and a dispatcher over an empty store; `places` deliveries may pass the gate.
    fn start(places: usize) -> Self {
        Self::with(places, Arc::new(KeepAll), Arc::new(NoLinks), &[])
    }

    /// `told`: channels that were in trouble before the start.
    fn with(
        places: usize,
        judge: Arc<dyn Judge>,
        answers: Arc<dyn Answers>,
        told: &[&str],
    ) -> Self {
        let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
        let plan = Arc::new(ArcSwap::from_pointee(plan()));
        let (door, asked) = Door::new(State::default(), EventId(0), plan, store.clone());
        let outbox = Arc::new(Outbox::default());
        let gate = Arc::new(Gate {
            sent: Mutex::default(),
            places: Semaphore::new(places),
            has_threads: AtomicBool::new(false),
        });
        let stop = CancellationToken::new();
        let pipeline = Pipeline {
            door: door.clone(),
            asked,
            judge,
            outbox: outbox.clone(),
            state: State::default(),
            cursor: EventId(0),
        };
        tokio::spawn(pipeline.run(stop.clone()));
        let dispatcher = Dispatcher {
            door: door.clone(),
            outbox: outbox.clone(),
            channels: gate.clone(),
            answers,
            trouble: Arc::new(ChannelTrouble::new(
                store.clone(),
                told.iter().map(|channel| (*channel).to_owned()),
            )),
        };
        tokio::spawn(dispatcher.run(stop.clone()));
        Self { outbox, door, store, gate, stop }
    }

    async fn trigger(&self, key: &str) -> EventId {
        let event = Event {
            id: EventId(0),
            integration: "in".into(),
            dedup_key: key.into(),
            title: key.to_owned(),
            ..crate::trouble::placeholder(EventId(0), clock::now())
        };
        let arrival = Arrival {
            integration: "in".into(),
            received_at: event.received_at,
            payload_id: key.to_owned(),
            method: "POST".to_owned(),
            path: "/".to_owned(),
            query: String::new(),
            headers: Vec::new(),
            content_type: String::new(),
            body: bytes::Bytes::new(),
            parser: None,
            parsing: Parsing::Parsed { rejected: Vec::new() },
            events: vec![event],
        };
        self.store.append(vec![arrival]).await.expect("memory")[0]
    }

    /// Waits, by yielding to the tasks at work, until something holds.
    async fn until(&self, what: &str, mut holds: impl FnMut(&Self) -> bool) {
        let wait = async {
            while !holds(self) {
                tokio::task::yield_now().await;
            }
        };
        let ended = tokio::time::timeout(Duration::from_secs(20), wait).await;
        assert!(ended.is_ok(), "waited for {what}");
    }

    fn sent(&self) -> usize {
        self.gate.sent.lock().expect("lock").len()
    }

    fn open(&self) -> usize {
        self.door.view(|view| view.state.incidents().count())
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

fn acknowledge(id: u64) -> Input {
    let by = Actor::Person("alice".into());
    Input::Action { by, via: None, action: Action::Acknowledge(IncidentId(id)) }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_becomes_an_incident_and_a_delivery() {
    let bench = Bench::start(10);
    bench.trigger("disk").await;
    bench.until("the page", |bench| bench.sent() == 1).await;
    bench
        .until("the record of it", |bench| {
            bench.door.view(|view| view.state.deliveries().count()) == 0
        })
        .await;
    let deliveries = bench.store.deliveries(IncidentId(1)).await.expect("memory");
    assert!(matches!(deliveries[0].status, DeliveryStatus::Delivered { .. }));
    let filter = IncidentFilter { limit: 10, ..IncidentFilter::default() };
    let page = bench.store.incidents(filter).await.expect("memory");
    assert_eq!(page.items.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn i12_after_the_answer_to_an_acknowledgement_no_attempt_starts() {
    // One place at the gate and more incidents than may be under way: most deliveries wait in the outbox.
    let bench = Bench::start(0);
    let incidents = 60;
    for n in 0..incidents {
        bench.trigger(&format!("event {n}")).await;
    }
    bench.until("all incidents", |bench| bench.open() == incidents).await;
    for id in 1..=incidents as u64 {
        assert_eq!(bench.door.submit(acknowledge(id)).await, Ok(Reply::Done));
    }
    let answered = clock::now();
    bench.gate.places.add_permits(1_000);
    bench
        .until("what was under way to end", |bench| {
            bench.door.view(|view| view.state.deliveries().count()) == 0 && bench.sent() > 0
        })
        .await;
    bench.trigger("after").await;
    bench
        .until("a later page", |bench| {
            let sent = bench.gate.sent.lock().expect("lock");
            sent.iter().any(|n| n.incident.title == "after")
        })
        .await;
    let sent = bench.gate.sent.lock().expect("lock");
    let late = sent.iter().filter(|n| n.incident.title != "after" && n.now > answered).count();
    assert_eq!(late, 0, "no attempt started after the acknowledgements were answered");
    assert!(sent.len() <= crate::limits::DELIVERIES_MAX + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn i03_what_is_answered_is_in_the_store() {
    let bench = Bench::start(10);
    bench.trigger("disk").await;
    bench.until("the incident", |bench| bench.open() == 1).await;
    assert_eq!(bench.door.submit(acknowledge(1)).await, Ok(Reply::Done));
    let incident = bench.store.incident(IncidentId(1)).await.expect("memory").expect("there");
    assert_eq!(incident.status, IncidentStatus::Acknowledged);
    let timeline = bench.store.timeline(IncidentId(1)).await.expect("memory");
    assert!(timeline.iter().any(|entry| entry.kind == TimelineKind::Acknowledged));
    let unknown = bench.door.submit(acknowledge(99)).await.expect("answered");
    assert_eq!(unknown, Reply::Refused(Refusal::NoOpenIncident(IncidentId(99))));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_event_gets_exactly_one_outcome_in_order() {
    let bench = Bench::start(1_000);
    // Commits are numbered in the same row, so the ids may have holes.
    let mut ids = Vec::new();
    for n in 0..300 {
        ids.push(bench.trigger(&format!("event {}", n % 150)).await);
    }
    let last = ids[ids.len() - 1];
    bench.until("all to be decided", |bench| bench.door.cursor() == last).await;
    assert_eq!(bench.open(), 150);
    let mut opened = 0;
    for id in ids {
        let stored = bench.store.event(id).await.expect("memory").expect("there");
        let outcome = stored.outcome.expect("decided");
        assert_eq!(outcome.event, id);
        opened += usize::from(matches!(outcome.fate, Fate::Opened(_)));
    }
    assert_eq!(opened, 150);
}

/// A host that panics, then leaves everything out, then works.
#[derive(Default)]
struct Broken {
    calls: AtomicUsize,
}

impl Judge for Broken {
    fn judge(&self, events: Vec<Arc<Event>>) -> BoxFuture<'_, JudgedBatch> {
        match self.calls.fetch_add(1, Ordering::SeqCst) {
            0 => panic!("as a host should not"),
            1 => async { JudgedBatch::default() }.boxed(),
            _ => KeepAll.judge_owned(events),
        }
    }
}

impl KeepAll {
    fn judge_owned(&self, events: Vec<Arc<Event>>) -> BoxFuture<'static, JudgedBatch> {
        let judged = self.judge(events).now_or_never().expect("it does not wait");
        async { judged }.boxed()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn i07_a_host_that_panics_or_leaves_events_out_loses_none() {
    let bench = Bench::with(10, Arc::new(Broken::default()), Arc::new(NoLinks), &[]);
    for (n, key) in ["panic", "left out", "as usual"].into_iter().enumerate() {
        let id = bench.trigger(key).await;
        bench.until("the event to be decided", |bench| bench.door.cursor() == id).await;
        assert_eq!(bench.open(), n + 1, "{key}");
    }
}

/// Links that take until the sender is dropped.
struct Held {
    asked: AtomicBool,
    go: Mutex<std::sync::mpsc::Receiver<()>>,
}

impl Answers for Held {
    fn links(&self, _: &Delivery, _: Timestamp) -> AnswerLinks {
        self.asked.store(true, Ordering::SeqCst);
        let go = self.go.lock().expect("lock");
        assert!(tokio::task::block_in_place(|| go.recv()).is_err(), "nothing is ever sent");
        AnswerLinks::default()
    }

    fn callback_url(&self, _: &Delivery, _: Timestamp) -> Option<String> {
        None
    }

    fn code(&self, _: &Delivery, _: &[u8; 32]) -> String {
        "123456".to_owned()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn i12_what_is_answered_while_an_attempt_is_being_prepared_is_not_sent() {
    let (hold, go) = std::sync::mpsc::channel();
    let held = Arc::new(Held { asked: AtomicBool::new(false), go: Mutex::new(go) });
    let bench = Bench::with(10, Arc::new(KeepAll), held.clone(), &[]);
    bench.trigger("disk").await;
    bench.until("the attempt's start", |_| held.asked.load(Ordering::SeqCst)).await;
    assert_eq!(bench.door.submit(acknowledge(1)).await, Ok(Reply::Done));
    drop(hold);
    bench.until("the attempt's end", |bench| bench.outbox.is_idle()).await;
    assert_eq!(bench.sent(), 0, "it was answered before anything left");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_in_trouble_before_the_start_is_told_well_at_its_first_success() {
    let bench = Bench::with(10, Arc::new(KeepAll), Arc::new(NoLinks), &["email"]);
    let own = own_event(EventKind::Trigger, "email", "does not deliver", "", clock::now());
    raise(&*bench.store, own).await.expect("memory");
    bench.until("the page about it", |bench| bench.sent() >= 1).await;
    bench
        .until("its end", |bench| bench.door.view(|view| parts_in_trouble(view.state).is_empty()))
        .await;
    let ended = |bench: &Bench| bench.door.cursor() >= EventId(2) && bench.open() == 0;
    bench.until("the incident's end", ended).await;
}

#[test]
fn a_storm_in_one_group_is_one_incident_in_its_commit() {
    let (directory, now) = (directory(), clock::now());
    let judged = (1..=200).map(|id| JudgedEvent {
        event: Arc::new(Event {
            integration: "in".into(),
            dedup_key: format!("event {id}").as_str().into(),
            ..crate::trouble::placeholder(EventId(id), now)
        }),
        verdict: Verdict::Pass,
        decision: RouteDecision { group_key: Some("g".to_owned()), ..RouteDecision::default() },
        stages: Vec::new(),
    });
    let mut state = State::default();
    let mut batch = super::batch::Batch::new(&directory, &mut state, EventId(0), now);
    batch.judged(JudgedBatch { events: judged.collect(), ..JudgedBatch::default() });
    let commit = batch.finish().expect("something changed");
    let incidents = commit.changes.iter().filter(|change| matches!(change, Change::Incident(_)));
    assert_eq!(incidents.count(), 1, "each version would hold all alerts so far");
    let mut replayed = State::default();
    replayed.apply(&commit.changes);
    assert_eq!(replayed, state);
    assert_eq!(state.incident(IncidentId(1)).expect("open").alerts.len(), 200);
}
