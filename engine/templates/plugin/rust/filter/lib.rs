//! Wakes nobody for environments where nothing is urgent.

use nightbell_plugin::{EventRef, Filter, Patch, Severity, Verdict};
use serde::Deserialize;

/// What the operator can set; the same as in plugin.toml.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    quiet: Vec<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self { quiet: vec!["staging".to_owned()] }
    }
}

/// The plugin.
pub struct Plugin {
    settings: Settings,
}

impl Filter for Plugin {
    type Settings = Settings;

    fn new(settings: Settings) -> Self {
        Self { settings }
    }

    fn judge(&mut self, event: &EventRef<'_>) -> Verdict {
        let environment = event.label("environment").unwrap_or_default();
        if !self.settings.quiet.iter().any(|quiet| quiet == environment) {
            return Verdict::Keep;
        }
        if event.severity() == Severity::Critical {
            return Patch::new().set_label("quiet", "overruled").into();
        }
        // The reason stands beside the event for whoever asks why nobody was paged.
        Verdict::suppress(format!("{environment} is a quiet environment"))
    }
}

nightbell_plugin::export!(filter: Plugin);
