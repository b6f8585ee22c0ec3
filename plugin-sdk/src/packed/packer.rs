//! Writes packed batches. The engine packs a batch once and hands the same buffers to every plugin of a chain;
//! between two plugins it only removes events and appends patches.
//! Buffers keep their memory over batches. It never reads a clock and never fails on content, only on size.

use super::block::{self, split};
use super::event_ref::{Batch, EventRef};
use super::input::{Packable, Rewrite};

/// Why an event could not be packed or rewritten. The batch is left as it was before the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PackError {
    /// The batch already has as many events as it was begun for.
    Full {
        /// The capacity given to [`Packer::begin`].
        capacity: usize,
    },
    /// Arena or index would pass what 32-bit words can address.
    TooLarge,
    /// There is no live event at this position.
    NoSuchEvent {
        /// The position asked for.
        position: usize,
    },
}

impl std::fmt::Display for PackError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Full { capacity } => {
                write!(f, "packed batch is full: it was begun for {capacity} events")
            }
            Self::TooLarge => write!(f, "packed batch would pass 4 GiB: split the batch"),
            Self::NoSuchEvent { position } => {
                write!(f, "packed batch has no live event at position {position}")
            }
        }
    }
}

impl std::error::Error for PackError {}

/// Packs events and rewrites them between two plugins.
#[derive(Debug)]
pub struct Packer {
    /// `String`, not bytes: that the arena is UTF-8 is then true by construction.
    arena: String,
    index: Vec<u32>,
}

impl Default for Packer {
    fn default() -> Self {
        Self::new()
    }
}

impl Packer {
    /// An empty batch without capacity; call [`begin`](Self::begin) next.
    #[must_use]
    pub fn new() -> Self {
        Self { arena: String::new(), index: vec![0, 0] }
    }

    /// Starts a new batch of at most `capacity` events. The memory of the last one is kept.
    pub fn begin(&mut self, capacity: u32) {
        self.arena.clear();
        self.index.clear();
        self.index.resize(block::STARTS + capacity as usize, 0);
        self.index[block::CAPACITY] = capacity;
    }

    /// Bytes of memory it holds on to, used or not: whoever keeps one for later batches looks at this.
    #[must_use]
    pub fn held_bytes(&self) -> usize {
        self.arena.capacity() + self.index.capacity() * size_of::<u32>()
    }

    /// The text, for the boundary.
    #[must_use]
    pub fn arena(&self) -> &[u8] {
        self.arena.as_bytes()
    }

    /// The words, for the boundary.
    #[must_use]
    pub fn index(&self) -> &[u32] {
        &self.index
    }

