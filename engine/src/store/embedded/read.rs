//! Reads from index and journal together. Blocking; the index says where, the journal has it.

use crate::store::disk;
use crate::store::history;
use crate::store::index::Index;
use crate::store::journal::{Found, JournalError, Reader, Record};
use crate::store::{Arrival, Commit, EventFilter, IncidentFilter, Page, StoreError, StoredEvent};
use nightbell_core::model::{Alert, Delivery, Event, EventId, Incident, IncidentId, TimelineEntry};
use std::collections::BTreeMap;
use std::fs::File;
use std::sync::Arc;

/// What reads need. Whoever reads keeps the directory locked.
#[derive(Debug)]
pub(super) struct Reads {
    pub(super) index: Index,
    pub(super) journal: Arc<Reader>,
    /// Released when the last read is over.
    pub(super) _lock: File,
}

impl Reads {
    pub(super) fn incident(&self, id: IncidentId) -> Result<Option<Arc<Incident>>, StoreError> {
        self.index.incident(id)
    }

    pub(super) fn incidents(
        &self,
        filter: &IncidentFilter,
    ) -> Result<Page<Arc<Incident>>, StoreError> {
        self.index.incidents(filter, history::page_size(filter.limit))
    }

    pub(super) fn timeline(&self, id: IncidentId) -> Result<Vec<TimelineEntry>, StoreError> {
        Ok(history::timeline(self.commits_of(id)?.iter(), id))
    }

    pub(super) fn deliveries(&self, id: IncidentId) -> Result<Vec<Arc<Delivery>>, StoreError> {
        Ok(history::deliveries(self.commits_of(id)?.iter(), id))
    }

    pub(super) fn alerts(&self, id: IncidentId) -> Result<Vec<Arc<Alert>>, StoreError> {
        Ok(history::alerts(self.commits_of(id)?.iter(), id))
    }

    pub(super) fn event(&self, id: EventId) -> Result<Option<StoredEvent>, StoreError> {
        let Some(record) = self.journal.read(id.0)? else {
            return Ok(None);
        };
        if !is_arrival(&record) {
            return Ok(None);
        }
        let mut event = arrival(&record)?.stored_event(record.lsn, id.0);
        self.decide(&mut event, &mut BTreeMap::new())?;
        Ok(Some(event))
    }

    pub(super) fn events(&self, filter: &EventFilter) -> Result<Page<StoredEvent>, StoreError> {
        let mut page = Page { items: Vec::new(), more: false };
        let newest = filter.before.map_or(self.journal.next_lsn(), |before| before.0);
        'blocks: for block in self.journal.backward(newest.saturating_sub(1)) {
            for found in block?.into_iter().rev() {
                let Found::Record(record) = found else {
                    continue;
                };
                let wanted = record.kind == disk::UNPARSED
                    || (record.kind == disk::ARRIVAL && !filter.only_unparsed);
                if wanted && filter.collect(record.lsn, &arrival(&record)?, &mut page) {
                    break 'blocks;
                }
            }
        }
        let mut commits = BTreeMap::new();
        for event in &mut page.items {
            self.decide(event, &mut commits)?;
        }
        Ok(page)
    }

    /// The events after `after`, from the journal. Damaged ones are left out: they were reported when the
    /// journal was opened, and must not hold up the rest.
    pub(super) fn pending(
        &self,
        after: EventId,
        max: usize,
    ) -> Result<Vec<Arc<Event>>, StoreError> {
        let mut events = Vec::new();
        for block in self.journal.forward(after.0.saturating_add(1)) {
            for found in block? {
                let Found::Record(record) = found else {
                    continue;
                };
                if !is_arrival(&record) || record.lsn + u64::from(record.span) <= after.0 + 1 {
                    continue;
                }
                match disk::decode_arrival(&record) {
                    Ok(arrival) => events.extend(
                        arrival.events.into_iter().filter(|event| event.id > after).map(Arc::new),
                    ),
                    Err(misfit) => {
                        tracing::error!(lsn = record.lsn, %misfit, "an arrival cannot be read");
                    }
                }
                if events.len() >= max {
                    events.truncate(max);
                    return Ok(events);
                }
            }
        }
        Ok(events)
    }

    fn commits_of(&self, id: IncidentId) -> Result<Vec<Arc<Commit>>, StoreError> {
        let mut commits = Vec::new();
        for lsn in self.index.mentions(id)? {
            commits.extend(self.commit(lsn)?);
        }
        Ok(commits)
    }

    /// A commit by lsn; `None` when it is damaged, which was reported, and the rest is served.
    fn commit(&self, lsn: u64) -> Result<Option<Arc<Commit>>, StoreError> {
        match self.journal.read(lsn) {
            Ok(Some(record)) => disk::decode_commit(&record)
                .map(|commit| Some(Arc::new(commit)))
                .map_err(|misfit| StoreError::Damaged { lsn: record.lsn, why: misfit.to_string() }),
            Ok(None) | Err(JournalError::Damaged { .. }) => {
                tracing::error!(lsn, "a commit cannot be read and is left out of an answer");
                Ok(None)
            }
            Err(error) => Err(error.into()),
        }
    }

    fn decide(
        &self,
        event: &mut StoredEvent,
        commits: &mut BTreeMap<u64, Option<Arc<Commit>>>,
    ) -> Result<(), StoreError> {
        let Some(lsn) = self.index.decided_in(event.id)? else {
            return Ok(());
        };
        if let std::collections::btree_map::Entry::Vacant(entry) = commits.entry(lsn) {
            entry.insert(self.commit(lsn)?);
        }
        let commit = commits.get(&lsn).and_then(Option::as_ref);
        event.outcome = commit.and_then(|commit| history::outcome_in(commit, event.id));
        Ok(())
    }
}

/// The last event's id in a journal; 0 when it has none.
pub(super) fn last_event(journal: &Reader) -> Result<EventId, StoreError> {
    for block in journal.backward(journal.next_lsn().saturating_sub(1)) {
        for found in block?.into_iter().rev() {
            let Found::Record(record) = found else {
                continue;
            };
            if !is_arrival(&record) {
                continue;
            }
            let events = disk::decode_arrival(&record).map(|arrival| arrival.events);
            if let Some(last) = events.ok().and_then(|events| events.last().map(|last| last.id)) {
                return Ok(last);
            }
        }
    }
    Ok(EventId(0))
}

fn is_arrival(record: &Record) -> bool {
    matches!(record.kind, disk::ARRIVAL | disk::UNPARSED)
}

fn arrival(record: &Record) -> Result<Arc<Arrival>, StoreError> {
    disk::decode_arrival(record)
        .map(Arc::new)
        .map_err(|misfit| StoreError::Damaged { lsn: record.lsn, why: misfit.to_string() })
}
