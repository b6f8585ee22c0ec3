//! What of a configuration's text may be shown. Deny by default: a value is shown only after a key that is
//! known to hold no secret, so that a misspelt `pasword = "…"` or a broken line shows none either.
//!
//! It reads characters, not TOML: it must also hold for text that is no TOML.

use std::ops::Range;

/// Keys whose values are shown.
const SHOWN: &[&str] = &[
    "acknowledge_timeout",
    "acknowledgements",
    "advance",
    "alerts",
    "allow_private",
    "burst",
    "certificate",
    "channel",
    "cpu_ms",
    "data",
    "days",
    "delay",
    "effective_from",
    "email",
    "enabled",
    "end",
    "env",
    "escalation_policy",
    "fallback",
    "file",
    "from",
    "handoff",
    "hosts",
    "id",
    "in_body",
    "inside",
    "language",
    "listen",
    "mail",
    "max",
    "members",
    "memory_mib",
    "name",
    "on_absence",
    "order",
    "outside",
    "parser",
    "people",
    "plugins",
    "priority",
    "public_url",
    "recurring_max",
    "reopen_within",
    "repage",
    "repeat",
    "required",
    "resolve_after",
    "rest",
    "restrict",
    "server",
    "service",
    "sha256",
    "signature",
    "start",
    "state",
    "strategy",
    "subscribers",
    "support_hours",
    "targets",
    "team",
    "time_zone",
    "tls",
    "to",
    "turn",
    "urgency",
    "urgent_window_max",
    "username",
    "wall_ms",
    "window",
    "window_max",
    "windows",
];
/// Tables in which every key is the user's own, so that no name in them can be known to be harmless.
const OWN_KEYS: &[&str] = &["settings"];
/// Longest word that is shown where a key was expected.
const WORD_MAX_BYTES: usize = 16;

/// A stretch that must not be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Hidden {
    /// In bytes, without the quotes around it.
    pub(super) range: Range<usize>,
    /// What stands in its place.
    pub(super) instead: &'static str,
}

/// Returns what must not be shown of `text`, in order and apart: values as `***`, comments as nothing (they may hold
/// what was commented out).
pub(super) fn hidden(text: &str) -> Vec<Hidden> {
    let mut scan = Scan { text, ..Scan::default() };
    while scan.at < text.len() {
        scan.line();
    }
    scan.hidden
}

#[derive(Default)]
struct Scan<'t> {
    text: &'t str,
    at: usize,
    /// Whether the value we are in may be shown.
    shown: bool,
    /// Whether a value has ended and nothing has parted it from the next: a quote is missing or too many.
    spent: bool,
    /// Whether the table we are in has the user's own keys.
    own_table: bool,
    /// Depth of brackets at which a value with the user's own keys began.
    own: Option<usize>,
    /// Open brackets.
    open: Vec<char>,
    hidden: Vec<Hidden>,
}

