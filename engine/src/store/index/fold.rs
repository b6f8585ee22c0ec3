//! What commits come to in the index: the writes of one transaction.
//!
//! Mirrors what [`nightbell_core::model::State`] does in memory, so that loading gives the same state. Folding a
//! commit twice writes the same.

use super::key::{self, Write};
use crate::store::disk;
use crate::store::{Commit, bounds::VALUE_MAX_BYTES};
use nightbell_core::model::{Change, IncidentId, TimerKey};
use std::collections::{BTreeMap, BTreeSet};

/// The value follows as text.
pub(super) const INLINE: u8 = 1;
/// The value is the last change of this key in the commit whose lsn follows.
pub(super) const IN_JOURNAL: u8 = 0;

/// Writes that are not yet in the tree.
pub(super) struct Fold<'a> {
    tree: &'a sled::Tree,
    writes: BTreeMap<Vec<u8>, Option<Vec<u8>>>,
}

impl<'a> Fold<'a> {
    pub(super) fn new(tree: &'a sled::Tree) -> Self {
        Self { tree, writes: BTreeMap::new() }
    }

    /// Adds a commit; must be called in journal order.
    pub(super) fn add(&mut self, lsn: u64, commit: &Commit) -> sled::Result<()> {
        for change in &commit.changes {
            self.change(lsn, change)?;
        }
        for outcome in &commit.outcomes {
            self.put(key::of_event(outcome.event), lsn.to_be_bytes().to_vec());
        }
        for incident in mentioned(commit) {
            self.put(key::mention(incident, lsn), Vec::new());
        }
        self.put(key::CURSOR.to_vec(), commit.cursor.0.to_be_bytes().to_vec());
        self.put(key::APPLIED.to_vec(), lsn.to_be_bytes().to_vec());
        Ok(())
    }

    /// All of it or nothing, with the lsn it brings the index to.
    pub(super) fn commit(self) -> sled::Result<()> {
        let mut batch = sled::Batch::default();
        for (key, value) in self.writes {
            match value {
                Some(value) => batch.insert(key, value),
                None => batch.remove(key),
            }
        }
        self.tree.apply_batch(batch)
    }

    fn change(&mut self, lsn: u64, change: &Change) -> sled::Result<()> {
        match change {
            Change::Incident(incident) => {
                self.note_last(incident.id)?;
                let mark = key::of_number(key::OPEN_INCIDENT, incident.id.0);
                if incident.is_open() {
                    self.put(mark, Vec::new());
                } else {
                    self.writes.insert(mark, None);
                    if self.get(&key::leave(incident.id))?.is_none() {
                        self.remove_all(&key::threads_of(incident.id))?;
                    }
                }
            }
            Change::Thread(thread) if !self.is_known(thread.incident)? => return Ok(()),
            Change::CancelTimer(TimerKey::Leave(incident)) if !self.is_open(*incident)? => {
                self.remove_all(&key::threads_of(*incident))?;
            }
            Change::Delivery(delivery) => {
                self.writes.insert(key::prepared(&delivery.id), None);
            }
            Change::CancelTimer(TimerKey::Notify { delivery, .. }) => {
                self.writes.insert(key::prepared(delivery), None);
            }
            _ => {}
        }
        let (key, write) = key::of_change(change);
        let value = (write == Write::Put).then(|| value(lsn, change));
        self.writes.insert(key, value);
        Ok(())
    }

    fn note_last(&mut self, id: IncidentId) -> sled::Result<()> {
        let last = self.get(key::LAST_INCIDENT)?.and_then(|value| key::last_number(&value));
        if last.is_none_or(|last| last < id.0) {
            self.put(key::LAST_INCIDENT.to_vec(), id.0.to_be_bytes().to_vec());
        }
        Ok(())
    }

    /// Whether it is open, or resolved and kept for what is still to be told.
    fn is_known(&self, incident: IncidentId) -> sled::Result<bool> {
        Ok(self.is_open(incident)? || self.get(&key::leave(incident))?.is_some())
    }

    fn is_open(&self, incident: IncidentId) -> sled::Result<bool> {
        Ok(self.get(&key::of_number(key::OPEN_INCIDENT, incident.0))?.is_some())
    }

    fn remove_all(&mut self, prefix: &[u8]) -> sled::Result<()> {
        for stored in self.tree.scan_prefix(prefix).keys() {
            self.writes.insert(stored?.to_vec(), None);
        }
        let from = prefix.to_vec();
        for (key, value) in self.writes.range_mut(from..) {
            if !key.starts_with(prefix) {
                break;
            }
            *value = None;
        }
        Ok(())
    }

    fn put(&mut self, key: Vec<u8>, value: Vec<u8>) {
        self.writes.insert(key, Some(value));
    }

    fn get(&self, key: &[u8]) -> sled::Result<Option<Vec<u8>>> {
        match self.writes.get(key) {
            Some(value) => Ok(value.clone()),
            None => Ok(self.tree.get(key)?.map(|value| value.to_vec())),
        }
    }
}

fn value(lsn: u64, change: &Change) -> Vec<u8> {
    let text = disk::to_json(change);
    if text.len() > VALUE_MAX_BYTES {
        let mut value = vec![IN_JOURNAL];
        value.extend(lsn.to_be_bytes());
        return value;
    }
    let mut value = Vec::with_capacity(text.len() + 2);
    value.extend([INLINE, disk::COMMIT_VERSION]);
    value.extend(text);
    value
}

/// The incidents whose timeline, alerts or deliveries a commit holds.
fn mentioned(commit: &Commit) -> BTreeSet<IncidentId> {
    let of_changes = commit.changes.iter().filter_map(|change| match change {
        Change::Alert(alert) => alert.incident,
        Change::Delivery(delivery) => Some(delivery.incident),
        _ => None,
    });
    let all = commit.timeline.iter().map(|entry| entry.incident).chain(of_changes);
    // Notices are about no incident: nobody asks for the history of none.
    all.filter(|incident| *incident != IncidentId::NONE).collect()
}
