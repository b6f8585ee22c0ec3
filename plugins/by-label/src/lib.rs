//! Router `by-label`: where an event goes and how loud it is, by its labels.
//!
//! The first rule that matches decides; what it leaves open is taken from the short forms (`service_label`,
//! `group_by`), and what those leave open stays without an opinion. It holds no state and never sees another event.

mod group;
mod matcher;
mod settings;

pub use group::Template;
pub use matcher::Matcher;
pub use settings::{Loudness, Matchers, Priority, Rule, Settings};

use nightbell_plugin::{Decision, EventRef, Router};

nightbell_plugin::export!(router: ByLabel);

/// The router.
#[derive(Debug)]
pub struct ByLabel {
    settings: Settings,
}

impl Router for ByLabel {
    type Settings = Settings;

    fn new(settings: Settings) -> Self {
        Self { settings }
    }

    fn route(&mut self, event: &EventRef<'_>) -> Option<Decision> {
        let rule = self.settings.rules.iter().find(|rule| rule.matches(event));
        let mut decision = rule.map(|rule| rule.decision(event)).unwrap_or_default();
        decision.service = decision.service.or_else(|| self.settings.service_of(event));
        decision.group_key =
            decision.group_key.or_else(|| group::key(&self.settings.group_by, event));
        (decision != Decision::new()).then_some(decision)
    }
}
