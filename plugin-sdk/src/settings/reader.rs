//! JSON text as serde's data, in as little code as possible. What a type does not ask for is not linked: a plugin without
//! a number among its settings carries nothing that reads numbers.
//! Total: any text is read or refused, and nesting is bounded.

use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, Expected, IntoDeserializer, MapAccess, SeqAccess,
    Unexpected, VariantAccess, Visitor,
};

use super::error::Error;

/// Tables and lists inside each other; the host's own bound is lower.
const DEPTH_MAX: u8 = 64;

/// Reads one JSON value.
pub(super) struct Reader<'de> {
    text: &'de str,
    at: usize,
    depth: u8,
}

/// A number as it stands in the text.
enum Number {
    Unsigned(u64),
    Signed(i64),
    Float,
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
    fn peek(&mut self) -> Option<u8> {
        let rest = &self.text.as_bytes()[self.at..];
        self.at += rest.iter().take_while(|byte| b" \t\r\n".contains(byte)).count();
        self.text.as_bytes().get(self.at).copied()
    }

    /// Steps over the next byte if it is this one.
    fn eat(&mut self, wanted: u8) -> bool {
        let is_it = self.peek() == Some(wanted);
        self.at += usize::from(is_it);
        is_it
    }

    fn expect(&mut self, wanted: u8, what: &'static str) -> Result<(), Error> {
        if self.eat(wanted) { Ok(()) } else { Err(Error::new(what)) }
    }

    fn word(&mut self, word: &'static str) -> bool {
        self.peek();
        let is_it = self.text.as_bytes()[self.at..].starts_with(word.as_bytes());
        self.at += if is_it { word.len() } else { 0 };
        is_it
    }

    fn bool(&mut self) -> Option<bool> {
        if self.word("true") {
            return Some(true);
        }
        self.word("false").then_some(false)
    }

