//! The SDK's words into the wire's: what a case gives a plugin. Nothing here can fail.

use super::super::wire::{ex, im};
use nightbell_plugin as sdk;

pub(super) fn payload(payload: sdk::Payload) -> ex::parsing::Payload {
    let header = |h: sdk::Header| ex::parsing::Header { name: h.name, value: h.value };
    let attachment = |a: sdk::Attachment| ex::parsing::Attachment {
        name: a.name,
        content_type: a.content_type,
        body: a.body,
    };
    ex::parsing::Payload {
        id: payload.id,
        integration: payload.integration,
        method: payload.method,
        path: payload.path,
        query: payload.query,
        headers: payload.headers.into_iter().map(header).collect(),
        content_type: payload.content_type,
        body: payload.body,
        received_at: payload.received_at,
        attachments: payload.attachments.into_iter().map(attachment).collect(),
    }
}

pub(super) fn notification(n: sdk::Notification) -> ex::delivery::Notification {
    ex::delivery::Notification {
        id: n.id,
        attempt: n.attempt,
        purpose: match n.purpose {
            sdk::Purpose::Page => ex::delivery::Purpose::Page,
            sdk::Purpose::StatusUpdate => ex::delivery::Purpose::StatusUpdate,
            sdk::Purpose::Test => ex::delivery::Purpose::Test,
            sdk::Purpose::Notice => ex::delivery::Purpose::Notice,
        },
        created_at: n.created_at,
        now: n.now,
        address: n.address,
        person: n.person,
        person_name: n.person_name,
        language: n.language,
        reason: n.reason,
        incident: incident(n.incident),
        event: event(n.event),
        answers: ex::delivery::AnswerLinks {
            view: n.answers.view,
            acknowledge: n.answers.acknowledge,
            resolve: n.answers.resolve,
        },
        callback_url: n.callback_url,
        thread: n.thread,
        update: n.update,
    }
}

fn incident(incident: sdk::Incident) -> ex::delivery::Incident {
    let alert = |alert: sdk::Alert| ex::delivery::Alert {
        dedup_key: alert.dedup_key,
        integration: alert.integration,
        title: alert.title,
        firing: alert.firing,
        severity: alert.severity,
        starts_at: alert.starts_at,
    };
    ex::delivery::Incident {
        id: incident.id,
        number: incident.number,
        title: incident.title,
        status: incident.status,
        urgency: match incident.urgency {
            sdk::Urgency::High => im::types::Urgency::High,
            sdk::Urgency::Low => im::types::Urgency::Low,
        },
        priority: incident.priority,
        service: incident.service,
        service_name: incident.service_name,
        created_at: incident.created_at,
        alerts: incident.alerts.into_iter().map(alert).collect(),
        alert_count: incident.alert_count,
        answered_by: incident.answered_by,
    }
}

fn event(event: sdk::Event) -> im::types::Event {
    let label = |label: sdk::Label| im::types::Label { name: label.name, value: label.value };
    let link = |link: sdk::Link| im::types::Link { href: link.href, text: link.text };
    let image =
        |image: sdk::Image| im::types::Image { src: image.src, href: image.href, alt: image.alt };
    im::types::Event {
        kind: match event.kind {
            sdk::EventKind::Trigger => im::types::EventKind::Trigger,
            sdk::EventKind::Acknowledge => im::types::EventKind::Acknowledge,
            sdk::EventKind::Resolve => im::types::EventKind::Resolve,
            sdk::EventKind::Change => im::types::EventKind::Change,
        },
        dedup_key: event.dedup_key,
        title: event.title,
        severity: match event.severity {
            sdk::Severity::Critical => im::types::Severity::Critical,
            sdk::Severity::Error => im::types::Severity::Error,
            sdk::Severity::Warning => im::types::Severity::Warning,
            sdk::Severity::Info => im::types::Severity::Info,
            sdk::Severity::Unknown => im::types::Severity::Unknown,
        },
        starts_at: event.starts_at,
        expires_at: event.expires_at,
        source: event.source,
        links: event.links.into_iter().map(link).collect(),
        images: event.images.into_iter().map(image).collect(),
        labels: event.labels.into_iter().map(label).collect(),
        details: event.details,
        attributes: event.attributes.into_iter().map(label).collect(),
    }
}

pub(super) fn callback(request: sdk::Request) -> ex::delivery::Request {
    let header = |h: sdk::Header| ex::delivery::Header { name: h.name, value: h.value };
    ex::delivery::Request {
        method: request.method,
        url: request.url,
        headers: request.headers.into_iter().map(header).collect(),
        body: request.body,
        now: request.now,
        delivery: request.delivery,
    }
}
