//! The plugins inside the binary, put there by the build script.

use super::types::Shipped;
use std::borrow::Cow;

include!(concat!(env!("OUT_DIR"), "/shipped.rs"));

/// The plugins that every Nightbell has, in the order of names.
pub const SHIPPED_NAMES: [&str; 11] = [
    "by-label",
    "email",
    "generic",
    "mute",
    "nagios",
    "newrelic",
    "pagerduty",
    "prometheus",
    "slack",
    "twilio",
    "webhook",
];

/// The plugins this binary was built with; empty when it was built before `cargo xtask plugins`.
pub fn shipped() -> Vec<Shipped> {
    let shipped = EMBEDDED.iter();
    shipped
        .map(|(name, bytes)| Shipped { name: (*name).to_owned(), bytes: Cow::Borrowed(*bytes) })
        .collect()
}

/// What is missing of [`SHIPPED_NAMES`] in this binary.
pub fn missing_shipped() -> Vec<&'static str> {
    let is_there = |name: &&str| EMBEDDED.iter().any(|(embedded, _)| embedded == name);
    SHIPPED_NAMES.into_iter().filter(|name| !is_there(name)).collect()
}
