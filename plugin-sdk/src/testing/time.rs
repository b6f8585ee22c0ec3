//! Instants of case files: TOML date-times in UTC on paper, milliseconds since the Unix epoch in the contract.

use serde::{Deserialize, Deserializer, de::Error};
use toml::value::{Date, Datetime, Offset, Time};

const DAY_MS: i64 = 86_400_000;

/// Milliseconds since the Unix epoch, read from a TOML date-time with an offset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Instant(pub(super) i64);

/// `2026-01-05T09:00:00Z`: when everything happens in a case that does not say.
pub(super) const DEFAULT: Instant = Instant(1_767_603_600_000);

impl<'de> Deserialize<'de> for Instant {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let at = Datetime::deserialize(deserializer)?;
        from_toml(&at).map(Instant).ok_or_else(|| {
            D::Error::custom(format!("expected an instant like 2026-01-05T09:00:00Z, got {at}"))
        })
    }
}

fn from_toml(at: &Datetime) -> Option<i64> {
    let (date, time) = (at.date?, at.time?);
    let offset_minutes = match at.offset? {
        Offset::Z => 0,
        Offset::Custom { minutes } => i64::from(minutes),
    };
    let day = days(i64::from(date.year), i64::from(date.month), i64::from(date.day));
    let seconds = i64::from(time.hour) * 3600
        + (i64::from(time.minute) - offset_minutes) * 60
        + i64::from(time.second.unwrap_or(0));
    let milliseconds = i64::from(time.nanosecond.unwrap_or(0)) / 1_000_000;
    Some(day * DAY_MS + seconds * 1000 + milliseconds)
}

/// The instant as a TOML date-time in UTC; `None` outside the years 0 to 9999, which TOML cannot write.
pub(super) fn to_toml(at_ms: i64) -> Option<Datetime> {
    let (day, rest) = (at_ms.div_euclid(DAY_MS), at_ms.rem_euclid(DAY_MS));
    let (year, month, day) = civil(day);
    let nanosecond = (rest % 1000) as u32 * 1_000_000;
    Some(Datetime {
        date: Some(Date {
            year: u16::try_from(year).ok().filter(|year| *year <= 9999)?,
            month: month as u8,
            day: day as u8,
        }),
        time: Some(Time {
            hour: (rest / 3_600_000) as u8,
            minute: (rest / 60_000 % 60) as u8,
            second: Some((rest / 1000 % 60) as u8),
            nanosecond: (nanosecond != 0).then_some(nanosecond),
        }),
        offset: Some(Offset::Z),
    })
}

/// Days from 1970-01-01 to a date of the proleptic Gregorian calendar. Years are counted from March, so that the
/// leap day is a year's last.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// The date of a number of days since 1970-01-01: the inverse of [`days`].
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let from_march = (5 * of_year + 2) / 153;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    (year + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, at_ms: i64) {
        let at: Datetime = text.parse().expect("a TOML date-time");
        assert_eq!(from_toml(&at), Some(at_ms), "{text}");
        let back = to_toml(at_ms).expect("a year that TOML can write");
        assert_eq!(from_toml(&back), Some(at_ms), "{back}");
    }

    #[test]
    fn instants_are_read_and_written() {
        check("1970-01-01T00:00:00Z", 0);
        check("2026-01-05T09:00:00Z", DEFAULT.0);
        check("2026-01-05T18:00:00+09:00", DEFAULT.0);
        check("2024-02-29T23:59:59.125Z", 1_709_251_199_125);
        check("2000-03-01T00:00:00Z", 951_868_800_000);
        check("1969-12-31T23:59:59.999Z", -1);
        assert_eq!(
            to_toml(DEFAULT.0).map(|at| at.to_string()).as_deref(),
            Some("2026-01-05T09:00:00Z")
        );
    }

    #[test]
    fn local_times_are_no_instants() {
        let at: Datetime = "2026-01-05T09:00:00".parse().expect("a TOML date-time");
        assert_eq!(from_toml(&at), None);
        assert_eq!(to_toml(i64::MAX), None);
    }
}
