//! The index: the current state and where to find the rest, in sled, made from the journal's commits.
//!
//! It is never the authority: whatever it has can be made again from the journal, and is when it does not open,
//! was written by another format, or claims to know commits that the journal does not have. The number of the
//! last commit folded in is part of the same transaction as its values.

mod apply;
mod fold;
mod key;

pub(super) use apply::Applier;

use super::bounds::{INDEX_CACHE_BYTES, INDEX_FLUSH_MS, REPLAY_MAX};
use super::disk::{self, Misfit};
use super::journal::{Found, Reader};
use super::{Commit, IncidentFilter, Page, StoreError};
use fold::Fold;
use nightbell_core::model::{Change, EventId, Incident, IncidentId, State, TimerKey};
use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Current state by key. Clones share it.
#[derive(Clone, Debug)]
pub(super) struct Index {
    db: sled::Db,
    reader: Arc<Reader>,
}

/// An index that has caught up with the journal.
#[derive(Debug)]
pub(super) struct OpenedIndex {
    pub(super) index: Index,
    pub(super) state: State,
    pub(super) cursor: EventId,
    /// Lsn of the last commit in it.
    pub(super) applied: u64,
    /// The journal must number on from here: it lost records whose numbers were told.
    pub(super) next_lsn: u64,
    pub(super) remarks: Vec<String>,
}

/// Why an index cannot be used.
#[derive(Debug, thiserror::Error)]
enum Unfit {
    #[error("it does not open: {0}")]
    Sled(#[from] sled::Error),
    #[error("it does not open: sled panicked")]
    Panic,
    #[error("its format is not `{}`", String::from_utf8_lossy(key::FORMAT_VALUE))]
    Format,
    #[error("it knows commit {applied}, but the journal ends before {next_lsn}")]
    Ahead { applied: u64, next_lsn: u64 },
    #[error("it holds a value that cannot be read: {0}")]
    Value(String),
    /// The journal's fault, not the index's: making the index again would not help.
    #[error("commit {lsn}: {misfit}")]
    Commit { lsn: u64, misfit: Misfit },
}

impl Index {
    /// Opens the index in `dir`, or makes it again, and folds in what it lacks.
    ///
    /// # Errors
    /// `Failed` when even an empty one cannot be made.
    pub(super) fn open(dir: &Path, reader: &Arc<Reader>) -> Result<OpenedIndex, StoreError> {
        let missing = !dir.exists() && reader.next_lsn() > 1;
        let unfit = match open_caught(dir, reader) {
            Ok(mut opened) => {
                if missing {
                    let remark = "the index was missing and was made again from the journal";
                    opened.remarks.push(remark.to_owned());
                }
                return Ok(opened);
            }
            Err(unfit @ Unfit::Commit { .. }) => return Err(StoreError::Failed(unfit.to_string())),
            Err(unfit) => unfit,
        };
        tracing::error!(%unfit, "the index cannot be used; making it again");
        let aside = set_aside(dir)
            .map_err(|source| StoreError::Directory { path: dir.display().to_string(), source })?;
        let mut opened = open_caught(dir, reader)
            .map_err(|unfit| StoreError::Failed(format!("index {}: {unfit}", dir.display())))?;
        if let Unfit::Ahead { applied, .. } = unfit {
            opened.next_lsn = opened.next_lsn.max(applied + 1);
        }
        opened.remarks.push(format!(
            "the index was made again from the journal: {unfit}; the old one is {}",
            aside.display()
        ));
        Ok(opened)
    }

    /// An incident, open or resolved.
    pub(super) fn incident(&self, id: IncidentId) -> Result<Option<Arc<Incident>>, StoreError> {
        let key = key::of_number(key::INCIDENT, id.0);
        let Some(value) = self.db.get(&key).map_err(failed)? else {
            return Ok(None);
        };
        self.incident_in(&key, &value).map(Some).map_err(|unfit| failed(unfit.to_string()))
    }

