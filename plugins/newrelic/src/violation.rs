//! A notification channel's payload: one incident of a policy, as sent before workflows existed.

use nightbell_plugin::{Event, EventKind};
use serde_json::{Map, Value};

use crate::field::{is_web, kind, millis, severity, text, texts, title, url};

/// The event of an incident. A test notification is a change: it shows that the way is open and pages nobody.
pub(crate) fn event(body: Map<String, Value>) -> Event {
    let mut event = Event::of(state(&body), headline(&body));
    event.dedup_key = text(&body, "incident_id");
    event.severity = severity(&text(&body, "severity").unwrap_or_default());
    event.starts_at = millis(&body, "timestamp");
    let targets = texts(&body, "targets");
    event.source = targets.first().cloned().unwrap_or_default();
    for (label, field) in [
        ("policy", "policy_name"),
        ("condition", "condition_name"),
        ("condition_id", "condition_id"),
        ("account_id", "account_id"),
        ("account", "account_name"),
    ] {
        if let Some(value) = text(&body, field) {
            event = event.label(label, value);
        }
    }
    for (attribute, field) in [("details", "details"), ("owner", "owner"), ("event", "event_type")]
    {
        if let Some(value) = text(&body, field) {
            event = event.attribute(attribute, value);
        }
    }
    if !targets.is_empty() {
        event = event.attribute("targets", targets.join(", "));
    }
    for (field, shown) in [
        ("incident_url", "incident"),
        ("runbook_url", "runbook"),
        ("policy_url", "policy"),
        ("incident_acknowledge_url", "acknowledge in New Relic"),
    ] {
        if let Some(href) = url(&body, field) {
            event = event.link(href, shown);
        }
    }
    if let Some(src) = text(&body, "violation_chart_url").filter(|src| is_web(src)) {
        event = event.image(src, "", "chart");
    }
    event.details(&body)
}

fn state(body: &Map<String, Value>) -> EventKind {
    let test = text(body, "event_type").is_some_and(|t| t.to_ascii_uppercase().contains("TEST"));
    match text(body, "current_state") {
        _ if test => EventKind::Change,
        state => kind(&state.unwrap_or_default()),
    }
}

fn headline(body: &Map<String, Value>) -> String {
    let line = match (text(body, "condition_name"), text(body, "details")) {
        (Some(condition), Some(details)) if !details.contains(&condition) => {
            format!("{condition}: {details}")
        }
        (_, Some(details)) => details,
        (Some(condition), None) => condition,
        (None, None) => match text(body, "incident_id") {
            Some(id) => format!("incident {id}"),
            None => "New Relic incident".to_owned(),
        },
    };
    title(&line)
}
