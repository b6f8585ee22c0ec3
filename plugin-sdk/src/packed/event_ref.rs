//! Reads a packed batch without copying.
//! Every access is bounds-checked: a malformed batch is refused at [`Batch::open`] or stops the reader with a panic
//! (a trap in a guest), never with wrong memory.

use super::block::{self, join};
use super::{EventKind, Random, Severity, text};

/// A packed batch, open for reading.
#[derive(Clone, Copy, Debug)]
pub struct Batch<'a> {
    arena: &'a str,
    index: &'a [u32],
    starts: &'a [u32],
}

/// Why a batch cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Malformed {
    /// The index ends before its own list of events does.
    Index {
        /// Words there are.
        words: usize,
    },
    /// More live events than the capacity.
    Live {
        /// Live events claimed.
        live: u32,
        /// Capacity claimed.
        capacity: u32,
    },
    /// The arena is not UTF-8.
    Text,
}

impl std::fmt::Display for Malformed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Index { words } => {
                write!(f, "packed batch: the index of {words} words ends before its list of events")
            }
            Self::Live { live, capacity } => {
                write!(f, "packed batch: {live} live events in a capacity of {capacity}")
            }
            Self::Text => write!(f, "packed batch: the arena is not UTF-8"),
        }
    }
}

impl std::error::Error for Malformed {}

impl<'a> Batch<'a> {
    /// Opens a batch for reading.
    ///
    /// # Errors
    /// [`Malformed`] when the list of events does not fit the index or the arena is not UTF-8. Blocks are
    /// checked when they are read.
    pub fn open(arena: &'a [u8], index: &'a [u32]) -> Result<Self, Malformed> {
        let short = Malformed::Index { words: index.len() };
        let (&live, &capacity) =
            index.get(block::LIVE).zip(index.get(block::CAPACITY)).ok_or(short)?;
        if live > capacity {
            return Err(Malformed::Live { live, capacity });
        }
        let end = block::STARTS.checked_add(capacity as usize).ok_or(short)?;
        let starts = index.get(block::STARTS..end).ok_or(short)?;
        let arena = text::of(arena).ok_or(Malformed::Text)?;
        Ok(Self { arena, index, starts: &starts[..live as usize] })
    }

    /// How many live events there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.starts.len()
    }

    /// True when no event is live.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.starts.is_empty()
    }

    /// The live event at this position, from 0.
    #[must_use]
    pub fn get(&self, position: usize) -> Option<EventRef<'a>> {
        let start = *self.starts.get(position)? as usize;
        Some(EventRef { arena: self.arena, words: self.index.get(start..).unwrap_or(&[]) })
    }

    /// The live events, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = EventRef<'a>> + use<'a> {
        let batch = *self;
        (0..batch.len()).map(move |at| batch.get(at).unwrap_or_else(|| malformed()))
    }
}

/// One event of a packed batch. Cheap to copy; every string borrows the batch.
///
/// # Panics
/// All getters panic when the batch is malformed, which only a wrong host can cause.
#[derive(Clone, Copy)]
pub struct EventRef<'a> {
    arena: &'a str,
    /// From the block's first word to the index's end.
    words: &'a [u32],
}

impl<'a> EventRef<'a> {
    /// What the signal says about its condition.
    #[must_use]
    pub fn kind(&self) -> EventKind {
        EventKind::from_code(self.word(block::KIND)).unwrap_or_else(|| malformed())
    }

    /// The source's claim.
    #[must_use]
    pub fn severity(&self) -> Severity {
        Severity::from_code(self.word(block::SEVERITY)).unwrap_or_else(|| malformed())
    }

    /// The event's id in the journal.
    #[must_use]
    pub fn id(&self) -> u64 {
        self.long(block::ID)
    }

    /// When the engine received it, in milliseconds since the Unix epoch, UTC. A plugin's only clock.
    #[must_use]
    pub fn received_at_ms(&self) -> i64 {
        self.long(block::RECEIVED_AT) as i64
    }

    /// When the condition began by the source's clock, in milliseconds since the Unix epoch.
    #[must_use]
    pub fn starts_at_ms(&self) -> Option<i64> {
        self.flag(block::HAS_STARTS_AT).then(|| self.long(block::STARTS_AT) as i64)
    }

    /// When the condition ends by itself unless it is sent again, in milliseconds since the Unix epoch.
    #[must_use]
    pub fn expires_at_ms(&self) -> Option<i64> {
        self.flag(block::HAS_EXPIRES_AT).then(|| self.long(block::EXPIRES_AT) as i64)
    }