    /// Incidents, newest first.
    pub(super) fn incidents(
        &self,
        filter: &IncidentFilter,
        limit: usize,
    ) -> Result<Page<Arc<Incident>>, StoreError> {
        let mut page = Page { items: Vec::new(), more: false };
        let kind = if filter.wants_resolved() { key::INCIDENT } else { key::OPEN_INCIDENT };
        let from = key::of_number(kind, 0);
        let to = key::of_number(kind, filter.before.map_or(u64::MAX, |id| id.0));
        for key in self.db.range(from..to).keys().rev() {
            let key = key.map_err(failed)?;
            let Some(id) = key::last_number(&key) else {
                continue;
            };
            // Between the mark and its incident the index may have moved on.
            let Some(incident) = self.incident(IncidentId(id))? else {
                continue;
            };
            if !filter.matches(&incident) {
                continue;
            }
            if page.items.len() == limit {
                page.more = true;
                break;
            }
            page.items.push(incident);
        }
        Ok(page)
    }

    /// The lsns of the commits that concern an incident, oldest first.
    pub(super) fn mentions(&self, id: IncidentId) -> Result<Vec<u64>, StoreError> {
        let keys = self.db.scan_prefix(key::mentions_of(id)).keys();
        keys.filter_map(|key| key.map(|key| key::last_number(&key)).transpose())
            .collect::<Result<_, _>>()
            .map_err(failed)
    }

    /// The lsn of the commit that holds an event's outcome.
    pub(super) fn decided_in(&self, event: EventId) -> Result<Option<u64>, StoreError> {
        let value = self.db.get(key::of_event(event)).map_err(failed)?;
        Ok(value.and_then(|value| key::last_number(&value)))
    }

    /// Folds commits in, in journal order, in one transaction.
    fn apply(&self, commits: &[(u64, Arc<Commit>)]) -> sled::Result<()> {
        let mut fold = Fold::new(&self.db);
        for (lsn, commit) in commits {
            fold.add(*lsn, commit)?;
        }
        fold.commit()
    }

    fn number(&self, key: &[u8]) -> sled::Result<Option<u64>> {
        Ok(self.db.get(key)?.and_then(|value| key::last_number(&value)))
    }

    /// Folds in every commit after `applied`; answers the last one's lsn. Damaged ones were reported when the
    /// journal was scanned. A whole one that cannot be read stops everything: what is open would be wrong.
    fn replay(&self, applied: u64) -> Result<u64, Unfit> {
        let mut last = applied;
        let mut commits = Vec::new();
        for block in self.reader.forward(applied + 1) {
            let block = block.map_err(|error| Unfit::Value(error.to_string()))?;
            for found in block {
                let Found::Record(record) = found else {
                    continue;
                };
                if record.kind != disk::COMMIT || record.lsn <= applied {
                    continue;
                }
                let commit = disk::decode_commit(&record)
                    .map_err(|misfit| Unfit::Commit { lsn: record.lsn, misfit })?;
                commits.push((record.lsn, Arc::new(commit)));
                if commits.len() == REPLAY_MAX {
                    last = record.lsn;
                    self.apply(&commits)?;
                    commits.clear();
                }
            }
        }
        if let Some((lsn, _)) = commits.last() {
            last = *lsn;
            self.apply(&commits)?;
        }
        Ok(last)
    }

    fn load(&self) -> Result<State, Unfit> {
        let mut state = State::default();
        self.load_kind(key::TIMER, &mut state)?;
        let leaving = state.timers().filter_map(|timer| match timer.key {
            TimerKey::Leave(incident) => Some(incident),
            _ => None,
        });
        for id in leaving.collect::<Vec<_>>() {
            // A timer may be set before there is such an incident; then it keeps nothing yet.
            let known = self.incident(id).map_err(|error| Unfit::Value(error.to_string()))?;
            state.apply(known.map(Change::Incident).as_slice());
        }
        for key in self.db.scan_prefix([key::OPEN_INCIDENT]).keys() {
            let id = key::last_number(&key?).unwrap_or_default();
            let key = key::of_number(key::INCIDENT, id);
            let value = self.db.get(&key)?.ok_or_else(|| Unfit::Value(format!("incident {id}")))?;
            state.apply(&[self.change(&key, &value)?]);
        }
        for kind in key::OPEN {
            self.load_kind(kind, &mut state)?;
        }
        state.note_last_incident(self.number(key::LAST_INCIDENT)?.unwrap_or_default());
        Ok(state)
    }

