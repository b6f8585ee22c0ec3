//! A small engine for tests of the doors: the real router, the real `decide`, a memory store, a manual answer for
//! every parser, a clock that stands still. Nothing listens and nothing sleeps.

use super::doors::{Callbacks, Doors, Places, Readiness};
use super::health::quiet_metrics;
use crate::config::{IntegrationPlan, Plan};
use crate::ingest::{ParseOutcome, ParsedEvent, Parsers, Payload};
use crate::pipeline::door::{Asked, Door};
use crate::plugin::{
    Answer, AnswerAction, CallbackRequest, ChannelStatus, Difference, Failure, Health, Kind,
    LogPage, PluginState, PluginStatus, Reply, Source, TermsStatus,
};
use crate::store::{
    Arrival, Commit, EventFilter, IncidentFilter, MemoryStore, Page, Store, StoreError, StoredEvent,
};
use crate::token::{mint, sha256};
use crate::ui::answer::AnswerLinks;
use arc_swap::ArcSwap;
use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode};
use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use jiff::civil::date;
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use nightbell_core::decide;
use nightbell_core::model::Reply as Heard;
use nightbell_core::model::*;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tower::ServiceExt;

/// A key of the integration `nagios`.
pub(crate) const KEY: &str = "0123456789abcdef0123456789abcdef";

/// The key it had before; it still works.
pub(crate) const OLD_KEY: &str = "abcdefabcdefabcdefabcdefabcdefab";

pub(crate) fn now() -> Timestamp {
    "2026-03-02T03:04:05Z".parse().expect("a time")
}

/// What the store does with the next append.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Appending {
    Works,
    Full,
    Fails,
    /// Until `Fixture::appending` says otherwise.
    Waits,
}

/// A memory store whose appends can be held up or refused.
struct TestStore {
    memory: MemoryStore,
    appending: watch::Sender<Appending>,
    arrivals: Mutex<Vec<Arrival>>,
}

impl Store for TestStore {
    fn append(&self, arrivals: Vec<Arrival>) -> BoxFuture<'_, Result<Vec<EventId>, StoreError>> {
        async move {
            let mut appending = self.appending.subscribe();
            let how = appending.wait_for(|how| *how != Appending::Waits).await.map(|how| *how);
            match how {
                Ok(Appending::Works) => {}
                Ok(Appending::Full) => return Err(StoreError::Full),
                _ => return Err(StoreError::Failed("lsn 7: /secret/path broke".to_owned())),
            }
            self.arrivals.lock().expect("no panic").extend(arrivals.clone());
            self.memory.append(arrivals).await
        }
        .boxed()
    }

    fn pending(
        &self,
        after: EventId,
        max: usize,
    ) -> BoxFuture<'_, Result<Vec<Arc<Event>>, StoreError>> {
        self.memory.pending(after, max)
    }

    fn appended(&self) -> watch::Receiver<EventId> {
        self.memory.appended()
    }

    fn commit(&self, commit: Commit) -> BoxFuture<'_, Result<(), StoreError>> {
        self.memory.commit(commit)
    }

    fn incident(&self, id: IncidentId) -> BoxFuture<'_, Result<Option<Arc<Incident>>, StoreError>> {
        self.memory.incident(id)
    }

    fn incidents(
        &self,
        filter: IncidentFilter,
    ) -> BoxFuture<'_, Result<Page<Arc<Incident>>, StoreError>> {
        self.memory.incidents(filter)
    }

    fn alerts(&self, id: IncidentId) -> BoxFuture<'_, Result<Vec<Arc<Alert>>, StoreError>> {
        self.memory.alerts(id)
    }

    fn timeline(&self, id: IncidentId) -> BoxFuture<'_, Result<Vec<TimelineEntry>, StoreError>> {
        self.memory.timeline(id)
    }

    fn deliveries(&self, id: IncidentId) -> BoxFuture<'_, Result<Vec<Arc<Delivery>>, StoreError>> {
        self.memory.deliveries(id)
    }

    fn event(&self, id: EventId) -> BoxFuture<'_, Result<Option<StoredEvent>, StoreError>> {
        self.memory.event(id)
    }

    fn events(&self, filter: EventFilter) -> BoxFuture<'_, Result<Page<StoredEvent>, StoreError>> {
        self.memory.events(filter)
    }
}

pub(crate) fn stamp(name: &str) -> PluginStamp {
    PluginStamp { name: name.into(), sha256: "ab".repeat(32).into() }
}

