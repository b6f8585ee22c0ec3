//! What is kept quiet by intention, and when: the times that silences and maintenance windows share, and their names.
//! At which instants a time holds is [`crate::filter`]'s to say.

use super::{Alert, MaintenanceWindow, MaintenanceWindowId, Silence, SilenceId, Weekdays};
use jiff::civil::Time;
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use std::fmt;
use std::sync::Arc;

/// A window that comes again every week, on a wall clock.
#[derive(Clone, Debug, PartialEq)]
pub struct Weekly {
    /// The days on which it begins; not empty.
    pub days: Weekdays,
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
