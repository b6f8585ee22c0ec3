//! Reads the parts of a case file that go into a plugin. Unknown keys are refused.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Deserializer};

use super::time::{self, Instant};
use crate::packed::{Head, PackedEvent};
use crate::{Attachment, Event, EventKind, Header, Image, Label, Link, Payload, Severity};

/// (name, value) in the order of the file.
#[derive(Clone, Debug, Default)]
pub(super) struct Pairs(pub(super) Vec<(String, String)>);

impl<'de> Deserialize<'de> for Pairs {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;
        impl<'de> serde::de::Visitor<'de> for InOrder {
            type Value = Pairs;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a table of names and texts")
            }
            fn visit_map<A: serde::de::MapAccess<'de>>(
                self,
                mut map: A,
            ) -> Result<Pairs, A::Error> {
                let mut pairs = vec![];
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Pairs(pairs))
            }
        }
        deserializer.deserialize_map(InOrder)
    }
}

impl Pairs {
    fn labels(self) -> Vec<Label> {
        self.0.into_iter().map(|(name, value)| Label { name, value }).collect()
    }

    pub(super) fn headers(self) -> Vec<Header> {
        self.0.into_iter().map(|(name, value)| Header { name, value }).collect()
    }

    fn borrowed(&self) -> Vec<(&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
    }
}

/// A parser's `[input]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct ParserInput {
    id: String,
    integration: String,
    method: String,
    path: String,
    query: String,
    headers: Pairs,
    content_type: String,
    body: Option<String>,
    body_file: Option<String>,
    body_hex: Option<String>,
    received_at: Instant,
    attachments: Vec<AttachmentInput>,
}

/// `[[input.attachments]]`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct AttachmentInput {
    name: String,
    content_type: String,
    body: Option<String>,
    body_file: Option<String>,
    body_hex: Option<String>,
}

impl Default for ParserInput {
    fn default() -> Self {
        Self {
            id: "payload-1".into(),
            integration: "integration".into(),
            method: "POST".into(),
            path: "/".into(),
            query: String::new(),
            headers: Pairs::default(),
            content_type: String::new(),
            body: None,
            body_file: None,
            body_hex: None,
            received_at: time::DEFAULT,
            attachments: vec![],
        }
    }
}

impl AttachmentInput {
    fn attachment(self, folder: &Path) -> Result<Attachment, String> {
        Ok(Attachment {
            body: body(self.body, self.body_file, self.body_hex, folder)?,
            name: self.name,
            content_type: self.content_type,
        })
    }
}

impl ParserInput {
    /// The payload; `folder` is where a `body_file` lies.
    pub(super) fn payload(self, folder: &Path) -> Result<Payload, String> {
        let attachments = self.attachments.into_iter().map(|one| one.attachment(folder));
        Ok(Payload {
            attachments: attachments.collect::<Result<_, _>>()?,
            body: body(self.body, self.body_file, self.body_hex, folder)?,
            id: self.id,
            integration: self.integration,
            method: self.method,
            path: self.path,
            query: self.query,
            headers: self.headers.headers(),
            content_type: self.content_type,
            received_at: self.received_at.0,
        })
    }
}

pub(super) fn body(
    text: Option<String>,
    file: Option<String>,
    hex: Option<String>,
    folder: &Path,
) -> Result<Vec<u8>, String> {
    match (text, file, hex) {
        (None, None, None) => Ok(vec![]),
        (Some(text), None, None) => Ok(text.into_bytes()),
        (None, Some(file), None) => std::fs::read(folder.join(&file))
            .map_err(|error| format!("body_file `{file}`: {error}")),
        (None, None, Some(hex)) => from_hex(&hex),
        _ => Err("give one of body, body_file and body_hex".into()),
    }
}

fn from_hex(text: &str) -> Result<Vec<u8>, String> {
    let wrong = || "body_hex: expected pairs of hexadecimal digits".to_owned();
    let digits: Option<Vec<u32>> =
        text.chars().filter(|c| !c.is_whitespace()).map(|c| c.to_digit(16)).collect();
    let (pairs, rest) = digits.as_deref().ok_or_else(wrong)?.as_chunks::<2>();
    if !rest.is_empty() {
        return Err(wrong());
    }
    Ok(pairs.iter().map(|[high, low]| (high << 4 | low) as u8).collect())
}

/// An event of a case file; the last four are the host's own and only in a batch.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct EventInput {
    #[serde(deserialize_with = "kind")]
    kind: EventKind,
    title: String,
    #[serde(deserialize_with = "severity")]
    severity: Severity,
    dedup_key: Option<String>,
    starts_at: Option<Instant>,
    expires_at: Option<Instant>,
    source: String,
    links: Vec<LinkInput>,
    images: Vec<ImageInput>,
    labels: Pairs,
    attributes: Pairs,
    details: String,
    id: Option<u64>,
    integration: Option<String>,
    service: Option<String>,
    received_at: Option<Instant>,
}

