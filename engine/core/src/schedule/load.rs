//! How the duty is shared: hours, nights and weekends per person.

use super::Calendar;
use super::piece::Span;
use super::wall::{DAY, Wall, second_of_week};
use crate::model::{Person, PersonId};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;

/// Seconds after midnight at which a night begins, and ends on the next day.
const NIGHT: (i64, i64) = (22 * 3600, 30 * 3600);
/// Seconds after Monday 00:00 at which a weekend begins and ends.
const WEEKEND: (i64, i64) = (5 * DAY, 7 * DAY);

/// One person's share. A Saturday night counts as night and as weekend.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Load {
    /// All of it.
    pub total: SignedDuration,
    /// From 22:00 to 06:00 on the person's own wall clock.
    pub night: SignedDuration,
    /// From Saturday 00:00 to Monday 00:00 on the person's own wall clock.
    pub weekend: SignedDuration,
}

/// Returns the share of everybody who is on call in `[from, to)`. Being on call for two schedules at once counts once. A
/// person who is not among `people` lives in UTC.
pub fn load(
    calendars: &[Calendar<'_>],
    people: &BTreeMap<PersonId, Person>,
    from: Timestamp,
    to: Timestamp,
) -> BTreeMap<PersonId, Load> {
    let mut spans: BTreeMap<PersonId, Vec<Span>> = BTreeMap::new();
    for shift in calendars.iter().flat_map(|calendar| calendar.shifts(from, to)) {
        spans.entry(shift.person).or_default().push((shift.starts_at, shift.ends_at));
    }
    let utc = TimeZone::UTC;
    let mut loads = BTreeMap::new();
    for (person, spans) in spans {
        let wall = Wall::new(people.get(&person).map_or(&utc, |person| &person.time_zone));
        let mut load = Load::default();
        for span in joined(spans) {
            load.total += span.1.duration_since(span.0);
            load.night += within(&wall, span, DAY, NIGHT);
            load.weekend += within(&wall, span, 7 * DAY, WEEKEND);
        }
        loads.insert(person, load);
    }
    loads
}

fn joined(mut spans: Vec<Span>) -> Vec<Span> {
    spans.sort_unstable();
    let mut joined: Vec<Span> = Vec::with_capacity(spans.len());
    for span in spans {
        match joined.last_mut() {
            Some(last) if span.0 <= last.1 => last.1 = last.1.max(span.1),
            _ => joined.push(span),
        }
    }
    joined
}

/// How much of a span lies in hours that come back every day or week, counted from Monday 00:00.
fn within(wall: &Wall<'_>, span: Span, cycle: i64, hours: (i64, i64)) -> SignedDuration {
    let local = wall.local(span.0.as_second());
    let into = second_of_week(local).rem_euclid(cycle);
    // Hours that pass midnight may have begun in the cycle before; a clock that is set back adds one more.
    let mut start = local - into - 2 * cycle;
    let mut sum = SignedDuration::ZERO;
    loop {
        let edge = |seconds| {
            let instant = wall.instant(start + seconds)?;
            Timestamp::from_second(instant).ok()
        };
        let (Some(from), Some(to)) = (edge(hours.0), edge(hours.1)) else { return sum };
        if span.1 <= from {
            return sum;
        }
        let (from, to) = (from.max(span.0), to.min(span.1));
        if from < to {
            sum += to.duration_since(from);
        }
        start += cycle;
    }
}
