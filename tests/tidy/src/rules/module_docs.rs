//! Every Rust file opens with `//!` (or an included page): what it answers, and what it never does. Files of tests that
//! belong to one module may leave that to the module.

use crate::{Finding, Tree, rust};

/// Finds files that do not say what they are for.
pub fn check(tree: &Tree) -> Vec<Finding> {
    let tests = rust::Tests::of(tree);
    let undocumented = tree.ending(".rs").filter(|file| {
        let of_a_module = file.path.contains("/src/") && tests.has(&file.path);
        let first = file.text.lines().find(|line| !line.trim().is_empty());
        let opens =
            |line: &str| line.starts_with("//!") || line.starts_with("#![doc = include_str!");
        !of_a_module && !first.is_some_and(opens)
    });
    undocumented
        .map(|file| {
            Finding::at(
                &file.path,
                1,
                "open the file with `//!`: what it answers, what it never does",
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_must_open_with_its_purpose() {
        let tree = Tree::of(&[
            ("a.rs", "//! Says who is on call.\n"),
            ("b.rs", "use x;\n//! late\n"),
            ("c.rs", ""),
        ]);
        let paths: Vec<String> = check(&tree).into_iter().map(|f| f.path).collect();
        assert_eq!(paths, ["b.rs", "c.rs"]);
    }
}
