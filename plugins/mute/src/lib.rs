//! Which events wake nobody, by the operator's own words.
//! Rules are tried in order and the first that matches decides. It never changes an event and keeps no state, so the same
//! events always get the same verdicts.

mod instant;
mod matcher;

use nightbell_plugin::{EventRef, Filter, Verdict};
use serde::Deserialize;

use instant::Instant;
use matcher::Matchers;

/// The operator's settings.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    rules: Vec<Rule>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rule {
    #[serde(rename = "match")]
    matchers: Matchers,
    action: Action,
    reason: Reason,
    /// From this instant on (by the engine's receive time) the rule is as if it were not there.
    until: Option<Instant>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Action {
    Drop,
    Suppress,
}

/// Never empty: whoever is not paged has a recorded reason.
#[derive(Debug, Deserialize)]
#[serde(try_from = "String")]
struct Reason(String);

impl TryFrom<String> for Reason {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        if text.trim().is_empty() {
            return Err("expected why nobody needs to know, got nothing");
        }
        Ok(Self(text))
    }
}

/// The plugin.
#[derive(Debug)]
pub struct Mute {
    rules: Vec<Rule>,
}

impl Filter for Mute {
    type Settings = Settings;

    fn new(settings: Settings) -> Self {
        Self { rules: settings.rules }
    }

    fn judge(&mut self, event: &EventRef<'_>) -> Verdict {
        let rule = self.rules.iter().find(|rule| rule.applies_to(event));
        rule.map_or(Verdict::Keep, Rule::verdict)
    }
}

impl Rule {
    fn applies_to(&self, event: &EventRef<'_>) -> bool {
        let over = self.until.is_some_and(|until| until.0 <= event.received_at_ms());
        !over && self.matchers.all_match(event)
    }

    fn verdict(&self) -> Verdict {
        let reason = self.reason.0.as_str();
        match (self.action, self.until) {
            (Action::Drop, _) => Verdict::drop(reason),
            (Action::Suppress, None) => Verdict::suppress(reason),
            (Action::Suppress, Some(until)) => Verdict::suppress_until(reason, until.0),
        }
    }
}

nightbell_plugin::export!(filter: Mute);
