//! Finds a key at the top level of a JSON body without parsing the body.
//!
//! One pass over bytes that are bounded already (`limits::BODY_MAX_BYTES`), without recursion and without an
//! allocation per nesting, so that neither depth nor size of the rest matters, nor where in the object the key
//! stands, nor the white space around it. It is no validator: what comes after the wanted member may be broken,
//! and the parser will say so.

use std::ops::Range;

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Scan {
    /// The last member of this name (as JSON parsers have it), and where all of them are, quotes included.
    Found {
        /// Its value, escapes resolved; empty when it is no string.
        value: String,
        /// The values to replace.
        spans: Vec<Range<usize>>,
    },
    /// An object without this member.
    Missing,
    /// No JSON object, or broken before the member was found.
    Broken,
}

/// Looks for the member `name` of the outermost object.
pub(super) fn top_level(body: &[u8], name: &str) -> Scan {
    let start = if body.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    let mut scanner = Scanner { body, at: start };
    let mut found: Option<(String, Vec<Range<usize>>)> = None;
    let whole = scanner.object(|key, span| {
        if key != name {
            return;
        }
        let value = string_value(&body[span.clone()]).unwrap_or_default();
        let (last, spans) = found.get_or_insert_with(Default::default);
        *last = value;
        spans.push(span);
    });
    match (found, whole) {
        (Some((value, spans)), _) => Scan::Found { value, spans },
        (None, Some(())) => Scan::Missing,
        (None, None) => Scan::Broken,
    }
}

/// Puts `"***"` in place of every span; spans are in order and do not overlap.
pub(super) fn mask(body: &[u8], spans: &[Range<usize>]) -> Vec<u8> {
    let mut clean = Vec::with_capacity(body.len());
    let mut from = 0;
    for span in spans {
        clean.extend_from_slice(&body[from..span.start]);
        clean.extend_from_slice(b"\"***\"");
        from = span.end;
    }
    clean.extend_from_slice(&body[from..]);
    clean
}

/// A JSON string literal's text.
fn string_value(literal: &[u8]) -> Option<String> {
    serde_json::from_slice(literal).ok()
}

struct Scanner<'a> {
    body: &'a [u8],
    at: usize,
}

