//! The packed batch: how many events cross the plugin boundary in two allocations.
//! The engine packs with [`Packer`]; filters and routers read through [`EventRef`]. Nothing here allocates per
//! event on the reading side, and nothing here knows the component model.
//!
//! A batch is an *arena* (one run of UTF-8 text) and an *index* (32-bit words). Every string is a pair of words
//! (offset, length) into the arena, so that a patch only appends text and a dropped event only leaves the list:
//!
//! ```text
//! index[0]               n, the number of live events
//! index[1]               capacity, at least n
//! index[2 .. 2+capacity] the first word of each live event's block; only the first n are valid
//! block                  head (27 words), labels (4 words each), attributes (4), links (4), images (6)
//! ```
//!
//! `docs/reference/packed-batch.md` has the whole table for authors of other SDKs.

mod block;
mod event_ref;
mod input;
mod packer;
mod random;
mod signal;
mod text;

pub use event_ref::{Batch, EventRef, Malformed, Pairs, Triples};
pub use input::{Head, Packable, PackedEvent, Rewrite};
pub use packer::{PackError, Packer};
pub use random::Random;
pub use signal::{EventKind, Severity};

#[cfg(test)]
mod tests;
