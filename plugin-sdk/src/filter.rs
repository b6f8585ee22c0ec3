//! Filters: one verdict per event, before anybody is paged.

use serde::de::DeserializeOwned;

use crate::event::{Link, Timestamp, put};
use crate::packed::{EventRef, Severity};
use crate::wire::filter::exports::nightbell::plugin::judging as wire;

pub use wire::{Patch, Suppression, Verdict};

/// Judges events.
///
/// Filters run in the operator's order, and each sees the patches of those before it. The SDK takes the batches apart;
/// an instance usually lives for one batch, so that what must survive goes to [`state`](crate::state).
/// A panic is a trap: the engine then finds the event that causes it and keeps all others' verdicts.
pub trait Filter: Sized {
    /// The operator's settings. [`NoSettings`](crate::NoSettings) when there are none.
    type Settings: DeserializeOwned + Default;

    /// Called once per instance, before the first event.
    fn new(settings: Self::Settings) -> Self;

    /// Called once per event, in order. For acknowledge and resolve events the verdict is ignored.
    fn judge(&mut self, event: &EventRef<'_>) -> Verdict;
}

impl Verdict {
    /// Records the event with this reason; nothing else happens.
    pub fn drop(reason: impl Into<String>) -> Self {
        Self::Drop(reason.into())
    }

    /// The condition counts as firing, but nobody is paged until the event is kept again.
    pub fn suppress(reason: impl Into<String>) -> Self {
        Self::Suppress(Suppression { reason: reason.into(), until: None })
    }

    /// The same, until this instant (milliseconds since the Unix epoch, UTC) at the latest.
    pub fn suppress_until(reason: impl Into<String>, until_ms: Timestamp) -> Self {
        Self::Suppress(Suppression { reason: reason.into(), until: Some(until_ms) })
    }
}

/// An empty patch is the same as keeping the event.
impl From<Patch> for Verdict {
    fn from(patch: Patch) -> Self {
        if patch == Patch::new() { Self::Keep } else { Self::Modify(patch) }
    }
}

impl Default for Patch {
    fn default() -> Self {
        Self::new()
    }
}

impl Patch {
    /// Changes nothing yet.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            title: None,
            severity: None,
            source: None,
            details: None,
            expires_at: None,
            set_labels: vec![],
            remove_labels: vec![],
            set_attributes: vec![],
            remove_attributes: vec![],
            add_links: vec![],
        }
    }

    /// A new title.
    #[must_use]
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.title = Some(title.into());
        self
    }

    /// A new severity.
    #[must_use]
    pub fn severity(mut self, severity: Severity) -> Self {
        self.severity = Some(severity);
        self
    }

    /// A new source.
    #[must_use]
    pub fn source(mut self, source: impl Into<String>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// New details, as JSON text.
    #[must_use]
    pub fn details(mut self, json: impl Into<String>) -> Self {
        self.details = Some(json.into());
        self
    }

    /// A new end, in milliseconds since the Unix epoch, UTC.
    #[must_use]
    pub fn expires_at(mut self, at_ms: Timestamp) -> Self {
        self.expires_at = Some(at_ms);
        self
    }

    /// Sets a label; wins over a removal of the same name.
    #[must_use]
    pub fn set_label(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        put(&mut self.set_labels, name.into(), value.into());
        self
    }

    /// Takes a label away, if it is there.
    #[must_use]
    pub fn remove_label(mut self, name: impl Into<String>) -> Self {
        self.remove_labels.push(name.into());
        self
    }

    /// Sets an attribute; wins over a removal of the same name.
    #[must_use]
    pub fn set_attribute(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        put(&mut self.set_attributes, name.into(), value.into());
        self
    }

    /// Takes an attribute away, if it is there.
    #[must_use]
    pub fn remove_attribute(mut self, name: impl Into<String>) -> Self {
        self.remove_attributes.push(name.into());
        self
    }

    /// Adds a link.
    #[must_use]
    pub fn add_link(mut self, href: impl Into<String>, text: impl Into<String>) -> Self {
        self.add_links.push(Link { href: href.into(), text: text.into() });
        self
    }
}
