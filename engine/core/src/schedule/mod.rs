//! Who is on call: everything that was written down and decided about a schedule, resolved to shifts.
//!
//! [`calendar()`] is the one way to ask. From the top: an override beats everything, a temporary schedule replaces the layers, and
//! of the definition in force at the instant a later layer covers the earlier ones; an explicit nobody covers too. Of two
//! overrides or two temporary schedules the one made later holds. Nothing that is decided changes what was before it was
//! decided. Intervals are half-open. Turns count on wall clocks, so that a hand-off keeps its local hour; see [`boundary`].

mod calendar;
mod claim;
mod exception;
mod load;
mod overlap;
mod piece;
mod revise;
mod shifts;
mod turn;
mod wall;
mod window;

pub use calendar::{Calendar, Snapshot, calendar, snapshot};
pub use load::{Load, load};
pub use overlap::{Overlap, overlaps};
pub use revise::revise;
pub use shifts::Uncovered;
pub use wall::boundary;

#[cfg(test)]
mod tests;
