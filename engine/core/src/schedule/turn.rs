//! Which turn of a rotation an instant falls into, and whose it is, without walking there from the layer's start.
//!
//! The first turn begins at `start`, the second at the hand-off, turn n + 1 at the hand-off plus n turns on the wall clock.
//! Months are counted from the hand-off, not from each other: what begins on the 31st begins on the last day of a shorter
//! month and on the 31st again after it.

use super::wall::{WEEK, Wall, civil, second_of_week, seconds};
use crate::model::{Advance, Layer, Turn, TurnUnit};
use jiff::civil::DateTime;
use std::cell::Cell;

/// A turn's length on the wall clock.
#[derive(Clone, Copy, Debug)]
enum Length {
    Seconds(i64),
    Months(i64),
}

impl Length {
    fn of(turn: Turn) -> Self {
        let count = i64::from(turn.count.max(1));
        match turn.unit {
            TurnUnit::Hours => Self::Seconds(count * 3600),
            TurnUnit::Days => Self::Seconds(count * 24 * 3600),
            TurnUnit::Weeks => Self::Seconds(count * WEEK),
            TurnUnit::Months => Self::Months(count),
        }
    }
}

/// One turn: instants in seconds, and its number from 0.
#[derive(Clone, Copy, Debug)]
pub(super) struct Found {
    pub(super) from: i64,
    pub(super) to: i64,
    pub(super) index: i64,
}

/// The turns of one layer.
#[derive(Debug)]
pub(super) struct Turns<'a> {
    layer: &'a Layer,
    start: i64,
    /// Where turns are counted from, and the number of the turn that begins there.
    base: (DateTime, i64, i64),
    length: Length,
    /// A turn, and how many before it passed the duty on.
    counted: Cell<(i64, i64)>,
    /// The turn that was looked at last: the next question is about it, or about the one after it.
    last: Cell<Option<Found>>,
}

impl<'a> Turns<'a> {
    /// `None` when the layer's start is beyond the calendar's range.
    pub(super) fn of(layer: &'a Layer) -> Option<Self> {
        let start = seconds(layer.start)?;
        let base = match layer.handoff.filter(|handoff| layer.start < *handoff) {
            Some(handoff) => (handoff, seconds(handoff)?, 1),
            None => (layer.start, start, 0),
        };
        let length = Length::of(layer.turn);
        let counted = Cell::new((0, 0));
        Some(Self { layer, start, base, length, counted, last: Cell::new(None) })
    }

    /// When the first begins.
    pub(super) fn start(&self, wall: &Wall<'_>) -> Option<i64> {
        wall.instant(self.start)
    }

    /// The turn that holds at `at`, which is not before the start. `None` beyond the calendar's range.
    pub(super) fn at(&self, wall: &Wall<'_>, at: i64) -> Option<Found> {
        let begin = |index| self.begin(index).and_then(|local| wall.instant(local));
        if let Some(last) = self.last.get() {
            if last.from <= at && at < last.to {
                return Some(last);
            }
            let to = begin(last.index + 2).unwrap_or(i64::MAX);
            if last.to <= at && at < to {
                let next = Found { from: last.to, to, index: last.index + 1 };
                self.last.set(Some(next));
                return Some(next);
            }
        }
        let mut index = self.estimate(wall.local(at))?.max(0);
        // A skip or a repeated hour can put the estimate off in either direction.
        let mut from = begin(index)?;
        while index > 0 && from > at {
            index -= 1;
            from = begin(index)?;
        }
        let mut to = begin(index + 1).unwrap_or(i64::MAX);
        while to <= at {
            index += 1;
            from = to;
            to = begin(index + 1).unwrap_or(i64::MAX);
        }
        let found = Found { from, to, index };
        self.last.set(Some(found));
        Some(found)
    }

    /// Whose turn it is: a place in the rotation.
    pub(super) fn place(&self, index: i64) -> usize {
        let passed_on = match self.layer.advance {
            Advance::CoveredTurns => self.covered_before(index),
            Advance::EveryTurn => index,
        };
        let len = i64::try_from(self.layer.people.len().max(1)).unwrap_or(1);
        usize::try_from(passed_on.rem_euclid(len)).unwrap_or(0)
    }

    /// When a turn begins, on the wall clock.
    fn begin(&self, index: i64) -> Option<i64> {
        let (date, base, first) = self.base;
        if index < first {
            return Some(self.start);
        }
        match self.length {
            Length::Seconds(length) => base.checked_add(length.checked_mul(index - first)?),
            Length::Months(length) => {
                seconds(add_months(date, length.checked_mul(index - first)?)?)
            }
        }
    }

    fn estimate(&self, local: i64) -> Option<i64> {
        let (date, base, first) = self.base;
        if local < base {
            return Some(0);
        }
        let turns = match self.length {
            Length::Seconds(length) => (local - base).div_euclid(length),
            Length::Months(length) => {
                let now = civil(local)?;
                let months = (i64::from(now.year()) - i64::from(date.year())) * 12
                    + i64::from(now.month())
                    - i64::from(date.month());
                months.div_euclid(length)
            }
        };
        Some(first + turns)
    }

    /// How many of the turns before `index` meet a restriction's hours. They repeat from week to week.
    fn covered_before(&self, index: i64) -> i64 {
        let windows = self.layer.restrictions.windows();
        if windows.is_empty() {
            return index;
        }
        let first = self.base.2.min(index);
        let short = (0..first).filter(|turn| self.is_covered(*turn)).count() as i64;
        let length = match self.length {
            Length::Seconds(length) if length < WEEK => length,
            // A week, or more, meets every hour of the week.
            _ => return short + index - first,
        };
        let cycle = WEEK / gcd(length, WEEK);
        let (from, count) = self.counted.get();
        let count = if from >= first && (from..from + cycle).contains(&index) {
            count + self.covered_among(from, index)
        } else {
            let turns = index - first;
            let whole = self.covered_among(first, first + cycle);
            short + turns / cycle * whole + self.covered_among(first, first + turns % cycle)
        };
        self.counted.set((index, count));
        count
    }

    fn covered_among(&self, from: i64, to: i64) -> i64 {
        (from..to).filter(|turn| self.is_covered(*turn)).count() as i64
    }

    /// Whether a turn's hours on the wall clock meet a restriction's.
    fn is_covered(&self, index: i64) -> bool {
        let (Some(from), Some(to)) = (self.begin(index), self.begin(index + 1)) else {
            return false;
        };
        let start = second_of_week(from);
        let end = start + (to - from);
        let meets = |(a, b): &(i64, i64)| {
            [-WEEK, 0, WEEK].iter().any(|week| start < b + week && a + week < end)
        };
        to - from >= WEEK || self.layer.restrictions.windows().iter().any(meets)
    }
}

fn gcd(a: i64, b: i64) -> i64 {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// The same day so many months on, or the month's last.
fn add_months(date: DateTime, months: i64) -> Option<DateTime> {
    let total = i64::from(date.year()) * 12 + i64::from(date.month()) - 1;
    let total = total.checked_add(months)?;
    let year = i16::try_from(total.div_euclid(12)).ok()?;
    let month = i8::try_from(total.rem_euclid(12) + 1).ok()?;
    let first = jiff::civil::Date::new(year, month, 1).ok()?;
    let day = date.day().min(first.days_in_month());
    let date_of = jiff::civil::Date::new(year, month, day).ok()?;
    Some(date_of.to_datetime(date.time()))
}
