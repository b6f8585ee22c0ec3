//! Values as TOML text. A few lines of our own: a writer of TOML would be built for every plugin.

use std::fmt::Write as _;

use syn::Lit;

/// A basic string.
pub(crate) fn string(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            c if c.is_control() => {
                // Writing to a string does not fail.
                let _ = write!(quoted, "\\u{:04x}", u32::from(c));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// A literal of Rust.
pub(crate) fn literal(literal: &Lit) -> syn::Result<String> {
    Ok(match literal {
        Lit::Str(text) => string(&text.value()),
        Lit::Int(number) => number.base10_digits().to_owned(),
        Lit::Float(number) => number.base10_digits().to_owned(),
        Lit::Bool(value) => value.value.to_string(),
        other => {
            return Err(syn::Error::new_spanned(other, "expected text, a number or a boolean"));
        }
    })
}
