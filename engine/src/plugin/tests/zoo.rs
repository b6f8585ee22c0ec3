//! Filters that misbehave on one event of three: that event passes, the others are judged, the operator can read why, and
//! the filter behind works as if nothing were. One row per animal; `docs/reference/misbehaving-plugins.md` names them.

use super::guests::{animal, answering, guest, judge, misbehaving};
use super::{Bench, granting};
use crate::plugin::{JudgedBatch, PluginState};
use nightbell_core::model::{EventId, Verdict};

/// The event in the middle makes the animal misbehave; the last one is for the filter behind it.
const TITLES: [&str; 3] = ["fine", "@ poison", "drop me"];

/// What the stage of this plugin says about an event.
fn said<'a>(batch: &'a JudgedBatch, event: usize, plugin: &str) -> &'a str {
    let stages = &batch.events[event].stages;
    stages.iter().find(|stage| &*stage.plugin.name == plugin).map_or("", |stage| &stage.verdict)
}

async fn bench_with_neighbour() -> Bench {
    let bench = Bench::new().await;
    bench.put("neighbour.wasm", &judge("neighbour", 1)).await;
    bench
}

/// Puts the animal in and lets it judge; the poisoned event must pass for this reason, and no other be touched.
async fn fails_on_one(bench: &Bench, what: &str, bytes: &[u8], why: &str) {
    bench.put("animal.wasm", bytes).await;
    assert_eq!(bench.error("animal"), "", "{what} loads");
    let batch = bench.judge(&TITLES).await;
    let failed: Vec<_> = batch.failures.iter().map(|f| (&*f.plugin.name, f.event)).collect();
    assert_eq!(failed, [("animal", Some(EventId(1)))], "{what}: {:?}", batch.failures);
    assert!(batch.failures[0].message.contains(why), "{what}: {}", batch.failures[0].message);
    let told = said(&batch, 1, "animal");
    assert!(told.starts_with("failed: ") && told.contains(why), "{what}: {told}");
    assert_eq!((said(&batch, 0, "animal"), said(&batch, 2, "animal")), ("keep", "keep"), "{what}");
    assert_eq!(batch.events[1].verdict, Verdict::Pass, "{what}");
    assert_eq!(said(&batch, 1, "neighbour"), "keep", "{what}: the next filter sees it");
    let dropped = &batch.events[2].verdict;
    assert!(matches!(dropped, Verdict::Drop { by, .. } if &**by == "neighbour"), "{what}");
    let status = bench.status("animal");
    assert_eq!((status.state, status.failures), (PluginState::Running, 1), "{what}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filter_that_breaks_loses_one_event_s_verdict_and_says_why() {
    let bench = bench_with_neighbour().await;
    let quick = "[limits]\ncpu_ms = 50\nmemory_mib = 8";
    for (file, more, why) in [
        ("trap", "", "trap: wasm `unreachable` instruction executed"),
        ("loop", quick, "stalled: computed for more than 30 ms"),
        ("recursion", "", "trap: call stack exhausted"),
        ("memory-growth", quick, "out of memory: wanted 9 MiB, may have 8"),
        ("table-growth", "", "out of memory: wanted a table of 20001 elements, may have 20000"),
        ("huge-output", "", "nonsense: it hands over more than 8388608 bytes at once"),
        ("wild-pointer", "", "trap: list pointer/length out of bounds of memory"),
        ("wild-length", "", "trap: list pointer/length out of bounds of memory"),
        ("crooked-pointer", "", "trap: list pointer is not aligned"),
        ("unknown-verdict", "", "trap: unexpected discriminant: 200"),
        ("too-few", "", "nonsense: 0 answers to 1 events"),
        ("too-many", "", "nonsense: 2 answers to 1 events"),
        ("call-flood", "", "trap: more than 10000 calls to the host in one call"),
    ] {
        fails_on_one(&bench, file, &animal(file, "animal", "filter", more), why).await;
    }
}

/// Bytes that are not UTF-8, and where they lie.
const BAD_TEXT: &str = r#"(data (i32.const 64) "\ff\fe\fd")"#;

/// A filter whose one verdict has these words in it, by their place in the verdict.
fn verdict_with(words: &[(u32, u32)]) -> String {
    let stores: String = words
        .iter()
        .map(|(at, word)| {
            format!("(i32.store (i32.add (local.get $v) (i32.const {at})) (i32.const {word}))")
        })
        .collect();
    format!(
        r#"{BAD_TEXT} (data (i32.const 80) "\40\00\00\00\03\00\00\00\40\00\00\00\03\00\00\00")
        (data (i32.const 96) "\00\00\00\00\00\00\00\00\40\00\00\00\03\00\00\00")
        (func $misbehave (param i32) (result i32) (local $v i32)
          (drop (call $nothing (i32.const 1) (i32.const 104)))
          (local.set $v (i32.load (i32.const 16)))
          {stores}
          (i32.const 16))"#
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn text_that_is_not_utf_8_is_a_failure_in_every_field_of_a_verdict() {
    let bench = bench_with_neighbour().await;
    // A verdict is its tag and, from byte 8, its content. Text is (where, how long); optional text has a tag before it. At
    // byte 80 lies a pair of bad texts, at 96 one whose name is empty and whose value is bad.
    let (modify, suppress, drop) = (1, 2, 3);
    let text = |tag: u32, at: u32| vec![(0, tag), (at, 64), (at + 4, 3)];
    let optional = |at: u32| vec![(0, modify), (at, 1), (at + 4, 64), (at + 8, 3)];
    let list = |at: u32, element: u32| vec![(0, modify), (at, element), (at + 4, 1)];
    for (field, words) in [
        ("drop's reason", text(drop, 8)),
        ("suppress' reason", text(suppress, 8)),
        ("title", optional(8)),
        ("source", optional(24)),
        ("details", optional(36)),
        ("name of a label set", list(64, 80)),
        ("value of a label set", list(64, 96)),
        ("label removed", list(72, 80)),
        ("name of an attribute set", list(80, 80)),
        ("value of an attribute set", list(80, 96)),
        ("attribute removed", list(88, 80)),
        ("a link's href", list(96, 80)),
        ("a link's text", list(96, 96)),
    ] {
        let bytes = misbehaving(&verdict_with(&words), "animal", "filter", "");
        fails_on_one(&bench, field, &bytes, "trap: invalid utf-8 sequence").await;
    }
    for (field, words) in [("reason", vec![(0, drop), (8, 0x7fff_0000), (12, 9)])] {
        let bytes = misbehaving(&verdict_with(&words), "animal", "filter", "");
        let why = "trap: string pointer/length out of bounds of memory";
        fails_on_one(&bench, field, &bytes, why).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_verdict_beyond_a_bound_is_nonsense() {
    let bench = bench_with_neighbour().await;
    // From byte 128 on memory is zero: labels without name and value, as many as one likes.
    for (what, words, why) in [
        (
            "an end beyond the calendar",
            vec![(0, 1), (48, 1), (56, u32::MAX), (60, 0x7fff_ffff)],
            "is outside the calendar",
        ),
        (
            "details that are not JSON",
            vec![(0, 1), (36, 1), (40, 72), (44, 1)],
            "details are not JSON",
        ),
        ("labels set", vec![(0, 1), (64, 128), (68, 257)], "257 labels set, expected at most 256"),
        ("labels removed", vec![(0, 1), (72, 128), (76, 257)], "257 labels removed"),
        ("attributes set", vec![(0, 1), (80, 128), (84, 257)], "257 attributes set"),
    ] {
        let bytes = misbehaving(&verdict_with(&words), "animal", "filter", "");
        fails_on_one(&bench, what, &bytes, why).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_json_filter_says_is_held_to_the_contract() {
    let bench = bench_with_neighbour().await;
    let deep = format!("[{}", r#"{"verdict":"modify","details":"#.to_owned() + &"[".repeat(10_000));
    for (what, answer, why) in [
        ("not JSON", &b"nonsense"[..], "nonsense: expected an array of verdicts: expected ident"),
        ("not UTF-8", b"[\xff]", "trap: invalid utf-8 sequence"),
        ("cut off", br#"[{"verdict":"keep"#, "EOF while parsing"),
        ("no array", br#"{"verdict":"keep"}"#, "expected an array of verdicts: invalid type: map"),
        ("a wrong type", br#"[{"verdict":1}]"#, "expected an array of verdicts"),
        ("an unknown verdict", br#"[{"verdict":"page"}]"#, "unknown variant `page`"),
        ("an unknown field", br#"[{"verdict":"modify","kind":"resolve"}]"#, "unknown field `kind`"),
        ("no reason", br#"[{"verdict":"drop"}]"#, "a verdict without its `reason`"),
        ("too many", br#"[{"verdict":"keep"},{"verdict":"keep"}]"#, "2 answers to 1 events"),
        ("too few", b"[]", "0 answers to 1 events"),
        ("no end to it", deep.as_bytes(), "EOF while parsing"),
        (
            "no such time",
            br#"[{"verdict":"suppress","reason":"r","until":9223372036854775807}]"#,
            "until 9223372036854775807 ms is outside the calendar",
        ),
    ] {
        bench.put("animal.wasm", &answering("animal", "filter", answer)).await;
        assert_eq!(bench.error("animal"), "", "{what} loads");
        let batch = bench.judge(&["drop me"]).await;
        let told = said(&batch, 0, "animal");
        assert!(told.starts_with("failed: ") && told.contains(why), "{what}: {told}");
        assert!(
            matches!(&batch.events[0].verdict, Verdict::Drop { by, .. } if &**by == "neighbour"),
            "{what}"
        );
    }
    bench.put("animal.wasm", &answering("animal", "router", b"[{\"urgency\":\"loud\"}]")).await;
    let batch = bench.judge(&["fine"]).await;
    assert!(said(&batch, 0, "animal").contains("unknown variant `loud`"), "{:?}", batch.failures);
}

#[tokio::test(flavor = "multi_thread")]
async fn routers_that_break_have_no_opinion() {
    let bench = bench_with_neighbour().await;
    let decision_with = |at: u32| {
        format!(
            r#"{BAD_TEXT} (func $misbehave (param i32) (result i32) (local $d i32)
              (drop (call $nothing (i32.const 1) (i32.const 56)))
              (local.set $d (i32.load (i32.const 16)))
              (i32.store8 (local.get $d) (i32.const 1))
              (i32.store8 offset={at} (local.get $d) (i32.const 1))
              (i32.store offset={} (local.get $d) (i32.const 64))
              (i32.store offset={} (local.get $d) (i32.const 3))
              (i32.const 16))"#,
            at + 4,
            at + 8
        )
    };
    let utf8 = "trap: invalid utf-8 sequence";
    for (what, text, why) in [
        ("service", decision_with(4), utf8),
        ("escalation policy", decision_with(16), utf8),
        ("priority", decision_with(32), utf8),
        ("group key", decision_with(44), utf8),
        (
            "trap",
            "(func $misbehave (param i32) (result i32) (unreachable))".to_owned(),
            "unreachable",
        ),
    ] {
        bench.put("animal.wasm", &misbehaving(&text, "animal", "router", "")).await;
        let batch = bench.judge(&["fine", "@ poison"]).await;
        assert!(said(&batch, 1, "animal").contains(why), "{what}: {:?}", batch.failures);
        assert_eq!(batch.events[1].decision, Default::default(), "{what}");
        assert_eq!(said(&batch, 0, "animal"), "no opinion", "{what}");
        assert_eq!((batch.failures.len(), bench.status("animal").failures), (1, 1), "{what}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_words_is_cut_and_costs_nothing_else() {
    let bench = bench_with_neighbour().await;
    bench.put("animal.wasm", &animal("log-flood", "animal", "filter", "")).await;
    let batch = bench.judge(&TITLES).await;
    assert_eq!((batch.failures.len(), said(&batch, 1, "animal")), (0, "keep"));
    let lines = bench.host.log_lines("animal");
    let own: Vec<_> = lines.iter().filter(|line| line.message.starts_with('x')).collect();
    assert_eq!(own.len(), 50, "the rest was left out");
    assert!(own.iter().all(|line| line.message.len() == 2_048 && !line.message.contains('\n')));
    assert!(lines.len() < 60, "what the host itself says is little: {lines:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_filter_within_its_limits_is_left_alone() {
    let bench = bench_with_neighbour().await;
    bench
        .put(
            "animal.wasm",
            &animal("slow", "animal", "filter", "[limits]\ncpu_ms = 10000\nwall_ms = 5000"),
        )
        .await;
    for _ in 0..3 {
        let batch = bench.judge(&TITLES).await;
        assert_eq!((batch.failures.len(), said(&batch, 1, "animal")), (0, "keep"));
        assert!(batch.events[1].stages[0].batch_us > 1_000, "it did take its time");
    }
    assert_eq!((bench.state("animal"), bench.status("animal").failures), (PluginState::Running, 0));
}

fn with_state(names: &'static [&'static str]) -> impl FnOnce(&mut crate::config::Plan) {
    move |plan| names.iter().for_each(|name| granting(plan, name, |word| word.state = true))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_state_meets_its_quota() {
    let bench = Bench::with(with_state(&["animal"]), Vec::new()).await;
    let asks = "requires = ['state']\n[limits]\ncpu_ms = 5000\nwall_ms = 5000";
    for (file, rounds, keys, why) in [
        ("state-keys", 2, 10_000, "a plugin may keep 10000 keys"),
        ("state-bytes", 1, 0, "a plugin may keep 1048576 bytes"),
    ] {
        bench.put("animal.wasm", &animal(file, "animal", "filter", asks)).await;
        let mut kept = std::collections::BTreeSet::new();
        for round in 1..=rounds {
            let batch = bench.judge(&["@ flood"]).await;
            assert_eq!(batch.failures, [], "{file}");
            for change in &batch.changes {
                let nightbell_core::model::Change::PluginState { key, .. } = change else {
                    panic!("{change:?}")
                };
                kept.insert(key.clone());
            }
            let told = said(&batch, 0, "animal");
            assert_eq!(told.contains(why), round == rounds, "{file}, round {round}: {told}");
        }
        assert_eq!(kept.len(), keys, "{file}");
        let fine = bench.judge(&["fine"]).await;
        assert_eq!(said(&fine, 0, "animal"), "keep", "{file}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn i13_state_is_for_whoever_asks_and_is_granted_it_and_each_sees_its_own() {
    let bench = Bench::with(with_state(&["count", "animal"]), Vec::new()).await;
    bench.put("count.wasm", &guest("count", "count", "filter", "requires = ['state']")).await;
    assert_eq!(bench.judge(&["a"]).await.changes.len(), 1, "the key n is written");
    let with = |asks: &str| animal("state-reader", "animal", "filter", asks);
    bench.put("animal.wasm", &with("requires = ['state']")).await;
    assert_eq!(
        said(&bench.judge(&["@ look"]).await, 0, "animal"),
        "keep",
        "it sees no key of another"
    );
    bench.put("animal.wasm", &with("")).await;
    let told = bench.judge(&["@ look"]).await;
    assert_eq!(said(&told, 0, "animal"), "drop: the manifest of `animal` does not ask for `state`");
    bench.replan(with_state(&["count"])).await;
    bench.put("animal.wasm", &with("optional = ['state']")).await;
    let told = bench.judge(&["@ look"]).await;
    let why = "drop: `animal` asks for `state`, which is not granted: add `state = true` under `[plugin.animal]`";
    assert!(said(&told, 0, "animal").starts_with(why), "{}", said(&told, 0, "animal"));
}
