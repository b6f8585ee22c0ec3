//! What a plugin call costs: one filter rule as a native closure and as a component behind the real plugin host, over the
//! same batch of 64 events (ten strings and ten labels each); and one payload of 1.5 KB, read natively and by a parser.
//!
//! The component's time has everything in it: the batch is packed, the guest called, its verdicts are read back and put
//! on the events. The cases are measured in turns, so that a busy machine disturbs all of them alike; the last lines say
//! the ratios that the promises of docs/performance.md are about.

#![allow(clippy::print_stdout, reason = "the ratios are the result")]

use criterion::{BenchmarkId, Criterion, Throughput};
use jiff::Timestamp;
use measured::{batch, native, rule, timed, words};
use nightbell::config::Plan;
use nightbell::limits::BATCH_MAX;
use nightbell::plugin::{
    HostSetup, ParseOutcome, Payload, PluginHost, PluginState, Shipped, shipped,
};
use nightbell_core::model::{Directory, Event, Integration, Verdict};
use nightbell_pack::Imports;
use std::borrow::Cow;
use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;
use tokio::runtime::Runtime;

mod measured;
#[path = "../../tests/fixtures/plugins/bench-parser/src/read.rs"]
mod read;

/// Left there by `cargo xtask bench`.
const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/fixtures");

/// What the parser reads: two alerts as Alertmanager sends them.
const PAYLOAD: &str = include_str!("payload.json");

/// Turns taken for the ratios.
const ROUNDS: usize = 301;

/// Batches per turn: long enough for the clock, short enough to be left alone by the scheduler most times.
const BATCHES: u32 = 8;

/// The shipped filter with a rule of about the same work: three matchers, and none of them a regular expression.
const MUTE_SETTINGS: &str = r#"enabled = true
[settings]
rules = [
    { match = 'environment="staging"', action = "drop", reason = "staging wakes nobody" },
    { match = 'severity="info", team="batch"', action = "suppress", reason = "batch jobs report in the morning" },
    { match = 'source="canary-1", title="p99 latency is high"', action = "drop", reason = "canaries are slow by design" },
]
"#;

/// One plugin behind a host of its own, so that each case's chain has one link.
struct Case {
    host: Arc<PluginHost>,
    name: &'static str,
    /// Plugins and cached code; removed at the end.
    _home: TempDir,
}

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .expect("a runtime");
    let events = batch(BATCH_MAX);
    let guest = fixture("bench-filter");
    let mute = shipped().into_iter().find(|plugin| plugin.name == "mute");
    let mute = mute.expect("built with the shipped plugins: run `cargo xtask bench`").bytes;
    let cases = [
        Case::start(&runtime, "reused instance", &[filter(&guest, "a", true)]),
        Case::start(&runtime, "fresh instance", &[filter(&guest, "a", false)]),
        Case::start(&runtime, "three, reused", &["a", "b", "c"].map(|n| filter(&guest, n, true))),
        Case::start(&runtime, "three, fresh", &["a", "b", "c"].map(|n| filter(&guest, n, false))),
        Case::start(&runtime, "mute, fresh instance", &[("mute".to_owned(), mute, MUTE_SETTINGS)]),
        Case::start(&runtime, "no plugin", &[]),
    ];
    let guest = fixture("bench-parser");
    let parsers = [("parser, reused", true), ("parser, fresh", false)].map(|(name, reuse)| {
        let file = packed(&guest, "bench-parser", "parser", reuse);
        Case::start(&runtime, name, &[("bench-parser".to_owned(), file.into(), "")])
    });
    for case in &cases[..4] {
        case.check(&runtime, &events);
    }
    let payload = payload();
    for parser in &parsers {
        assert_eq!(parser.parse(&runtime, &payload), parse_natively());
    }
    let mut criterion = Criterion::default().configure_from_args();
    measure(&mut criterion, &runtime, &cases, &events);
    criterion.final_summary();
    if ratios_are_wanted() {
        ratios(&runtime, &cases, &events);
        parse_ratios(&runtime, &parsers, &payload);
    }
}

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(format!("{FIXTURES}/{name}.wasm"))
        .expect("run `cargo xtask bench`: it builds the measured guests")
}

