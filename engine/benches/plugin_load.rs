//! What a plugin costs when it is not called: how long an engine with a thousand of them takes to start from compiled
//! files, how long one is swapped, and how much memory a kept instance holds.
//!
//! The first start compiles a thousand files and takes its time; only the later ones are measured. Nothing here is
//! criterion's: a start is measured a few times, not thousands.

#![allow(clippy::print_stdout, reason = "the figures are the result")]

use jiff::Timestamp;
use nightbell::config::Plan;
use nightbell::plugin::{HostSetup, PluginHost, PluginState};
use nightbell_core::model::{Directory, Event, EventId, EventKind, Severity};
use nightbell_pack::Imports;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;

/// Left there by `cargo xtask bench`.
const GUEST: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/fixtures/tiny-filter.wasm");

const MANY: usize = 1_000;

/// Plugins that keep an instance each: as many as the engine keeps.
const KEPT: usize = 14;

fn main() {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let guest =
        std::fs::read(GUEST).expect("run `cargo xtask bench`: it builds the measured guest");
    idle_instances(&runtime, &guest);
    swaps(&runtime, &guest);
    starts(&runtime, &guest);
}

/// A directory with plugins, and where they are compiled to.
struct Home {
    directory: tempfile::TempDir,
}

impl Home {
    fn new() -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        std::fs::create_dir(directory.path().join("plugins")).expect("made");
        Self { directory }
    }

    /// As an installer does it: written beside, then renamed.
    fn put(&self, file: &str, bytes: &[u8]) {
        let plugins = self.directory.path().join("plugins");
        std::fs::write(plugins.join(".new"), bytes).expect("written");
        std::fs::rename(plugins.join(".new"), plugins.join(file)).expect("renamed");
    }

    fn start(&self, runtime: &Runtime, plugins: usize) -> Arc<PluginHost> {
        let plan = Arc::new(plan(self.directory.path()));
        let cache_dir = self.directory.path().join("cache");
        let setup = HostSetup { plan, shipped: Vec::new(), state: Vec::new(), cache_dir };
        let host = runtime.block_on(PluginHost::start(setup)).expect("the engine starts");
        let list = host.list();
        assert_eq!(list.len(), plugins);
        for status in list {
            assert_eq!(status.state, PluginState::Running, "{status:?}");
        }
        host
    }
}

fn starts(runtime: &Runtime, guest: &[u8]) {
    let home = Home::new();
    for n in 0..MANY {
        let name = format!("filter-{n:04}");
        home.put(&format!("{name}.wasm"), &packed(guest, &name, "0.1.0", false));
    }
    let first = timed(|| drop(home.start(runtime, MANY)));
    let again: Vec<_> = (0..5).map(|_| timed(|| drop(home.start(runtime, MANY)))).collect();
    println!("\nan engine with {MANY} plugins starts");
    println!("  compiling all of them    {:>8.2} s", first.as_secs_f64());
    println!("  from the cache           {:>8.3} s (median of 5)", median(again).as_secs_f64());
}

fn swaps(runtime: &Runtime, guest: &[u8]) {
    let home = Home::new();
    let versions = ["0.1.0", "0.2.0"].map(|version| packed(guest, "swapped", version, false));
    home.put("swapped.wasm", &versions[1]);
    let host = home.start(runtime, 1);
    home.put("swapped.wasm", &versions[0]);
    runtime.block_on(host.rescan());
    let mut times = Vec::new();
    for turn in 1..=100 {
        home.put("swapped.wasm", &versions[turn % 2]);
        times.push(timed(|| runtime.block_on(host.rescan())));
        let status = &host.list()[0];
        assert_eq!(status.version, ["0.1.0", "0.2.0"][turn % 2], "swapped");
    }
    let most = times.iter().max().copied().unwrap_or_default();
    println!("\na compiled plugin is swapped, from the look at the directory to the next batch");
    println!("  median of 100            {:>8.2} ms", median(times).as_secs_f64() * 1e3);
    println!("  longest                  {:>8.2} ms", most.as_secs_f64() * 1e3);
}

/// One engine with one plugin that keeps its instance, and one with many: what each more of them holds, what the engine
/// knows about the plugin included.
fn idle_instances(runtime: &Runtime, guest: &[u8]) {
    println!("\nmemory of a plugin with a kept instance (anonymous memory, of {KEPT} plugins)");
    for events in [1, 64] {
        let [one, many] = [1, KEPT].map(|plugins| {
            let home = Home::new();
            for n in 0..plugins {
                let name = format!("filter-{n:04}");
                home.put(&format!("{name}.wasm"), &packed(guest, &name, "0.1.0", true));
            }
            // Compiling leaves memory behind: only the second start is looked at.
            drop(home.start(runtime, plugins));
            let before = anonymous();
            let host = home.start(runtime, plugins);
            for _ in 0..3 {
                runtime.block_on(host.judge((0..events).map(event).collect()));
            }
            anonymous() - before
        });
        let each = (many - one) / (KEPT as i64 - 1);
        println!("  after batches of {events:<8}{each:>8} KiB");
    }
}

/// Memory of this process that is no file's, in KiB.
fn anonymous() -> i64 {
    let text = std::fs::read_to_string("/proc/self/smaps_rollup").expect("Linux");
    let line = text.lines().find_map(|line| line.strip_prefix("Anonymous:"));
    let number = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
    number.expect("a number")
}

fn packed(guest: &[u8], name: &str, version: &str, reuse: bool) -> Vec<u8> {
    let manifest = format!(
        "name = '{name}'\nversion = '{version}'\nkind = 'filter'\ndescription = 'Measured.'\nreuse = {reuse}\n"
    );
    nightbell_pack::pack(guest, &manifest, Imports::Used).expect("a plugin")
}

fn timed(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

fn plan(home: &Path) -> Plan {
    Plan::bare(home, Directory::default().with_built_in())
}

fn event(n: u64) -> Arc<Event> {
    Arc::new(Event {
        id: EventId(n + 1),
        integration: "prometheus".into(),
        received_at: Timestamp::from_second(1_790_000_000).expect("in range"),
        kind: EventKind::Trigger,
        dedup_key: format!("HighLatency/{n}").as_str().into(),
        title: format!("p99 latency of checkout is high on node {n}"),
        severity: Severity::Critical,
        starts_at: None,
        expires_at: None,
        source: format!("web-{n}.example.org"),
        links: Vec::new(),
        images: Vec::new(),
        labels: [("team".to_owned(), "payments".to_owned())].into(),
        details: r#"{"value":1.82,"threshold":1.0,"for":"5m"}"#.to_owned(),
        attributes: Vec::new(),
    })
}
