//! What escalation keeps between incidents: where each round robin stands.

use super::State;
use crate::model::{Change, Delivery, IncidentId, PolicyId};
use std::collections::BTreeMap;
use std::sync::Arc;

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

impl State {
    /// The pages of one incident to rooms that may still be sent.
    pub fn posts_of(&self, incident: IncidentId) -> impl Iterator<Item = &Arc<Delivery>> {
        self.deliveries.of(incident).filter(|delivery| delivery.is_post())
    }

    /// Where round robins stand.
    pub fn ladder(&self) -> &Ladder {
        &self.ladder
    }

    /// A copy of the run-time facts that decisions ask, without anything that happened: for trying out what would. Costs
    /// nothing for what is open.
    pub fn without_incidents(&self) -> Self {
        Self {
            quiet: self.quiet.clone(),
            duty: self.duty.clone(),
            profiles: self.profiles.clone(),
            ladder: self.ladder.clone(),
            paces: self.paces.clone(),
            last_incident: self.last_incident,
            people: self.people.clone(),
            swaps: self.swaps.clone(),
            watches: self.watches.clone(),
            ..Self::default()
        }
    }
}
