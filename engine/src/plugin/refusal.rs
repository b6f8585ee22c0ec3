//! Why a candidate does not run: what the operator's word says about a file before it is compiled. And what is noted when
//! that word alone has changed.

use super::installed::Installed;
use super::load::LoadError;
use super::logbook::LogLevel;
use super::sidecar::Sidecar;
use super::types::Kind;
use crate::config::PluginPlan;
use std::sync::Arc;

/// Why a candidate does not run.
pub(super) enum Refusal {
    /// The operator could let it.
    Waits(String),
    Broken(LoadError),
}

impl From<LoadError> for Refusal {
    fn from(error: LoadError) -> Self {
        Self::Broken(error)
    }
}

pub(super) fn check_pin(name: &str, word: &PluginPlan, got: &str) -> Result<(), LoadError> {
    match &word.sha256 {
        Some(expected) if !expected.eq_ignore_ascii_case(got) => Err(LoadError::Pin {
            name: name.to_owned(),
            expected: expected.clone(),
            got: got.to_owned(),
        }),
        Some(_) | None => Ok(()),
    }
}

/// A parser and a channel are asked for one thing, and somebody waits for the answer: there is nothing to be beside of.
pub(super) fn check_mode(name: &str, kind: Kind, sidecar: &Sidecar) -> Result<(), LoadError> {
    if !sidecar.shadow || matches!(kind, Kind::Filter | Kind::Router) {
        return Ok(());
    }
    let why = format!("mode: only filters and routers can be in shadow, this is a {}", kind.name());
    Err(LoadError::Sidecar { file: format!("{name}.toml"), why })
}

/// The same file under other settings.
pub(super) fn note_new_terms(old: Option<&Arc<Installed>>, plugin: &Installed) {
    if old.is_some_and(|old| old.terms.settings != plugin.terms.settings) {
        let name = &*plugin.stamp.name;
        tracing::info!(plugin = name, "plugin has new settings");
        plugin.logbook.note(LogLevel::Info, &plugin.stamp.sha256, "new settings are in force");
    }
}
