//! Reads the reports of a monitor that says which check is down or up.

use nightbell_plugin::{Event, ParseError, Parsed, Parser, Payload, Severity};
use serde::Deserialize;

/// What the operator can set; the same as in plugin.toml.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    dashboard: Option<String>,
}

/// The plugin.
pub struct Plugin {
    settings: Settings,
}

/// A payload. What a monitor may leave out has a default.
#[derive(Deserialize)]
struct Report {
    check: Option<String>,
    state: State,
    #[serde(default)]
    message: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum State {
    Down,
    Up,
}

impl Parser for Plugin {
    type Settings = Settings;

    fn new(settings: Settings) -> Self {
        Self { settings }
    }

    fn parse(&mut self, payload: Payload) -> Result<Parsed, ParseError> {
        let report: Report = payload.json()?;
        let Some(check) = report.check else {
            return Err(ParseError::new("body: expected a text `check`"));
        };
        let mut event = match report.state {
            State::Down => {
                Event::trigger(format!("{check} is down: {}", report.message)).severity(Severity::Critical)
            }
            State::Up => Event::resolve(format!("{check} is up")),
        };
        if let (State::Down, Some(dashboard)) = (&report.state, &self.settings.dashboard) {
            event = event.link(format!("{dashboard}/checks/{check}"), "Dashboard");
        }
        // The same key for the problem and its end: that is how the one resolves the other.
        Ok(Parsed::of(vec![event.source(&check).dedup_key(check)]))
    }
}

nightbell_plugin::export!(parser: Plugin);
