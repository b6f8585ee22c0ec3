//! Nights that broke a law once, each with a name that says which.

use crate::night::Night;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Passes a night, and answers whether it kept every law; one that did not says how to see it again.
pub(crate) fn pass(seed: u64) -> bool {
    let passed = catch_unwind(AssertUnwindSafe(|| Night::new(seed).pass())).is_ok();
    if !passed {
        eprintln!("seed {seed} broke a law; see it with: cargo xtask sim --seed {seed}");
    }
    passed
}
