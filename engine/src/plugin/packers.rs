//! Packers between two batches: their memory stays mapped, so that a batch begins without asking the system for pages.
//! Bounded in number and in size.

use super::bounds;
use nightbell_plugin::packed::Packer;
use std::sync::{Mutex, PoisonError};

/// See the module.
#[derive(Default)]
pub(super) struct Packers {
    /// A std lock: held to push or pop only.
    idle: Mutex<Vec<Packer>>,
}

impl Packers {
    /// A packer with the memory of an earlier batch, if one lies here.
    pub(super) fn take(&self) -> Packer {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.pop().unwrap_or_default()
    }

    /// Keeps a packer for a later batch, unless it has grown large or enough are here.
    pub(super) fn give(&self, packer: Packer) {
        if packer.held_bytes() > bounds::PACKER_MAX_BYTES {
            return;
        }
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < bounds::JUDGES_AT_ONCE {
            idle.push(packer);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use nightbell_plugin::packed::PackedEvent;

    #[test]
    fn memory_is_kept_within_the_bounds() {
        let packers = Packers::default();
        let mut packer = packers.take();
        packer.begin(1);
        packer.push(&PackedEvent::trigger(&"x".repeat(1_000))).expect("fits");
        let held = packer.held_bytes();
        packers.give(packer);
        let mut again = packers.take();
        assert_eq!(again.held_bytes(), held);
        again.begin(1);
        assert!(again.is_empty(), "nothing of the last batch is left");
        again.push(&PackedEvent::trigger(&"x".repeat(bounds::PACKER_MAX_BYTES))).expect("fits");
        packers.give(again);
        assert!(packers.take().held_bytes() < held, "a large one is not kept");
        for _ in 0..bounds::JUDGES_AT_ONCE + 1 {
            packers.give(Packer::new());
        }
        assert_eq!(packers.idle.lock().expect("unharmed").len(), bounds::JUDGES_AT_ONCE);
    }
}
