//! How often one person is told through one method: windows, what left in them and what waits, and the operator's bounds.

use super::{Delivery, DeliveryId, MethodId, PersonId, Urgency};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;

/// What a lane carries. Each has windows of its own, so that what is urgent never waits behind what is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LaneKind {
    /// Pages of high urgency.
    High,
    /// Pages of low urgency.
    Low,
    /// How incidents go on, for those who know of them.
    News,
}

/// What is paced together: one person, one of their methods, one kind of message. A room is paced as a person with one method.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Lane {
    /// Who is told; of a room, [`PersonId::nobody_in`] it.
    pub person: PersonId,
    /// Through which of their methods.
    pub method: MethodId,
    /// Of what.
    pub kind: LaneKind,
}

impl Lane {
    /// The lane of a page, or of a post.
    pub fn of_page(page: &Delivery) -> Self {
        let kind = match page.urgency {
            Urgency::High => LaneKind::High,
            Urgency::Low => LaneKind::Low,
        };
        Self { person: page.person.clone(), method: page.method.clone(), kind }
    }
}

/// What waits for a window's end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Waiting {
    /// Nothing.
    Nothing,
    /// Pages; which ones, the state knows.
    Pages {
        /// The message they will share.
        bundle: DeliveryId,
        /// How many were held, those cancelled since included.
        count: u32,
    },
    /// News.
    News {
        /// How many.
        count: u32,
        /// The first of them, one line each.
        lines: Vec<String>,
    },
}

/// A lane with an open window. There is a [`super::TimerKey::Window`] for its end as long as it is kept; a lane that was
/// quiet for long enough is forgotten, and what comes then goes at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pace {
    /// Which.
    pub lane: Lane,
    /// When the window began.
    pub since: Timestamp,
    /// When it ends, and what waits leaves.
    pub until: Timestamp,
    /// How many windows in a row had something to hold, less those that had not: from 0. The window's length follows it.
    pub level: u32,
    /// Messages that left in this window.
    pub sent: u32,
    /// What waits.
    pub waiting: Waiting,
}

/// How close together messages of a lane may come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// The first window's length.
    pub window: SignedDuration,
    /// The longest window for pages of low urgency and for news.
    pub window_max: SignedDuration,
    /// The longest window for pages of high urgency.
    pub urgent_window_max: SignedDuration,
    /// Messages that may leave one by one in a first window; at least 1.
    pub burst: u32,
}

impl Bounds {
    /// What holds where the operator says nothing.
    pub const USUAL: Self = Self {
        window: SignedDuration::from_mins(1),
        window_max: SignedDuration::from_mins(10),
        urgent_window_max: SignedDuration::from_mins(2),
        burst: 3,
    };
    /// Calls: whoever talks to one bell cannot answer the next.
    pub const CALLS: Self = Self {
        window: SignedDuration::from_mins(2),
        window_max: SignedDuration::from_mins(30),
        urgent_window_max: SignedDuration::from_mins(5),
        burst: 1,
    };
    /// Windows grow by these factors, level by level.
    const GROWTH: [i32; 4] = [1, 2, 5, 10];

    /// The highest level there is.
    pub const LEVEL_MAX: u32 = Self::GROWTH.len() as u32 - 1;

    /// How long a window of this level is.
    pub fn window(&self, kind: LaneKind, level: u32) -> SignedDuration {
        let level = level.min(Self::LEVEL_MAX) as usize;
        let longest = match kind {
            LaneKind::High => self.urgent_window_max,
            LaneKind::Low | LaneKind::News => self.window_max,
        };
        self.window.saturating_mul(Self::GROWTH[level]).min(longest.max(self.window))
    }

    /// How many messages may leave one by one in a window of this level.
    pub fn at_once(&self, level: u32) -> u32 {
        if level == 0 { self.burst.max(1) } else { 1 }
    }
}

/// The operator's word on how close together messages may come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pacing {
    /// For every channel that has no word of its own.
    pub usual: Bounds,
    /// By channel; [`Pacing::CALLS`] is every channel's calls.
    pub channels: BTreeMap<String, Bounds>,
}

impl Default for Pacing {
    fn default() -> Self {
        let calls = (Self::CALLS.to_owned(), Bounds::CALLS);
        Self { usual: Bounds::USUAL, channels: BTreeMap::from([calls]) }
    }
}

impl Pacing {
    /// The name that stands for calls, on whatever channel.
    pub const CALLS: &'static str = "voice";

    /// The bounds of messages to this address.
    pub fn of(&self, channel: &str, address: &str) -> Bounds {
        let name = if is_call(address) { Self::CALLS } else { channel };
        self.channels.get(name).copied().unwrap_or(self.usual)
    }
}

/// Whether a message to this address is a call: by the form that channels which can call share, `voice:` and a number.
pub fn is_call(address: &str) -> bool {
    address.get(..6).is_some_and(|way| way.eq_ignore_ascii_case("voice:"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_grow_level_by_level_up_to_what_the_kind_allows() {
        let minutes = |kind, level| Bounds::USUAL.window(kind, level).as_secs() / 60;
        let low: Vec<_> = (0..6).map(|level| minutes(LaneKind::Low, level)).collect();
        let high: Vec<_> = (0..6).map(|level| minutes(LaneKind::High, level)).collect();
        assert_eq!(low, [1, 2, 5, 10, 10, 10]);
        assert_eq!(high, [1, 2, 2, 2, 2, 2]);
    }

    #[test]
    fn a_window_is_never_shorter_than_the_first_whatever_its_bounds_say() {
        let second = SignedDuration::from_secs(1);
        let odd = Bounds { window_max: second, urgent_window_max: second, ..Bounds::USUAL };
        assert_eq!(odd.window(LaneKind::High, 3), odd.window);
        assert_eq!(Bounds { burst: 0, ..odd }.at_once(0), 1, "the first is never held");
    }

    #[test]
    fn calls_are_paced_as_calls_on_any_channel() {
        let pacing = Pacing::default();
        assert_eq!(pacing.of("twilio", "voice:+819012345678"), Bounds::CALLS);
        assert_eq!(pacing.of("other", "VOICE:1"), Bounds::CALLS);
        assert_eq!(pacing.of("twilio", "sms:+819012345678"), Bounds::USUAL);
        assert_eq!(pacing.of("email", "voice"), Bounds::USUAL);
    }
}
