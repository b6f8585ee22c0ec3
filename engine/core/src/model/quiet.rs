//! What is kept quiet by intention, and when: the times that silences and maintenance windows share, and their names.
//! At which instants a time holds is [`crate::filter`]'s to say.

use super::{Alert, MaintenanceWindow, MaintenanceWindowId, Silence, SilenceId};
use jiff::civil::{Time, Weekday};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use std::fmt;
use std::sync::Arc;

/// Days of the week, in any number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Days(u8);

impl Days {
    const WORDS: [&'static str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

    /// Reads `mon` to `sun`, each once or more. `None` names the first word that is no day.
    ///
    /// # Errors
    /// The word that is none.
    pub fn parse<'w>(words: impl IntoIterator<Item = &'w str>) -> Result<Self, &'w str> {
        let mut days = Self::default();
        for word in words {
            let place = Self::WORDS.iter().position(|known| known.eq_ignore_ascii_case(word));
            days.0 |= 1 << place.ok_or(word)?;
        }
        Ok(days)
    }

    /// `mon` to `sun`, in this order.
    pub fn words(self) -> Vec<&'static str> {
        (0..7).filter(|day| self.0 & 1 << day != 0).map(|day| Self::WORDS[day]).collect()
    }

    /// Whether the day is one of them.
    pub fn has(self, day: Weekday) -> bool {
        self.0 & 1 << day.to_monday_zero_offset() != 0
    }

    /// Whether there is none.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// How many follow each other at most, over the week's end too: 0 to 7.
    pub fn longest_run(self) -> i64 {
        let run =
            |from: u32| (0..7).take_while(|day| self.0 & 1 << ((from + day) % 7) != 0).count();
        (0..7).map(run).max().unwrap_or(0) as i64
    }
}

/// A window that comes again every week, on a wall clock.
#[derive(Clone, Debug, PartialEq)]
pub struct Weekly {
    /// The days on which it begins; not empty.
    pub days: Days,
    /// When it begins.
    pub from: Time,
    /// When it ends, exclusive. Not after `from`: on the following day; the same as `from`: after a whole day.
    pub to: Time,
    /// Whose wall clock. It has a name.
    pub time_zone: TimeZone,
}

impl Weekly {
    /// The length on the wall clock of what follows without a pause. `None`: it never pauses.
    pub fn longest(&self) -> Option<SignedDuration> {
        let day = SignedDuration::from_hours(24);
        if self.from != self.to {
            let length = self.from.duration_until(self.to);
            return Some(if length.is_negative() { length + day } else { length });
        }
        let days = self.days.longest_run();
        (days < 7).then(|| SignedDuration::from_hours(24 * days))
    }

    /// The zone's name.
    pub fn zone(&self) -> &str {
        self.time_zone.iana_name().unwrap_or("UTC")
    }
}

impl fmt::Display for Weekly {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (days, from, to) = (self.days.words().join(","), self.from, self.to);
        let (from, to) = (from.strftime("%H:%M"), to.strftime("%H:%M"));
        write!(f, "{days} {from}-{to} {}", self.zone())
    }
}

/// When something holds: over the whole of `[starts_at, ends_at)`, or in it every week.
#[derive(Clone, Debug, PartialEq)]
pub struct QuietTime {
    /// From.
    pub starts_at: Timestamp,
    /// Until, exclusive.
    pub ends_at: Timestamp,
    /// Only then.
    pub weekly: Option<Weekly>,
}

impl QuietTime {
    /// The length of the longest stretch, on the wall clock.
    pub fn longest(&self) -> SignedDuration {
        let whole = self.ends_at.duration_since(self.starts_at);
        let weekly = self.weekly.as_ref().and_then(Weekly::longest);
        weekly.map_or(whole, |longest| longest.min(whole))
    }
}

/// Somebody changed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub by: String,
    /// What, in a few words: `end, comment`.
    pub what: String,
}

/// How long something may last; the operator's word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LengthLimit {
    /// Without a pause.
    pub max: SignedDuration,
    /// From the start to the end of what recurs.
    pub recurring_max: SignedDuration,
}

impl Default for LengthLimit {
    /// 30 days, and a year.
    fn default() -> Self {
        let days = |days: i64| SignedDuration::from_hours(24 * days);
        Self { max: days(30), recurring_max: days(366) }
    }
}

