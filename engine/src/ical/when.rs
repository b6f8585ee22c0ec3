//! Times and lengths of time as RFC 5545 writes them.

use super::line::Line;
use super::windows_zones;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, Timestamp, ToSpan};

/// A day, or a time on some wall clock.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum When {
    /// A whole day.
    Day(Date),
    /// A time on the clocks of a zone; `None`: wherever the reader is.
    Time(DateTime, Option<TimeZone>),
}

impl When {
    /// Reads a property's value, one of several when it is a list.
    ///
    /// # Errors
    /// What was expected.
    pub(super) fn read(line: &Line, value: &str) -> Result<Self, String> {
        let value = value.trim();
        let expected = || {
            format!(
                "expected a day such as 20260302 or a time such as 20260302T090000Z, got `{value}`"
            )
        };
        if line.param("VALUE").is_some_and(|kind| kind.eq_ignore_ascii_case("DATE"))
            || value.len() == 8
        {
            return Date::strptime("%Y%m%d", value).map(Self::Day).map_err(|_| expected());
        }
        let (local, is_utc) = match value.strip_suffix(['Z', 'z']) {
            Some(local) => (local, true),
            None => (value, false),
        };
        let local = DateTime::strptime("%Y%m%dT%H%M%S", local).map_err(|_| expected())?;
        let zone = match (is_utc, line.param("TZID")) {
            (true, _) => Some(TimeZone::UTC),
            (false, Some(name)) => Some(zone(name)?),
            (false, None) => None,
        };
        Ok(Self::Time(local, zone))
    }

    /// The day on its own wall clock.
    pub(super) fn date(&self) -> Date {
        match self {
            Self::Day(date) => *date,
            Self::Time(time, _) => time.date(),
        }
    }

    /// The same time of another day.
    pub(super) fn on(&self, date: Date) -> Self {
        match self {
            Self::Day(_) => Self::Day(date),
            Self::Time(time, zone) => Self::Time(date.to_datetime(time.time()), zone.clone()),
        }
    }

    /// The instant it begins at, for a reader in `home`. What the clocks skip is the end of the skip.
    pub(super) fn instant(&self, home: &TimeZone) -> Option<Timestamp> {
        let (local, zone) = match self {
            Self::Day(date) => (date.to_datetime(Time::midnight()), home),
            Self::Time(time, zone) => (*time, zone.as_ref().unwrap_or(home)),
        };
        nightbell_core::schedule::boundary(zone, local)
    }

    /// So much later: days on the wall clock, then exact time.
    pub(super) fn after(&self, length: Length, home: &TimeZone) -> Option<Timestamp> {
        let date = self.date().checked_add(length.days.days()).ok()?;
        self.on(date).instant(home)?.checked_add(length.exact).ok()
    }
}

/// Days on the wall clock and exact time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Length {
    days: i64,
    exact: SignedDuration,
}

impl Length {
    /// One day, or no time at all: what an event without an end has.
    pub(super) fn of_nothing(start: &When) -> Self {
        let days = i64::from(matches!(start, When::Day(_)));
        Self { days, exact: SignedDuration::ZERO }
    }

    /// From one to the other. On one wall clock it is counted on that.
    ///
    /// # Errors
    /// When it ends before it starts.
    pub(super) fn between(start: &When, end: &When, home: &TimeZone) -> Result<Self, String> {
        let length = match (start, end) {
            (When::Day(start), When::Day(end)) => {
                Self { days: days(*start, *end), exact: SignedDuration::ZERO }
            }
            (When::Time(from, zone), When::Time(to, other)) if zone == other => {
                let days = days(from.date(), to.date());
                let clock = |time: Time| {
                    SignedDuration::from_secs(
                        i64::from(time.hour()) * 3_600
                            + i64::from(time.minute()) * 60
                            + i64::from(time.second()),
                    )
                };
                Self { days, exact: clock(to.time()) - clock(from.time()) }
            }
            _ => {
                let far = || "a time outside the calendar".to_owned();
                let from = start.instant(home).ok_or_else(far)?;
                let to = end.instant(home).ok_or_else(far)?;
                Self { days: 0, exact: to.duration_since(from) }
            }
        };
        let seconds = length.days.saturating_mul(86_400).saturating_add(length.exact.as_secs());
        if seconds < 0 {
            return Err("expected an end that is not before the start".to_owned());
        }
        Ok(length)
    }

