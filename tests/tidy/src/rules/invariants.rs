//! Each invariant I1–I14 is named by a test: a test function whose name begins with `i01_` … `i14_`. Those still
//! without one stand in `tests/tidy/pending_invariants.txt`, which may only shrink.

use crate::{Finding, Tree, list, rust};
use std::collections::BTreeMap;

/// The invariants without a test so far.
pub const PENDING: &str = "tests/tidy/pending_invariants.txt";

/// Finds invariants nobody tests, and entries of the list that are no longer true.
pub fn check(tree: &Tree) -> Vec<Finding> {
    let tests = named(tree);
    let pending = list::read(tree.text(PENDING).unwrap_or(""));
    let mut found = Vec::new();
    for number in 1..=14 {
        let name = format!("I{number}");
        let entry = pending.iter().find(|entry| entry.key == name);
        match (tests.get(&number), entry) {
            (None, None) => found.push(Finding::on(
                "docs/architecture.md",
                format!("no test names {name}: write one whose name begins with `i{number:02}_`"),
            )),
            (Some(tests), Some(entry)) => found.push(Finding::at(
                PENDING,
                entry.line,
                format!("{name} is named by `{}` now: remove it here", tests[0]),
            )),
            _ => {}
        }
    }
    found
}

/// The tests that name each invariant, as `path::name`, by number.
pub fn named(tree: &Tree) -> BTreeMap<u32, Vec<String>> {
    let sources = rust::Tests::of(tree);
    let mut tests: BTreeMap<u32, Vec<String>> = BTreeMap::new();
    for file in tree.ending(".rs") {
        for (_, line) in sources.code(file) {
            let Some((_, rest)) = line.split_once("fn ") else { continue };
            let name = rust::words(rest).next().unwrap_or("");
            for number in numbers(name) {
                tests.entry(number).or_default().push(format!("{}::{name}", file.path));
            }
        }
    }
    tests
}

/// The numbers a test's name begins with: `i02_i03_survives` names two invariants.
fn numbers(name: &str) -> impl Iterator<Item = u32> + '_ {
    name.split('_').map_while(|part| {
        let digits = part.strip_prefix('i').filter(|digits| digits.len() == 2)?;
        digits.parse().ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wants_a_test_or_an_entry_but_not_both() {
        let entries: String = (3..=14).map(|n| format!("I{n}\n")).collect();
        let code = "#[cfg(test)]\nmod tests {\n    #[test]\n    fn i01_pure() {}\n    fn i03_i04_one_commit() {}\n    fn i2_x() {}\n}\n";
        let tree = Tree::of(&[("engine/src/a.rs", code), (PENDING, &entries)]);
        let found: Vec<String> = check(&tree).into_iter().map(|f| f.message).collect();
        assert_eq!(
            found,
            [
                "no test names I2: write one whose name begins with `i02_`",
                "I3 is named by `engine/src/a.rs::i03_i04_one_commit` now: remove it here",
                "I4 is named by `engine/src/a.rs::i03_i04_one_commit` now: remove it here",
            ]
        );
    }

    #[test]
    fn only_tests_count() {
        let tree = Tree::of(&[("engine/src/a.rs", "fn i01_not_a_test() {}\n// fn i02_said()\n")]);
        assert!(named(&tree).is_empty());
    }
}