impl Scan<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn skip(&mut self, wanted: impl Fn(char) -> bool) {
        self.at += self.rest().find(|c| !wanted(c)).unwrap_or(self.rest().len());
    }

    /// From a line's start, outside of any value, to the start of the next line that is.
    fn line(&mut self) {
        self.skip(is_blank);
        self.own = None;
        self.open.clear();
        self.shown = false;
        match self.peek() {
            Some('[') => self.header(),
            Some('\n' | '#') | None => {}
            Some(_) => {
                let start = self.at;
                if self.key() {
                    return self.value();
                }
                // A first word helps to see what is wrong; a long one may be a value that lost its key.
                if self.at - start > WORD_MAX_BYTES {
                    self.at = start;
                }
            }
        }
        self.hide_line();
    }

    /// `[table]`: its name is shown, unless it is a list that has lost its key.
    fn header(&mut self) {
        let start = self.at;
        self.skip(|c| c == '[');
        let name = self.at;
        self.skip(|c| is_bare(c) || is_blank(c) || matches!(c, '.' | '"'));
        let names = &self.text[name..self.at];
        let is_value =
            names.contains('"') && names.split('"').any(|part| part.len() > WORD_MAX_BYTES);
        if self.peek() != Some(']') || is_value {
            self.at = name;
        }
        self.skip(|c| c == ']');
        self.own_table = OWN_KEYS.iter().any(|own| self.text[start..self.at].contains(own));
    }

    /// Reads `a.b.c =`. False when there is none; `at` is then where the doubt begins.
    fn key(&mut self) -> bool {
        let (mut own, mut known) = (false, true);
        loop {
            self.skip(is_blank);
            let Some(name) = self.key_part() else { return false };
            self.skip(is_blank);
            own |= OWN_KEYS.contains(&name.as_str());
            known &= SHOWN.contains(&name.as_str());
            match self.peek() {
                Some('.') => self.at += 1,
                Some('=') => {
                    self.at += 1;
                    if own {
                        self.own.get_or_insert(self.open.len());
                    }
                    let is_own = self.own_table || self.own.is_some();
                    self.shown = known && !is_own;
                    self.spent = false;
                    return true;
                }
                _ => return false,
            }
        }
    }

    fn key_part(&mut self) -> Option<String> {
        let start = self.at;
        let quote = self.peek().filter(|c| matches!(c, '"' | '\''));
        let Some(quote) = quote else {
            self.skip(is_bare);
            return (self.at > start).then(|| self.text[start..self.at].to_owned());
        };
        let end = self.end_of_string(start + 1, quote);
        let after = self.text[end..].strip_prefix(quote)?;
        if !after.trim_start_matches(is_blank).starts_with(['.', '=']) {
            return None;
        }
        self.at = end + 1;
        Some(self.text[start + 1..end].to_owned())
    }

    /// A value, to the end of the line on which no bracket is open.
    fn value(&mut self) {
        while let Some(c) = self.peek() {
            match c {
                '\n' if self.open.is_empty() => {
                    self.at += 1;
                    return;
                }
                '#' => self.hide_line(),
                '[' | '{' => {
                    self.open.push(c);
                    self.at += 1;
                }
                ']' | '}' => {
                    self.open.pop();
                    self.shown = false;
                    self.at += 1;
                    self.own = self.own.filter(|own| *own < self.open.len());
                }
                ',' => {
                    self.spent = false;
                    self.shown &= self.open.last() == Some(&'[');
                    self.at += 1;
                }
                '=' => {
                    self.shown = false;
                    self.at += 1;
                }
                '\n' => {
                    self.shown &= self.open.last() == Some(&'[');
                    self.at += 1;
                }
                '\r' | ' ' | '\t' => self.at += 1,
                _ if self.at_key() => {
                    // An unclosed list reaches into the next lines; elsewhere no key may stand, and none is believed.
                    let may_stand = self.open.last() == Some(&'{') || self.is_first_of_line();
                    self.key();
                    self.shown &= may_stand;
                }
                '"' | '\'' => {
                    self.string(c);
                    self.spent = true;
                }
                _ => {
                    self.bare();
                    self.spent = true;
                }
            }
        }
    }

    /// Whether `key =` or `key.x =` begins here.
    fn at_key(&self) -> bool {
        let mut ahead = Scan { text: self.text, at: self.at, ..Scan::default() };
        ahead.key()
    }

    fn is_first_of_line(&self) -> bool {
        self.text[..self.at].trim_end_matches(is_blank).ends_with('\n')
    }

    /// What may have lost a quote and reach over other keys is hidden: texts of several lines, and with `=` in them.
    fn string(&mut self, quote: char) {
        let triple: String = [quote; 3].iter().collect();
        let start = self.at;
        if self.rest().starts_with(&triple) {
            let end = self.text[start + 3..].find(&triple).map(|at| start + 3 + at);
            let end = end.unwrap_or(self.text.len());
            self.hide(start + 3..end);
            self.at = (end + 3).min(self.text.len());
        } else {
            let end = self.end_of_string(start + 1, quote);
            let is_closed = self.text[end..].starts_with(quote);
            if self.spent || !self.shown || self.text[start..end].contains('=') {
                self.hide(start + 1..end);
            }
            self.at = end + usize::from(is_closed);
        }
    }

    /// Where a text of one line ends: at its quote, or unclosed at the line's end.
    fn end_of_string(&self, from: usize, quote: char) -> usize {
        let mut escaped = false;
        for (at, c) in self.text[from..].char_indices() {
            match c {
                '\n' => return from + at,
                _ if escaped => escaped = false,
                '\\' if quote == '"' => escaped = true,
                _ if c == quote => return from + at,
                _ => {}
            }
        }
        self.text.len()
    }

    fn bare(&mut self) {
        let start = self.at;
        self.skip(|c| !" \t\r\n,[]{}#\"'".contains(c));
        if self.spent || !self.shown {
            self.hide(start..self.at);
        }
    }

    /// Hides what is left of the line and, outside of brackets, goes to the next.
    fn hide_line(&mut self) {
        self.skip(is_blank);
        let line = self.rest().split('\n').next().unwrap_or_default();
        let (kept, end) = (line.trim_end().len(), line.len());
        let comment = line.starts_with('#');
        let range = self.at..self.at + kept;
        if !range.is_empty() {
            self.hidden.push(Hidden { range, instead: if comment { "" } else { "***" } });
        }
        self.at = (self.at + end + usize::from(!comment)).min(self.text.len());
    }

    fn hide(&mut self, range: Range<usize>) {
        if !range.is_empty() {
            self.hidden.push(Hidden { range, instead: "***" });
        }
    }
}

