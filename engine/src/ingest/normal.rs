//! From what a parser made to events fit for the journal: bounded, cleaned, and with an identity.

use super::clean::cut;
use super::parsed::ParsedEvent;
use crate::limits;
use crate::token::{hex, sha256};
use jiff::Timestamp;
use nightbell_core::model::{DedupKey, Event, EventId, EventKind, IntegrationId, Severity};
use std::collections::BTreeMap;

/// Normalises one event. What was left out of it is said in `rejected`, one line each.
pub(super) fn event(
    integration: &IntegrationId,
    received_at: Timestamp,
    parsed: ParsedEvent,
    rejected: &mut Vec<String>,
) -> Event {
    let title = title(&parsed.title);
    let dedup_key = dedup_key(integration, &title, parsed.dedup_key);
    let mut labels = parsed.labels;
    while labels.len() > limits::LABELS_MAX {
        labels.pop_last();
        if labels.len() == limits::LABELS_MAX {
            rejected.push(format!("labels beyond the first {} were left out", limits::LABELS_MAX));
        }
    }
    let mut attributes = parsed.attributes;
    if attributes.len() > limits::LABELS_MAX {
        attributes.truncate(limits::LABELS_MAX);
        rejected.push(format!("attributes beyond the first {} were left out", limits::LABELS_MAX));
    }
    let mut details = parsed.details;
    if details.len() > limits::DETAILS_MAX_BYTES {
        rejected.push(format!(
            "details of {} bytes were left out: expected at most {}",
            details.len(),
            limits::DETAILS_MAX_BYTES
        ));
        details = String::new();
    }
    let (mut links, mut images) = (parsed.links, parsed.images);
    links.retain(|link| is_web(&link.href));
    images.retain(|image| is_web(&image.src));
    images.iter_mut().filter(|image| !is_web(&image.href)).for_each(|image| image.href.clear());
    Event {
        id: EventId::default(),
        integration: integration.clone(),
        received_at,
        kind: parsed.kind,
        dedup_key,
        title,
        severity: parsed.severity,
        starts_at: parsed.starts_at,
        expires_at: parsed.expires_at,
        source: one_line(&parsed.source, limits::TITLE_MAX_BYTES),
        links,
        images,
        labels,
        details,
        attributes,
    }
}

/// Identity of the alert that says "a parser of this integration is broken".
pub(super) fn raw_key(integration: &IntegrationId) -> DedupKey {
    DedupKey::new(format!("raw:{integration}"))
}

/// The event of a payload whose parser failed, or of the first payload that parses again.
pub(super) fn raw(
    integration: &IntegrationId,
    received_at: Timestamp,
    kind: EventKind,
    title: &str,
    attributes: Vec<nightbell_core::model::Label>,
) -> Event {
    Event {
        id: EventId::default(),
        integration: integration.clone(),
        received_at,
        kind,
        dedup_key: raw_key(integration),
        title: self::title(title),
        severity: Severity::Error,
        starts_at: None,
        expires_at: None,
        source: integration.to_string(),
        links: Vec::new(),
        images: Vec::new(),
        labels: BTreeMap::new(),
        details: String::new(),
        attributes,
    }
}

fn title(text: &str) -> String {
    let line = one_line(text, limits::TITLE_MAX_BYTES);
    if line.is_empty() { "(no title)".to_owned() } else { line }
}

/// One line without control characters and without characters that turn the direction of what follows: such a
/// text could rewrite a terminal, or show another word than it is.
pub(super) fn one_line(text: &str, max: usize) -> String {
    let turns = |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let clean: String = text
        .chars()
        .filter(|c| !turns(*c))
        .map(|c| if c.is_control() || c == '\u{2028}' || c == '\u{2029}' { ' ' } else { c })
        .take(max)
        .collect();
    cut(clean.trim(), max).trim_end().to_owned()
}

