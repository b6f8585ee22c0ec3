//! A deterministic simulator: one seed is one company with its people, one bad night, and every crash in it.
//!
//! Reading order: `world` is the company; `process` is an engine that can be killed between any two steps; `channel` are
//! the ways to people, slow and failing; `night` is what happens, drawn from the seed, `wish` what people want in it; `law` is what must hold after every
//! step. Nothing here reads a clock or a random source: the same seed is the same night, on any machine.
//!
//! `cargo xtask sim --seed S` replays one and prints what happened. A seed that breaks a law becomes a test in `known`.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop where it is")]
#![allow(clippy::print_stderr, reason = "a replayed night is told on the terminal")]

mod channel;
mod known;
mod law;
mod night;
mod process;
mod random;
mod wish;
mod world;

use night::Night;
use std::time::{SystemTime, UNIX_EPOCH};

/// Nights that every run of the tests goes through, each one new.
const FRESH: u64 = 1_000;

/// The one place that knows chance: which seeds are tried. `NIGHTBELL_SIM_SEED` chooses one instead, and tells it.
#[test]
#[allow(
    clippy::disallowed_methods,
    reason = "fresh seeds come from the clock, and a chosen one from outside"
)]
fn fresh_nights_break_no_law() {
    if let Some(seed) = std::env::var("NIGHTBELL_SIM_SEED").ok().filter(|seed| !seed.is_empty()) {
        let seed = seed.parse().expect("NIGHTBELL_SIM_SEED is a whole number");
        Night::new(seed).told(|line| eprintln!("{line}")).pass();
        return;
    }
    let first = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos() as u64;
    let workers = std::thread::available_parallelism().map_or(1, |count| count.get() as u64);
    let broken: Vec<u64> = std::thread::scope(|scope| {
        let nights = |worker| {
            let own = (0..FRESH).filter(move |n| n % workers == worker);
            let seeds = own.map(|n| random::mix(first.wrapping_add(n)));
            seeds.filter(|seed| !known::pass(*seed)).collect::<Vec<_>>()
        };
        let workers: Vec<_> = (0..workers).map(|n| scope.spawn(move || nights(n))).collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    });
    assert!(broken.is_empty(), "nights that broke a law: {broken:?}");
}

/// Else no failing seed could be looked at.
#[test]
fn one_seed_is_one_night() {
    let tell = |seed| {
        let mut lines = Vec::new();
        Night::new(seed).told(|line| lines.push(line)).pass();
        lines
    };
    let first = tell(7);
    assert!(first.len() > 100, "a night has something to tell: {}", first.len());
    assert_eq!(first, tell(7));
    assert_ne!(first, tell(8));
}
