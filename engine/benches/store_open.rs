//! Opening a store that holds a million pending timers: what a restart waits for besides taking them up.
//!
//! They are written as the engine writes them, some hundreds to a commit, and the process that opens them finds them in the
//! index; then once more without the index, which is made anew from the journal.

#![allow(clippy::print_stdout, reason = "the durations are the result")]

#[path = "../core/benches/pending/mod.rs"]
mod pending;

use jiff::Timestamp;
use nightbell::store::{Commit, EmbeddedOptions, EmbeddedStore, Store};
use nightbell_core::model::EventId;
use pending::PENDING;
use std::path::Path;
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;

/// Timers of one commit.
const BATCH: u64 = 500;
const ROUNDS: usize = 3;

fn commit(from: u64) -> Commit {
    Commit {
        now: Timestamp::UNIX_EPOCH,
        inputs: Vec::new(),
        cursor: EventId(0),
        outcomes: Vec::new(),
        changes: (from..from + BATCH).map(pending::set).collect(),
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

/// Another benchmark's name, or `ratios`, asks for other lines than these.
fn is_wanted() -> bool {
    std::env::args().skip(1).all(|word| word == "--bench" || "store_open".contains(&word))
}

fn main() {
    if !is_wanted() {
        return;
    }
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
