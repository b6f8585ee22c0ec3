//! The only place that reads the clock. Everything else gets `now` as a value.
//!
//! Time here never stands still and never runs backwards: when the machine's clock is set back, it goes on at the
//! pace of the monotonic clock from where it was. Otherwise every page, retry and escalation would wait until the
//! machine's clock has caught up. A restart takes the machine's clock as it is.

use jiff::{SignedDuration, Timestamp};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// How far the machine's clock may lie behind before it is worth a line in the log.
const BEHIND_MAX: SignedDuration = SignedDuration::from_secs(1);

/// A std lock: held for a few comparisons.
static STEADY: Mutex<Steady> = Mutex::new(Steady { last: None, is_behind: false });

/// The time now, to the millisecond: what the journal and the plugins see is exactly what decisions saw.
#[allow(clippy::disallowed_methods, reason = "the one place that may read the clock")]
pub fn now() -> Timestamp {
    let mut steady = STEADY.lock().unwrap_or_else(PoisonError::into_inner);
    // In this order: a pause between the two readings must not push the time ahead.
    let machine = Timestamp::now();
    let now = steady.read(machine, Instant::now());
    Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
}

/// The last reading.
struct Steady {
    last: Option<(Timestamp, Instant)>,
    is_behind: bool,
}

impl Steady {
    fn read(&mut self, machine: Timestamp, at: Instant) -> Timestamp {
        let gone_on = self.last.and_then(|(last, then)| {
            let since = SignedDuration::try_from(at.saturating_duration_since(then)).ok()?;
            last.checked_add(since).ok()
        });
        let now = gone_on.map_or(machine, |gone_on| gone_on.max(machine));
        self.last = Some((now, at));
        let behind = now.duration_since(machine);
        if behind > BEHIND_MAX && !self.is_behind {
            tracing::warn!(?behind, "the machine's clock was set back; going on without it");
        }
        self.is_behind = behind > BEHIND_MAX;
        now
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_clock_that_is_set_back_neither_stops_the_time_nor_turns_it_back() {
        let (start, mut steady) = (Instant::now(), Steady { last: None, is_behind: false });
        let mut read = |machine: i64, seconds: u64| {
            let machine = Timestamp::from_second(machine).expect("in range");
            steady.read(machine, start + Duration::from_secs(seconds)).as_second()
        };
        assert_eq!(read(10_000, 0), 10_000);
        assert_eq!(read(10_005, 5), 10_005);
        assert_eq!(read(6_410, 10), 10_010, "set back by an hour");
        assert_eq!(read(6_470, 70), 10_070, "a minute is still a minute");
        assert_eq!(read(20_000, 71), 20_000, "set forward: followed");
        assert_eq!(read(20_001, 72), 20_001);
    }
}
