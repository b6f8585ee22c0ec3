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
    let next = windows.partition_point(|(start, _)| *start <= second);
    let mut next = Window { windows, wall, monday: local - second, place: next }.wrapped();
    let mut last = next.before();
    // A clock that was moved can put the estimate off in either direction.
    while last.start()? > at {
        next = last;
        last = next.before();
    }
    let mut next_start = next.start()?;
    while next_start <= at {
        last = next;
        next = last.after();
        next_start = next.start()?;
    }
    let to = last.end()?;
    if at < to {
        return Some(Hours::Inside { from: last.start()?, to });
    }
    // A window that lies wholly inside a skip has no length: it neither begins nor ends anything.
    while last.start()? == last.end()? {
        last = last.before();
    }
    while next.start()? == next.end()? {
        next = next.after();
    }
    Some(Hours::Between { from: last.end()?, to: next.start()? })
}

/// One window of one week, and the way to those beside it.
#[derive(Clone, Copy)]
struct Window<'a> {
    windows: &'a [(i64, i64)],
    wall: &'a Wall<'a>,
    /// Local time of the week's Monday, 00:00.
    monday: i64,
    place: usize,
}

impl Window<'_> {
    fn start(&self) -> Option<i64> {
        self.wall.instant(self.monday + self.windows[self.place].0)
    }

    fn end(&self) -> Option<i64> {
        self.wall.instant(self.monday + self.windows[self.place].1)
    }

    fn wrapped(self) -> Self {
        match self.place < self.windows.len() {
            true => self,
            false => Self { place: 0, monday: self.monday + WEEK, ..self },
        }
    }

    fn after(self) -> Self {
        Self { place: self.place + 1, ..self }.wrapped()
    }

    fn before(self) -> Self {
        match self.place.checked_sub(1) {
            Some(place) => Self { place, ..self },
            None => Self { place: self.windows.len() - 1, monday: self.monday - WEEK, ..self },
        }
    }
}
