//! JSON text, piece by piece. What the pieces become is in `data`.
//! Total: any text is read or refused, and nesting is bounded.

use serde::de::{Expected, Unexpected, Visitor};

use super::error::Error;

/// Tables and lists inside each other; the host's own bound is lower.
const DEPTH_MAX: u8 = 64;

/// Reads one JSON value.
pub(super) struct Reader<'de> {
    text: &'de str,
    pub(super) at: usize,
    depth: u8,
}

/// A whole number as it stands in the text.
enum Whole {
    Unsigned(u64),
    Signed(i64),
}

impl<'de> Reader<'de> {
    pub(super) fn new(text: &'de str) -> Self {
        Self { text, at: 0, depth: 0 }
    }

    /// Nothing but white space may follow.
    pub(super) fn end(&mut self) -> Result<(), Error> {
        match self.peek() {
            None => Ok(()),
            Some(_) => Err(Error::new("expected the end of the text")),
        }
    }

    /// The next byte that is no white space; it stays.
    pub(super) fn peek(&mut self) -> Option<u8> {
        let rest = &self.text.as_bytes()[self.at..];
        self.at += rest.iter().take_while(|byte| b" \t\r\n".contains(byte)).count();
        self.text.as_bytes().get(self.at).copied()
    }

    /// Steps over the next byte if it is this one.
    pub(super) fn eat(&mut self, wanted: u8) -> bool {
        let is_it = self.peek() == Some(wanted);
        self.at += usize::from(is_it);
        is_it
    }

    pub(super) fn expect(&mut self, wanted: u8, what: &'static str) -> Result<(), Error> {
        if self.eat(wanted) { Ok(()) } else { Err(Error::new(what)) }
    }

    pub(super) fn word(&mut self, word: &'static str) -> bool {
        self.peek();
        let is_it = self.text.as_bytes()[self.at..].starts_with(word.as_bytes());
        self.at += if is_it { word.len() } else { 0 };
        is_it
    }

    pub(super) fn bool(&mut self) -> Option<bool> {
        if self.word("true") {
            return Some(true);
        }
        self.word("false").then_some(false)
    }

