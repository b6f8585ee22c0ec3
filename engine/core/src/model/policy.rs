//! Whom to tell, in which order, and how long each has to answer.

use super::{Hours, PolicyId, Priority, Target, Urgency};
use jiff::SignedDuration;

/// Whom of a step's targets an incident tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StepStrategy {
    /// All of them, at once.
    #[default]
    All,
    /// One: each new incident begins with the next, and each further pass goes on from there. A team stands for its
    /// members. Who cannot be reached is passed over.
    RoundRobin,
}

/// On which side of the service's support hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Within them. Also for a service without support hours.
    Inside,
    /// Not within them.
    Outside,
}

/// When a step tells anybody: all of it must hold as its turn comes, in each pass anew.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Conditions {
    /// The incident is as loud as this.
    pub urgency: Option<Urgency>,
    /// Its priority is one of these; empty: whatever it is. An incident without one has none of them.
    pub priorities: Vec<Priority>,
    /// It is this side of the service's support hours, as they were when the incident opened.
    pub support_hours: Option<Side>,
    /// It is within these.
    pub hours: Option<Hours>,
    /// At least so many of its alerts fire.
    pub alerts: Option<u32>,
}

/// One step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Whom it tells.
    pub targets: Vec<Target>,
    /// Unanswered this long, the next step follows. Positive.
    pub delay: SignedDuration,
    /// All of them, or one.
    pub strategy: StepStrategy,
    /// When it does.
    pub conditions: Conditions,
    /// How many people must acknowledge once it is reached, when more than the policy says. At least 1.
    pub acknowledgements: Option<u32>,
}

impl Step {
    /// A step that tells all of its targets, whatever holds.
    pub fn new(targets: Vec<Target>, delay: SignedDuration) -> Self {
        Self {
            targets,
            delay,
            strategy: StepStrategy::All,
            conditions: Conditions::default(),
            acknowledgements: None,
        }
    }
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
    /// How many people must acknowledge. At least 1.
    pub acknowledgements: u32,
    /// Acknowledged this long and not resolved, it rings again from step 1; not while it is snoozed. `None`: never.
    pub acknowledge_timeout: Option<SignedDuration>,
    /// Without a new event and untouched for this long, it resolves; not while it is snoozed. `None`: never.
    pub resolve_after: Option<SignedDuration>,
    /// While a step or the fallback waits, its people are paged again after each of these; the last repeats. Empty: not.
    pub repage: Vec<SignedDuration>,
}

impl EscalationPolicy {
    /// A policy without further options.
    pub fn new(id: PolicyId, steps: Vec<Step>, repeat: u32) -> Self {
        Self {
            id,
            steps,
            repeat,
            acknowledgements: 1,
            acknowledge_timeout: None,
            resolve_after: None,
            repage: Vec::new(),
        }
    }

    /// How long after the last page of a phase the people are paged again, when they were `repaged` times already.
    pub fn repage_after(&self, repaged: u32) -> Option<SignedDuration> {
        let place = usize::try_from(repaged).unwrap_or(usize::MAX);
        self.repage.get(place).or(self.repage.last()).copied()
    }
}