impl Scanner<'_> {
    fn peek(&self) -> Option<u8> {
        self.body.get(self.at).copied()
    }

    fn blank(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
    }

    fn eat(&mut self, byte: u8) -> Option<()> {
        self.blank();
        (self.peek()? == byte).then(|| self.at += 1)
    }

    /// Walks the members of one object; `None` when it is broken.
    fn object(&mut self, mut member: impl FnMut(&str, Range<usize>)) -> Option<()> {
        self.eat(b'{')?;
        self.blank();
        if self.peek()? == b'}' {
            return Some(());
        }
        loop {
            self.blank();
            let key = self.string()?;
            let key = string_value(&self.body[key]).unwrap_or_default();
            self.eat(b':')?;
            self.blank();
            let value = self.value()?;
            member(&key, value);
            self.blank();
            match self.peek()? {
                b',' => self.at += 1,
                b'}' => return Some(()),
                _ => return None,
            }
        }
    }

    /// A string literal with its quotes.
    fn string(&mut self) -> Option<Range<usize>> {
        let start = self.at;
        if self.peek()? != b'"' {
            return None;
        }
        self.at += 1;
        loop {
            match self.peek()? {
                b'"' => {
                    self.at += 1;
                    return Some(start..self.at);
                }
                b'\\' => self.at += 2,
                _ => self.at += 1,
            }
        }
    }

    /// Any value; nested ones are skipped by counting brackets.
    fn value(&mut self) -> Option<Range<usize>> {
        let start = self.at;
        let mut depth = 0_usize;
        loop {
            match self.peek()? {
                b'"' => {
                    self.string()?;
                }
                b'{' | b'[' => {
                    depth += 1;
                    self.at += 1;
                }
                b'}' | b']' | b',' if depth == 0 => break,
                b'}' | b']' => {
                    depth -= 1;
                    self.at += 1;
                }
                _ => {
                    self.at += 1;
                    continue;
                }
            }
            if depth == 0 {
                break;
            }
        }
        let blank = self.body[start..self.at].iter().rev().take_while(|b| b.is_ascii_whitespace());
        let end = self.at - blank.count();
        (end > start).then_some(start..end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(body: &str, value: Option<&str>) {
        match (top_level(body.as_bytes(), "routing_key"), value) {
            (Scan::Found { value, spans }, Some(wanted)) => {
                assert_eq!(value, wanted, "{body}");
                let masked = mask(body.as_bytes(), &spans);
                let again = top_level(&masked, "routing_key");
                assert!(
                    matches!(&again, Scan::Found { value, .. } if value == "***"),
                    "{body}: {again:?}"
                );
            }
            (Scan::Missing, None) => {}
            (got, wanted) => panic!("{body}: expected {wanted:?}, got {got:?}"),
        }
    }

    #[test]
    fn the_key_is_found_in_any_order_and_spacing() {
        check(r#"{"routing_key":"k"}"#, Some("k"));
        check("\u{feff} \r\n{\t\"routing_key\"\n:\r\n  \"k\"  }", Some("k"));
        check(
            r#"{"a":{"routing_key":"no"},"b":["routing_key",{"x":"]}"}],"routing_key":"k"}"#,
            Some("k"),
        );
        check(r#"{"a":"\"routing_key\":\"no\"","routing_key":"k","z":1}"#, Some("k"));
        check(r#"{"a":1,"b":-1e400,"c":null,"d":true , "routing_key" : "k" }"#, Some("k"));
        check(r#"{"routing\u005fkey":"\u006b"}"#, Some("k"));
    }

    #[test]
    fn of_two_the_last_counts_and_both_are_masked() {
        let body = br#"{"routing_key":"a","x":1,"routing_key":"b"}"#;
        let Scan::Found { value, spans } = top_level(body, "routing_key") else {
            panic!("expected both")
        };
        assert_eq!(value, "b");
        let clean = String::from_utf8(mask(body, &spans)).expect("text");
        assert_eq!(clean, r#"{"routing_key":"***","x":1,"routing_key":"***"}"#);
    }

    #[test]
    fn what_is_no_text_is_found_empty() {
        for body in [
            r#"{"routing_key":7}"#,
            r#"{"routing_key":null,"a":1}"#,
            r#"{"routing_key":{"a":"b"}}"#,
        ] {
            check(body, Some(""));
        }
    }

    #[test]
    fn nested_keys_do_not_count() {
        check("{}", None);
        check(r#"{"payload":{"routing_key":"k"}}"#, None);
        check(r#"{"a":"routing_key"}"#, None);
    }

    #[test]
    fn a_broken_body_is_broken_only_before_the_key() {
        check(r#"{"routing_key":"k","payload":{"#, Some("k"));
        for body in [
            "",
            "null",
            "[]",
            "\"x\"",
            "{",
            r#"{"a""#,
            r#"{"a":"#,
            r#"{"a":1"#,
            r#"{"a" "b"}"#,
            r#"{"a":"\"#,
        ] {
            assert_eq!(top_level(body.as_bytes(), "routing_key"), Scan::Broken, "{body}");
        }
    }

    #[test]
    fn depth_costs_no_stack() {
        let deep = format!(
            "{{\"a\":{}{},\"routing_key\":\"k\"}}",
            "[".repeat(100_000),
            "]".repeat(100_000)
        );
        check(&deep, Some("k"));
    }

    #[test]
    fn no_cut_of_a_body_panics() {
        let body = r#"{"a":{"b":["\"\\"]},"routing_key" : "k" , "z":1}"#.as_bytes();
        for end in 0..body.len() {
            let _ = top_level(&body[..end], "routing_key");
        }
    }
}
