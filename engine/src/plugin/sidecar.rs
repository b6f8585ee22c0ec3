//! The operator's file beside a plugin: `<name>.toml`. It says whether, where in the order and on what the plugin
//! works. It grants nothing: whoever can write into the directory must not be able to.

use nightbell_core::model::Matcher;
use serde::Deserialize;

/// A sidecar, checked. A missing one is the default.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Sidecar {
    pub(super) enabled: bool,
    pub(super) order: i32,
    /// All must match for an event to be shown.
    pub(super) scope: Vec<Matcher>,
    pub(super) settings: serde_json::Value,
    pub(super) shadow: bool,
}

/// The order when nothing is said.
const ORDER: i32 = 100;

impl Default for Sidecar {
    fn default() -> Self {
        Self {
            enabled: true,
            order: ORDER,
            scope: Vec::new(),
            settings: serde_json::json!({}),
            shadow: false,
        }
    }
}

/// As written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    enabled: Option<bool>,
    order: Option<i32>,
    #[serde(default)]
    scope: Vec<String>,
    #[serde(default)]
    settings: toml::Table,
    mode: Option<Mode>,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Mode {
    Live,
    Shadow,
}

impl Sidecar {
    /// Reads a sidecar.
    ///
    /// # Errors
    /// In words, with the line.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let raw: Raw =
            toml::from_str(text).map_err(|error| error.to_string().trim_end().to_owned())?;
        let scope = raw.scope.iter().map(|matcher| Matcher::parse(matcher));
        let scope = scope.collect::<Result<_, _>>().map_err(|error| format!("scope: {error}"))?;
        let settings =
            serde_json::to_value(raw.settings).map_err(|error| format!("settings: {error}"))?;
        Ok(Self {
            enabled: raw.enabled.unwrap_or(true),
            order: raw.order.unwrap_or(ORDER),
            scope,
            settings,
            shadow: matches!(raw.mode, Some(Mode::Shadow)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_sidecar_is_read_and_its_mistakes_are_named() {
        let text = "enabled = false\norder = 7\nmode = 'shadow'\nscope = ['team=shop']\n[settings]\nrules = [1]\n";
        let sidecar = Sidecar::parse(text).expect("valid");
        assert_eq!((sidecar.enabled, sidecar.order, sidecar.shadow), (false, 7, true));
        assert_eq!(sidecar.scope, [Matcher::parse("team=shop").expect("valid")]);
        assert_eq!(sidecar.settings, json!({"rules": [1]}));
        assert_eq!(Sidecar::parse("").expect("empty is fine"), Sidecar::default());
        for (text, expected) in [
            ("enabled = 1", "line 1"),
            ("order = 'first'", "line 1"),
            ("hosts = ['https://evil.example']", "unknown field `hosts`"),
            ("mode = 'dry'", "mode"),
            ("scope = ['team']", "scope: expected `name=value`"),
            ("enabled = true\n[settings", "line 2"),
        ] {
            let error = Sidecar::parse(text).expect_err(text);
            assert!(error.contains(expected), "{text}: {error}");
        }
    }
}
