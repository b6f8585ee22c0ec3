//! The same rules as packed filters, as JSON filters and natively give the same verdicts and leave the same events, and the
//! same routes in the same three forms come to the same decision, on random events and in chains of every mixture.
//!
//! The guests are `rules`, `routes` and both with `-json` in `tests/fixtures/plugins`, which `cargo xtask test` builds.

use super::{Bench, plan_of};
use crate::plugin::batch::{Batch, Heard};
use crate::plugin::from_guest::{decision, ruling};
use crate::plugin::to_guest::Packed;
use crate::plugin::wire::{ex, im};
use crate::plugin::{JudgedBatch, PluginState};
use jiff::Timestamp;
use nightbell_core::model::{
    Event, EventId, EventKind, Image, Label, Link, PluginStamp, RouteDecision, Severity, Verdict,
};
use nightbell_pack::Imports;
use nightbell_plugin::packed::{EventRef, Packer};
use nightbell_plugin_routes::route;
use nightbell_plugin_rules::judge;
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use std::sync::Arc;

/// A built guest under another name, so that a chain can have it twice; `more` is the end of its manifest.
pub(super) fn built(guest: &str, name: &str, kind: &str, more: &str) -> Vec<u8> {
    let path = format!("{}/../target/fixtures/{guest}.wasm", env!("CARGO_MANIFEST_DIR"));
    let bytes = std::fs::read(&path)
        .unwrap_or_else(|_| panic!("no {guest}.wasm in target/fixtures: run `cargo xtask test`"));
    let manifest = format!(
        "name = '{name}'\nversion = '0.1.0'\nkind = '{kind}'\ndescription = 'Rules.'\n{more}"
    );
    nightbell_pack::pack(&bytes, &manifest, Imports::Used).expect("a plugin")
}

/// What a batch came to: the event as it is by now, the verdict, the decision, and what each plugin said.
type Outcome = (Event, Verdict, RouteDecision, Vec<(String, String)>);

fn outcomes(judged: Vec<nightbell_core::model::JudgedEvent>) -> Vec<Outcome> {
    let said = |stage: nightbell_core::model::StageTrace| {
        (stage.plugin.name.to_string(), stage.verdict.into_owned())
    };
    let of = |judged: nightbell_core::model::JudgedEvent| {
        let stages = judged.stages.into_iter().map(said).collect();
        (Event::clone(&judged.event), judged.verdict, judged.decision, stages)
    };
    judged.into_iter().map(of).collect()
}

/// The filters `a` and `b`, then the routers `c` and `d`, without a guest: the SDK's own reader, rules and routes as functions.
fn natively(events: &[Arc<Event>]) -> Vec<Outcome> {
    let directory = plan_of(std::path::Path::new("/")).directory;
    let mut batch = Batch::new(events.to_vec(), &directory, Packer::new());
    let stamp = |name: &str| PluginStamp { name: name.into(), sha256: "native".into() };
    for name in ["a", "b"] {
        let positions = batch.in_scope(&[]);
        let heard = each(&batch, &positions, |event| {
            ruling(wire(judge(event))).map_err(|fault| fault.message)
        });
        batch.rule(&stamp(name), false, &positions, heard);
    }
    batch.begin_routing();
    for name in ["c", "d"] {
        let positions = batch.in_scope(&[]);
        let heard =
            each(&batch, &positions, |event| Ok(route(event).map(wire_decision).map(decision)));
        batch.route(&stamp(name), false, &positions, heard);
    }
    outcomes(batch.finish().0)
}

