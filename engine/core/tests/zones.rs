//! What clocks do when they are moved, in the zones that `docs/time.md` names. The rules are those of the tz database inside the
//! program: when an update of it changes one of these, this is where it is noticed, and the page is to be changed with it.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use nightbell_core::model::*;
use nightbell_core::schedule::{boundary, calendar};
use std::sync::Arc;

fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).expect(name)
}

fn local(text: &str) -> DateTime {
    text.parse().expect(text)
}

fn at(text: &str) -> Timestamp {
    text.parse().expect(text)
}

/// A zone, a local time, and the instant it means.
const MEANINGS: &[(&str, &str, &str)] = &[
    // Skipped hours end where the skip does.
    ("Europe/Berlin", "2026-03-29T01:59:59", "2026-03-29T00:59:59Z"),
    ("Europe/Berlin", "2026-03-29T02:00", "2026-03-29T01:00Z"),
    ("Europe/Berlin", "2026-03-29T02:30", "2026-03-29T01:00Z"),
    ("Europe/Berlin", "2026-03-29T03:00", "2026-03-29T01:00Z"),
    ("America/Chicago", "2026-03-08T02:30", "2026-03-08T08:00Z"),
    ("America/St_Johns", "2026-03-08T02:30", "2026-03-08T05:30Z"),
    ("Australia/Lord_Howe", "2026-10-04T02:15", "2026-10-03T15:30Z"),
    ("Australia/Lord_Howe", "2026-10-04T02:30", "2026-10-03T15:30Z"),
    ("Africa/Casablanca", "2026-03-22T02:30", "2026-03-22T02:00Z"),
    // Repeated hours mean their first time.
    ("Europe/Berlin", "2026-10-25T02:30", "2026-10-25T00:30Z"),
    ("Europe/Berlin", "2026-10-25T03:00", "2026-10-25T02:00Z"),
    ("America/Chicago", "2026-11-01T01:30", "2026-11-01T06:30Z"),
    ("America/St_Johns", "2026-11-01T01:30", "2026-11-01T04:00Z"),
    ("Australia/Lord_Howe", "2026-04-05T01:45", "2026-04-04T14:45Z"),
    ("Africa/Casablanca", "2026-02-15T02:30", "2026-02-15T01:30Z"),
    // The day on which Morocco goes back to UTC, in the database since 2026f.
    ("Africa/Casablanca", "2026-09-20T01:30", "2026-09-20T00:30Z"),
    ("Africa/Casablanca", "2026-12-01T09:00", "2026-12-01T09:00Z"),
    // No clock is moved.
    ("Asia/Tokyo", "2026-03-29T02:30", "2026-03-28T17:30Z"),
    ("Asia/Tokyo", "2026-10-25T02:30", "2026-10-24T17:30Z"),
    // Mexico ended summer time with October 2022.
    ("America/Mexico_City", "2022-07-01T09:00", "2022-07-01T14:00Z"),
    ("America/Mexico_City", "2023-07-01T09:00", "2023-07-01T15:00Z"),
    // Kazakhstan has one offset since 2024-03-01: Almaty set its clocks back an hour.
    ("Asia/Almaty", "2024-02-29T09:00", "2024-02-29T03:00Z"),
    ("Asia/Almaty", "2024-02-29T23:30", "2024-02-29T17:30Z"),
    ("Asia/Almaty", "2024-03-01T09:00", "2024-03-01T04:00Z"),
];

#[test]
fn local_times_mean_the_instants_that_the_page_says() {
    for (name, time, instant) in MEANINGS {
        assert_eq!(boundary(&zone(name), local(time)), Some(at(instant)), "{time} in {name}");
    }
}

/// A zone, and when it is moved in 2026: the instant, and the offsets before and after it in minutes.
type Moves = &'static [(&'static str, i32, i32)];
const MOVES: &[(&str, Moves)] = &[
    ("Europe/Berlin", &[("2026-03-29T01:00Z", 60, 120), ("2026-10-25T01:00Z", 120, 60)]),
    ("America/Chicago", &[("2026-03-08T08:00Z", -360, -300), ("2026-11-01T07:00Z", -300, -360)]),
    ("Australia/Lord_Howe", &[("2026-04-04T15:00Z", 660, 630), ("2026-10-03T15:30Z", 630, 660)]),
    ("Asia/Tokyo", &[]),
    (
        "Africa/Casablanca",
        &[("2026-02-15T02:00Z", 60, 0), ("2026-03-22T02:00Z", 0, 60), ("2026-09-20T01:00Z", 60, 0)],
    ),
    ("America/St_Johns", &[("2026-03-08T05:30Z", -210, -150), ("2026-11-01T04:30Z", -150, -210)]),
    ("America/Mexico_City", &[]),
    ("Asia/Almaty", &[]),
];

