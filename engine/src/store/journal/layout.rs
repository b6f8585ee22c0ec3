//! Where a record lies: a sparse index from lsn to segment and offset, in memory. Only durable groups are in it.

use super::format::{GroupHeader, SegmentHeader};
use crate::store::bounds::BLOCK_BYTES;

/// One entry: from this group on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Entry {
    lsn: u64,
    offset: u64,
}

#[derive(Debug)]
struct SegmentIndex {
    header: SegmentHeader,
    /// Ascending in both fields; not empty.
    entries: Vec<Entry>,
    /// Where its last group ends, padding included.
    end: u64,
}

/// A stretch of whole groups of one segment.
#[derive(Clone, Copy, Debug)]
pub(super) struct Block {
    pub(super) segment: SegmentHeader,
    /// First byte.
    pub(super) from: u64,
    /// First byte after.
    pub(super) to: u64,
    /// Lsn of its first group.
    pub(super) first_lsn: u64,
    /// Where it stands among all blocks, to go on from.
    place: (usize, usize),
}

/// All segments with groups, ascending.
#[derive(Debug, Default)]
pub(super) struct Layout {
    segments: Vec<SegmentIndex>,
    next_lsn: u64,
}

impl Layout {
    pub(super) fn new() -> Self {
        Self { segments: Vec::new(), next_lsn: 1 }
    }

    /// The lsn after the last one.
    pub(super) fn next_lsn(&self) -> u64 {
        self.next_lsn
    }

    /// Adds a group that lies behind all others. `apart` starts a new block, so that a read never has to
    /// walk over what is damaged before it.
    pub(super) fn push(
        &mut self,
        segment: SegmentHeader,
        offset: u64,
        group: &GroupHeader,
        apart: bool,
    ) {
        self.next_lsn = group.next_lsn;
        let entry = Entry { lsn: group.first_lsn, offset };
        let end = offset + group.padded() as u64;
        match self.segments.last_mut() {
            Some(last) if last.header.number == segment.number => {
                last.end = end;
                let begun = last.entries.last().map_or(0, |entry| entry.offset);
                if apart || offset - begun >= BLOCK_BYTES {
                    last.entries.push(entry);
                }
            }
            _ => self.segments.push(SegmentIndex { header: segment, entries: vec![entry], end }),
        }
    }

    /// The last segment with groups, and where its groups end.
    pub(super) fn end(&self) -> Option<(SegmentHeader, u64)> {
        self.segments.last().map(|segment| (segment.header, segment.end))
    }

    /// The block that holds `lsn`, or would.
    pub(super) fn block_of(&self, lsn: u64) -> Option<Block> {
        let after = self.segments.partition_point(|segment| segment.entries[0].lsn <= lsn);
        // A group without records shares its lsn with the next: of equals the last one has the record.
        let segment = after.saturating_sub(1);
        let entries = &self.segments.get(segment)?.entries;
        let entry = entries.partition_point(|entry| entry.lsn <= lsn).saturating_sub(1);
        self.block_at((segment, entry))
    }

    /// The block behind this one.
    pub(super) fn block_after(&self, block: &Block) -> Option<Block> {
        let (segment, entry) = block.place;
        self.block_at((segment, entry + 1)).or_else(|| self.block_at((segment + 1, 0)))
    }

    /// The block before this one.
    pub(super) fn block_before(&self, block: &Block) -> Option<Block> {
        let (segment, entry) = block.place;
        if entry > 0 {
            return self.block_at((segment, entry - 1));
        }
        let segment = segment.checked_sub(1)?;
        self.block_at((segment, self.segments.get(segment)?.entries.len() - 1))
    }

    fn block_at(&self, place: (usize, usize)) -> Option<Block> {
        let index = self.segments.get(place.0)?;
        let entry = index.entries.get(place.1)?;
        let to = index.entries.get(place.1 + 1).map_or(index.end, |next| next.offset);
        Some(Block { segment: index.header, from: entry.offset, to, first_lsn: entry.lsn, place })
    }
}
