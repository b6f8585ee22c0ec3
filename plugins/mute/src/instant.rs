//! Reads an instant as RFC 3339 has it. No calendar beyond that: a guest has no clock and no zones.

use serde::Deserialize;

/// Milliseconds since the Unix epoch, UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Instant(pub(crate) i64);

impl TryFrom<String> for Instant {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        parse(&text).map(Self).ok_or_else(|| {
            format!("expected an instant like 2026-01-05T09:00:00Z or 2026-01-05T18:00:00+09:00, got `{text}`")
        })
    }
}

/// `YYYY-MM-DDTHH:MM:SS[.fraction](Z|±HH:MM)`; a fraction is cut to milliseconds.
fn parse(text: &str) -> Option<i64> {
    let (date_time, rest) = text.split_at_checked(19)?;
    let bytes = date_time.as_bytes();
    let marks = [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':')];
    if marks.iter().any(|&(at, mark)| bytes[at] != mark) {
        return None;
    }
    let year = number(&date_time[..4])?;
    let month = number(&date_time[5..7]).filter(|month| (1..=12).contains(month))?;
    let day =
        number(&date_time[8..10]).filter(|day| (1..=month_days(year, month)).contains(day))?;
    let hour = number(&date_time[11..13]).filter(|hour| *hour < 24)?;
    let minute = number(&date_time[14..16]).filter(|minute| *minute < 60)?;
    let second = number(&date_time[17..19]).filter(|second| *second < 60)?;
    let (milliseconds, zone) = fraction(rest)?;
    let minutes = (days(year, month, day) * 24 + hour) * 60 + minute - offset_minutes(zone)?;
    Some((minutes * 60 + second) * 1000 + milliseconds)
}

fn number(digits: &str) -> Option<i64> {
    if !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    digits.parse().ok()
}

/// Milliseconds of an optional fraction, and what follows it.
fn fraction(text: &str) -> Option<(i64, &str)> {
    let Some(text) = text.strip_prefix('.') else { return Some((0, text)) };
    let length = text.bytes().take_while(u8::is_ascii_digit).count();
    let (digits, zone) = text.split_at(length);
    let thousandths = digits.bytes().chain(*b"000").take(3);
    let milliseconds = thousandths.fold(0, |sum, digit| sum * 10 + i64::from(digit - b'0'));
    (length > 0).then_some((milliseconds, zone))
}

fn offset_minutes(zone: &str) -> Option<i64> {
    let (sign, hours_minutes) = match zone.as_bytes().first()? {
        b'Z' if zone.len() == 1 => return Some(0),
        b'+' => (1, &zone[1..]),
        b'-' => (-1, &zone[1..]),
        _ => return None,
    };
    let (hours, minutes) = hours_minutes.split_once(':')?;
    if hours.len() != 2 || minutes.len() != 2 {
        return None;
    }
    let (hours, minutes) = (number(hours)?, number(minutes)?);
    (hours < 24 && minutes < 60).then_some(sign * (hours * 60 + minutes))
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn month_days(year: i64, month: i64) -> i64 {
    match month {
        2 => 28 + i64::from(is_leap(year)),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from 1970-01-01 to this date.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let before = year - 1;
    let leap_days = before.div_euclid(4) - before.div_euclid(100) + before.div_euclid(400);
    let in_year: i64 = (1..month).map(|earlier| month_days(year, earlier)).sum();
    // 719,162 days lie between 0001-01-01 and 1970-01-01.
    before * 365 + leap_days - 719_162 + in_year + day - 1
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn instants_are_read() {
        for (text, expected) in [
            ("1970-01-01T00:00:00Z", 0),
            ("2026-01-05T09:00:00Z", 1_767_603_600_000),
            ("2026-01-05T18:00:00+09:00", 1_767_603_600_000),
            ("2026-01-05T03:30:00.5-05:30", 1_767_603_600_500),
            ("2024-02-29T23:59:59.1259Z", 1_709_251_199_125),
            ("2000-03-01T00:00:00Z", 951_868_800_000),
            ("1969-12-31T23:59:59Z", -1000),
        ] {
            assert_eq!(parse(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_instant_is_refused() {
        for text in [
            "",
            "tomorrow",
            "2026-01-05",
            "2026-01-05T09:00:00",
            "2026-01-05 09:00:00Z",
            "2026-13-05T09:00:00Z",
            "2026-02-29T09:00:00Z",
            "2026-01-05T24:00:00Z",
            "2026-01-05T09:00:00.Z",
            "2026-01-05T09:00:00+9:00",
            "2026-01-05T09:00:00Zulu",
            "2026-01-05T09:00:0éZ",
            "+026-01-05T09:00:00Z",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
