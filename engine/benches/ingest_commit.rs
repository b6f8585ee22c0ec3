//! From accepted bytes to decided and durable: 64 senders append payloads of 1 KiB, one event each, each waiting for its
//! sync before it sends the next, while the pipeline judges, decides and commits.
//!
//! Beside it stand the disk's own limit (the same payload bytes, 64 to a `fdatasync`, and nothing else) and the same
//! work on the store that forgets. A run ends when the last event's decision is durable. The cases are measured in
//! turns, so that a busy machine disturbs all of them alike; the last lines say medians and ratios.

#![allow(clippy::print_stdout, reason = "the ratios are the result")]

use arc_swap::ArcSwap;
use criterion::{Criterion, Throughput};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use nightbell::config::Plan;
use nightbell::deliver::Outbox;
use nightbell::pipeline::door::Door;
use nightbell::pipeline::{Judge, Pipeline};
use nightbell::plugin::{HostSetup, JudgedBatch, PluginHost, shipped};
use nightbell::store::{Arrival, EmbeddedOptions, EmbeddedStore, MemoryStore, Parsing, Store};
use nightbell_core::model::{
    Directory, EscalationPolicy, Event, EventId, EventKind, Integration, IntegrationId,
    JudgedEvent, Person, RouteDecision, Service, Severity, State, Step, Target, Verdict,
};
use std::collections::BTreeMap;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;

