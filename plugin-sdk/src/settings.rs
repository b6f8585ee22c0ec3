//! Reads the operator's settings, once per instance.

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::{host, json};

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
    if text.trim().is_empty() {
        return T::default();
    }
    match json::read(text.as_bytes()) {
        Ok(settings) => settings,
        Err(error) => panic!("settings: {error}"),
    }
}
