//! What escalation keeps between incidents: where each round robin stands.

use crate::model::{Change, PolicyId};
use std::collections::BTreeMap;

/// Where the round robin of one step stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoundRobin {
    /// The policy.
    pub policy: PolicyId,
    /// The step, from 0.
    pub step: usize,
    /// The place with which the next incident begins: counted on, taken modulo the number of places.
    pub next: u32,
}

/// All of them. Bounded by the steps that were ever configured.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ladder {
    round_robins: BTreeMap<(PolicyId, usize), u32>,
}

impl Ladder {
    pub(super) fn apply(&mut self, change: &Change) {
        if let Change::RoundRobin(RoundRobin { policy, step, next }) = change {
            self.round_robins.insert((policy.clone(), *step), *next);
        }
    }

    /// The place with which the next incident begins in this step.
    pub fn next_place(&self, policy: &PolicyId, step: usize) -> u32 {
        self.round_robins.get(&(policy.clone(), step)).copied().unwrap_or_default()
    }
}
