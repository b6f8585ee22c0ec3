//! A packed batch as the JSON text that some plugins read instead: the same events, by way of the engine's own.

use super::super::json;
use jiff::Timestamp;
use nightbell_core::model::{
    DedupKey, Event, EventId, EventKind, Image, IntegrationId, Label, Link, Severity,
};
use nightbell_plugin::packed::{self, Batch, EventRef};

/// The events of a batch as JSON text.
pub(super) fn json_text(batch: &Batch<'_>) -> String {
    let events: Vec<_> =
        batch.iter().map(|event| (owned(&event), event.service().to_owned())).collect();
    json::events(events.iter().map(|(event, service)| (event, service.as_str())))
}

pub(super) fn owned(event: &EventRef<'_>) -> Event {
    // A case holds dates of the calendar; what is not one is no time at all.
    let at = |ms: i64| Timestamp::from_millisecond(ms).unwrap_or(Timestamp::UNIX_EPOCH);
    Event {
        id: EventId(event.id()),
        integration: IntegrationId::new(event.integration()),
        received_at: at(event.received_at_ms()),
        kind: kind(event.kind()),
        dedup_key: DedupKey::new(event.dedup_key()),
        title: event.title().to_owned(),
        severity: severity(event.severity()),
        starts_at: event.starts_at_ms().map(at),
        expires_at: event.expires_at_ms().map(at),
        source: event.source().to_owned(),
        links: event
            .links()
            .map(|(href, text)| Link { href: href.to_owned(), text: text.to_owned() })
            .collect(),
        images: event
            .images()
            .map(|(src, href, alt)| Image {
                src: src.to_owned(),
                href: href.to_owned(),
                alt: alt.to_owned(),
            })
            .collect(),
        labels: event.labels().map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
        details: event.details().to_owned(),
        attributes: event
            .attributes()
            .map(|(name, value)| Label { name: name.to_owned(), value: value.to_owned() })
            .collect(),
    }
}

fn kind(kind: packed::EventKind) -> EventKind {
    match kind {
        packed::EventKind::Trigger => EventKind::Trigger,
        packed::EventKind::Acknowledge => EventKind::Acknowledge,
        packed::EventKind::Resolve => EventKind::Resolve,
        packed::EventKind::Change => EventKind::Change,
    }
}

fn severity(severity: packed::Severity) -> Severity {
    match severity {
        packed::Severity::Critical => Severity::Critical,
        packed::Severity::Error => Severity::Error,
        packed::Severity::Warning => Severity::Warning,
        packed::Severity::Info => Severity::Info,
        packed::Severity::Unknown => Severity::Unknown,
    }
}
