//! When turns begin: wall-clock arithmetic with a defined meaning for skipped and repeated hours.
//!
//! A turn begins at `start + n × turn` on the schedule's wall clock. A beginning in a skipped hour is moved to
//! the end of the skip; one in a repeated hour is at its first occurrence.

use crate::model::{Layer, PersonId, Turn, TurnUnit};
use jiff::{SignedDuration, Timestamp, civil::DateTime, tz::AmbiguousOffset, tz::TimeZone};

impl Turn {
    /// The length on the wall clock.
    pub fn length(self) -> SignedDuration {
        let hours = match self.unit {
            TurnUnit::Hours => 1,
            TurnUnit::Days => 24,
            TurnUnit::Weeks => 24 * 7,
        };
        SignedDuration::from_hours(hours * i64::from(self.count.max(1)))
    }
}

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
    let just_after = instant.checked_add(SignedDuration::from_nanos(1)).ok()?;
    zone.preceding(just_after).next().map(|transition| transition.timestamp()).or(Some(instant))
}

/// The turn that holds at `at`: from, until, and whose it is (`None`: an explicit nobody). `None` outside the
/// layer.
pub fn turn_at<'a>(
    layer: &'a Layer,
    zone: &TimeZone,
    at: Timestamp,
) -> Option<(Timestamp, Timestamp, Option<&'a PersonId>)> {
    let mut turn = Turns::from(layer, zone, at)?;
    turn.next().filter(|(from, to, _)| *from <= at && at < *to)
}

/// The layer's turns that meet `[from, to)`, earliest first, not cut.
pub(super) fn turns<'a>(
    layer: &'a Layer,
    zone: &TimeZone,
    from: Timestamp,
    to: Timestamp,
) -> Vec<(Timestamp, Timestamp, Option<&'a PersonId>)> {
    let Some(turns) = Turns::from(layer, zone, from) else { return Vec::new() };
    turns.take_while(|(starts_at, _, _)| *starts_at < to).collect()
}

struct Turns<'a> {
    layer: &'a Layer,
    zone: TimeZone,
    index: i64,
    starts_at: Timestamp,
    layer_ends_at: Option<Timestamp>,
}

impl<'a> Turns<'a> {
    /// Begins with the turn that holds at `at`, or with the first when the layer begins later.
    fn from(layer: &'a Layer, zone: &TimeZone, at: Timestamp) -> Option<Self> {
        if layer.people.is_empty() {
            return None;
        }
        let layer_ends_at = match layer.end {
            Some(end) => Some(boundary(zone, end)?),
            None => None,
        };
        let local = zone.to_datetime(at);
        let since = layer.start.duration_until(local);
        let mut index = since.as_secs().div_euclid(layer.turn.length().as_secs()).max(0);
        // A skip or a repeated hour can put the estimate off by one in either direction.
        while index > 0 && begin(layer, zone, index)? > at {
            index -= 1;
        }
        while begin(layer, zone, index + 1).is_some_and(|next| next <= at) {
            index += 1;
        }
        let starts_at = begin(layer, zone, index)?;
        Some(Self { layer, zone: zone.clone(), index, starts_at, layer_ends_at })
    }
}

impl<'a> Iterator for Turns<'a> {
    type Item = (Timestamp, Timestamp, Option<&'a PersonId>);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let starts_at = self.starts_at;
            let next = begin(self.layer, &self.zone, self.index + 1)?;
            let people = &self.layer.people;
            let whose = usize::try_from(self.index).ok()? % people.len();
            self.index += 1;
            self.starts_at = next;
            let ends_at = match self.layer_ends_at {
                Some(end) if end <= starts_at => return None,
                Some(end) => end.min(next),
                None => next,
            };
            // A turn that lies wholly inside a skip has no length.
            if starts_at < ends_at {
                return Some((starts_at, ends_at, people[whose].as_ref()));
            }
        }
    }
}

fn begin(layer: &Layer, zone: &TimeZone, index: i64) -> Option<Timestamp> {
    let length = layer.turn.length().as_secs().checked_mul(index)?;
    let local = layer.start.checked_add(SignedDuration::from_secs(length)).ok()?;
    boundary(zone, local)
}