pub(crate) fn parsed_event(title: &str) -> ParsedEvent {
    ParsedEvent {
        kind: EventKind::Trigger,
        dedup_key: None,
        title: title.to_owned(),
        severity: Severity::Critical,
        starts_at: None,
        expires_at: None,
        source: "db1".to_owned(),
        links: Vec::new(),
        images: Vec::new(),
        labels: BTreeMap::from([("team".to_owned(), "shop".to_owned())]),
        details: String::new(),
        attributes: Vec::new(),
    }
}

pub(crate) fn parsed(events: Vec<ParsedEvent>) -> ParseOutcome {
    ParseOutcome::Parsed { events, reply: None, rejected: Vec::new(), plugin: stamp("nagios") }
}

/// Answers every payload as the test says, and remembers what it saw.
#[derive(Default)]
pub(crate) struct TestPlugins {
    pub(crate) outcome: Mutex<Option<ParseOutcome>>,
    pub(crate) seen: Mutex<Vec<(String, Payload, Value)>>,
    pub(crate) answer: Mutex<Option<Answer>>,
    pub(crate) called: Mutex<Vec<CallbackRequest>>,
    /// Without one, every address is taken in lower case.
    pub(crate) validated: Mutex<Option<Result<Result<String, String>, Failure>>>,
}

impl Parsers for TestPlugins {
    fn parse<'a>(
        &'a self,
        parser: &'a str,
        payload: &'a Payload,
        settings: &'a Value,
    ) -> BoxFuture<'a, ParseOutcome> {
        let call = (parser.to_owned(), payload.clone(), settings.clone());
        self.seen.lock().expect("no panic").push(call);
        let outcome = self.outcome.lock().expect("no panic").clone();
        std::future::ready(outcome.unwrap_or_else(|| parsed(vec![parsed_event("disk full")])))
            .boxed()
    }
}

impl Callbacks for TestPlugins {
    fn callback<'a>(
        &'a self,
        _: &'a str,
        request: CallbackRequest,
    ) -> BoxFuture<'a, Result<Answer, Failure>> {
        self.called.lock().expect("no panic").push(request);
        let answer = self.answer.lock().expect("no panic").clone();
        let reply =
            Reply { status: 200, content_type: "text/xml".to_owned(), body: "<ok/>".into() };
        let acknowledge = Answer {
            action: AnswerAction::Acknowledge,
            delivery: None,
            account: None,
            reply,
            changes: Vec::new(),
        };
        std::future::ready(Ok(answer.unwrap_or(acknowledge))).boxed()
    }

    fn validate<'a>(
        &'a self,
        _: &'a str,
        address: &'a str,
        _: Timestamp,
    ) -> BoxFuture<'a, Result<Result<String, String>, Failure>> {
        let said = self.validated.lock().expect("no panic").clone();
        std::future::ready(said.unwrap_or_else(|| Ok(Ok(address.to_lowercase())))).boxed()
    }

    fn channels(&self) -> Vec<ChannelStatus> {
        let manifest = "name = 'email'\nversion = '1.0.0'\nkind = 'channel'\ndescription = 'Mail'\n\
            [address]\nlabel = 'Mail address'\nexample = 'a@example.org'\ninput = 'email'\n\
            [address.ja]\nlabel = 'メールアドレス'\n\
            [settings.footer]\ntype = ['string', 'array']\ndescription = 'Last line'\ndefault = 'Nightbell'\n";
        let manifest = nightbell_pack::Manifest::parse(manifest).expect("valid");
        vec![ChannelStatus {
            name: manifest.name,
            description: manifest.description,
            state: PluginState::Running,
            error: None,
            address: manifest.address,
            settings: manifest.settings,
        }]
    }

    fn list(&self) -> Vec<PluginStatus> {
        let plugin = |name: &str, kind, state| PluginStatus {
            name: name.to_owned(),
            version: "1.0.0".to_owned(),
            description: String::new(),
            kind: Some(kind),
            state,
            source: Source::Shipped,
            file: None,
            sha256: "ab".repeat(32),
            file_sha256: "ab".repeat(32),
            error: None,
            calls: 0,
            failures: 0,
            order: 100,
            health: Health::default(),
            terms: TermsStatus::default(),
        };
        vec![
            plugin("nagios", Kind::Parser, PluginState::Running),
            plugin("email", Kind::Channel, PluginState::Running),
            plugin("mute", Kind::Filter, PluginState::Quarantined),
        ]
    }

    fn log(&self, plugin: &str, _: Option<u64>) -> Option<LogPage> {
        (plugin == "mute").then(LogPage::default)
    }

    fn differences(&self, plugin: &str) -> Option<Vec<Difference>> {
        (plugin == "mute").then(Vec::new)
    }

    fn reset(&self, plugin: &str, _: &str) -> Option<bool> {
        (plugin == "mute").then_some(true)
    }
}

