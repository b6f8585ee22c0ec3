//! Reads a duration as Prometheus writes it: `90s`, `5m`, `1h30m`.

use serde::Deserialize;

/// A length of time, at most a year. `Default` is Alertmanager's five minutes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Span {
    ms: i64,
}

const MAX_MS: i64 = 365 * 24 * 3600 * 1000;

impl Span {
    /// In milliseconds.
    #[must_use]
    pub const fn as_ms(self) -> i64 {
        self.ms
    }
}

impl Default for Span {
    fn default() -> Self {
        Self { ms: 5 * 60 * 1000 }
    }
}

impl TryFrom<String> for Span {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let wrong = || format!("expected a duration such as `5m` or `1h30m`, got `{text}`");
        let (mut total, mut rest) = (0_i64, text.as_str());
        while !rest.is_empty() {
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            let number: i64 = rest[..digits].parse().map_err(|_| wrong())?;
            let letters = rest[digits..].bytes().take_while(u8::is_ascii_lowercase).count();
            let unit = unit_ms(&rest[digits..digits + letters]).ok_or_else(wrong)?;
            let part = number.checked_mul(unit).ok_or_else(wrong)?;
            total = total.checked_add(part).ok_or_else(wrong)?;
            rest = &rest[digits + letters..];
        }
        match total {
            1..=MAX_MS => Ok(Self { ms: total }),
            _ => Err(format!("expected a duration above 0 and at most a year, got `{text}`")),
        }
    }
}

fn unit_ms(unit: &str) -> Option<i64> {
    match unit {
        "ms" => Some(1),
        "s" => Some(1000),
        "m" => Some(60 * 1000),
        "h" => Some(3600 * 1000),
        "d" => Some(24 * 3600 * 1000),
        "w" => Some(7 * 24 * 3600 * 1000),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::Span;

    fn check(text: &str, expected: Option<i64>) {
        assert_eq!(Span::try_from(text.to_owned()).ok().map(Span::as_ms), expected, "{text}");
    }

    #[test]
    fn durations_are_sums_of_whole_units() {
        check("5m", Some(300_000));
        check("1h30m", Some(5_400_000));
        check("1500ms", Some(1500));
    }

    #[test]
    fn nothing_else_is_a_duration() {
        for text in ["", "5", "m", "-5m", "5 m", "5x", "0s", "99999999999999999999s", "53w", "５m"]
        {
            check(text, None);
        }
    }
}
