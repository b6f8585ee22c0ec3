//! Times and lengths as people type them. Pure: what a text means depends on the `now` and zone passed in.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};

/// A time as typed, not yet related to now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum When {
    /// This very instant.
    Now,
    /// An instant.
    At(Timestamp),
    /// A day and time on the reader's wall clock.
    Wall(DateTime),
    /// The next such time on the reader's wall clock.
    Clock(Time),
    /// Such a time tomorrow.
    Tomorrow(Time),
    /// So long from now.
    In(SignedDuration),
}

impl When {
    /// The instant it means. A wall-clock time that the clocks skip is the end of the skipped hour.
    ///
    /// # Errors
    /// When it lies outside the calendar.
    pub(super) fn instant(
        &self,
        now: Timestamp,
        zone: &TimeZone,
    ) -> Result<Timestamp, jiff::Error> {
        let today = now.to_zoned(zone.clone()).date();
        let local = |date: Date, time: Time| {
            date.to_datetime(time).to_zoned(zone.clone()).map(|zoned| zoned.timestamp())
        };
        match self {
            Self::Now => Ok(now),
            Self::At(at) => Ok(*at),
            Self::Wall(wall) => local(wall.date(), wall.time()),
            Self::Clock(time) => match local(today, *time)? {
                at if at > now => Ok(at),
                _ => local(today.checked_add(1.day())?, *time),
            },
            Self::Tomorrow(time) => local(today.checked_add(1.day())?, *time),
            Self::In(length) => now.checked_add(*length),
        }
    }
}

/// Reads `now`, RFC 3339, `2026-11-23 09:00`, `09:00`, `tomorrow 09:00`, `30m`.
///
/// # Errors
/// What was expected.
pub(super) fn when(text: &str) -> Result<When, String> {
    let text = text.trim();
    if text.eq_ignore_ascii_case("now") {
        return Ok(When::Now);
    }
    if let Ok(at) = text.parse() {
        return Ok(When::At(at));
    }
    if let Some(time) = text.strip_prefix("tomorrow").map(str::trim).and_then(clock) {
        return Ok(When::Tomorrow(time));
    }
    if let Some(time) = clock(text) {
        return Ok(When::Clock(time));
    }
    let wall = DateTime::strptime("%Y-%m-%d %H:%M", text.replacen('T', " ", 1))
        .or_else(|_| text.parse::<DateTime>());
    if let Ok(wall) = wall {
        return Ok(When::Wall(wall));
    }
    length(text.strip_prefix("in ").unwrap_or(text)).map(When::In).map_err(|_| {
        format!(
            "expected a time such as `2026-11-23T09:00:00Z`, `2026-11-23 09:00`, `09:00`, `tomorrow 09:00` or `30m`, got `{text}`"
        )
    })
}

fn clock(text: &str) -> Option<Time> {
    Time::strptime("%H:%M", text).ok()
}

/// Reads `30m`, `1h30m`, `90s`, `2 days`; more than nothing.
///
/// # Errors
/// What was expected.
pub(super) fn length(text: &str) -> Result<SignedDuration, String> {
    match delay(text) {
        Ok(length) if length.is_positive() => Ok(length),
        _ => Err(format!(
            "expected a length of time such as `30m`, `1h30m` or `2 days`, got `{text}`"
        )),
    }
}

/// As [`length`], or nothing at all: `0`.
///
/// # Errors
/// What was expected.
pub(super) fn delay(text: &str) -> Result<SignedDuration, String> {
    if text.trim() == "0" {
        return Ok(SignedDuration::ZERO);
    }
    quantities(text).map(SignedDuration::from_secs).ok_or_else(|| {
        format!("expected a length of time such as `0`, `30m`, `1h30m` or `2 days`, got `{text}`")
    })
}

fn quantities(text: &str) -> Option<i64> {
    let mut rest = text.trim();
    let mut seconds: Option<i64> = None;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let count: u32 = rest[..digits].parse().ok()?;
        rest = rest[digits..].trim_start();
        let letters = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
        let unit = match &rest[..letters] {
            "s" | "sec" | "second" | "seconds" => 1,
            "m" | "min" | "minute" | "minutes" => 60,
            "h" | "hour" | "hours" => 3_600,
            "d" | "day" | "days" => 86_400,
            "w" | "week" | "weeks" => 604_800,
            _ => return None,
        };
        rest = rest[letters..].trim_start();
        seconds = Some(seconds.unwrap_or(0).checked_add(i64::from(count) * unit)?);
    }
    seconds
}

/// A length as the API reads it: `1h30m`, `0s`.
pub(super) fn written(length: SignedDuration) -> String {
    let seconds = length.as_secs();
    let parts = [(seconds / 3_600, "h"), (seconds / 60 % 60, "m"), (seconds % 60, "s")];
    let text: String = parts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, unit)| format!("{count}{unit}"))
        .collect();
    if text.is_empty() { "0s".to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_reads_as_people_type_it() {
        let now: Timestamp = "2026-03-02T00:44:00Z".parse().expect("a time");
        let zone = TimeZone::get("Asia/Tokyo").expect("a zone");
        for (text, expected) in [
            ("now", "2026-03-02T00:44:00Z"),
            ("2026-03-05T12:00:00+01:00", "2026-03-05T11:00:00Z"),
            ("2026-03-05 12:00", "2026-03-05T03:00:00Z"),
            ("2026-03-05T12:00", "2026-03-05T03:00:00Z"),
            ("10:00", "2026-03-02T01:00:00Z"),
            ("09:44", "2026-03-03T00:44:00Z"),
            ("09:00", "2026-03-03T00:00:00Z"),
            ("tomorrow 10:00", "2026-03-03T01:00:00Z"),
            ("30m", "2026-03-02T01:14:00Z"),
            ("in 1h30m", "2026-03-02T02:14:00Z"),
        ] {
            let at = when(text).expect(text).instant(now, &zone).expect(text);
            assert_eq!(at.to_string(), expected, "{text}");
        }
        for text in ["", "soon", "25:00", "9", "tomorrow", "-5m", "0m"] {
            assert!(when(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_skipped_hour_is_its_end() {
        let now: Timestamp = "2026-03-28T12:00:00Z".parse().expect("a time");
        let zone = TimeZone::get("Europe/Berlin").expect("a zone");
        let at = when("2026-03-29 02:30").expect("a time").instant(now, &zone).expect("an instant");
        assert_eq!(at.to_string(), "2026-03-29T01:30:00Z");
    }

    #[test]
    fn lengths_are_written_as_they_are_read() {
        for (text, canonical) in [("90s", "1m30s"), ("2 days", "48h"), ("0", "0s"), ("1h", "1h")] {
            let read = delay(text).expect(text);
            assert_eq!(written(read), canonical);
            assert_eq!(delay(canonical), Ok(read));
        }
        assert!(length("0").is_err());
    }
}