    /// How many live events there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.index[block::LIVE] as usize
    }

    /// True when no event is live.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The batch as a plugin sees it.
    #[must_use]
    pub fn batch(&self) -> Batch<'_> {
        Batch::open(self.arena(), &self.index).expect("the packer writes well-formed batches")
    }

    /// Appends an event.
    ///
    /// # Errors
    /// [`PackError::Full`] beyond the capacity, [`PackError::TooLarge`] beyond 4 GiB.
    pub fn push(&mut self, event: &impl Packable) -> Result<(), PackError> {
        let (live, capacity) = (self.len(), self.index[block::CAPACITY] as usize);
        if live >= capacity {
            return Err(PackError::Full { capacity });
        }
        let mark = self.mark();
        match self.write(event) {
            Ok(start) => {
                self.index[block::STARTS + live] = start;
                self.index[block::LIVE] += 1;
                Ok(())
            }
            Err(error) => self.back_to(mark, error),
        }
    }

    /// Takes the event at `position` out of the batch; later ones move up by one. Its text stays in the arena.
    ///
    /// # Errors
    /// [`PackError::NoSuchEvent`].
    pub fn remove(&mut self, position: usize) -> Result<(), PackError> {
        let live = self.len();
        if position >= live {
            return Err(PackError::NoSuchEvent { position });
        }
        let starts = &mut self.index[block::STARTS..block::STARTS + live];
        starts.copy_within(position + 1.., position);
        self.index[block::LIVE] -= 1;
        Ok(())
    }

    /// Keeps the events whose position (before the call) is wanted, in order.
    pub fn retain(&mut self, mut wanted: impl FnMut(usize) -> bool) {
        let mut kept = 0;
        for position in 0..self.len() {
            if wanted(position) {
                self.index[block::STARTS + kept] = self.index[block::STARTS + position];
                kept += 1;
            }
        }
        self.index[block::LIVE] = kept as u32;
    }

    /// Patches the event at `position`: appends the new text and a new block, and points the event to it.
    ///
    /// # Errors
    /// [`PackError::NoSuchEvent`], or [`PackError::TooLarge`] beyond 4 GiB.
    pub fn rewrite(&mut self, position: usize, change: &Rewrite<'_>) -> Result<(), PackError> {
        if position >= self.len() {
            return Err(PackError::NoSuchEvent { position });
        }
        let mark = self.mark();
        match self.write_changed(position, change) {
            Ok(start) => {
                self.index[block::STARTS + position] = start;
                Ok(())
            }
            Err(error) => self.back_to(mark, error),
        }
    }

    fn write(&mut self, event: &impl Packable) -> Result<u32, PackError> {
        let start = self.index.len();
        let head = event.head();
        let flag = |set: bool, bit: u32| if set { bit } else { 0 };
        let mut words = [0; block::LISTS];
        words[block::KIND] = head.kind as u32;
        words[block::SEVERITY] = head.severity as u32;
        words[block::FLAGS] = flag(head.starts_at_ms.is_some(), block::HAS_STARTS_AT)
            | flag(head.expires_at_ms.is_some(), block::HAS_EXPIRES_AT);
        put(&mut words, block::ID, split(head.id));
        put(&mut words, block::RECEIVED_AT, split(head.received_at_ms as u64));
        put(&mut words, block::STARTS_AT, split(head.starts_at_ms.unwrap_or(0) as u64));
        put(&mut words, block::EXPIRES_AT, split(head.expires_at_ms.unwrap_or(0) as u64));
        let texts = [
            (block::INTEGRATION, head.integration),
            (block::SERVICE, head.service),
            (block::DEDUP_KEY, head.dedup_key),
            (block::TITLE, head.title),
            (block::SOURCE, head.source),
            (block::DETAILS, head.details),
        ];
        for (at, text) in texts {
            put(&mut words, at, self.append(text));
        }
        // The head in one go: word by word it took a quarter of the time of packing.
        self.index.extend_from_slice(&words);
        let counts = start + block::COUNTS;
        self.index[counts] = self.pairs(event.labels());
        self.index[counts + 1] = self.pairs(event.attributes());
        self.index[counts + 2] = self.pairs(event.links());
        let mut images = 0;
        for (src, href, alt) in event.images() {
            for part in [src, href, alt] {
                self.text(part);
            }
            images += 1;
        }
        self.index[counts + 3] = images;
        self.fits(start)
    }

    fn write_changed(&mut self, position: usize, change: &Rewrite<'_>) -> Result<u32, PackError> {
        let old = self.batch().get(position).ok_or(PackError::NoSuchEvent { position })?;
        // The old block as words of its own, so that the buffers can grow below.
        let mut head = old.head().to_vec();
        let labels = kept(&old, 0, &change.remove_labels, &change.set_labels);
        let attributes = kept(&old, 1, &change.remove_attributes, &change.set_attributes);
        let links = old.list(2, block::PAIR).to_vec();
        let images = old.list(3, block::TRIPLE).to_vec();

        if let Some(severity) = change.severity {
            head[block::SEVERITY] = severity as u32;
        }
        if let Some(at) = change.expires_at_ms {
            head[block::FLAGS] |= block::HAS_EXPIRES_AT;
            head[block::EXPIRES_AT..block::EXPIRES_AT + 2].copy_from_slice(&split(at as u64));
        }
        let texts = [
            (block::TITLE, change.title),
            (block::SOURCE, change.source),
            (block::DETAILS, change.details),
        ];
        for (at, text) in texts {
            if let Some(text) = text {
                let [offset, length] = self.append(text);
                head[at] = offset;
                head[at + 1] = length;
            }
        }

        let start = self.index.len();
        self.index.extend(head);
        let counts = start + block::COUNTS;
        self.index[counts] = self.changed_pairs(&labels);
        self.index[counts + 1] = self.changed_pairs(&attributes);
        self.index.extend(links);
        self.index[counts + 2] += self.pairs(change.add_links.iter().copied());
        self.index.extend(images);
        self.fits(start)
    }

    fn changed_pairs(&mut self, pairs: &[Pair<'_>]) -> u32 {
        for pair in pairs {
            match *pair {
                Pair::Old(words) => self.index.extend_from_slice(&words),
                Pair::New(name, value) => {
                    self.text(name);
                    self.text(value);
                }
            }
        }
        pairs.len() as u32
    }

    fn pairs<'a>(&mut self, pairs: impl Iterator<Item = (&'a str, &'a str)>) -> u32 {
        let mut count = 0;
        for (first, second) in pairs {
            let ([a, b], [c, d]) = (self.append(first), self.append(second));
            self.index.extend_from_slice(&[a, b, c, d]);
            count += 1;
        }
        count
    }

    fn text(&mut self, text: &str) {
        let words = self.append(text);
        self.index.extend_from_slice(&words);
    }

    /// Appends to the arena; answers (offset, length). Whether they fit their words is checked once per event, by
    /// [`fits`](Self::fits): a check here, and its result, took half of the time of packing.
    #[inline]
    fn append(&mut self, text: &str) -> [u32; 2] {
        let words = [self.arena.len() as u32, text.len() as u32];
        self.arena.push_str(text);
        words
    }

    /// Where a block begins, when everything up to here can be addressed.
    fn fits(&self, start: usize) -> Result<u32, PackError> {
        let longest = self.arena.len().max(self.index.len());
        if u32::try_from(longest).is_err() {
            return Err(PackError::TooLarge);
        }
        Ok(start as u32)
    }

    fn mark(&self) -> (usize, usize) {
        (self.arena.len(), self.index.len())
    }

    fn back_to(&mut self, mark: (usize, usize), error: PackError) -> Result<(), PackError> {
        self.arena.truncate(mark.0);
        self.index.truncate(mark.1);
        Err(error)
    }
}

