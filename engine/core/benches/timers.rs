//! A million pending timers: what it costs to set one, to cancel one, to take what is due next, and to take all of them up
//! from a snapshot. `cargo bench -p nightbell-core --bench timers`.
#![allow(missing_docs, reason = "a benchmark")]
#![allow(clippy::print_stdout, reason = "it prints the lines that docs/performance.md quotes")]

mod pending;

use jiff::Timestamp;
use nightbell_core::State;
use nightbell_core::model::Change;
use pending::{PENDING, due, key, set};
use std::hint::black_box;
use std::time::{Duration, Instant};

/// Operations timed together.
const ROUND: u64 = 100_000;
const ROUNDS: usize = 9;

fn median(mut all: Vec<Duration>, per: u64) -> Duration {
    all.sort();
    all[all.len() / 2] / u32::try_from(per).expect("few")
}

fn main() {
    let snapshot: Vec<Change> = (0..PENDING).map(set).collect();
    let began = Instant::now();
    let mut state = State::default();
    state.apply(&snapshot);
    println!("timers: {PENDING} taken up from a snapshot in {:?}", began.elapsed());

    let (mut put, mut moved, mut cancelled, mut popped) = (vec![], vec![], vec![], vec![]);
    for round in 0..ROUNDS {
        let first = PENDING + round as u64 * ROUND;
        let new: Vec<Change> = (first..first + ROUND).map(set).collect();
        let later: Vec<Change> =
            (first..first + ROUND).map(|n| Change::SetTimer(key(n), due(n + 7))).collect();
        let gone: Vec<Change> =
            (first..first + ROUND).map(|n| Change::CancelTimer(key(n))).collect();
        put.push(timed(|| state.apply(&new)));
        moved.push(timed(|| state.apply(&later)));
        cancelled.push(timed(|| state.apply(&gone)));
        let mut taken = Vec::new();
        popped.push(timed(|| {
            for _ in 0..ROUND / 100 {
                // As the pipeline takes them: what is due, up to a batch, and each is done.
                let batch = state.due(Timestamp::MAX, 100);
                let done: Vec<Change> =
                    batch.iter().map(|timer| Change::CancelTimer(timer.key.clone())).collect();
                state.apply(&done);
                taken.extend(batch);
            }
        }));
        assert!(taken.is_sorted_by_key(|timer| timer.due), "earliest first");
        let back: Vec<Change> =
            taken.into_iter().map(|timer| Change::SetTimer(timer.key, timer.due)).collect();
        state.apply(&back);
    }
    for (what, all) in [("set", put), ("move", moved), ("cancel", cancelled), ("pop next", popped)]
    {
        println!("timers: {what}: {:?} each, {PENDING} pending", median(all, ROUND));
    }
    black_box(state);
}

fn timed(work: impl FnOnce()) -> Duration {
    let began = Instant::now();
    work();
    began.elapsed()
}