#[test]
fn clocks_are_moved_in_2026_when_the_page_says() {
    let (from, to) = (at("2026-01-01T00:00Z"), at("2027-01-01T00:00Z"));
    for (name, expected) in MOVES {
        let zone = zone(name);
        let mut before = zone.to_offset(from).seconds() / 60;
        let mut got = Vec::new();
        for change in zone.following(from).take_while(|change| change.timestamp() < to) {
            let after = change.offset().seconds() / 60;
            got.push((change.timestamp(), before, after));
            before = after;
        }
        let expected: Vec<_> = expected.iter().map(|(text, a, b)| (at(text), *a, *b)).collect();
        assert_eq!(got, expected, "{name}");
    }
}

/// Shifts of a daily turn at `hour` over some days, as (person, from, until).
fn days(name: &str, start: &str, from: &str, to: &str) -> Vec<(String, Timestamp, Timestamp)> {
    let id = ScheduleId::new("s");
    let people = ["a", "b", "c"].map(|id| Some(PersonId::new(id))).to_vec();
    let layer = Layer::new("days", local(start), Turn { count: 1, unit: TurnUnit::Days }, people);
    let schedule = Schedule::new(id.clone(), zone(name), vec![layer]);
    let mut directory = Directory::default();
    directory.schedules.insert(id.clone(), Arc::new(schedule));
    let state = State::default();
    let calendar = calendar(View { directory: &directory, state: &state }, &id).expect("known");
    let shifts = calendar.shifts(at(from), at(to)).into_iter();
    shifts.map(|shift| (shift.person.to_string(), shift.starts_at, shift.ends_at)).collect()
}

#[test]
fn a_turn_at_nine_begins_at_nine_whatever_clocks_do() {
    for (name, moves) in MOVES {
        for (moved, _, _) in *moves {
            let zone = zone(name);
            let around = |hours| at(moved) + jiff::SignedDuration::from_hours(hours);
            let text = |at: Timestamp| at.to_string();
            let shifts = days(name, "2026-01-01T09:00", &text(around(-60)), &text(around(60)));
            for (_, from, _) in &shifts[1..] {
                let shown = zone.to_datetime(*from);
                assert_eq!(shown.time(), jiff::civil::time(9, 0, 0, 0), "{name}: {shown}");
            }
            assert!(shifts.len() >= 5, "{name} at {moved}");
        }
    }
}

#[test]
fn a_turn_in_the_skipped_hour_begins_at_its_end_and_is_shorter_by_what_was_left_of_it() {
    let got =
        days("Australia/Lord_Howe", "2026-10-01T02:15", "2026-10-02T20:00Z", "2026-10-05T00:00Z");
    let expected = [
        ("c", "2026-10-02T20:00Z", "2026-10-03T15:30Z"),
        ("a", "2026-10-03T15:30Z", "2026-10-04T15:15Z"),
        ("b", "2026-10-04T15:15Z", "2026-10-05T00:00Z"),
    ];
    assert_eq!(got, expected.map(|(who, from, to)| (who.to_owned(), at(from), at(to))));
}

#[test]
fn a_turn_in_the_repeated_hour_begins_once() {
    let got =
        days("Africa/Casablanca", "2026-02-13T02:30", "2026-02-14T02:00Z", "2026-02-16T12:00Z");
    let expected = [
        ("b", "2026-02-14T02:00Z", "2026-02-15T01:30Z"),
        ("c", "2026-02-15T01:30Z", "2026-02-16T02:30Z"),
        ("a", "2026-02-16T02:30Z", "2026-02-16T12:00Z"),
    ];
    assert_eq!(got, expected.map(|(who, from, to)| (who.to_owned(), at(from), at(to))));
}
