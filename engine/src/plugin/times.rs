//! How long calls take: a histogram of fixed size whose buckets grow with the times, so that recording is one atomic
//! addition and a quantile is off by at most an eighth.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Buckets to each doubling: 2^2.
const STEPS_LOG2: u32 = 2;
/// Up to 2^26 µs, a minute: more than any call may take.
const BUCKETS: usize = 27 << STEPS_LOG2;

/// The times of one plugin version's calls.
pub(super) struct Times {
    buckets: [AtomicU64; BUCKETS],
    total_us: AtomicU64,
    longest_us: AtomicU64,
}

/// What the times come to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CallTimes {
    /// Calls timed.
    pub count: u64,
    /// Of all calls together, in microseconds.
    pub total_us: u64,
    /// Half of the calls took at most about so long, in microseconds.
    pub p50_us: u64,
    /// 99 of 100 calls took at most about so long, in microseconds.
    pub p99_us: u64,
    /// The longest call, in microseconds.
    pub longest_us: u64,
}

impl Default for Times {
    fn default() -> Self {
        Self {
            buckets: std::array::from_fn(|_| AtomicU64::new(0)),
            total_us: AtomicU64::new(0),
            longest_us: AtomicU64::new(0),
        }
    }
}

impl Times {
    pub(super) fn record(&self, took: Duration) {
        let us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        self.buckets[bucket(us)].fetch_add(1, Ordering::Relaxed);
        self.total_us.fetch_add(us, Ordering::Relaxed);
        self.longest_us.fetch_max(us, Ordering::Relaxed);
    }

    pub(super) fn read(&self) -> CallTimes {
        let counts: [u64; BUCKETS] =
            std::array::from_fn(|at| self.buckets[at].load(Ordering::Relaxed));
        let count: u64 = counts.iter().sum();
        let longest_us = self.longest_us.load(Ordering::Relaxed);
        let quantile = |of_100: u64| {
            let wanted = (count * of_100).div_ceil(100);
            let mut seen = 0;
            let reached = counts.iter().position(|count| {
                seen += count;
                seen >= wanted && wanted > 0
            });
            reached.map_or(0, |at| middle(at).min(longest_us))
        };
        let total_us = self.total_us.load(Ordering::Relaxed);
        CallTimes { count, total_us, p50_us: quantile(50), p99_us: quantile(99), longest_us }
    }
}

/// The bucket of a time: its highest bit, and the two bits below it.
fn bucket(us: u64) -> usize {
    let steps = 1 << STEPS_LOG2;
    if us < steps {
        return us as usize;
    }
    let high = us.ilog2();
    let step = (us >> (high - STEPS_LOG2)) & (steps - 1);
    let at = (u64::from(high - STEPS_LOG2 + 1) << STEPS_LOG2) + step;
    (at as usize).min(BUCKETS - 1)
}

/// The time in the middle of a bucket.
fn middle(at: usize) -> u64 {
    let (at, steps) = (at as u64, 1_u64 << STEPS_LOG2);
    if at < steps {
        return at;
    }
    let shift = (at >> STEPS_LOG2) - 1;
    let start = (steps + (at & (steps - 1))) << shift;
    start + (1 << shift) / 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_off_by_an_eighth_at_most() {
        for us in [0, 1, 3, 4, 7, 8, 100, 999, 12_345, 1_000_000, 30_000_000] {
            let times = Times::default();
            times.record(Duration::from_micros(us));
            // Something longer, so that the cap by the longest call does not help.
            times.record(Duration::from_micros(us.max(1) * 3));
            let p50 = times.read().p50_us;
            assert!(p50.abs_diff(us) * 8 <= us, "{us}: {p50}");
        }
    }

    #[test]
    fn a_few_slow_calls_show_in_p99_and_not_in_p50() {
        let times = Times::default();
        for _ in 0..980 {
            times.record(Duration::from_micros(200));
        }
        for _ in 0..20 {
            times.record(Duration::from_millis(50));
        }
        let read = times.read();
        assert!((175..=225).contains(&read.p50_us), "{read:?}");
        assert!((43_750..=50_000).contains(&read.p99_us), "{read:?}");
        assert_eq!((read.count, read.longest_us, read.total_us), (1_000, 50_000, 1_196_000));
        assert_eq!(Times::default().read(), CallTimes::default());
    }

    #[test]
    fn no_time_is_too_long() {
        let times = Times::default();
        times.record(Duration::from_secs(1 << 40));
        times.record(Duration::MAX);
        assert_eq!(times.read().count, 2);
    }
}
