//! Alerts as events: their title, severity, source and links.

use nightbell_plugin::{Event, Label, Link, Severity};
use serde_json::{Map, Value};

use crate::alert::{Alert, Door, what};
use crate::label::fingerprint;

/// As long as a title can be; the whole text stays in the attributes.
const TITLE_MAX_CHARS: usize = 1024;

/// The events of the good alerts, in order, and one line for each bad one.
pub(crate) fn of_all(alerts: Vec<Value>, door: &Door) -> (Vec<Event>, Vec<String>) {
    let (mut events, mut rejected) = (vec![], vec![]);
    for (at, alert) in alerts.into_iter().enumerate() {
        match of(alert, door) {
            Ok(event) => events.push(event),
            Err(why) => rejected.push(format!("alert {at}: {why}")),
        }
    }
    (events, rejected)
}

fn of(raw: Value, door: &Door) -> Result<Event, String> {
    let Value::Object(raw) = raw else {
        return Err(format!("expected an object, got {}", what(&raw)));
    };
    let alert = Alert::read(&raw, door)?;
    let title = title(&alert);
    let mut event = if alert.firing { Event::trigger(title) } else { Event::resolve(title) }
        .dedup_key(fingerprint(&alert.labels))
        .severity(severity(&alert))
        .source(source(&alert));
    event.starts_at = alert.starts_at;
    event.expires_at = alert.expires_at;
    event.links = links(&alert, &raw);
    if let Some(src) = text(&raw, "imageURL").filter(|url| is_web(url)) {
        event = event.image(src, "", "");
    }
    event = event.details(&Value::Object(raw));
    // Names are unique already: pushing each through the builder would search the list every time.
    event.labels = pairs(alert.labels);
    event.attributes = pairs(alert.annotations);
    Ok(event)
}

fn pairs(from: impl IntoIterator<Item = (String, String)>) -> Vec<Label> {
    from.into_iter().map(|(name, value)| Label { name, value }).collect()
}

fn title(alert: &Alert) -> String {
    let label = |name: &str| alert.labels.get(name).map(|text| one_line(text));
    let named = || match (label("alertname")?, label("instance")) {
        (name, Some(instance)) => Some(format!("{name} on {instance}")),
        (name, None) => Some(name),
    };
    let summary = alert.annotation("summary").map(one_line).filter(|text| !text.is_empty());
    let all = || {
        let labels = alert.labels.iter().map(|(name, value)| format!("{name}={value:?}"));
        one_line(&format!("{{{}}}", labels.collect::<Vec<_>>().join(", ")))
    };
    let title = summary.or_else(named).filter(|text| !text.is_empty()).unwrap_or_else(all);
    title.chars().take(TITLE_MAX_CHARS).collect()
}

/// Control characters and line breaks become single spaces.
fn one_line(text: &str) -> String {
    let words = text.split(|c: char| c.is_whitespace() || c.is_control());
    words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

fn severity(alert: &Alert) -> Severity {
    let claim = alert.labels.get("severity").map(|text| text.trim().to_ascii_lowercase());
    match claim.as_deref().unwrap_or_default() {
        "critical" | "crit" | "page" | "fatal" | "emergency" | "disaster" | "p1" => {
            Severity::Critical
        }
        "error" | "err" | "high" | "major" | "p2" => Severity::Error,
        "warning" | "warn" | "medium" | "moderate" | "minor" | "p3" => Severity::Warning,
        "info" | "information" | "informational" | "notice" | "low" | "none" | "debug" | "ok"
        | "p4" | "p5" => Severity::Info,
        _ => Severity::Unknown,
    }
}

fn source(alert: &Alert) -> String {
    let label = |name: &str| alert.labels.get(name).cloned();
    label("instance").or_else(|| label("job")).unwrap_or_default()
}

fn links(alert: &Alert, raw: &Map<String, Value>) -> Vec<Link> {
    let noted = |name| alert.annotation(name);
    let found = [
        (noted("runbook_url"), "runbook"),
        (noted("runbook"), "runbook"),
        (noted("dashboard_url"), "dashboard"),
        (noted("dashboard"), "dashboard"),
        (text(raw, "dashboardURL"), "dashboard"),
        (text(raw, "panelURL"), "panel"),
        (text(raw, "generatorURL"), "expression"),
        (text(raw, "silenceURL"), "silence"),
    ];
    let mut links: Vec<Link> = vec![];
    for (href, text) in found {
        let Some(href) = href.filter(|href| is_web(href)) else { continue };
        if links.iter().all(|link| link.href != href) {
            links.push(Link { href: href.to_owned(), text: text.to_owned() });
        }
    }
    links
}

fn text<'a>(object: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    object.get(name)?.as_str()
}

/// Only the web's own schemes are links: never `javascript:`, `data:` or a path.
fn is_web(url: &str) -> bool {
    let scheme = |scheme: &str| {
        url.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme))
            && url.len() > scheme.len()
    };
    let plain = |c: char| !c.is_whitespace() && !c.is_control();
    (scheme("https://") || scheme("http://")) && url.chars().all(plain)
}
