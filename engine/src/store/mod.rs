//! What is durable: the journal of what came in and what was decided, and what is open.
//!
//! [`Store`] is domain-level: it speaks of arrivals, commits and incidents, never of keys. All promises of
//! durability are made here and nowhere else: `append` and `commit` answer only when a power cut cannot take
//! the data back (I2), and a commit is all or nothing (I3). Implementations pass the suite in `conformance`.
//!
//! - [`EmbeddedStore`]: one data directory. The `journal` holds what came in and what was decided, in the forms
//!   that `disk` declares; the `index` says what is open and where the rest lies.
//! - [`MemoryStore`]: for tests and the simulator.

pub mod bounds;
#[cfg(test)]
mod conformance;
mod disk;
mod embedded;
mod history;
mod index;
mod journal;
mod memory;
#[cfg(test)]
mod sample;
mod types;

pub use embedded::{EmbeddedOptions, EmbeddedStore};
pub use journal::SegmentQuota;
pub use memory::MemoryStore;
pub use types::{
    Arrival, Commit, EventFilter, Header, IncidentFilter, InputRecord, Opened, Page, Parsing,
    StoreError, StoredEvent,
};

use futures_util::future::BoxFuture;
use nightbell_core::model::{Alert, Delivery, Event, EventId, Incident, IncidentId, TimelineEntry};
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
    /// Only durable events are seen. Ids have holes: commits are numbered in the same row.
    fn pending(
        &self,
        after: EventId,
        max: usize,
    ) -> BoxFuture<'_, Result<Vec<Arc<Event>>, StoreError>>;

    /// The last durable event's id, 0 when there is none, for whoever waits for `pending` to have more.
    /// An arrival without events leaves it as it is: it has nothing to wait for.
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

    /// An incident's alerts, firing and resolved, each as its latest commit has it, in the order of joining.
    fn alerts(&self, id: IncidentId) -> BoxFuture<'_, Result<Vec<Arc<Alert>>, StoreError>>;

    /// An event with its arrival and, once decided, its outcome. An id of a rejected arrival answers too,
    /// without an event.
    fn event(&self, id: EventId) -> BoxFuture<'_, Result<Option<StoredEvent>, StoreError>>;

    /// Events and rejected arrivals, newest first.
    fn events(&self, filter: EventFilter) -> BoxFuture<'_, Result<Page<StoredEvent>, StoreError>>;
}
