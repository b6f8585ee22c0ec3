//! The thread that brings commits into the index, behind the journal and in its order.
//!
//! When the index fails while it runs (a full disk, say), it is left alone until the next start: decisions go
//! on from memory and are durable in the journal; only reads of what is not open fail, and say why.

use super::Index;
use crate::store::Commit;
use crate::store::bounds::FOLD_MAX;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread::JoinHandle;
use tokio::sync::{OwnedSemaphorePermit, watch};

/// How far the index has come.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::store) struct Applied {
    /// Lsn of the last commit in it.
    pub(in crate::store) lsn: u64,
    /// It failed, and does not go on.
    pub(in crate::store) failed: Option<String>,
}

enum Order {
    Apply { lsn: u64, commit: Arc<Commit>, permit: OwnedSemaphorePermit },
    Close,
}

/// The way to the thread.
#[derive(Debug)]
pub(in crate::store) struct Applier {
    /// A plain channel: the permits that travel with its orders bound it.
    orders: mpsc::Sender<Order>,
    applied: watch::Receiver<Applied>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Applier {
    /// Starts the thread on an index that has `applied` already.
    pub(in crate::store) fn start(index: Index, applied: u64) -> std::io::Result<Self> {
        let (orders, ordered) = mpsc::channel();
        let (progress, progressed) = watch::channel(Applied { lsn: applied, failed: None });
        let run = move || run(&index, &ordered, &progress);
        let thread = std::thread::Builder::new().name("index".to_owned()).spawn(run)?;
        Ok(Self { orders, applied: progressed, thread: Mutex::new(Some(thread)) })
    }

    /// Queues a durable commit; never blocks.
    pub(in crate::store) fn apply(
        &self,
        lsn: u64,
        commit: Arc<Commit>,
        permit: OwnedSemaphorePermit,
    ) {
        // When the thread is gone, reads find out through `progress`; the journal has the commit.
        let _ = self.orders.send(Order::Apply { lsn, commit, permit });
    }

    /// To wait for the index to have come so far.
    pub(in crate::store) fn progress(&self) -> watch::Receiver<Applied> {
        self.applied.clone()
    }

    /// Applies what is queued, writes it back and ends. Blocks; further calls do nothing.
    pub(in crate::store) fn close(&self) {
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread {
            let _ = self.orders.send(Order::Close);
            // Panics are caught inside; a thread that is gone anyway has told its readers.
            let _ = thread.join();
        }
    }
}

impl Drop for Applier {
    fn drop(&mut self) {
        self.close();
    }
}

fn run(index: &Index, orders: &mpsc::Receiver<Order>, progress: &watch::Sender<Applied>) {
    let mut closing = false;
    while !closing {
        let mut commits = Vec::new();
        // Given back when the commits are in, or never will be.
        let mut permits = Vec::new();
        let mut next = orders.recv().ok();
        loop {
            match next {
                Some(Order::Apply { lsn, commit, permit }) => {
                    commits.push((lsn, commit));
                    permits.push(permit);
                }
                Some(Order::Close) | None => closing = true,
            }
            if closing || commits.len() >= FOLD_MAX {
                break;
            }
            let Ok(order) = orders.try_recv() else { break };
            next = Some(order);
        }
        if let Some((lsn, _)) = commits.last()
            && progress.borrow().failed.is_none()
        {
            let lsn = *lsn;
            let result = caught(|| index.apply(&commits));
            progress.send_modify(|applied| match result {
                Ok(()) => applied.lsn = lsn,
                Err(why) => applied.failed = Some(why),
            });
        }
    }
    if let Err(why) = caught(|| index.db.flush().map(drop)) {
        tracing::warn!(why, "the index was not written back; the next start catches it up");
    }
}

fn caught(work: impl FnOnce() -> sled::Result<()>) -> Result<(), String> {
    let result = std::panic::catch_unwind(AssertUnwindSafe(work));
    let why = match result {
        Ok(Ok(())) => return Ok(()),
        Ok(Err(error)) => error.to_string(),
        Err(_) => "sled panicked".to_owned(),
    };
    tracing::error!(why, "the index failed; reads of what is not open fail until the next start");
    Err(why)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_index_that_fails_or_panics_is_an_error_and_not_the_end() {
        assert_eq!(caught(|| Ok(())), Ok(()));
        let full = || Err(sled::Error::Io(std::io::ErrorKind::StorageFull.into()));
        assert!(caught(full).is_err_and(|why| why.contains("IO error")));
        assert_eq!(caught(|| panic!("as sled does")), Err("sled panicked".to_owned()));
    }
}
