//! Which bytes the journal is made of, and whether some bytes are a segment, a group or a record.
//!
//! The layout is written down for readers in `docs/formats/journal.md`; this is its only implementation.
//! Never touches a file.

use bytes::Bytes;
use crc32c::{crc32c, crc32c_append};

/// Groups begin at multiples of this, so that a reader can find the next one after damage.
pub(super) const ALIGN: usize = 64;
/// A segment starts and ends with this many bytes of header.
pub(super) const SEGMENT_HEADER: usize = 64;
/// Bytes of a group's header.
pub(super) const GROUP_HEADER: usize = 48;
/// Bytes of a record's header.
pub(super) const RECORD_HEADER: usize = 24;

const SEGMENT_MAGIC: &[u8; 8] = b"NBELLSEG";
const GROUP_MAGIC: &[u8; 4] = b"NBGR";
/// Of segments and groups; records have a version of their own.
pub(super) const VERSION: u16 = 1;

/// What a segment says about itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct SegmentHeader {
    /// Counted from 1.
    pub(super) number: u64,
    /// Random; every checksum in the segment starts from it, so that neither an old file's bytes nor a
    /// payload's can pass for a group.
    pub(super) salt: u64,
    /// Bytes of the file.
    pub(super) size: u64,
}

impl SegmentHeader {
    pub(super) fn encode(&self) -> [u8; SEGMENT_HEADER] {
        let mut bytes = [0; SEGMENT_HEADER];
        bytes[..8].copy_from_slice(SEGMENT_MAGIC);
        bytes[8..10].copy_from_slice(&VERSION.to_le_bytes());
        bytes[16..24].copy_from_slice(&self.number.to_le_bytes());
        bytes[24..32].copy_from_slice(&self.salt.to_le_bytes());
        bytes[32..40].copy_from_slice(&self.size.to_le_bytes());
        let crc = crc32c(&bytes[..60]);
        bytes[60..].copy_from_slice(&crc.to_le_bytes());
        bytes
    }

    /// `None` when the bytes are no header of the version we read.
    pub(super) fn decode(bytes: &[u8]) -> Option<Self> {
        (Self::version(bytes)? == VERSION).then(|| Self {
            number: u64_at(bytes, 16),
            salt: u64_at(bytes, 24),
            size: u64_at(bytes, 32),
        })
    }

    /// The version of a whole header, ours or another. Magic, version and checksum keep their places in all.
    pub(super) fn version(bytes: &[u8]) -> Option<u16> {
        let bytes = bytes.get(..SEGMENT_HEADER)?;
        let whole = &bytes[..8] == SEGMENT_MAGIC && u32_at(bytes, 60) == crc32c(&bytes[..60]);
        whole.then(|| u16_at(bytes, 8))
    }

    /// Where groups must end: before the second copy of the header.
    pub(super) fn end(&self) -> u64 {
        self.size.saturating_sub(SEGMENT_HEADER as u64)
    }

    /// Bytes that groups may take.
    pub(super) fn capacity(&self) -> u64 {
        self.end().saturating_sub(SEGMENT_HEADER as u64)
    }
}

/// What is written and synced at once, and kept or cut as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct GroupHeader {
    /// Of its first record.
    pub(super) first_lsn: u64,
    /// The lsn after its last record; `first_lsn` when it has none.
    pub(super) next_lsn: u64,
    /// All lsns up to this one were durable when the group was written.
    pub(super) durable: u64,
    /// Bytes with this header, without padding.
    pub(super) length: u32,
    /// How many records follow.
    pub(super) records: u32,
}

impl GroupHeader {
    pub(super) fn encode(&self, salt: u64) -> [u8; GROUP_HEADER] {
        let mut bytes = [0; GROUP_HEADER];
        bytes[..4].copy_from_slice(GROUP_MAGIC);
        bytes[4..6].copy_from_slice(&VERSION.to_le_bytes());
        bytes[8..16].copy_from_slice(&self.first_lsn.to_le_bytes());
        bytes[16..24].copy_from_slice(&self.next_lsn.to_le_bytes());
        bytes[24..32].copy_from_slice(&self.durable.to_le_bytes());
        bytes[32..36].copy_from_slice(&self.length.to_le_bytes());
        bytes[36..40].copy_from_slice(&self.records.to_le_bytes());
        let crc = salted(salt, &bytes[..44]);
        bytes[44..].copy_from_slice(&crc.to_le_bytes());
        bytes
    }

