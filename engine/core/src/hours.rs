//! Whether an instant lies within weekly hours, and when they begin next.
//!
//! A window begins and ends where its zone's wall clock shows it: in a skipped hour at the end of the skip, in a repeated
//! one at its first occurrence (see [`crate::schedule::boundary`]). Half-open.

use crate::model::{Hours, SupportHours, Urgency, Window};
use crate::schedule::boundary;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, ToSpan};

/// Whether `at` is within one of the windows.
pub fn is_within(hours: &Hours, at: Timestamp) -> bool {
    // One that began yesterday may go on.
    spans(hours, at, -1, 0).any(|(from, to)| from <= at && at < to)
}

/// When a window begins next, after `at`. `None` only at the end of the calendar.
pub fn next_start(hours: &Hours, at: Timestamp) -> Option<Timestamp> {
    // A week ahead every window has begun; one more day for where the clock is set.
    spans(hours, at, 0, 8).map(|(from, _)| from).filter(|from| *from > at).min()
}

/// The instants in `[from, to)` at which a window begins or ends, in no order, some perhaps twice.
pub fn edges(hours: &Hours, from: Timestamp, to: Timestamp) -> Vec<Timestamp> {
    let days = to.duration_since(from).as_hours() / 24 + 2;
    let edges = spans(hours, from, -1, days).flat_map(|(start, end)| [start, end]);
    edges.filter(|at| from <= *at && *at < to).collect()
}

/// How loud a new incident is at `at`.
pub fn urgency_at(support: &SupportHours, at: Timestamp) -> Urgency {
    if is_within(&support.hours, at) { support.inside } else { support.outside }
}

/// The windows that begin on the days from `first` to `last` after the local day of `at`.
fn spans(
    hours: &Hours,
    at: Timestamp,
    first: i64,
    last: i64,
) -> impl Iterator<Item = (Timestamp, Timestamp)> + '_ {
    let today = at.to_zoned(hours.time_zone.clone()).date();
    let days = (first..=last).filter_map(move |day| today.checked_add(day.days()).ok());
    days.flat_map(move |day| {
        let windows = hours.windows.iter().filter(move |window| window.begins_on(day.weekday()));
        windows.filter_map(move |window| span(hours, window, day))
    })
}

fn span(hours: &Hours, window: &Window, day: Date) -> Option<(Timestamp, Timestamp)> {
    let midnight = day.at(0, 0, 0, 0);
    let at = |minute: u32| {
        let local = midnight.checked_add(SignedDuration::from_mins(i64::from(minute))).ok()?;
        boundary(&hours.time_zone, local)
    };
    Some((at(window.from_minute())?, at(window.to_minute())?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::tz::TimeZone;

    fn hours(zone: &str, windows: &[&str]) -> Hours {
        Hours {
            time_zone: TimeZone::get(zone).expect(zone),
            windows: windows.iter().map(|text| Window::parse(text).expect(text)).collect(),
        }
    }

    fn t(text: &str) -> Timestamp {
        text.parse().expect(text)
    }

    #[test]
    fn hours_are_half_open_on_their_own_wall_clock() {
        let office = hours("Europe/Berlin", &["mon-fri 09:00-17:00"]);
        for (at, inside) in [
            ("2026-03-02T07:59:59Z", false),
            ("2026-03-02T08:00:00Z", true),
            ("2026-03-02T15:59:59Z", true),
            ("2026-03-02T16:00:00Z", false),
            ("2026-03-07T12:00:00Z", false),
            // Summer time since 29 March.
            ("2026-03-30T07:00:00Z", true),
            ("2026-03-30T15:00:00Z", false),
        ] {
            assert_eq!(is_within(&office, t(at)), inside, "{at}");
        }
        assert_eq!(next_start(&office, t("2026-03-06T16:00:00Z")), Some(t("2026-03-09T08:00:00Z")));
        assert_eq!(next_start(&office, t("2026-03-28T16:00:00Z")), Some(t("2026-03-30T07:00:00Z")));
        assert_eq!(next_start(&office, t("2026-03-02T08:00:00Z")), Some(t("2026-03-03T08:00:00Z")));
    }

    #[test]
    fn a_window_over_midnight_belongs_to_the_day_it_begins_on() {
        let night = hours("Asia/Tokyo", &["fri 22:00-06:00"]);
        // Friday 22:00 in Tokyo is 13:00 UTC.
        for (at, inside) in [
            ("2026-03-06T12:59:00Z", false),
            ("2026-03-06T13:00:00Z", true),
            ("2026-03-06T20:59:00Z", true),
            ("2026-03-06T21:00:00Z", false),
            ("2026-03-05T20:00:00Z", false),
        ] {
            assert_eq!(is_within(&night, t(at)), inside, "{at}");
        }
    }

    #[test]
    fn skipped_and_repeated_hours_begin_and_end_where_the_clock_shows_them() {
        // Berlin skips 02:00–03:00 on 29 March 2026 and repeats it on 25 October.
        let early = hours("Europe/Berlin", &["02:30-04:00"]);
        assert_eq!(next_start(&early, t("2026-03-28T12:00:00Z")), Some(t("2026-03-29T01:00:00Z")));
        assert!(is_within(&early, t("2026-03-29T01:59:00Z")));
        assert!(!is_within(&early, t("2026-03-29T02:00:00Z")));
        assert_eq!(next_start(&early, t("2026-10-24T12:00:00Z")), Some(t("2026-10-25T00:30:00Z")));
        assert!(is_within(&early, t("2026-10-25T01:15:00Z")), "also while the hour is repeated");
        // Lord Howe's half hour: 02:00–02:30 is skipped on 4 October 2026.
        let howe = hours("Australia/Lord_Howe", &["02:15-03:00"]);
        assert_eq!(next_start(&howe, t("2026-10-03T12:00:00Z")), Some(t("2026-10-03T15:30:00Z")));
    }
}
