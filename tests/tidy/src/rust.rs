//! What of a Rust file is code, what is words, and where its tests begin. A reader of lines and tokens, not a
//! parser: enough for the rules, and never in the way of new syntax.

use crate::{File, Tree};

/// Code without comments and without the insides of string literals, one string per line of the file.
pub fn code(text: &str) -> Vec<String> {
    split(text).0
}

/// The words of comments (doc comments included), one string per line of the file.
pub fn comments(text: &str) -> Vec<String> {
    split(text).1
}

/// Lines before the first `#[cfg(test)]` at the left margin that opens a module in the file.
pub fn lines_before_tests(text: &str) -> usize {
    let lines: Vec<&str> = text.lines().collect();
    let opens = |at: usize| {
        let next = lines[at + 1..].iter().find(|line| !line.starts_with("#["));
        let is_module = next.is_some_and(|line| line.starts_with("mod ") && line.ends_with('{'));
        lines[at].starts_with("#[cfg(test)]") && is_module
    };
    (0..lines.len()).find(|at| opens(*at)).unwrap_or(lines.len())
}

/// Which files of a tree are tests as a whole.
#[derive(Clone, Debug)]
pub struct Tests {
    /// Paths without `.rs` of modules that some file declares under `#[cfg(test)]`.
    modules: Vec<String>,
}

impl Tests {
    /// Looks for modules that are compiled for tests only.
    pub fn of(tree: &Tree) -> Self {
        let mut modules = Vec::new();
        for file in tree.ending(".rs") {
            let folder = file.path.trim_end_matches(file.name());
            let below = match file.name() {
                "mod.rs" | "lib.rs" | "main.rs" => folder.to_owned(),
                name => format!("{folder}{}/", name.trim_end_matches(".rs")),
            };
            let lines: Vec<&str> = file.text.lines().collect();
            for pair in lines.windows(2).filter(|pair| pair[0] == "#[cfg(test)]") {
                let declared = pair[1].trim_start_matches("pub ").trim_start_matches("pub(crate) ");
                let name = declared.strip_prefix("mod ").and_then(|rest| rest.strip_suffix(';'));
                modules.extend(name.map(|name| format!("{below}{name}")));
            }
        }
        Self { modules }
    }

