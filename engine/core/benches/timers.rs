//! A million pending timers: what it costs to set one, to cancel one, to take what is due next, and to take all of them up
//! from a snapshot. `cargo bench -p nightbell-core --bench timers`.
#![allow(missing_docs, reason = "a benchmark")]
#![allow(clippy::print_stdout, reason = "it prints the lines that docs/performance.md quotes")]

use jiff::{SignedDuration, Timestamp};
use nightbell_core::State;
use nightbell_core::model::{AlertId, Change, IncidentId, TimerKey};
use std::hint::black_box;
use std::time::{Duration, Instant};

const PENDING: u64 = 1_000_000;
/// Operations timed together.
const ROUND: u64 = 100_000;
const ROUNDS: usize = 9;

/// Half of them escalations, half ends of alerts, as a large installation has them.
fn key(n: u64) -> TimerKey {
    if n.is_multiple_of(2) {
        return TimerKey::Escalate(IncidentId(n));
    }
    let dedup_key = format!("prometheus/{:016x}", spread(n)).as_str().into();
    TimerKey::Expire(AlertId { integration: "prometheus".into(), dedup_key })
}

/// Neighbours are far from each other.
fn spread(n: u64) -> u64 {
    n.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29).wrapping_mul(0xbf58_476d_1ce4_e5b9)
}

fn due(n: u64) -> Timestamp {
    let offset = i64::try_from(spread(n) % 86_400_000).expect("a day");
    Timestamp::UNIX_EPOCH + SignedDuration::from_millis(offset)
}

fn median(mut all: Vec<Duration>, per: u64) -> Duration {
    all.sort();
    all[all.len() / 2] / u32::try_from(per).expect("few")
}

fn main() {
    let snapshot: Vec<Change> = (0..PENDING).map(|n| Change::SetTimer(key(n), due(n))).collect();
    let began = Instant::now();
    let mut state = State::default();
    state.apply(&snapshot);
    println!("timers: {PENDING} taken up from a snapshot in {:?}", began.elapsed());

    let (mut set, mut moved, mut cancelled, mut popped) = (vec![], vec![], vec![], vec![]);
    for round in 0..ROUNDS {
        let first = PENDING + round as u64 * ROUND;
        let new: Vec<Change> =
            (first..first + ROUND).map(|n| Change::SetTimer(key(n), due(n))).collect();
        let later: Vec<Change> =
            (first..first + ROUND).map(|n| Change::SetTimer(key(n), due(n + 7))).collect();
        let gone: Vec<Change> =
            (first..first + ROUND).map(|n| Change::CancelTimer(key(n))).collect();
        set.push(timed(|| state.apply(&new)));
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
    for (what, all) in [("set", set), ("move", moved), ("cancel", cancelled), ("pop next", popped)]
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
