//! I1: the core reads no clock, environment, disk, network or randomness, and its order is never a hash's.
//!
//! Cargo keeps most of it (the core does not depend on tokio); this rule keeps the rest: std's own doors, and the
//! list of dependencies itself.

use crate::list::table_keys;
use crate::{Finding, Tree, rust};

const SOURCES: &str = "engine/core/src/";
const MANIFEST: &str = "engine/core/Cargo.toml";

/// What the core may stand on. A new name here needs a reason in the pull request: it must be pure itself. `hashbrown` is here
/// for its `HashTable`, which takes digests and has no hasher, hence no seed; its order is never read.
const DEPENDENCIES: [&str; 7] =
    ["hashbrown", "jiff", "regex-lite", "serde", "serde_json", "thiserror", "uuid"];

/// Words that no line of the core's code may hold, and why.
const WORDS: [(&str, &str); 13] = [
    ("tokio", "the core never waits"),
    ("async", "the core never waits"),
    ("rand", "randomness comes in as a value"),
    ("getrandom", "randomness comes in as a value"),
    ("new_v4", "ids come in as values or are derived"),
    ("now_v7", "ids come in as values or are derived"),
    ("SystemTime", "`now` comes in as a value"),
    ("Instant", "`now` comes in as a value"),
    ("HashMap", "its order differs from run to run: use BTreeMap"),
    ("HashSet", "its order differs from run to run: use BTreeSet"),
    ("RandomState", "it is seeded at random"),
    ("thread_local", "the core keeps nothing between calls"),
    ("Mutex", "the core keeps nothing between calls"),
];

/// Modules of std that reach outside.
const STD: [&str; 7] = ["fs", "net", "env", "process", "thread", "io", "os"];

/// Finds impure code and new dependencies.
pub fn check(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for file in tree.files.iter().filter(|file| file.path.starts_with(SOURCES)) {
        let code = rust::code(&file.text);
        for (at, line) in code.iter().enumerate() {
            for (word, why) in impure_words(line) {
                found.push(Finding::at(
                    &file.path,
                    at + 1,
                    format!("`{word}` in the core: {why} (I1)"),
                ));
            }
        }
        for (line, module) in std_modules(&code) {
            found.push(Finding::at(
                &file.path,
                line,
                format!("`std::{module}` in the core: it reaches outside; do it in the shell (I1)"),
            ));
        }
    }
    for (line, name) in table_keys(tree.text(MANIFEST).unwrap_or(""), "dependencies") {
        if !DEPENDENCIES.contains(&name.as_str()) {
            found.push(Finding::at(
                MANIFEST,
                line,
                format!(
                    "the core may not depend on `{name}`: it stands on {} (I1)",
                    DEPENDENCIES.join(", ")
                ),
            ));
        }
    }
    found
}

fn impure_words(line: &str) -> Vec<(&'static str, &'static str)> {
    let here: Vec<&str> = rust::words(line).collect();
    let mut found: Vec<_> = WORDS.into_iter().filter(|(word, _)| here.contains(word)).collect();
    if line.contains("Timestamp::now") || line.contains("Zoned::now") {
        found.push(("now", "`now` comes in as a value"));
    }
    found
}

/// `std::fs` and the members of `use std::{…}`, over line ends.
fn std_modules(code: &[String]) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut open = false;
    for (at, line) in code.iter().enumerate() {
        let words: Vec<&str> = rust::words(line).collect();
        open |= line.contains("use std::{");
        for (index, word) in words.iter().enumerate() {
            let after_std = index > 0 && words[index - 1] == "std";
            if STD.contains(word) && (open || after_std) {
                found.push((at + 1, (*word).to_owned()));
            }
        }
        open &= !line.contains(';');
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(code: &str) -> usize {
        check(&Tree::of(&[("engine/core/src/x.rs", code)])).len()
    }

    #[test]
    fn finds_every_way_out() {
        for code in [
            "use std::fs;",
            "let x = std::env::var(\"X\");",
            "use std::{collections::BTreeMap,\n    fs,\n};",
            "let now = jiff::Timestamp::now();",
            "use std::collections::HashMap;",
            "async fn f() {}",
            "let at = std::time::SystemTime::now();",
        ] {
            assert_eq!(findings(code), 1, "{code}");
        }
    }

    #[test]
    fn lets_pure_code_and_words_about_it_be() {
        assert_eq!(
            findings(
                "//! Never tokio, never std::fs.\nuse std::{collections::BTreeMap, sync::Arc};\nlet operand = \"rand\";"
            ),
            0
        );
    }

    #[test]
    fn finds_a_new_dependency() {
        let manifest = "[dependencies]\njiff.workspace = true\nchrono = \"0.4\"\n[dev-dependencies]\nproptest.workspace = true\n";
        let found = check(&Tree::of(&[(MANIFEST, manifest)]));
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].line, 3);
    }
}
