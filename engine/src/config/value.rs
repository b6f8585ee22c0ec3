//! How short texts of the configuration are read: durations, turns, wall-clock times, names, origins. Pure.

use jiff::SignedDuration;
use jiff::civil::DateTime;
use nightbell_core::model::{Turn, TurnUnit};
use reqwest::Url;

/// Reads `5m`, `1h30m`, `90s`, `2 days`. Seconds are the smallest unit. `None` for anything else.
pub(super) fn duration(text: &str) -> Option<SignedDuration> {
    let mut seconds: i64 = 0;
    let mut rest = text.trim();
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let (count, unit, after) = quantity(rest)?;
        let unit = match unit {
            "s" | "sec" | "second" | "seconds" => 1,
            "m" | "min" | "minute" | "minutes" => 60,
            "h" | "hour" | "hours" => 3_600,
            "d" | "day" | "days" => 86_400,
            "w" | "week" | "weeks" => 604_800,
            _ => return None,
        };
        seconds = seconds.checked_add(i64::from(count).checked_mul(unit)?)?;
        rest = after;
    }
    Some(SignedDuration::from_secs(seconds))
}

/// A number, its unit, and what follows.
fn quantity(text: &str) -> Option<(u32, &str, &str)> {
    let digits = text.find(|c: char| !c.is_ascii_digit())?;
    let count = text[..digits].parse().ok()?;
    let text = text[digits..].trim_start();
    let letters = text.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(text.len());
    Some((count, &text[..letters], text[letters..].trim_start()))
}

/// Reads `1 week`, `12 hours`, `7d`, `1 month`: one whole number of hours, days, weeks or months, of at most about a year.
pub(super) fn turn(text: &str) -> Option<Turn> {
    let (count, unit, "") = quantity(text.trim())? else { return None };
    let (unit, max) = match unit {
        "h" | "hour" | "hours" => (TurnUnit::Hours, 8_784),
        "d" | "day" | "days" => (TurnUnit::Days, 366),
        "w" | "week" | "weeks" => (TurnUnit::Weeks, 53),
        "month" | "months" => (TurnUnit::Months, 12),
        _ => return None,
    };
    (1..=max).contains(&count).then_some(Turn { count, unit })
}

/// Why a wall-clock time cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WallTimeError {
    /// `24:00`.
    HourTwentyFour,
    /// `Z`, `+09:00` or `[Asia/Tokyo]` after it.
    Offset,
    /// No such day or hour, or another form.
    Shape,
}

/// Reads `2026-01-05T09:00`, with seconds or without, with `T` or a blank, or a date alone: a time on some wall clock.
pub(super) fn wall_time(text: &str) -> Result<DateTime, WallTimeError> {
    let text = text.trim();
    let (date, clock) = text.split_once(['T', 't', ' ']).unwrap_or((text, "00:00"));
    let clock = clock.trim();
    if clock.contains(['Z', 'z', '+', '-', '[']) {
        return Err(WallTimeError::Offset);
    }
    let [year, month, day] = numbers(date, '-', [4, 2, 2]).ok_or(WallTimeError::Shape)?;
    let with_seconds =
        if clock.matches(':').count() == 1 { format!("{clock}:00") } else { clock.to_owned() };
    let [hour, minute, second] =
        numbers(&with_seconds, ':', [2, 2, 2]).ok_or(WallTimeError::Shape)?;
    if hour == 24 {
        return Err(WallTimeError::HourTwentyFour);
    }
    let small = |number: i16| i8::try_from(number).map_err(|_| WallTimeError::Shape);
    DateTime::new(year, small(month)?, small(day)?, small(hour)?, small(minute)?, small(second)?, 0)
        .map_err(|_| WallTimeError::Shape)
}

fn numbers(text: &str, between: char, digits: [usize; 3]) -> Option<[i16; 3]> {
    let mut parts = text.split(between);
    let mut numbers = [0; 3];
    for (number, digits) in numbers.iter_mut().zip(digits) {
        let part = parts.next().filter(|part| part.len() == digits)?;
        *number = part.bytes().all(|b| b.is_ascii_digit()).then(|| part.parse().ok())??;
    }
    parts.next().is_none().then_some(numbers)
}

