//! When a layer covers anything: hours of days, and spans of the week, on its wall clock.

use crate::model::Weekdays;
use jiff::civil::{Time, Weekday};

/// Seconds of a week on the wall clock.
const WEEK: i64 = 7 * DAY;
const DAY: i64 = 24 * 60 * 60;

/// Hours in which a layer covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Restriction {
    /// On each of these days from `from` until `to`: of the next day when `to` is not after `from`, so that equal times
    /// are 24 hours. What passes midnight belongs to the day on which it begins.
    Days {
        /// On which days it begins; not empty.
        days: Weekdays,
        /// Inclusive.
        from: Time,
        /// Exclusive.
        to: Time,
    },
    /// Every week from one point until the other; equal points are the whole week.
    Week {
        /// Inclusive.
        from: (Weekday, Time),
        /// Exclusive.
        to: (Weekday, Time),
    },
}

impl Restriction {
    /// Start and length, in seconds of the week from Monday 00:00.
    fn spans(self) -> Vec<(i64, i64)> {
        let length = |from: i64, to: i64, cycle: i64| match (to - from).rem_euclid(cycle) {
            0 => cycle,
            length => length,
        };
        match self {
            Self::Days { days, from, to } => {
                let (from, to) = (second(from), second(to));
                let starts = days.iter().map(|day| day_start(day) + from);
                starts.map(|start| (start, length(from, to, DAY))).collect()
            }
            Self::Week { from, to } => {
                let start = day_start(from.0) + second(from.1);
                vec![(start, length(start, day_start(to.0) + second(to.1), WEEK))]
            }
        }
    }
}

fn day_start(day: Weekday) -> i64 {
    i64::from(day.to_monday_zero_offset()) * DAY
}

fn second(time: Time) -> i64 {
    i64::from(time.hour()) * 3600 + i64::from(time.minute()) * 60 + i64::from(time.second())
}

/// All restrictions of a layer: it covers where one of them does. Without any, or when they leave nothing of the week out,
/// it covers always.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Restrictions {
    written: Vec<Restriction>,
    windows: Vec<(i64, i64)>,
}

impl Restrictions {
    /// Takes them as written.
    pub fn new(written: Vec<Restriction>) -> Self {
        let windows = union(written.iter().flat_map(|one| one.spans()).collect());
        Self { written, windows }
    }

    /// As written.
    pub fn written(&self) -> &[Restriction] {
        &self.written
    }

    /// Where the layer covers, in seconds of the week from Monday 00:00: `[start, end)`, apart from each other, earliest
    /// first. The last may end in the next week. Empty: always.
    pub fn windows(&self) -> &[(i64, i64)] {
        &self.windows
    }
}

/// Joins spans of a week that goes round and round. Empty when nothing is left out, or nothing was put in.
fn union(spans: Vec<(i64, i64)>) -> Vec<(i64, i64)> {
    let mut pieces = Vec::new();
    for (start, length) in spans {
        let end = start + length;
        pieces.push((start, end.min(WEEK)));
        if end > WEEK {
            pieces.push((0, end - WEEK));
        }
    }
    pieces.sort_unstable();
    let mut joined: Vec<(i64, i64)> = Vec::new();
    for (start, end) in pieces {
        match joined.last_mut() {
            Some(last) if start <= last.1 => last.1 = last.1.max(end),
            _ => joined.push((start, end)),
        }
    }
    if joined.first() == Some(&(0, WEEK)) {
        return Vec::new();
    }
    if joined.first().is_some_and(|first| first.0 == 0)
        && joined.last().is_some_and(|last| last.1 == WEEK)
    {
        let (_, end) = joined.remove(0);
        if let Some(last) = joined.last_mut() {
            last.1 += end;
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3600;

    fn days(days: &[Weekday], from: i8, to: i8) -> Restriction {
        let days = days.iter().copied().collect();
        Restriction::Days {
            days,
            from: Time::constant(from, 0, 0, 0),
            to: Time::constant(to, 0, 0, 0),
        }
    }

    fn windows(written: Vec<Restriction>) -> Vec<(i64, i64)> {
        let restrictions = Restrictions::new(written);
        restrictions.windows().iter().map(|(a, b)| (a / HOUR, b / HOUR)).collect()
    }

    #[test]
    fn windows_are_joined_and_go_round_the_week() {
        use Weekday::{Friday, Monday, Sunday};
        assert_eq!(windows(vec![days(&[Monday], 9, 17), days(&[Monday], 16, 18)]), [(9, 18)]);
        assert_eq!(windows(vec![days(&[Sunday, Monday], 22, 6)]), [(22, 30), (166, 174)]);
        let all = Weekdays::ALL.iter().collect::<Vec<_>>();
        assert_eq!(windows(vec![days(&all, 9, 9)]), [], "nothing is left out");
        assert_eq!(windows(vec![days(&all, 0, 12), days(&all, 12, 0)]), []);
        let nine = Time::constant(9, 0, 0, 0);
        let week = Restriction::Week { from: (Friday, nine), to: (Monday, nine) };
        assert_eq!(windows(vec![week]), [(4 * 24 + 9, 7 * 24 + 9)]);
        let round = Restriction::Week { from: (Friday, nine), to: (Friday, nine) };
        assert_eq!(windows(vec![round]), []);
        assert_eq!(windows(vec![days(&[Sunday], 12, 0), days(&[Monday], 0, 2)]), [(156, 170)]);
    }
}
