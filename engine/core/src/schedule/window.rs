//! Whether an instant lies in a layer's restricted hours, and since when until when.

use super::wall::{WEEK, Wall, second_of_week};

/// Inside a window or between two; instants in seconds.
#[derive(Clone, Copy, Debug)]
pub(super) enum Hours {
    Inside { from: i64, to: i64 },
    Between { from: i64, to: i64 },
}

/// Looks `at` up in windows of the week, which are not empty. `None` beyond the calendar's range.
///
/// A window begins and ends as wall clocks do: what falls into a skip is at its end, what is repeated at its first time.
pub(super) fn hours_at(windows: &[(i64, i64)], wall: &Wall<'_>, at: i64) -> Option<Hours> {
    let local = wall.local(at);
    let second = second_of_week(local);
    let weeks = Weeks { windows, wall, monday: local - second };
    let mut number = windows.partition_point(|(start, _)| *start <= second) as i64 - 1;
    while weeks.start(number)? > at {
        number -= 1;
    }
    while weeks.start(number + 1)? <= at {
        number += 1;
    }
    let (from, to) = (weeks.start(number)?, weeks.end(number)?);
    if at < to {
        return Some(Hours::Inside { from, to });
    }
    // A window that lies wholly inside a skip has no length: it ends nothing.
    while weeks.start(number)? == weeks.end(number)? {
        number -= 1;
    }
    let from = weeks.end(number)?;
    number += 1;
    while weeks.start(number)? <= at || weeks.start(number)? == weeks.end(number)? {
        number += 1;
    }
    Some(Hours::Between { from, to: weeks.start(number)? })
}

/// Windows counted on from a Monday, in both directions.
struct Weeks<'a> {
    windows: &'a [(i64, i64)],
    wall: &'a Wall<'a>,
    monday: i64,
}

impl Weeks<'_> {
    fn start(&self, number: i64) -> Option<i64> {
        let (week, window) = self.window(number);
        self.wall.instant(week + window.0)
    }

    fn end(&self, number: i64) -> Option<i64> {
        let (week, window) = self.window(number);
        self.wall.instant(week + window.1)
    }

    fn window(&self, number: i64) -> (i64, (i64, i64)) {
        let len = self.windows.len() as i64;
        let window = self.windows[number.rem_euclid(len) as usize];
        (self.monday + number.div_euclid(len) * WEEK, window)
    }
}
