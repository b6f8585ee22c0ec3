//! Hours of the week on a wall clock, as written down. Whether an instant is within them is [`crate::hours`]'s to say.

use super::{Urgency, Weekdays};
use jiff::{civil::Weekday, tz::TimeZone};
use std::fmt;

/// Windows of [`Hours`].
pub const WINDOWS_MAX: usize = 32;

const MINUTES_OF_DAY: u32 = 24 * 60;

/// One span of the day on some days of the week: `mon-fri 09:00-17:00`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    /// On which days it begins; at least one.
    days: Weekdays,
    /// Minutes after midnight, 0 to 1439.
    from: u32,
    /// Minutes after midnight, 1 to 1440. Not after `from`: the next day.
    to: u32,
}

impl Window {
    /// Reads `mon-fri 09:00-17:00`, `sat,sun 00:00-24:00`, `22:00-06:00` (every day). The end is exclusive; one that is not
    /// after the beginning is the next day's. `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim().to_ascii_lowercase();
        let (days, span) = match text.split_once(' ') {
            Some((days, _)) if days.contains(char::is_whitespace) => return None,
            Some((days, span)) => (Weekdays::parse_spans(days)?, span.trim()),
            None => (Weekdays::ALL, text.as_str()),
        };
        let (from, to) = span.split_once('-')?;
        let (from, to) = (minutes(from.trim())?, minutes(to.trim())?);
        (from < MINUTES_OF_DAY && to > 0).then_some(Self { days, from, to })
    }

    /// Whether it begins on this day.
    pub fn begins_on(&self, day: Weekday) -> bool {
        self.days.has(day)
    }

    /// From when, in minutes after the midnight of the day it begins on.
    pub fn from_minute(&self) -> u32 {
        self.from
    }

    /// Until when, in minutes after the same midnight: beyond 1440 on the next day.
    pub fn to_minute(&self) -> u32 {
        if self.to > self.from { self.to } else { self.to + MINUTES_OF_DAY }
    }
}

/// As it is read.
impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.days != Weekdays::ALL {
            write!(f, "{} ", self.days)?;
        }
        let clock = |minute: u32| format!("{:02}:{:02}", minute / 60, minute % 60);
        write!(f, "{}-{}", clock(self.from), clock(self.to))
    }
}

fn minutes(text: &str) -> Option<u32> {
    let (hour, minute) = text.split_once(':')?;
    let two = |text: &str| text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
    if !two(hour) || !two(minute) {
        return None;
    }
    let (hour, minute): (u32, u32) = (hour.parse().ok()?, minute.parse().ok()?);
    let all = hour * 60 + minute;
    (minute < 60 && all <= MINUTES_OF_DAY).then_some(all)
}

/// Hours of the week in one zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hours {
    /// Whose wall clock it is.
    pub time_zone: TimeZone,
    /// At least one, at most [`WINDOWS_MAX`]; they may meet and overlap.
    pub windows: Vec<Window>,
}

/// When a service is looked after, and how loud its incidents are then and else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SupportHours {
    /// When.
    pub hours: Hours,
    /// How loud a new incident is within them. When it is high, one that waits with low urgency becomes high at their start.
    pub inside: Urgency,
    /// How loud a new incident is outside of them.
    pub outside: Urgency,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_reads_as_it_is_shown() {
        for (text, shown) in [
            ("mon-fri 09:00-17:00", "mon-fri 09:00-17:00"),
            ("sat,sun 00:00-24:00", "sat-sun 00:00-24:00"),
            ("22:00-06:00", "22:00-06:00"),
            ("Mon,Wed,Fri  08:30-12:00", "mon,wed,fri 08:30-12:00"),
            ("sat-mon 00:00-24:00", "mon,sat-sun 00:00-24:00"),
            ("mon-sun 10:00-10:00", "10:00-10:00"),
        ] {
            let window = Window::parse(text).expect(text);
            assert_eq!(window.to_string(), shown, "{text}");
            assert_eq!(Window::parse(shown), Some(window), "{shown}");
        }
        for text in [
            "",
            "mon",
            "mon-fri",
            "9:00-17:00",
            "09:00",
            "09:00-25:00",
            "09:60-10:00",
            "24:00-10:00",
            "09:00-00:00x",
            "monday 09:00-10:00",
            "mon,09:00-10:00",
            "00:00-00:00",
            "-09:00-10:00",
        ] {
            assert_eq!(Window::parse(text), None, "{text}");
        }
    }
}
