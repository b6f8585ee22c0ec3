//! The only place that reads the clock. Everything else gets `now` as a value.

use jiff::Timestamp;

/// The time now, to the millisecond: what the journal and the plugins see is exactly what decisions saw.
#[allow(clippy::disallowed_methods, reason = "the one place that may read the clock")]
pub fn now() -> Timestamp {
    let now = Timestamp::now();
    Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
}
