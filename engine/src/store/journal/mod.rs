//! The journal: what came in and what was decided, in order, durable before anybody is told (I2).
//!
//! Numbered records in pre-allocated segments, written in groups with one `fdatasync` each. This module knows
//! bytes and numbers; what a record means is [`super::disk`]'s. The layout on disk is in
//! `docs/formats/journal.md`.
//!
//! It never reuses an lsn that anybody was told, never answers before the sync, and never goes on after a
//! failed one: the process aborts, and the next start finds out what is on disk.

mod allocator;
mod format;
mod layout;
mod reader;
mod scan;
mod segment;
#[cfg(test)]
mod tests;
mod writer;

pub use allocator::SegmentQuota;
pub(super) use format::{Found, Record};
pub(super) use reader::Reader;
pub(super) use segment::sync_directory;

use super::bounds::JOURNAL_QUEUE_MAX_BYTES;
use allocator::Allocator;
use bytes::Bytes;
use format::{SEGMENT_HEADER, SegmentHeader};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread::JoinHandle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use writer::{Order, Writer};

/// Bytes that one permit of the queue stands for.
const QUEUE_UNIT_BYTES: usize = 4 << 10;

/// Why the journal did not do it.
#[derive(Debug, thiserror::Error)]
pub(super) enum JournalError {
    /// No segment can be made.
    #[error("the disk is full")]
    Full,
    /// A request that no segment can hold.
    #[error("{bytes} bytes at once do not fit into a journal segment of {max} bytes")]
    TooLarge {
        /// Asked for.
        bytes: usize,
        /// A segment's room.
        max: usize,
    },
    /// It was closed, or its thread is gone.
    #[error("the journal is closed")]
    Closed,
    /// A record that was whole once.
    #[error("journal record {lsn} is damaged: {why}")]
    Damaged {
        /// Which.
        lsn: u64,
        /// What does not fit.
        why: &'static str,
    },
    /// A segment that this program cannot read.
    #[error(
        "journal segment {number} has format version {version}, expected {}; start the version of \
         nightbell that wrote it",
        format::VERSION
    )]
    Version {
        /// Which.
        number: u64,
        /// Its format.
        version: u16,
    },
    /// The file system's word.
    #[error("journal: {0}")]
    Io(#[from] io::Error),
}

/// A record without a number.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    /// What it is.
    pub(super) kind: u8,
    /// Of its payload's encoding.
    pub(super) version: u8,
    /// How many lsns it takes; 0 counts as 1.
    pub(super) span: u32,
    /// Its content.
    pub(super) payload: Bytes,
}

/// Told once the group is durable, or will never be: the drafts' lsns, in order. Called by the writer's
/// thread, in journal order; must not block.
pub(super) type Done = Box<dyn FnOnce(Result<&[u64], JournalError>) + Send>;

/// Drafts that are kept together or not at all.
pub(super) struct Request {
    drafts: Vec<Draft>,
    may_use_reserve: bool,
    done: Done,
    _permit: OwnedSemaphorePermit,
}

/// How a journal is kept.
#[derive(Clone, Debug)]
pub(super) struct JournalOptions {
    /// Bytes of a full-grown segment; a multiple of 64, at most 1 GiB.
    pub(super) segment_bytes: u64,
    /// How many segments there may be.
    pub(super) quota: SegmentQuota,
}

/// A journal that was read but is not yet written to.
#[derive(Debug)]
pub(super) struct Scanned {
    /// For reads.
    pub(super) reader: Arc<Reader>,
    /// What the operator should know.
    pub(super) remarks: Vec<String>,
    dir: PathBuf,
    options: JournalOptions,
    /// Where the next group goes; `None` when there is no segment yet.
    end: Option<(SegmentHeader, u64)>,
    /// Empty segments behind it.
    spares: Vec<SegmentHeader>,
    last_number: u64,
    lost_at_most: u64,
}

