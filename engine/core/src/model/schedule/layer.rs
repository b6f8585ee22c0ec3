//! Layers and turns.

use super::Restrictions;
use crate::model::PersonId;
use jiff::{civil::DateTime, tz::TimeZone};
use std::sync::Arc;

/// The unit of a turn's length. All count on the wall clock, so that a hand-off keeps its local hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TurnUnit {
    /// Hours on the wall clock.
    Hours,
    /// Days.
    Days,
    /// Weeks.
    Weeks,
    /// Months of the calendar, each counted from the first hand-off; a day that a month does not have is its last day.
    Months,
}

/// How long one person has the duty before the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Turn {
    /// At least 1; 0 counts as 1.
    pub count: u32,
    /// Of what.
    pub unit: TurnUnit,
}

/// What passes the duty on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Advance {
    /// Every turn, also one that the restrictions leave nothing of.
    #[default]
    EveryTurn,
    /// Only turns that meet a restriction's hours: nobody loses a turn to a weekend.
    CoveredTurns,
}

/// One rotation. A later layer of a schedule covers the earlier ones.
#[derive(Clone, Debug, PartialEq)]
pub struct Layer {
    /// As shown; unique within the schedule.
    pub name: Arc<str>,
    /// Whose wall clock it uses; `None`: the schedule's.
    pub time_zone: Option<TimeZone>,
    /// When the first turn begins, on the layer's wall clock. Before it the layer covers nothing.
    pub start: DateTime,
    /// When the second turn begins, from which the others are counted; `None`: a whole turn after `start`. After `start`.
    pub handoff: Option<DateTime>,
    /// When the layer ends; `None`: never.
    pub end: Option<DateTime>,
    /// How long a turn is.
    pub turn: Turn,
    /// What passes the duty on.
    pub advance: Advance,
    /// When the layer covers anything.
    pub restrictions: Restrictions,
    /// The order of turns; not empty. `None` is an explicit nobody, who covers the layers below.
    pub people: Vec<Option<PersonId>>,
}

impl Layer {
    /// A layer without end and restrictions, on the schedule's wall clock.
    pub fn new(name: &str, start: DateTime, turn: Turn, people: Vec<Option<PersonId>>) -> Self {
        Self {
            name: name.into(),
            time_zone: None,
            start,
            handoff: None,
            end: None,
            turn,
            advance: Advance::EveryTurn,
            restrictions: Restrictions::default(),
            people,
        }
    }
}
