//! The usual names and words, for what the settings do not say. Names are compared without case, `_`, `-` and spaces.

use nightbell_plugin::{EventKind, Severity};

/// Where a title usually is.
pub(crate) const TITLE: &[&str] = &[
    "title",
    "summary",
    "message",
    "subject",
    "alertname",
    "name",
    "event",
    "description",
    "text",
];
/// Where it usually says what happened.
pub(crate) const KIND: &[&str] = &[
    "eventaction",
    "action",
    "status",
    "state",
    "currentstate",
    "alertstate",
    "eventtype",
    "kind",
    "type",
];
/// Where a severity usually is; a state such as `CRITICAL` is one too.
pub(crate) const SEVERITY: &[&str] =
    &["severity", "level", "priority", "urgency", "status", "state"];
/// Where an identity usually is; `id` comes last, since some senders number their messages with it.
pub(crate) const DEDUP_KEY: &[&str] = &[
    "dedupkey",
    "dedup",
    "deduplicationkey",
    "incidentkey",
    "fingerprint",
    "alias",
    "alertid",
    "incidentid",
    "issueid",
    "id",
    "uuid",
];
/// Where what is affected usually is.
pub(crate) const SOURCE: &[&str] =
    &["source", "host", "hostname", "instance", "node", "server", "device", "service", "monitor"];
/// When it usually says that it began.
pub(crate) const STARTS_AT: &[&str] =
    &["startsat", "startedat", "starttime", "timestamp", "time", "eventtime", "createdat", "date"];
/// When it usually says that it ends.
pub(crate) const EXPIRES_AT: &[&str] = &["expiresat"];
/// Fields that are labels wherever they are.
pub(crate) const LABELS: &[&str] = &[
    "team",
    "service",
    "host",
    "hostname",
    "environment",
    "env",
    "cluster",
    "region",
    "component",
];
/// Objects whose fields are labels.
pub(crate) const LABEL_OBJECTS: &[&str] = &["labels", "tags"];
/// Where a link usually is.
pub(crate) const LINKS: &[&str] =
    &["url", "link", "href", "alerturl", "incidenturl", "dashboardurl", "runbookurl", "permalink"];

/// What a word under one of [`KIND`] means; most words mean nothing here.
pub(crate) fn kind(word: &str) -> Option<EventKind> {
    Some(match plain(word).as_str() {
        "resolve" | "resolved" | "ok" | "okay" | "close" | "closed" | "recovery" | "recovered"
        | "up" | "normal" | "green" | "clear" | "cleared" | "healthy" | "success" | "fixed"
        | "inactive" | "online" | "good" => EventKind::Resolve,
        "acknowledge" | "acknowledged" | "ack" | "acked" | "acknowledgement" => {
            EventKind::Acknowledge
        }
        "change" | "changed" | "deploy" | "deployed" | "deployment" => EventKind::Change,
        "trigger" | "triggered" | "firing" | "fire" | "alert" | "alerting" | "alarm" | "open"
        | "opened" | "problem" | "down" | "critical" | "error" | "warning" | "failed"
        | "failure" | "active" | "red" => EventKind::Trigger,
        _ => return None,
    })
}

/// What a word under one of [`SEVERITY`] means.
pub(crate) fn severity(word: &str) -> Option<Severity> {
    Some(match plain(word).as_str() {
        "critical" | "crit" | "fatal" | "emergency" | "emerg" | "disaster" | "page" | "panic"
        | "down" | "p1" | "sev1" | "red" => Severity::Critical,
        "error" | "err" | "high" | "major" | "failed" | "failure" | "p2" | "sev2" => {
            Severity::Error
        }
        "warning" | "warn" | "medium" | "moderate" | "minor" | "average" | "degraded" | "p3"
        | "sev3" | "yellow" => Severity::Warning,
        "info" | "information" | "informational" | "notice" | "low" | "debug" | "none" | "ok"
        | "p4" | "p5" | "sev4" | "sev5" => Severity::Info,
        _ => return None,
    })
}

/// A name or word as it is compared: lower case, without `_`, `-` and spaces.
pub(crate) fn plain(word: &str) -> String {
    let kept = word.chars().filter(|c| !matches!(c, '_' | '-' | ' '));
    kept.flat_map(char::to_lowercase).take(64).collect()
}
