//! Trouble of the engine itself: events of the built-in integration, whose incidents page the fallback.

use crate::store::{Arrival, Parsing, Store, StoreError};
use bytes::Bytes;
use jiff::Timestamp;
use nightbell_core::model::{
    AlertStatus, Directory, Event, EventId, EventKind, Label, Severity, State,
};
use std::collections::BTreeMap;

/// How the dedup keys of the engine's own alerts begin.
const TROUBLE: &str = "trouble:";

/// The parts of the engine that are said to be in trouble.
pub fn parts_in_trouble(state: &State) -> Vec<String> {
    let own = state.alerts().filter(|alert| {
        alert.status == AlertStatus::Firing && alert.id.integration.as_str() == Directory::BUILT_IN
    });
    own.filter_map(|alert| alert.id.dedup_key.as_str().strip_prefix(TROUBLE))
        .map(str::to_owned)
        .collect()
}

/// Brings an event of the engine itself into the journal, as if it had come through the built-in integration.
///
/// # Errors
/// As [`Store::append`].
pub async fn raise(store: &dyn Store, event: Event) -> Result<(), StoreError> {
    let arrival = Arrival {
        integration: Directory::BUILT_IN.into(),
        received_at: event.received_at,
        payload_id: format!("own-{}-{}", event.dedup_key, event.received_at),
        method: String::new(),
        path: "/".to_owned(),
        query: String::new(),
        headers: Vec::new(),
        content_type: String::new(),
        body: Bytes::new(),
        parser: None,
        parsing: Parsing::Parsed { rejected: Vec::new() },
        events: vec![event],
    };
    store.append(vec![arrival]).await.map(drop)
}

/// An event of the engine about one of its parts.
pub fn own_event(kind: EventKind, part: &str, what: &str, why: &str, now: Timestamp) -> Event {
    let attributes = match why.is_empty() {
        true => Vec::new(),
        false => vec![Label { name: "reason".to_owned(), value: why.to_owned() }],
    };
    Event {
        dedup_key: format!("{TROUBLE}{part}").as_str().into(),
        kind,
        title: format!("{part} {what}"),
        severity: Severity::Critical,
        source: "nightbell".to_owned(),
        labels: BTreeMap::from([("part".to_owned(), part.to_owned())]),
        attributes,
        ..placeholder(EventId(0), now)
    }
}

/// What stands for an event that cannot be read.
pub(crate) fn placeholder(id: EventId, now: Timestamp) -> Event {
    Event {
        id,
        integration: Directory::BUILT_IN.into(),
        received_at: now,
        kind: EventKind::Trigger,
        dedup_key: "unknown".into(),
        title: String::new(),
        severity: Severity::Unknown,
        starts_at: None,
        expires_at: None,
        source: String::new(),
        links: Vec::new(),
        images: Vec::new(),
        labels: BTreeMap::new(),
        details: String::new(),
        attributes: Vec::new(),
    }
}
