//! One received signal.

use super::{AlertId, DedupKey, EventId, IntegrationId};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// What a signal says about its condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum EventKind {
    /// The condition holds.
    Trigger,
    /// Somebody took it on, says the monitor.
    Acknowledge,
    /// The condition is over.
    Resolve,
    /// Something changed (a deployment); never pages.
    Change,
}

/// The source's claim, loudest first. It is not urgency, which is how loudly we notify.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Loudest.
    Critical,
    /// An error.
    Error,
    /// A warning.
    Warning,
    /// For information.
    Info,
    /// The source claims nothing; treated as loudly as `Error`.
    Unknown,
}

impl Severity {
    /// The word used in the API, the config and matchers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Critical => "critical",
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Info => "info",
            Self::Unknown => "unknown",
        }
    }
}

impl EventKind {
    /// The word used in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Trigger => "trigger",
            Self::Acknowledge => "acknowledge",
            Self::Resolve => "resolve",
            Self::Change => "change",
        }
    }
}

/// A link to show; `href` is http or https.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Where to.
    pub href: String,
    /// What to call it; may be empty.
    pub text: String,
}

/// A picture to show; `src` is http or https.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    /// The picture.
    pub src: String,
    /// Where a click goes; may be empty.
    pub href: String,
    /// Words in its place; may be empty.
    pub alt: String,
}

/// A name and a value to show, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// The name.
    pub name: String,
    /// The value.
    pub value: String,
}

/// One received signal, parsed; append-only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Its place in the journal.
    pub id: EventId,
    /// The way it came in.
    pub integration: IntegrationId,
    /// When it reached the door.
    pub received_at: Timestamp,
    /// What it says.
    pub kind: EventKind,
    /// The condition it speaks of.
    pub dedup_key: DedupKey,
    /// One line.
    pub title: String,
    /// The source's claim.
    pub severity: Severity,
    /// When the condition began, by the source.
    pub starts_at: Option<Timestamp>,
    /// When it ends unless it is sent again.
    pub expires_at: Option<Timestamp>,
    /// What is affected.
    pub source: String,
    /// Links to show.
    pub links: Vec<Link>,
    /// Pictures to show.
    pub images: Vec<Image>,
    /// Names and values to match on.
    pub labels: BTreeMap<String, String>,
    /// The rest as JSON text; empty means none.
    pub details: String,
    /// Names and values to show, in order.
    pub attributes: Vec<Label>,
}

impl Event {
    /// The alert this event speaks of.
    pub fn alert_id(&self) -> AlertId {
        AlertId { integration: self.integration.clone(), dedup_key: self.dedup_key.clone() }
    }

    /// When the episode began: the source's word, else the time of receipt.
    pub fn began_at(&self) -> Timestamp {
        self.starts_at.unwrap_or(self.received_at)
    }

    /// The value a matcher named `name` looks at: a field of the event, else a label; absent is empty.
    pub fn field<'a>(&'a self, name: &str) -> &'a str {
        match self.labels.get(name) {
            Some(value) => value,
            None => match name {
                "title" => &self.title,
                "source" => &self.source,
                "severity" => self.severity.as_str(),
                "integration" => self.integration.as_str(),
                "dedup_key" => self.dedup_key.as_str(),
                _ => "",
            },
        }
    }
}

/// What a filter changes in an event. Kind, integration and dedup key cannot be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Patch {
    /// New title.
    pub title: Option<String>,
    /// New severity.
    pub severity: Option<Severity>,
    /// New source.
    pub source: Option<String>,
    /// New details, JSON text.
    pub details: Option<String>,
    /// New end.
    pub expires_at: Option<Timestamp>,
    /// Labels added or replaced.
    pub set_labels: Vec<Label>,
    /// Labels taken away.
    pub remove_labels: Vec<String>,
    /// Attributes added or replaced by name.
    pub set_attributes: Vec<Label>,
    /// Attributes taken away by name.
    pub remove_attributes: Vec<String>,
    /// Links added.
    pub add_links: Vec<Link>,
}
