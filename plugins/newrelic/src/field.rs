//! Reads fields of a template that users edit: text where a list was, a number where text was, nothing at all.

use nightbell_plugin::{EventKind, Severity, Timestamp};
use serde_json::{Map, Value};

/// As long as a title can be.
const TITLE_MAX_CHARS: usize = 1024;

/// A field as text: a number as it is written, a list as its first text. `None` when it is missing or empty.
pub(crate) fn text(body: &Map<String, Value>, name: &str) -> Option<String> {
    scalar(body.get(name)?)
}

/// Every text of a list; a single text is a list of one.
pub(crate) fn texts(body: &Map<String, Value>, name: &str) -> Vec<String> {
    match body.get(name) {
        Some(Value::Array(items)) => items.iter().filter_map(scalar).collect(),
        Some(value) => scalar(value).into_iter().collect(),
        None => vec![],
    }
}

fn scalar(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        Value::Bool(flag) => flag.to_string(),
        Value::Array(items) => {
            return items.iter().filter(|item| !item.is_array()).find_map(scalar);
        }
        // An entity or target may be an object that carries its name.
        Value::Object(object) => {
            return object.get("name").filter(|name| name.is_string()).and_then(scalar);
        }
        Value::Null => return None,
    };
    (!text.chars().all(char::is_control)).then_some(text)
}

/// An instant in milliseconds, as a number or as its digits.
pub(crate) fn millis(body: &Map<String, Value>, name: &str) -> Option<Timestamp> {
    let at: i64 = text(body, name)?.parse().ok()?;
    (at > 0).then_some(at)
}

/// An address of the web; anything else is no link.
pub(crate) fn url(body: &Map<String, Value>, name: &str) -> Option<String> {
    text(body, name).filter(|url| is_web(url))
}

/// Only the web's own schemes are links: never `javascript:`, `data:` or a path.
pub(crate) fn is_web(url: &str) -> bool {
    let scheme = |scheme: &str| {
        url.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme))
            && url.len() > scheme.len()
    };
    let plain = |c: char| !c.is_whitespace() && !c.is_control();
    (scheme("https://") || scheme("http://")) && url.chars().all(plain)
}

/// What a state says. An unknown one is a trigger: rather a page too many.
pub(crate) fn kind(state: &str) -> EventKind {
    match state.to_ascii_uppercase().as_str() {
        "ACKNOWLEDGED" => EventKind::Acknowledge,
        "CLOSED" | "RESOLVED" => EventKind::Resolve,
        "TEST" => EventKind::Change,
        _ => EventKind::Trigger,
    }
}

/// What a priority (workflows) or a severity (channels) claims.
pub(crate) fn severity(claim: &str) -> Severity {
    match claim.to_ascii_uppercase().as_str() {
        "CRITICAL" => Severity::Critical,
        "HIGH" => Severity::Error,
        "MEDIUM" | "WARNING" => Severity::Warning,
        "LOW" | "INFO" => Severity::Info,
        _ => Severity::Unknown,
    }
}

/// One line for people: control characters and line breaks become single spaces.
pub(crate) fn title(text: &str) -> String {
    let words = text.split(|c: char| c.is_whitespace() || c.is_control());
    let line = words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    line.chars().take(TITLE_MAX_CHARS).collect()
}