fn is_blank(c: char) -> bool {
    c == ' ' || c == '\t'
}

fn is_bare(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '-'
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        let mut out = String::new();
        let mut at = 0;
        for hidden in hidden(text) {
            out.push_str(&text[at..hidden.range.start]);
            out.push_str(hidden.instead);
            at = hidden.range.end;
        }
        out + &text[at..]
    }

    #[test]
    fn only_values_of_harmless_keys_are_shown() {
        for (text, expected) in [
            ("id = \"bob\"", "id = \"bob\""),
            ("key = \"s3cret\"", "key = \"***\""),
            ("key = s3cret", "key = ***"),
            (
                "keys = [\n  \"s3cret\", # old\n  's3cret',\n]\nid = \"x\"",
                "keys = [\n  \"***\", \n  '***',\n]\nid = \"x\"",
            ),
            ("key = { env = \"KEY\" }", "key = { env = \"KEY\" }"),
            ("pasword = \"s3cret\"", "pasword = \"***\""),
            ("pasword: s3cret", "pasword***"),
            ("password \"s3cret\"", "password ***"),
            ("\"id\" = \"bob\"", "\"id\" = \"bob\""),
            ("name = \"\"\"\ns3cret\nkey = \"s3cret\"", "name = \"\"\"***"),
            (
                "targets = [\"person:bob\"\nkey = \"s3cret\"",
                "targets = [\"person:bob\"\nkey = \"***\"",
            ),
            ("a = { env = \"A\", \"x\" = \"s3cret\" }", "a = { env = \"A\", \"x\" = \"***\" }"),
            (
                "settings = { name = \"s3cret\" }\nname = \"x\"",
                "settings = { name = \"***\" }\nname = \"x\"",
            ),
            ("settings.name = { id = \"s3cret\" }", "settings.name = { id = \"***\" }"),
            (
                "[plugin.x.settings]\nname = \"s3cret\"\n[mail]\nname = \"x\"",
                "[plugin.x.settings]\nname = \"***\"\n[mail]\nname = \"x\"",
            ),
            ("key = id = \"s3cret\"", "key = id = \"***\""),
            ("keys = [id = \"s3cret\"]", "keys = [id = \"***\"]"),
            ("id = \"b\" # s3cret", "id = \"b\" "),
            ("# s3cret\nid = \"b\"", "\nid = \"b\""),
            ("id = \"b\\\"#\"\nkey = \"s3cret", "id = \"b\\\"#\"\nkey = \"***"),
            ("[mail] # s3cret\nid = 1", "[mail] \nid = 1"),
            ("key =\n0123456789abcdef0123456789abcdef", "key =\n***"),
            ("= \"s3cret\"", "***"),
        ] {
            assert_eq!(shown(text), expected, "of {text}");
        }
    }

    const SECRET: &str = "canary7canary7canary7canary7cana";

    proptest::proptest! {
        /// Whatever is typed into a file hides no less. The letters make no harmless key of a secret's one.
        #[test]
        fn typing_into_a_file_shows_no_secret(
            edits in proptest::collection::vec(
                (proptest::prelude::any::<proptest::sample::Index>(), "[\\[\\]{}\"'#.,:\n\t abkx\\\\]{1,4}"),
                0..4,
            ),
        ) {
            let mut text = format!(
                "id = \"a\"\npeople = [\"a\", \"b\"]\nkey = \"{SECRET}\" # x\nkeys = [\n  '{SECRET}',\n]\nname = '''b'''\n\
                 [mail]\npassword = \"{SECRET}\"\nfrom = \"a\"\nsecrets = {{ env = {{ file = \"x\" }}, b = \"{SECRET}\" }}\n"
            );
            for (at, typed) in edits {
                text.insert_str(at.index(text.len()), &typed);
            }
            proptest::prop_assert!(!shown(&text).contains(SECRET), "of {text}");
        }
    }
}
