//! What is counted over all calls of one version: how many, how long, what failed and why, whether it rests, and where a
//! shadow would have decided otherwise. Survives changed terms, not a changed file.

use super::bounds;
use super::circuit::Circuit;
use super::differences::Differences;
use super::fault::{Cause, Fault};
use super::status::{Health, LastFailure};
use super::times::Times;
use jiff::{SignedDuration, Timestamp};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// See the module.
#[derive(Default)]
pub(super) struct Vitals {
    pub(super) calls: AtomicU64,
    pub(super) times: Times,
    pub(super) differences: Differences,
    failures: [AtomicU64; Cause::ALL.len()],
    // Std locks: held for a look or a note only.
    last_failure: Mutex<Option<LastFailure>>,
    circuit: Mutex<Circuit>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Vitals {
    /// Whether it may be called now, or rests.
    pub(super) fn allows(&self) -> bool {
        lock(&self.circuit).allows(Instant::now())
    }

    /// Whether it rests, or has not shown yet that it works again.
    pub(super) fn is_quarantined(&self) -> bool {
        lock(&self.circuit).is_open()
    }

    /// Notes a failure that cost something; for how long it rests from now on when it is the one that quarantines.
    pub(super) fn failed(&self, fault: &Fault, at: Timestamp, rest: Duration) -> Option<Duration> {
        self.failures[fault.cause as usize].fetch_add(1, Ordering::Relaxed);
        let (cause, message) = (fault.cause.name(), fault.describe());
        *lock(&self.last_failure) = Some(LastFailure { at, cause, message });
        lock(&self.circuit).failed(Instant::now(), rest)
    }

    /// Notes a success; true when it ends a quarantine.
    pub(super) fn worked(&self) -> bool {
        lock(&self.circuit).worked(Instant::now())
    }

    /// It was in quarantine before the engine started: the next call decides.
    pub(super) fn try_next(&self) {
        lock(&self.circuit).try_next(Instant::now());
    }

    /// Ends a quarantine by the operator's word; false when there was none.
    pub(super) fn reset(&self) -> bool {
        lock(&self.circuit).reset()
    }

    /// As lists show it.
    pub(super) fn health(&self, now: Timestamp) -> Health {
        let of =
            |cause: Cause| (cause.name(), self.failures[cause as usize].load(Ordering::Relaxed));
        let causes = Cause::ALL.into_iter().map(of).filter(|(_, count)| *count > 0);
        Health {
            times: self.times.read(),
            causes: causes.collect(),
            last_failure: lock(&self.last_failure).clone(),
            quarantined_until: self.quarantined_until(now),
            differences: self.differences.count(),
            judged_in_shadow: self.differences.judged(),
        }
    }

    /// In the calendar's time; past when the next call is the one that decides.
    fn quarantined_until(&self, now: Timestamp) -> Option<Timestamp> {
        let until = lock(&self.circuit).open_until()?;
        let left = until.saturating_duration_since(Instant::now());
        let left = SignedDuration::try_from(left).unwrap_or(bounds::CIRCUIT_REST_MAX_SIGNED);
        Some(now.saturating_add(left).unwrap_or(now))
    }
}
