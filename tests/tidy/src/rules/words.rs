//! One word per thing (`docs/glossary.md`): the words we do not use, in prose, names of types and names of files.
//!
//! Prose is Markdown outside of code, and Rust comments. Where another system's own word must stand (its API, its documentation), the
//! file is listed in `tests/tidy/words_allowed.toml` with the word.

use crate::{Finding, Tree, list, markdown, rust};

/// The files in which a word may stand.
pub const ALLOWED: &str = "tests/tidy/words_allowed.toml";

/// (word, in lower case, as it must not stand in prose; what to say).
const PROSE: [(&str, &str); 8] = [
    ("alert group", "incident"),
    ("receiver", "channel (or integration, or contact method)"),
    ("rota", "schedule"),
    ("roster", "schedule"),
    ("handler", "the verb of what it does"),
    ("manager", "the noun of what it holds"),
    ("incident key", "dedup key"),
    ("runbook automation", "nothing: we do not build it"),
];

/// Ends of type names that say nothing.
const TYPES: [&str; 5] = ["Manager", "Handler", "Helper", "Util", "Utils"];

/// Names of files that collect what has no place.
const FILES: [&str; 8] =
    ["util", "utils", "helper", "helpers", "common", "misc", "manager", "handler"];

/// Finds words of others.
pub fn check(tree: &Tree) -> Vec<Finding> {
    let allowed = list::read(tree.text(ALLOWED).unwrap_or(""));
    let mut used = vec![false; allowed.len()];
    let mut found = Vec::new();
    // The glossary names the words, and so do these rules.
    let exempt = |path: &str| path == "docs/glossary.md" || path.starts_with("tests/tidy/");
    for file in tree.files.iter().filter(|file| !exempt(&file.path)) {
        let mut findings = Vec::new();
        if file.path.ends_with(".md") {
            for (number, line) in markdown::prose(&file.text) {
                prose(&file.path, number, &markdown::without_code(line), &mut findings);
            }
        } else if file.path.ends_with(".rs") {
            for (at, line) in rust::comments(&file.text).iter().enumerate() {
                prose(&file.path, at + 1, line, &mut findings);
            }
            for (at, line) in rust::code(&file.text).iter().enumerate() {
                types(&file.path, at + 1, line, &mut findings);
            }
            let stem = file.name().trim_end_matches(".rs");
            let is_mod = file.name() == "mod.rs";
            let parent = file.path.rsplit('/').nth(1).unwrap_or("");
            if FILES.contains(if is_mod { &parent } else { &stem }) {
                let message =
                    "a file is named after its idea; this name collects what has no place";
                findings.push((String::new(), Finding::on(&file.path, message)));
            }
        }
        for (word, finding) in findings {
            let entry =
                allowed.iter().position(|entry| entry.key == file.path && entry.value == word);
            match entry {
                Some(entry) => used[entry] = true,
                None => found.push(finding),
            }
        }
    }
    for (entry, used) in allowed.iter().zip(used) {
        if !used {
            let message = format!(
                "`{}` does not say `{}` any more: remove this line",
                entry.key, entry.value
            );
            found.push(Finding::at(ALLOWED, entry.line, message));
        }
    }
    found
}

fn prose(path: &str, number: usize, line: &str, found: &mut Vec<(String, Finding)>) {
    let lower = line.to_lowercase();
    for (word, instead) in PROSE {
        if stands_alone(&lower, word) {
            let message = format!("`{word}` is not our word: say {instead} (docs/glossary.md)");
            found.push((word.to_owned(), Finding::at(path, number, message)));
        }
    }
}

/// As a word of its own, the plural included.
fn stands_alone(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let letter = |c: char| c.is_alphanumeric() || c == '_';
        let after = line[at + word.len()..].trim_start_matches('s');
        !line[..at].chars().next_back().is_some_and(letter)
            && !after.chars().next().is_some_and(letter)
    })
}

fn types(path: &str, number: usize, line: &str, found: &mut Vec<(String, Finding)>) {
    let words: Vec<&str> = rust::words(line).collect();
    for pair in words.windows(2) {
        let declares = ["struct", "enum", "trait", "type", "mod"].contains(&pair[0]);
        let end = TYPES.into_iter().find(|end| pair[1].ends_with(end));
        if let (true, Some(end)) = (declares, end) {
            let message = format!("`{}`: `{end}` says nothing; name the thing (STYLE.md)", pair[1]);
            found.push((end.to_owned(), Finding::at(path, number, message)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(files: &[(&str, &str)]) -> Vec<String> {
        check(&Tree::of(files)).into_iter().map(|finding| finding.message).collect()
    }

    #[test]
    fn finds_other_systems_words() {
        assert_eq!(found(&[("docs/a.md", "An Alert Group has receivers.\n")]).len(), 2);
        assert_eq!(found(&[("a.rs", "//! Handlers.\npub struct PluginManager;\n")]).len(), 2);
        assert_eq!(
            found(&[("engine/src/utils.rs", "//! x\n"), ("engine/src/common/mod.rs", "//! y\n")])
                .len(),
            2
        );
    }

    #[test]
    fn knows_words_from_parts_of_words() {
        assert_eq!(
            found(&[("a.md", "Alertmanager rotates; rotation; error_handler()\n")]),
            Vec::<String>::new()
        );
        assert_eq!(
            found(&[("a.rs", "use tokio::sync::mpsc::Receiver;\nlet receiver = 1;\n")]),
            Vec::<String>::new()
        );
    }

    #[test]
    fn an_allowed_word_is_allowed_there_only_and_while_it_stands() {
        let allowed = "\"a.md\" = \"receiver\"\n";
        assert_eq!(
            found(&[("a.md", "Alertmanager's receiver\n"), (ALLOWED, allowed)]),
            Vec::<String>::new()
        );
        assert_eq!(found(&[("b.md", "Alertmanager's receiver\n"), (ALLOWED, allowed)]).len(), 2);
    }
}
