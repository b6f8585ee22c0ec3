//! No test is ignored, and none sleeps: a test of the real binary waits for a condition with a deadline, through the
//! one helper; everything below it has a manual clock.

use crate::{Finding, Tree, rust};

/// The one place in tests that may sleep, between two looks at a condition.
pub const WAIT: &str = "tests/src/wait.rs";

/// Finds ignored and sleeping tests.
pub fn check(tree: &Tree) -> Vec<Finding> {
    let tests = rust::Tests::of(tree);
    let mut found = Vec::new();
    for file in tree.ending(".rs") {
        for (at, line) in rust::code(&file.text).iter().enumerate() {
            if line.contains("#[ignore") {
                found.push(Finding::at(
                    &file.path,
                    at + 1,
                    "an ignored test proves nothing: mend it, or assert what happens today with the issue's number",
                ));
            }
        }
        if file.path == WAIT {
            continue;
        }
        for (line, code) in tests.code(file) {
            if rust::words(&code).any(|word| word == "sleep" || word == "sleep_ms") {
                found.push(Finding::at(
                    &file.path,
                    line,
                    format!("a test that sleeps is slow and flaky: wait for the condition through {WAIT}, or move the clock"),
                ));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_sleeps_in_tests_only() {
        let product = "async fn f() { tokio::time::sleep(d).await }\n";
        let tests = format!(
            "{product}#[cfg(test)]\nmod tests {{\n    fn f() {{ std::thread::sleep(d) }}\n}}\n"
        );
        assert_eq!(check(&Tree::of(&[("engine/src/a.rs", product)])), []);
        assert_eq!(check(&Tree::of(&[("engine/src/a.rs", &tests)])).len(), 1);
        assert_eq!(check(&Tree::of(&[("tests/e2e/a.rs", product)])).len(), 1);
        assert_eq!(check(&Tree::of(&[(WAIT, product)])), []);
    }

    #[test]
    fn finds_ignored_tests_but_not_talk_of_them() {
        assert_eq!(check(&Tree::of(&[("a.rs", "#[test]\n#[ignore]\nfn f() {}\n")])).len(), 1);
        assert_eq!(
            check(&Tree::of(&[("a.rs", "// never #[ignore]\nlet x = \"#[ignore]\";\n")])),
            []
        );
    }
}
