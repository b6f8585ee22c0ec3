//! How a person wants to be told: in which language, at which hours not, and of what on which channel.

use super::{Priority, Weekdays};
use jiff::civil::Time;

/// A language Nightbell speaks itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// English; also for whoever reads none of the others.
    #[default]
    English,
    /// Japanese.
    Japanese,
}

impl Language {
    /// The one that serves a reader of this BCP 47 tag: English unless it is Japanese.
    pub fn of(tag: &str) -> Self {
        let primary = tag.split(['-', '_']).next().unwrap_or_default();
        if primary.eq_ignore_ascii_case("ja") { Self::Japanese } else { Self::English }
    }

    /// Its BCP 47 tag.
    pub fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Japanese => "ja",
        }
    }
}

/// What rings all the same in quiet hours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Breakthrough {
    /// Nothing, unless nobody else is left (the fallback's high urgency always rings: I11).
    Nothing,
    /// What is of high urgency.
    #[default]
    HighUrgency,
    /// What has this priority or a higher one, whatever its urgency.
    Priority(Priority),
}

/// Hours of the week, on the person's own wall clock, in which pages wait.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuietHours {
    /// The days on which they begin; not empty.
    pub days: Weekdays,
    /// From, inclusive.
    pub from: Time,
    /// Until, exclusive; at or before `from` it is the next day's.
    pub to: Time,
    /// What rings all the same.
    pub breakthrough: Breakthrough,
}

/// What a person wants to hear on one channel beside pages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelPreference {
    /// The channel plugin.
    pub channel: String,
    /// That an incident they were paged for was acknowledged, snoozed or rings again.
    pub status_updates: bool,
    /// That it was resolved.
    pub resolve_notices: bool,
}

/// All of it. The default is what a person has who chose nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Preferences {
    /// `None`: the configuration's.
    pub language: Option<Language>,
    /// Any of them holds a page.
    pub quiet_hours: Vec<QuietHours>,
    /// Each channel at most once; one that is not here tells everything.
    pub channels: Vec<ChannelPreference>,
}

impl Preferences {
    /// What is wanted on a channel.
    pub fn of_channel(&self, channel: &str) -> ChannelPreference {
        self.channels.iter().find(|one| one.channel == channel).cloned().unwrap_or_else(|| {
            ChannelPreference {
                channel: channel.to_owned(),
                status_updates: true,
                resolve_notices: true,
            }
        })
    }
}

/// One choice, which leaves the others as they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Preference {
    /// `None`: as the configuration says.
    Language(Option<Language>),
    /// All of them, instead of those before.
    QuietHours(Vec<QuietHours>),
    /// Instead of what was chosen for this channel.
    Channel(ChannelPreference),
}
