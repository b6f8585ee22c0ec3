//! While some plugins spin, break, talk without end or wait for a server that never answers, the others' work is done.

use super::guests::{animal, guest, judge};
use super::outward::{notification, parse};
use super::{Bench, event, granting};
use crate::plugin::{ParseOutcome, PluginState};
use nightbell_core::model::{FailureKind, Verdict};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

/// An origin that takes connections and never says a word.
async fn silence() -> (String, tokio::task::JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let origin = format!("http://{}", listener.local_addr().expect("bound"));
    let hold = tokio::spawn(async move {
        let mut open = Vec::new();
        while let Ok((socket, _)) = listener.accept().await {
            open.push(socket);
        }
    });
    (origin, hold)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_others_work_is_done_while_plugins_misbehave() {
    let (origin, _hold) = silence().await;
    let granted = origin.clone();
    let change = move |plan: &mut crate::config::Plan| {
        granting(plan, "channel", |word| {
            word.hosts = vec![granted];
            word.wall_ms = Some(30_000);
        });
    };
    let bench = Arc::new(Bench::with(change, Vec::new()).await);
    let quick = "[limits]\ncpu_ms = 30";
    bench.put("judge.wasm", &judge("judge", 1)).await;
    bench.put("parse.wasm", &guest("parse", "parse", "parser", "")).await;
    bench.put("channel.wasm", &guest("channel", "channel", "channel", "requires = ['http']")).await;
    // Its scope keeps it from the good events, as an operator would set it.
    bench.put("spinner.toml", b"order = 1\nscope = ['title=~@.*']").await;
    bench.put("spinner.wasm", &animal("loop", "spinner", "filter", quick)).await;
    bench.put("slow.toml", b"order = 1\nscope = ['title=~@.*']").await;
    bench
        .put(
            "slow.wasm",
            &animal("slow", "slow", "filter", "[limits]\ncpu_ms = 10000\nwall_ms = 5000"),
        )
        .await;
    bench.put("babbler.wasm", &animal("log-flood", "babbler", "parser", quick)).await;
    for name in ["judge", "parse", "channel", "spinner", "slow", "babbler"] {
        assert_eq!(bench.state(name), PluginState::Running, "{name}: {}", bench.error(name));
    }

    let over = Arc::new(AtomicBool::new(false));
    let mut bad = JoinSet::new();
    // As many deliveries as there are places for channels, all waiting for nothing.
    for _ in 0..32 {
        let (bench, origin) = (bench.clone(), origin.clone());
        bad.spawn(async move {
            let _ = bench.host.deliver("channel", notification(&origin)).await;
        });
    }
    for _ in 0..2 {
        let (bench, over) = (bench.clone(), over.clone());
        bad.spawn(async move {
            while !over.load(Ordering::SeqCst) {
                bench.judge(&["@ spin", "@ spin"]).await;
                bench
                    .host
                    .parse("babbler", &super::outward::payload("@"), &serde_json::Value::Null)
                    .await;
            }
        });
    }

    for n in 0..100 {
        let batch = bench.host.judge((0..8).map(|k| event(n * 8 + k, "drop me")).collect()).await;
        assert_eq!(batch.failures, []);
        let by_judge =
            |verdict: &Verdict| matches!(verdict, Verdict::Drop { by, .. } if &**by == "judge");
        assert!(batch.events.iter().all(|judged| by_judge(&judged.verdict)));
        let parsed = parse(&bench, "disk full").await;
        assert!(matches!(parsed, ParseOutcome::Parsed { .. }), "{parsed:?}");
    }
    // Another channel of the same kind has no place now; that is overload, and worth another try.
    let told =
        bench.host.deliver("channel", notification(&origin)).await.result.expect_err("no place");
    assert_eq!(told.kind, FailureKind::Transient { retry_after_s: None });
    assert!(told.message.contains("all places for plugins of this kind are taken"), "{told}");
    over.store(true, Ordering::SeqCst);
    assert_eq!(bench.state("judge"), PluginState::Running);
    assert_eq!(bench.status("judge").failures, 0);
    assert_eq!(bench.state("spinner"), PluginState::Quarantined, "it had its five tries");
    assert_eq!(bench.state("channel"), PluginState::Running, "to wait is no failure");
    bad.abort_all();
}