    /// Reads `P1D`, `P2W`, `PT1H30M`, `P1DT12H`.
    ///
    /// # Errors
    /// What was expected.
    pub(super) fn read(value: &str) -> Result<Self, String> {
        let value = value.trim();
        let expected = || format!("expected a duration such as P1D or PT1H30M, got `{value}`");
        let span: Span = value.parse().map_err(|_| expected())?;
        if span.is_negative() || span.get_years() != 0 || span.get_months() != 0 {
            return Err(expected());
        }
        let days = i64::from(span.get_weeks()) * 7 + i64::from(span.get_days());
        let seconds =
            i64::from(span.get_hours()) * 3_600 + span.get_minutes() * 60 + span.get_seconds();
        Ok(Self { days, exact: SignedDuration::from_secs(seconds) })
    }
}

fn days(from: Date, to: Date) -> i64 {
    from.duration_until(to).as_hours() / 24
}

/// A zone by its IANA name, bare or at the end of a path, or by Windows' name for it.
fn zone(name: &str) -> Result<TimeZone, String> {
    let name = name.trim().trim_matches('"');
    let parts: Vec<&str> = name.split('/').collect();
    let tails = (0..parts.len()).map(|from| parts[from..].join("/"));
    let known = tails.filter(|tail| !tail.is_empty()).find_map(|tail| TimeZone::get(&tail).ok());
    let known = known.or_else(|| TimeZone::get(windows_zones::iana(name)?).ok());
    known.ok_or_else(|| format!("expected a time zone such as Europe/Berlin, got `{name}`"))
}

#[cfg(test)]
mod tests {
    use super::super::line::lines;
    use super::*;

    fn berlin() -> TimeZone {
        TimeZone::get("Europe/Berlin").expect("a zone")
    }

    fn read(text: &str) -> Result<When, String> {
        let line = lines(text).next().expect("a line").expect("well-formed");
        When::read(&line, &line.value)
    }

    #[test]
    fn a_time_is_of_its_zone_or_of_the_readers() {
        for (text, expected) in [
            ("DTSTART:20260302T090000Z", "2026-03-02T09:00:00Z"),
            ("DTSTART;TZID=Asia/Tokyo:20260302T090000", "2026-03-02T00:00:00Z"),
            (
                "DTSTART;TZID=/mozilla.org/20050126_1/Asia/Tokyo:20260302T090000",
                "2026-03-02T00:00:00Z",
            ),
            ("DTSTART;TZID=Tokyo Standard Time:20260302T090000", "2026-03-02T00:00:00Z"),
            ("DTSTART:20260302T090000", "2026-03-02T08:00:00Z"),
            ("DTSTART;VALUE=DATE:20260302", "2026-03-01T23:00:00Z"),
            ("DTSTART:20260302", "2026-03-01T23:00:00Z"),
            // Skipped by the clocks: the end of the skip.
            ("DTSTART:20260329T023000", "2026-03-29T01:00:00Z"),
        ] {
            let at = read(text).expect(text).instant(&berlin()).expect(text);
            assert_eq!(at.to_string(), expected, "{text}");
        }
        for text in
            ["X:", "X:2026-03-02", "X:20260332", "X;TZID=Mars:20260302T090000", "X:20260302T9"]
        {
            assert!(read(text).is_err(), "{text}");
        }
    }

    #[test]
    fn lengths_count_days_on_the_wall_clock() {
        let start = read("X:20260328T120000").expect("a time");
        for (text, expected) in [
            ("P1D", "2026-03-29T10:00:00Z"),
            ("PT24H", "2026-03-29T11:00:00Z"),
            ("P1W", "2026-04-04T10:00:00Z"),
            ("P1DT1H", "2026-03-29T11:00:00Z"),
        ] {
            let length = Length::read(text).expect(text);
            assert_eq!(start.after(length, &berlin()).expect(text).to_string(), expected, "{text}");
        }
        let end = read("X:20260329T113000").expect("a time");
        let length = Length::between(&start, &end, &berlin()).expect("forward");
        assert_eq!(start.after(length, &berlin()), end.instant(&berlin()));
        assert!(Length::between(&end, &start, &berlin()).is_err());
        for text in ["", "1D", "-P1D", "P1M", "PT"] {
            assert!(Length::read(text).is_err(), "{text}");
        }
    }
}