    fn load_kind(&self, kind: u8, state: &mut State) -> Result<(), Unfit> {
        for entry in self.db.scan_prefix([kind]) {
            let (key, value) = entry?;
            state.apply(&[self.change(&key, &value)?]);
        }
        Ok(())
    }

    fn incident_in(&self, key: &[u8], value: &[u8]) -> Result<Arc<Incident>, Unfit> {
        match self.change(key, value)? {
            Change::Incident(incident) => Ok(incident),
            other => Err(Unfit::Value(format!("expected an incident, found {other:?}"))),
        }
    }

    /// The change kept under a key.
    fn change(&self, key: &[u8], value: &[u8]) -> Result<Change, Unfit> {
        let wrong = |why: String| Unfit::Value(why);
        match value {
            [fold::INLINE, 1..=disk::COMMIT_VERSION, text @ ..] => {
                disk::from_json("a change", text).map_err(|misfit| wrong(misfit.to_string()))
            }
            [fold::IN_JOURNAL, ..] => {
                let lsn = key::last_number(value).ok_or_else(|| wrong("no lsn".to_owned()))?;
                let record = self.reader.read(lsn).map_err(|error| wrong(error.to_string()))?;
                let record = record.ok_or_else(|| wrong(format!("no commit {lsn}")))?;
                let commit =
                    disk::decode_commit(&record).map_err(|misfit| wrong(misfit.to_string()))?;
                let mut changes = commit.changes.into_iter().rev();
                changes
                    .find(|change| key::of_change(change) == (key.to_vec(), key::Write::Put))
                    .ok_or_else(|| wrong(format!("commit {lsn} lacks the value")))
            }
            _ => Err(wrong("unknown kind of value".to_owned())),
        }
    }
}

/// Opens in a thread of its own: on a broken directory sled may panic.
fn open_caught(dir: &Path, reader: &Arc<Reader>) -> Result<OpenedIndex, Unfit> {
    std::panic::catch_unwind(AssertUnwindSafe(|| open_as_it_is(dir, reader)))
        .unwrap_or(Err(Unfit::Panic))
}

fn open_as_it_is(dir: &Path, reader: &Arc<Reader>) -> Result<OpenedIndex, Unfit> {
    let db = sled::Config::new()
        .path(dir)
        .cache_capacity(INDEX_CACHE_BYTES)
        .flush_every_ms(Some(INDEX_FLUSH_MS))
        .open()?;
    let index = Index { db, reader: reader.clone() };
    // New, or the process that made it ended before sled wrote anything back.
    if index.db.is_empty() {
        index.db.insert(key::FORMAT, key::FORMAT_VALUE)?;
    }
    if index.db.get(key::FORMAT)?.as_deref() != Some(key::FORMAT_VALUE) {
        return Err(Unfit::Format);
    }
    let (applied, next_lsn) = (index.number(key::APPLIED)?.unwrap_or(0), reader.next_lsn());
    if applied >= next_lsn {
        return Err(Unfit::Ahead { applied, next_lsn });
    }
    let applied = index.replay(applied)?;
    let state = index.load()?;
    let cursor = EventId(index.number(key::CURSOR)?.unwrap_or_default());
    Ok(OpenedIndex { index, state, cursor, applied, next_lsn, remarks: Vec::new() })
}

/// Renames a directory to the first free `<name>.broken-<n>`.
fn set_aside(dir: &Path) -> std::io::Result<PathBuf> {
    let name = dir.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let free = (1_u32..)
        .map(|n| dir.with_file_name(format!("{name}.broken-{n}")))
        .find(|path| !path.exists())
        .ok_or_else(|| std::io::Error::other("too many broken indexes"))?;
    std::fs::rename(dir, &free)?;
    Ok(free)
}

fn failed(error: impl std::fmt::Display) -> StoreError {
    StoreError::Failed(format!("the index cannot be read: {error}"))
}
