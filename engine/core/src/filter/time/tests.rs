use super::*;
use crate::model::Weekdays;
use jiff::tz::TimeZone;

fn t(text: &str) -> Timestamp {
    text.parse().expect(text)
}

/// `days from to zone`, all of 2026.
fn weekly(text: &str) -> QuietTime {
    let words: Vec<&str> = text.split(' ').collect();
    let [days, from, to, zone] = words[..] else { panic!("{text}") };
    QuietTime {
        starts_at: t("2026-01-01T00:00:00Z"),
        ends_at: t("2027-01-01T00:00:00Z"),
        weekly: Some(Weekly {
            days: Weekdays::parse(days.split(',')).expect("days"),
            from: from.parse().expect("from"),
            to: to.parse().expect("to"),
            time_zone: TimeZone::get(zone).expect("zone"),
        }),
    }
}

const EVERY_DAY: &str = "mon,tue,wed,thu,fri,sat,sun";

#[test]
fn a_window_keeps_its_wall_clock_over_every_daylight_saving_edge() {
    for (time, at, from, to) in [
        // Europe/Berlin skips 02:00–03:00 on 2026-03-29 and repeats it on 2026-10-25.
        (
            "sun 01:00 04:00 Europe/Berlin",
            "2026-03-29T00:30:00Z",
            "2026-03-29T00:00:00Z",
            "2026-03-29T02:00:00Z",
        ),
        (
            "sun 01:00 04:00 Europe/Berlin",
            "2026-10-25T00:30:00Z",
            "2026-10-24T23:00:00Z",
            "2026-10-25T03:00:00Z",
        ),
        // It begins in the skipped hour: at the end of the skip.
        (
            "sun 02:30 04:00 Europe/Berlin",
            "2026-03-29T01:15:00Z",
            "2026-03-29T01:00:00Z",
            "2026-03-29T02:00:00Z",
        ),
        // It ends in the skipped hour: at the end of the skip.
        (
            "sun 01:00 02:30 Europe/Berlin",
            "2026-03-29T00:59:00Z",
            "2026-03-29T00:00:00Z",
            "2026-03-29T01:00:00Z",
        ),
        // In the repeated hour the first time counts.
        (
            "sun 02:30 03:30 Europe/Berlin",
            "2026-10-25T00:45:00Z",
            "2026-10-25T00:30:00Z",
            "2026-10-25T02:30:00Z",
        ),
        (
            "sun 01:30 02:30 Europe/Berlin",
            "2026-10-25T00:15:00Z",
            "2026-10-24T23:30:00Z",
            "2026-10-25T00:30:00Z",
        ),
        // Over midnight into the changed day.
        (
            "sat 22:00 06:00 America/Chicago",
            "2026-03-08T09:00:00Z",
            "2026-03-08T04:00:00Z",
            "2026-03-08T11:00:00Z",
        ),
        (
            "sat 22:00 06:00 America/Chicago",
            "2026-11-01T09:00:00Z",
            "2026-11-01T03:00:00Z",
            "2026-11-01T12:00:00Z",
        ),
        // Half an hour is skipped and repeated on Lord Howe: 02:00–02:30 on 2026-10-04, 01:30–02:00 on 2026-04-05.
        (
            "sun 02:15 03:00 Australia/Lord_Howe",
            "2026-10-03T15:45:00Z",
            "2026-10-03T15:30:00Z",
            "2026-10-03T16:00:00Z",
        ),
        (
            "sun 01:45 02:15 Australia/Lord_Howe",
            "2026-04-04T15:00:00Z",
            "2026-04-04T14:45:00Z",
            "2026-04-04T15:45:00Z",
        ),
        (
            "mon 09:00 17:00 Asia/Tokyo",
            "2026-03-02T00:00:00Z",
            "2026-03-02T00:00:00Z",
            "2026-03-02T08:00:00Z",
        ),
    ] {
        let expected = Some((t(from), t(to)));
        assert_eq!(occurrence(&weekly(time), t(at)), expected, "{time} at {at}");
    }
}

#[test]
fn a_window_inside_the_skipped_hour_does_not_take_place_that_day() {
    let time = weekly("sun 02:10 02:50 Europe/Berlin");
    assert_eq!(occurrence(&time, t("2026-03-29T01:00:00Z")), None);
    let next = turn_after(&time, t("2026-03-28T12:00:00Z"));
    assert_eq!(next, Some(t("2026-04-05T00:10:00Z")), "the Sunday after");
}

#[test]
fn windows_are_half_open_and_found_from_yesterday_on() {
    let time = weekly("mon 22:00 06:00 Asia/Tokyo");
    let (from, to) = (t("2026-03-02T13:00:00Z"), t("2026-03-02T21:00:00Z"));
    let nanosecond = jiff::SignedDuration::from_nanos(1);
    assert_eq!(occurrence(&time, from - nanosecond), None);
    assert_eq!(occurrence(&time, from), Some((from, to)));
    assert_eq!(occurrence(&time, to - nanosecond), Some((from, to)));
    assert_eq!(occurrence(&time, to), None);
    assert_eq!(turn_after(&time, from - nanosecond), Some(from));
    assert_eq!(turn_after(&time, from), Some(to));
    assert_eq!(turn_after(&time, to), Some(from + jiff::SignedDuration::from_hours(7 * 24)));
}