/// What is said about each of these events, one by one.
fn each<T>(
    batch: &Batch,
    positions: &[usize],
    say: impl Fn(&EventRef<'_>) -> Result<T, String>,
) -> Vec<Heard<T>> {
    let heard = |position: &usize| {
        let lane = batch.lane(*position);
        let mut packer = Packer::new();
        packer.begin(1);
        packer.push(&Packed { event: &lane.event, service: lane.service() }).expect("has room");
        let word = say(&packer.batch().get(0).expect("just packed"));
        Heard { word, batch_us: 0, batch_len: 1 }
    };
    positions.iter().map(heard).collect()
}

/// The SDK's decision as it crosses the boundary.
fn wire_decision(said: nightbell_plugin::Decision) -> ex::routing::Decision {
    let urgency = said.urgency.map(|urgency| match urgency {
        nightbell_plugin::Urgency::High => im::types::Urgency::High,
        nightbell_plugin::Urgency::Low => im::types::Urgency::Low,
    });
    ex::routing::Decision {
        service: said.service,
        escalation_policy: said.escalation_policy,
        urgency,
        priority: said.priority,
        group_key: said.group_key,
    }
}

/// The SDK's verdict as it crosses the boundary.
fn wire(said: nightbell_plugin::Verdict) -> ex::judging::Verdict {
    use nightbell_plugin::Verdict as Said;
    let labels = |labels: Vec<nightbell_plugin::Label>| {
        labels.into_iter().map(|l| im::types::Label { name: l.name, value: l.value }).collect()
    };
    match said {
        Said::Keep => ex::judging::Verdict::Keep,
        Said::Drop(reason) => ex::judging::Verdict::Drop(reason),
        Said::Suppress(said) => ex::judging::Verdict::Suppress(ex::judging::Suppression {
            reason: said.reason,
            until: said.until,
        }),
        Said::Modify(patch) => ex::judging::Verdict::Modify(ex::judging::Patch {
            title: patch.title,
            severity: patch.severity.map(severity),
            source: patch.source,
            details: patch.details,
            expires_at: patch.expires_at,
            set_labels: labels(patch.set_labels),
            remove_labels: patch.remove_labels,
            set_attributes: labels(patch.set_attributes),
            remove_attributes: patch.remove_attributes,
            add_links: patch
                .add_links
                .into_iter()
                .map(|link| im::types::Link { href: link.href, text: link.text })
                .collect(),
        }),
    }
}

fn severity(severity: nightbell_plugin::Severity) -> im::types::Severity {
    match severity {
        nightbell_plugin::Severity::Critical => im::types::Severity::Critical,
        nightbell_plugin::Severity::Error => im::types::Severity::Error,
        nightbell_plugin::Severity::Warning => im::types::Severity::Warning,
        nightbell_plugin::Severity::Info => im::types::Severity::Info,
        nightbell_plugin::Severity::Unknown => im::types::Severity::Unknown,
    }
}

/// Short texts of every script, the troublesome ones, and now and then a long one.
fn text() -> impl Strategy<Value = String> {
    const ODD: &[&str] = &[
        "",
        "\0",
        "\u{feff}",
        "\r\n",
        "\"\\/",
        "\u{202e}evil",
        "{{secret:key}}",
        "e\u{301}",
        "👩‍🚒",
        "null",
        "\u{7f}\u{80}\u{2028}",
    ];
    prop_oneof![
        6 => "\\PC{0,12}",
        2 => any::<String>(),
        2 => proptest::sample::select(ODD).prop_map(str::to_owned),
        1 => ("\\PC{1,3}", 500..3_000_usize).prop_map(|(text, times)| text.repeat(times)),
    ]
}

/// JSON as it may be written: numbers that no floating point holds, keys that come twice, space, depth.
fn json() -> impl Strategy<Value = String> {
    const ODD: &[&str] = &[
        "",
        "0",
        "-0.0",
        "1e400",
        "123456789012345678901234567890.10",
        "\"\"",
        "{\"a\": 1, \"a\": 2}",
        "[ 1 ,\n 2 ]",
        "\"\\u0000\\ud83d\\ude92\"",
        "{\"z\":{\"y\":[null,true,{}]}}",
    ];
    prop_oneof![
        4 => proptest::sample::select(ODD).prop_map(str::to_owned),
        3 => text().prop_map(|text| serde_json::Value::String(text).to_string()),
        1 => (1..2_000_usize).prop_map(|depth| "[".repeat(depth) + &"]".repeat(depth)),
    ]
}

fn at() -> impl Strategy<Value = Timestamp> {
    // The first and the last whole second of the calendar.
    let (min, max) = (Timestamp::MIN.as_second() * 1_000, Timestamp::MAX.as_second() * 1_000);
    let ms = prop_oneof![4 => 1_700_000_000_000..1_900_000_000_000_i64, 1 => min..max, 1 => Just(min), 1 => Just(max), 1 => Just(0)];
    ms.prop_map(|ms| Timestamp::from_millisecond(ms).expect("in range"))
}

fn labels() -> impl Strategy<Value = Vec<Label>> {
    // Few names, so that they come twice.
    let name = prop_oneof![3 => "[a-c]", 1 => text()];
    vec((name, text()).prop_map(|(name, value)| Label { name, value }), 0..8)
}

prop_compose! {
    fn event()(
        (id, kind, severity) in (any::<u64>(), 0..8_usize, 0..5_usize),
        (title, source, dedup_key, details) in (text(), text(), text(), json()),
        integration in prop_oneof![Just("monitor".to_owned()), text()],
        (received_at, starts_at, expires_at) in (at(), proptest::option::of(at()), proptest::option::of(at())),
        labels in prop_oneof![8 => btree_map(text(), text(), 0..8), 1 => btree_map("[a-z]{1,8}", text(), 200..256)],
        attributes in labels(),
        links in vec((text(), text()).prop_map(|(href, text)| Link { href, text }), 0..4),
        images in vec((text(), text(), text()).prop_map(|(src, href, alt)| Image { src, href, alt }), 0..3),
    ) -> Arc<Event> {
        let kinds = [EventKind::Acknowledge, EventKind::Resolve, EventKind::Change];
        let severities = [Severity::Critical, Severity::Error, Severity::Warning, Severity::Info, Severity::Unknown];
        Arc::new(Event {
            id: EventId(id),
            integration: integration.as_str().into(),
            received_at,
            kind: kinds.get(kind).copied().unwrap_or(EventKind::Trigger),
            dedup_key: dedup_key.as_str().into(),
            title,
            severity: severities[severity],
            starts_at,
            expires_at,
            source,
            links,
            images,
            labels,
            details,
            attributes,
        })
    }
}

/// A host whose chain is the rules in these two forms, as `a` and `b`, and the routes in the same forms, as `c` and `d`.
async fn chain_of(first: &str, second: &str) -> Bench {
    let bench = Bench::new().await;
    // A loaded machine is no reason to differ.
    let patient = "[limits]\nmemory_mib = 128\ncpu_ms = 10000\nwall_ms = 5000";
    let chain = [
        ("a", "rules", first),
        ("b", "rules", second),
        ("c", "routes", first),
        ("d", "routes", second),
    ];
    for (name, what, form) in chain {
        let kind = if what == "rules" { "filter" } else { "router" };
        let file = built(&format!("{what}{form}"), name, kind, patient);
        bench.put(&format!("{name}.wasm"), &file).await;
        assert_eq!(bench.state(name), PluginState::Running, "{}", bench.error(name));
    }
    bench
}

#[test]
fn packed_json_and_native_say_the_same_about_any_event_alone_and_in_a_chain() {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let (packed, json) = ("", "-json");
    let chains = [(packed, packed), (json, json), (packed, json), (json, packed)];
    let benches = chains.map(|(a, b)| ((a, b), runtime.block_on(chain_of(a, b))));
    let shapes = std::cell::RefCell::new(std::collections::BTreeSet::new());
    let cases = Config { cases: 96, failure_persistence: None, ..Config::default() };
    TestRunner::new(cases)
        .run(&vec(event(), 1..12), |events| {
            let native = natively(&events);
            for (chain, bench) in &benches {
                let JudgedBatch { events: judged, failures, .. } =
                    runtime.block_on(bench.host.judge(events.clone()));
                prop_assert_eq!(&failures, &[], "{:?}", chain);
                prop_assert_eq!(&outcomes(judged), &native, "{:?}", chain);
            }
            let said = native.iter().flat_map(|(.., said)| said);
            shapes.borrow_mut().extend(
                said.map(|(_, verdict)| verdict.split(&[' ', ':']).next().map(str::to_owned)),
            );
            let decided = native.iter().flat_map(|(_, _, decision, _)| opinions(decision));
            shapes.borrow_mut().extend(decided.map(|opinion| Some(opinion.to_owned())));
            Ok(())
        })
        .unwrap_or_else(|error| panic!("{error}"));
    let shapes: Vec<_> = shapes.into_inner().into_iter().flatten().collect();
    for expected in ["drop", "keep", "modify", "suppress", "no"].iter().chain(&OPINIONS) {
        assert!(
            shapes.iter().any(|shape| shape == expected),
            "{expected} never came up: {shapes:?}"
        );
    }
}

const OPINIONS: [&str; 5] =
    ["its service", "its policy", "its urgency", "its priority", "its group"];

/// What a decision decides.
fn opinions(decision: &RouteDecision) -> impl Iterator<Item = &'static str> {
    let is_there = [
        decision.service.is_some(),
        decision.escalation_policy.is_some(),
        decision.urgency.is_some(),
        decision.priority.is_some(),
        decision.group_key.is_some(),
    ];
    OPINIONS.into_iter().zip(is_there).filter_map(|(name, is_there)| is_there.then_some(name))
}
