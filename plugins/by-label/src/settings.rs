//! The rules an operator writes, checked when they are read.

use std::collections::BTreeMap;

use nightbell_plugin::{Decision, EventRef, Urgency};
use serde::Deserialize;

use crate::group::Template;
use crate::matcher::{Matcher, value};

/// The operator's settings.
#[derive(Clone, Debug, Default, Deserialize, nightbell_plugin::Settings)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// The first that matches decides.
    pub rules: Vec<Rule>,
    /// The label that names the service of events to which no rule gives one.
    pub service_label: Option<String>,
    /// Values of `service_label` and the services they mean; when empty, the value is the service's id.
    pub services: BTreeMap<String, String>,
    /// Labels that together are the group key of events to which no rule gives one: alerts of one service with the same
    /// key share an incident.
    pub group_by: Vec<String>,
}

/// One rule.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// All of them must match; none match everything.
    #[serde(rename = "match", default)]
    pub matchers: Matchers,
    /// The service's id.
    pub service: Option<String>,
    /// The policy's id, instead of the service's own.
    pub escalation_policy: Option<String>,
    /// `high` or `low`.
    pub urgency: Option<Loudness>,
    /// `P1` to `P5`.
    pub priority: Option<Priority>,
    /// Text with `{label}` in it.
    pub group_key: Option<Template>,
}

impl Settings {
    /// The service that `service_label` names.
    #[must_use]
    pub fn service_of(&self, event: &EventRef<'_>) -> Option<String> {
        let named = value(event, self.service_label.as_deref()?);
        if self.services.is_empty() {
            return (!named.is_empty()).then(|| named.to_owned());
        }
        self.services.get(named).cloned()
    }
}

impl Rule {
    /// Whether every matcher does.
    #[must_use]
    pub fn matches(&self, event: &EventRef<'_>) -> bool {
        self.matchers.0.iter().all(|matcher| matcher.matches(event))
    }

    /// What it says about an event that it matches.
    #[must_use]
    pub fn decision(&self, event: &EventRef<'_>) -> Decision {
        Decision {
            service: self.service.clone(),
            escalation_policy: self.escalation_policy.clone(),
            urgency: self.urgency.map(Urgency::from),
            priority: self.priority.as_ref().map(|priority| priority.0.clone()),
            group_key: self.group_key.as_ref().map(|template| template.fill(event)),
        }
    }
}

/// One matcher, or several that must all match.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(try_from = "OneOrMany")]
pub struct Matchers(Vec<Matcher>);

#[derive(Deserialize)]
#[serde(untagged, expecting = "expected a matcher or a list of matchers")]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

impl TryFrom<OneOrMany> for Matchers {
    type Error = String;

    fn try_from(texts: OneOrMany) -> Result<Self, String> {
        let texts = match texts {
            OneOrMany::One(text) => vec![text],
            OneOrMany::Many(texts) => texts,
        };
        texts.into_iter().map(Matcher::try_from).collect::<Result<_, _>>().map(Self)
    }
}

/// An urgency, by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Loudness {
    /// Wake people.
    High,
    /// It can wait.
    Low,
}

impl From<Loudness> for Urgency {
    fn from(loudness: Loudness) -> Self {
        match loudness {
            Loudness::High => Self::High,
            Loudness::Low => Self::Low,
        }
    }
}

/// A priority, `P1` to `P5`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Priority(String);

impl TryFrom<String> for Priority {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        match text.as_str() {
            "P1" | "P2" | "P3" | "P4" | "P5" => Ok(Self(text)),
            _ => Err(format!("expected a priority from `P1` to `P5`, got `{text}`")),
        }
    }
}
