//! Shift swaps: "take this shift of mine", perhaps in return for one of yours.
//!
//! ```text
//! offered ─accept─▶ accepted      the overrides are made in the same commit
//!    ├─decline (the named one)─▶ declined
//!    ├─withdraw (whose shift it is)─▶ withdrawn
//!    └─its time is over─▶ expired
//! ```

use super::{OverrideId, PersonId, ScheduleId, SwapId};
use jiff::{SignedDuration, Timestamp};

/// A span of a schedule: `[starts_at, ends_at)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DutySpan {
    /// Of which schedule.
    pub schedule: ScheduleId,
    /// From.
    pub starts_at: Timestamp,
    /// Until, exclusive.
    pub ends_at: Timestamp,
}

/// Where a swap stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SwapStatus {
    /// It waits for an answer.
    Offered,
    /// It is done.
    Accepted {
        /// Who took the shift.
        by: PersonId,
        /// When.
        at: Timestamp,
    },
    /// The named person does not want it.
    Declined {
        /// When.
        at: Timestamp,
    },
    /// Whoever offered it took it back.
    Withdrawn {
        /// When.
        at: Timestamp,
    },
    /// Nobody answered in time.
    Expired {
        /// When.
        at: Timestamp,
    },
}

impl SwapStatus {
    /// The word used in the API.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Offered => "offered",
            Self::Accepted { .. } => "accepted",
            Self::Declined { .. } => "declined",
            Self::Withdrawn { .. } => "withdrawn",
            Self::Expired { .. } => "expired",
        }
    }

    /// Since when it is over; `None` while it waits.
    pub fn ended_at(&self) -> Option<Timestamp> {
        match self {
            Self::Offered => None,
            Self::Accepted { at, .. }
            | Self::Declined { at }
            | Self::Withdrawn { at }
            | Self::Expired { at } => Some(*at),
        }
    }
}

/// An offer of a shift, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Swap {
    /// Identity.
    pub id: SwapId,
    /// Whose shift it is.
    pub from: PersonId,
    /// To whom it is offered; `None`: to anybody.
    pub to: Option<PersonId>,
    /// The shift.
    pub gives: DutySpan,
    /// A shift of `to` that `from` takes in return. Only with a named `to`.
    pub in_return: Option<DutySpan>,
    /// For whoever reads the offer; may be empty.
    pub note: String,
    /// Then it is over by itself; not after the earlier of the two shifts begins.
    pub expires_at: Timestamp,
    /// When it was made.
    pub created_at: Timestamp,
    /// By whom, as shown: `from`, or an admin.
    pub created_by: String,
    /// Where it stands.
    pub status: SwapStatus,
}

impl Swap {
    /// How long a swap that is over can still be read.
    pub const KEPT: SignedDuration = SignedDuration::from_hours(24 * 30);
    /// Longest span that can be offered.
    pub const SPAN_MAX: SignedDuration = SignedDuration::from_hours(24 * 92);
    /// Open offers of one person.
    pub const OPEN_MAX: usize = 50;
    /// Longest note, in bytes.
    pub const NOTE_MAX_BYTES: usize = 1_000;

    /// Whether it waits for an answer.
    pub fn is_open(&self) -> bool {
        self.status == SwapStatus::Offered
    }

    /// The overrides that accepting makes are named after it: first the shift given, then the one in return.
    pub fn override_id(&self, in_return: bool) -> OverrideId {
        // The letter comes first: ids are named by their beginning.
        let what = if in_return { 'r' } else { 's' };
        OverrideId::new(format!("{what}{}", self.id))
    }
}
