//! Wall clocks: which instant a local time means, with a defined meaning for skipped and repeated hours.
//!
//! Local times and instants are seconds here: a schedule of a year asks tens of thousands of times.

use jiff::tz::{AmbiguousOffset, Offset, TimeZone};
use jiff::{Timestamp, civil::DateTime};
use std::cell::Cell;

/// Seconds of a day.
pub(super) const DAY: i64 = 24 * 60 * 60;
/// Seconds of a week.
pub(super) const WEEK: i64 = 7 * DAY;
/// No clock has ever been set back further.
const SET_BACK_MAX: i64 = 2 * DAY;

/// The instant at which a wall clock in `zone` shows `local`: the end of the skip when it never does, the
/// first time when it does twice. `None` beyond the calendar's range.
pub fn boundary(zone: &TimeZone, local: DateTime) -> Option<Timestamp> {
    let ambiguous = zone.to_ambiguous_timestamp(local);
    let is_gap = matches!(ambiguous.offset(), AmbiguousOffset::Gap { .. });
    let instant = ambiguous.compatible().ok()?;
    if !is_gap {
        return Some(instant);
    }
    // `compatible` lands behind the skip by as much as `local` lies inside it; the skip itself ends at the
    // latest transition not after that.
    let just_after = instant.checked_add(jiff::SignedDuration::from_nanos(1)).ok()?;
    zone.preceding(just_after).next().map(|transition| transition.timestamp()).or(Some(instant))
}

/// A local time as seconds since 1970-01-01T00:00 on the wall clock. `None` beyond the calendar's range.
pub(super) fn seconds(local: DateTime) -> Option<i64> {
    Offset::UTC.to_timestamp(local).ok().map(Timestamp::as_second)
}

/// The local time back.
pub(super) fn civil(local: i64) -> Option<DateTime> {
    Timestamp::from_second(local).ok().map(|at| Offset::UTC.to_datetime(at))
}

/// Seconds of the week from Monday 00:00.
pub(super) fn second_of_week(local: i64) -> i64 {
    // 1970-01-05 was a Monday.
    (local - 4 * DAY).rem_euclid(WEEK)
}

/// Instants in `[from, to)` that share one offset.
#[derive(Clone, Copy, Debug)]
struct Season {
    from: i64,
    to: i64,
    offset: i64,
}

/// The season of `zone` around `at`. It costs most of a microsecond: a wall clock asks once and remembers.
fn season_of(zone: &TimeZone, at: i64) -> Season {
    let edge = || if at < 0 { Timestamp::MIN } else { Timestamp::MAX };
    let instant = Timestamp::from_second(at).unwrap_or_else(|_| edge());
    let next_second = Timestamp::from_second(at.saturating_add(1)).unwrap_or(Timestamp::MAX);
    let before = zone.preceding(next_second).next();
    let after = zone.following(instant).next();
    let offset = before.as_ref().map_or_else(|| zone.to_offset(instant), |change| change.offset());
    Season {
        from: before.map_or(i64::MIN, |change| change.timestamp().as_second()),
        to: after.map_or(i64::MAX, |change| change.timestamp().as_second()),
        offset: i64::from(offset.seconds()),
    }
}

/// One zone's wall clock, which remembers the offset of where it was asked last.
#[derive(Debug)]
pub(super) struct Wall<'a> {
    zone: &'a TimeZone,
    season: Cell<Option<Season>>,
}

impl<'a> Wall<'a> {
    pub(super) fn new(zone: &'a TimeZone) -> Self {
        Self { zone, season: Cell::new(None) }
    }

    /// What the clock shows.
    pub(super) fn local(&self, at: i64) -> i64 {
        match self.season.get() {
            Some(season) if season.from <= at && at < season.to => at + season.offset,
            _ => {
                let season = season_of(self.zone, at);
                self.season.set(Some(season));
                at + season.offset
            }
        }
    }

    /// When the clock shows it, as [`boundary`].
    pub(super) fn instant(&self, local: i64) -> Option<i64> {
        if let Some(season) = self.season.get() {
            let at = local.saturating_sub(season.offset);
            // Shortly after a clock was set back the same local time has been before.
            if season.from.saturating_add(SET_BACK_MAX) <= at && at < season.to {
                return Some(at);
            }
        }
        boundary(self.zone, civil(local)?).map(Timestamp::as_second)
    }
}
