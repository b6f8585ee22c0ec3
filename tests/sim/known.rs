//! Nights that broke a law once, each with a name that says which.

use crate::night::Night;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

/// Passes a night; one that breaks a law says how to see it again.
pub(crate) fn pass(seed: u64) {
    if let Err(broken) = catch_unwind(AssertUnwindSafe(|| Night::new(seed).pass())) {
        eprintln!("seed {seed} broke a law; see it with: cargo xtask sim --seed {seed}");
        resume_unwind(broken);
    }
}
