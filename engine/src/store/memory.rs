//! A store that forgets everything with the process: for tests and the simulator.

use super::history;
use super::{
    Arrival, Commit, EventFilter, IncidentFilter, Opened, Page, Store, StoreError, StoredEvent,
};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use nightbell_core::model::{
    Alert, Change, Delivery, Event, EventId, EventOutcome, Incident, IncidentId, State,
    TimelineEntry,
};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;

/// See the module.
#[derive(Debug)]
pub struct MemoryStore {
    /// Never held across an await: no method has one.
    facts: Mutex<Facts>,
    appended: watch::Sender<EventId>,
}

#[derive(Debug, Default)]
struct Facts {
    last_lsn: u64,
    /// With their first ids, ascending.
    arrivals: Vec<(u64, Arc<Arrival>)>,
    /// Ascending by id.
    events: Vec<Arc<Event>>,
    commits: Vec<Arc<Commit>>,
    incidents: BTreeMap<IncidentId, Arc<Incident>>,
    outcomes: BTreeMap<EventId, EventOutcome>,
    state: State,
    cursor: EventId,
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self { facts: Mutex::default(), appended: watch::Sender::new(EventId(0)) }
    }
}

impl MemoryStore {
    /// Empty.
    pub fn new() -> Self {
        Self::default()
    }

    /// What a process would find that took this store over: for simulated crashes.
    pub fn opened(&self) -> Opened {
        let facts = self.facts();
        Opened { state: facts.state.clone(), cursor: facts.cursor, remarks: Vec::new() }
    }

    fn facts(&self) -> MutexGuard<'_, Facts> {
        self.facts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn append_now(&self, arrivals: Vec<Arrival>) -> Vec<EventId> {
        let mut facts = self.facts();
        let ids = arrivals.into_iter().map(|arrival| facts.append(arrival)).collect();
        let last = facts.events.last().map_or(EventId(0), |event| event.id);
        drop(facts);
        self.appended.send_if_modified(|appended| std::mem::replace(appended, last) != last);
        ids
    }
}

impl Facts {
    fn append(&mut self, mut arrival: Arrival) -> EventId {
        let first = self.last_lsn + 1;
        for (event, id) in arrival.events.iter_mut().zip(first..) {
            event.id = EventId(id);
            self.events.push(Arc::new(event.clone()));
        }
        self.last_lsn += arrival.span();
        self.arrivals.push((first, Arc::new(arrival)));
        EventId(first)
    }

    fn commit(&mut self, commit: Commit) {
        self.last_lsn += 1;
        self.state.apply(&commit.changes);
        self.cursor = commit.cursor;
        for outcome in &commit.outcomes {
            self.outcomes.insert(outcome.event, outcome.clone());
        }
        for change in &commit.changes {
            if let Change::Incident(incident) = change {
                self.incidents.insert(incident.id, incident.clone());
            }
        }
        self.commits.push(Arc::new(commit));
    }

    fn pending(&self, after: EventId, max: usize) -> Vec<Arc<Event>> {
        let from = self.events.partition_point(|event| event.id <= after);
        self.events[from..].iter().take(max).cloned().collect()
    }

    fn incidents(&self, filter: &IncidentFilter) -> Page<Arc<Incident>> {
        let limit = history::page_size(filter.limit);
        let before = filter.before.unwrap_or(IncidentId(u64::MAX));
        let older = self.incidents.range(..before).rev().map(|(_, incident)| incident);
        let mut items: Vec<_> =
            older.filter(|incident| filter.matches(incident)).take(limit + 1).cloned().collect();
        let more = items.len() > limit;
        items.truncate(limit);
        Page { items, more }
    }

    fn event(&self, id: EventId) -> Option<StoredEvent> {
        let after = self.arrivals.partition_point(|(first, _)| *first <= id.0);
        let (first, arrival) = self.arrivals.get(after.checked_sub(1)?)?;
        (id.0 < first + arrival.span()).then(|| self.decided(arrival.stored_event(*first, id.0)))
    }

    fn events(&self, filter: &EventFilter) -> Page<StoredEvent> {
        let mut page = Page { items: Vec::new(), more: false };
        for (first, arrival) in self.arrivals.iter().rev() {
            if filter.collect(*first, arrival, &mut page) {
                break;
            }
        }
        page.items = page.items.into_iter().map(|event| self.decided(event)).collect();
        page
    }

    fn decided(&self, event: StoredEvent) -> StoredEvent {
        let outcome = self.outcomes.get(&event.id).cloned();
        StoredEvent { outcome, ..event }
    }
}

/// An answer that is ready.
fn ready<'a, T: Send + 'a>(value: T) -> BoxFuture<'a, Result<T, StoreError>> {
    std::future::ready(Ok(value)).boxed()
}

impl Store for MemoryStore {
    fn append(&self, arrivals: Vec<Arrival>) -> BoxFuture<'_, Result<Vec<EventId>, StoreError>> {
        async move { Ok(self.append_now(arrivals)) }.boxed()
    }

    fn pending(
        &self,
        after: EventId,
        max: usize,
    ) -> BoxFuture<'_, Result<Vec<Arc<Event>>, StoreError>> {
        ready(self.facts().pending(after, max))
    }

    fn appended(&self) -> watch::Receiver<EventId> {
        self.appended.subscribe()
    }

    fn commit(&self, commit: Commit) -> BoxFuture<'_, Result<(), StoreError>> {
        async move {
            self.facts().commit(commit);
            Ok(())
        }
        .boxed()
    }

    fn incident(&self, id: IncidentId) -> BoxFuture<'_, Result<Option<Arc<Incident>>, StoreError>> {
        ready(self.facts().incidents.get(&id).cloned())
    }

    fn incidents(
        &self,
        filter: IncidentFilter,
    ) -> BoxFuture<'_, Result<Page<Arc<Incident>>, StoreError>> {
        ready(self.facts().incidents(&filter))
    }

    fn timeline(&self, id: IncidentId) -> BoxFuture<'_, Result<Vec<TimelineEntry>, StoreError>> {
        ready(history::timeline(self.facts().commits.iter(), id))
    }

    fn deliveries(&self, id: IncidentId) -> BoxFuture<'_, Result<Vec<Arc<Delivery>>, StoreError>> {
        ready(history::deliveries(self.facts().commits.iter(), id))
    }

    fn alerts(&self, id: IncidentId) -> BoxFuture<'_, Result<Vec<Arc<Alert>>, StoreError>> {
        ready(history::alerts(self.facts().commits.iter(), id))
    }

    fn event(&self, id: EventId) -> BoxFuture<'_, Result<Option<StoredEvent>, StoreError>> {
        ready(self.facts().event(id))
    }

    fn events(&self, filter: EventFilter) -> BoxFuture<'_, Result<Page<StoredEvent>, StoreError>> {
        ready(self.facts().events(&filter))
    }
}
