//! Are the settings of plugins what the plugins describe? Asked by `nightbell check` alone: a server starts all the same and
//! shows the plugin as refused, since plugins come and go while it runs.
//!
//! In comes what was written, and what is known about plugins without running one; out go mistakes with their places, in the
//! configuration and in the files beside the plugins.

use super::mistake::{At, Mark, Mistake, Report, quoted};
use super::plan::Plan;
use super::raw::{Raw, RawSettings, settings};
use super::reader::{self, Table, list};
use super::source::Source;
use super::value::nearest;
use nightbell_core::model::Matcher;
use nightbell_pack::{Kind, Manifest, SettingMistake, setting_mistakes};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// What is known about plugins without running one.
#[derive(Clone, Debug, Default)]
pub struct KnownPlugins {
    /// The shipped ones and those of the directory; a name may stand in both.
    pub plugins: Vec<KnownPlugin>,
    /// The files `<name>.toml` beside the plugins.
    pub sidecars: Vec<KnownSidecar>,
}

/// A plugin that can be read.
#[derive(Clone, Debug)]
pub struct KnownPlugin {
    /// Whether it is inside the binary.
    pub is_shipped: bool,
    /// What it says about itself; `None`: it cannot be read, and the name is that of the file.
    pub manifest: Option<Manifest>,
    /// The operator's name for it.
    pub name: String,
}

/// The operator's file beside a plugin.
#[derive(Clone, Debug)]
pub struct KnownSidecar {
    /// Of which plugin.
    pub plugin: String,
    /// As it is shown.
    pub path: PathBuf,
    /// What it says, or why it cannot be read.
    pub text: Result<String, String>,
}

/// A sidecar as read.
#[derive(Default)]
struct Sidecar {
    is_off: bool,
    /// The file's beginning.
    at: Option<Mark>,
    settings: Option<RawSettings>,
}

/// What is being checked.
struct Check<'a> {
    plan: &'a Plan,
    known: &'a KnownPlugins,
    report: &'a Report,
    sidecars: BTreeMap<&'a str, Sidecar>,
}

/// Reports what does not fit. The sidecars become sources, so that their places can be shown.
pub(super) fn check(
    raw: &Raw,
    plan: &Plan,
    known: &KnownPlugins,
    sources: &mut Vec<Source>,
    report: &Report,
) {
    let mut check = Check { plan, known, report, sidecars: BTreeMap::new() };
    for sidecar in &known.sidecars {
        let read = check.sidecar(sidecar, sources);
        check.is_known(&sidecar.plugin, read.at, "");
        check.sidecars.insert(&sidecar.plugin, read);
    }
    for plugin in &raw.plugins {
        check.is_known(&plugin.name.value, Some(plugin.name.at), "these words reach nobody");
    }
    for name in check.asked() {
        check.plugin(raw, name);
    }
    for integration in &raw.integrations {
        if let (Some(parser), Some(written)) = (&integration.parser, &integration.settings) {
            check.integration(raw, &parser.value, integration.name.at, written);
        }
    }
}

impl<'a> Check<'a> {
    fn sidecar(&self, known: &KnownSidecar, sources: &mut Vec<Source>) -> Sidecar {
        let text = match &known.text {
            Ok(text) => text,
            Err(why) => {
                let message = format!("cannot read `{}`: {why}", known.path.display());
                self.report.add(Mistake::error(None, message));
                return Sidecar::default();
            }
        };
        let file = sources.len();
        self.report.begin_syntax();
        let table = reader::parse(file, text, self.report);
        self.report.end_of_syntax();
        let read = self.read_sidecar(Table::top(file, table.get_ref(), self.report));
        sources.push(Source { path: known.path.clone(), text: text.clone() });
        Sidecar { at: Some(Mark { file, start: 0, end: 0 }), ..read }
    }

    /// The keys are those of the host's own reader, which says the same without places.
    fn read_sidecar(&self, top: Table<'_>) -> Sidecar {
        let enabled = top.optional("enabled").and_then(|value| value.boolean());
        if let Some(order) = top.optional("order") {
            order.integer(i64::from(i32::MIN)..=i64::from(i32::MAX));
        }
        let scope = top.optional("scope").and_then(|value| value.strings()).unwrap_or_default();
        for matcher in scope {
            if let Err(error) = Matcher::parse(&matcher) {
                let hint = "write `name=value`, `name!=value`, `name=~regex` or `name!~regex`";
                self.report.add(Mistake::error(matcher.at, error.to_string()).hint(hint));
            }
        }
        if let Some(mode) = top.optional("mode").and_then(|value| value.string())
            && !matches!(mode.as_str(), "live" | "shadow")
        {
            let message = format!("expected `live` or `shadow`, got {}", quoted(&mode));
            let hint = "in `shadow` it is asked and only its differences are shown";
            self.report.add(Mistake::error(mode.at, message).hint(hint));
        }
        let settings = settings(&top);
        top.finish();
        Sidecar { is_off: enabled == Some(false), at: None, settings }
    }

    /// Warns about words for a plugin that is not there.
    fn is_known(&self, name: &str, at: Option<Mark>, label: &str) {
        if self.known.plugins.iter().any(|plugin| plugin.name == name) {
            return;
        }
        let names: Vec<_> = self.known.plugins.iter().map(|plugin| plugin.name.as_str()).collect();
        let hint = match nearest(name, names.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => {
                format!("put `{name}.wasm` into the plugins directory; there are {}", list(&names))
            }
        };
        let message = format!("no plugin {} is shipped or in the plugins directory", quoted(name));
        self.report.add(Mistake::warning(at, message).label(label).hint(hint));
    }

