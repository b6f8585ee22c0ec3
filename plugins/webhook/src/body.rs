//! The notification as JSON. These types are the wire format: a field is added, never renamed or removed.
//! Instants are RFC 3339 in UTC; what is absent is `null`, so that every field is always there.

use std::collections::BTreeMap;

use nightbell_plugin::{
    Alert, AnswerLinks, Event, Image, Incident, Label, Link, Notification, Purpose, Timestamp,
    Urgency,
};
use serde::Serialize;
use serde_json::value::RawValue;

#[derive(Serialize)]
struct Body<'a> {
    id: &'a str,
    attempt: u32,
    purpose: &'a str,
    created_at: String,
    now: String,
    address: &'a str,
    person: &'a str,
    person_name: &'a str,
    language: &'a str,
    reason: &'a str,
    incident: IncidentBody<'a>,
    event: EventBody<'a>,
    answers: AnswersBody<'a>,
    callback_url: Option<&'a str>,
    thread: Option<&'a str>,
    update: &'a str,
}

#[derive(Serialize)]
struct IncidentBody<'a> {
    id: &'a str,
    number: u64,
    title: &'a str,
    status: &'a str,
    urgency: &'a str,
    priority: Option<&'a str>,
    service: &'a str,
    service_name: &'a str,
    created_at: String,
    alerts: Vec<AlertBody<'a>>,
    alert_count: u32,
    answered_by: &'a [String],
}

#[derive(Serialize)]
struct AlertBody<'a> {
    dedup_key: &'a str,
    integration: &'a str,
    title: &'a str,
    firing: bool,
    severity: &'a str,
    starts_at: String,
}

#[derive(Serialize)]
struct EventBody<'a> {
    kind: &'a str,
    dedup_key: Option<&'a str>,
    title: &'a str,
    severity: &'a str,
    starts_at: Option<String>,
    expires_at: Option<String>,
    source: &'a str,
    links: Vec<LinkBody<'a>>,
    images: Vec<ImageBody<'a>>,
    labels: BTreeMap<&'a str, &'a str>,
    details: Details,
    attributes: Vec<AttributeBody<'a>>,
}

#[derive(Serialize)]
struct LinkBody<'a> {
    href: &'a str,
    text: &'a str,
}

#[derive(Serialize)]
struct ImageBody<'a> {
    src: &'a str,
    href: &'a str,
    alt: &'a str,
}

#[derive(Serialize)]
struct AttributeBody<'a> {
    name: &'a str,
    value: &'a str,
}

#[derive(Serialize)]
struct AnswersBody<'a> {
    view: Option<&'a str>,
    acknowledge: Option<&'a str>,
    resolve: Option<&'a str>,
}

/// The details to the letter: a number that no float holds arrives as it was written.
#[derive(Serialize)]
#[serde(untagged)]
enum Details {
    None,
    Json(Box<RawValue>),
    /// Not JSON, which the contract forbids; still better shown than lost.
    Text(String),
}

/// The body of the request.
pub(crate) fn json(notification: &Notification) -> String {
    let body = Body {
        id: &notification.id,
        attempt: notification.attempt,
        purpose: match notification.purpose {
            Purpose::Page => "page",
            Purpose::StatusUpdate => "status-update",
            Purpose::Test => "test",
            Purpose::Notice => "notice",
        },
        created_at: instant(notification.created_at),
        now: instant(notification.now),
        address: &notification.address,
        person: &notification.person,
        person_name: &notification.person_name,
        language: &notification.language,
        reason: &notification.reason,
        incident: incident(&notification.incident),
        event: event(&notification.event),
        answers: answers(&notification.answers),
        callback_url: notification.callback_url.as_deref(),
        thread: notification.thread.as_deref(),
        update: &notification.update,
    };
    serde_json::to_string(&body).expect("text, numbers and JSON always have a JSON form")
}

fn incident(incident: &Incident) -> IncidentBody<'_> {
    IncidentBody {
        id: &incident.id,
        number: incident.number,
        title: &incident.title,
        status: &incident.status,
        urgency: match incident.urgency {
            Urgency::High => "high",
            Urgency::Low => "low",
        },
        priority: incident.priority.as_deref(),
        service: &incident.service,
        service_name: &incident.service_name,
        created_at: instant(incident.created_at),
        alerts: incident.alerts.iter().map(alert).collect(),
        alert_count: incident.alert_count,
        answered_by: &incident.answered_by,
    }
}

fn alert(alert: &Alert) -> AlertBody<'_> {
    AlertBody {
        dedup_key: &alert.dedup_key,
        integration: &alert.integration,
        title: &alert.title,
        firing: alert.firing,
        severity: &alert.severity,
        starts_at: instant(alert.starts_at),
    }
}

fn event(event: &Event) -> EventBody<'_> {
    EventBody {
        kind: event.kind.name(),
        dedup_key: event.dedup_key.as_deref(),
        title: &event.title,
        severity: event.severity.name(),
        starts_at: event.starts_at.map(instant),
        expires_at: event.expires_at.map(instant),
        source: &event.source,
        links: event.links.iter().map(link).collect(),
        images: event.images.iter().map(image).collect(),
        labels: event.labels.iter().map(|l| (l.name.as_str(), l.value.as_str())).collect(),
        details: details(&event.details),
        attributes: event.attributes.iter().map(attribute).collect(),
    }
}

fn link(link: &Link) -> LinkBody<'_> {
    LinkBody { href: &link.href, text: &link.text }
}

fn image(image: &Image) -> ImageBody<'_> {
    ImageBody { src: &image.src, href: &image.href, alt: &image.alt }
}

fn attribute(label: &Label) -> AttributeBody<'_> {
    AttributeBody { name: &label.name, value: &label.value }
}

fn answers(links: &AnswerLinks) -> AnswersBody<'_> {
    AnswersBody {
        view: links.view.as_deref(),
        acknowledge: links.acknowledge.as_deref(),
        resolve: links.resolve.as_deref(),
    }
}

fn details(text: &str) -> Details {
    if text.trim().is_empty() {
        return Details::None;
    }
    match RawValue::from_string(text.to_owned()) {
        Ok(json) => Details::Json(json),
        Err(_) => Details::Text(text.to_owned()),
    }
}

/// RFC 3339 in UTC with milliseconds when there are any; what no calendar has is its number.
fn instant(at: Timestamp) -> String {
    jiff::Timestamp::from_millisecond(at).map_or_else(|_| at.to_string(), |at| at.to_string())
}
