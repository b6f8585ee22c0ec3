//! Where each word of an event's block stands. Positions are relative to the block's first word.
//! A string takes two words (offset, length); a 64-bit number takes two (low, high).

/// Position of the number of live events in the index.
pub(super) const LIVE: usize = 0;
/// Position of the capacity in the index.
pub(super) const CAPACITY: usize = 1;
/// Where the starts of the blocks begin.
pub(super) const STARTS: usize = 2;

pub(super) const KIND: usize = 0;
pub(super) const SEVERITY: usize = 1;
pub(super) const FLAGS: usize = 2;
pub(super) const ID: usize = 3;
pub(super) const RECEIVED_AT: usize = 5;
pub(super) const STARTS_AT: usize = 7;
pub(super) const EXPIRES_AT: usize = 9;
pub(super) const INTEGRATION: usize = 11;
pub(super) const SERVICE: usize = 13;
pub(super) const DEDUP_KEY: usize = 15;
pub(super) const TITLE: usize = 17;
pub(super) const SOURCE: usize = 19;
pub(super) const DETAILS: usize = 21;
/// Numbers of labels, attributes, links and images, one word each.
pub(super) const COUNTS: usize = 23;
/// Where the lists begin: labels, attributes, links, images, one after the other.
pub(super) const LISTS: usize = 27;

/// Bit of [`FLAGS`]: the event has `starts_at`.
pub(super) const HAS_STARTS_AT: u32 = 1;
/// Bit of [`FLAGS`]: the event has `expires_at`.
pub(super) const HAS_EXPIRES_AT: u32 = 2;

/// Words of a (name, value) or (href, text) pair.
pub(super) const PAIR: usize = 4;
/// Words of an image: src, href, alt.
pub(super) const TRIPLE: usize = 6;

/// Splits a 64-bit number into its low and high word.
pub(super) const fn split(value: u64) -> [u32; 2] {
    [value as u32, (value >> 32) as u32]
}

/// Joins a low and a high word.
pub(super) const fn join(low: u32, high: u32) -> u64 {
    (low as u64) | ((high as u64) << 32)
}
