//! What is counted and timed at the doors of monitors.

use nightbell_core::model::IntegrationId;
use std::time::Instant;

/// A moment to measure from; never shown and never decided upon.
#[allow(clippy::disallowed_methods, reason = "durations of calls are measured, not decided upon")]
pub(super) fn start() -> Instant {
    Instant::now()
}

/// How a payload fared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fared {
    /// Journalled, parsed.
    Accepted,
    /// Journalled, refused by its parser.
    Rejected,
    /// Journalled as a raw event: its parser failed.
    Raw,
    /// Sent away for now; not journalled.
    Overloaded,
    /// The store failed; not acknowledged.
    StoreFailed,
}

/// A payload reached a door with a valid key.
pub(super) fn received(integration: &IntegrationId, bytes: usize) {
    let name = integration.to_string();
    metrics::counter!("nightbell_ingest_payloads_total", "integration" => name.clone())
        .increment(1);
    metrics::counter!("nightbell_ingest_bytes_total", "integration" => name)
        .increment(bytes as u64);
}

/// A payload's end at the door.
pub(super) fn fared(integration: &IntegrationId, how: Fared) {
    let how = match how {
        Fared::Accepted => "accepted",
        Fared::Rejected => "rejected",
        Fared::Raw => "parser_failed",
        Fared::Overloaded => "overloaded",
        Fared::StoreFailed => "store_failed",
    };
    let name = integration.to_string();
    metrics::counter!("nightbell_ingest_results_total", "integration" => name, "result" => how)
        .increment(1);
}

/// Events that were journalled.
pub(super) fn events(integration: &IntegrationId, count: usize) {
    metrics::counter!("nightbell_ingest_events_total", "integration" => integration.to_string())
        .increment(count as u64);
}

/// Somebody came with a key that no integration has.
pub(super) fn unknown_key() {
    metrics::counter!("nightbell_ingest_unknown_keys_total").increment(1);
}

/// How long a parser took.
pub(super) fn parse_time(since: Instant) {
    metrics::histogram!("nightbell_ingest_parse_seconds").record(since.elapsed().as_secs_f64());
}

/// How long the journal took.
pub(super) fn append_time(since: Instant) {
    metrics::histogram!("nightbell_ingest_append_seconds").record(since.elapsed().as_secs_f64());
}
