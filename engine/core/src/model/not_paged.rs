//! Why somebody was not paged.

use super::{PersonId, Target, Urgency};

/// Why somebody was not paged (I6).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotPagedReason {
    /// The schedule has a gap.
    NobodyOnCall(Target),
    /// The person has no verified contact method.
    NoMethod(PersonId),
    /// The person's rules say nothing about this urgency.
    NoRule {
        /// Who.
        person: PersonId,
        /// How loud it is.
        urgency: Urgency,
    },
    /// The configuration no longer knows the target.
    UnknownTarget(Target),
    /// Already paged in this step.
    AlreadyInStep(PersonId),
    /// They have acknowledged; others are still to.
    HasAnswered(PersonId),
    /// It was another's turn in the step's round robin.
    NotTheirTurn(Target),
}
