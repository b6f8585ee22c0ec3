//! The shipped plugins through the real host, as far as this build has them.

use super::{Bench, granting};
use crate::plugin::{ParseOutcome, Payload, PluginState, Source, missing_shipped, shipped};
use bytes::Bytes;
use jiff::Timestamp;
use nightbell_core::model::{EventKind, Verdict};

/// Says what is skipped instead of passing in silence.
fn is_built(name: &str) -> bool {
    let is_there = !missing_shipped().contains(&name);
    if !is_there {
        tracing::warn!(name, "skipped: built without this plugin; run `cargo xtask plugins` first");
    }
    is_there
}

/// What needs an account somewhere, and so a grant.
const NEED_A_GRANT: [&str; 2] = ["slack", "twilio"];

#[tokio::test(flavor = "multi_thread")]
async fn everything_shipped_runs_without_a_word_of_config_or_says_which_word_it_needs() {
    let bench = Bench::with(|_| {}, shipped()).await;
    assert_eq!(bench.host.list().len(), shipped().len());
    for status in bench.host.list() {
        let needs_a_grant = NEED_A_GRANT.contains(&status.name.as_str());
        let expected = match needs_a_grant {
            true => PluginState::Disabled,
            false => PluginState::Running,
        };
        assert_eq!((status.state, status.source), (expected, Source::Shipped), "{status:#?}");
        let says = status.error.as_deref().unwrap_or_default();
        assert_eq!(says.contains(&format!("[plugin.{}]", status.name)), needs_a_grant, "{says}");
    }
    let spoken_of = |plan: &mut crate::config::Plan| {
        granting(plan, "slack", |word| word.hosts = vec!["https://slack.com".to_owned()]);
    };
    bench.replan(spoken_of).await;
    if is_built("slack") {
        assert_eq!(bench.state("slack"), PluginState::WaitingForGrant);
        assert!(bench.error("slack").contains("secrets = "), "{}", bench.error("slack"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn mute_drops_what_its_settings_say_and_bad_settings_do_not_replace_good_ones() {
    if !is_built("mute") {
        return;
    }
    let rules = |rules: serde_json::Value| {
        move |plan: &mut crate::config::Plan| {
            granting(plan, "mute", |word| word.settings = serde_json::json!({"rules": rules}))
        }
    };
    let good = serde_json::json!([{"match": ["title=~noise.*"], "action": "drop", "reason": "known noise"}]);
    let bench = Bench::with(rules(good), shipped()).await;
    assert_eq!(bench.error("mute"), "");
    let batch = bench.judge(&["noise again", "disk full"]).await;
    assert!(
        matches!(&batch.events[0].verdict, Verdict::Drop { reason, .. } if reason == "known noise"),
        "{batch:#?}"
    );
    assert_eq!(batch.events[1].verdict, Verdict::Pass);

    bench.replan(rules(serde_json::json!([{"match": "nonsense", "action": "explode"}]))).await;
    assert!(bench.error("mute").contains("goes on"), "{}", bench.error("mute"));
    assert!(matches!(bench.judge(&["noise"]).await.events[0].verdict, Verdict::Drop { .. }));
}

#[tokio::test(flavor = "multi_thread")]
async fn nagios_reads_a_notification() {
    if !is_built("nagios") {
        return;
    }
    let bench = Bench::with(|_| {}, shipped()).await;
    let body = "NOTIFICATIONTYPE=PROBLEM&HOSTNAME=web1&SERVICEDESC=disk&SERVICESTATE=CRITICAL&SERVICEOUTPUT=full";
    let payload = Payload {
        id: "p1".to_owned(),
        attachments: vec![],
        integration: "monitor".into(),
        method: "POST".to_owned(),
        path: "/".to_owned(),
        query: String::new(),
        headers: Vec::new(),
        content_type: "application/x-www-form-urlencoded".to_owned(),
        body: Bytes::from_static(body.as_bytes()),
        received_at: Timestamp::UNIX_EPOCH,
    };
    let outcome = bench.host.parse("nagios", &payload, &serde_json::json!({})).await;
    let ParseOutcome::Parsed { events, .. } = &outcome else { panic!("{outcome:?}") };
    assert_eq!((events.len(), events[0].kind), (1, EventKind::Trigger));
    assert_eq!(events[0].title, "disk on web1 is CRITICAL: full");
    let broken = Payload { body: Bytes::from_static(b"\xff\xfe"), ..payload };
    let outcome = bench.host.parse("nagios", &broken, &serde_json::json!({})).await;
    assert!(matches!(outcome, ParseOutcome::Rejected { .. }), "{outcome:?}");
}