/// How long what is kept quiet by intention may last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct QuietLimits {
    /// A silence.
    pub silence: LengthLimit,
    /// A maintenance window.
    pub maintenance_window: LengthLimit,
}

/// The name of something that keeps alerts quiet by intention.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum QuietId {
    /// A silence.
    Silence(SilenceId),
    /// A maintenance window.
    MaintenanceWindow(MaintenanceWindowId),
}

impl fmt::Display for QuietId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Silence(id) => write!(f, "silence {id}"),
            Self::MaintenanceWindow(id) => write!(f, "maintenance window {id}"),
        }
    }
}

/// Who keeps an alert quiet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SuppressedBy {
    /// A filter's verdict; the plugin's name.
    Filter(Arc<str>),
    /// Somebody's intention.
    Quiet(QuietId),
}

impl fmt::Display for SuppressedBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Filter(name) => write!(f, "filter {name}"),
            Self::Quiet(id) => id.fmt(f),
        }
    }
}

impl SuppressedBy {
    /// Reads what it prints: `filter mute`, `silence s1`, `maintenance window m1`.
    pub fn parse(text: &str) -> Option<Self> {
        if let Some(name) = text.strip_prefix("filter ") {
            return Some(Self::Filter(name.into()));
        }
        if let Some(id) = text.strip_prefix("silence ") {
            return Some(Self::Quiet(QuietId::Silence(id.into())));
        }
        let id = text.strip_prefix("maintenance window ")?;
        Some(Self::Quiet(QuietId::MaintenanceWindow(id.into())))
    }
}

/// Something that keeps alerts quiet by intention.
#[derive(Clone, Debug, PartialEq)]
pub enum Quiet {
    /// A silence.
    Silence(Arc<Silence>),
    /// A maintenance window.
    MaintenanceWindow(Arc<MaintenanceWindow>),
}

impl Quiet {
    /// Its name.
    pub fn id(&self) -> QuietId {
        match self {
            Self::Silence(silence) => QuietId::Silence(silence.id.clone()),
            Self::MaintenanceWindow(window) => QuietId::MaintenanceWindow(window.id.clone()),
        }
    }

    /// When it holds.
    pub fn time(&self) -> &QuietTime {
        match self {
            Self::Silence(silence) => &silence.time,
            Self::MaintenanceWindow(window) => &window.time,
        }
    }

    /// Whether it is about this alert, at whatever time.
    pub fn is_about(&self, alert: &Alert) -> bool {
        match self {
            Self::Silence(silence) => silence.is_about(alert),
            Self::MaintenanceWindow(window) => window.is_about(alert),
        }
    }

    /// Who made it.
    pub fn author(&self) -> &str {
        match self {
            Self::Silence(silence) => &silence.created_by,
            Self::MaintenanceWindow(window) => &window.created_by,
        }
    }

    /// Why.
    pub fn comment(&self) -> &str {
        match self {
            Self::Silence(silence) => &silence.comment,
            Self::MaintenanceWindow(window) => &window.comment,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_read_as_they_print_and_know_their_longest_run() {
        for (words, run) in [
            (&["mon"][..], 1),
            (&["mon", "tue", "fri"], 2),
            (&["mon", "sat", "sun"], 3),
            (&["mon", "tue", "wed", "thu", "fri", "sat", "sun"], 7),
            (&[], 0),
        ] {
            let days = Days::parse(words.iter().copied()).expect("days");
            assert_eq!((days.words(), days.longest_run()), (words.to_vec(), run));
        }
        assert_eq!(Days::parse(["mon", "someday"]), Err("someday"));
        assert!(Days::parse(["SAT"]).is_ok_and(|days| days.has(Weekday::Saturday)));
    }

    #[test]
    fn who_suppressed_reads_as_it_prints() {
        for by in [
            SuppressedBy::Filter("mute".into()),
            SuppressedBy::Quiet(QuietId::Silence("s1".into())),
            SuppressedBy::Quiet(QuietId::MaintenanceWindow("m1".into())),
        ] {
            assert_eq!(SuppressedBy::parse(&by.to_string()), Some(by));
        }
        assert_eq!(SuppressedBy::parse("somebody"), None);
    }
}
