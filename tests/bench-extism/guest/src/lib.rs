//! The filter of `tests/fixtures/plugins/bench-filter` as an extism plugin: JSON in, JSON out, texts borrowed where serde can.

use extism_pdk::{FnResult, plugin_fn};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// What is sent of an event.
#[derive(Deserialize)]
struct Event<'a> {
    #[serde(borrow)]
    severity: Cow<'a, str>,
    #[serde(borrow)]
    source: Cow<'a, str>,
    #[serde(borrow)]
    title: Cow<'a, str>,
    #[serde(borrow)]
    labels: BTreeMap<Cow<'a, str>, Cow<'a, str>>,
    // What the rule does not look at is skipped by serde, which is the cheapest that a plugin can do with it.
}

#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
enum Verdict {
    Keep,
    Suppress(&'static str),
    Drop(&'static str),
}

fn rule(event: &Event<'_>) -> Verdict {
    let label = |name: &str| event.labels.get(name).map(AsRef::as_ref);
    if label("environment") == Some("staging") {
        Verdict::Drop("staging wakes nobody")
    } else if event.severity == "info" && label("team") == Some("batch") {
        Verdict::Suppress("batch jobs report in the morning")
    } else if event.source.starts_with("canary-") && event.title.contains("latency") {
        Verdict::Drop("canaries are slow by design")
    } else {
        Verdict::Keep
    }
}

/// One event; answers its verdict.
#[plugin_fn]
pub fn judge(event: Vec<u8>) -> FnResult<Vec<u8>> {
    let event: Event<'_> = serde_json::from_slice(&event)?;
    Ok(serde_json::to_vec(&rule(&event))?)
}

/// A batch; answers a verdict for each event, in order.
#[plugin_fn]
pub fn judge_batch(events: Vec<u8>) -> FnResult<Vec<u8>> {
    let events: Vec<Event<'_>> = serde_json::from_slice(&events)?;
    Ok(serde_json::to_vec(&events.iter().map(rule).collect::<Vec<_>>())?)
}

/// What a call costs that does nothing.
#[plugin_fn]
pub fn nothing(_: Vec<u8>) -> FnResult<Vec<u8>> {
    Ok(Vec::new())
}
