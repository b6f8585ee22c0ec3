//! One file per rule. Each has `pub fn check`, which answers what is wrong.

pub mod core_is_pure;
pub mod file_sizes;
pub mod invariants;
pub mod links;
pub mod module_docs;
pub mod no_waiting;
pub mod places;
pub mod wit_digest;
pub mod words;
