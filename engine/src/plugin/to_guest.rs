//! Our words into the wire's, for guests. Nothing here can fail.

use super::types::{Attachment, CallbackRequest, Notification, NotifiedAlert, Payload, Purpose};
use super::wire::{ex, im};
use jiff::Timestamp;
use nightbell_core::model::{Event, EventKind, IncidentId, Label, Severity, Urgency};
use nightbell_plugin::packed;

/// An event on its way into a packed batch, with its integration's own service.
pub(super) struct Packed<'a> {
    pub(super) event: &'a Event,
    pub(super) service: &'a str,
}

impl packed::Packable for Packed<'_> {
    fn head(&self) -> packed::Head<'_> {
        let event = self.event;
        packed::Head {
            kind: packed_kind(event.kind),
            severity: packed_severity(event.severity),
            id: event.id.0,
            received_at_ms: event.received_at.as_millisecond(),
            starts_at_ms: event.starts_at.map(Timestamp::as_millisecond),
            expires_at_ms: event.expires_at.map(Timestamp::as_millisecond),
            integration: event.integration.as_str(),
            service: self.service,
            dedup_key: event.dedup_key.as_str(),
            title: &event.title,
            source: &event.source,
            details: &event.details,
        }
    }
    fn labels(&self) -> impl Iterator<Item = (&str, &str)> {
        self.event.labels.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
    fn attributes(&self) -> impl Iterator<Item = (&str, &str)> {
        self.event.attributes.iter().map(|label| (label.name.as_str(), label.value.as_str()))
    }
    fn links(&self) -> impl Iterator<Item = (&str, &str)> {
        self.event.links.iter().map(|link| (link.href.as_str(), link.text.as_str()))
    }
    fn images(&self) -> impl Iterator<Item = (&str, &str, &str)> {
        self.event
            .images
            .iter()
            .map(|image| (image.src.as_str(), image.href.as_str(), image.alt.as_str()))
    }
}

fn packed_kind(kind: EventKind) -> packed::EventKind {
    match kind {
        EventKind::Trigger => packed::EventKind::Trigger,
        EventKind::Acknowledge => packed::EventKind::Acknowledge,
        EventKind::Resolve => packed::EventKind::Resolve,
        EventKind::Change => packed::EventKind::Change,
    }
}

pub(super) fn packed_severity(severity: Severity) -> packed::Severity {
    match severity {
        Severity::Critical => packed::Severity::Critical,
        Severity::Error => packed::Severity::Error,
        Severity::Warning => packed::Severity::Warning,
        Severity::Info => packed::Severity::Info,
        Severity::Unknown => packed::Severity::Unknown,
    }
}

fn kind(kind: EventKind) -> im::types::EventKind {
    match kind {
        EventKind::Trigger => im::types::EventKind::Trigger,
        EventKind::Acknowledge => im::types::EventKind::Acknowledge,
        EventKind::Resolve => im::types::EventKind::Resolve,
        EventKind::Change => im::types::EventKind::Change,
    }
}

fn severity(severity: Severity) -> im::types::Severity {
    match severity {
        Severity::Critical => im::types::Severity::Critical,
        Severity::Error => im::types::Severity::Error,
        Severity::Warning => im::types::Severity::Warning,
        Severity::Info => im::types::Severity::Info,
        Severity::Unknown => im::types::Severity::Unknown,
    }
}

fn urgency(urgency: Urgency) -> im::types::Urgency {
    match urgency {
        Urgency::High => im::types::Urgency::High,
        Urgency::Low => im::types::Urgency::Low,
    }
}

fn label(label: &Label) -> im::types::Label {
    im::types::Label { name: label.name.clone(), value: label.value.clone() }
}

pub(super) fn payload(payload: &Payload) -> ex::parsing::Payload {
    let header = |(name, value): &(String, String)| ex::parsing::Header {
        name: name.clone(),
        value: value.clone(),
    };
    ex::parsing::Payload {
        id: payload.id.clone(),
        integration: payload.integration.to_string(),
        method: payload.method.clone(),
        path: payload.path.clone(),
        query: payload.query.clone(),
        headers: payload.headers.iter().map(header).collect(),
        content_type: payload.content_type.clone(),
        body: payload.body.to_vec(),
        received_at: payload.received_at.as_millisecond(),
        attachments: payload.attachments.iter().map(attachment).collect(),
    }
}