/// Whether a text is an id: lower-case letters, digits, `_` and `-`, at most 63, a letter or digit first.
pub(super) fn is_id(text: &str) -> bool {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    (1..=63).contains(&text.len())
        && text.bytes().next().is_some_and(plain)
        && text.bytes().all(|b| plain(b) || b == b'_' || b == b'-')
}

/// The id that a text probably means; empty when nothing is left of it.
pub(super) fn as_id(text: &str) -> String {
    let plain = |c: char| if c.is_ascii_lowercase() || c.is_ascii_digit() { c } else { '-' };
    let id: String = text.to_lowercase().chars().map(plain).collect();
    let id = id
        .trim_matches('-')
        .split("--")
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join("-");
    id.chars().take(63).collect()
}

/// Whether a text looks like a BCP 47 language tag.
pub(super) fn is_language(text: &str) -> bool {
    let mut parts = text.split('-');
    let letters =
        |part: &str| (2..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphabetic());
    let further = |part: &str| {
        (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric())
    };
    parts.next().is_some_and(letters) && parts.all(further)
}

/// Reads `http(s)://host[:port][/path]` and returns it without a trailing slash.
pub(super) fn public_url(text: &str) -> Option<String> {
    let url = web_url(text)?;
    Some(url.as_str().trim_end_matches('/').to_owned())
}

/// Reads an origin: `https://host` or `http://host:port`, nothing after it.
pub(super) fn origin(text: &str) -> Option<String> {
    let url = web_url(text)?;
    (url.path() == "/").then(|| url.as_str().trim_end_matches('/').to_owned())
}

fn web_url(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let plain = matches!(url.scheme(), "http" | "https")
        && url.host_str().is_some_and(|host| !host.is_empty() && !host.contains('*'))
        && url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none();
    plain.then_some(url)
}

/// Reads the host a secret may go to: `example.org` or `example.org:8443`, in lower case.
pub(super) fn secret_host(text: &str) -> Option<String> {
    let url = web_url(&format!("https://{text}"))?;
    let host = url.host_str()?;
    let read = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
    // `:443` is understood and left out: it is what the name alone means.
    let written = text.to_lowercase();
    (url.path() == "/" && written.strip_suffix(":443").unwrap_or(&written) == read).then_some(read)
}

/// Reads `host`, `host:port`, `[::1]:port`.
pub(super) fn host_port(text: &str) -> Option<(String, Option<u16>)> {
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) if host.ends_with(']') || !host.contains(':') => {
            (host, Some(port.parse().ok().filter(|port| *port > 0)?))
        }
        _ => (text, None),
    };
    let address = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    let bare = address.unwrap_or(host);
    let is_address = bare.parse::<std::net::IpAddr>().is_ok();
    let is_name = !bare.is_empty()
        && bare.len() <= 253
        && bare.split('.').all(|part| !part.is_empty() && part.len() <= 63)
        && bare.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'));
    let fine = if address.is_some() { is_address } else { is_address || is_name };
    fine.then(|| (bare.to_owned(), port))
}

