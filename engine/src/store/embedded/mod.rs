//! The store of one data directory: the journal is what is durable, the index is how to find it.
//!
//! ```text
//! append ─▶ journal ══ fsync ══▶ tail (memory), `appended`, Ok
//! commit ─▶ journal ══ fsync ══▶ Ok, and the index follows
//! reads  ─▶ wait until the index has what was committed ─▶ index, journal
//! ```
//!
//! A commit's answer does not wait for the index; a read that follows it does, so that nobody misses what they
//! were told (I3).

mod read;
mod tail;
#[cfg(test)]
mod tests;

use super::bounds::{READS_MAX, SEGMENT_BYTES, UNAPPLIED_MAX};
use super::disk;
use super::index::{Applier, Index};
use super::journal::{self, Journal, JournalError, JournalOptions, SegmentQuota};
use super::{
    Arrival, Commit, EventFilter, IncidentFilter, Opened, Page, Store, StoreError, StoredEvent,
};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use nightbell_core::model::{Alert, Delivery, Event, EventId, Incident, IncidentId, TimelineEntry};
use read::Reads;
use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tail::Tail;
use tokio::sync::{Semaphore, oneshot, watch};

/// How the store of a data directory is kept.
#[derive(Clone, Debug)]
pub struct EmbeddedOptions {
    /// Bytes of a full-grown journal segment; a multiple of 64, at most 1 GiB. The largest append must fit.
    pub segment_bytes: u64,
    /// How many segments there may be; beyond it the store behaves as on a full disk.
    pub segments: SegmentQuota,
}

impl Default for EmbeddedOptions {
    fn default() -> Self {
        Self { segment_bytes: SEGMENT_BYTES, segments: SegmentQuota::default() }
    }
}

/// See the module.
#[derive(Debug)]
pub struct EmbeddedStore {
    journal: Journal,
    front: Arc<Front>,
    reads: Arc<Reads>,
    /// Bounds the reads under way.
    read_room: Arc<Semaphore>,
    /// Bounds the commits that the index lacks.
    unapplied_room: Arc<Semaphore>,
}

/// What the journal's thread does when a group is durable.
#[derive(Debug)]
struct Front {
    /// Held for a push or a look, never across an await.
    tail: Mutex<Tail>,
    appended: watch::Sender<EventId>,
    /// Lsn of the last durable commit.
    committed: AtomicU64,
    applier: Applier,
}

impl EmbeddedStore {
    /// Opens the data directory `dir`, making it (mode 0700) when it is missing, and reads back what is open.
    /// Blocks for as long as it takes to read the journal.
    ///
    /// # Errors
    /// `InUse` when another process has it, `Directory` when it cannot be used.
    pub fn open(dir: &Path, options: EmbeddedOptions) -> Result<(Self, Opened), StoreError> {
        let lock = lock(dir)?;
        let journal_dir = dir.join("journal");
        make(&journal_dir)?;
        let journal_options =
            JournalOptions { segment_bytes: options.segment_bytes, quota: options.segments };
        let mut scanned = journal::scan(&journal_dir, journal_options)?;
        let mut remarks = std::mem::take(&mut scanned.remarks);
        let opened = Index::open(&dir.join("index"), &scanned.reader)?;
        remarks.extend(opened.remarks);
        let failed = |error: io::Error| StoreError::Failed(format!("no thread: {error}"));
        let applier = Applier::start(opened.index.clone(), opened.applied).map_err(failed)?;
        let end = EventId(opened.next_lsn.saturating_sub(1));
        let last_event = read::last_event(&scanned.reader)?;
        let front = Arc::new(Front {
            tail: Mutex::new(Tail::new(end)),
            appended: watch::Sender::new(last_event),
            committed: AtomicU64::new(opened.applied),
            applier,
        });
        let journal = scanned.start(opened.next_lsn)?;
        let reader = journal.reader().clone();
        let store = Self {
            journal,
            front,
            reads: Arc::new(Reads { index: opened.index, journal: reader, _lock: lock }),
            read_room: Arc::new(Semaphore::new(READS_MAX)),
            unapplied_room: Arc::new(Semaphore::new(UNAPPLIED_MAX)),
        };
        Ok((store, Opened { state: opened.state, cursor: opened.cursor, remarks }))
    }

