//! What the extism crate takes for the filter of `engine/benches/plugin_call.rs`: the same events, the same rule, JSON in and
//! out, one event per call and a batch per call, beside the same native closure in the same run.
//!
//! As there, a case's time has everything in it: the events are written as JSON, the guest called, its verdicts read. The
//! engine's bookkeeping (who said what, limits) is not in it: extism has none, but for the limits set here.
//! Takes one argument, the guest's module; `cargo xtask bench extism` gives it.

use extism::{CompiledPlugin, Manifest, Plugin, PluginBuilder, Wasm};
use measured::{batch, native, rule, timed, words};
use nightbell_core::model::{Event, Verdict};
use serde::{Deserialize, Serialize};
use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

#[path = "../../../engine/benches/measured/mod.rs"]
mod measured;

/// As many events as the engine gives a filter at once.
const BATCH: usize = 64;

/// Turns taken for the ratios.
const ROUNDS: usize = 301;

/// A call that takes longer is ended: the engine's filters have such a limit too.
const TIME_LIMIT: Duration = Duration::from_millis(250);

/// What a guest may have: 32 MiB in pages of 64 KiB, as the engine gives.
const MEMORY_PAGES: u32 = 512;

/// An event as JSON: what the packed batch has of it.
#[derive(Serialize)]
struct Sent<'a> {
    id: u64,
    integration: &'a str,
    service: &'a str,
    kind: &'a str,
    dedup_key: &'a str,
    title: &'a str,
    severity: &'a str,
    source: &'a str,
    received_at: i64,
    starts_at: Option<i64>,
    details: &'a str,
    links: Vec<(&'a str, &'a str)>,
    attributes: Vec<(&'a str, &'a str)>,
    labels: &'a std::collections::BTreeMap<String, String>,
}

/// A verdict as JSON.
#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Said {
    Keep,
    Suppress(String),
    Drop(String),
}

/// One way to ask the guest about the whole batch; answers its verdicts.
struct Case {
    name: &'static str,
    judge: fn(&mut Guest, &[Arc<Event>]) -> Vec<Verdict>,
    /// How often a turn asks: a slow case is asked less.
    times: u32,
}

const CASES: [Case; 4] = [
    Case { name: "64 events per call", judge: Guest::at_once, times: 4 },
    Case { name: "one event per call", judge: Guest::one_by_one, times: 1 },
    Case { name: "64 per call, fresh plugin", judge: Guest::afresh, times: 1 },
    Case { name: "64 calls that do nothing", judge: Guest::idle, times: 1 },
];

struct Guest {
    compiled: CompiledPlugin,
    kept: Plugin,
}

fn main() {
    let module =
        std::env::args().nth(1).expect("the guest's module: run `cargo xtask bench extism`");
    let mut guest = Guest::load(&module);
    let events = batch(BATCH);
    let expected: Vec<_> = events.iter().map(|event| rule(event)).collect();
    for case in &CASES[..3] {
        let said = (case.judge)(&mut guest, &events);
        let (said, expected) = (said.iter().map(words), expected.iter().map(words));
        assert!(said.eq(expected), "{}: the guest says something else than the closure", case.name);
    }
    ratios(&mut guest, &events);
}

/// Takes turns and prints each case's median per event and as a multiple of the closure's.
fn ratios(guest: &mut Guest, events: &[Arc<Event>]) {
    let mut natively = Vec::with_capacity(ROUNDS);
    let mut times = vec![Vec::with_capacity(ROUNDS); CASES.len()];
    for _ in 0..ROUNDS {
        natively.push(timed(128, || native(events)) / 128);
        for (case, times) in CASES.iter().zip(&mut times) {
            let asked = timed(case.times, || black_box((case.judge)(guest, events)).len());
            times.push(asked / case.times);
        }
    }
    let per_event = |times: &mut Vec<Duration>| {
        times.sort();
        times[times.len() / 2].as_secs_f64() * 1e9 / events.len() as f64
    };
    let native = per_event(&mut natively);
    println!("\nper event, medians of {ROUNDS} turns, extism 1.30:");
    println!("  {:<26} {native:>8.0} ns", "native closure");
    for (case, times) in CASES.iter().zip(&mut times) {
        let asked = per_event(times);
        println!("  {:<26} {asked:>8.0} ns   {:>7.1} x native", case.name, asked / native);
    }
}

impl Guest {
    fn load(module: &str) -> Self {
        let module = std::fs::read(module).expect("the guest's module");
        let manifest = Manifest::new([Wasm::data(module)])
            .with_timeout(TIME_LIMIT)
            .with_memory_max(MEMORY_PAGES);
        let builder = PluginBuilder::new(manifest).with_cache_disabled().with_wasi(false);
        let compiled = builder.compile().expect("the guest compiles");
        let kept = Plugin::new_from_compiled(&compiled).expect("an instance");
        Self { compiled, kept }
    }

    fn at_once(&mut self, events: &[Arc<Event>]) -> Vec<Verdict> {
        ask_batch(&mut self.kept, events)
    }

    /// A plugin of its own for the batch: what the engine does by default.
    fn afresh(&mut self, events: &[Arc<Event>]) -> Vec<Verdict> {
        let mut fresh = Plugin::new_from_compiled(&self.compiled).expect("an instance");
        ask_batch(&mut fresh, events)
    }

    fn one_by_one(&mut self, events: &[Arc<Event>]) -> Vec<Verdict> {
        let ask = |event: &Arc<Event>| {
            let sent = serde_json::to_vec(&sent(event)).expect("JSON");
            let said = self.kept.call::<&[u8], &[u8]>("judge", &sent).expect("an answer");
            verdict(serde_json::from_slice(said).expect("a verdict"))
        };
        events.iter().map(ask).collect()
    }

    /// What the calls alone take.
    fn idle(&mut self, events: &[Arc<Event>]) -> Vec<Verdict> {
        let ask = |_: &Arc<Event>| {
            let said = self.kept.call::<&[u8], &[u8]>("nothing", &[]).expect("an answer");
            assert!(said.is_empty());
            Verdict::Pass
        };
        events.iter().map(ask).collect()
    }
}

fn ask_batch(plugin: &mut Plugin, events: &[Arc<Event>]) -> Vec<Verdict> {
    let sent: Vec<_> = events.iter().map(|event| sent(event)).collect();
    let sent = serde_json::to_vec(&sent).expect("JSON");
    let said = plugin.call::<&[u8], &[u8]>("judge_batch", &sent).expect("an answer");
    let said: Vec<Said> = serde_json::from_slice(said).expect("verdicts");
    said.into_iter().map(verdict).collect()
}

fn sent(event: &Event) -> Sent<'_> {
    Sent {
        id: event.id.0,
        integration: event.integration.as_str(),
        service: "checkout",
        kind: event.kind.as_str(),
        dedup_key: event.dedup_key.as_str(),
        title: &event.title,
        severity: event.severity.as_str(),
        source: &event.source,
        received_at: event.received_at.as_millisecond(),
        starts_at: event.starts_at.map(|at| at.as_millisecond()),
        details: &event.details,
        links: event.links.iter().map(|link| (&*link.href, &*link.text)).collect(),
        attributes: event.attributes.iter().map(|one| (&*one.name, &*one.value)).collect(),
        labels: &event.labels,
    }
}

fn verdict(said: Said) -> Verdict {
    match said {
        Said::Keep => Verdict::Pass,
        Said::Suppress(reason) => Verdict::Suppress { reason, by: "guest".into(), until: None },
        Said::Drop(reason) => Verdict::Drop { reason, by: "guest".into() },
    }
}
