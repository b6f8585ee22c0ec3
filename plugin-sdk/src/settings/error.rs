//! What is wrong with a setting: where, and in what way.

use std::fmt::{self, Arguments, Display, Formatter};

use serde::de::{Expected, Unexpected};

/// See the module. Boxed: results are passed through many hands, and a pointer is little code to pass.
#[derive(Debug)]
pub(super) struct Error(Box<Mistake>);

#[derive(Debug)]
struct Mistake {
    /// Built from the inside out, on the way back.
    path: String,
    message: String,
}

impl Error {
    /// At the place where it is found.
    #[cold]
    pub(super) fn new(message: &str) -> Self {
        Self::of(format_args!("{message}"))
    }

    // `fmt::format` is in the standard library as it is; every other way to write text brings code of its own.
    #[cold]
    fn of(message: Arguments<'_>) -> Self {
        Self(Box::new(Mistake { path: String::new(), message: fmt::format(message) }))
    }

    /// It was found below this setting.
    #[cold]
    pub(super) fn under_key(self, key: &str) -> Self {
        self.under(format_args!("{key}"))
    }

    /// It was found in the item at this position, from 0.
    #[cold]
    pub(super) fn under_item(self, position: u32) -> Self {
        self.under(format_args!("[{position}]"))
    }

    fn under(mut self, outer: Arguments<'_>) -> Self {
        let inner = &*self.0.path;
        let join = if matches!(inner.as_bytes(), [] | [b'[', ..]) { "" } else { "." };
        self.0.path = fmt::format(format_args!("{outer}{join}{inner}"));
        self
    }
}

impl Display for Error {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Mistake { path, message } = &*self.0;
        if path.is_empty() {
            return f.write_str(message);
        }
        f.write_fmt(format_args!("`{path}`: {message}"))
    }
}

impl std::error::Error for Error {}

impl serde::de::Error for Error {
    fn custom<T: Display>(message: T) -> Self {
        Self::of(format_args!("{message}"))
    }

    // serde's own texts bring the writing of floating point numbers into every guest (20 KB), to say which number was
    // unexpected.
    fn invalid_type(unexpected: Unexpected<'_>, expected: &dyn Expected) -> Self {
        mismatch("type", &unexpected, expected)
    }

    fn invalid_value(unexpected: Unexpected<'_>, expected: &dyn Expected) -> Self {
        mismatch("value", &unexpected, expected)
    }
}

#[cold]
fn mismatch(what: &str, unexpected: &Unexpected<'_>, expected: &dyn Expected) -> Error {
    let say = |found: Arguments<'_>| {
        Error::of(format_args!("invalid {what}: {found}, expected {expected}"))
    };
    match unexpected {
        Unexpected::Bool(value) => say(format_args!("boolean `{value}`")),
        // Which one it was would bring the writing of 64-bit integers along.
        Unexpected::Unsigned(_) | Unexpected::Signed(_) => say(format_args!("integer")),
        Unexpected::Str(value) => say(format_args!("string `{value}`")),
        Unexpected::Other(value) => say(format_args!("{value}")),
        Unexpected::Float(_) => say(format_args!("floating point number")),
        Unexpected::Unit | Unexpected::Option => say(format_args!("null")),
        Unexpected::Seq | Unexpected::TupleVariant => say(format_args!("sequence")),
        Unexpected::Map | Unexpected::StructVariant => say(format_args!("map")),
        _ => say(format_args!("something else")),
    }
}