/// A pair of a rewritten list: where it was, or new.
enum Pair<'a> {
    Old([u32; block::PAIR]),
    New(&'a str, &'a str),
}

/// The pairs of one list after a change, in the old order. A new label comes where its name belongs, since labels are in
/// the order of their names; a new attribute comes last.
fn kept<'c>(
    event: &EventRef<'_>,
    list: usize,
    remove: &[&str],
    set: &[(&'c str, &'c str)],
) -> Vec<Pair<'c>> {
    let names = if list == 0 { event.labels() } else { event.attributes() };
    let (words, _) = event.list(list, block::PAIR).as_chunks::<{ block::PAIR }>();
    let mut left: Vec<Option<(&str, &str)>> = last_of_each_name(set);
    let mut pairs: Vec<(&str, Pair<'c>)> = Vec::with_capacity(words.len() + set.len());
    for ((name, _), words) in names.zip(words) {
        let replacement = left.iter_mut().find(|s| s.is_some_and(|(n, _)| n == name));
        if let Some((name, value)) = replacement.and_then(Option::take) {
            pairs.push((name, Pair::New(name, value)));
        } else if !remove.contains(&name) && !set.iter().any(|(n, _)| *n == name) {
            pairs.push((name, Pair::Old(*words)));
        }
    }
    for (name, value) in left.into_iter().flatten() {
        let later = pairs.iter().position(|(old, _)| list == 0 && *old > name);
        pairs.insert(later.unwrap_or(pairs.len()), (name, Pair::New(name, value)));
    }
    pairs.into_iter().map(|(_, pair)| pair).collect()
}

/// A name set twice in one change keeps its last value.
fn last_of_each_name<'c>(set: &[(&'c str, &'c str)]) -> Vec<Option<(&'c str, &'c str)>> {
    let overridden = |at: usize| set[at + 1..].iter().any(|(n, _)| *n == set[at].0);
    (0..set.len()).filter(|&at| !overridden(at)).map(|at| Some(set[at])).collect()
}

/// Puts a pair of words into a block's head.
fn put(words: &mut [u32; block::LISTS], at: usize, pair: [u32; 2]) {
    words[at] = pair[0];
    words[at + 1] = pair[1];
}
