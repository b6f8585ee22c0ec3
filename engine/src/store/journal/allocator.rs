//! Segments made ahead of their use, in a thread of their own, so that the writer never waits for 64 MiB of
//! zeros while it has room.

use super::segment::{self, Segment};
use crate::store::bounds::ALLOCATE_RETRY_PAUSE;
use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;

/// A bound on the number of segments, which may be moved while the journal is open. At the bound the journal
/// behaves as on a full disk.
#[derive(Clone, Debug)]
pub struct SegmentQuota(Arc<AtomicU64>);

impl SegmentQuota {
    /// At most `segments`.
    pub fn new(segments: u64) -> Self {
        Self(Arc::new(AtomicU64::new(segments)))
    }

    /// Moves the bound.
    pub fn set(&self, segments: u64) {
        self.0.store(segments, Ordering::Relaxed);
    }

    fn allows(&self, segments: u64) -> bool {
        segments <= self.0.load(Ordering::Relaxed)
    }
}

impl Default for SegmentQuota {
    fn default() -> Self {
        Self::new(u64::MAX)
    }
}

/// Makes one segment at a time.
#[derive(Debug)]
pub(super) struct Allocator {
    orders: Option<mpsc::Sender<u64>>,
    made: mpsc::Receiver<io::Result<Segment>>,
    thread: Option<JoinHandle<()>>,
    next_number: u64,
    under_way: bool,
    /// The last order failed: the disk is full, as far as is known.
    failed: bool,
}

impl Allocator {
    pub(super) fn start(
        dir: PathBuf,
        full_size: u64,
        next_number: u64,
        quota: SegmentQuota,
    ) -> io::Result<Self> {
        let (orders, ordered) = mpsc::channel::<u64>();
        let (finished, made) = mpsc::channel();
        let thread =
            std::thread::Builder::new().name("journal-segments".to_owned()).spawn(move || {
                for number in ordered {
                    let segment = if quota.allows(number) {
                        segment::create(&dir, number, segment::size(number, full_size))
                    } else {
                        Err(io::Error::from(io::ErrorKind::StorageFull))
                    };
                    let failed = segment.is_err();
                    if finished.send(segment).is_err() {
                        return;
                    }
                    if failed {
                        // Filling the last blocks again and again would only disturb whoever frees some.
                        std::thread::park_timeout(ALLOCATE_RETRY_PAUSE);
                    }
                }
            })?;
        let (orders, thread) = (Some(orders), Some(thread));
        Ok(Self { orders, made, thread, next_number, under_way: false, failed: false })
    }

    /// Asks for a segment unless one is being made.
    pub(super) fn order(&mut self) {
        if self.under_way {
            return;
        }
        if let Some(orders) = &self.orders {
            self.under_way = orders.send(self.next_number).is_ok();
        }
    }

    /// The segment that was ordered, if it is made by now.
    pub(super) fn poll(&mut self) -> Option<Segment> {
        let made = self.made.try_recv().ok()?;
        self.take(made)
    }

    /// The segment that was ordered, once it is made; `None` when it could not be.
    pub(super) fn wait(&mut self) -> Option<Segment> {
        if !self.under_way {
            return None;
        }
        let made = self.made.recv().ok()?;
        self.take(made)
    }

    /// Whether the last order failed.
    pub(super) fn failed(&self) -> bool {
        self.failed
    }

    fn take(&mut self, made: io::Result<Segment>) -> Option<Segment> {
        self.under_way = false;
        match made {
            Ok(segment) => {
                self.next_number += 1;
                self.failed = false;
                Some(segment)
            }
            Err(error) => {
                if !self.failed {
                    tracing::error!(%error, "no journal segment can be made; taking no new events");
                }
                self.failed = true;
                None
            }
        }
    }
}

impl Drop for Allocator {
    fn drop(&mut self) {
        self.orders = None;
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            // It ends with its orders; a panic there has already shown as a failed order.
            let _ = thread.join();
        }
    }
}