#[test]
fn the_span_cuts_its_windows_and_windows_that_touch_are_one() {
    let (from, to) = (t("2026-03-02T03:00:00Z"), t("2026-03-04T03:00:00Z"));
    let cut = |time: &str| QuietTime { starts_at: from, ends_at: to, ..weekly(time) };
    let whole = cut(&format!("{EVERY_DAY} 00:00 00:00 Asia/Tokyo"));
    assert_eq!(occurrence(&whole, from), Some((from, to)), "as if it did not recur");
    assert_eq!(turn_after(&whole, to), None);
    let nights = cut(&format!("{EVERY_DAY} 10:00 14:00 Asia/Tokyo"));
    let found = occurrences(&nights, t("2026-01-01T00:00:00Z"), 9);
    let spans = [
        ("2026-03-02T03:00:00Z", "2026-03-02T05:00:00Z"),
        ("2026-03-03T01:00:00Z", "2026-03-03T05:00:00Z"),
        ("2026-03-04T01:00:00Z", "2026-03-04T03:00:00Z"),
    ];
    assert_eq!(found, spans.map(|(from, to)| (t(from), t(to))));
    let weekend = weekly("sat,sun 08:00 08:00 UTC");
    let found = occurrence(&weekend, t("2026-03-07T09:00:00Z"));
    assert_eq!(found, Some((t("2026-03-07T08:00:00Z"), t("2026-03-09T08:00:00Z"))));
}

#[test]
fn once_is_its_span() {
    let time = QuietTime { weekly: None, ..weekly("mon 00:00 00:00 UTC") };
    let (from, to) = (time.starts_at, time.ends_at);
    let second = jiff::SignedDuration::from_secs(1);
    assert_eq!(turn_after(&time, from - second), Some(from));
    assert_eq!(turn_after(&time, from), Some(to));
    assert_eq!(turn_after(&time, to), None);
    assert_eq!(occurrence(&time, to), None);
}

/// A year in zones that change, read off the wall clock, against [`occurrence`] and [`turn_after`].
#[test]
fn it_agrees_with_reading_the_clock_minute_by_minute() {
    for text in [
        "sat,sun 22:00 06:00 Europe/Berlin",
        "sun,mon 02:15 02:45 Australia/Lord_Howe",
        "mon,wed,sun 00:00 00:00 America/St_Johns",
        "fri,sat 23:30 00:30 Africa/Casablanca",
    ] {
        let time = weekly(text);
        let windows = read_off(time.weekly.as_ref().expect("weekly"));
        // Every window here begins and ends at a quarter of an hour.
        let step = jiff::SignedDuration::from_mins(5);
        let (mut at, mut held, mut next) = (time.starts_at, false, None);
        while at < time.ends_at {
            let holds = occurrence(&time, at).is_some();
            let expected = windows.iter().any(|(from, to)| *from <= at && at < *to);
            assert_eq!(holds, expected, "{text} at {at}");
            if at > time.starts_at && holds != held {
                assert_eq!(next, Some(at), "{text}: the turn at {at} was not foreseen");
            }
            (held, next) = (holds, turn_after(&time, at));
            at += step;
        }
    }
}

/// All windows of the year, by somebody who waits for the clock to show the hour or a later one.
fn read_off(weekly: &Weekly) -> Vec<(Timestamp, Timestamp)> {
    let mut windows = Vec::new();
    let mut date: Date = "2025-12-25".parse().expect("a day");
    while date.year() < 2027 {
        if weekly.days.has(date.weekday()) {
            let end = if weekly.to > weekly.from { date } else { date.tomorrow().expect("a day") };
            let from = wait_for(&weekly.time_zone, date.to_datetime(weekly.from));
            windows.push((from, wait_for(&weekly.time_zone, end.to_datetime(weekly.to))));
        }
        date = date.tomorrow().expect("a day");
    }
    windows
}

/// The first instant, to the minute, at which the clock shows this time or a later one.
fn wait_for(zone: &TimeZone, local: jiff::civil::DateTime) -> Timestamp {
    let utc = TimeZone::UTC.to_timestamp(local).expect("in range");
    let offset = zone.to_offset(utc - jiff::SignedDuration::from_hours(24)).seconds();
    // Nothing shifts a clock by more than two hours in 2026.
    let mut at = utc - jiff::SignedDuration::from_secs(i64::from(offset) + 7_200);
    while zone.to_datetime(at) < local {
        at += jiff::SignedDuration::from_mins(1);
    }
    at
}
