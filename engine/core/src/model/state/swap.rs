//! Shift swaps: those that wait for an answer, and for a while those that are over.

use super::State;
use crate::model::{Change, PersonId, Swap, SwapId};
use std::collections::BTreeMap;
use std::sync::Arc;

/// All swaps, by id.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Swaps {
    swaps: BTreeMap<SwapId, Arc<Swap>>,
}

impl Swaps {
    /// Applies one change if it is one of these.
    pub(super) fn apply(&mut self, change: &Change) {
        match change {
            Change::Swap(swap) => {
                self.swaps.insert(swap.id.clone(), swap.clone());
            }
            Change::ForgetSwap(id) => drop(self.swaps.remove(id)),
            _ => {}
        }
    }

    /// One of them.
    pub fn get(&self, id: &SwapId) -> Option<&Arc<Swap>> {
        self.swaps.get(id)
    }

    /// All, by id.
    pub fn all(&self) -> impl Iterator<Item = &Arc<Swap>> {
        self.swaps.values()
    }

    /// How many offers of a person wait for an answer.
    pub fn open_of(&self, person: &PersonId) -> usize {
        self.all().filter(|swap| swap.is_open() && swap.from == *person).count()
    }
}

impl State {
    /// Shift swaps.
    pub fn swaps(&self) -> &Swaps {
        &self.swaps
    }
}
