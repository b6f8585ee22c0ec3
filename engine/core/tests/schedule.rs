//! Laws of schedules, tried with random windows.

use jiff::{SignedDuration, Timestamp};
use nightbell_core::model::*;
use nightbell_core::schedule::{Calendar, calendar};
use proptest::prelude::*;
use std::sync::Arc;

fn with_calendar<T>(ask: impl FnOnce(Calendar<'_>) -> T) -> T {
    let turn = Turn { count: 8, unit: TurnUnit::Hours };
    let start = "2026-01-01T09:00".parse().expect("time");
    let layer = Layer::new("days", start, turn, vec![Some("a".into()), None, Some("b".into())]);
    let zone = jiff::tz::TimeZone::get("Europe/Berlin").expect("zone");
    let id = ScheduleId::new("s");
    let mut directory = Directory::default();
    let schedule = Schedule::new(id.clone(), zone, vec![layer]);
    directory.schedules.insert(id.clone(), Arc::new(schedule));
    let state = State::default();
    ask(calendar(View { directory: &directory, state: &state }, &id).expect("configured"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn resolving_a_window_in_two_halves_is_resolving_it_whole(
        from in 0..400_000_i64, first in 1..400_000_i64, second in 1..400_000_i64,
    ) {
        let start: Timestamp = "2026-03-20T00:00:00Z".parse().expect("time");
        let at = |seconds: i64| start + SignedDuration::from_secs(seconds * 10);
        let (a, b, c) = (at(from), at(from + first), at(from + first + second));
        let resolve = |a, b| with_calendar(|calendar| calendar.shifts(a, b));
        let mut halves = resolve(a, b);
        for shift in resolve(b, c) {
            match halves.last_mut() {
                Some(last) if last.ends_at == shift.starts_at && last.is_same_duty(&shift) => {
                    last.ends_at = shift.ends_at;
                }
                _ => halves.push(shift),
            }
        }
        prop_assert_eq!(halves, resolve(a, c));
    }

    #[test]
    fn on_call_agrees_with_the_shifts(seconds in 0..20_000_000_i64) {
        let start: Timestamp = "2026-03-20T00:00:00Z".parse().expect("time");
        let at = start + SignedDuration::from_secs(seconds);
        let day = SignedDuration::from_hours(24);
        let shifts = with_calendar(|calendar| calendar.shifts(at - day, at + day));
        let expected = shifts.iter().find(|s| s.starts_at <= at && at < s.ends_at);
        let got = with_calendar(|calendar| calendar.on_call(at));
        prop_assert_eq!(got.map(|s| s.person), expected.map(|s| s.person.clone()));
    }
}