fn attachment(attachment: &Attachment) -> ex::parsing::Attachment {
    ex::parsing::Attachment {
        name: attachment.name.clone(),
        content_type: attachment.content_type.clone(),
        body: attachment.body.to_vec(),
    }
}

fn event(event: &Event) -> im::types::Event {
    let link = |link: &nightbell_core::model::Link| im::types::Link {
        href: link.href.clone(),
        text: link.text.clone(),
    };
    let image = |image: &nightbell_core::model::Image| im::types::Image {
        src: image.src.clone(),
        href: image.href.clone(),
        alt: image.alt.clone(),
    };
    let labels = event.labels.iter();
    let labels =
        labels.map(|(name, value)| im::types::Label { name: name.clone(), value: value.clone() });
    im::types::Event {
        kind: kind(event.kind),
        dedup_key: Some(event.dedup_key.to_string()),
        title: event.title.clone(),
        severity: severity(event.severity),
        starts_at: event.starts_at.map(Timestamp::as_millisecond),
        expires_at: event.expires_at.map(Timestamp::as_millisecond),
        source: event.source.clone(),
        links: event.links.iter().map(link).collect(),
        images: event.images.iter().map(image).collect(),
        labels: labels.collect(),
        details: event.details.clone(),
        attributes: event.attributes.iter().map(label).collect(),
    }
}

fn alert(alert: &NotifiedAlert) -> ex::delivery::Alert {
    ex::delivery::Alert {
        dedup_key: alert.id.dedup_key.to_string(),
        integration: alert.id.integration.to_string(),
        title: alert.title.clone(),
        firing: alert.firing,
        severity: alert.severity.as_str().to_owned(),
        starts_at: alert.starts_at.as_millisecond(),
    }
}

pub(super) fn notification(notification: &Notification) -> ex::delivery::Notification {
    let incident = &notification.incident;
    let answers = &notification.answers;
    ex::delivery::Notification {
        id: notification.id.to_string(),
        attempt: notification.attempt,
        purpose: match notification.purpose {
            Purpose::Page => ex::delivery::Purpose::Page,
            Purpose::StatusUpdate => ex::delivery::Purpose::StatusUpdate,
            Purpose::Test => ex::delivery::Purpose::Test,
            Purpose::Notice => ex::delivery::Purpose::Notice,
        },
        created_at: notification.created_at.as_millisecond(),
        now: notification.now.as_millisecond(),
        address: notification.address.clone(),
        person: notification.person.to_string(),
        person_name: notification.person_name.clone(),
        language: notification.language.clone(),
        reason: notification.reason.clone(),
        incident: ex::delivery::Incident {
            id: if incident.id == IncidentId::NONE {
                String::new()
            } else {
                incident.id.to_string()
            },
            number: incident.id.0,
            title: incident.title.clone(),
            status: incident.status.to_owned(),
            urgency: urgency(incident.urgency),
            priority: incident.priority.map(|priority| priority.as_str().to_owned()),
            service: incident.service.to_string(),
            service_name: incident.service_name.clone(),
            created_at: incident.created_at.as_millisecond(),
            alerts: incident.alerts.iter().map(alert).collect(),
            alert_count: incident.alert_count,
            answered_by: incident.answered_by.clone(),
        },
        event: event(&notification.event),
        answers: ex::delivery::AnswerLinks {
            view: answers.view.clone(),
            acknowledge: answers.acknowledge.clone(),
            resolve: answers.resolve.clone(),
        },
        callback_url: notification.callback_url.clone(),
        thread: notification.thread.clone(),
        update: notification.update.clone(),
    }
}

pub(super) fn callback(request: &CallbackRequest) -> ex::delivery::Request {
    let header = |(name, value): &(String, String)| ex::delivery::Header {
        name: name.clone(),
        value: value.clone(),
    };
    ex::delivery::Request {
        method: request.method.clone(),
        url: request.url.clone(),
        headers: request.headers.iter().map(header).collect(),
        body: request.body.to_vec(),
        now: request.now.as_millisecond(),
        delivery: request.delivery.as_ref().map(ToString::to_string),
    }
}