    /// The integration through which it came.
    #[must_use]
    pub fn integration(&self) -> &'a str {
        self.string(block::INTEGRATION)
    }

    /// The integration's own service: where the event goes when no router has an opinion.
    #[must_use]
    pub fn service(&self) -> &'a str {
        self.string(block::SERVICE)
    }

    /// Identity of the condition inside its integration; the host has derived one when the parser gave none.
    #[must_use]
    pub fn dedup_key(&self) -> &'a str {
        self.string(block::DEDUP_KEY)
    }

    /// One line for people.
    #[must_use]
    pub fn title(&self) -> &'a str {
        self.string(block::TITLE)
    }

    /// What is affected: a host, a cluster, a URL. May be empty.
    #[must_use]
    pub fn source(&self) -> &'a str {
        self.string(block::SOURCE)
    }

    /// The rest of the payload as one JSON value; empty text means none.
    #[must_use]
    pub fn details(&self) -> &'a str {
        self.string(block::DETAILS)
    }

    /// The value of the label with this name (the first, should there be two).
    #[must_use]
    pub fn label(&self, name: &str) -> Option<&'a str> {
        self.value(0, name)
    }

    /// The labels as (name, value), in the parser's order.
    #[must_use]
    pub fn labels(&self) -> Pairs<'a> {
        self.pairs(0)
    }

    /// The value of the attribute with this name (the first, should there be two).
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&'a str> {
        self.value(1, name)
    }

    /// The attributes as (name, value), in the parser's order.
    #[must_use]
    pub fn attributes(&self) -> Pairs<'a> {
        self.pairs(1)
    }

    /// The links as (href, text).
    #[must_use]
    pub fn links(&self) -> Pairs<'a> {
        self.pairs(2)
    }

    /// The images as (src, href, alt).
    #[must_use]
    pub fn images(&self) -> Triples<'a> {
        Triples { arena: self.arena, words: self.list(3, block::TRIPLE) }
    }

    /// Random numbers that are the same for this event at every replay, for sampling and the like. The seed is its
    /// integration, dedup key and id; every call begins anew.
    #[must_use]
    pub fn random(&self) -> Random {
        Random::of(self.integration(), self.dedup_key(), self.id())
    }

    fn word(&self, at: usize) -> u32 {
        self.words.get(at).copied().unwrap_or_else(|| malformed())
    }

    fn long(&self, at: usize) -> u64 {
        join(self.word(at), self.word(at + 1))
    }

    fn flag(&self, bit: u32) -> bool {
        self.word(block::FLAGS) & bit != 0
    }

    fn string(&self, at: usize) -> &'a str {
        slice(self.arena, self.word(at), self.word(at + 1))
    }

    /// The value of the first pair with this name. Names of another length are told apart by a number alone.
    fn value(&self, list: usize, name: &str) -> Option<&'a str> {
        let (pairs, _) = self.list(list, block::PAIR).as_chunks::<{ block::PAIR }>();
        let is_it = |[offset, length, ..]: &[u32; block::PAIR]| {
            *length as usize == name.len() && slice(self.arena, *offset, *length) == name
        };
        let [.., offset, length] = pairs.iter().find(|pair| is_it(pair))?;
        Some(slice(self.arena, *offset, *length))
    }

    fn pairs(&self, list: usize) -> Pairs<'a> {
        Pairs { arena: self.arena, words: self.list(list, block::PAIR) }
    }

    /// The words of the list with this number (labels 0, attributes 1, links 2, images 3).
    pub(super) fn list(&self, list: usize, words_each: usize) -> &'a [u32] {
        let mut from = block::LISTS;
        for before in 0..list {
            from = end_of(from, self.word(block::COUNTS + before), block::PAIR);
        }
        let to = end_of(from, self.word(block::COUNTS + list), words_each);
        self.words.get(from..to).unwrap_or_else(|| malformed())
    }

    /// The head of the block, for the packer's patches.
    pub(super) fn head(&self) -> &'a [u32] {
        self.words.get(..block::LISTS).unwrap_or_else(|| malformed())
    }
}

impl std::fmt::Debug for EventRef<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EventRef")
            .field("id", &self.id())
            .field("kind", &self.kind())
            .field("title", &self.title())
            .finish_non_exhaustive()
    }
}

/// (name, value) or (href, text) pairs of one event.
#[derive(Clone, Debug)]
pub struct Pairs<'a> {
    arena: &'a str,
    words: &'a [u32],
}

impl<'a> Iterator for Pairs<'a> {
    type Item = (&'a str, &'a str);

    fn next(&mut self) -> Option<Self::Item> {
        let (pair, rest) = self.words.split_first_chunk::<{ block::PAIR }>()?;
        self.words = rest;
        Some((slice(self.arena, pair[0], pair[1]), slice(self.arena, pair[2], pair[3])))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.words.len() / block::PAIR;
        (left, Some(left))
    }
}

impl ExactSizeIterator for Pairs<'_> {}

/// (src, href, alt) triples of one event.
#[derive(Clone, Debug)]
pub struct Triples<'a> {
    arena: &'a str,
    words: &'a [u32],
}

impl<'a> Iterator for Triples<'a> {
    type Item = (&'a str, &'a str, &'a str);

    fn next(&mut self) -> Option<Self::Item> {
        let (image, rest) = self.words.split_first_chunk::<{ block::TRIPLE }>()?;
        self.words = rest;
        let part = |at: usize| slice(self.arena, image[at], image[at + 1]);
        Some((part(0), part(2), part(4)))
    }
}

fn slice(arena: &str, offset: u32, length: u32) -> &str {
    let from = offset as usize;
    from.checked_add(length as usize)
        .and_then(|to| arena.get(from..to))
        .unwrap_or_else(|| malformed())
}

/// The word after a list; saturating, so that a nonsense count ends outside the index.
fn end_of(from: usize, count: u32, words_each: usize) -> usize {
    from.saturating_add((count as usize).saturating_mul(words_each))
}

#[cold]
#[inline(never)]
fn malformed() -> ! {
    panic!("packed batch: a word points outside the batch or has an unknown code")
}
