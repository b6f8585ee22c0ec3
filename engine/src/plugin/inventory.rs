//! How a plugin stands, as lists show it: from its slot and what was counted. Reads, changes nothing.

use super::bounds;
use super::grant::Grants;
use super::installed::{Installed, Limits};
use super::registry::{Slot, Spot};
use super::signature::Signature;
use super::status::{LimitsStatus, TermsStatus};
use super::terms;
use super::types::{PluginState, PluginStatus, Source};
use crate::config::PluginPlan;
use jiff::Timestamp;
use nightbell_pack::{AddressWords, Manifest, Setting};
use serde_json::{Value, json};
use std::sync::atomic::Ordering;
use std::time::Duration;

/// The order when nothing is said.
const ORDER: i32 = 100;

impl Slot {
    pub(super) fn status(&self, now: Timestamp) -> PluginStatus {
        let outline =
            self.running.as_ref().map(|plugin| &plugin.code.outline).or(self.outline.as_deref());
        let manifest = outline.map(|outline| &outline.manifest);
        let vitals = self.running.as_ref().map(|plugin| &plugin.vitals);
        let health = vitals.map(|vitals| vitals.health(now)).unwrap_or_default();
        let state = match &self.running {
            Some(plugin) if plugin.is_quarantined() => PluginState::Quarantined,
            Some(plugin) if plugin.terms.shadow => PluginState::Shadow,
            Some(_) => PluginState::Running,
            None => self.idle,
        };
        let file = match &self.spot {
            Spot::Shipped(_) => None,
            Spot::File(file) => Some(file.clone()),
        };
        PluginStatus {
            name: self.name.clone(),
            version: manifest.map(|manifest| manifest.version.clone()).unwrap_or_default(),
            description: manifest.map(|manifest| manifest.description.clone()).unwrap_or_default(),
            kind: outline.map(|outline| outline.kind),
            state,
            source: self.spot.source(),
            file,
            sha256: outline.map_or_else(|| self.sha256.clone(), |outline| outline.sha256.clone()),
            file_sha256: self.sha256.clone(),
            error: self.error.clone(),
            calls: vitals.map_or(0, |vitals| vitals.calls.load(Ordering::Relaxed)),
            failures: health.causes.values().sum(),
            order: self.running.as_ref().map_or(ORDER, |plugin| plugin.terms.order),
            health,
            terms: match (&self.running, manifest) {
                (Some(plugin), _) => running_terms(plugin),
                (None, Some(manifest)) => self.idle_terms(manifest),
                (None, None) => TermsStatus::default(),
            },
        }
    }

    /// What it would have if it ran: grants and limits are the configuration's, the rest is not known yet.
    fn idle_terms(&self, manifest: &Manifest) -> TermsStatus {
        let nothing = PluginPlan::default();
        let word = self.basis.plan.plugins.get(&self.name).unwrap_or(&nothing);
        let grants = Grants::new(manifest, self.spot.source(), word);
        let rest = word.rest.unwrap_or(bounds::CIRCUIT_REST);
        TermsStatus {
            capabilities: grants.statuses(manifest),
            limits: Some(limits(terms::limits(manifest, word), rest)),
            settings_schema: schema(manifest),
            address: address(manifest),
            signature: (self.spot.source() == Source::Shipped).then_some(Signature::Shipped),
            ..TermsStatus::default()
        }
    }
}

fn running_terms(plugin: &Installed) -> TermsStatus {
    let (terms, manifest) = (&plugin.terms, &plugin.code.outline.manifest);
    TermsStatus {
        shadow: terms.shadow,
        scope: terms.scope.iter().map(ToString::to_string).collect(),
        capabilities: terms.grants.statuses(manifest),
        signature: Some(terms.signature.clone()),
        limits: Some(limits(terms.limits, terms.rest)),
        settings: terms.settings.clone(),
        settings_schema: schema(manifest),
        address: address(manifest),
        log_lines: plugin.logbook.len(),
    }
}

fn limits(limits: Limits, rest: Duration) -> LimitsStatus {
    let tick_ms = bounds::TICK.as_millis() as u32;
    LimitsStatus {
        memory_mib: (limits.memory_bytes >> 20) as u32,
        cpu_ms: limits.cpu_ticks * tick_ms,
        wall_ms: limits.wall.as_millis() as u32,
        rest_s: rest.as_secs(),
    }
}

fn schema(manifest: &Manifest) -> Value {
    let one = |setting: &Setting| {
        json!({
            "type": setting.types.iter().map(|kind| kind.name()).collect::<Vec<_>>(),
            "description": setting.description,
            "required": setting.required,
            "default": setting.default,
            "values": setting.values,
        })
    };
    manifest.settings.iter().map(|(name, setting)| (name.clone(), one(setting))).collect()
}

fn address(manifest: &Manifest) -> Value {
    let Some(form) = &manifest.address else { return Value::Null };
    let words = |words: &AddressWords| json!({ "label": words.label, "hint": words.hint });
    let translations = form.translations.iter();
    json!({
        "label": form.label,
        "hint": form.hint,
        "example": form.example,
        "input": form.input.name(),
        "translations": translations
            .map(|(language, form)| (language.clone(), words(form)))
            .collect::<Value>(),
    })
}