/// Name, file and sidecar of a plugin.
type Plugin = (String, Cow<'static, [u8]>, &'static str);

/// The measured filter under a name of its own.
fn filter(guest: &[u8], name: &str, reuse: bool) -> Plugin {
    (name.to_owned(), packed(guest, name, "filter", reuse).into(), "")
}

/// The guest's file with a manifest that keeps an instance, or does not.
fn packed(guest: &[u8], name: &str, kind: &str, reuse: bool) -> Vec<u8> {
    let manifest = format!(
        "name = '{name}'\nversion = '0.1.0'\nkind = '{kind}'\ndescription = 'Measured.'\nreuse = {reuse}\n"
    );
    nightbell_pack::pack(guest, &manifest, Imports::Used).expect("a plugin")
}

impl Case {
    fn start(runtime: &Runtime, name: &'static str, plugins: &[Plugin]) -> Self {
        let home = tempfile::tempdir().expect("a directory");
        let plan = plan(home.path());
        std::fs::create_dir(&plan.plugins_dir).expect("made");
        let mut shipped = Vec::new();
        for (plugin, bytes, sidecar) in plugins {
            shipped.push(Shipped { name: plugin.clone(), bytes: bytes.clone() });
            std::fs::write(plan.plugins_dir.join(format!("{plugin}.toml")), sidecar)
                .expect("written");
        }
        let (plan, cache_dir) = (Arc::new(plan), home.path().join("cache"));
        let setup = HostSetup { plan, shipped, state: Vec::new(), cache_dir };
        let host = runtime.block_on(PluginHost::start(setup)).expect("the engine starts");
        for status in host.list() {
            assert_eq!(status.state, PluginState::Running, "{status:?}");
        }
        Self { host, name, _home: home }
    }

    /// One batch through the host: what the pipeline does for each.
    fn judge(&self, runtime: &Runtime, events: &[Arc<Event>]) -> usize {
        let judged = runtime.block_on(self.host.judge(events.to_vec()));
        black_box(judged.events).len()
    }

    /// One payload through the host; answers how many events came out.
    fn parse(&self, runtime: &Runtime, payload: &Payload) -> usize {
        let none = serde_json::Value::Null;
        match runtime.block_on(self.host.parse("bench-parser", payload, &none)) {
            ParseOutcome::Parsed { events, .. } => black_box(events).len(),
            other => panic!("{other:?}"),
        }
    }

    /// Whether the guest says what the closure says, about every event and about each kind of verdict.
    fn check(&self, runtime: &Runtime, events: &[Arc<Event>]) {
        let judged = runtime.block_on(self.host.judge(events.to_vec()));
        assert!(judged.failures.is_empty(), "{:?}", judged.failures);
        let said: Vec<_> = judged.events.iter().map(|judged| words(&judged.verdict)).collect();
        let native: Vec<_> = events.iter().map(|event| rule(event)).collect();
        assert_eq!(said, native.iter().map(words).collect::<Vec<_>>(), "{}", self.name);
        let kept = native.iter().filter(|verdict| **verdict == Verdict::Pass).count();
        assert!(kept > BATCH_MAX / 2 && kept < BATCH_MAX - 2, "{kept} events are kept");
    }
}

fn measure(criterion: &mut Criterion, runtime: &Runtime, cases: &[Case], events: &[Arc<Event>]) {
    let mut group = criterion.benchmark_group("plugin_call");
    group.throughput(Throughput::Elements(events.len() as u64));
    group.bench_function("native closure", |bencher| bencher.iter(|| native(events)));
    for case in cases {
        group.bench_function(BenchmarkId::from_parameter(case.name), |bencher| {
            bencher.iter(|| case.judge(runtime, events));
        });
    }
    group.finish();
}

