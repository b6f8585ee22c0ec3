//! The one thread that writes the journal: everything that waits becomes one group, is synced once, and is
//! answered. One group is in flight at a time.

use super::allocator::Allocator;
use super::format::{
    ALIGN, GROUP_HEADER, GroupHeader, RECORD_HEADER, Record, SEGMENT_HEADER, put_record,
};
use super::reader::Reader;
use super::segment::Segment;
use super::{Draft, JournalError, Request};
use crate::store::bounds::GROUP_MAX_BYTES;
use std::collections::VecDeque;
use std::io;
use std::os::unix::fs::FileExt;
use std::sync::{Arc, mpsc};

/// What the thread is told.
pub(super) enum Order {
    /// Write this.
    Write(Request),
    /// Write what waits, then end.
    Close,
}

pub(super) struct Writer {
    pub(super) orders: mpsc::Receiver<Order>,
    pub(super) reader: Arc<Reader>,
    pub(super) active: Segment,
    /// Where the next group goes.
    pub(super) offset: u64,
    /// The reserve: empty segments, lowest number first.
    pub(super) spares: VecDeque<Segment>,
    pub(super) allocator: Allocator,
    /// Bytes of a full-grown segment; what does not fit one is refused.
    pub(super) full_size: u64,
    pub(super) next_lsn: u64,
    /// The last durable lsn.
    pub(super) durable: u64,
    pub(super) waiting: VecDeque<Request>,
    pub(super) closing: bool,
}

/// A group being put together.
struct Group {
    bytes: Vec<u8>,
    header: GroupHeader,
    /// Each request's lsns, one per draft.
    answers: Vec<(super::Done, Vec<u64>)>,
}

impl Writer {
    /// Runs until closed. A mark is written at both ends, so that what lies before it can never be taken for
    /// a torn tail.
    pub(super) fn run(mut self) {
        self.mark();
        self.reserve();
        while self.collect() {
            self.write_one();
        }
        self.mark();
    }

    /// Waits for requests; false when there are no more.
    fn collect(&mut self) -> bool {
        if self.waiting.is_empty() && !self.closing {
            let order = self.orders.recv().unwrap_or(Order::Close);
            self.take(order);
        }
        let mut bytes: usize = self.waiting.iter().map(size_of_request).sum();
        while bytes < GROUP_MAX_BYTES && !self.closing {
            let Ok(order) = self.orders.try_recv() else {
                break;
            };
            self.take(order);
            bytes += self.waiting.back().map_or(0, size_of_request);
        }
        !self.waiting.is_empty()
    }

    fn take(&mut self, order: Order) {
        match order {
            Order::Write(request) => self.waiting.push_back(request),
            Order::Close => {
                self.closing = true;
                while let Ok(Order::Write(request)) = self.orders.try_recv() {
                    self.waiting.push_back(request);
                }
            }
        }
    }

    fn write_one(&mut self) {
        let mut group = self.new_group();
        while let Some(request) = self.waiting.pop_front() {
            let size = size_of_request(&request);
            let capacity = self.full_size.saturating_sub(2 * SEGMENT_HEADER as u64) as usize;
            let needed = (GROUP_HEADER + size).next_multiple_of(ALIGN);
            if needed > capacity {
                (request.done)(Err(JournalError::TooLarge { bytes: size, max: capacity }));
                continue;
            }
            let after = (group.bytes.len() + size).next_multiple_of(ALIGN);
            if !group.answers.is_empty() && (after > GROUP_MAX_BYTES || after > self.room()) {
                self.waiting.push_front(request);
                break;
            }
            if !request.may_use_reserve && !self.keeps_reserve(after) {
                (request.done)(Err(JournalError::Full));
                continue;
            }
            if after > self.room() {
                if !self.rotate(needed) {
                    (request.done)(Err(JournalError::Full));
                    continue;
                }
                group = self.new_group();
            }
            self.add(&mut group, request);
        }
        if !group.answers.is_empty() {
            self.write(group);
        }
    }

