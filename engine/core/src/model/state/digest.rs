//! Where a key stands in the tables of the state. Their order is never read.
//!
//! The digest has no secret, for the core has no randomness. Whoever makes a hundred thousand keys that share their digest's
//! lowest bits (each costs a million hashes) makes finding one of them take some 50 µs: a table looks at 16 at a time.

use std::hash::{DefaultHasher, Hash, Hasher as _};

/// The same on every machine and after every restart.
pub(super) fn digest(key: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    key.hash(&mut hasher);
    hasher.finish()
}
