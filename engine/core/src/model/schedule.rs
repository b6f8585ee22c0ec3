//! Calendars of duty, as written down. Who is on call at an instant is [`crate::schedule`]'s to say.

mod fact;
mod layer;
mod restriction;

pub use fact::{Absence, FixedShift, Override, Revision, Temporary};
pub use layer::{Advance, Layer, Turn, TurnUnit};
pub use restriction::{Restriction, Restrictions};

use super::{OverrideId, PersonId, ScheduleId, TemporaryId};
use jiff::{Timestamp, civil::DateTime, tz::TimeZone};
use std::sync::Arc;

/// What becomes of the turns of somebody who is absent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnAbsence {
    /// They stay theirs, and are shown as uncovered.
    #[default]
    Show,
    /// The next person of the rotation who is there has them. When nobody is there, the layer covers nothing.
    Next,
}

/// A calendar of duty: its definition, as one version of the configuration has it.
#[derive(Clone, Debug, PartialEq)]
pub struct Schedule {
    /// Identity.
    pub id: ScheduleId,
    /// As shown.
    pub name: String,
    /// Whose wall clock the layers use that have none of their own.
    pub time_zone: TimeZone,
    /// Bottom first.
    pub layers: Vec<Layer>,
    /// From when this definition holds, on the schedule's wall clock; `None`: from when it was first seen. One in the past
    /// means the same: what was before stays as it was.
    pub effective_from: Option<DateTime>,
    /// What becomes of the turns of somebody who is absent.
    pub on_absence: OnAbsence,
}

impl Schedule {
    /// A schedule named as its id, in force when it is seen, that shows absences.
    pub fn new(id: ScheduleId, time_zone: TimeZone, layers: Vec<Layer>) -> Self {
        Self {
            name: id.to_string(),
            id,
            time_zone,
            layers,
            effective_from: None,
            on_absence: OnAbsence::Show,
        }
    }
}

/// Where somebody's duty comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ShiftSource {
    /// A layer, by name.
    Layer(Arc<str>),
    /// An override.
    Override(OverrideId),
    /// A temporary schedule.
    Temporary(TemporaryId),
}

impl ShiftSource {
    /// As shown: the layer's name, `override` or `temporary`.
    pub fn name(&self) -> &str {
        match self {
            Self::Layer(name) => name,
            Self::Override(_) => "override",
            Self::Temporary(_) => "temporary",
        }
    }
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
    /// Where it comes from.
    pub source: ShiftSource,
    /// Whose turn it would be, were they there.
    pub instead_of: Option<PersonId>,
}

impl Shift {
    /// The layer's name, `override` or `temporary`.
    pub fn layer(&self) -> &str {
        self.source.name()
    }

    /// Whether the other is the same duty at another time.
    pub fn is_same_duty(&self, other: &Self) -> bool {
        self.person == other.person
            && self.source == other.source
            && self.instead_of == other.instead_of
    }
}
