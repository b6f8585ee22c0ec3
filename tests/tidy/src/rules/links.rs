//! Every relative link of a Markdown file leads to a file, and its anchor to a heading.

use crate::markdown::{prose, without_code};
use crate::{Finding, Tree};
use std::collections::BTreeMap;

/// Finds links into nothing.
pub fn check(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for file in tree.ending(".md") {
        for (line, target) in targets(&file.text) {
            if let Err(message) = follow(tree, &file.path, &target) {
                found.push(Finding::at(&file.path, line, message));
            }
        }
    }
    found
}

fn follow(tree: &Tree, from: &str, target: &str) -> Result<(), String> {
    let (path, anchor) = target.split_once('#').unwrap_or((target, ""));
    let to = match path {
        "" => from.to_owned(),
        path => resolve(from, path).ok_or_else(|| format!("`{target}` leaves the repository"))?,
    };
    if !tree.has(&to) {
        return Err(format!("`{target}` leads nowhere: there is no `{to}`"));
    }
    match tree.text(&to) {
        Some(text)
            if !anchor.is_empty()
                && to.ends_with(".md")
                && !anchors(text).contains(&anchor.to_owned()) =>
        {
            Err(format!("`{target}`: `{to}` has no heading `#{anchor}`"))
        }
        _ => Ok(()),
    }
}

/// The path from the root; `None` above it.
fn resolve(from: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    if path.starts_with('/') {
        parts.clear();
    }
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// (line, target) of each link to a place in the tree. Code is not looked at.
fn targets(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (number, line) in prose(text) {
        let line = without_code(line);
        let mut rest = line.as_str();
        while let Some((_, after)) = rest.split_once("](") {
            let target = after.split([')', ' ']).next().unwrap_or("");
            found.push((number, target.trim_matches(['<', '>']).to_owned()));
            rest = after;
        }
        // `[name]: target` definitions.
        if let Some((_, target)) = line.strip_prefix('[').and_then(|l| l.split_once("]: ")) {
            found.push((number, target.split(' ').next().unwrap_or("").to_owned()));
        }
    }
    found.retain(|(_, target)| {
        let outside = target.contains("://") || target.starts_with("mailto:");
        // Paths of Rust items in documentation that rustdoc checks.
        !outside && !target.contains("::") && !target.is_empty()
    });
    found
}

/// The anchors of a page as code hosts and book builders make them.
fn anchors(text: &str) -> Vec<String> {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let mut found = Vec::new();
    for (_, line) in prose(text) {
        let hashes = line.chars().take_while(|c| *c == '#').count();
        if hashes == 0 || hashes > 6 || !line[hashes..].starts_with(' ') {
            continue;
        }
        let slug = slug(line[hashes..].trim());
        let count = seen.entry(slug.clone()).or_default();
        found.push(if *count == 0 { slug } else { format!("{slug}-{count}") });
        *count += 1;
    }
    found
}

fn slug(heading: &str) -> String {
    let kept = heading.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.map(|c| if c == ' ' { '-' } else { c }).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<String> {
        let tree = Tree::of(&[
            ("docs/a.md", text),
            ("docs/b.md", "# One event's life\n## Twice\n## Twice\n```\n# not a heading\n```\n"),
            ("README.md", ""),
            ("engine/src/lib.rs", ""),
        ]);
        check(&tree).into_iter().map(|finding| finding.message).collect()
    }

    #[test]
    fn good_links_are_good() {
        let text = "[b](b.md) [r](../README.md) [d](../engine/src) [h](b.md#one-events-life) [2](b.md#twice-1)\n\
                    [web](https://example.org/x) `[code](nowhere.md)`\n```\n[c](nowhere.md)\n```\n# Here\n[here](#here)\n[x]: b.md\n";
        assert_eq!(found(text), Vec::<String>::new());
    }

    #[test]
    fn bad_links_are_found() {
        for text in [
            "[x](c.md)",
            "[x](b.md#nothing)",
            "[x](#nothing)",
            "[x](../../up.md)",
            "[x]: c.md",
            "[x](b.md#not-a-heading)",
        ] {
            assert_eq!(found(text).len(), 1, "{text}");
        }
    }
}
