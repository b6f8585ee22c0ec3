//! A workflow's payload: one issue and where it stands.

use nightbell_plugin::Event;
use serde_json::{Map, Value};

use crate::field::{kind, millis, severity, text, texts, title, url};

/// The event of an issue.
pub(crate) fn event(body: Map<String, Value>) -> Event {
    let id = text(&body, "id").or_else(|| text(&body, "issueId"));
    let (conditions, policies) =
        (texts(&body, "alertConditionNames"), texts(&body, "alertPolicyNames"));
    let headline = text(&body, "title").or_else(|| conditions.first().cloned());
    let headline = headline.or_else(|| id.as_ref().map(|id| format!("issue {id}")));
    let state = text(&body, "state").unwrap_or_default();
    let mut event =
        Event::of(kind(&state), title(headline.as_deref().unwrap_or("New Relic issue")));
    event.dedup_key = id;
    event.severity = severity(&text(&body, "priority").unwrap_or_default());
    event.starts_at = millis(&body, "createdAt");
    let entities = texts(&body, "impactedEntities");
    event.source = entities.first().cloned().unwrap_or_default();
    for (name, value) in [
        ("policy", policies.first().cloned()),
        ("condition", conditions.first().cloned()),
        ("workflow", text(&body, "workflowName")),
        ("priority", text(&body, "priority")),
        ("account_id", text(&body, "accountId")),
    ] {
        if let Some(value) = value {
            event = event.label(name, value);
        }
    }
    for (name, all) in [
        ("entities", entities),
        ("policies", policies),
        ("conditions", conditions),
        ("sources", texts(&body, "sources")),
        ("incidents", texts(&body, "totalIncidents")),
        ("trigger", texts(&body, "trigger")),
    ] {
        if !all.is_empty() {
            event = event.attribute(name, all.join(", "));
        }
    }
    for (name, shown) in [("issueUrl", "issue"), ("runbookUrl", "runbook")] {
        if let Some(href) = url(&body, name) {
            event = event.link(href, shown);
        }
    }
    event.details(&body)
}
