//! Opening a store that holds a million pending timers: what a restart waits for besides taking them up.
//!
//! They are written as the engine writes them, some hundreds to a commit, and the process that opens them finds them in the
//! index; then once more without the index, which is made anew from the journal.

#![allow(clippy::print_stdout, reason = "the durations are the result")]

use jiff::{SignedDuration, Timestamp};
use nightbell::store::{Commit, EmbeddedOptions, EmbeddedStore, Store};
use nightbell_core::model::{AlertId, Change, EventId, IncidentId, TimerKey};
use std::path::Path;
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;

const PENDING: u64 = 1_000_000;
/// Timers of one commit.
const BATCH: u64 = 500;
const ROUNDS: usize = 3;

/// Half of them escalations, half ends of alerts.
fn key(n: u64) -> TimerKey {
    if n.is_multiple_of(2) {
        return TimerKey::Escalate(IncidentId(n));
    }
    let dedup_key = format!("prometheus/{:016x}", spread(n)).as_str().into();
    TimerKey::Expire(AlertId { integration: "prometheus".into(), dedup_key })
}

fn spread(n: u64) -> u64 {
    n.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29)
}

fn commit(from: u64) -> Commit {
    let due = |n| {
        let offset = i64::try_from(spread(n) % 86_400_000).expect("a day");
        Timestamp::UNIX_EPOCH + SignedDuration::from_millis(offset)
    };
    Commit {
        now: Timestamp::UNIX_EPOCH,
        inputs: Vec::new(),
        cursor: EventId(0),
        outcomes: Vec::new(),
        changes: (from..from + BATCH).map(|n| Change::SetTimer(key(n), due(n))).collect(),
        timeline: Vec::new(),
    }
}

fn open(dir: &Path) -> Duration {
    let began = Instant::now();
    let (store, opened) = EmbeddedStore::open(dir, EmbeddedOptions::default()).expect("it opens");
    let took = began.elapsed();
    assert_eq!(opened.state.timers().count() as u64, PENDING);
    drop(store);
    took
}

fn main() {
    let dir = tempfile::tempdir().expect("a directory");
    let (store, _) = EmbeddedStore::open(dir.path(), EmbeddedOptions::default()).expect("it opens");
    let runtime = Runtime::new().expect("a runtime");
    let began = Instant::now();
    for from in (0..PENDING).step_by(usize::try_from(BATCH).expect("few")) {
        runtime.block_on(store.commit(commit(from))).expect("it is committed");
    }
    println!("store_open: {PENDING} timers committed, {BATCH} at a time: {:?}", began.elapsed());
    drop(store);
    for _ in 0..ROUNDS {
        println!("store_open: opened with {PENDING} timers: {:?}", open(dir.path()));
    }
    std::fs::remove_dir_all(dir.path().join("index")).expect("there is an index");
    println!("store_open: and without its index: {:?}", open(dir.path()));
}
