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

/// Those who answered got the incident, as there was nobody else; a room that was told in the same decision rang on (I12).
#[test]
fn i12_nothing_that_was_decided_in_the_decision_that_ends_the_ringing_goes_out() {
    assert!(pass(16_976_200_087_362_541_811));
}

/// Pages that were taken back were counted twice, and a message was taken back with another incident's page in it (I7).
#[test]
fn i07_a_message_is_not_taken_back_while_it_holds_the_page_of_another_incident() {
    assert!(pass(6_634_008_470_742_516_673));
}
