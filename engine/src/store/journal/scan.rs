//! What a journal holds when it is opened: which groups are whole, what was never finished and is cut, and what
//! is damaged although it was durable once.
//!
//! A broken place is told apart by what follows it. Groups are written one at a time, each naming the lsn up to
//! which everything was durable by then. So when a later group's mark covers the broken place, it was whole
//! once: damage, reported, and the rest is served. When nothing whole follows, its write never finished and
//! nobody was told that it had: a torn tail, cut.

use super::JournalError;
use super::format::{ALIGN, Found, GroupHeader, SEGMENT_HEADER, SegmentHeader, records};
use super::layout::Layout;
use super::segment;
use bytes::Bytes;
use std::path::Path;

/// To compare with, a page at a time.
const ZEROS: [u8; 4_096] = [0; 4_096];

/// What was found.
#[derive(Debug)]
pub(super) struct Scan {
    pub(super) layout: Layout,
    /// All readable segments, ascending.
    pub(super) segments: Vec<SegmentHeader>,
    /// The highest number in use, readable or not.
    pub(super) last_number: u64,
    /// More lsns than unreadable segments behind the last group can have held: to be left out, because some
    /// were told. A record takes more bytes than lsns.
    pub(super) lost_at_most: u64,
    /// One line each.
    pub(super) remarks: Vec<String>,
}

/// A broken place that no later group has explained yet.
struct Suspect {
    segment: SegmentHeader,
    offset: u64,
    /// A group with a whole header and broken records; it counts once a later mark covers it.
    group: Option<(GroupHeader, Vec<(u64, u64)>)>,
}

struct Scanner {
    layout: Layout,
    remarks: Vec<String>,
    suspect: Option<Suspect>,
    /// The next group starts a block of its own.
    apart: bool,
}

/// Reads every segment of `dir`. Changes nothing.
pub(super) fn scan(dir: &Path) -> Result<Scan, JournalError> {
    let mut scanner =
        Scanner { layout: Layout::new(), remarks: Vec::new(), suspect: None, apart: false };
    let mut segments = Vec::new();
    let mut unreadable = Vec::new();
    let mut last_number = 0;
    for number in segment::list(dir)? {
        last_number = number;
        match segment::read(dir, number)? {
            Some((header, bytes)) => {
                segments.push(header);
                scanner.segment(header, &Bytes::from(bytes));
            }
            None => {
                unreadable.push((number, std::fs::metadata(segment::path(dir, number))?.len()));
                scanner.remarks.push(format!(
                    "journal segment {number} cannot be read: both copies of its header are damaged"
                ));
            }
        }
    }
    scanner.end();
    let end = scanner.layout.end().map_or(0, |(header, _)| header.number);
    let behind = unreadable.iter().filter(|(number, _)| *number > end);
    Ok(Scan {
        segments,
        last_number,
        lost_at_most: behind.map(|(_, length)| length).sum(),
        layout: scanner.layout,
        remarks: scanner.remarks,
    })
}

impl Scanner {
    fn segment(&mut self, segment: SegmentHeader, bytes: &Bytes) {
        let end = segment.end() as usize;
        let mut at = SEGMENT_HEADER;
        while at < end {
            let Some(group) = self.group_at(&segment, bytes, at) else {
                // Zeros to the end are a segment's unused rest.
                if bytes[at..end].chunks(ZEROS.len()).all(|chunk| *chunk == ZEROS[..chunk.len()]) {
                    return;
                }
                self.suspect.get_or_insert(Suspect { segment, offset: at as u64, group: None });
                match self.next_group(&segment, bytes, at + ALIGN) {
                    Some(next) => at = next,
                    None => return,
                }
                continue;
            };
            self.accept(segment, bytes, at, group);
            at += group.padded();
        }
    }

    /// A group that can follow what was read so far.
    fn group_at(&self, segment: &SegmentHeader, bytes: &Bytes, at: usize) -> Option<GroupHeader> {
        let group = GroupHeader::decode(bytes.get(at..)?, segment.salt)?;
        let fits = at as u64 + group.padded() as u64 <= segment.end();
        (fits && group.first_lsn >= self.expected()).then_some(group)
    }

    fn next_group(&self, segment: &SegmentHeader, bytes: &Bytes, from: usize) -> Option<usize> {
        (from..segment.end() as usize)
            .step_by(ALIGN)
            .find(|at| self.group_at(segment, bytes, *at).is_some())
    }

    /// The lsn that comes next, counting a group that is still a suspect.
    fn expected(&self) -> u64 {
        let suspect = self.suspect.as_ref().and_then(|suspect| suspect.group.as_ref());
        suspect.map_or(self.layout.next_lsn(), |(group, _)| group.next_lsn)
    }

    fn accept(&mut self, segment: SegmentHeader, bytes: &Bytes, at: usize, group: GroupHeader) {
        self.explain(&group);
        let body = bytes.slice(at..at + group.length as usize);
        let damaged: Vec<_> = records(&group, &body, segment.salt)
            .into_iter()
            .filter_map(|found| match found {
                Found::Damaged { first, next } => Some((first, next)),
                Found::Record(_) => None,
            })
            .collect();
        if damaged.is_empty() {
            self.layout.push(segment, at as u64, &group, self.apart);
            self.apart = false;
        } else {
            let group = Some((group, damaged));
            self.suspect = Some(Suspect { segment, offset: at as u64, group });
        }
    }

    /// A later group says what a broken place was.
    fn explain(&mut self, later: &GroupHeader) {
        if let Some(suspect) = self.suspect.take() {
            self.apart = true;
            if let Some((group, damaged)) = suspect.group {
                for (first, next) in damaged {
                    self.damage(first, next);
                }
                self.layout.push(suspect.segment, suspect.offset, &group, true);
            }
        }
        // Without a hole the broken bytes held nothing; with one, the mark says whether it was durable.
        let expected = self.layout.next_lsn();
        if later.first_lsn > expected && later.durable >= expected {
            self.damage(expected, later.first_lsn);
            self.apart = true;
        }
    }

    fn damage(&mut self, first: u64, next: u64) {
        let last = next.saturating_sub(1);
        self.remarks.push(if first == last {
            format!("journal record {first} is damaged and left out")
        } else {
            format!("journal records {first} to {last} are damaged and left out")
        });
    }

    fn end(&mut self) {
        if let Some(suspect) = self.suspect.take() {
            self.remarks.push(format!(
                "the journal's last write was never finished and is cut: segment {}, byte {}",
                suspect.segment.number, suspect.offset
            ));
        }
    }
}
