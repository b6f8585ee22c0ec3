//! Calendars of duty, as written down. Who is on call at an instant is [`crate::schedule`]'s to say.

use super::{OverrideId, PersonId, ScheduleId};
use jiff::{Timestamp, civil::DateTime, tz::TimeZone};

/// The unit of a turn's length. All count on the wall clock, so that a hand-off keeps its local hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TurnUnit {
    /// Hours on the wall clock.
    Hours,
    /// Days.
    Days,
    /// Weeks.
    Weeks,
}

/// How long one person has the duty before the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Turn {
    /// At least 1.
    pub count: u32,
    /// Of what.
    pub unit: TurnUnit,
}

/// One rotation. A later layer of a schedule covers the earlier ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layer {
    /// As shown; unique within the schedule.
    pub name: String,
    /// When the first turn begins, on the schedule's wall clock. Before it the layer covers nothing.
    pub start: DateTime,
    /// When the layer ends; `None`: never.
    pub end: Option<DateTime>,
    /// How long a turn is.
    pub turn: Turn,
    /// The order of turns; not empty. `None` is an explicit nobody.
    pub people: Vec<Option<PersonId>>,
}

/// A calendar of duty.
#[derive(Clone, Debug, PartialEq)]
pub struct Schedule {
    /// Identity.
    pub id: ScheduleId,
    /// As shown.
    pub name: String,
    /// Whose wall clock the layers use.
    pub time_zone: TimeZone,
    /// Bottom first.
    pub layers: Vec<Layer>,
}

/// An exception that beats every layer. Of two that overlap, the one created later holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Override {
    /// Identity.
    pub id: OverrideId,
    /// Of which schedule.
    pub schedule: ScheduleId,
    /// Who takes the duty.
    pub person: PersonId,
    /// From.
    pub starts_at: Timestamp,
    /// Until, exclusive.
    pub ends_at: Timestamp,
    /// When it was made.
    pub created_at: Timestamp,
    /// By whom, as shown.
    pub created_by: String,
}

/// Somebody's duty over `[starts_at, ends_at)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shift {
    /// Who.
    pub person: PersonId,
    /// From, inclusive.
    pub starts_at: Timestamp,
    /// Until, exclusive.
    pub ends_at: Timestamp,
    /// The layer's name, or `override`.
    pub layer: String,
}