impl Default for EventInput {
    fn default() -> Self {
        Self {
            kind: EventKind::Trigger,
            title: String::new(),
            severity: Severity::Unknown,
            dedup_key: None,
            starts_at: None,
            expires_at: None,
            source: String::new(),
            links: vec![],
            images: vec![],
            labels: Pairs::default(),
            attributes: Pairs::default(),
            details: String::new(),
            id: None,
            integration: None,
            service: None,
            received_at: None,
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct LinkInput {
    href: String,
    #[serde(default)]
    text: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ImageInput {
    src: String,
    #[serde(default)]
    href: String,
    #[serde(default)]
    alt: String,
}

impl EventInput {
    /// The event as one of a batch; `position` from 0 gives the default id.
    pub(super) fn packed(&self, position: usize) -> PackedEvent<'_> {
        PackedEvent {
            head: Head {
                kind: self.kind,
                severity: self.severity,
                id: self.id.unwrap_or(position as u64 + 1),
                received_at_ms: self.received_at.unwrap_or(time::DEFAULT).0,
                starts_at_ms: self.starts_at.map(|at| at.0),
                expires_at_ms: self.expires_at.map(|at| at.0),
                integration: self.integration.as_deref().unwrap_or("integration"),
                service: self.service.as_deref().unwrap_or("service"),
                dedup_key: self.dedup_key.as_deref().unwrap_or("dedup-key"),
                title: &self.title,
                source: &self.source,
                details: &self.details,
            },
            labels: self.labels.borrowed(),
            attributes: self.attributes.borrowed(),
            links: self.links.iter().map(|l| (l.href.as_str(), l.text.as_str())).collect(),
            images: self
                .images
                .iter()
                .map(|i| (i.src.as_str(), i.href.as_str(), i.alt.as_str()))
                .collect(),
        }
    }

    /// The event as a parser made it.
    pub(super) fn event(self) -> Result<Event, String> {
        if self.id.is_some()
            || self.integration.is_some()
            || self.service.is_some()
            || self.received_at.is_some()
        {
            return Err(
                "input.notification.event: id, integration, service and received_at exist \
                        only in a batch"
                    .into(),
            );
        }
        Ok(Event {
            kind: self.kind,
            dedup_key: self.dedup_key,
            title: self.title,
            severity: self.severity,
            starts_at: self.starts_at.map(|at| at.0),
            expires_at: self.expires_at.map(|at| at.0),
            source: self.source,
            links: self.links.into_iter().map(|l| Link { href: l.href, text: l.text }).collect(),
            images: self
                .images
                .into_iter()
                .map(|i| Image { src: i.src, href: i.href, alt: i.alt })
                .collect(),
            labels: self.labels.labels(),
            details: self.details,
            attributes: self.attributes.labels(),
        })
    }
}

pub(super) fn named<'de, D: Deserializer<'de>, T: Copy>(
    deserializer: D,
    all: &[T],
    name: impl Fn(T) -> &'static str,
) -> Result<T, D::Error> {
    let text = String::deserialize(deserializer)?;
    all.iter().copied().find(|value| name(*value) == text).ok_or_else(|| {
        let names: Vec<_> = all.iter().map(|value| name(*value)).collect();
        serde::de::Error::custom(format!("expected one of {}, got `{text}`", names.join(", ")))
    })
}

fn kind<'de, D: Deserializer<'de>>(deserializer: D) -> Result<EventKind, D::Error> {
    named(deserializer, &EventKind::ALL, EventKind::name)
}

pub(super) fn severity<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Severity, D::Error> {
    named(deserializer, &Severity::ALL, Severity::name)
}

/// A filter's or router's `[input]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BatchInput {
    pub(super) events: Vec<EventInput>,
}

/// Settings as the host hands them over: one JSON object. Date-times become text.
pub(super) fn settings_json(settings: &toml::Table) -> String {
    fn value(from: &toml::Value) -> serde_json::Value {
        match from {
            toml::Value::String(text) => text.as_str().into(),
            toml::Value::Integer(number) => (*number).into(),
            toml::Value::Float(number) => (*number).into(),
            toml::Value::Boolean(truth) => (*truth).into(),
            toml::Value::Datetime(at) => at.to_string().into(),
            toml::Value::Array(list) => list.iter().map(value).collect(),
            toml::Value::Table(table) => object(table),
        }
    }
    fn object(table: &toml::Table) -> serde_json::Value {
        table.iter().map(|(key, inner)| (key.clone(), value(inner))).collect()
    }
    object(settings).to_string()
}

/// State and secrets of a case file.
pub(super) type Texts = BTreeMap<String, String>;
