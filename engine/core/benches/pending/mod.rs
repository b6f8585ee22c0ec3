//! The timers that benchmarks keep pending, here and in the store's: many, of two kinds, in no order.

use jiff::{SignedDuration, Timestamp};
use nightbell_core::model::{AlertId, Change, IncidentId, TimerKey};

/// How many there are.
pub(crate) const PENDING: u64 = 1_000_000;

/// Half of them escalations, half ends of alerts, as a large installation has them.
pub(crate) fn key(n: u64) -> TimerKey {
    if n.is_multiple_of(2) {
        return TimerKey::Escalate(IncidentId(n));
    }
    let dedup_key = format!("prometheus/{:016x}", spread(n)).as_str().into();
    TimerKey::Expire(AlertId { integration: "prometheus".into(), dedup_key })
}

/// Within a day.
pub(crate) fn due(n: u64) -> Timestamp {
    let offset = i64::try_from(spread(n) % 86_400_000).expect("a day");
    Timestamp::UNIX_EPOCH + SignedDuration::from_millis(offset)
}

/// Sets one.
pub(crate) fn set(n: u64) -> Change {
    Change::SetTimer(key(n), due(n))
}

/// Neighbours are far from each other.
fn spread(n: u64) -> u64 {
    n.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29).wrapping_mul(0xbf58_476d_1ce4_e5b9)
}