/// The known name that is nearest to `text`, when one is near enough to be meant.
pub(super) fn nearest<'n>(text: &str, known: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let short: String = text.chars().take(64).collect::<String>().to_lowercase();
    let allowed = (short.chars().count() / 3).max(1);
    known
        .into_iter()
        .map(|name| (strsim::damerau_levenshtein(&short, &name.to_lowercase()), name))
        .filter(|(distance, _)| *distance <= allowed)
        .min()
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_as_people_write_them() {
        for (text, seconds) in [
            ("5m", Some(300)),
            ("1h30m", Some(5_400)),
            ("1h 30m", Some(5_400)),
            ("90s", Some(90)),
            ("2 days", Some(172_800)),
            ("1 week", Some(604_800)),
            ("0s", Some(0)),
            ("", None),
            ("5", None),
            ("m", None),
            ("-5m", None),
            ("1.5h", None),
            ("5 fortnights", None),
            ("5m x", None),
            ("99999999999s", None),
        ] {
            assert_eq!(duration(text).map(|d| d.as_secs()), seconds, "{text}");
        }
    }

    #[test]
    fn a_turn_is_whole_hours_days_weeks_or_months() {
        let some = |count, unit| Some(Turn { count, unit });
        for (text, expected) in [
            ("1 week", some(1, TurnUnit::Weeks)),
            ("12 hours", some(12, TurnUnit::Hours)),
            ("12h", some(12, TurnUnit::Hours)),
            ("1 day", some(1, TurnUnit::Days)),
            ("1 month", some(1, TurnUnit::Months)),
            ("13 months", None),
            ("0 days", None),
            ("54 weeks", None),
            ("30m", None),
            ("1d12h", None),
            ("week", None),
        ] {
            assert_eq!(turn(text), expected, "{text}");
        }
    }

    #[test]
    fn a_wall_time_has_no_offset_and_no_hour_24() {
        let nine = jiff::civil::date(2026, 1, 5).at(9, 0, 0, 0);
        for (text, expected) in [
            ("2026-01-05T09:00", Ok(nine)),
            ("2026-01-05 09:00:00", Ok(nine)),
            ("2026-01-05", Ok(jiff::civil::date(2026, 1, 5).at(0, 0, 0, 0))),
            ("2026-01-05T24:00", Err(WallTimeError::HourTwentyFour)),
            ("2026-01-05T09:00Z", Err(WallTimeError::Offset)),
            ("2026-01-05T09:00+09:00", Err(WallTimeError::Offset)),
            ("2026-02-30T09:00", Err(WallTimeError::Shape)),
            ("2026-1-5T09:00", Err(WallTimeError::Shape)),
            ("09:00", Err(WallTimeError::Shape)),
            ("2026-01-05T9", Err(WallTimeError::Shape)),
            ("", Err(WallTimeError::Shape)),
        ] {
            assert_eq!(wall_time(text), expected, "{text}");
        }
    }

    #[test]
    fn hosts_and_origins_are_exact() {
        for (text, expected) in [
            ("https://hooks.example.org", Some("https://hooks.example.org")),
            ("https://hooks.example.org/", Some("https://hooks.example.org")),
            ("http://127.0.0.1:9000", Some("http://127.0.0.1:9000")),
            ("https://example.org/path", None),
            ("https://*.example.org", None),
            ("https://u:p@example.org", None),
            ("example.org", None),
            ("ftp://example.org", None),
        ] {
            assert_eq!(origin(text).as_deref(), expected, "{text}");
        }
        for (text, expected) in [
            ("example.org", Some("example.org")),
            ("Example.org:8443", Some("example.org:8443")),
            ("example.org:443", Some("example.org")),
            ("example.org/x", None),
            ("https://example.org", None),
            ("u@example.org", None),
        ] {
            assert_eq!(secret_host(text).as_deref(), expected, "{text}");
        }
        for (text, expected) in [
            ("mail.example.org", Some(("mail.example.org", None))),
            ("127.0.0.1:2525", Some(("127.0.0.1", Some(2_525)))),
            ("[::1]:25", Some(("::1", Some(25)))),
            ("::1", Some(("::1", None))),
            ("mail.example.org:0", None),
            ("mail.example.org:smtp", None),
            ("smtp://mail.example.org", None),
            ("", None),
        ] {
            let expected = expected.map(|(host, port)| (host.to_owned(), port));
            assert_eq!(host_port(text), expected, "{text}");
        }
    }

    #[test]
    fn ids_are_plain_and_a_near_one_is_offered() {
        for (text, fine) in
            [("a", true), ("a-b_9", true), ("", false), ("-a", false), ("A", false), ("a b", false)]
        {
            assert_eq!(is_id(text), fine, "{text}");
        }
        assert!(!is_id(&"a".repeat(64)));
        assert_eq!(as_id("Shop Team!"), "shop-team");
        assert_eq!(as_id("!!"), "");
    }

    #[test]
    fn only_a_near_name_is_meant() {
        assert_eq!(nearest("emial", ["email", "name"]), Some("email"));
        assert_eq!(nearest("Primary", ["primary"]), Some("primary"));
        assert_eq!(nearest("zebra", ["email", "name"]), None);
        assert_eq!(nearest("", ["email"]), None);
    }
}
