//! Whether a plugin that fails too often should rest. Pure: the time comes in.
//!
//! ```text
//! closed ──5 failures within 60 s──▶ open ──its rest──▶ trying ──success──▶ closed
//!                                     ▲                   │ failure
//!                                     └───────────────────┘
//! ```
//!
//! Each time it opens again soon after it closed, the rest is twice as long: a plugin that works now and then opens a
//! few incidents, not one a minute.

use super::bounds;
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// The failures of one plugin version.
#[derive(Debug, Default)]
pub(super) struct Circuit {
    failed_at: VecDeque<Instant>,
    /// Set while the plugin rests, and while it is tried again.
    open_until: Option<Instant>,
    /// The last rest, and when it was over: the next one soon after is longer.
    last_rest: Option<(Duration, Instant)>,
}

impl Circuit {
    /// Whether the plugin may be called.
    pub(super) fn allows(&self, now: Instant) -> bool {
        self.open_until.is_none_or(|until| now >= until)
    }

    /// Whether the plugin rests or has not yet shown that it works again.
    pub(super) fn is_open(&self) -> bool {
        self.open_until.is_some()
    }

    /// Until when the plugin rests.
    pub(super) fn open_until(&self) -> Option<Instant> {
        self.open_until
    }

    /// Notes a failure; for how long it rests when this one opens the circuit that was closed. `rest` is the first rest.
    pub(super) fn failed(&mut self, now: Instant, rest: Duration) -> Option<Duration> {
        if let Some(until) = self.open_until {
            // A call from before the rest says nothing new; one after it begins the same rest again.
            if now >= until {
                let rest = self.last_rest.map_or(rest, |(rest, _)| rest);
                self.open_until = Some(now + rest);
            }
            return None;
        }
        let is_recent = |at: &Instant| now.saturating_duration_since(*at) < bounds::CIRCUIT_WINDOW;
        while self.failed_at.front().is_some_and(|at| !is_recent(at)) {
            self.failed_at.pop_front();
        }
        self.failed_at.push_back(now);
        if self.failed_at.len() < bounds::CIRCUIT_FAILURES {
            return None;
        }
        self.failed_at.clear();
        let rest = self.next_rest(now, rest);
        self.open_until = Some(now + rest);
        self.last_rest = Some((rest, now + rest));
        Some(rest)
    }

    /// Twice the last one, unless the plugin has kept calm since.
    fn next_rest(&self, now: Instant, first: Duration) -> Duration {
        let soon = |over: &Instant| now.saturating_duration_since(*over) < bounds::CIRCUIT_CALM;
        match self.last_rest {
            Some((rest, over)) if soon(&over) => (rest * 2).max(first),
            Some(_) | None => first,
        }
        .min(bounds::CIRCUIT_REST_MAX)
    }

    /// Notes a success; true when it closes the circuit that was open. Successes of calls that began before the
    /// circuit opened say nothing.
    pub(super) fn worked(&mut self, now: Instant) -> bool {
        match self.open_until {
            Some(until) if now >= until => {
                self.open_until = None;
                self.last_rest = self.last_rest.map(|(rest, _)| (rest, now));
                true
            }
            Some(_) | None => false,
        }
    }

    /// Opens it with the rest over: the next call decides.
    pub(super) fn try_next(&mut self, now: Instant) {
        self.open_until = Some(now);
    }

    /// Forgets everything, by somebody's word; true when it was open.
    pub(super) fn reset(&mut self) -> bool {
        std::mem::take(self).open_until.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REST: Duration = Duration::from_secs(60);

    fn after(start: Instant, seconds: u64) -> Instant {
        start + Duration::from_secs(seconds)
    }

    /// Fails until it opens; for how long it rests then.
    fn break_at(circuit: &mut Circuit, now: Instant) -> Duration {
        (0..5).find_map(|_| circuit.failed(now, REST)).expect("five failures open it")
    }

    #[test]
    fn the_fifth_failure_within_a_minute_opens() {
        let (start, mut circuit) = (Instant::now(), Circuit::default());
        for second in 0..4 {
            assert_eq!(circuit.failed(after(start, second), REST), None, "{second}");
        }
        assert!(circuit.allows(after(start, 4)));
        assert_eq!(circuit.failed(after(start, 4), REST), Some(REST));
        assert!(!circuit.allows(after(start, 63)));
        assert!(circuit.allows(after(start, 64)), "one more try after the rest");
    }

    #[test]
    fn failures_far_apart_never_open() {
        let (start, mut circuit) = (Instant::now(), Circuit::default());
        for minute in 0..100 {
            assert_eq!(circuit.failed(after(start, minute * 20), REST), None, "{minute}");
        }
    }

    #[test]
    fn the_try_after_the_rest_decides() {
        let (start, mut circuit) = (Instant::now(), Circuit::default());
        break_at(&mut circuit, start);
        assert!(!circuit.worked(after(start, 1)), "a call from before the rest says nothing");
        assert_eq!(circuit.failed(after(start, 1), REST), None);
        assert!(circuit.allows(after(start, 60)), "nor does its failure make the rest longer");
        assert_eq!(circuit.failed(after(start, 60), REST), None, "opening again is not news");
        assert!(!circuit.allows(after(start, 119)));
        assert!(circuit.worked(after(start, 120)));
        assert!(!circuit.is_open());
    }

    #[test]
    fn a_plugin_that_works_now_and_then_opens_few_times_an_hour() {
        let (start, mut circuit) = (Instant::now(), Circuit::default());
        let (mut now, mut opened) = (start, Vec::new());
        while now < after(start, 24 * 3_600) {
            opened.push(now.duration_since(start).as_secs() / 3_600);
            // As bad as can be: it works once when it is tried, and fails at once after that.
            now += break_at(&mut circuit, now);
            assert!(circuit.worked(now));
        }
        let in_hour = |hour| opened.iter().filter(|at| **at == hour).count();
        assert_eq!(in_hour(0), 6, "{opened:?}");
        assert!((1..24).all(|hour| in_hour(hour) <= 2), "{opened:?}");
    }

    #[test]
    fn after_an_hour_of_calm_the_rest_is_short_again() {
        let (start, mut circuit) = (Instant::now(), Circuit::default());
        break_at(&mut circuit, start);
        assert!(circuit.worked(after(start, 60)));
        assert_eq!(break_at(&mut circuit, after(start, 120)), REST * 2);
        assert!(circuit.worked(after(start, 240)));
        assert_eq!(break_at(&mut circuit, after(start, 240 + 3_600)), REST);
    }

    #[test]
    fn a_word_of_the_operator_ends_it_and_what_it_remembers() {
        let (start, mut circuit) = (Instant::now(), Circuit::default());
        assert!(!circuit.reset());
        break_at(&mut circuit, start);
        assert!(circuit.reset() && circuit.allows(start) && !circuit.is_open());
        assert_eq!(break_at(&mut circuit, start), REST, "as if it had never failed");
    }

    #[test]
    fn after_a_start_the_next_call_decides() {
        let (start, mut circuit) = (Instant::now(), Circuit::default());
        circuit.try_next(start);
        assert!(circuit.is_open() && circuit.allows(start));
        assert_eq!(circuit.failed(start, REST), None, "it is known already");
        assert!(!circuit.allows(after(start, 59)));
        assert!(circuit.worked(after(start, 60)));
    }
}