    /// The number's text; empty when there is none.
    pub(super) fn digits(&mut self) -> &'de str {
        self.peek();
        let start = self.at;
        let rest = &self.text.as_bytes()[start..];
        let is_part = |byte: &&u8| byte.is_ascii_digit() || b"+-.eE".contains(byte);
        self.at += rest.iter().take_while(is_part).count();
        self.text.get(start..self.at).unwrap_or_default()
    }

    /// Owned: settings are read once, and borrowing where nothing is escaped costs more code than it saves time.
    pub(super) fn string(&mut self) -> Result<String, Error> {
        self.expect(b'"', "expected a string")?;
        let (mut text, mut from) = (String::new(), self.at);
        loop {
            let byte = self.text.as_bytes().get(self.at).copied();
            self.at += 1;
            match byte {
                None => return Err(Error::new("a string has no end")),
                Some(b'"' | b'\\') => {
                    text.push_str(self.text.get(from..self.at - 1).unwrap_or_default());
                    if byte == Some(b'"') {
                        return Ok(text);
                    }
                    text.push(self.escaped()?);
                    from = self.at;
                }
                Some(_) => {}
            }
        }
    }

    /// What follows a backslash.
    pub(super) fn escaped(&mut self) -> Result<char, Error> {
        let letter = self.text.as_bytes().get(self.at).copied().unwrap_or_default();
        self.at += 1;
        Ok(match letter {
            b'"' | b'\\' | b'/' => char::from(letter),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => return self.code_point(),
            _ => return Err(Error::new("a string has an unknown escape")),
        })
    }

    pub(super) fn code_point(&mut self) -> Result<char, Error> {
        let mut code = self.unit()?;
        // Two units make one character beyond the first plane.
        if (0xd800..0xdc00).contains(&code) && self.text.as_bytes()[self.at..].starts_with(b"\\u") {
            self.at += 2;
            code = 0x1_0000 + ((code - 0xd800) << 10) + (self.unit()?.wrapping_sub(0xdc00) & 0x3ff);
        }
        char::from_u32(code).ok_or_else(|| Error::new("a string has half a character"))
    }

    pub(super) fn unit(&mut self) -> Result<u32, Error> {
        let mut unit = 0;
        for _ in 0..4 {
            let digit = self.text.as_bytes().get(self.at).map(|byte| char::from(*byte));
            let digit = digit.and_then(|digit| digit.to_digit(16));
            unit = unit << 4 | digit.ok_or_else(|| Error::new("a string has an unknown escape"))?;
            self.at += 1;
        }
        Ok(unit)
    }

    /// Steps into a table or a list, over its first bracket.
    pub(super) fn enter(&mut self) -> Result<(), Error> {
        if self.depth == DEPTH_MAX {
            return Err(Error::new("too many tables and lists inside each other"));
        }
        self.at += 1;
        self.depth += 1;
        Ok(())
    }

    /// Steps out of it, over its last bracket.
    pub(super) fn leave(&mut self, bracket: u8) -> Result<(), Error> {
        self.depth -= 1;
        self.expect(bracket, "a table or a list has too much in it, or no end")
    }

    /// Steps over what stands between two items, if this is not the first.
    pub(super) fn comma(&mut self, is_first: bool) -> Result<(), Error> {
        if is_first { Ok(()) } else { self.expect(b',', "expected `,` between two items") }
    }

    /// Steps over a value that nobody asked for.
    pub(super) fn skip(&mut self) -> Result<(), Error> {
        match self.peek() {
            Some(b'"') => self.string().map(drop),
            Some(opening @ (b'[' | b'{')) => {
                self.enter()?;
                // The closing bracket stands two codes after the opening one.
                let closing = opening + 2;
                let mut is_first = true;
                while self.peek() != Some(closing) {
                    self.comma(is_first)?;
                    is_first = false;
                    if opening == b'{' {
                        self.string()?;
                        self.expect(b':', "expected `:` after a key")?;
                    }
                    self.skip()?;
                }
                self.leave(closing)
            }
            _ if self.bool().is_some() || self.word("null") => Ok(()),
            _ if !self.digits().is_empty() => Ok(()),
            _ => Err(Error::new("expected a JSON value")),
        }
    }

    /// Something else than what was asked for stands here.
    #[cold]
    pub(super) fn mismatch(&mut self, expected: &dyn Expected) -> Error {
        let text;
        let found = match self.peek() {
            Some(b'"') => match self.string() {
                Ok(string) => {
                    text = string;
                    Unexpected::Str(&text)
                }
                Err(error) => return error,
            },
            Some(b'[') => Unexpected::Seq,
            Some(b'{') => Unexpected::Map,
            Some(b'n') => Unexpected::Unit,
            Some(b't') => Unexpected::Bool(true),
            Some(b'f') => Unexpected::Bool(false),
            _ => match self.digits() {
                "" => return Error::new("expected a JSON value"),
                digits => {
                    text = std::fmt::format(format_args!("number `{digits}`"));
                    Unexpected::Other(&text)
                }
            },
        };
        serde::de::Error::invalid_type(found, expected)
    }
}

/// Gives a visitor the whole number that a text is; gives the visitor back when it is none of 64 bits.
pub(super) fn integer<'de, V: Visitor<'de>>(
    text: &str,
    visitor: V,
) -> Result<Result<V::Value, Error>, V> {
    match whole(text) {
        Some(Whole::Unsigned(number)) => Ok(visitor.visit_u64(number)),
        Some(Whole::Signed(number)) => Ok(visitor.visit_i64(number)),
        None => Err(visitor),
    }
}

fn whole(text: &str) -> Option<Whole> {
    let (is_negative, digits) = match text.as_bytes() {
        [b'-', digits @ ..] => (true, digits),
        digits => (false, digits),
    };
    let mut number = 0_u64;
    for digit in digits {
        let digit = char::from(*digit).to_digit(10)?;
        number = number.checked_mul(10)?.checked_add(u64::from(digit))?;
    }
    match (is_negative, digits) {
        (_, []) => None,
        (false, _) => Some(Whole::Unsigned(number)),
        (true, _) => 0_i64.checked_sub_unsigned(number).map(Whole::Signed),
    }
}

pub(super) fn float(text: &str) -> Result<f64, Error> {
    text.parse().map_err(|_| Error::new("expected a number"))
}