/// Events of one run.
const EVENTS: usize = 4_096;
/// Senders at once, and payloads to a sync for the disk's limit.
const SENDERS: usize = 64;
/// Bytes of a payload.
const BODY: usize = 1_024;
/// Alerts that the repeated triggers speak of.
const ALERTS: usize = 128;
/// Turns taken for the ratios.
const ROUNDS: usize = 7;

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Case {
    /// The payloads' bytes to a file.
    Disk,
    /// The journal alone: nobody decides.
    Append,
    /// All of it, on a store, with or without the shipped plugins, for alerts of one kind.
    Whole { kept: Kept, plugins: bool, alerts: Alerts },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kept {
    Memory,
    Embedded,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Alerts {
    /// Monitors send again what fires already: the daily case.
    Repeated,
    /// Every event opens an incident and pages somebody: the worst case.
    New,
}

const CASES: [(&str, Case); 7] = [
    ("disk: 64 KiB and fdatasync", Case::Disk),
    ("embedded: append alone", Case::Append),
    ("embedded: repeated", whole(Kept::Embedded, false, Alerts::Repeated)),
    ("embedded: repeated, shipped plugins", whole(Kept::Embedded, true, Alerts::Repeated)),
    ("embedded: new incidents", whole(Kept::Embedded, false, Alerts::New)),
    ("memory: repeated", whole(Kept::Memory, false, Alerts::Repeated)),
    ("memory: new incidents", whole(Kept::Memory, false, Alerts::New)),
];

const fn whole(kept: Kept, plugins: bool, alerts: Alerts) -> Case {
    Case::Whole { kept, plugins, alerts }
}

/// What a run came to.
struct Outcome {
    elapsed: Duration,
    /// How long each sender waited for each answer.
    waits: Vec<Duration>,
}

/// What all runs share.
struct Bench {
    runtime: Runtime,
    plugins: Arc<PluginHost>,
    /// On the disk that is measured: beside what is compiled.
    home: TempDir,
}

fn main() {
    let bench = Bench::start();
    let mut criterion = Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_secs(1))
        .configure_from_args();
    let mut group = criterion.benchmark_group("ingest_commit");
    group.throughput(Throughput::Elements(EVENTS as u64));
    for (name, case) in CASES {
        group.bench_function(name, |bencher| {
            bencher.iter_custom(|runs| (0..runs).map(|_| bench.run(case).elapsed).sum());
        });
    }
    group.finish();
    criterion.final_summary();
    if ratios_are_wanted() {
        ratios(&bench);
    }
}

/// Unless cargo was asked for something else: `-- ratios` asks for nothing but them.
fn ratios_are_wanted() -> bool {
    std::env::args().skip(1).all(|word| word == "--bench" || "ingest_commit ratios".contains(&word))
}

/// Takes turns and prints each case's median rate, beside the disk's limit.
fn ratios(bench: &Bench) {
    let mut runs: Vec<Vec<Outcome>> = CASES.iter().map(|_| Vec::new()).collect();
    for _ in 0..ROUNDS {
        for ((_, case), runs) in CASES.iter().zip(&mut runs) {
            runs.push(bench.run(*case));
        }
    }
    let rate = |runs: &[Outcome]| {
        let mut times: Vec<_> = runs.iter().map(|run| run.elapsed).collect();
        times.sort();
        EVENTS as f64 / times[times.len() / 2].as_secs_f64()
    };
    let disk = rate(&runs[0]);
    println!("\nmedians of {ROUNDS} turns, {EVENTS} events each:");
    for ((name, _), runs) in CASES.iter().zip(&runs) {
        let rate = rate(runs);
        let part = 100.0 * rate / disk;
        let mut waits: Vec<_> = runs.iter().flat_map(|run| run.waits.iter().copied()).collect();
        waits.sort();
        let ms = |percent: usize| waits[(waits.len() - 1) * percent / 100].as_secs_f64() * 1e3;
        println!(
            "  {name:<36} {rate:>8.0} events/s  {part:>4.0} % of the disk  waits p50 {:.1} ms, p99 {:.1} ms",
            ms(50),
            ms(99)
        );
    }
}

impl Bench {
    fn start() -> Self {
        let home = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a directory");
        let runtime =
            tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
        let setup = HostSetup {
            plan: Arc::new(plan(home.path())),
            shipped: shipped(),
            state: Vec::new(),
            cache_dir: home.path().join("cache"),
        };
        assert!(!setup.shipped.is_empty(), "run `cargo xtask bench`: it builds the plugins");
        let plugins = runtime.block_on(PluginHost::start(setup)).expect("the engine starts");
        Self { runtime, plugins, home }
    }

    fn run(&self, case: Case) -> Outcome {
        let home = tempfile::tempdir_in(self.home.path()).expect("a directory");
        match case {
            Case::Disk => fill_disk(home.path()),
            Case::Append => {
                let store = embedded(home.path());
                self.runtime.block_on(async move {
                    let start = Instant::now();
                    let (_, waits) = send(&store, Alerts::Repeated).await;
                    Outcome { elapsed: start.elapsed(), waits }
                })
            }
            Case::Whole { kept, plugins, alerts } => {
                let store = match kept {
                    Kept::Memory => Arc::new(MemoryStore::new()),
                    Kept::Embedded => embedded(home.path()),
                };
                let judge: Arc<dyn Judge> = match plugins {
                    true => self.plugins.clone(),
                    false => Arc::new(PassAll),
                };
                self.runtime.block_on(ingest_and_commit(store, judge, home.path(), alerts))
            }
        }
    }
}

fn embedded(home: &Path) -> Arc<dyn Store> {
    let (store, _) =
        EmbeddedStore::open(&home.join("data"), EmbeddedOptions::default()).expect("it opens");
    Arc::new(store)
}

/// What no store can beat: the payloads' bytes, in groups, with nothing around them. The file is written once before, as
/// the journal's segments are, so that a sync has no metadata to write.
fn fill_disk(home: &Path) -> Outcome {
    let file = File::create_new(home.join("file")).expect("made");
    file.write_all_at(&vec![0; EVENTS * BODY], 0).expect("written");
    file.sync_all().expect("synced");
    let group = vec![0x55; SENDERS * BODY];
    let start = Instant::now();
    let mut waits = Vec::with_capacity(EVENTS / SENDERS);
    for offset in (0..EVENTS * BODY).step_by(group.len()) {
        let asked = Instant::now();
        file.write_all_at(&group, offset as u64).expect("written");
        file.sync_data().expect("synced");
        waits.push(asked.elapsed());
    }
    Outcome { elapsed: start.elapsed(), waits }
}

/// From the first payload until the last event's decision is durable.
async fn ingest_and_commit(
    store: Arc<dyn Store>,
    judge: Arc<dyn Judge>,
    home: &Path,
    alerts: Alerts,
) -> Outcome {
    let plan = Arc::new(ArcSwap::from_pointee(plan(home)));
    let (door, asked) = Door::new(State::default(), EventId(0), plan, store.clone());
    let (outbox, stop) = (Arc::new(Outbox::default()), CancellationToken::new());
    let (state, cursor) = (State::default(), EventId(0));
    let pipeline =
        Pipeline { door: door.clone(), asked, judge, outbox: outbox.clone(), state, cursor };
    let pipeline = tokio::spawn(pipeline.run(stop.clone()));
    let start = Instant::now();
    let (last, waits) = send(&store, alerts).await;
    while door.cursor() < last {
        // Told after every commit, whether something is to be sent or not.
        outbox.changed().await;
    }
    let elapsed = start.elapsed();
    stop.cancel();
    pipeline.await.expect("no panic").expect("no error");
    let open = door.view(|view| view.state.incidents().count());
    assert_eq!(open, if alerts == Alerts::New { EVENTS } else { ALERTS });
    Outcome { elapsed, waits }
}

/// All senders; answers the last event's id and every wait.
async fn send(store: &Arc<dyn Store>, alerts: Alerts) -> (EventId, Vec<Duration>) {
    let senders: Vec<_> = (0..SENDERS)
        .map(|sender| {
            let store = store.clone();
            tokio::spawn(async move {
                let mut waits = Vec::with_capacity(EVENTS / SENDERS);
                let mut last = EventId(0);
                for n in (sender..EVENTS).step_by(SENDERS) {
                    let arrival = arrival(n, alerts);
                    let asked = Instant::now();
                    let ids = store.append(vec![arrival]).await.expect("appended");
                    waits.push(asked.elapsed());
                    last = ids[0];
                }
                (last, waits)
            })
        })
        .collect();
    let (mut last, mut waits) = (EventId(0), Vec::with_capacity(EVENTS));
    for sender in senders {
        let (id, its_waits) = sender.await.expect("no panic");
        last = last.max(id);
        waits.extend(its_waits);
    }
    (last, waits)
}

/// The chain without plugins.
struct PassAll;

impl Judge for PassAll {
    fn judge(&self, events: Vec<Arc<Event>>) -> BoxFuture<'_, JudgedBatch> {
        let judged = |event: Arc<Event>| JudgedEvent {
            event,
            verdict: Verdict::Pass,
            decision: RouteDecision::default(),
            stages: Vec::new(),
        };
        let events = events.into_iter().map(judged).collect();
        std::future::ready(JudgedBatch { events, ..JudgedBatch::default() }).boxed()
    }
}