    fn new_group(&self) -> Group {
        let header = GroupHeader {
            first_lsn: self.next_lsn,
            next_lsn: self.next_lsn,
            durable: self.durable,
            length: 0,
            records: 0,
        };
        Group { bytes: vec![0; GROUP_HEADER], header, answers: Vec::new() }
    }

    fn add(&self, group: &mut Group, request: Request) {
        let mut lsns = Vec::with_capacity(request.drafts.len());
        for Draft { kind, version, span, payload } in request.drafts {
            let (lsn, span) = (group.header.next_lsn, span.max(1));
            let record = Record { lsn, span, kind, version, payload };
            put_record(&mut group.bytes, self.active.header.salt, &record);
            group.header.next_lsn += u64::from(span);
            group.header.records += 1;
            lsns.push(lsn);
        }
        group.answers.push((request.done, lsns));
    }

    fn write(&mut self, mut group: Group) {
        // At most a segment, whose size fits 32 bits.
        group.header.length = group.bytes.len() as u32;
        group.bytes[..GROUP_HEADER].copy_from_slice(&group.header.encode(self.active.header.salt));
        group.bytes.resize(group.header.padded(), 0);
        if let Err(error) = self.active.file.write_all_at(&group.bytes, self.offset) {
            if error.kind() != io::ErrorKind::StorageFull {
                give_up("write", &error);
            }
            // Only on file systems that copy on write. Nothing was promised; the next group goes here again.
            for (done, _) in group.answers {
                done(Err(JournalError::Full));
            }
            return;
        }
        if let Err(error) = self.active.file.sync_data() {
            give_up("sync", &error);
        }
        self.reader.publish(self.active.header, self.offset, &group.header);
        self.offset += group.bytes.len() as u64;
        self.next_lsn = group.header.next_lsn;
        self.durable = self.next_lsn.saturating_sub(1);
        for (done, lsns) in group.answers {
            done(Ok(&lsns));
        }
    }

    /// Writes a group without records: its mark says that everything before it was durable.
    fn mark(&mut self) {
        if self.next_lsn > 1 && self.room() >= ALIGN {
            let group = self.new_group();
            self.write(group);
        }
    }

    fn room(&self) -> usize {
        self.active.header.end().saturating_sub(self.offset) as usize
    }

    /// Has a reserve made when there is none.
    fn reserve(&mut self) {
        self.spares.extend(self.allocator.poll());
        if self.spares.is_empty() {
            self.allocator.order();
        }
    }

    /// Whether a group of this size leaves commits a segment of their own. While the reserve is being made,
    /// the second half of the active segment stands in for it.
    fn keeps_reserve(&mut self, size: usize) -> bool {
        let failed = self.allocator.failed();
        self.reserve();
        if !self.spares.is_empty() {
            return true;
        }
        if failed {
            return false;
        }
        let left = self.room().saturating_sub(size) as u64;
        if left >= self.active.header.capacity() / 2 {
            return true;
        }
        self.spares.extend(self.allocator.wait());
        !self.spares.is_empty()
    }

    /// Goes on in the next segment with room for a group of this size; false when there is none.
    fn rotate(&mut self, size: usize) -> bool {
        while self.room() < size {
            self.reserve();
            if self.spares.is_empty() {
                self.spares.extend(self.allocator.wait());
            }
            let Some(segment) = self.spares.pop_front() else {
                return false;
            };
            self.active = segment;
            self.offset = SEGMENT_HEADER as u64;
        }
        self.reserve();
        true
    }
}

fn size_of_request(request: &Request) -> usize {
    request.drafts.iter().map(|draft| RECORD_HEADER + draft.payload.len()).sum()
}

/// After a failed sync the kernel may have thrown the pages away and say so only once: what is on disk is
/// unknown, and only a replay at the next start can tell.
fn give_up(what: &str, error: &io::Error) -> ! {
    tracing::error!(%error, "the journal cannot {what}; stopping at once, the next start replays it");
    std::process::abort()
}
