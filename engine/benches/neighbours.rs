//! What a plugin that misbehaves costs the others: batches through a good filter, alone and while another plugin of the same
//! engine breaks, computes as long as it may, or waits for a server that never answers. The misbehaving filter has a scope,
//! so that what is measured is the neighbours' work and not its own.
//!
//! Two threads, as on a small machine. The cases are measured in turns; the last lines say the ratios.

#![allow(clippy::print_stdout, reason = "the ratios are the result")]

use jiff::Timestamp;
use nightbell::config::{Plan, PluginPlan};
use nightbell::limits::BATCH_MAX;
use nightbell::plugin::{HostSetup, PluginHost, PluginState, Shipped};
use nightbell_core::model::{Directory, Event, EventId, EventKind, Integration, Severity};
use nightbell_pack::Imports;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

/// Left there by `cargo xtask bench`.
const GUESTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/fixtures");

/// How long each case is measured in a turn.
const TURN: Duration = Duration::from_secs(1);
const TURNS: usize = 5;

/// What goes on beside the measured batches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Beside {
    /// Nothing.
    Nothing,
    /// Good batches on another task: what any honest neighbour costs.
    Honest,
    /// Batches of which every event breaks the filter: it is quarantined after five.
    Breaking,
    /// Batches on which the filter computes nearly as long as it may, without end.
    Computing,
}

const CASES: [Beside; 4] = [Beside::Nothing, Beside::Honest, Beside::Breaking, Beside::Computing];

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    let mut rates: Vec<Vec<f64>> = vec![Vec::new(); CASES.len()];
    for _ in 0..TURNS {
        for (case, rates) in CASES.iter().zip(&mut rates) {
            // A host of its own each time: a quarantine would last over turns.
            rates.push(runtime.block_on(measure(*case)));
        }
    }
    let median = |rates: &mut Vec<f64>| {
        rates.sort_by(f64::total_cmp);
        rates[rates.len() / 2]
    };
    let alone = median(&mut rates[0]);
    println!(
        "events/s through one filter in batches of {BATCH_MAX}, median of {TURNS} turns of {TURN:?}, 2 threads"
    );
    for (case, rates) in CASES.iter().zip(&mut rates) {
        let rate = median(rates);
        println!(
            "{:<10} {rate:>12.0}   {:.2} x alone",
            format!("{case:?}").to_lowercase(),
            rate / alone
        );
    }
}

/// Events a second through the good filter while this goes on.
async fn measure(beside: Beside) -> f64 {
    let home = tempfile::tempdir().expect("a directory");
    let host = host(home.path()).await;
    let (stop, calls) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let mut others = JoinSet::new();
    if let Some(title) = title_of(beside) {
        let (host, stop, calls) = (host.clone(), stop.clone(), calls.clone());
        others.spawn(async move {
            let events = batch(title, BATCH_MAX);
            while !stop.load(Ordering::SeqCst) {
                host.judge(events.clone()).await;
                calls.fetch_add(1, Ordering::SeqCst);
            }
        });
    }
    let events = batch("disk full", BATCH_MAX);
    let (start, mut judged) = (Instant::now(), 0);
    // In a task like the other one: the main task of a runtime is not scheduled as they are.
    let measured = tokio::spawn(async move {
        while start.elapsed() < TURN {
            judged += host.judge(events.clone()).await.events.len();
        }
        judged as f64 / start.elapsed().as_secs_f64()
    });
    let rate = measured.await.expect("no panic");
    stop.store(true, Ordering::SeqCst);
    while others.join_next().await.is_some() {}
    assert!(
        beside == Beside::Nothing || calls.load(Ordering::SeqCst) > 0,
        "{beside:?} did its part"
    );
    rate
}

/// The titles that make the other filter do it.
fn title_of(beside: Beside) -> Option<&'static str> {
    match beside {
        Beside::Nothing => None,
        Beside::Honest => Some("disk full"),
        Beside::Breaking => Some("! break"),
        Beside::Computing => Some("~1500000 compute"),
    }
}

async fn host(home: &Path) -> Arc<PluginHost> {
    let guest = |file: &str| {
        let path = format!("{GUESTS}/{file}.wasm");
        std::fs::read(path).expect("run `cargo xtask bench`: it builds the measured guests")
    };
    let manifest =
        "name = 'tally'\nversion = '0.1.0'\nkind = 'filter'\ndescription = 'Misbehaves.'\n";
    // Without state: batches of a plugin that keeps some wait for each other.
    let tally =
        nightbell_pack::pack(&guest("tally"), manifest, Imports::WholeWorld).expect("a plugin");
    let shipped = [("bench-filter", guest("bench-filter")), ("tally", tally)];
    let shipped =
        shipped.map(|(name, bytes)| Shipped { name: name.to_owned(), bytes: bytes.into() });
    let plan = plan(home);
    std::fs::create_dir(&plan.plugins_dir).expect("made");
    std::fs::write(plan.plugins_dir.join("tally.toml"), "scope = ['title=~[!~].*']")
        .expect("written");
    let (plan, cache_dir) = (Arc::new(plan), home.join("cache"));
    let setup = HostSetup { plan, shipped: shipped.into(), state: Vec::new(), cache_dir };
    let host = PluginHost::start(setup).await.expect("the engine starts");
    for status in host.list() {
        assert_eq!(status.state, PluginState::Running, "{status:?}");
    }
    host
}

fn plan(home: &Path) -> Plan {
    let mut directory = Directory::default().with_built_in();
    let integration = Integration { id: "monitor".into(), service: "shop".into() };
    directory.integrations.insert("monitor".into(), integration);
    // As long as it may compute by default, and the clock is no judge here.
    let patient = PluginPlan { wall_ms: Some(5_000), ..PluginPlan::default() };
    Plan { plugins: BTreeMap::from([("tally".to_owned(), patient)]), ..Plan::bare(home, directory) }
}

fn batch(title: &str, count: usize) -> Vec<Arc<Event>> {
    let event = |n: usize| {
        Arc::new(Event {
            id: EventId(n as u64),
            integration: "monitor".into(),
            received_at: Timestamp::UNIX_EPOCH,
            kind: EventKind::Trigger,
            dedup_key: format!("k{n}").as_str().into(),
            title: title.to_owned(),
            severity: Severity::Error,
            starts_at: None,
            expires_at: None,
            source: "db1".to_owned(),
            links: vec![],
            images: vec![],
            labels: (0..10).map(|n| (format!("label{n}"), "value".to_owned())).collect(),
            details: String::new(),
            attributes: vec![],
        })
    };
    (0..count).map(event).collect()
}
