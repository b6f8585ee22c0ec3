//! What people are told of a schedule without having asked: hand-offs, and what will be amiss.

use super::{PersonId, ScheduleId};
use jiff::{SignedDuration, Timestamp};

/// What a person wants to hear of their own shifts. Without one: when a shift begins, and nothing else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HandoffWish {
    /// Whose.
    pub person: PersonId,
    /// When a shift begins.
    pub at_start: bool,
    /// When it ends.
    pub at_end: bool,
    /// So long before it begins; at most [`HandoffWish::BEFORE_MAX`].
    pub before: Option<SignedDuration>,
}

impl HandoffWish {
    /// Longest time ahead.
    pub const BEFORE_MAX: SignedDuration = SignedDuration::from_hours(24 * 7);

    /// What holds for a person who said nothing.
    pub fn default_of(person: PersonId) -> Self {
        Self { person, at_start: true, at_end: false, before: None }
    }
}

/// What will be amiss.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Amiss {
    /// Nobody is on call.
    Gap,
    /// This person is on call and absent.
    Uncovered(PersonId),
    /// This person is on call on that schedule too. Belongs to the watch of the schedule whose id comes first.
    Twice(PersonId, ScheduleId),
}

/// A time in which something will be amiss, and what was told of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Foreseen {
    /// What.
    pub amiss: Amiss,
    /// From.
    pub starts_at: Timestamp,
    /// Until, exclusive; `None`: at least as far as is looked ahead.
    pub ends_at: Option<Timestamp>,
    /// When the fallback people were told.
    pub told_at: Timestamp,
    /// Whether they were told again shortly before, or need not be.
    pub reminded: bool,
}

/// What is known to have been told of one schedule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Watch {
    /// Which.
    pub schedule: ScheduleId,
    /// Who was on call when it was last looked at.
    pub on_call: Option<PersonId>,
    /// Shifts to come that were announced to those who wish it: who and from when.
    pub announced: Vec<(PersonId, Timestamp)>,
    /// What is amiss within the time that is looked ahead, earliest first; at most [`Watch::FORESEEN_MAX`].
    pub foreseen: Vec<Foreseen>,
}

impl Watch {
    /// How far ahead is looked.
    pub const AHEAD: SignedDuration = SignedDuration::from_hours(24 * 90);
    /// So long before it begins, it is told again.
    pub const REMINDER: SignedDuration = SignedDuration::from_hours(24);
    /// Most that is kept of one schedule.
    pub const FORESEEN_MAX: usize = 300;
}
