//! How long it takes to say who is on call: `cargo bench -p nightbell-core --bench schedule`.
#![allow(missing_docs, reason = "a benchmark")]

use criterion::{Criterion, criterion_group, criterion_main};
use jiff::civil::{Time, Weekday, date};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use nightbell_core::model::*;
use nightbell_core::schedule::calendar;
use std::hint::black_box;
use std::sync::Arc;

fn people(range: std::ops::Range<usize>) -> Vec<Option<PersonId>> {
    range.map(|n| Some(format!("person-{:03}", n % 100).as_str().into())).collect()
}

fn hours(days: Weekdays, from: i8, to: i8) -> Restriction {
    let time = |hour: i8| Time::new(hour % 24, 0, 0, 0).expect("an hour of the day");
    Restriction::Days { days, from: time(from), to: time(to) }
}

fn weekdays() -> Weekdays {
    (0..5).map(|day| Weekday::from_monday_zero_offset(day).expect("a day of the week")).collect()
}

fn world(schedule: Schedule) -> (Directory, State) {
    let mut directory = Directory::default();
    directory.schedules.insert(schedule.id.clone(), Arc::new(schedule));
    (directory, State::default())
}

fn record(directory: &Directory, state: &mut State) {
    let view = View { directory, state };
    let seen = nightbell_core::decide(view, &Input::Config, at("2025-01-01T00:00Z"));
    state.apply(&seen.changes);
}

fn at(text: &str) -> Timestamp {
    text.parse().expect("a time")
}

fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).expect("a zone of the database")
}

/// Three layers, two of them restricted, one in another zone; twenty overrides, absences that pass turns on.
fn realistic() -> (Directory, State) {
    let start = date(2024, 1, 1).at(9, 0, 0, 0);
    let week = Turn { count: 1, unit: TurnUnit::Weeks };
    let day = Turn { count: 1, unit: TurnUnit::Days };
    let base = Layer::new("everybody", start, week, people(0..12));
    let tokyo = Layer {
        time_zone: Some(zone("Asia/Tokyo")),
        restrictions: Restrictions::new(vec![hours(weekdays(), 9, 17)]),
        advance: Advance::CoveredTurns,
        ..Layer::new("tokyo", start, day, people(12..18))
    };
    let berlin = Layer {
        restrictions: Restrictions::new(vec![hours(weekdays(), 9, 17)]),
        advance: Advance::CoveredTurns,
        ..Layer::new("berlin", start, day, people(18..24))
    };
    let zone = zone("Europe/Berlin");
    let mut schedule = Schedule::new("primary".into(), zone, vec![base, tokyo, berlin]);
    schedule.on_absence = OnAbsence::Next;
    let (directory, mut state) = world(schedule);
    for n in 0..20 {
        let starts_at = at("2026-05-01T00:00Z") + SignedDuration::from_hours(24 * 4 * n);
        let over = Override {
            id: format!("o{n}").as_str().into(),
            schedule: "primary".into(),
            person: "person-030".into(),
            starts_at,
            ends_at: starts_at + SignedDuration::from_hours(12),
            created_at: at("2026-04-01T00:00Z"),
            created_by: "person-030".to_owned(),
        };
        let absence = Absence {
            id: format!("a{n}").as_str().into(),
            person: format!("person-{n:03}").as_str().into(),
            starts_at: starts_at + SignedDuration::from_hours(24),
            ends_at: starts_at + SignedDuration::from_hours(240),
            source: "holidays".to_owned(),
            summary: String::new(),
            created_at: at("2026-04-01T00:00Z"),
            created_by: String::new(),
        };
        state.apply(&[Change::Override(Arc::new(over)), Change::Absence(Arc::new(absence))]);
    }
    record(&directory, &mut state);
    (directory, state)
}

/// Fifty layers of twenty out of a hundred people; all show, because each covers hours of its own of every day.
fn large() -> (Directory, State) {
    let zones = ["Europe/Berlin", "America/Chicago", "Asia/Tokyo", "Australia/Lord_Howe"];
    let layer = |n: usize| {
        let start = date(2024, 1, 1).at(9, 0, 0, 0);
        let turn = match n % 3 {
            0 => Turn { count: 1, unit: TurnUnit::Weeks },
            1 => Turn { count: 1, unit: TurnUnit::Days },
            _ => Turn { count: 1, unit: TurnUnit::Months },
        };
        let hour = (n % 24) as i8;
        let days = if n.is_multiple_of(2) { weekdays() } else { Weekdays::ALL };
        Layer {
            time_zone: Some(zone(zones[n % 4])),
            restrictions: Restrictions::new(vec![hours(days, hour, hour + 1)]),
            ..Layer::new(&format!("layer {n}"), start, turn, people(n * 2..n * 2 + 20))
        }
    };
    let zone = zone("Europe/Berlin");
    let schedule = Schedule::new("large".into(), zone, (0..50).map(layer).collect());
    let (directory, mut state) = world(schedule);
    record(&directory, &mut state);
    (directory, state)
}

fn on_call(criterion: &mut Criterion) {
    let (directory, state) = realistic();
    let id = ScheduleId::new("primary");
    let view = View { directory: &directory, state: &state };
    let cases = [
        ("from the top layer", "2026-06-17T10:00Z", "berlin"),
        ("from the bottom layer, at night", "2026-06-17T20:00Z", "everybody"),
        ("from an override", "2026-05-05T06:00Z", "override"),
        ("in ten years", "2036-06-17T20:00Z", "everybody"),
    ];
    let mut group = criterion.benchmark_group("who is on call");
    for (name, instant, layer) in cases {
        let instant = at(instant);
        let shift =
            calendar(view, &id).expect("it is configured").on_call(instant).expect("somebody is");
        assert_eq!(shift.layer(), layer, "{name}");
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                calendar(view, black_box(&id))
                    .expect("it is configured")
                    .on_call(black_box(instant))
            });
        });
    }
    group.finish();
}

fn year(criterion: &mut Criterion) {
    let (from, to) = (at("2026-01-01T00:00Z"), at("2027-01-01T00:00Z"));
    let mut group = criterion.benchmark_group("a year of shifts");
    let worlds = [
        ("realistic, 3 layers", "primary", realistic()),
        ("50 layers, 100 people", "large", large()),
    ];
    for (name, id, (directory, state)) in worlds {
        let id = ScheduleId::new(id);
        let view = View { directory: &directory, state: &state };
        let shifts = calendar(view, &id).expect("it is configured").shifts(from, to).len();
        group.bench_function(format!("{name}: {shifts} shifts"), |bencher| {
            bencher.iter(|| {
                calendar(view, black_box(&id)).expect("it is configured").shifts(from, to)
            });
        });
    }
    group.finish();
}

criterion_group!(benches, on_call, year);
criterion_main!(benches);
