use super::*;
use crate::model::{
    Change, Directory, Layer, Override, PersonId, Schedule, Shift, State, Turn, TurnUnit, View,
};
use jiff::{Timestamp, civil::DateTime, tz::TimeZone};
use std::sync::Arc;

/// Asks the calendar of a schedule with these overrides.
fn ask<T>(schedule: &Schedule, overrides: &[Override], ask: impl FnOnce(Calendar<'_>) -> T) -> T {
    let mut directory = Directory::default();
    directory.schedules.insert(schedule.id.clone(), Arc::new(schedule.clone()));
    let mut state = State::default();
    for over in overrides {
        state.apply(&[Change::Override(Arc::new(over.clone()))]);
    }
    ask(calendar(View { directory: &directory, state: &state }, &schedule.id).expect("known"))
}

fn on_call(schedule: &Schedule, overrides: &[Override], at: Timestamp) -> Option<Shift> {
    ask(schedule, overrides, |calendar| calendar.on_call(at))
}

fn at(text: &str) -> Timestamp {
    text.parse().expect(text)
}

fn layer(start: &str, turn: (u32, TurnUnit), people: &[&str]) -> Layer {
    let people = people.iter().map(|p| (*p != "-").then(|| PersonId::new(p))).collect();
    let turn = Turn { count: turn.0, unit: turn.1 };
    Layer::new(&format!("layer {start}"), start.parse::<DateTime>().expect(start), turn, people)
}

fn schedule(zone: &str, layers: Vec<Layer>) -> Schedule {
    let time_zone = TimeZone::get(zone).expect(zone);
    Schedule::new("s".into(), time_zone, layers)
}

fn cover_by(id: &str, person: &str, from: &str, to: &str, made: &str) -> Override {
    Override {
        id: id.into(),
        schedule: "s".into(),
        person: person.into(),
        starts_at: at(from),
        ends_at: at(to),
        created_at: at(made),
        created_by: "test".to_owned(),
    }
}

/// Each line: an instant, who is on call (`-` nobody), from, until.
fn check(schedule: &Schedule, overrides: &[Override], expected: &[(&str, &str, &str, &str)]) {
    for (instant, person, from, to) in expected {
        match on_call(schedule, overrides, at(instant)) {
            None => assert_eq!(*person, "-", "at {instant}"),
            Some(shift) => {
                let got = (shift.person.as_str(), shift.starts_at, shift.ends_at);
                assert_eq!(got, (*person, at(from), at(to)), "at {instant}");
            }
        }
    }
}

#[test]
fn a_week_turns_at_its_local_hour() {
    let schedule = schedule(
        "Asia/Tokyo",
        vec![layer("2026-01-05T09:00", (1, TurnUnit::Weeks), &["alice", "bob"])],
    );
    check(
        &schedule,
        &[],
        &[
            ("2026-01-04T23:59:59Z", "-", "", ""),
            ("2026-01-05T00:00:00Z", "alice", "2026-01-05T00:00Z", "2026-01-12T00:00Z"),
            ("2026-01-11T23:59:59Z", "alice", "2026-01-05T00:00Z", "2026-01-12T00:00Z"),
            ("2026-01-12T00:00:00Z", "bob", "2026-01-12T00:00Z", "2026-01-19T00:00Z"),
            ("2026-01-19T00:00:00Z", "alice", "2026-01-19T00:00Z", "2026-01-26T00:00Z"),
        ],
    );
}

#[test]
fn a_handoff_keeps_its_local_hour_over_dst() {
    // Berlin skips 02:00–03:00 on 2026-03-29 and repeats it on 2026-10-25.
    let schedule = schedule(
        "Europe/Berlin",
        vec![layer("2026-03-27T09:00", (1, TurnUnit::Days), &["a", "b"])],
    );
    check(
        &schedule,
        &[],
        &[
            ("2026-03-28T08:00:00Z", "b", "2026-03-28T08:00Z", "2026-03-29T07:00Z"),
            ("2026-03-29T07:00:00Z", "a", "2026-03-29T07:00Z", "2026-03-30T07:00Z"),
            ("2026-10-25T07:59:59Z", "b", "2026-10-24T07:00Z", "2026-10-25T08:00Z"),
            ("2026-10-25T08:00:00Z", "a", "2026-10-25T08:00Z", "2026-10-26T08:00Z"),
        ],
    );
}

#[test]
fn what_falls_into_the_skipped_hour_starts_at_its_end() {
    let schedule = schedule(
        "Europe/Berlin",
        vec![layer("2026-03-28T02:30", (1, TurnUnit::Days), &["a", "b"])],
    );
    check(
        &schedule,
        &[],
        &[
            ("2026-03-29T00:59:59Z", "a", "2026-03-28T01:30Z", "2026-03-29T01:00Z"),
            ("2026-03-29T01:00:00Z", "b", "2026-03-29T01:00Z", "2026-03-30T00:30Z"),
        ],
    );
    let half = TimeZone::get("Australia/Lord_Howe").expect("zone");
    let skipped = "2026-10-04T02:15".parse().expect("time");
    assert_eq!(boundary(&half, skipped), Some(at("2026-10-03T15:30Z")), "a half-hour skip");
}

#[test]
fn a_repeated_hour_means_its_first_time() {
    let zone = TimeZone::get("America/Chicago").expect("zone");
    let repeated = "2026-11-01T01:30".parse().expect("time");
    assert_eq!(boundary(&zone, repeated), Some(at("2026-11-01T06:30Z")));
}

#[test]
fn a_later_layer_covers_and_an_explicit_nobody_covers_too() {
    let mut top = layer("2026-01-05T12:00", (12, TurnUnit::Hours), &["top", "-"]);
    top.end = Some("2026-01-06T12:00".parse().expect("time"));
    let schedule =
        schedule("UTC", vec![layer("2026-01-05T00:00", (1, TurnUnit::Days), &["base"]), top]);
    check(
        &schedule,
        &[],
        &[
            ("2026-01-05T11:59:00Z", "base", "2026-01-05T00:00Z", "2026-01-05T12:00Z"),
            ("2026-01-05T12:00:00Z", "top", "2026-01-05T12:00Z", "2026-01-06T00:00Z"),
            ("2026-01-06T00:00:00Z", "-", "", ""),
            ("2026-01-06T12:00:00Z", "base", "2026-01-06T12:00Z", "2026-01-07T00:00Z"),
        ],
    );
}

#[test]
fn an_override_beats_every_layer_and_the_later_one_holds() {
    let schedule = schedule("UTC", vec![layer("2026-01-05T00:00", (1, TurnUnit::Days), &["base"])]);
    let overrides = [
        cover_by("o1", "first", "2026-01-05T08:00Z", "2026-01-05T16:00Z", "2026-01-01T00:00Z"),
        cover_by("o2", "second", "2026-01-05T10:00Z", "2026-01-05T12:00Z", "2026-01-02T00:00Z"),
    ];
    check(
        &schedule,
        &overrides,
        &[
            ("2026-01-05T07:59:00Z", "base", "2026-01-05T00:00Z", "2026-01-05T08:00Z"),
            ("2026-01-05T09:00:00Z", "first", "2026-01-05T08:00Z", "2026-01-05T10:00Z"),
            ("2026-01-05T10:00:00Z", "second", "2026-01-05T10:00Z", "2026-01-05T12:00Z"),
            ("2026-01-05T12:00:00Z", "first", "2026-01-05T12:00Z", "2026-01-05T16:00Z"),
            ("2026-01-05T16:00:00Z", "base", "2026-01-05T16:00Z", "2026-01-06T00:00Z"),
        ],
    );
}

#[test]
fn gaps_are_what_no_shift_covers() {
    let mut day = layer("2026-01-05T00:00", (12, TurnUnit::Hours), &["a", "-"]);
    day.end = Some("2026-01-07T00:00".parse().expect("time"));
    let schedule = schedule("UTC", vec![day]);
    let gaps = ask(&schedule, &[], |calendar| {
        calendar.gaps(at("2026-01-04T20:00Z"), at("2026-01-07T02:00Z"))
    });
    let expected = [
        ("2026-01-04T20:00Z", "2026-01-05T00:00Z"),
        ("2026-01-05T12:00Z", "2026-01-06T00:00Z"),
        ("2026-01-06T12:00Z", "2026-01-07T02:00Z"),
    ];
    assert_eq!(gaps, expected.map(|(a, b)| (at(a), at(b))));
    let next = ask(&schedule, &[], |calendar| calendar.next_after(at("2026-01-05T12:00Z")));
    assert_eq!(next.map(|shift| shift.person), Some("a".into()));
}

#[test]
fn i08_an_override_until_further_notice_costs_no_more_than_a_short_one() {
    // Millions of turns lie under it; a decision that listed them would stop the engine.
    let schedule =
        schedule("Europe/Berlin", vec![layer("2026-01-05T00:00", (1, TurnUnit::Hours), &["base"])]);
    let (from, to) = ("2026-01-05T08:00Z", "9999-01-01T00:00Z");
    let overrides = [cover_by("o1", "first", from, to, "2026-01-01T00:00Z")];
    check(
        &schedule,
        &overrides,
        &[
            ("2026-01-05T07:30:00Z", "base", "2026-01-05T07:00Z", "2026-01-05T08:00Z"),
            ("2026-01-05T09:00:00Z", "first", from, to),
            ("2500-01-05T09:00:00Z", "first", from, to),
        ],
    );
}
