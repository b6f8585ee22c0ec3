//! Reads the operator's settings, once per instance.
//!
//! They come as one JSON object from the host, which has written it itself. A reader of its own makes them the plugin's
//! type: it brings a tenth of the code that a general JSON library does, and its errors name the setting, not a line and
//! a column that the operator never wrote.

mod access;
mod data;
mod error;
mod reader;
#[cfg(test)]
mod tests;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::host;
use error::Error;
use reader::Reader;

/// The settings of a plugin that has none: any setting is refused by name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoSettings {}

/// The settings as the plugin's type. No settings at all are its default.
///
/// # Panics
/// When they do not fit; the message names the field. The host takes it as a plugin that cannot be loaded.
pub(crate) fn read<T: DeserializeOwned + Default>() -> T {
    let text = host::settings();
    if text.bytes().all(|byte| byte.is_ascii_whitespace()) {
        return T::default();
    }
    match of(&text) {
        Ok(settings) => settings,
        Err(error) => refuse(&error),
    }
}

fn of<T: DeserializeOwned>(text: &str) -> Result<T, Error> {
    let mut reader = Reader::new(text);
    let settings = T::deserialize(&mut reader)?;
    reader.end()?;
    Ok(settings)
}

#[cold]
fn refuse(error: &Error) -> ! {
    panic!("settings: {error}")
}