/// The parser's key; its hash when it is too long; a hash of (integration, title) when there is none.
fn dedup_key(integration: &IntegrationId, title: &str, key: Option<String>) -> DedupKey {
    match key.filter(|key| !key.is_empty()) {
        Some(key) if key.len() <= limits::DEDUP_KEY_MAX_BYTES => DedupKey::new(key),
        Some(key) => DedupKey::new(hex(&sha256(key.as_bytes()))),
        None => {
            let identity = [integration.as_str().as_bytes(), b"\0", title.as_bytes()].concat();
            DedupKey::new(hex(&sha256(&identity)))
        }
    }
}

fn is_web(url: &str) -> bool {
    let starts = |prefix: &str| {
        url.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
    };
    (starts("https://") || starts("http://")) && !url.chars().any(|c| c.is_control() || c == ' ')
}

#[cfg(test)]
mod tests {
    use super::*;
    use nightbell_core::model::{Image, Label, Link};

    pub(in crate::ingest) fn parsed(title: &str, key: Option<&str>) -> ParsedEvent {
        ParsedEvent {
            kind: EventKind::Trigger,
            dedup_key: key.map(str::to_owned),
            title: title.to_owned(),
            severity: Severity::Critical,
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

    fn made(event: ParsedEvent) -> (Event, Vec<String>) {
        let mut rejected = Vec::new();
        let at = "2026-03-02T03:04:05Z".parse().expect("a time");
        (super::event(&"nagios".into(), at, event, &mut rejected), rejected)
    }

    #[test]
    fn a_title_is_one_clean_line() {
        for (text, wanted) in [
            ("disk full", "disk full"),
            (" a\r\nb\0c ", "a  b c"),
            ("\u{1b}[31mred", "[31mred"),
            ("user\u{202e}gpj.exe", "usergpj.exe"),
            ("", "(no title)"),
            ("\n\t", "(no title)"),
            ("家族👨‍👩‍👧", "家族👨‍👩‍👧"),
        ] {
            assert_eq!(made(parsed(text, None)).0.title, wanted, "{text:?}");
        }
        let long = made(parsed(&"東".repeat(1_000), None)).0.title;
        assert!(long.len() <= limits::TITLE_MAX_BYTES && long.len() > limits::TITLE_MAX_BYTES - 3);
    }

    #[test]
    fn an_identity_is_always_there_and_stable() {
        let key = |key: Option<&str>| made(parsed("t", key)).0.dedup_key.to_string();
        assert_eq!(key(Some("a/%2e%2e")), "a/%2e%2e");
        assert_eq!(key(None), key(Some("")));
        assert_eq!(key(None).len(), 64);
        assert_ne!(key(None), made(parsed("u", None)).0.dedup_key.to_string());
        let long = "k".repeat(limits::DEDUP_KEY_MAX_BYTES + 1);
        assert_eq!(key(Some(&long)).len(), 64);
        assert_eq!(key(Some(&long[1..])).len(), limits::DEDUP_KEY_MAX_BYTES);
    }

    #[test]
    fn only_web_links_are_kept() {
        let link = |href: &str| Link { href: href.to_owned(), text: String::new() };
        let image = |src: &str, href: &str| Image {
            src: src.to_owned(),
            href: href.to_owned(),
            alt: String::new(),
        };
        let mut event = parsed("t", None);
        event.links =
            vec![link("javascript:alert(1)"), link("HTTPS://x"), link("http://a b"), link("")];
        event.images = vec![image("data:x", ""), image("https://i", "javascript:x")];
        let (event, _) = made(event);
        assert_eq!(event.links, [link("HTTPS://x")]);
        assert_eq!(event.images, [image("https://i", "")]);
    }

    #[test]
    fn labels_and_attributes_are_bounded_and_it_is_said() {
        let mut event = parsed("t", None);
        event.labels = (0..400).map(|i| (format!("l{i:03}"), String::new())).collect();
        event.attributes =
            (0..400).map(|i| Label { name: i.to_string(), value: String::new() }).collect();
        let (event, rejected) = made(event);
        assert_eq!((event.labels.len(), event.attributes.len()), (256, 256));
        assert_eq!(rejected.len(), 2);
    }
}