    /// Finishes what was asked for, writes the index back and ends the threads. Blocks for that long; what is
    /// asked afterwards fails. Dropping the store does the same, and gives the directory back.
    pub fn close(&self) {
        self.journal.close();
        self.front.applier.close();
        self.unapplied_room.close();
        self.read_room.close();
    }

    /// How many groups were synced since it was opened: appends and commits that waited together share one.
    pub fn syncs(&self) -> u64 {
        self.journal.reader().syncs()
    }

    async fn append_all(&self, arrivals: Vec<Arrival>) -> Result<Vec<EventId>, StoreError> {
        if arrivals.is_empty() {
            return Ok(Vec::new());
        }
        let drafts: Vec<_> = arrivals.iter().map(disk::draft_of_arrival).collect();
        let sizes: Vec<_> = drafts.iter().map(|draft| draft.payload.len()).collect();
        let (answer, answered) = oneshot::channel();
        let front = self.front.clone();
        let done = Box::new(move |result: Result<&[u64], JournalError>| {
            let ids = result.map(|lsns| front.publish(arrivals, lsns, &sizes));
            // Nobody may be waiting any more; the arrivals are durable all the same.
            let _ = answer.send(ids);
        });
        self.journal.submit(drafts, false, done).await?;
        Ok(answered.await.map_err(|_| JournalError::Closed)??)
    }

    async fn commit_one(&self, commit: Commit) -> Result<(), StoreError> {
        let permit = self.unapplied_room.clone().acquire_owned().await;
        let permit = permit.map_err(|_| JournalError::Closed)?;
        let draft = disk::draft_of_commit(&commit);
        let (answer, answered) = oneshot::channel();
        let front = self.front.clone();
        let commit = Arc::new(commit);
        let done = Box::new(move |result: Result<&[u64], JournalError>| {
            let result = result.map(|lsns| {
                let lsn = lsns.first().copied().expect("one draft was handed in");
                front.committed.store(lsn, Ordering::Release);
                front.tail().forget(commit.cursor);
                front.applier.apply(lsn, commit, permit);
            });
            let _ = answer.send(result);
        });
        self.journal.submit(vec![draft], true, done).await?;
        Ok(answered.await.map_err(|_| JournalError::Closed)??)
    }

    /// Runs a blocking read once the index has what was committed before.
    async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Reads) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let committed = self.front.committed.load(Ordering::Acquire);
        let mut progress = self.front.applier.progress();
        let applied = progress
            .wait_for(|applied| applied.failed.is_some() || applied.lsn >= committed)
            .await
            .map(|applied| applied.clone())
            .map_err(|_| JournalError::Closed)?;
        match applied.failed {
            Some(why) if applied.lsn < committed => Err(StoreError::Failed(format!(
                "the index failed and is made again at the next start: {why}"
            ))),
            _ => self.read_journal(read).await,
        }
    }

    /// Runs a blocking read that needs no index.
    async fn read_journal<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Reads) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let permit = self.read_room.clone().acquire_owned().await;
        let permit = permit.map_err(|_| JournalError::Closed)?;
        let reads = self.reads.clone();
        let read = move || {
            let _permit = permit;
            read(&reads)
        };
        tokio::task::spawn_blocking(read)
            .await
            .map_err(|error| StoreError::Failed(format!("a read broke off: {error}")))?
    }
}

impl Front {
    /// Makes durable arrivals visible; answers their first ids.
    fn publish(&self, arrivals: Vec<Arrival>, lsns: &[u64], sizes: &[usize]) -> Vec<EventId> {
        let mut last = None;
        let mut tail = self.tail();
        for ((arrival, lsn), size) in arrivals.into_iter().zip(lsns).zip(sizes) {
            let mut events = arrival.events;
            for (event, id) in events.iter_mut().zip(*lsn..) {
                event.id = EventId(id);
                last = Some(event.id);
            }
            tail.push(events, *size);
        }
        drop(tail);
        if let Some(last) = last {
            self.appended.send_replace(last);
        }
        lsns.iter().copied().map(EventId).collect()
    }

