//! At which instants a quiet time holds.
//!
//! A weekly window begins and ends on its zone's wall clock, with the one meaning that skipped and repeated hours have
//! ([`crate::schedule::boundary`]): in a skipped hour it is the end of the skip, in a repeated hour the first time. A window
//! that lies wholly inside a skip does not take place that day. Windows that touch are one.

use crate::model::{QuietTime, Weekly};
use crate::schedule::boundary;
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};

/// How far ahead the next window is looked for. One falls into every week but when it is skipped.
const LOOK_AHEAD_DAYS: i64 = 15;

/// The stretch `[from, to)` that holds at `at`. `None`: it does not hold.
pub fn occurrence(time: &QuietTime, at: Timestamp) -> Option<(Timestamp, Timestamp)> {
    if at < time.starts_at || time.ends_at <= at {
        return None;
    }
    let Some(weekly) = &time.weekly else { return Some((time.starts_at, time.ends_at)) };
    let today = weekly.time_zone.to_datetime(at).date();
    // Yesterday's may pass midnight; where a repeated hour passes midnight, tomorrow's may have begun.
    let found = (-1..=1).find_map(|day| {
        let date = today.checked_add(day.days()).ok()?;
        on(weekly, date).filter(|(from, to)| *from <= at && at < *to).map(|found| (date, found))
    });
    let (date, (from, to)) = found?;
    let to = joined(weekly, date, to, time.ends_at);
    Some((from.max(time.starts_at), to.min(time.ends_at)))
}

/// The next instant after `at` at which it begins or ends to hold. `None`: there is none.
pub fn turn_after(time: &QuietTime, at: Timestamp) -> Option<Timestamp> {
    if let Some((_, to)) = occurrence(time, at) {
        return Some(to);
    }
    if at < time.starts_at && occurrence(time, time.starts_at).is_some() {
        return Some(time.starts_at);
    }
    let weekly = time.weekly.as_ref()?;
    let after = at.max(time.starts_at);
    let today = weekly.time_zone.to_datetime(after).date();
    let next = (-1..=LOOK_AHEAD_DAYS).find_map(|day| {
        let (from, _) = on(weekly, today.checked_add(day.days()).ok()?)?;
        (from > after).then_some(from)
    });
    next.filter(|from| *from < time.ends_at)
}

/// The stretches that begin or hold from `from` on, earliest first, at most `max`.
pub fn occurrences(time: &QuietTime, from: Timestamp, max: usize) -> Vec<(Timestamp, Timestamp)> {
    let mut found = Vec::new();
    let mut at = from;
    while found.len() < max {
        match occurrence(time, at) {
            Some(stretch) => {
                at = stretch.1;
                found.push(stretch);
            }
            None => match turn_after(time, at) {
                Some(next) => at = next,
                None => break,
            },
        }
    }
    found
}

/// The window that begins on a day of its zone.
fn on(weekly: &Weekly, date: Date) -> Option<(Timestamp, Timestamp)> {
    if !weekly.days.has(date.weekday()) {
        return None;
    }
    let last = if weekly.from < weekly.to { date } else { date.tomorrow().ok()? };
    let from = boundary(&weekly.time_zone, date.to_datetime(weekly.from))?;
    let to = boundary(&weekly.time_zone, last.to_datetime(weekly.to))?;
    (from < to).then_some((from, to))
}

/// The end of a window and of those that follow it without a pause, as far as `limit`.
fn joined(weekly: &Weekly, date: Date, to: Timestamp, limit: Timestamp) -> Timestamp {
    let (mut date, mut to) = (date, to);
    while to < limit {
        let Ok(next) = date.tomorrow() else { break };
        let Some((_, end)) = on(weekly, next).filter(|(from, _)| *from <= to) else { break };
        (date, to) = (next, end.max(to));
    }
    to
}

#[cfg(test)]
mod tests;