/// Unless cargo was asked for something else: `-- ratios` asks for nothing but them.
fn ratios_are_wanted() -> bool {
    std::env::args().skip(1).all(|word| word == "--bench" || "plugin_call ratios".contains(&word))
}

/// Takes turns and prints each case's median per event and as a multiple of the closure's.
fn ratios(runtime: &Runtime, cases: &[Case], events: &[Arc<Event>]) {
    let mut times = vec![Vec::with_capacity(ROUNDS); cases.len() + 1];
    for _ in 0..ROUNDS {
        // The closure is quick: more of it, or the clock would be measured.
        let more = 16;
        times[0].push(timed(more * BATCHES, || native(events)) / more);
        for (case, times) in cases.iter().zip(&mut times[1..]) {
            times.push(timed(BATCHES, || case.judge(runtime, events)));
        }
    }
    let per_event = |times: &mut Vec<Duration>| {
        times.sort();
        let batch = times[times.len() / 2] / BATCHES;
        batch.as_secs_f64() * 1e9 / events.len() as f64
    };
    let native = per_event(&mut times[0]);
    println!("\nper event, medians of {ROUNDS} turns:");
    println!("  {:<22} {native:>8.0} ns", "native closure");
    for (case, times) in cases.iter().zip(&mut times[1..]) {
        let guest = per_event(times);
        println!("  {:<22} {guest:>8.0} ns   {:>5.1} x native", case.name, guest / native);
    }
}

/// What the parser does, without a plugin.
fn parse_natively() -> usize {
    let webhook: read::Webhook =
        serde_json::from_slice(black_box(PAYLOAD.as_bytes())).expect("valid");
    let read = webhook.read();
    let flags = read.iter().filter(|one| one.is_resolved || one.is_critical).count();
    let texts =
        |one: &read::Read| one.key.len() + one.title.len() + one.source.len() + one.link.len();
    let lists = |one: &read::Read| one.labels.len() + one.attributes.len();
    black_box(flags + read.iter().map(|one| texts(one) + lists(one)).sum::<usize>());
    black_box(read).len()
}

fn parse_ratios(runtime: &Runtime, parsers: &[Case], payload: &Payload) {
    let mut times = vec![Vec::with_capacity(ROUNDS); parsers.len() + 1];
    for _ in 0..ROUNDS {
        times[0].push(timed(BATCHES * 16, parse_natively) / 16);
        for (parser, times) in parsers.iter().zip(&mut times[1..]) {
            times.push(timed(BATCHES, || parser.parse(runtime, payload)));
        }
    }
    let median = |times: &mut Vec<Duration>| {
        times.sort();
        (times[times.len() / 2] / BATCHES).as_secs_f64() * 1e6
    };
    let native = median(&mut times[0]);
    println!("\nper payload of {} bytes, medians of {ROUNDS} turns:", PAYLOAD.len());
    println!("  {:<22} {native:>8.1} us", "native serde_json");
    for (parser, times) in parsers.iter().zip(&mut times[1..]) {
        let guest = median(times);
        println!("  {:<22} {guest:>8.1} us   {:>5.1} x native", parser.name, guest / native);
    }
}

fn payload() -> Payload {
    Payload {
        id: "0".repeat(32),
        integration: "prometheus".into(),
        method: "POST".to_owned(),
        path: "/".to_owned(),
        query: String::new(),
        headers: vec![("content-type".to_owned(), "application/json".to_owned())],
        content_type: "application/json".to_owned(),
        body: PAYLOAD.into(),
        received_at: Timestamp::from_second(1_790_000_000).expect("in range"),
        attachments: Vec::new(),
    }
}

fn plan(home: &Path) -> Plan {
    let mut directory = Directory::default().with_built_in();
    let integration = Integration { id: "prometheus".into(), service: "checkout".into() };
    directory.integrations.insert("prometheus".into(), integration);
    Plan::bare(home, directory)
}
