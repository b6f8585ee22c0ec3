//! Reads an instant: RFC 3339, or seconds or milliseconds since the Unix epoch.

use nightbell_plugin::Timestamp;
use serde_json::Value;

/// From here on a number counts milliseconds: as seconds it would be after the year 5000.
const MS_FROM: f64 = 1e11;
/// The year 5138 in milliseconds: what is beyond is not a time.
const MS_MAX: f64 = 1e14;

/// The instant in milliseconds, if it is one. Without an offset it is UTC; zero and before are none.
pub(crate) fn read(value: &Value) -> Option<Timestamp> {
    match value {
        Value::Number(number) => of_number(number.as_f64()?),
        Value::String(text) => of_text(text.trim()),
        _ => None,
    }
}

fn of_text(text: &str) -> Option<Timestamp> {
    if let Ok(number) = text.parse::<f64>() {
        return of_number(number);
    }
    let zoned = text.parse::<jiff::Timestamp>().ok();
    let local = || {
        let at: jiff::civil::DateTime = text.parse().ok()?;
        jiff::tz::Offset::UTC.to_timestamp(at).ok()
    };
    let at = zoned.or_else(local)?.as_millisecond();
    (at > 0).then_some(at)
}

fn of_number(number: f64) -> Option<Timestamp> {
    let ms = if number.abs() < MS_FROM { number * 1000.0 } else { number };
    // The range is far inside what an i64 holds.
    (ms > 0.0 && ms < MS_MAX).then(|| ms.round() as i64)
}

#[cfg(test)]
mod tests {
    use super::read;
    use serde_json::{Value, json};

    fn check(value: Value, expected: Option<i64>) {
        assert_eq!(read(&value), expected, "{value}");
    }

    #[test]
    fn seconds_milliseconds_and_text_are_one_instant() {
        let at = Some(1_767_603_600_000);
        check(json!(1_767_603_600), at);
        check(json!(1_767_603_600_000_i64), at);
        check(json!("1767603600"), at);
        check(json!("2026-01-05T09:00:00Z"), at);
        check(json!("2026-01-05T18:00:00+09:00"), at);
        check(json!("2026-01-05 09:00:00"), at);
    }

    #[test]
    fn what_is_no_time_is_none() {
        for value in
            [json!(0), json!(-1), json!(1e300), json!("soon"), json!("nan"), json!(null), json!({})]
        {
            check(value, None);
        }
    }
}
