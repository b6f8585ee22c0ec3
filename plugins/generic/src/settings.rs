//! The mapping an operator writes: where things are, and what the sender's words mean.

use std::collections::BTreeMap;

use nightbell_plugin::EventKind;
use serde::Deserialize;

use crate::path::Path;

/// The operator's settings. A path is looked up in the item, then in the whole payload.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Where the array of items is; without it the payload is one item, or an array of them.
    pub split: Option<Path>,
    /// The first of these with a text is the title.
    pub title: OneOrMany,
    /// The first of these with a value says what happened.
    pub kind: OneOrMany,
    /// What the values under `kind` mean, in any case. Values that are not listed are guessed.
    pub kinds: Words<Kind>,
    /// The first of these with a value is the severity.
    pub severity: OneOrMany,
    /// What the values under `severity` mean, in any case. Values that are not listed are guessed.
    pub severities: Words<Severity>,
    /// All of these together are the identity.
    pub dedup_key: OneOrMany,
    /// The first of these with a text is the source.
    pub source: OneOrMany,
    /// The first of these with a time is when it began.
    pub starts_at: OneOrMany,
    /// The first of these with a time is when it ends by itself.
    pub expires_at: OneOrMany,
    /// Label name to paths; the first with a value is the label's.
    pub labels: BTreeMap<String, OneOrMany>,
    /// Attribute name to paths.
    pub attributes: BTreeMap<String, OneOrMany>,
    /// Link text to paths; only http and https become links.
    pub links: BTreeMap<String, OneOrMany>,
}

/// One path, or several to try in turn.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "OneOrManyTexts")]
pub struct OneOrMany(Vec<Path>);

#[derive(Deserialize)]
#[serde(untagged, expecting = "expected a path or a list of paths")]
enum OneOrManyTexts {
    One(String),
    Many(Vec<String>),
}

impl TryFrom<OneOrManyTexts> for OneOrMany {
    type Error = String;

    fn try_from(texts: OneOrManyTexts) -> Result<Self, String> {
        let texts = match texts {
            OneOrManyTexts::One(text) => vec![text],
            OneOrManyTexts::Many(texts) => texts,
        };
        texts.into_iter().map(Path::try_from).collect::<Result<_, _>>().map(Self)
    }
}

impl OneOrMany {
    /// The paths in order.
    #[must_use]
    pub fn paths(&self) -> &[Path] {
        &self.0
    }
}

/// The sender's words and what they mean, in any case.
#[derive(Clone, Debug, Deserialize)]
#[serde(from = "BTreeMap<String, T>", bound = "T: Deserialize<'de>")]
pub struct Words<T>(BTreeMap<String, T>);

impl<T> Default for Words<T> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<T> From<BTreeMap<String, T>> for Words<T> {
    fn from(words: BTreeMap<String, T>) -> Self {
        Self(words.into_iter().map(|(word, meaning)| (word.to_lowercase(), meaning)).collect())
    }
}

impl<T: Copy> Words<T> {
    /// What this word means.
    #[must_use]
    pub fn meaning(&self, word: &str) -> Option<T> {
        self.0.get(&word.to_lowercase()).copied()
    }
}

/// An event's kind, by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// The condition holds.
    Trigger,
    /// Somebody is looking at it.
    Acknowledge,
    /// It is over.
    Resolve,
    /// Something was changed.
    Change,
}

impl From<Kind> for EventKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Trigger => Self::Trigger,
            Kind::Acknowledge => Self::Acknowledge,
            Kind::Resolve => Self::Resolve,
            Kind::Change => Self::Change,
        }
    }
}

/// A severity, by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Users are hurt now.
    Critical,
    /// Something is broken.
    Error,
    /// Something will break.
    Warning,
    /// Good to know.
    Info,
    /// The source does not say.
    Unknown,
}

impl From<Severity> for nightbell_plugin::Severity {
    fn from(severity: Severity) -> Self {
        match severity {
            Severity::Critical => Self::Critical,
            Severity::Error => Self::Error,
            Severity::Warning => Self::Warning,
            Severity::Info => Self::Info,
            Severity::Unknown => Self::Unknown,
        }
    }
}
