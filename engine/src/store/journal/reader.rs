//! Reads of durable records by lsn, forwards and backwards. Blocking; any number at once; never sees what is
//! not yet durable.

use super::JournalError;
use super::format::{Found, GroupHeader, Record, SegmentHeader, records};
use super::layout::{Block, Layout};
use super::segment;
use bytes::Bytes;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{PoisonError, RwLock};

/// What the writer and the readers share.
#[derive(Debug)]
pub(in crate::store) struct Reader {
    dir: PathBuf,
    /// A plain lock: held for a look-up or one push, never across a read or an await.
    layout: RwLock<Layout>,
    syncs: AtomicU64,
}

impl Reader {
    pub(super) fn new(dir: PathBuf, layout: Layout) -> Self {
        Self { dir, layout: RwLock::new(layout), syncs: AtomicU64::new(0) }
    }

    /// The lsn after the last durable one.
    pub(in crate::store) fn next_lsn(&self) -> u64 {
        self.look(Layout::next_lsn)
    }

    /// How many groups were synced since the journal was opened.
    pub(in crate::store) fn syncs(&self) -> u64 {
        self.syncs.load(Ordering::Relaxed)
    }

    /// The record that holds `lsn`; `None` when there is none.
    ///
    /// # Errors
    /// `Damaged` when there was one.
    pub(in crate::store) fn read(&self, lsn: u64) -> Result<Option<Record>, JournalError> {
        let Some(block) =
            self.look(|layout| (lsn < layout.next_lsn()).then(|| layout.block_of(lsn)).flatten())
        else {
            return Ok(None);
        };
        for found in self.read_block(&block)? {
            match found {
                Found::Record(record)
                    if (record.lsn..record.lsn + u64::from(record.span)).contains(&lsn) =>
                {
                    return Ok(Some(record));
                }
                Found::Damaged { first, next } if (first..next).contains(&lsn) => {
                    return Err(JournalError::Damaged { lsn, why: "its checksum does not fit" });
                }
                Found::Record(_) | Found::Damaged { .. } => {}
            }
        }
        Ok(None)
    }

    /// Everything from the block that holds `lsn` on, oldest first, block by block; may begin before `lsn`.
    pub(in crate::store) fn forward(&self, lsn: u64) -> Blocks<'_> {
        let next = self.look(|layout| layout.block_of(lsn));
        Blocks { reader: self, next, step: Layout::block_after }
    }

    /// Blocks from the one that holds `lsn` on backwards; the records of each are oldest first.
    pub(in crate::store) fn backward(&self, lsn: u64) -> Blocks<'_> {
        let next = self.look(|layout| layout.block_of(lsn));
        Blocks { reader: self, next, step: Layout::block_before }
    }

    /// A group is durable: readers may see it.
    pub(super) fn publish(&self, segment: SegmentHeader, offset: u64, group: &GroupHeader) {
        self.syncs.fetch_add(1, Ordering::Relaxed);
        let mut layout = self.layout.write().unwrap_or_else(PoisonError::into_inner);
        layout.push(segment, offset, group, false);
    }

    fn look<T>(&self, find: impl FnOnce(&Layout) -> T) -> T {
        find(&self.layout.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn read_block(&self, block: &Block) -> Result<Vec<Found>, JournalError> {
        let file = File::open(segment::path(&self.dir, block.segment.number))?;
        let mut bytes = vec![0; (block.to - block.from) as usize];
        // Before the journal is started a file may still lack its end, if only the last group's padding.
        let mut read = 0;
        while read < bytes.len() {
            match file.read_at(&mut bytes[read..], block.from + read as u64)? {
                0 => break,
                more => read += more,
            }
        }
        let bytes = Bytes::from(bytes);
        let mut found = Vec::new();
        let (mut at, mut lsn) = (0, block.first_lsn);
        while let Some(group) =
            bytes.get(at..).and_then(|rest| GroupHeader::decode(rest, block.segment.salt))
        {
            let end = (at + group.length as usize).min(bytes.len());
            found.extend(records(&group, &bytes.slice(at..end), block.segment.salt));
            (at, lsn) = (at + group.padded(), group.next_lsn);
        }
        // Damage behind the last group of a block, or since the journal was opened: what is missing up to the
        // next block is lost.
        let next = self.look(|layout| {
            layout.block_after(block).map_or(layout.next_lsn(), |next| next.first_lsn)
        });
        if at < bytes.len() && lsn < next {
            found.push(Found::Damaged { first: lsn, next });
        }
        Ok(found)
    }
}

/// See [`Reader::forward`] and [`Reader::backward`].
pub(in crate::store) struct Blocks<'a> {
    reader: &'a Reader,
    next: Option<Block>,
    step: fn(&Layout, &Block) -> Option<Block>,
}

impl Iterator for Blocks<'_> {
    type Item = Result<Vec<Found>, JournalError>;

    fn next(&mut self) -> Option<Self::Item> {
        let block = self.next.take()?;
        self.next = self.reader.look(|layout| (self.step)(layout, &block));
        Some(self.reader.read_block(&block))
    }
}
