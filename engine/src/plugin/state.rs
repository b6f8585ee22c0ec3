//! Plugins' durable state as the host holds it: committed values plus those of calls that are about to be committed.
//! A call writes into an overlay of its own; only a call that succeeded is taken over, so that a trap leaves nothing.
//! Time is event time (I14): it comes in with the call. Nothing here touches a disk; the changes go out as values.

use super::bounds;
use super::types::PluginValue;
use jiff::{SignedDuration, Timestamp};
use nightbell_core::model::Change;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The state of all plugins, by name: it survives the replacement of the file.
pub(super) struct StateBook {
    // A std lock: held for a look-up only, never over an await.
    shelves: Mutex<BTreeMap<Arc<str>, Arc<Shelf>>>,
}

/// The state of one plugin.
pub(super) struct Shelf {
    plugin: Arc<str>,
    values: Mutex<Values>,
    /// Whose turn it is: a filter or router with state judges one batch at a time, in the order of asking.
    pub(super) turn: Arc<tokio::sync::Mutex<()>>,
}

#[derive(Default)]
struct Values {
    keys: BTreeMap<String, PluginValue>,
    ends: BTreeSet<(Timestamp, String)>,
    bytes: usize,
}

/// What one call sees and writes.
pub(super) struct Overlay {
    shelf: Arc<Shelf>,
    now: Timestamp,
    written: BTreeMap<String, Option<PluginValue>>,
    keys: usize,
    bytes: usize,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A panic while it was held cannot have left half a change: every change is one insert or remove.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl StateBook {
    pub(super) fn new(state: Vec<(Arc<str>, String, PluginValue)>) -> Self {
        let book = Self { shelves: Mutex::default() };
        for (plugin, key, value) in state {
            lock(&book.shelf(&plugin).values).put(key, Some(value));
        }
        book
    }

    pub(super) fn shelf(&self, plugin: &Arc<str>) -> Arc<Shelf> {
        let mut shelves = lock(&self.shelves);
        let shelf = shelves.entry(plugin.clone()).or_insert_with(|| {
            Arc::new(Shelf {
                plugin: plugin.clone(),
                values: Mutex::default(),
                turn: Arc::default(),
            })
        });
        shelf.clone()
    }
}

impl Shelf {
    /// What a call at `now` sees. Ended keys are cleared away with it, a bounded number at a time.
    pub(super) fn overlay(self: &Arc<Self>, now: Timestamp) -> Overlay {
        let values = lock(&self.values);
        let ended = values.ends.iter().take_while(|(end, _)| *end <= now);
        let written = ended.take(bounds::STATE_SWEEP_MAX).map(|(_, key)| (key.clone(), None));
        let mut overlay = Overlay {
            shelf: self.clone(),
            now,
            written: written.collect(),
            keys: values.keys.len(),
            bytes: values.bytes,
        };
        for key in overlay.written.keys() {
            overlay.keys -= 1;
            overlay.bytes -= values.size(key);
        }
        overlay
    }
}

impl Shelf {
    /// Every value with its end, by key.
    pub(super) fn values(&self) -> Vec<(String, PluginValue)> {
        let values = lock(&self.values);
        values.keys.iter().map(|(key, value)| (key.clone(), value.clone())).collect()
    }
}

impl Overlay {
    /// The value of a key, unless it has ended.
    pub(super) fn get(&self, key: &str) -> Option<Vec<u8>> {
        let is_live = |end: &Option<Timestamp>| end.is_none_or(|end| self.now < end);
        let value = match self.written.get(key) {
            Some(value) => value.clone(),
            None => lock(&self.shelf.values).keys.get(key).cloned(),
        };
        value.filter(|(_, end)| is_live(end)).map(|(bytes, _)| bytes.to_vec())
    }

    /// Writes a key. `ttl_s` counts from the call's event time.
    ///
    /// # Errors
    /// In words, when a quota would be passed; nothing is written then.
    pub(super) fn set(
        &mut self,
        key: String,
        value: &[u8],
        ttl_s: Option<u64>,
    ) -> Result<(), String> {
        if key.len() > bounds::STATE_KEY_MAX_BYTES {
            let (max, got) = (bounds::STATE_KEY_MAX_BYTES, key.len());
            return Err(format!("a key may have {max} bytes, got {got}"));
        }
        let before = self.size(&key);
        let keys = self.keys + usize::from(before.is_none());
        let bytes = self.bytes - before.unwrap_or(0) + key.len() + value.len();
        if keys > bounds::STATE_KEYS_MAX {
            return Err(format!("a plugin may keep {} keys", bounds::STATE_KEYS_MAX));
        }
        if bytes > bounds::STATE_MAX_BYTES {
            return Err(format!("a plugin may keep {} bytes", bounds::STATE_MAX_BYTES));
        }
        (self.keys, self.bytes) = (keys, bytes);
        let end = ttl_s.and_then(|seconds| self.end_after(seconds));
        self.written.insert(key, Some((Arc::from(value), end)));
        Ok(())
    }

    /// Deletes a key.
    pub(super) fn delete(&mut self, key: String) {
        if let Some(size) = self.size(&key) {
            self.keys -= 1;
            self.bytes -= size;
            self.written.insert(key, None);
        }
    }

