//! What was decided about schedules at run time.

use super::Schedule;
use crate::model::{AbsenceId, OverrideId, PersonId, ScheduleId, TemporaryId};
use jiff::Timestamp;
use std::sync::Arc;

/// An exception that beats everything else. Of two that overlap, the one created later holds. It changes nothing before
/// it was created.
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

/// One shift of a temporary schedule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FixedShift {
    /// Who.
    pub person: PersonId,
    /// From.
    pub starts_at: Timestamp,
    /// Until, exclusive.
    pub ends_at: Timestamp,
}

/// Replaces all layers over `[starts_at, ends_at)` by fixed shifts: what none of them covers is a gap. Overrides beat it. Of
/// two that overlap, the one created later holds. It changes nothing before it was created.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Temporary {
    /// Identity.
    pub id: TemporaryId,
    /// Of which schedule.
    pub schedule: ScheduleId,
    /// Why, as shown: `Christmas`.
    pub name: String,
    /// From.
    pub starts_at: Timestamp,
    /// Until, exclusive.
    pub ends_at: Timestamp,
    /// Earliest first, apart from each other, inside the span.
    pub shifts: Vec<FixedShift>,
    /// When it was made.
    pub created_at: Timestamp,
    /// By whom, as shown.
    pub created_by: String,
}

/// A time in which a person is not there: a holiday, an illness.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Absence {
    /// Identity.
    pub id: AbsenceId,
    /// Whose.
    pub person: PersonId,
    /// From.
    pub starts_at: Timestamp,
    /// Until, exclusive.
    pub ends_at: Timestamp,
    /// Where it comes from: `manual`, or the name of an imported calendar, whose next import replaces it.
    pub source: String,
    /// Why, as shown; may be empty.
    pub summary: String,
    /// When it was made known. It passes no duty on before that.
    pub created_at: Timestamp,
    /// By whom, as shown.
    pub created_by: String,
}

/// One definition of a schedule and from when it holds, until the next one does.
#[derive(Clone, Debug, PartialEq)]
pub struct Revision {
    /// Of which schedule.
    pub schedule: ScheduleId,
    /// Counted up from 1 within the schedule; a later one holds later.
    pub number: u64,
    /// From when it holds; `None`: from ever.
    pub effective_from: Option<Timestamp>,
    /// When it was seen.
    pub recorded_at: Timestamp,
    /// What holds; `None`: the schedule was taken out of the configuration.
    pub definition: Option<Arc<Schedule>>,
}
