//! What is measured: a batch of events and one rule about them as a native closure. `plugin_call` sets it beside a component
//! behind the plugin host, `tests/bench-extism` beside the extism crate: both the same events, both the same rule.

use jiff::Timestamp;
use nightbell_core::model::{Event, EventId, EventKind, Label, Link, Severity, Verdict};
use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The rule of `tests/fixtures/plugins/bench-filter`.
pub(crate) fn rule(event: &Event) -> Verdict {
    let label = |name: &str| event.labels.get(name).map(String::as_str);
    if label("environment") == Some("staging") {
        drop_with("staging wakes nobody")
    } else if event.severity == Severity::Info && label("team") == Some("batch") {
        let reason = "batch jobs report in the morning".to_owned();
        Verdict::Suppress { reason, by: "native".into(), until: None }
    } else if event.source.starts_with("canary-") && event.title.contains("latency") {
        drop_with("canaries are slow by design")
    } else {
        Verdict::Pass
    }
}

fn drop_with(reason: &str) -> Verdict {
    Verdict::Drop { reason: reason.to_owned(), by: "native".into() }
}

/// The closure over a whole batch; answers how many verdicts there are.
pub(crate) fn native(events: &[Arc<Event>]) -> usize {
    black_box(black_box(events).iter().map(|event| rule(event)).collect::<Vec<_>>()).len()
}

/// A verdict without who gave it.
pub(crate) fn words(verdict: &Verdict) -> (&'static str, &str) {
    match verdict {
        Verdict::Pass => ("pass", ""),
        Verdict::Suppress { reason, .. } => ("suppress", reason),
        Verdict::Drop { reason, .. } => ("drop", reason),
    }
}

/// So many events; of a full batch about one in eight is not kept.
pub(crate) fn batch(count: usize) -> Vec<Arc<Event>> {
    (0..count).map(|n| Arc::new(event(n))).collect()
}

/// Ten strings (the integration and its service among them) and ten labels.
fn event(n: usize) -> Event {
    let environment = if n % 16 == 3 { "staging" } else { "production" };
    let (severity, team) = match n % 16 {
        7 => (Severity::Info, "batch"),
        11 => (Severity::Info, "payments"),
        _ => (Severity::Critical, "payments"),
    };
    let source = if n % 32 == 5 { format!("canary-{n}") } else { format!("web-{n}.example.org") };
    let labels = [
        ("alertname", "HighLatency"),
        ("cluster", "tokyo-1"),
        ("container", "checkout"),
        ("environment", environment),
        ("instance", "10.1.2.3:9100"),
        ("job", "checkout-api"),
        ("namespace", "shop"),
        ("pod", "checkout-7d9f8c6b5-x2x4z"),
        ("region", "ap-northeast-1"),
        ("team", team),
    ];
    Event {
        id: EventId(n as u64 + 1),
        integration: "prometheus".into(),
        received_at: Timestamp::from_second(1_790_000_000).expect("in range"),
        kind: EventKind::Trigger,
        dedup_key: format!("HighLatency/checkout/{n}").as_str().into(),
        title: format!("p99 latency of checkout is high on node {n}"),
        severity,
        starts_at: Timestamp::from_second(1_789_999_940).ok(),
        expires_at: None,
        source,
        links: vec![Link {
            href: "https://graphs.example.org/d/checkout?from=now-1h".to_owned(),
            text: "graph".to_owned(),
        }],
        images: Vec::new(),
        labels: labels.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
        details: r#"{"value":1.82,"threshold":1.0,"for":"5m"}"#.to_owned(),
        attributes: vec![Label {
            name: "runbook".to_owned(),
            value: "https://runbooks.example.org/high-latency".to_owned(),
        }],
    }
}

/// How long so much of this work takes.
pub(crate) fn timed(times: u32, mut work: impl FnMut() -> usize) -> Duration {
    let start = Instant::now();
    for _ in 0..times {
        black_box(work());
    }
    start.elapsed()
}
