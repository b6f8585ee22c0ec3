//! Whom to tell, in which order, and how long each has to answer.

use super::{PolicyId, Target};
use jiff::SignedDuration;

/// One step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// All of them are told at once.
    pub targets: Vec<Target>,
    /// Unanswered this long, the next step follows. Positive.
    pub delay: SignedDuration,
}

/// Steps in order, gone through `1 + repeat` times before the fallback.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EscalationPolicy {
    /// Identity.
    pub id: PolicyId,
    /// May be empty only for the built-in policy of the fallback.
    pub steps: Vec<Step>,
    /// Further passes after the first.
    pub repeat: u32,
}