fn arrival(n: usize, alerts: Alerts) -> Arrival {
    let received_at = Timestamp::from_second(1_790_000_000).expect("in range");
    let alert = if alerts == Alerts::New { n } else { n % ALERTS };
    Arrival {
        integration: "monitor".into(),
        received_at,
        payload_id: format!("p{n}"),
        method: "POST".to_owned(),
        path: "/".to_owned(),
        query: String::new(),
        headers: Vec::new(),
        content_type: "application/json".to_owned(),
        body: vec![b'x'; BODY].into(),
        parser: None,
        parsing: Parsing::Parsed { rejected: Vec::new() },
        events: vec![event(alert, received_at)],
    }
}

fn event(alert: usize, received_at: Timestamp) -> Event {
    let labels = [("alertname", "HighLatency"), ("job", "checkout-api"), ("team", "payments")];
    Event {
        id: EventId(0),
        integration: "monitor".into(),
        received_at,
        kind: EventKind::Trigger,
        dedup_key: format!("HighLatency/{alert}").as_str().into(),
        title: format!("p99 latency of checkout is high on node {alert}"),
        severity: Severity::Critical,
        starts_at: None,
        expires_at: None,
        source: format!("web-{alert}.example.org"),
        links: Vec::new(),
        images: Vec::new(),
        labels: labels.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
        details: String::new(),
        attributes: Vec::new(),
    }
}

/// One service whose policy pages one person at once.
fn plan(home: &Path) -> Plan {
    let person = Person {
        id: "alice".into(),
        name: "Alice".to_owned(),
        email: Some("alice@example.org".to_owned()),
        time_zone: jiff::tz::TimeZone::UTC,
        language: "en".to_owned(),
    };
    let page_alice = || vec![Target::Person("alice".into())];
    let step = Step::new(page_alice(), SignedDuration::from_hours(1));
    let policy = EscalationPolicy::new("shop".into(), vec![step], 0);
    let service = Service {
        id: "shop".into(),
        name: "Shop".to_owned(),
        policy: "shop".into(),
        urgency: None,
        support_hours: None,
        reopen_within: SignedDuration::ZERO,
        team: None,
        subscribers: Vec::new(),
    };
    let integration = Integration { id: "monitor".into(), service: "shop".into() };
    let directory = Directory {
        people: BTreeMap::from([(person.id.clone(), person)]),
        services: BTreeMap::from([(service.id.clone(), service)]),
        integrations: BTreeMap::from([(IntegrationId::new("monitor"), integration)]),
        policies: BTreeMap::from([(policy.id.clone(), Arc::new(policy))]),
        schedules: BTreeMap::new(),
        fallback: page_alice(),
        ..Directory::default()
    };
    Plan::bare(home, directory.with_built_in())
}
