//! Sends events to the service of the team that owns them.

use std::collections::BTreeMap;

use nightbell_plugin::{Decision, EventRef, Router, Severity, Urgency};
use serde::Deserialize;

/// What the operator can set; the same as in plugin.toml.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    services: BTreeMap<String, String>,
}

/// The plugin.
pub struct Plugin {
    settings: Settings,
}

impl Router for Plugin {
    type Settings = Settings;

    fn new(settings: Settings) -> Self {
        Self { settings }
    }

    fn route(&mut self, event: &EventRef<'_>) -> Option<Decision> {
        // No opinion: the next router, or the integration's own service.
        let service = self.settings.services.get(event.label("team")?)?;
        let mut decision = Decision::service(service);
        if let Some(cluster) = event.label("cluster") {
            // Alerts of one service with the same key share an incident.
            decision = decision.group_key(cluster);
        }
        if event.severity() == Severity::Info {
            decision = decision.urgency(Urgency::Low);
        }
        Some(decision)
    }
}

nightbell_plugin::export!(router: Plugin);
