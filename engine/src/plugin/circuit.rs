//! Whether a plugin that fails too often should rest. Pure: the time comes in.
//!
//! ```text
//! closed ──5 failures within 60 s──▶ open ──60 s──▶ trying ──success──▶ closed
//!                                     ▲               │ failure
//!                                     └───────────────┘
//! ```

use super::bounds;
use std::collections::VecDeque;
use std::time::Instant;

/// The failures of one plugin version.
#[derive(Debug, Default)]
pub(super) struct Circuit {
    failed_at: VecDeque<Instant>,
    /// Set while the plugin rests, and while it is tried again.
    open_until: Option<Instant>,
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

    /// Notes a failure; true when it opens the circuit that was closed.
    pub(super) fn failed(&mut self, now: Instant) -> bool {
        if self.open_until.is_some() {
            self.open_until = Some(now + bounds::CIRCUIT_COOL_DOWN);
            return false;
        }
        let is_recent = |at: &Instant| now.saturating_duration_since(*at) < bounds::CIRCUIT_WINDOW;
        while self.failed_at.front().is_some_and(|at| !is_recent(at)) {
            self.failed_at.pop_front();
        }
        self.failed_at.push_back(now);
        if self.failed_at.len() < bounds::CIRCUIT_FAILURES {
            return false;
        }
        self.failed_at.clear();
        self.open_until = Some(now + bounds::CIRCUIT_COOL_DOWN);
        true
    }

    /// Notes a success; true when it closes the circuit that was open. Successes of calls that began before the
    /// circuit opened say nothing.
    pub(super) fn worked(&mut self, now: Instant) -> bool {
        match self.open_until {
            Some(until) if now >= until => {
                self.open_until = None;
                true
            }
            Some(_) | None => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn after(start: Instant, seconds: u64) -> Instant {
        start + Duration::from_secs(seconds)
    }

    #[test]
    fn the_fifth_failure_within_a_minute_opens() {
        let (start, mut circuit) = (Instant::now(), Circuit::default());
        for second in 0..4 {
            assert!(!circuit.failed(after(start, second)), "{second}");
        }
        assert!(circuit.allows(after(start, 4)));
        assert!(circuit.failed(after(start, 4)));
        assert!(!circuit.allows(after(start, 63)));
        assert!(circuit.allows(after(start, 64)), "one more try after the cool-down");
    }

    #[test]
    fn failures_far_apart_never_open() {
        let (start, mut circuit) = (Instant::now(), Circuit::default());
        for minute in 0..100 {
            assert!(!circuit.failed(after(start, minute * 20)), "{minute}");
        }
    }

    #[test]
    fn the_try_after_the_rest_decides() {
        let (start, mut circuit) = (Instant::now(), Circuit::default());
        for _ in 0..5 {
            circuit.failed(start);
        }
        assert!(!circuit.worked(after(start, 1)), "a call from before the rest says nothing");
        assert!(!circuit.failed(after(start, 60)), "opening again is not news");
        assert!(!circuit.allows(after(start, 119)));
        assert!(circuit.worked(after(start, 120)));
        assert!(!circuit.is_open());
    }
}
