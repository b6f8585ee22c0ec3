//! The message that a channel asked to see again: what keeps it current.

use super::{IncidentId, MethodId, PageReason, PersonId};

/// What a channel returned as `thread` for one address: later messages of this incident to it carry the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Thread {
    /// Of which incident.
    pub incident: IncidentId,
    /// On which channel.
    pub channel: String,
    /// To which address.
    pub address: String,
    /// The channel's own text.
    pub thread: String,
    /// The page that began it. `None`: kept by a version that told nobody how things went on; such a thread gets no updates.
    pub page: Option<ThreadPage>,
}

/// Whom the first message of a thread went to, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ThreadPage {
    /// Who.
    pub person: PersonId,
    /// Through which of their methods.
    pub method: MethodId,
    /// Why them.
    pub reason: PageReason,
}