    /// Takes over what the call wrote, and answers it as changes in the order of keys.
    pub(super) fn commit(self) -> Vec<Change> {
        let mut values = lock(&self.shelf.values);
        let plugin = &self.shelf.plugin;
        let mut changes = Vec::with_capacity(self.written.len());
        for (key, value) in self.written {
            values.put(key.clone(), value.clone());
            changes.push(Change::PluginState { plugin: plugin.clone(), key, value });
        }
        changes
    }

    /// An end beyond the calendar is no end.
    fn end_after(&self, seconds: u64) -> Option<Timestamp> {
        let ttl = SignedDuration::from_secs(i64::try_from(seconds).ok()?);
        self.now.checked_add(ttl).ok()
    }

    fn size(&self, key: &str) -> Option<usize> {
        match self.written.get(key) {
            Some(value) => value.as_ref().map(|(bytes, _)| key.len() + bytes.len()),
            None => {
                let values = lock(&self.shelf.values);
                values.keys.contains_key(key).then(|| values.size(key))
            }
        }
    }
}

impl Values {
    fn put(&mut self, key: String, value: Option<PluginValue>) {
        self.bytes -= self.size(&key);
        if let Some((_, Some(end))) = self.keys.remove(&key) {
            self.ends.remove(&(end, key.clone()));
        }
        if let Some((bytes, end)) = value {
            self.bytes += key.len() + bytes.len();
            self.ends.extend(end.map(|end| (end, key.clone())));
            self.keys.insert(key, (bytes, end));
        }
    }

    fn size(&self, key: &str) -> usize {
        self.keys.get(key).map_or(0, |(bytes, _)| key.len() + bytes.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).expect("in range")
    }

    fn shelf() -> Arc<Shelf> {
        StateBook::new(Vec::new()).shelf(&Arc::from("counter"))
    }

    #[test]
    fn a_dropped_overlay_leaves_nothing() {
        let shelf = shelf();
        let mut lost = shelf.overlay(at(0));
        lost.set("n".to_owned(), b"1", None).expect("in quota");
        assert_eq!(lost.get("n").as_deref(), Some(&b"1"[..]));
        drop(lost);
        assert_eq!(shelf.overlay(at(0)).get("n"), None);
    }

    #[test]
    fn a_committed_overlay_is_seen_by_the_next_call_and_comes_out_as_changes() {
        let shelf = shelf();
        let mut first = shelf.overlay(at(0));
        first.set("b".to_owned(), b"2", None).expect("in quota");
        first.set("a".to_owned(), b"1", Some(60)).expect("in quota");
        let keys: Vec<_> = first.commit().into_iter().map(key_of).collect();
        assert_eq!(keys, [("a".to_owned(), Some(Some(at(60)))), ("b".to_owned(), Some(None))]);
        let mut second = shelf.overlay(at(59));
        assert_eq!(second.get("a").as_deref(), Some(&b"1"[..]));
        second.delete("b".to_owned());
        second.delete("never".to_owned());
        let keys: Vec<_> = second.commit().into_iter().map(key_of).collect();
        assert_eq!(keys, [("b".to_owned(), None)]);
    }

    fn key_of(change: Change) -> (String, Option<Option<Timestamp>>) {
        let Change::PluginState { key, value, .. } = change else { panic!("only plugin state") };
        (key, value.map(|(_, end)| end))
    }

    #[test]
    fn an_ended_key_is_gone_at_its_end_and_cleared_by_the_next_call() {
        let shelf = shelf();
        let mut first = shelf.overlay(at(0));
        first.set("k".to_owned(), b"v", Some(10)).expect("in quota");
        first.commit();
        assert!(shelf.overlay(at(9)).get("k").is_some());
        let later = shelf.overlay(at(10));
        assert_eq!(later.get("k"), None);
        assert_eq!(
            later.commit().into_iter().map(key_of).collect::<Vec<_>>(),
            [("k".to_owned(), None)]
        );
        assert!(shelf.overlay(at(10)).commit().is_empty());
    }

    #[test]
    fn quotas_count_what_is_there_and_what_is_written() {
        let shelf = shelf();
        let mut overlay = shelf.overlay(at(0));
        overlay.set("big".to_owned(), &vec![0; bounds::STATE_MAX_BYTES - 3], None).expect("fits");
        assert!(overlay.set("x".to_owned(), b"", None).is_err());
        overlay.set("big".to_owned(), b"small", None).expect("replacing frees the old value");
        overlay.set("x".to_owned(), b"y", None).expect("fits now");
        assert!(overlay.set("k".repeat(513), b"", None).is_err());
        overlay.commit();
        let mut overlay = shelf.overlay(at(0));
        for n in 0..bounds::STATE_KEYS_MAX - 2 {
            overlay.set(n.to_string(), b"", None).expect("fits");
        }
        assert!(overlay.set("one too many".to_owned(), b"", None).is_err());
        overlay.delete("x".to_owned());
        overlay.set("now it fits".to_owned(), b"", None).expect("a place was freed");
    }

    #[test]
    fn state_from_the_store_is_there_at_the_start() {
        let value: PluginValue = (Arc::from(&b"v"[..]), None);
        let book = StateBook::new(vec![(Arc::from("counter"), "k".to_owned(), value)]);
        assert!(book.shelf(&Arc::from("counter")).overlay(at(0)).get("k").is_some());
        assert!(book.shelf(&Arc::from("other")).overlay(at(0)).get("k").is_none());
    }
}
