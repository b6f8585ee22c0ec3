//! Questions about the past, answered from records one after the other: what every store does the same way.

use super::{Arrival, Commit, EventFilter, IncidentFilter, Page, Parsing, StoredEvent};
use crate::limits::PAGE_MAX;
use nightbell_core::model::{
    Alert, Change, Delivery, EventId, EventOutcome, Incident, IncidentId, IncidentStatus,
    TimelineEntry,
};
use std::collections::BTreeMap;
use std::sync::Arc;

impl Arrival {
    /// Whether its parser refused it or failed.
    pub fn is_unparsed(&self) -> bool {
        !matches!(self.parsing, Parsing::Parsed { .. })
    }

    /// The event of this id, when the arrival's first id is `first`.
    pub(super) fn stored_event(self: &Arc<Self>, first: u64, id: u64) -> StoredEvent {
        let event = id.checked_sub(first).and_then(|at| self.events.get(at as usize)).cloned();
        StoredEvent { id: EventId(id), arrival: self.clone(), event, outcome: None }
    }

    /// How many ids it takes.
    pub(super) fn span(&self) -> u64 {
        self.events.len().max(1) as u64
    }
}

impl IncidentFilter {
    /// Whether an incident passes, its place in the list aside.
    pub(super) fn matches(&self, incident: &Incident) -> bool {
        (self.statuses.is_empty() || self.statuses.contains(&incident.status))
            && self.service.as_ref().is_none_or(|service| *service == incident.service)
    }

    /// Whether resolved incidents are asked for.
    pub(super) fn wants_resolved(&self) -> bool {
        self.statuses.is_empty() || self.statuses.contains(&IncidentStatus::Resolved)
    }
}

impl EventFilter {
    /// Whether an arrival's events pass, their place in the list aside.
    pub(super) fn matches(&self, arrival: &Arrival) -> bool {
        (!self.only_unparsed || arrival.is_unparsed())
            && self.integration.as_ref().is_none_or(|wanted| *wanted == arrival.integration)
    }

    /// Adds an arrival's events to a page, newest first; the arrivals must come newest first. True when the
    /// page is full.
    pub(super) fn collect(
        &self,
        first: u64,
        arrival: &Arc<Arrival>,
        page: &mut Page<StoredEvent>,
    ) -> bool {
        if !self.matches(arrival) {
            return false;
        }
        for id in (first..first + arrival.span()).rev() {
            if self.before.is_some_and(|before| id >= before.0) {
                continue;
            }
            if page.items.len() == page_size(self.limit) {
                page.more = true;
                return true;
            }
            page.items.push(arrival.stored_event(first, id));
        }
        false
    }
}

/// A page's size when so many are asked for.
pub(super) fn page_size(limit: usize) -> usize {
    limit.min(PAGE_MAX)
}

/// An event's outcome in the commit that decided it.
pub(super) fn outcome_in(commit: &Commit, event: EventId) -> Option<EventOutcome> {
    commit.outcomes.iter().find(|outcome| outcome.event == event).cloned()
}

/// An incident's timeline; commits oldest first.
pub(super) fn timeline<'a>(
    commits: impl Iterator<Item = &'a Arc<Commit>>,
    id: IncidentId,
) -> Vec<TimelineEntry> {
    let entries = commits.flat_map(|commit| &commit.timeline);
    entries.filter(|entry| entry.incident == id).cloned().collect()
}

/// The latest value of each of an incident's deliveries, in the order in which they came to be.
pub(super) fn deliveries<'a>(
    commits: impl Iterator<Item = &'a Arc<Commit>>,
    id: IncidentId,
) -> Vec<Arc<Delivery>> {
    latest(commits, |change| match change {
        Change::Delivery(delivery) if delivery.incident == id => {
            Some((&delivery.id, delivery.clone()))
        }
        _ => None,
    })
}

/// The latest value of each of an incident's alerts, in the order in which they joined.
pub(super) fn alerts<'a>(
    commits: impl Iterator<Item = &'a Arc<Commit>>,
    id: IncidentId,
) -> Vec<Arc<Alert>> {
    latest(commits, |change| match change {
        Change::Alert(alert) if alert.incident == Some(id) => Some((&alert.id, alert.clone())),
        _ => None,
    })
}

fn latest<'a, K: Ord + 'a, V>(
    commits: impl Iterator<Item = &'a Arc<Commit>>,
    pick: impl Fn(&'a Change) -> Option<(&'a K, V)>,
) -> Vec<V> {
    let mut places = BTreeMap::new();
    let mut values = Vec::new();
    for (key, value) in commits.flat_map(|commit| &commit.changes).filter_map(pick) {
        match places.get(key) {
            Some(place) => values[*place] = value,
            None => {
                places.insert(key, values.len());
                values.push(value);
            }
        }
    }
    values
}
