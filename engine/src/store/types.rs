//! What goes into a store and comes out of it. Domain values; the disk has types of its own (I10).

use bytes::Bytes;
use jiff::Timestamp;
use nightbell_core::model::{
    Actor, Change, Event, EventId, EventOutcome, IncidentId, IncidentStatus, IntegrationId,
    PluginStamp, ServiceId, State, TimelineEntry, TimerKey,
};
use std::sync::Arc;

/// A header of a payload, name in lower case. Credentials never get this far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// Lower case.
    pub name: String,
    /// As received.
    pub value: String,
}

/// What the parser made of a payload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Parsing {
    /// Events, and what was refused of the rest, one line each.
    Parsed {
        /// Refused parts.
        rejected: Vec<String>,
    },
    /// The parser refused the whole payload.
    Rejected {
        /// The parser's words.
        message: String,
    },
    /// The parser failed (our fault): the arrival holds one raw event.
    Failed {
        /// What went wrong.
        message: String,
    },
}

/// One payload as it came in, with what the parser made of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Arrival {
    /// Through which integration.
    pub integration: IntegrationId,
    /// When.
    pub received_at: Timestamp,
    /// Fresh and unique.
    pub payload_id: String,
    /// Upper case.
    pub method: String,
    /// As the parser sees it: without the key.
    pub path: String,
    /// Without credentials.
    pub query: String,
    /// Without credentials.
    pub headers: Vec<Header>,
    /// Media type, lower case, without parameters.
    pub content_type: String,
    /// As the parser sees it: decoded, keys replaced by `***`.
    pub body: Bytes,
    /// Who parsed it.
    pub parser: Option<PluginStamp>,
    /// What came of it.
    pub parsing: Parsing,
    /// In order; their ids are given by the store.
    pub events: Vec<Event>,
}

/// What was decided upon in a commit, besides events (I14).
#[derive(Clone, Debug, PartialEq)]
pub enum InputRecord {
    /// Events of this range were decided; the ends are inclusive. A batch boundary.
    Events {
        /// First.
        first: EventId,
        /// Last.
        last: EventId,
    },
    /// Somebody wanted something.
    Action {
        /// Who.
        by: Actor,
        /// What, in words without secrets.
        what: String,
    },
    /// A channel finished a try.
    Attempt {
        /// At which delivery.
        delivery: String,
        /// How it ended, in words.
        result: String,
    },
    /// A timer was due.
    Due(TimerKey),
    /// The configuration changed.
    Config {
        /// Hex of the SHA-256 of its text.
        sha256: String,
    },
    /// A plugin failed.
    PluginFailure {
        /// Which.
        plugin: PluginStamp,
        /// How.
        message: String,
    },
}

/// Everything one batch of decisions changes: one record, one transaction (I3).
#[derive(Clone, Debug, PartialEq)]
pub struct Commit {
    /// The time the decisions saw.
    pub now: Timestamp,
    /// What was decided upon, in order.
    pub inputs: Vec<InputRecord>,
    /// All events up to this one are decided.
    pub cursor: EventId,
    /// One per decided event.
    pub outcomes: Vec<EventOutcome>,
    /// Whole values, in order; a later one of the same key wins.
    pub changes: Vec<Change>,
    /// In order.
    pub timeline: Vec<TimelineEntry>,
}

/// What a store found when it was opened.
#[derive(Clone, Debug, Default)]
pub struct Opened {
    /// Everything that is open.
    pub state: State,
    /// All events up to this one are decided.
    pub cursor: EventId,
    /// What the operator should know: a torn tail was cut, the index was rebuilt. One line each.
    pub remarks: Vec<String>,
}

/// Which incidents.
#[derive(Clone, Debug, Default)]
pub struct IncidentFilter {
    /// Any of these; empty: all.
    pub statuses: Vec<IncidentStatus>,
    /// Of this service.
    pub service: Option<ServiceId>,
    /// Older than this one.
    pub before: Option<IncidentId>,
    /// At most so many; never more than [`crate::limits::PAGE_MAX`].
    pub limit: usize,
}

/// Which events.
#[derive(Clone, Debug, Default)]
pub struct EventFilter {
    /// Of this integration.
    pub integration: Option<IntegrationId>,
    /// Only arrivals that were rejected or whose parser failed.
    pub only_unparsed: bool,
    /// Older than this one.
    pub before: Option<EventId>,
    /// At most so many; never more than [`crate::limits::PAGE_MAX`].
    pub limit: usize,
}

/// One page of a list.
#[derive(Clone, Debug, PartialEq)]
pub struct Page<T> {
    /// In the order asked for.
    pub items: Vec<T>,
    /// Whether there are more after the last item.
    pub more: bool,
}

/// An event as it lies in the journal.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredEvent {
    /// Its id; for an arrival without events, the arrival's.
    pub id: EventId,
    /// How it came in.
    pub arrival: Arc<Arrival>,
    /// As parsed, before filters.
    pub event: Option<Event>,
    /// `None` until it is decided, and for rejected arrivals.
    pub outcome: Option<EventOutcome>,
}

/// Why a store did not do it.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The disk is full.
    #[error("the disk that holds the data directory is full; free some space")]
    Full,
    /// Another process has the data directory.
    #[error(
        "data directory {0} is in use by another nightbell process; stop it or choose another `data`"
    )]
    InUse(String),
    /// The data directory cannot be used.
    #[error("data directory {path}: {source}; expected a directory this user can write to")]
    Directory {
        /// Which.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// A record on disk cannot be read although it lies below the durable mark.
    #[error("journal record {lsn} is damaged: {why}")]
    Damaged {
        /// Which.
        lsn: u64,
        /// What does not fit.
        why: String,
    },
    /// Anything else.
    #[error("{0}")]
    Failed(String),
}
