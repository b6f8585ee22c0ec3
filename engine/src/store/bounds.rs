//! Every bound of the store (I8). None is a setting: each says in its own words why it is what it is.

use std::time::Duration;

/// Size of a journal segment, in bytes: large enough that rotation is rare, small enough to write ahead.
pub const SEGMENT_BYTES: u64 = 64 << 20;
/// Size of a journal's first segment, in bytes; each later one is twice its predecessor's up to the full size,
/// so that a new data directory is neither slow to make nor large.
pub const SEGMENT_FIRST_BYTES: u64 = 8 << 20;
/// Most bytes of one group. A larger single request still gets a group of its own, up to a segment.
pub const GROUP_MAX_BYTES: usize = 1 << 20;
/// Bytes of requests waiting for the journal's writer; beyond it callers wait.
pub const JOURNAL_QUEUE_MAX_BYTES: usize = 64 << 20;
/// Commits that are durable but not yet in the index; beyond it `commit` waits.
pub const UNAPPLIED_MAX: usize = 256;
/// Commits folded into one transaction of the index.
pub const FOLD_MAX: usize = 64;
/// Largest value in the index, in bytes; larger ones stay in the journal and the index points at them.
pub const VALUE_MAX_BYTES: usize = 4 << 10;
/// Memory the index may use for pages, in bytes.
pub const INDEX_CACHE_BYTES: u64 = 64 << 20;
/// How often the index writes its pages back by itself, in milliseconds.
pub const INDEX_FLUSH_MS: u64 = 500;
/// Recent events kept in memory for `pending`.
pub const TAIL_MAX_EVENTS: usize = 16_384;
/// Bytes of payload behind the recent events kept in memory.
pub const TAIL_MAX_BYTES: usize = 32 << 20;
/// Reads under way at once; further ones wait.
pub const READS_MAX: usize = 8;
/// Bytes of the journal between two entries of its sparse index.
pub const BLOCK_BYTES: u64 = 32 << 10;
/// Pause after a segment could not be made, before the next try.
pub const ALLOCATE_RETRY_PAUSE: Duration = Duration::from_millis(200);
/// Commits read from the journal before they are folded, when an index is rebuilt.
pub const REPLAY_MAX: usize = 256;