/// The engine and its hands.
pub(crate) struct Fixture {
    pub(crate) router: Router,
    pub(crate) doors: Arc<Doors>,
    pub(crate) plugins: Arc<TestPlugins>,
    pub(crate) readiness: watch::Sender<Readiness>,
    store: Arc<TestStore>,
}

/// What a request was answered.
#[derive(Debug)]
pub(crate) struct Answered {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answered {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("text")
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

fn person(id: &str, zone: &str) -> (PersonId, Person) {
    let person = Person {
        id: id.into(),
        name: id[..1].to_uppercase() + &id[1..],
        email: Some(format!("{id}@example.org")),
        time_zone: TimeZone::get(zone).expect("a zone"),
        language: "en".to_owned(),
    };
    (id.into(), person)
}

fn directory() -> Directory {
    let layer = Layer::new(
        "weekly",
        date(2026, 1, 5).at(9, 0, 0, 0),
        Turn { count: 1, unit: TurnUnit::Weeks },
        vec![Some("alice".into()), Some("bob".into())],
    );
    let zone = TimeZone::get("Asia/Tokyo").expect("a zone");
    let schedule = Schedule {
        name: "Primary".to_owned(),
        ..Schedule::new("primary".into(), zone, vec![layer])
    };
    let step = |target, minutes| Step::new(vec![target], SignedDuration::from_mins(minutes));
    let steps =
        vec![step(Target::Schedule("primary".into()), 5), step(Target::Person("bob".into()), 10)];
    let policy = EscalationPolicy::new("shop".into(), steps, 1);
    let service = Service {
        id: "shop".into(),
        name: "Shop <b>".to_owned(),
        policy: "shop".into(),
        urgency: None,
        support_hours: None,
        reopen_within: SignedDuration::ZERO,
        team: None,
        subscribers: Vec::new(),
    };
    let integration = Integration { id: "nagios".into(), service: "shop".into() };
    Directory {
        people: BTreeMap::from([person("alice", "Asia/Tokyo"), person("bob", "UTC")]),
        services: BTreeMap::from([(service.id.clone(), service)]),
        integrations: BTreeMap::from([(integration.id.clone(), integration)]),
        policies: BTreeMap::from([(policy.id.clone(), Arc::new(policy))]),
        schedules: BTreeMap::from([(schedule.id.clone(), Arc::new(schedule))]),
        fallback: vec![Target::Person("bob".into())],
        ..Directory::default()
    }
    .with_built_in()
}

pub(crate) fn plan() -> Plan {
    Plan {
        listen: "127.0.0.1:0".parse().expect("an address"),
        integrations: vec![IntegrationPlan {
            id: "nagios".into(),
            parser: "nagios".to_owned(),
            keys_sha256: vec![sha256(OLD_KEY.as_bytes()), sha256(KEY.as_bytes())],
            settings: serde_json::json!({ "own": true }),
        }],
        sha256: "cd".repeat(32),
        ..Plan::bare(Path::new("/nonexistent"), directory())
    }
}

impl Fixture {
    pub(crate) fn new() -> Self {
        Self::with_plan(plan())
    }

    /// Senders wait so long for a place, in theory: tests that need it never let it pass.
    pub(crate) fn with_plan(plan: Plan) -> Self {
        Self::build(plan, Duration::from_secs(600))
    }

    /// Senders do not wait for a place.
    pub(crate) fn impatient() -> Self {
        Self::build(plan(), Duration::ZERO)
    }

    fn build(plan: Plan, wait: Duration) -> Self {
        let store = Arc::new(TestStore {
            memory: MemoryStore::new(),
            appending: watch::Sender::new(Appending::Works),
            arrivals: Mutex::default(),
        });
        let plan = Arc::new(ArcSwap::from_pointee(plan));
        let (door, asked) = Door::new(State::default(), EventId(0), plan, store.clone());
        tokio::spawn(answer(door.clone(), asked));
        let plugins = Arc::new(TestPlugins::default());
        let (readiness, ready) = watch::channel(Readiness::Ready);
        let data = tempfile::tempdir().expect("a directory");
        let doors = Arc::new(Doors {
            door,
            parsers: plugins.clone(),
            plugins: plugins.clone(),
            links: Arc::new(AnswerLinks::load(data.path()).expect("a key")),
            reload: Arc::new(|| {
                std::future::ready(Err("error: unknown key `fallbak`".to_owned())).boxed()
            }),
            readiness: ready,
            metrics: quiet_metrics(),
            clock: now,
            parsing: Places { wait, ..Places::default() },
        });
        let router = super::router(doors.clone());
        Self { router, doors, plugins, readiness, store }
    }

