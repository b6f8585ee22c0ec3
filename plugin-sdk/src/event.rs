//! Builds events: what a parser answers and a channel is told about.

use serde::Serialize;

use crate::packed::{EventKind, Severity};
use crate::wire::imports::nightbell::plugin::types as wire;

pub use wire::{Event, Image, Label, Link, Timestamp, Urgency};

impl Event {
    /// A condition that holds. Severity is unknown until it is set.
    pub fn trigger(title: impl Into<String>) -> Self {
        Self::of(EventKind::Trigger, title.into())
    }

    /// Somebody at the source is looking at the condition.
    pub fn acknowledge(title: impl Into<String>) -> Self {
        Self::of(EventKind::Acknowledge, title.into())
    }

    /// The condition is over.
    pub fn resolve(title: impl Into<String>) -> Self {
        Self::of(EventKind::Resolve, title.into())
    }

    /// Something was changed: a deployment, a setting, a planned downtime.
    pub fn change(title: impl Into<String>) -> Self {
        Self::of(EventKind::Change, title.into())
    }

    /// An event of this kind with nothing but a title.
    #[must_use]
    pub fn of(kind: EventKind, title: String) -> Self {
        Self {
            kind,
            dedup_key: None,
            title,
            severity: Severity::Unknown,
            starts_at: None,
            expires_at: None,
            source: String::new(),
            links: vec![],
            images: vec![],
            labels: vec![],
            details: String::new(),
            attributes: vec![],
        }
    }

    /// Identity of the condition inside its integration. Without one the host derives it from the title.
    #[must_use]
    pub fn dedup_key(mut self, key: impl Into<String>) -> Self {
        self.dedup_key = Some(key.into());
        self
    }

    /// The source's claim.
    #[must_use]
    pub fn severity(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }

    /// When the condition began, in milliseconds since the Unix epoch, UTC.
    #[must_use]
    pub fn starts_at(mut self, at_ms: Timestamp) -> Self {
        self.starts_at = Some(at_ms);
        self
    }

    /// When the condition ends by itself unless it is sent again, in milliseconds since the Unix epoch, UTC.
    #[must_use]
    pub fn expires_at(mut self, at_ms: Timestamp) -> Self {
        self.expires_at = Some(at_ms);
        self
    }

    /// What is affected: a host, a cluster, a URL.
    #[must_use]
    pub fn source(mut self, source: impl Into<String>) -> Self {
        self.source = source.into();
        self
    }

    /// Adds a label, to match on. A name given twice keeps its last value.
    #[must_use]
    pub fn label(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        put(&mut self.labels, name.into(), value.into());
        self
    }

    /// Adds an attribute, to show. A name given twice keeps its last value.
    #[must_use]
    pub fn attribute(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        put(&mut self.attributes, name.into(), value.into());
        self
    }

    /// Adds a link.
    #[must_use]
    pub fn link(mut self, href: impl Into<String>, text: impl Into<String>) -> Self {
        self.links.push(Link { href: href.into(), text: text.into() });
        self
    }

    /// Adds an image; `href` is where a click leads and may be empty.
    #[must_use]
    pub fn image(
        mut self,
        src: impl Into<String>,
        href: impl Into<String>,
        alt: impl Into<String>,
    ) -> Self {
        self.images.push(Image { src: src.into(), href: href.into(), alt: alt.into() });
        self
    }

    /// The rest of the payload, as JSON.
    ///
    /// # Panics
    /// When the value cannot be written as JSON (a map whose keys are not text).
    #[must_use]
    pub fn details(mut self, details: &impl Serialize) -> Self {
        self.details = to_json(details);
        self
    }

    /// The rest of the payload, already JSON text. Empty text means none.
    #[must_use]
    pub fn details_json(mut self, json: impl Into<String>) -> Self {
        self.details = json.into();
        self
    }
}

pub(crate) fn put(list: &mut Vec<Label>, name: String, value: String) {
    match list.iter_mut().find(|label| label.name == name) {
        Some(label) => label.value = value,
        None => list.push(Label { name, value }),
    }
}

pub(crate) fn to_json(value: &impl Serialize) -> String {
    match serde_json::to_string(value) {
        Ok(json) => json,
        Err(error) => panic!("value has no JSON form: {error}"),
    }
}
