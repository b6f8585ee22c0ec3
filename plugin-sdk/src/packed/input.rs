//! What goes into a packed batch: events, and what a filter changes in them. Everything is borrowed.

use super::{EventKind, Severity};

/// The single-valued fields of an event.
#[derive(Clone, Copy, Debug)]
pub struct Head<'a> {
    /// What the signal says.
    pub kind: EventKind,
    /// The source's claim.
    pub severity: Severity,
    /// The event's id in the journal.
    pub id: u64,
    /// Milliseconds since the Unix epoch, UTC.
    pub received_at_ms: i64,
    /// Milliseconds since the Unix epoch, UTC.
    pub starts_at_ms: Option<i64>,
    /// Milliseconds since the Unix epoch, UTC.
    pub expires_at_ms: Option<i64>,
    /// The integration's id.
    pub integration: &'a str,
    /// The integration's own service.
    pub service: &'a str,
    /// Identity inside the integration; the host derives one before it packs.
    pub dedup_key: &'a str,
    /// One line for people.
    pub title: &'a str,
    /// What is affected.
    pub source: &'a str,
    /// One JSON value, or empty.
    pub details: &'a str,
}

/// Something that can be packed. Lists are walked once, in order.
pub trait Packable {
    /// The single-valued fields.
    fn head(&self) -> Head<'_>;
    /// (name, value).
    fn labels(&self) -> impl Iterator<Item = (&str, &str)>;
    /// (name, value).
    fn attributes(&self) -> impl Iterator<Item = (&str, &str)>;
    /// (href, text).
    fn links(&self) -> impl Iterator<Item = (&str, &str)>;
    /// (src, href, alt).
    fn images(&self) -> impl Iterator<Item = (&str, &str, &str)>;
}

/// An owned-list event for callers without a type of their own: tests and tools.
#[derive(Clone, Debug)]
pub struct PackedEvent<'a> {
    /// The single-valued fields.
    pub head: Head<'a>,
    /// (name, value).
    pub labels: Vec<(&'a str, &'a str)>,
    /// (name, value).
    pub attributes: Vec<(&'a str, &'a str)>,
    /// (href, text).
    pub links: Vec<(&'a str, &'a str)>,
    /// (src, href, alt).
    pub images: Vec<(&'a str, &'a str, &'a str)>,
}

impl<'a> PackedEvent<'a> {
    /// A trigger of unknown severity with this title and nothing else.
    #[must_use]
    pub fn trigger(title: &'a str) -> Self {
        let head = Head {
            kind: EventKind::Trigger,
            severity: Severity::Unknown,
            id: 0,
            received_at_ms: 0,
            starts_at_ms: None,
            expires_at_ms: None,
            integration: "",
            service: "",
            dedup_key: "",
            title,
            source: "",
            details: "",
        };
        Self { head, labels: vec![], attributes: vec![], links: vec![], images: vec![] }
    }

    /// Adds a label.
    #[must_use]
    pub fn label(mut self, name: &'a str, value: &'a str) -> Self {
        self.labels.push((name, value));
        self
    }
}

impl Packable for PackedEvent<'_> {
    fn head(&self) -> Head<'_> {
        self.head
    }
    fn labels(&self) -> impl Iterator<Item = (&str, &str)> {
        self.labels.iter().copied()
    }
    fn attributes(&self) -> impl Iterator<Item = (&str, &str)> {
        self.attributes.iter().copied()
    }
    fn links(&self) -> impl Iterator<Item = (&str, &str)> {
        self.links.iter().copied()
    }
    fn images(&self) -> impl Iterator<Item = (&str, &str, &str)> {
        self.images.iter().copied()
    }
}

/// What a filter changes in an event. Removals come before settings: a name in both is set.
#[derive(Clone, Debug, Default)]
pub struct Rewrite<'a> {
    /// A new title.
    pub title: Option<&'a str>,
    /// A new severity.
    pub severity: Option<Severity>,
    /// A new source.
    pub source: Option<&'a str>,
    /// New details.
    pub details: Option<&'a str>,
    /// A new end, in milliseconds since the Unix epoch. It cannot be taken away.
    pub expires_at_ms: Option<i64>,
    /// (name, value): replaces in place, else appends.
    pub set_labels: Vec<(&'a str, &'a str)>,
    /// Names.
    pub remove_labels: Vec<&'a str>,
    /// (name, value): replaces in place, else appends.
    pub set_attributes: Vec<(&'a str, &'a str)>,
    /// Names.
    pub remove_attributes: Vec<&'a str>,
    /// (href, text), appended.
    pub add_links: Vec<(&'a str, &'a str)>,
}
