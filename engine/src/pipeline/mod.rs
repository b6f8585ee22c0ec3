//! The one task that takes all inputs through the core's `decide`.

pub mod door;