    /// Whether the whole file is tests.
    pub fn has(&self, path: &str) -> bool {
        let stem = path.trim_end_matches(".rs");
        let is = |module: &String| {
            stem.strip_prefix(module.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let own = path.starts_with("tests/") && !path.starts_with("tests/tidy/src/");
        own || path.contains("/tests/") || path.contains("/benches/") || self.modules.iter().any(is)
    }

    /// The lines of a file that are tests: (number from 1, code).
    pub fn code(&self, file: &File) -> Vec<(usize, String)> {
        let from = if self.has(&file.path) { 0 } else { lines_before_tests(&file.text) };
        code(&file.text)
            .into_iter()
            .enumerate()
            .skip(from)
            .map(|(at, line)| (at + 1, line))
            .collect()
    }
}

/// The identifiers of a line of code, in order.
pub fn words(line: &str) -> impl Iterator<Item = &str> {
    line.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty())
}

#[derive(Clone, Copy, PartialEq)]
enum In {
    Code,
    LineComment,
    BlockComment(u32),
    Text,
    /// Until a quote followed by so many hashes.
    RawText(usize),
}

fn split(text: &str) -> (Vec<String>, Vec<String>) {
    let (mut code, mut comment) = (vec![String::new()], vec![String::new()]);
    let chars: Vec<char> = text.chars().collect();
    let (mut state, mut at) = (In::Code, 0);
    while at < chars.len() {
        let c = chars[at];
        let next = chars.get(at + 1).copied().unwrap_or('\0');
        if c == '\n' {
            code.push(String::new());
            comment.push(String::new());
            state = if state == In::LineComment { In::Code } else { state };
            at += 1;
            continue;
        }
        let (now, step, is_comment) = advance(state, &chars, at, c, next);
        if is_comment {
            comment.last_mut().expect("starts with one line").push(c);
        } else if state == In::Code && now == In::Code {
            code.last_mut().expect("starts with one line").push(c);
        }
        state = now;
        at += step;
    }
    (code, comment)
}

/// The state after the character at `at`, how many characters that took, and whether it is a comment's.
fn advance(state: In, chars: &[char], at: usize, c: char, next: char) -> (In, usize, bool) {
    match state {
        In::Code => match (c, next) {
            ('/', '/') => (In::LineComment, 2, false),
            ('/', '*') => (In::BlockComment(1), 2, false),
            ('"', _) => (In::Text, 1, false),
            ('r', '"' | '#') if !at.checked_sub(1).is_some_and(|b| is_word(chars[b])) => {
                match raw_hashes(chars, at + 1) {
                    Some(hashes) => (In::RawText(hashes), hashes + 2, false),
                    None => (In::Code, 1, false),
                }
            }
            // A character literal may hold a quote; a lifetime has no second one.
            ('\'', '\\') => (In::Code, 1 + char_literal(chars, at), false),
            ('\'', _) if chars.get(at + 2) == Some(&'\'') => (In::Code, 3, false),
            _ => (In::Code, 1, false),
        },
        In::LineComment => (state, 1, true),
        In::BlockComment(depth) => match (c, next) {
            ('*', '/') if depth == 1 => (In::Code, 2, true),
            ('*', '/') => (In::BlockComment(depth - 1), 2, true),
            ('/', '*') => (In::BlockComment(depth + 1), 2, true),
            _ => (state, 1, true),
        },
        In::Text => match c {
            '\\' => (state, if next == '\n' { 1 } else { 2 }, false),
            '"' => (In::Code, 1, false),
            _ => (state, 1, false),
        },
        In::RawText(hashes) => {
            let ends = c == '"' && (1..=hashes).all(|n| chars.get(at + n) == Some(&'#'));
            if ends { (In::Code, hashes + 1, false) } else { (state, 1, false) }
        }
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn raw_hashes(chars: &[char], from: usize) -> Option<usize> {
    let hashes = chars[from..].iter().take_while(|c| **c == '#').count();
    (chars.get(from + hashes) == Some(&'"')).then_some(hashes)
}

fn char_literal(chars: &[char], at: usize) -> usize {
    let rest = &chars[at + 3..];
    rest.iter().take(12).position(|c| *c == '\'').map_or(0, |end| end + 3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_texts_are_not_code() {
        let text = "let a = \"tokio // x\"; // tokio\n/* tokio\n */ let b = r#\"to\"kio\"#; let c = '\"'; real();";
        let code = code(text).join("\n");
        assert!(!code.contains("tokio") && !code.contains("kio"), "{code}");
        assert!(code.contains("let a") && code.contains("real()"), "{code}");
        assert!(comments(text).join("\n").contains("tokio"));
    }

    #[test]
    fn lifetimes_and_escapes_do_not_open_texts() {
        let text = "fn f<'a>(x: &'a str) { g('\\'', '\\u{1F600}', \"\\\"\"); h() }";
        assert!(code(text)[0].contains("h()"), "{}", code(text)[0]);
    }

    #[test]
    fn tests_begin_at_their_module() {
        let text = "fn a() {}\n#[cfg(test)]\nfn only_in_tests() {}\n#[cfg(test)]\n#[path = \"x\"]\nmod tests {\n}\n";
        assert_eq!(lines_before_tests(text), 3);
        assert_eq!(lines_before_tests("fn a() {}\n"), 1);
        assert_eq!(lines_before_tests("#[cfg(test)]\nmod elsewhere;\nfn a() {}\n"), 3);
    }

    #[test]
    fn a_module_declared_for_tests_is_tests() {
        let tests = Tests::of(&Tree::of(&[
            ("engine/src/store/mod.rs", "#[cfg(test)]\nmod conformance;\nmod disk;\n"),
            ("engine/src/step.rs", "#[cfg(test)]\nmod tests;\n"),
        ]));
        for path in [
            "engine/src/store/conformance.rs",
            "engine/src/store/conformance/pages.rs",
            "engine/src/step/tests.rs",
            "engine/core/tests/laws.rs",
            "tests/e2e/main.rs",
        ] {
            assert!(tests.has(path), "{path}");
        }
        for path in
            ["engine/src/store/disk.rs", "engine/src/store/conformances.rs", "engine/src/a.rs"]
        {
            assert!(!tests.has(path), "{path}");
        }
    }
}