    /// `None` when no group begins here.
    pub(super) fn decode(bytes: &[u8], salt: u64) -> Option<Self> {
        let bytes = bytes.get(..GROUP_HEADER)?;
        if &bytes[..4] != GROUP_MAGIC
            || u16_at(bytes, 4) != VERSION
            || u32_at(bytes, 44) != salted(salt, &bytes[..44])
        {
            return None;
        }
        let header = Self {
            first_lsn: u64_at(bytes, 8),
            next_lsn: u64_at(bytes, 16),
            durable: u64_at(bytes, 24),
            length: u32_at(bytes, 32),
            records: u32_at(bytes, 36),
        };
        let sane = header.length as usize >= GROUP_HEADER && header.next_lsn >= header.first_lsn;
        sane.then_some(header)
    }

    /// Bytes with padding.
    pub(super) fn padded(&self) -> usize {
        (self.length as usize).next_multiple_of(ALIGN)
    }
}

/// One record as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::store) struct Record {
    /// Its number; its events are numbered from it.
    pub(in crate::store) lsn: u64,
    /// How many lsns it takes, at least 1.
    pub(in crate::store) span: u32,
    /// What it is.
    pub(in crate::store) kind: u8,
    /// Of its payload's encoding.
    pub(in crate::store) version: u8,
    /// Its content.
    pub(in crate::store) payload: Bytes,
}

/// What lies at a place of the journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::store) enum Found {
    /// A whole record.
    Record(Record),
    /// Bytes that are no record: these lsns, half-open, are lost.
    Damaged {
        /// First lost.
        first: u64,
        /// First not lost.
        next: u64,
    },
}

/// Writes a record's header and payload at the end of `out`.
pub(super) fn put_record(out: &mut Vec<u8>, salt: u64, record: &Record) {
    let mut header = [0; RECORD_HEADER];
    header[..8].copy_from_slice(&record.lsn.to_le_bytes());
    header[8..12].copy_from_slice(&record.span.to_le_bytes());
    // The writer refuses what does not fit a segment, whose size fits 32 bits.
    header[12..16].copy_from_slice(&(record.payload.len() as u32).to_le_bytes());
    header[16] = record.kind;
    header[17] = record.version;
    let crc = crc32c_append(salted(salt, &header[..20]), &record.payload);
    header[20..].copy_from_slice(&crc.to_le_bytes());
    out.extend_from_slice(&header);
    out.extend_from_slice(&record.payload);
}

/// The records of a group, in order; `bytes` is the group with its header.
pub(super) fn records(group: &GroupHeader, bytes: &Bytes, salt: u64) -> Vec<Found> {
    let length = (group.length as usize).min(bytes.len());
    let mut found = Vec::with_capacity(group.records.min(4_096) as usize);
    let (mut at, mut lsn) = (GROUP_HEADER, group.first_lsn);
    while lsn < group.next_lsn {
        let Some((record, crc_fits, next)) = record_at(bytes, at, length, salt) else {
            break;
        };
        if record.lsn != lsn || record.span == 0 {
            break;
        }
        let next_lsn = lsn.saturating_add(u64::from(record.span));
        if next_lsn > group.next_lsn {
            break;
        }
        found.push(if crc_fits {
            Found::Record(record)
        } else {
            Found::Damaged { first: lsn, next: next_lsn }
        });
        (at, lsn) = (next, next_lsn);
    }
    if lsn < group.next_lsn {
        found.push(Found::Damaged { first: lsn, next: group.next_lsn });
    }
    found
}

fn record_at(bytes: &Bytes, at: usize, end: usize, salt: u64) -> Option<(Record, bool, usize)> {
    let body = at.checked_add(RECORD_HEADER)?;
    if body > end {
        return None;
    }
    let header = &bytes[at..body];
    let next = body.checked_add(u32_at(header, 12) as usize)?;
    if next > end {
        return None;
    }
    let payload = bytes.slice(body..next);
    let crc = crc32c_append(salted(salt, &header[..20]), &payload);
    let record = Record {
        lsn: u64_at(header, 0),
        span: u32_at(header, 8),
        kind: header[16],
        version: header[17],
        payload,
    };
    Some((record, crc == u32_at(header, 20), next))
}

fn salted(salt: u64, bytes: &[u8]) -> u32 {
    crc32c_append(crc32c(&salt.to_le_bytes()), bytes)
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes([bytes[at], bytes[at + 1]])
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(bytes[at..at + 4].try_into().expect("four bytes were cut out"))
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(bytes[at..at + 8].try_into().expect("eight bytes were cut out"))
}
