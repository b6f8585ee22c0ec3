//! How much duty each person has: hours, nights and weekends on their own wall clock.

use super::boundary;
use crate::model::{PersonId, Shift};
use jiff::civil::{Date, Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};
use std::collections::BTreeMap;

/// When a night begins, where the person lives.
const NIGHT_FROM: Time = Time::constant(22, 0, 0, 0);
/// When it ends, on the next day.
const NIGHT_TO: Time = Time::constant(7, 0, 0, 0);

/// What one person carries.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Load {
    /// Stretches without a break.
    pub shifts: usize,
    /// All of it.
    pub total: SignedDuration,
    /// Of it between 22:00 and 7:00 where the person lives.
    pub nights: SignedDuration,
    /// Of it on Saturdays and Sundays where the person lives.
    pub weekends: SignedDuration,
}

/// Adds up shifts, which are earliest first, by person. `zone_of` says where a person lives.
pub fn loads(
    shifts: &[Shift],
    zone_of: impl Fn(&PersonId) -> TimeZone,
) -> BTreeMap<PersonId, Load> {
    let mut loads: BTreeMap<PersonId, Load> = BTreeMap::new();
    let mut before: Option<&Shift> = None;
    for shift in shifts {
        let zone = zone_of(&shift.person);
        let load = loads.entry(shift.person.clone()).or_default();
        let goes_on =
            before.is_some_and(|one| one.person == shift.person && one.ends_at == shift.starts_at);
        load.shifts += usize::from(!goes_on);
        load.total += shift.ends_at.duration_since(shift.starts_at);
        for date in days(shift, &zone) {
            load.nights += overlap(shift, night(date, &zone));
            if matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday) {
                load.weekends += overlap(shift, whole(date, &zone));
            }
        }
        before = Some(shift);
    }
    loads
}

/// The days that a shift touches, and the one before, whose night may reach into it.
fn days(shift: &Shift, zone: &TimeZone) -> impl Iterator<Item = Date> {
    let first = zone.to_datetime(shift.starts_at).date().saturating_sub(1.day());
    let last = zone.to_datetime(shift.ends_at).date();
    std::iter::successors(Some(first), move |day| day.tomorrow().ok().filter(|next| *next <= last))
}

type Span = Option<(Timestamp, Timestamp)>;

fn night(date: Date, zone: &TimeZone) -> Span {
    let from = boundary(zone, date.to_datetime(NIGHT_FROM))?;
    Some((from, boundary(zone, date.tomorrow().ok()?.to_datetime(NIGHT_TO))?))
}

fn whole(date: Date, zone: &TimeZone) -> Span {
    let from = boundary(zone, date.to_datetime(Time::midnight()))?;
    Some((from, boundary(zone, date.tomorrow().ok()?.to_datetime(Time::midnight()))?))
}

fn overlap(shift: &Shift, span: Span) -> SignedDuration {
    let Some((from, to)) = span else { return SignedDuration::ZERO };
    let (from, to) = (from.max(shift.starts_at), to.min(shift.ends_at));
    to.duration_since(from).max(SignedDuration::ZERO)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ShiftSource;

    fn shift(person: &str, starts_at: &str, ends_at: &str) -> Shift {
        Shift {
            person: person.into(),
            starts_at: starts_at.parse().expect("a time"),
            ends_at: ends_at.parse().expect("a time"),
            source: ShiftSource::Layer("l".into()),
            instead_of: None,
        }
    }

    fn of(zone: &str, shifts: &[Shift]) -> (usize, i64, i64, i64) {
        let zone = TimeZone::get(zone).expect("a zone");
        let load = loads(shifts, |_| zone.clone()).remove(&PersonId::new("a")).expect("on call");
        (load.shifts, load.total.as_hours(), load.nights.as_hours(), load.weekends.as_hours())
    }

    #[test]
    fn nights_and_weekends_are_those_of_the_person() {
        // From Friday noon to Monday noon, UTC.
        let shifts = [shift("a", "2026-03-06T12:00:00Z", "2026-03-09T12:00:00Z")];
        assert_eq!(of("UTC", &shifts), (1, 72, 27, 48));
        assert_eq!(of("Asia/Tokyo", &shifts), (1, 72, 27, 48));
        let evening = [shift("a", "2026-03-06T12:00:00Z", "2026-03-06T16:00:00Z")];
        assert_eq!(of("UTC", &evening), (1, 4, 0, 0));
        // 21:00 to 1:00 of Saturday in Tokyo.
        assert_eq!(of("Asia/Tokyo", &evening), (1, 4, 3, 1));
    }

    #[test]
    fn a_night_is_as_long_as_the_clocks_make_it() {
        let spring = [shift("a", "2026-03-28T12:00:00Z", "2026-03-29T12:00:00Z")];
        assert_eq!(of("Europe/Berlin", &spring).2, 8, "22:00 to 7:00 without an hour");
        let autumn = [shift("a", "2026-10-24T12:00:00Z", "2026-10-25T12:00:00Z")];
        assert_eq!(of("Europe/Berlin", &autumn).2, 10);
    }

    #[test]
    fn shifts_that_touch_are_one_stretch() {
        let shifts = [
            shift("a", "2026-03-02T00:00:00Z", "2026-03-02T01:00:00Z"),
            shift("a", "2026-03-02T01:00:00Z", "2026-03-02T02:00:00Z"),
            shift("b", "2026-03-02T02:00:00Z", "2026-03-02T03:00:00Z"),
            shift("a", "2026-03-02T03:00:00Z", "2026-03-02T04:00:00Z"),
        ];
        assert_eq!(of("UTC", &shifts).0, 2);
    }
}