    /// How the store takes arrivals from now on.
    pub(crate) fn appending(&self, how: Appending) {
        self.store.appending.send_replace(how);
    }

    pub(crate) fn parser_says(&self, outcome: ParseOutcome) {
        *self.plugins.outcome.lock().expect("no panic") = Some(outcome);
    }

    pub(crate) fn arrivals(&self) -> Vec<Arrival> {
        self.store.arrivals.lock().expect("no panic").clone()
    }

    /// A token, known from now on.
    pub(crate) async fn token(&self, kind: TokenKind) -> String {
        let (plain, token) = mint(kind, "test", now(), None);
        let action = Action::PutToken(token);
        let input = Input::Action { by: Actor::Engine, via: None, action };
        assert_eq!(self.doors.door.submit(input).await, Ok(Heard::Done));
        plain
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answered {
        let response = self.router.clone().oneshot(request).await.expect("infallible");
        let (parts, body) = response.into_parts();
        let body = axum::body::to_bytes(body, 8 << 20).await.expect("a body");
        Answered { status: parts.status, headers: parts.headers, body }
    }

    /// One request with a token and perhaps a JSON body.
    pub(crate) async fn call(
        &self,
        method: &str,
        path: &str,
        token: &str,
        body: Option<Value>,
    ) -> Answered {
        let mut request = Request::builder().method(method).uri(path);
        if !token.is_empty() {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let body = match body {
            Some(json) => {
                request = request.header("content-type", "application/json");
                Body::from(json.to_string())
            }
            None => Body::empty(),
        };
        self.send(request.body(body).expect("a request")).await
    }

    /// A payload at the door of the integration `nagios`.
    pub(crate) async fn post(&self, path: &str, body: impl Into<Body>) -> Answered {
        let request = Request::post(path).header("content-type", "application/json");
        self.send(request.body(body.into()).expect("a request")).await
    }

    /// Decides everything that was appended, as a pipeline without plugins does.
    pub(crate) async fn decide_events(&self) {
        let door = &self.doors.door;
        let pending = door.store().pending(door.cursor(), 1_000).await.expect("events");
        for event in pending {
            let judged = JudgedEvent {
                event: event.clone(),
                verdict: Verdict::Pass,
                decision: RouteDecision::default(),
                stages: vec![StageTrace {
                    stage: "filter",
                    plugin: stamp("mute"),
                    verdict: "keep".into(),
                    batch_us: 12,
                    batch_len: 1,
                }],
            };
            commit(door, &Input::Event(Box::new(judged)), Vec::new(), event.id).await;
        }
    }

    /// An incident, triggered, with a delivery to alice or bob.
    pub(crate) async fn incident(&self) -> IncidentId {
        let title = format!("disk <full> {}", self.arrivals().len());
        self.parser_says(parsed(vec![parsed_event(&title)]));
        let answered = self.post(&format!("/in/{KEY}"), "{}").await;
        assert_eq!(answered.status, StatusCode::ACCEPTED, "{answered:?}");
        self.decide_events().await;
        self.doors.door.view(|view| view.state.incidents().last().expect("opened").id)
    }
}

async fn commit(door: &Door, input: &Input, extra: Vec<Change>, cursor: EventId) -> Heard {
    let transition = door.view(|view| decide(view, input, now()));
    let changes: Vec<Change> = transition.changes.into_iter().chain(extra).collect();
    let commit = Commit {
        now: now(),
        inputs: Vec::new(),
        cursor,
        outcomes: transition.outcome.into_iter().collect(),
        changes: changes.clone(),
        timeline: transition.timeline,
    };
    door.store().commit(commit).await.expect("memory does not fail");
    door.publish(&changes);
    door.set_cursor(cursor);
    transition.reply
}

async fn answer(door: Door, mut asked: mpsc::Receiver<Asked>) {
    while let Some(Asked { input, extra, answer }) = asked.recv().await {
        let reply = commit(&door, &input, extra, door.cursor()).await;
        // As in the pipeline: what the input makes due now is decided with it.
        while let Some(timer) = door.view(|view| view.state.due(now(), 1)).pop() {
            commit(&door, &Input::Due(timer.key), Vec::new(), door.cursor()).await;
        }
        // Whoever asked may be gone.
        drop(answer.send(reply));
    }
}