/// An open journal.
#[derive(Debug)]
pub(super) struct Journal {
    reader: Arc<Reader>,
    orders: mpsc::Sender<Order>,
    /// Bounds the queue, which is a plain channel: a permit travels with each request.
    room: Arc<Semaphore>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// Reads the journal in `dir`, which must exist; changes nothing yet.
pub(super) fn scan(dir: &Path, options: JournalOptions) -> Result<Scanned, JournalError> {
    let scan = scan::scan(dir)?;
    let first = scan.segments.first().map(|header| (*header, SEGMENT_HEADER as u64));
    let end = scan.layout.end().or(first);
    let after = end.map_or(0, |(header, _)| header.number);
    Ok(Scanned {
        spares: scan.segments.into_iter().filter(|header| header.number > after).collect(),
        reader: Arc::new(Reader::new(dir.to_owned(), scan.layout)),
        remarks: scan.remarks,
        dir: dir.to_owned(),
        options,
        end,
        last_number: scan.last_number,
        lost_at_most: scan.lost_at_most,
    })
}

impl Scanned {
    /// Cuts what was never finished and starts the writer. New records are numbered from `next_lsn` if that
    /// is beyond the journal's own end.
    pub(super) fn start(self, next_lsn: u64) -> Result<Journal, JournalError> {
        let Self { reader, dir, options, end, spares, mut last_number, lost_at_most, .. } = self;
        let (active, offset) = match end {
            Some((header, offset)) => (segment::open_from(&dir, header, offset)?, offset),
            None => {
                last_number += 1;
                let segment = segment::create(
                    &dir,
                    last_number,
                    segment::size(last_number, options.segment_bytes),
                );
                (segment.map_err(full_or_io)?, SEGMENT_HEADER as u64)
            }
        };
        let spares = spares
            .into_iter()
            .map(|header| segment::open_from(&dir, header, SEGMENT_HEADER as u64))
            .collect::<Result<_, _>>()?;
        let allocator =
            Allocator::start(dir, options.segment_bytes, last_number + 1, options.quota)?;
        let (orders, ordered) = mpsc::channel();
        let durable = reader.next_lsn().saturating_sub(1);
        let writer = Writer {
            orders: ordered,
            reader: reader.clone(),
            active,
            offset,
            spares,
            allocator,
            full_size: options.segment_bytes,
            next_lsn: next_lsn.max(reader.next_lsn().saturating_add(lost_at_most)),
            durable,
            waiting: Default::default(),
            closing: false,
        };
        let thread =
            std::thread::Builder::new().name("journal".to_owned()).spawn(move || writer.run())?;
        let room = Arc::new(Semaphore::new(JOURNAL_QUEUE_MAX_BYTES / QUEUE_UNIT_BYTES));
        Ok(Journal { reader, orders, room, thread: Mutex::new(Some(thread)) })
    }
}

impl Journal {
    /// For reads.
    pub(super) fn reader(&self) -> &Arc<Reader> {
        &self.reader
    }

    /// Hands drafts to the writer; waits while its queue is full. `done` is told the rest, unless this fails.
    pub(super) async fn submit(
        &self,
        drafts: Vec<Draft>,
        may_use_reserve: bool,
        done: Done,
    ) -> Result<(), JournalError> {
        let bytes: usize = drafts.iter().map(|draft| draft.payload.len()).sum();
        let units = bytes.min(JOURNAL_QUEUE_MAX_BYTES).div_ceil(QUEUE_UNIT_BYTES).max(1) as u32;
        let permit = self.room.clone().acquire_many_owned(units).await;
        let permit = permit.map_err(|_| JournalError::Closed)?;
        let request = Request { drafts, may_use_reserve, done, _permit: permit };
        self.orders.send(Order::Write(request)).map_err(|_| JournalError::Closed)
    }

    /// Writes what waits and ends. Blocks; further calls do nothing.
    pub(super) fn close(&self) {
        self.room.close();
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread {
            // The thread may be gone already; joining tells either way.
            let _ = self.orders.send(Order::Close);
            if thread.join().is_err() {
                tracing::error!(
                    "the journal's thread panicked; the next start replays the journal"
                );
            }
        }
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        self.close();
    }
}

fn full_or_io(error: io::Error) -> JournalError {
    match error.kind() {
        io::ErrorKind::StorageFull => JournalError::Full,
        _ => JournalError::Io(error),
    }
}
