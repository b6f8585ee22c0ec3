//! How values look to people: colours, times beside "how long ago", texts that cannot harm a terminal. Pure.

use anstyle::{AnsiColor, Style};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// What the reader's side is like.
#[derive(Clone, Debug)]
pub(super) struct Look {
    /// Columns of the terminal; `None`: not a terminal, lines may be as long as they like.
    pub(super) width: Option<usize>,
    /// Whether colours are seen.
    pub(super) color: bool,
    /// What relative times count from.
    pub(super) now: Timestamp,
    /// Where the reader is.
    pub(super) zone: TimeZone,
}

/// What a piece of text says beyond its words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Tone {
    /// Nothing.
    #[default]
    Plain,
    /// This is what it is about.
    Strong,
    /// Not so important.
    Quiet,
    /// All is well.
    Good,
    /// Look here some time.
    Warn,
    /// Look here now.
    Bad,
    /// A remark.
    Note,
}

impl Tone {
    /// The terminal's style for it.
    pub(super) fn style(self) -> Style {
        let color = |color: AnsiColor| Style::new().fg_color(Some(color.into()));
        match self {
            Self::Plain => Style::new(),
            Self::Strong => Style::new().bold(),
            Self::Quiet => Style::new().dimmed(),
            Self::Good => color(AnsiColor::Green),
            Self::Warn => color(AnsiColor::Yellow).bold(),
            Self::Bad => color(AnsiColor::Red).bold(),
            Self::Note => color(AnsiColor::Cyan).bold(),
        }
    }

    /// The tone of a word for a state, from wherever it comes.
    pub(super) fn of(word: &str) -> Self {
        match word {
            "triggered" | "failed" | "quarantined" | "critical" | "rejected" | "fail" => Self::Bad,
            "acknowledged" | "snoozed" | "high" | "pending" | "warning" | "warn" | "suppressed"
            | "waiting-for-grant" | "error" => Self::Warn,
            "resolved" | "running" | "delivered" | "active" | "ok" | "live" => Self::Good,
            "disabled" | "cancelled" | "expired" | "low" | "info" => Self::Quiet,
            _ => Self::Plain,
        }
    }
}

/// Puts a text in a tone.
pub(super) fn paint(text: &str, tone: Tone, color: bool) -> String {
    if !color || tone == Tone::Plain || text.is_empty() {
        return text.to_owned();
    }
    let style = tone.style();
    format!("{style}{text}{style:#}")
}

/// A text from outside, safe to print: control characters and those that turn the direction of writing become `�`.
/// Line ends become blanks.
pub(super) fn safe(text: &str) -> String {
    text.trim_end().chars().map(|c| if c == '\n' { ' ' } else { visible(c) }).collect()
}

/// As [`safe`], with line ends and tabs kept.
pub(super) fn safe_lines(text: &str) -> String {
    text.chars().map(|c| if matches!(c, '\n' | '\t') { c } else { visible(c) }).collect()
}

fn visible(c: char) -> char {
    let turns =
        matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    match c {
        '\t' | '\r' => ' ',
        _ if c.is_control() || turns => '\u{fffd}',
        _ => c,
    }
}

impl Look {
    /// A time as people say it: `3 min ago, 09:41`.
    pub(super) fn when(&self, at: Timestamp) -> String {
        format!("{}, {}", self.ago(at), self.clock(at))
    }

    /// How far away a time is: `just now`, `3 min ago`, `in 2 h`.
    pub(super) fn ago(&self, at: Timestamp) -> String {
        let away = at.duration_since(self.now);
        if away.unsigned_abs().as_secs() < 10 {
            return "just now".to_owned();
        }
        let long = span(away.abs());
        if away.is_negative() { format!("{long} ago") } else { format!("in {long}") }
    }

    /// A time in the reader's zone, as short as it can be understood: `09:41`, `Nov 20 09:41`, `2025-11-20 09:41`.
    pub(super) fn clock(&self, at: Timestamp) -> String {
        let today = self.now.to_zoned(self.zone.clone());
        let local = at.to_zoned(self.zone.clone());
        let form = if local.date() == today.date() {
            "%H:%M"
        } else if local.year() == today.year() {
            "%b %-d %H:%M"
        } else {
            "%Y-%m-%d %H:%M"
        };
        local.strftime(form).to_string()
    }

    /// A time with seconds, for lists in which order matters; `dated` ones line up with each other.
    pub(super) fn second(&self, at: Timestamp, dated: bool) -> String {
        let form = if dated { "%Y-%m-%d %H:%M:%S" } else { "%H:%M:%S" };
        at.to_zoned(self.zone.clone()).strftime(form).to_string()
    }

    /// Whether it is on the reader's present day.
    pub(super) fn is_today(&self, at: Timestamp) -> bool {
        let day = |at: Timestamp| at.to_zoned(self.zone.clone()).date();
        day(at) == day(self.now)
    }

    /// A day and time with the weekday: what a calendar needs.
    pub(super) fn day(&self, at: Timestamp) -> String {
        at.to_zoned(self.zone.clone()).strftime("%a %b %-d %H:%M").to_string()
    }
}

/// A length of time in its largest unit, rounded down: `45 s`, `3 min`, `26 h`, `9 d`.
pub(super) fn span(length: SignedDuration) -> String {
    let seconds = length.as_secs();
    match seconds {
        ..60 => format!("{seconds} s"),
        60..3_600 => format!("{} min", seconds / 60),
        3_600..172_800 => format!("{} h", seconds / 3_600),
        _ => format!("{} d", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look() -> Look {
        Look {
            width: None,
            color: false,
            now: "2026-03-02T00:44:00Z".parse().expect("a time"),
            zone: TimeZone::get("Asia/Tokyo").expect("a zone"),
        }
    }

    #[test]
    fn times_are_relative_and_local() {
        for (at, expected) in [
            ("2026-03-02T00:41:00Z", "3 min ago, 09:41"),
            ("2026-03-02T00:43:55Z", "just now, 09:43"),
            ("2026-03-02T00:43:15Z", "45 s ago, 09:43"),
            ("2026-03-02T02:44:00Z", "in 2 h, 11:44"),
            ("2026-03-01T14:59:00Z", "9 h ago, Mar 1 23:59"),
            ("2026-03-01T15:00:00Z", "9 h ago, 00:00"),
            ("2025-11-20T00:41:00Z", "102 d ago, 2025-11-20 09:41"),
        ] {
            assert_eq!(look().when(at.parse().expect("a time")), expected, "{at}");
        }
    }

    #[test]
    fn a_monitor_cannot_write_to_the_terminal() {
        assert_eq!(
            safe("disk \u{1b}[31mfull\u{7}\nnow\u{202e}"),
            "disk \u{fffd}[31mfull\u{fffd} now\u{fffd}"
        );
        assert_eq!(safe_lines("a\r\n\tb\u{9b}1m"), "a \n\tb\u{fffd}1m");
    }

    #[test]
    fn colour_is_only_put_where_it_is_seen() {
        assert_eq!(paint("x", Tone::Bad, false), "x");
        assert_eq!(paint("x", Tone::Plain, true), "x");
        assert_eq!(paint("x", Tone::Good, true), "\u{1b}[32mx\u{1b}[0m");
    }
}
