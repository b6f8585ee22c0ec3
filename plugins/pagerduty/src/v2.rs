//! Events API v2: `POST /v2/enqueue`.

use nightbell_plugin::{Event, EventKind, ParseError, Parsed, Severity};
use serde_json::{Map, Value};

use crate::dialect;
use crate::field::{
    action, event, key, missing, text, with_client, with_details, with_links, with_time,
};

/// Reads one event; `fresh` is the key of a trigger that names none.
///
/// # Errors
/// All that is wrong with it, in PagerDuty's words.
pub(crate) fn read(body: Map<String, Value>, fresh: String) -> Result<Parsed, ParseError> {
    let mut problems = vec![];
    let kind = action(&body, "event_action", &mut problems);
    let triggers = kind.unwrap_or(EventKind::Trigger) == EventKind::Trigger;
    let dedup_key = key(&body, "dedup_key", triggers.then_some(fresh), &mut problems);
    let nothing = Map::new();
    let payload = body.get("payload").and_then(Value::as_object);
    let severity = match payload {
        None if triggers => {
            problems.push(missing("payload"));
            None
        }
        None => None,
        Some(payload) if triggers => required(payload, &mut problems),
        Some(payload) => severity(payload),
    };
    let payload = payload.unwrap_or(&nothing);
    let (Some(kind), true) = (kind, problems.is_empty()) else {
        return Err(dialect::invalid(problems));
    };
    // An acknowledge or resolve usually carries nothing but its key.
    let summary = text(payload, "summary").unwrap_or_else(|| dedup_key.clone());
    let event = event(kind, &summary)
        .dedup_key(dedup_key.as_str())
        .severity(severity.unwrap_or(Severity::Unknown))
        .source(text(payload, "source").unwrap_or_default());
    let event = with_time(with_labels(event, payload), text(payload, "timestamp"));
    let event = with_links(with_client(event, &body), &body);
    let event = with_details(event, payload.get("custom_details"));
    Ok(Parsed::of(vec![event]).reply(dialect::accepted_v2(&dedup_key)))
}

/// Checks what a trigger's payload needs.
fn required(payload: &Map<String, Value>, problems: &mut Vec<String>) -> Option<Severity> {
    for name in ["summary", "source", "severity"] {
        if text(payload, name).is_none() {
            problems.push(missing(&format!("payload.{name}")));
        }
    }
    let severity = severity(payload);
    if severity.is_none() && text(payload, "severity").is_some() {
        problems.push(
            "'payload.severity' is invalid (must be one of the following: 'critical', 'warning', 'error' or 'info')"
                .to_owned(),
        );
    }
    severity
}

fn severity(payload: &Map<String, Value>) -> Option<Severity> {
    match text(payload, "severity")?.trim().to_ascii_lowercase().as_str() {
        "critical" => Some(Severity::Critical),
        "error" => Some(Severity::Error),
        "warning" => Some(Severity::Warning),
        "info" => Some(Severity::Info),
        _ => None,
    }
}

fn with_labels(mut event: Event, payload: &Map<String, Value>) -> Event {
    for name in ["component", "group", "class"] {
        if let Some(value) = text(payload, name) {
            event = event.label(name, value);
        }
    }
    event
}
