//! What is durable: the journal of what came in and what was decided, and what is open.
//!
//! [`Store`] is domain-level: it speaks of arrivals, commits and incidents, never of keys. All promises of
//! durability are made here and nowhere else: `append` and `commit` answer only when a power cut cannot take
//! the data back (I2), and a commit is all or nothing (I3). Implementations pass `tests/conformance`.

mod types;

pub use types::{
    Arrival, Commit, EventFilter, Header, IncidentFilter, InputRecord, Opened, Page, Parsing,
    StoreError, StoredEvent,
};

use futures_util::future::BoxFuture;
use nightbell_core::model::{
    Delivery, Event, EventId, Incident, IncidentId, TimelineEntry,
};
use std::sync::Arc;
use tokio::sync::watch;

/// Where Nightbell's facts live. One owner per data directory; the pipeline is the only caller of `commit`.
pub trait Store: Send + Sync + 'static {
    /// Makes arrivals durable; called by ingest, many at once; the store groups them into one sync.
    /// Answers each arrival's first event id, in order; the events of one arrival are numbered from it.
    /// An arrival without events takes one id too.
    ///
    /// # Errors
    /// `Full` when the disk is (nothing of the batch was kept); `Failed` otherwise.
    fn append(&self, arrivals: Vec<Arrival>) -> BoxFuture<'_, Result<Vec<EventId>, StoreError>>;

    /// The events after `after` in journal order, at most `max`; at once, empty when there are none.
    /// Only durable events are seen.
    fn pending(
        &self,
        after: EventId,
        max: usize,
    ) -> BoxFuture<'_, Result<Vec<Arc<Event>>, StoreError>>;

    /// The last durable event id, for whoever waits for `pending` to have more.
    fn appended(&self) -> watch::Receiver<EventId>;

    /// Makes one batch of decisions durable, atomically. Called by one task, one at a time.
    ///
    /// # Errors
    /// `Full` when even the reserve is used up; `Failed` otherwise. The caller must stop the process: the
    /// decisions are in memory already.
    fn commit(&self, commit: Commit) -> BoxFuture<'_, Result<(), StoreError>>;

    /// An incident, open or resolved.
    fn incident(&self, id: IncidentId) -> BoxFuture<'_, Result<Option<Arc<Incident>>, StoreError>>;

    /// Incidents, newest first.
    fn incidents(
        &self,
        filter: IncidentFilter,
    ) -> BoxFuture<'_, Result<Page<Arc<Incident>>, StoreError>>;

    /// An incident's timeline, oldest first.
    fn timeline(&self, id: IncidentId) -> BoxFuture<'_, Result<Vec<TimelineEntry>, StoreError>>;

    /// An incident's deliveries in any status, oldest first.
    fn deliveries(&self, id: IncidentId) -> BoxFuture<'_, Result<Vec<Arc<Delivery>>, StoreError>>;

    /// An event with its arrival and, once decided, its outcome. An id of a rejected arrival answers too,
    /// without an event.
    fn event(&self, id: EventId) -> BoxFuture<'_, Result<Option<StoredEvent>, StoreError>>;

    /// Events and rejected arrivals, newest first.
    fn events(&self, filter: EventFilter) -> BoxFuture<'_, Result<Page<StoredEvent>, StoreError>>;
}