    /// Plugins that somebody wants to run: a shipped one of which nobody says anything has no account to be set up for.
    fn asked(&self) -> Vec<&'a str> {
        let is_asked = |plugin: &&KnownPlugin| {
            let name = plugin.name.as_str();
            !plugin.is_shipped
                || self.plan.plugins.contains_key(name)
                || self.sidecars.contains_key(name)
        };
        let plugins = self.known.plugins.iter().filter(is_asked);
        let mut names: Vec<_> = plugins.map(|plugin| plugin.name.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// Of a file and a shipped plugin with one name, the one that would run.
    fn manifest(&self, name: &str) -> Option<&'a Manifest> {
        let of = |is_shipped: bool| {
            let named =
                |plugin: &&KnownPlugin| plugin.is_shipped == is_shipped && plugin.name == name;
            self.known.plugins.iter().find(named).and_then(|plugin| plugin.manifest.as_ref())
        };
        let from_directory = self.plan.plugins.get(name).is_some_and(|word| word.from_directory);
        if from_directory { of(false).or(of(true)) } else { of(true).or(of(false)) }
    }

    fn plugin(&self, raw: &Raw, name: &str) {
        let word = self.plan.plugins.get(name).and_then(|word| word.enabled);
        let is_off_beside = self.sidecars.get(name).is_some_and(|sidecar| sidecar.is_off);
        let Some(manifest) = self.manifest(name).filter(|_| word.unwrap_or(!is_off_beside)) else {
            return;
        };
        let written = raw.plugins.iter().find(|plugin| plugin.name.value == name);
        let layers = self.layers(raw, name);
        let header = written.map(|plugin| plugin.name.at);
        let header = header.or_else(|| self.sidecars.get(name)?.at);
        for mistake in setting_mistakes(manifest, &merged(&layers)) {
            // A parser's may also stand with its integrations.
            if !(mistake.is_missing && manifest.kind == Kind::Parser) {
                self.tell(manifest, &mistake, &layers, header);
            }
        }
    }

    /// An integration's own settings, over those of its parser.
    fn integration(&self, raw: &Raw, parser: &str, header: Mark, written: &RawSettings) {
        let Some(manifest) = self.manifest(parser) else { return };
        let mut layers = self.layers(raw, parser);
        layers.push(written);
        let is_own = |mistake: &SettingMistake| {
            mistake.is_missing || place(written, &mistake.setting).is_some()
        };
        for mistake in setting_mistakes(manifest, &merged(&layers)).iter().filter(|m| is_own(m)) {
            self.tell(manifest, mistake, &layers, Some(header));
        }
    }

    /// What is written for a plugin, the last word last.
    fn layers<'r>(&'r self, raw: &'r Raw, name: &str) -> Vec<&'r RawSettings> {
        let beside = self.sidecars.get(name).and_then(|sidecar| sidecar.settings.as_ref());
        let plugin = raw.plugins.iter().find(|plugin| plugin.name.value == name);
        let here = plugin.and_then(|plugin| plugin.settings.as_ref());
        beside.into_iter().chain(here).collect()
    }

    /// Puts a mistake where the setting was written last, or where it is missed.
    fn tell(
        &self,
        manifest: &Manifest,
        mistake: &SettingMistake,
        layers: &[&RawSettings],
        header: Option<Mark>,
    ) {
        let name = &mistake.setting;
        let written = layers.iter().rev().find_map(|layer| place(layer, name));
        let described = manifest.settings.get(name);
        let (at, label) = match (written, described) {
            (Some((key, _)), None) => (Some(key.at), "unknown setting"),
            (Some((_, value)), Some(_)) => (Some(*value), "the plugin does not run with it"),
            (None, _) => (
                layers.last().map(|layer| layer.at).or(header),
                "the plugin does not run without it",
            ),
        };
        let hint = match described {
            Some(setting) if mistake.hint.is_empty() && !setting.description.is_empty() => {
                format!("`{name}`: {}", setting.description)
            }
            _ if mistake.hint.is_empty() => {
                format!("`nightbell plugin inspect {}` lists its settings", manifest.name)
            }
            _ => mistake.hint.clone(),
        };
        let message =
            format!("setting {} of plugin `{}`: {}", quoted(name), manifest.name, mistake.message);
        self.report.add(Mistake::error(at, message).label(label).hint(hint));
    }
}

/// Where a setting stands.
fn place<'r>(settings: &'r RawSettings, name: &str) -> Option<&'r (At<String>, Mark)> {
    settings.entries.iter().find(|(key, _)| key.value == name)
}

fn merged(layers: &[&RawSettings]) -> Value {
    layers.iter().fold(Value::Null, |below, layer| lay_over(&below, &layer.value))
}

/// Lays one set of settings over another: objects are merged, everything else is replaced.
pub(crate) fn lay_over(below: &serde_json::Value, above: &serde_json::Value) -> serde_json::Value {
    use serde_json::Value::{Null, Object};
    match (below, above) {
        (below, Null) => below.clone(),
        (Object(below), Object(above)) => {
            let mut merged = below.clone();
            for (name, value) in above {
                let value = match merged.get(name) {
                    Some(old) => lay_over(old, value),
                    None => value.clone(),
                };
                merged.insert(name.clone(), value);
            }
            Object(merged)
        }
        (_, above) => above.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn settings_are_laid_over_each_other_by_name() {
        let (below, above) =
            (json!({"a": 1, "b": {"c": 2, "d": [3]}}), json!({"b": {"d": [4]}, "e": 5}));
        assert_eq!(lay_over(&below, &above), json!({"a": 1, "b": {"c": 2, "d": [4]}, "e": 5}));
        assert_eq!(lay_over(&below, &serde_json::Value::Null), below);
        assert_eq!(lay_over(&serde_json::Value::Null, &above), above);
    }
}
