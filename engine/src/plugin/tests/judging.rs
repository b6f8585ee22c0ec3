//! The chain with guests that work, break, stall, eat and talk nonsense.

use super::guests::{answering, guest, judge};
use super::{Bench, event, granting};
use crate::plugin::{JudgedBatch, PluginState, Trouble};
use futures_util::FutureExt as _;
use nightbell_core::model::{Change, Event, EventId, EventKind, Verdict};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The last verdict recorded per event.
fn traces(batch: &JudgedBatch) -> Vec<&str> {
    batch
        .events
        .iter()
        .map(|judged| judged.stages.last().map_or("", |stage| &*stage.verdict))
        .collect()
}

fn failed_on(batch: &JudgedBatch) -> Vec<Option<u64>> {
    batch.failures.iter().map(|failure| failure.event.map(|EventId(id)| id)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn verdicts_reach_the_event_and_the_next_filter() {
    let bench = Bench::new().await;
    bench.put("first.wasm", &judge("first", 1)).await;
    bench.put("second.wasm", &judge("second", 1)).await;
    let batch = bench.judge(&["keep", "mute me", "drop me", "suppress me"]).await;
    assert_eq!(batch.failures, []);
    let [keep, modified, dropped, suppressed] = &batch.events[..] else { panic!("{batch:#?}") };
    assert_eq!((keep.stages.len(), &keep.verdict), (2, &Verdict::Pass));
    assert_eq!(keep.stages[0].batch_len, 4);
    assert_eq!(keep.stages[1].batch_len, 3, "the dropped one is not shown again");
    assert_eq!(
        (modified.event.title.as_str(), &*modified.stages[0].verdict),
        ("changed", "modify title")
    );
    assert_eq!(modified.stages[1].verdict, "keep", "the second filter saw the new title");
    assert_eq!(dropped.verdict, Verdict::Drop { reason: "drop me".to_owned(), by: "first".into() });
    assert_eq!(dropped.stages.len(), 1, "drop ends the chain");
    let Verdict::Suppress { by, .. } = &suppressed.verdict else { panic!("{suppressed:#?}") };
    assert_eq!(
        (&**by, suppressed.stages.len()),
        ("first", 2),
        "suppress goes on, the first one stays"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn i07_one_event_that_traps_the_filter_passes_and_the_others_are_judged() {
    let bench = Bench::new().await;
    bench.put("judge.wasm", &judge("judge", 1)).await;
    let mut titles = vec!["drop me"; 64];
    titles[37] = "! poison";
    let batch = bench.judge(&titles).await;
    assert_eq!(batch.events.len(), 64);
    for (n, judged) in batch.events.iter().enumerate() {
        assert_eq!(judged.event.id, EventId(n as u64));
        assert_eq!(judged.verdict == Verdict::Pass, n == 37, "{n}: {judged:#?}");
    }
    assert_eq!(failed_on(&batch), [Some(37)]);
    assert!(batch.failures[0].message.contains("unreachable"), "{}", batch.failures[0].message);
    assert!(traces(&batch)[37].starts_with("failed: trap"), "{}", traces(&batch)[37]);
    assert_eq!(bench.status("judge").failures, 1);
    assert_eq!(bench.state("judge"), PluginState::Running, "one poison event is no reason to rest");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stall_ends_within_the_cpu_budget() {
    let bench = Bench::new().await;
    bench.put("judge.wasm", &guest("judge", "judge", "filter", "[limits]\ncpu_ms = 50")).await;
    let start = Instant::now();
    let batch = bench.judge(&["drop me", "~ spin", "drop me", "keep"]).await;
    // 50 ms for all, 30 ms at least for a half and for the one: far from the second that wall time would allow.
    assert!(start.elapsed() < Duration::from_millis(900), "{:?}", start.elapsed());
    assert_eq!(failed_on(&batch), [Some(1)]);
    assert!(
        batch.failures[0].message.contains("stalled: computed for more than"),
        "{:?}",
        batch.failures
    );
    assert!(matches!(batch.events[2].verdict, Verdict::Drop { .. }), "the next one is judged");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_memory_bomb_is_named_and_harms_nobody() {
    let bench = Bench::new().await;
    bench.put("judge.wasm", &guest("judge", "judge", "filter", "[limits]\nmemory_mib = 8")).await;
    let batch = bench.judge(&["^ grow", "drop me"]).await;
    assert_eq!(failed_on(&batch), [Some(0)]);
    assert!(batch.failures[0].message.contains("out of memory: wanted"), "{:?}", batch.failures);
    assert!(matches!(batch.events[1].verdict, Verdict::Drop { .. }));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_of_the_wrong_length_is_nonsense() {
    let bench = Bench::new().await;
    bench.put("judge.wasm", &judge("judge", 1)).await;
    let batch = bench.judge(&["drop me", "- one too few"]).await;
    assert_eq!(failed_on(&batch), [Some(1)]);
    assert!(
        batch.failures[0].message.contains("nonsense: 0 answers to 1 events"),
        "{:?}",
        batch.failures
    );
    assert!(matches!(batch.events[0].verdict, Verdict::Drop { .. }));
}

#[tokio::test(flavor = "multi_thread")]
async fn repeated_failures_open_the_circuit_and_a_new_version_closes_it() {
    let bench = Bench::new().await;
    bench.put("judge.wasm", &judge("judge", 1)).await;
    let mut trouble = bench.host.failures();
    let batch =
        bench.judge(&["! 0", "! 1", "drop me", "! 2", "! 3", "! 4", "! 5", "drop me too"]).await;
    assert_eq!(
        failed_on(&batch),
        [Some(0), Some(1), Some(3), Some(4), Some(5)],
        "bounded per batch"
    );
    assert!(traces(&batch)[7].starts_with("failed: not asked"), "{}", traces(&batch)[7]);
    assert_eq!(batch.events[7].verdict, Verdict::Pass);
    assert_eq!(bench.state("judge"), PluginState::Quarantined);
    let Ok(Trouble::Quarantined { plugin, .. }) = trouble.try_recv() else { panic!("no report") };
    assert_eq!(&*plugin.name, "judge");

    let resting = bench.judge(&["drop me"]).await;
    assert_eq!((resting.events[0].verdict.clone(), resting.failures.len()), (Verdict::Pass, 0));
    assert!(traces(&resting)[0].contains("rests"), "{}", traces(&resting)[0]);

    bench.put("judge.wasm", &judge("judge", 2)).await;
    assert_eq!(bench.state("judge"), PluginState::Running);
    assert_eq!(trouble.try_recv(), Ok(Trouble::Recovered { plugin: "judge".into() }));
    assert!(matches!(bench.judge(&["drop me"]).await.events[0].verdict, Verdict::Drop { .. }));
}

#[tokio::test(flavor = "multi_thread")]
async fn resolves_and_acknowledges_are_shown_and_pass() {
    let bench = Bench::new().await;
    bench.put("judge.wasm", &judge("judge", 1)).await;
    let of = |n: usize, kind| Arc::new(Event { kind, ..(*event(n, "drop me")).clone() });
    let kinds = [EventKind::Trigger, EventKind::Acknowledge, EventKind::Resolve, EventKind::Change];
    let batch = bench
        .host
        .judge(kinds.into_iter().enumerate().map(|(n, kind)| of(n, kind)).collect())
        .await;
    let dropped: Vec<_> =
        batch.events.iter().map(|judged| judged.verdict != Verdict::Pass).collect();
    assert_eq!(dropped, [true, false, false, true]);
    assert_eq!(traces(&batch)[2], "drop: drop me (ignored: resolve events pass)");
}

#[tokio::test(flavor = "multi_thread")]
async fn scope_order_and_shadow_are_the_sidecar_s() {
    let bench = Bench::new().await;
    bench.put("b.toml", b"order = 1\nscope = ['title=~d.*', 'service=shop']").await;
    bench.put("a.toml", b"mode = 'shadow'").await;
    bench.put("b.wasm", &judge("b", 1)).await;
    bench.put("a.wasm", &judge("a", 1)).await;
    assert_eq!((bench.status("b").order, bench.state("a")), (1, PluginState::Shadow));
    let batch = bench.judge(&["keep", "drop me", "suppress me"]).await;
    let by = |n: usize| {
        batch.events[n].stages.iter().map(|stage| &*stage.plugin.name).collect::<Vec<_>>()
    };
    assert_eq!(by(0), [""; 0], "out of b's scope, and a in the shadow had nothing against it");
    assert_eq!(by(1), ["b"], "b comes first and drops");
    assert_eq!(traces(&batch)[2], "shadow: suppress: suppress me; without it: pass");
    assert_eq!(batch.events[2].verdict, Verdict::Pass, "a shadow's word does not count");
}

fn counted(changes: &[Change]) -> Vec<u32> {
    let value = |change: &Change| match change {
        Change::PluginState { value: Some((bytes, _)), .. } => {
            u32::from_le_bytes(bytes[..].try_into().expect("four bytes"))
        }
        other => panic!("{other:?}"),
    };
    changes.iter().map(value).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn state_of_failed_calls_is_dropped_and_of_the_others_comes_out_in_order() {
    let bench =
        Bench::with(|plan| granting(plan, "count", |word| word.state = true), Vec::new()).await;
    bench.put("count.wasm", &guest("count", "count", "filter", "requires = ['state']")).await;
    assert_eq!(bench.error("count"), "");
    assert_eq!(counted(&bench.judge(&["a", "b", "c"]).await.changes), [3]);
    // The whole, then [d e] alone counts to 5; of [! f] the half that traps leaves nothing, f counts to 6.
    let batch = bench.judge(&["d", "e", "!", "f"]).await;
    assert_eq!(counted(&batch.changes), [5, 6]);
    assert_eq!(failed_on(&batch), [Some(2)]);
    // A new version of the file goes on counting.
    bench
        .put(
            "count.wasm",
            &guest(
                "count",
                "count",
                "filter",
                "requires = ['state']\n[settings.new]\ntype = 'string'",
            ),
        )
        .await;
    assert_eq!(counted(&bench.judge(&["g"]).await.changes), [7]);
}

#[tokio::test(flavor = "multi_thread")]
async fn batches_of_a_plugin_with_state_never_overlap() {
    let bench =
        Bench::with(|plan| granting(plan, "count", |word| word.state = true), Vec::new()).await;
    bench.put("count.wasm", &guest("count", "count", "filter", "requires = ['state']")).await;
    let batches = (0..20).map(|_| bench.judge(&["a", "b", "c", "d", "e"]));
    let mut counts = Vec::new();
    for batch in futures_util::future::join_all(batches).await {
        counts.extend(counted(&batch.changes));
    }
    counts.sort_unstable();
    assert_eq!(counts, (1..=20).map(|n| n * 5).collect::<Vec<_>>(), "no update was lost");
}

/// As long as a test waits for what must not happen to take long.
const DEADLINE: Duration = Duration::from_secs(60);

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_waits_for_a_plugin_with_state_only_when_it_may_be_shown_to_it() {
    let bench =
        Bench::with(|plan| granting(plan, "count", |word| word.state = true), Vec::new()).await;
    bench.put("count.toml", b"order = 2\nscope = ['title=~mine.*']").await;
    bench.put("count.wasm", &guest("count", "count", "filter", "requires = ['state']")).await;
    // A batch of its own is under way.
    let turn = bench.host.core.state.shelf(&"count".into()).turn.clone();
    let under_way = turn.clone().lock_owned().await;
    let other = tokio::time::timeout(DEADLINE, bench.judge(&["other"])).await;
    let other = other.expect("it does not wait for a turn that it does not need");
    assert_eq!((other.events.len(), other.changes.len()), (1, 0));
    let mut mine = Box::pin(bench.judge(&["other", "mine"]));
    assert!(mine.as_mut().now_or_never().is_none(), "who may be shown to it waits");
    drop(under_way);
    assert_eq!(counted(&mine.await.changes), [1]);

    // Behind a filter that is asked, and may patch, anything may come into its scope.
    bench.put("judge.toml", b"order = 1\nscope = ['title=~other.*']").await;
    bench.put("judge.wasm", &judge("judge", 1)).await;
    let under_way = turn.lock_owned().await;
    let batch = tokio::time::timeout(DEADLINE, bench.judge(&["yours"])).await;
    assert!(batch.is_ok(), "the filter before it is not asked either");
    let mut batch = Box::pin(bench.judge(&["other"]));
    assert!(batch.as_mut().now_or_never().is_none());
    drop(under_way);
    assert_eq!(counted(&batch.await.changes), [0; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_that_fill_an_event_together_stop_at_the_bound_and_it_is_told() {
    let bench = Bench::new().await;
    let adds = |from: usize| {
        let names: Vec<_> = (from..from + 200).map(|n| format!("\"label-{n:03}\":\"\"")).collect();
        let set = names.join(",");
        format!("[{{\"verdict\":\"modify\",\"title\":\"by {from}\",\"set_labels\":{{{set}}}}}]")
    };
    for (name, from) in [("a", 0), ("b", 200), ("c", 50)] {
        let file = answering(name, "filter", adds(from).as_bytes());
        bench.put(&format!("{name}.wasm"), &file).await;
        assert_eq!(bench.state(name), PluginState::Running, "{}", bench.error(name));
    }
    let batch = bench.judge(&["x"]).await;
    let judged = &batch.events[0];
    // The second is left out as a whole; the third adds fifty to what the first has set and fits.
    assert_eq!((judged.event.labels.len(), judged.event.title.as_str()), (250, "by 50"));
    let why = "the event would have 400 labels, expected at most 256";
    let said = &judged.stages[1].verdict;
    assert!(said.ends_with(&format!("label-399 (left out: {why})")), "{said}");
    let [failure] = &batch.failures[..] else { panic!("{:?}", batch.failures) };
    assert_eq!((&*failure.plugin.name, failure.event), ("b", Some(EventId(0))));
    assert_eq!(failure.message, format!("a patch was left out: {why}"));
    let lines = bench.host.log_lines("b");
    assert_eq!(lines.last().map(|line| line.message.as_str()), Some(&*failure.message));
    assert_eq!(bench.state("b"), PluginState::Running, "alone it would have been fine");
}

#[tokio::test(flavor = "multi_thread")]
async fn more_batches_than_places_wait_and_none_fails() {
    let bench = Bench::new().await;
    bench.put("judge.wasm", &judge("judge", 1)).await;
    let batches = (0..300).map(|_| {
        let host = bench.host.clone();
        tokio::spawn(async move { host.judge(vec![event(0, "drop me")]).await })
    });
    for batch in futures_util::future::join_all(batches).await {
        let batch = batch.expect("no panic");
        assert_eq!(batch.failures, []);
        assert!(matches!(batch.events[0].verdict, Verdict::Drop { .. }));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kept_instance_is_used_again_and_a_trap_only_costs_the_instance() {
    let bench = Bench::new().await;
    bench.put("judge.wasm", &guest("judge", "judge", "filter", "reuse = true")).await;
    for _ in 0..3 {
        let batch = bench.judge(&["drop me", "! trap", "drop me"]).await;
        assert_eq!(failed_on(&batch), [Some(1)]);
        assert!(matches!(batch.events[2].verdict, Verdict::Drop { .. }));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_batch_and_an_empty_host_are_fine() {
    let bench = Bench::new().await;
    assert!(bench.judge(&[]).await.events.is_empty());
    let batch = bench.judge(&["a"]).await;
    assert_eq!((batch.events[0].verdict.clone(), batch.events[0].stages.len()), (Verdict::Pass, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filter_may_speak_json_and_is_held_to_it() {
    let bench = Bench::new().await;
    bench
        .put("json.wasm", &answering("json", "filter", br#"[{"verdict":"drop","reason":"json"}]"#))
        .await;
    assert_eq!(bench.state("json"), PluginState::Running, "{}", bench.error("json"));
    let batch = bench.judge(&["a"]).await;
    assert_eq!(
        batch.events[0].verdict,
        Verdict::Drop { reason: "json".to_owned(), by: "json".into() }
    );
    bench.put("json.wasm", &answering("json", "filter", b"not json")).await;
    let batch = bench.judge(&["a"]).await;
    assert_eq!(
        (batch.events[0].verdict.clone(), failed_on(&batch)),
        (Verdict::Pass, vec![Some(0)])
    );
    assert!(
        batch.failures[0].message.contains("nonsense: expected an array of verdicts"),
        "{:?}",
        batch.failures
    );
}

/// An event, the verdict, and which version of which plugin said what.
type Judged = (Arc<Event>, Verdict, Vec<(String, String)>);

/// What a batch came to, without how long it took.
fn judged(batch: &JudgedBatch) -> Vec<Judged> {
    let stages = |stages: &[nightbell_core::model::StageTrace]| {
        stages.iter().map(|s| (s.plugin.sha256.to_string(), s.verdict.to_string())).collect()
    };
    let events = batch.events.iter();
    events.map(|e| (e.event.clone(), e.verdict.clone(), stages(&e.stages))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn i14_the_same_events_through_the_same_plugins_give_the_same_verdicts_on_another_host() {
    let batches: [&[&str]; 3] =
        [&["keep", "mute me", "! poison"], &["drop me"], &["suppress me", "keep"]];
    let mut runs = Vec::new();
    for _ in 0..2 {
        let bench =
            Bench::with(|plan| granting(plan, "count", |word| word.state = true), Vec::new()).await;
        bench.put("first.wasm", &judge("first", 1)).await;
        bench.put("count.wasm", &guest("count", "count", "filter", "requires = ['state']")).await;
        let mut run = Vec::new();
        for titles in batches {
            let batch = bench.judge(titles).await;
            run.push((judged(&batch), batch.changes, failed_text(&batch.failures)));
        }
        runs.push(run);
    }
    assert_eq!(runs[0], runs[1]);
}

fn failed_text(failures: &[crate::plugin::PluginFailure]) -> Vec<(Option<EventId>, String)> {
    failures.iter().map(|failure| (failure.event, failure.message.clone())).collect()
}
