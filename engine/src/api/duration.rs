//! Durations as the API writes them: `90s`, `5m`, `1h30m`, `2d`; a bare number is seconds.

use super::Problem;
use jiff::SignedDuration;
use serde::Deserialize;
use utoipa::ToSchema;

/// A duration in a request.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(untagged)]
pub(super) enum Duration {
    /// Seconds.
    Seconds(u32),
    /// `90s`, `5m`, `1h30m`, `2d`.
    Text(String),
}

impl Duration {
    /// # Errors
    /// 422 when it is none, negative, or more than a year.
    pub(super) fn read(&self, what: &str) -> Result<SignedDuration, Problem> {
        let read = match self {
            Self::Seconds(seconds) => Some(SignedDuration::from_secs(i64::from(*seconds))),
            Self::Text(text) => parse(text.trim()),
        };
        let year = SignedDuration::from_hours(24 * 366);
        read.filter(|duration| !duration.is_negative() && *duration <= year).ok_or_else(|| {
            Problem::invalid(format!(
                "`{what}`: expected a duration like `90s`, `5m`, `1h30m` or `2d`, at most a year"
            ))
        })
    }
}

fn parse(text: &str) -> Option<SignedDuration> {
    if let Some(days) = text.strip_suffix('d') {
        let days: u32 = days.trim().parse().ok()?;
        return SignedDuration::from_hours(24).checked_mul(i32::try_from(days).ok()?);
    }
    text.parse().ok()
}

/// As `5m`; none is `0s`.
pub(super) fn show(duration: SignedDuration) -> String {
    format!("{duration:#}").replace(' ', "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_as_they_are_shown() {
        for (text, seconds, shown) in [
            ("90s", 90, "1m30s"),
            ("5m", 300, "5m"),
            ("0s", 0, "0s"),
            ("1h 30m", 5_400, "1h30m"),
            ("2d", 172_800, "48h"),
        ] {
            let read = Duration::Text(text.to_owned()).read("x").expect(text);
            assert_eq!(read.as_secs(), seconds, "{text}");
            assert_eq!(show(read), shown, "{text}");
        }
        for text in ["", "x", "-5m", "367d", "99999999999d", "5"] {
            assert!(Duration::Text(text.to_owned()).read("x").is_err(), "{text}");
        }
    }
}
