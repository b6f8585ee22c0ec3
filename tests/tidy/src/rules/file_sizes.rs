//! A file has one idea: at most 400 lines before its tests. What is longer stands in `tests/tidy/ratchet.toml` with
//! its size, which may only shrink; 600 is the end. Files that are tests alone may have 1,000.

use crate::{Finding, Tree, list, rust};

/// The list of files that are longer than they should be.
pub const RATCHET: &str = "tests/tidy/ratchet.toml";
const WANTED: usize = 400;
const HARD: usize = 600;
const TESTS: usize = 1_000;
/// An entry may stand this far above its file before it must be lowered, so that small edits need not touch it.
const SLACK: usize = 20;

/// Finds files that grew.
pub fn check(tree: &Tree) -> Vec<Finding> {
    let entries = list::read(tree.text(RATCHET).unwrap_or(""));
    let tests = rust::Tests::of(tree);
    let mut found = Vec::new();
    for file in tree.ending(".rs") {
        let lines = file.text.lines().count();
        if tests.has(&file.path) {
            if lines > TESTS {
                found.push(Finding::on(
                    &file.path,
                    format!("{lines} lines of tests, at most {TESTS}: split it by promise"),
                ));
            }
            continue;
        }
        let lines = rust::lines_before_tests(&file.text);
        let entry = entries.iter().find(|entry| entry.key == file.path);
        let allowed = entry.and_then(|entry| entry.value.parse().ok()).unwrap_or(WANTED);
        if lines > HARD {
            found.push(Finding::on(
                &file.path,
                format!("{lines} lines before its tests, and {HARD} is the end: split it by idea"),
            ));
        } else if lines > allowed {
            found.push(Finding::on(
                &file.path,
                format!("{lines} lines before its tests, at most {allowed}: split it by idea"),
            ));
        }
    }
    for entry in &entries {
        let file = tree.files.iter().find(|file| file.path == entry.key);
        let lines = file.map_or(0, |file| rust::lines_before_tests(&file.text));
        let stale = match entry.value.parse::<usize>() {
            _ if file.is_none() => "is gone: remove its entry".to_owned(),
            Err(_) => "needs a number of lines".to_owned(),
            Ok(_) if lines <= WANTED => format!("has {lines} lines now: remove its entry"),
            Ok(allowed) if allowed > lines + SLACK => {
                format!("has {lines} lines now: lower its entry")
            }
            Ok(_) => continue,
        };
        found.push(Finding::at(RATCHET, entry.line, format!("`{}` {stale}", entry.key)));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(lines: usize, ratchet: &str) -> Vec<String> {
        let text = "x\n".repeat(lines) + "#[cfg(test)]\nmod tests {\n}\n";
        let tree = Tree::of(&[("engine/src/a.rs", &text), (RATCHET, ratchet)]);
        check(&tree).into_iter().map(|finding| finding.message).collect()
    }

    #[test]
    fn a_file_may_be_long_only_by_the_list_and_never_too_long() {
        assert_eq!(found(400, ""), Vec::<String>::new());
        assert_eq!(found(401, "").len(), 1);
        assert_eq!(found(450, "\"engine/src/a.rs\" = 450\n"), Vec::<String>::new());
        assert_eq!(found(451, "\"engine/src/a.rs\" = 450\n").len(), 1);
        assert_eq!(found(601, "\"engine/src/a.rs\" = 700\n").len(), 2);
    }

    #[test]
    fn the_list_only_shrinks() {
        assert_eq!(
            found(420, "\"engine/src/a.rs\" = 450\n"),
            ["`engine/src/a.rs` has 420 lines now: lower its entry"]
        );
        assert_eq!(
            found(300, "\"engine/src/a.rs\" = 450\n"),
            ["`engine/src/a.rs` has 300 lines now: remove its entry"]
        );
        assert_eq!(found(1, "\"gone.rs\" = 450\n"), ["`gone.rs` is gone: remove its entry"]);
    }

    #[test]
    fn tests_may_be_longer() {
        let long = "x\n".repeat(1_001);
        let tree = Tree::of(&[
            ("engine/core/src/step.rs", "#[cfg(test)]\nmod tests;\n"),
            ("engine/core/src/step/tests.rs", &long[..2_000]),
            ("engine/core/tests/laws.rs", &long),
        ]);
        assert_eq!(check(&tree).len(), 1);
    }
}