    /// The number's text; empty when there is none.
    fn digits(&mut self) -> &'de str {
        self.peek();
        let start = self.at;
        let rest = &self.text.as_bytes()[start..];
        let is_part = |byte: &&u8| byte.is_ascii_digit() || b"+-.eE".contains(byte);
        self.at += rest.iter().take_while(is_part).count();
        self.text.get(start..self.at).unwrap_or_default()
    }

    /// Owned: settings are read once, and borrowing where nothing is escaped costs more code than it saves time.
    fn string(&mut self) -> Result<String, Error> {
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
    fn escaped(&mut self) -> Result<char, Error> {
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

    fn code_point(&mut self) -> Result<char, Error> {
        let mut code = self.unit()?;
        // Two units make one character beyond the first plane.
        if (0xd800..0xdc00).contains(&code) && self.text.as_bytes()[self.at..].starts_with(b"\\u") {
            self.at += 2;
            code = 0x1_0000 + ((code - 0xd800) << 10) + (self.unit()?.wrapping_sub(0xdc00) & 0x3ff);
        }
        char::from_u32(code).ok_or_else(|| Error::new("a string has half a character"))
    }

    fn unit(&mut self) -> Result<u32, Error> {
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
    fn enter(&mut self) -> Result<(), Error> {
        if self.depth == DEPTH_MAX {
            return Err(Error::new("too many tables and lists inside each other"));
        }
        self.at += 1;
        self.depth += 1;
        Ok(())
    }

    /// Steps out of it, over its last bracket.
    fn leave(&mut self, bracket: u8) -> Result<(), Error> {
        self.depth -= 1;
        self.expect(bracket, "a table or a list has too much in it, or no end")
    }

    /// Steps over what stands between two items, if this is not the first.
    fn comma(&mut self, is_first: bool) -> Result<(), Error> {
        if is_first { Ok(()) } else { self.expect(b',', "expected `,` between two items") }
    }

    /// Steps over a value that nobody asked for.
    fn skip(&mut self) -> Result<(), Error> {
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
    fn mismatch(&mut self, expected: &dyn Expected) -> Error {
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

/// Integers of all widths: the visitor refuses what does not fit.
macro_rules! integers {
    ($($method:ident)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            let start = self.at;
            match number(self.digits()) {
                Some(Number::Unsigned(number)) => visitor.visit_u64(number),
                Some(Number::Signed(number)) => visitor.visit_i64(number),
                _ => {
                    self.at = start;
                    Err(self.mismatch(&visitor))
                }
            }
        })*
    };
}

impl<'de> Deserializer<'de> for &mut Reader<'de> {
    type Error = Error;

    integers! {
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.peek() {
            Some(b'"') => self.deserialize_str(visitor),
            Some(b'[') => self.deserialize_seq(visitor),
            Some(b'{') => self.deserialize_map(visitor),
            Some(b'n') => self.deserialize_unit(visitor),
            Some(b't' | b'f') => self.deserialize_bool(visitor),
            _ => {
                let text = self.digits();
                match number(text) {
                    Some(Number::Unsigned(number)) => visitor.visit_u64(number),
                    Some(Number::Signed(number)) => visitor.visit_i64(number),
                    _ => visitor.visit_f64(float(text)?),
                }
            }
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.bool() {
            Some(value) => visitor.visit_bool(value),
            None => Err(self.mismatch(&visitor)),
        }
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_f64(visitor)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.digits() {
            "" => Err(self.mismatch(&visitor)),
            text => visitor.visit_f64(float(text)?),
        }
    }

    fn deserialize_char<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_str(visitor)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.peek() != Some(b'"') {
            return Err(self.mismatch(&visitor));
        }
        visitor.visit_string(self.string()?)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_str(visitor)
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_str(visitor)
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.word("null") { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.word("null") { visitor.visit_unit() } else { Err(self.mismatch(&visitor)) }
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.peek() != Some(b'[') {
            return Err(self.mismatch(&visitor));
        }
        self.enter()?;
        let value = visitor.visit_seq(Items { reader: &mut *self, position: 0 })?;
        self.leave(b']')?;
        Ok(value)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.peek() != Some(b'{') {
            return Err(self.mismatch(&visitor));
        }
        self.enter()?;
        let fields = Fields { reader: &mut *self, key: String::new(), is_first: true };
        let value = visitor.visit_map(fields)?;
        self.leave(b'}')?;
        Ok(value)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deserialize_map(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        match self.peek() {
            Some(b'"') => visitor.visit_enum(self.string()?.into_deserializer()),
            Some(b'{') => {
                self.enter()?;
                let value = visitor.visit_enum(Variant(&mut *self))?;
                self.leave(b'}')?;
                Ok(value)
            }
            _ => Err(self.mismatch(&visitor)),
        }
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_str(visitor)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.skip()?;
        visitor.visit_unit()
    }
}

/// `None` when there is no text.
fn number(text: &str) -> Option<Number> {
    let (is_negative, digits) = match text.as_bytes() {
        [] => return None,
        [b'-', digits @ ..] => (true, digits),
        digits => (false, digits),
    };
    let mut number = 0_u64;
    for digit in digits {
        let next = number.checked_mul(10).zip(char::from(*digit).to_digit(10));
        let next = next.and_then(|(number, digit)| number.checked_add(u64::from(digit)));
        let Some(next) = next else { return Some(Number::Float) };
        number = next;
    }
    match (is_negative, digits) {
        (_, []) => Some(Number::Float),
        (false, _) => Some(Number::Unsigned(number)),
        (true, _) => Some(0_i64.checked_sub_unsigned(number).map_or(Number::Float, Number::Signed)),
    }
}

fn float(text: &str) -> Result<f64, Error> {
    text.parse().map_err(|_| Error::new("expected a number"))
}

/// The items of a list.
struct Items<'a, 'de> {
    reader: &'a mut Reader<'de>,
    position: u32,
}

impl<'de> SeqAccess<'de> for Items<'_, 'de> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Error> {
        if self.reader.peek() == Some(b']') {
            return Ok(None);
        }
        self.reader.comma(self.position == 0)?;
        let position = self.position;
        self.position += 1;
        let item = seed.deserialize(&mut *self.reader);
        item.map(Some).map_err(|error| error.under_item(position))
    }
}

/// The keys and values of a table.
struct Fields<'a, 'de> {
    reader: &'a mut Reader<'de>,
    key: String,
    is_first: bool,
}

impl<'de> MapAccess<'de> for Fields<'_, 'de> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Error> {
        if self.reader.peek() == Some(b'}') {
            return Ok(None);
        }
        self.reader.comma(std::mem::take(&mut self.is_first))?;
        self.key = self.reader.string()?;
        let key = seed.deserialize(Key(&self.key));
        key.map(Some).map_err(|error| error.under_key(&self.key))
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Error> {
        self.reader.expect(b':', "expected `:` after a key")?;
        seed.deserialize(&mut *self.reader).map_err(|error| error.under_key(&self.key))
    }
}

/// A key: text for most types, a number for maps that count by one.
struct Key<'a>(&'a str);

macro_rules! number_keys {
    ($($method:ident)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            match number(self.0) {
                Some(Number::Unsigned(number)) => visitor.visit_u64(number),
                Some(Number::Signed(number)) => visitor.visit_i64(number),
                _ => Err(serde::de::Error::invalid_type(Unexpected::Str(self.0), &visitor)),
            }
        })*
    };
}

impl<'de> Deserializer<'de> for Key<'_> {
    type Error = Error;

    number_keys! {
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_str(self.0)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_enum(self.0.into_deserializer())
    }

    serde::forward_to_deserialize_any! {
        bool f32 f64 char str string bytes byte_buf unit unit_struct seq tuple tuple_struct map struct identifier
        ignored_any
    }
}

/// An enum's variant with content: a table of one key.
struct Variant<'a, 'de>(&'a mut Reader<'de>);

impl<'de> EnumAccess<'de> for Variant<'_, 'de> {
    type Error = Error;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), Error> {
        let key = self.0.string()?;
        let variant = seed.deserialize(Key(&key)).map_err(|error| error.under_key(&key))?;
        self.0.expect(b':', "expected `:` after a key")?;
        Ok((variant, self))
    }
}

impl<'de> VariantAccess<'de> for Variant<'_, 'de> {
    type Error = Error;

    fn unit_variant(self) -> Result<(), Error> {
        serde::Deserialize::deserialize(self.0)
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Error> {
        seed.deserialize(self.0)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Error> {
        self.0.deserialize_seq(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.0.deserialize_map(visitor)
    }
}