    fn tail(&self) -> MutexGuard<'_, Tail> {
        self.tail.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for EmbeddedStore {
    fn drop(&mut self) {
        self.close();
    }
}

impl From<JournalError> for StoreError {
    fn from(error: JournalError) -> Self {
        match error {
            JournalError::Full => Self::Full,
            JournalError::Damaged { lsn, why } => Self::Damaged { lsn, why: why.to_owned() },
            JournalError::TooLarge { .. }
            | JournalError::Closed
            | JournalError::Version { .. }
            | JournalError::Io(_) => Self::Failed(error.to_string()),
        }
    }
}

/// Makes the data directory and takes it for this process.
fn lock(dir: &Path) -> Result<File, StoreError> {
    make(dir)?;
    let path = dir.join("lock");
    let mut options = OpenOptions::new();
    let file = options.write(true).create(true).truncate(false).mode(0o600).open(&path);
    let file = file.map_err(|source| directory(&path, source))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StoreError::InUse(dir.display().to_string())),
        Err(TryLockError::Error(source)) => Err(directory(&path, source)),
    }
}

/// Makes a directory for this user alone, and its name durable.
fn make(dir: &Path) -> Result<(), StoreError> {
    if dir.is_dir() {
        return Ok(());
    }
    let made = || {
        DirBuilder::new().recursive(true).mode(0o700).create(dir)?;
        let parent = dir.parent().filter(|parent| !parent.as_os_str().is_empty());
        journal::sync_directory(parent.unwrap_or(Path::new(".")))
    };
    made().map_err(|source| directory(dir, source))
}

fn directory(path: &Path, source: io::Error) -> StoreError {
    StoreError::Directory { path: path.display().to_string(), source }
}

impl Store for EmbeddedStore {
    fn append(&self, arrivals: Vec<Arrival>) -> BoxFuture<'_, Result<Vec<EventId>, StoreError>> {
        self.append_all(arrivals).boxed()
    }

    fn pending(
        &self,
        after: EventId,
        max: usize,
    ) -> BoxFuture<'_, Result<Vec<Arc<Event>>, StoreError>> {
        async move {
            if let Some(events) = self.front.tail().after(after, max) {
                return Ok(events);
            }
            self.read_journal(move |reads| reads.pending(after, max)).await
        }
        .boxed()
    }

    fn appended(&self) -> watch::Receiver<EventId> {
        self.front.appended.subscribe()
    }

    fn commit(&self, commit: Commit) -> BoxFuture<'_, Result<(), StoreError>> {
        self.commit_one(commit).boxed()
    }

    fn incident(&self, id: IncidentId) -> BoxFuture<'_, Result<Option<Arc<Incident>>, StoreError>> {
        self.read(move |reads| reads.incident(id)).boxed()
    }

    fn incidents(
        &self,
        filter: IncidentFilter,
    ) -> BoxFuture<'_, Result<Page<Arc<Incident>>, StoreError>> {
        self.read(move |reads| reads.incidents(&filter)).boxed()
    }

    fn timeline(&self, id: IncidentId) -> BoxFuture<'_, Result<Vec<TimelineEntry>, StoreError>> {
        self.read(move |reads| reads.timeline(id)).boxed()
    }

    fn deliveries(&self, id: IncidentId) -> BoxFuture<'_, Result<Vec<Arc<Delivery>>, StoreError>> {
        self.read(move |reads| reads.deliveries(id)).boxed()
    }

    fn alerts(&self, id: IncidentId) -> BoxFuture<'_, Result<Vec<Arc<Alert>>, StoreError>> {
        self.read(move |reads| reads.alerts(id)).boxed()
    }

    fn event(&self, id: EventId) -> BoxFuture<'_, Result<Option<StoredEvent>, StoreError>> {
        self.read(move |reads| reads.event(id)).boxed()
    }

    fn events(&self, filter: EventFilter) -> BoxFuture<'_, Result<Page<StoredEvent>, StoreError>> {
        self.read(move |reads| reads.events(&filter)).boxed()
    }
}
