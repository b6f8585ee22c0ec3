//! What is loaded, what is refused and how it is said, and what goes on while files come, go and break.

use super::guests::{guest, judge, manifest, unchecked, with_manifest};
use super::{Bench, granting};
use crate::plugin::{Kind, PluginState, Shipped, Source};
use nightbell_core::model::Verdict;
use std::borrow::Cow;
use std::fs;

async fn works(bench: &Bench) -> bool {
    matches!(bench.judge(&["drop me"]).await.events[0].verdict, Verdict::Drop { .. })
}

#[tokio::test(flavor = "multi_thread")]
async fn every_bad_file_is_refused_in_words() {
    let bench = Bench::new().await;
    let good = judge("good", 1);
    let core_module = wat::parse_str("(module)").expect("valid");
    let component = wat::parse_str("(component)").expect("valid");
    let text = |text: &str| text.as_bytes().to_vec();
    for (file, bytes, expected) in [
        ("empty", Vec::new(), "the file is empty"),
        ("text", text("not wasm"), "not WebAssembly"),
        ("half", good[..good.len() / 2].to_vec(), "truncated"),
        ("core", core_module, "a core module, expected a component"),
        ("bare", component.clone(), "no manifest inside"),
        (
            "nothing",
            with_manifest(component.clone(), &manifest("nothing", "filter", "")),
            "exports no interface",
        ),
        ("manifest", with_manifest(component, "name = 1"), "manifest: "),
        (
            "kind",
            unchecked("wasi", "kind", "router"),
            "the manifest says router, the component is a filter",
        ),
        (
            "wasi",
            unchecked("wasi", "wasi", "filter"),
            "imports wasi:cli/environment@0.2.0, but no WASI is offered",
        ),
        (
            "world",
            unchecked("outside-world", "world", "filter"),
            "nightbell:plugin/http@1.0.0, which a filter does not have",
        ),
        ("newer", unchecked("newer-import", "newer", "filter"), "does not fit this engine"),
        ("shape", unchecked("wrong-shape", "shape", "filter"), "fails when it is started: trap: "),
        (
            "start-loop",
            guest("start-loop", "start-loop", "filter", ""),
            "fails when it is started: stalled",
        ),
    ] {
        bench.put(&format!("{file}.wasm"), &bytes).await;
        assert_eq!(bench.state(file), PluginState::Failed, "{file}");
        assert!(bench.error(file).contains(expected), "{file}: {}", bench.error(file));
        bench.remove(&format!("{file}.wasm")).await;
        assert!(bench.host.list().is_empty(), "{file} is gone");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn drop_in_replace_rename_and_remove() {
    let bench = Bench::new().await;
    assert!(!works(&bench).await);
    bench.put("judge.wasm", &judge("judge", 1)).await;
    assert!(
        works(&bench).await
            && bench.host.has(Kind::Filter, "judge")
            && !bench.host.has(Kind::Router, "judge")
    );
    let first = bench.status("judge");
    assert_eq!(
        (first.source, first.version.as_str(), first.file.as_deref()),
        (Source::Directory, "1.0.0", Some("judge.wasm"))
    );

    bench.put("judge.wasm", &judge("judge", 2)).await;
    assert!(works(&bench).await);
    let second = bench.status("judge");
    assert!(first.sha256 != second.sha256 && second.calls > 0);

    fs::rename(bench.plugins().join("judge.wasm"), bench.plugins().join("other.wasm"))
        .expect("renamed");
    bench.host.rescan().await;
    assert!(works(&bench).await);
    let renamed = bench.status("judge");
    assert_eq!((renamed.file.as_deref(), renamed.sha256), (Some("other.wasm"), second.sha256));
    assert!(
        renamed.calls > second.calls,
        "the same version goes on: {} {}",
        renamed.calls,
        second.calls
    );

    bench.remove("other.wasm").await;
    assert!(!works(&bench).await && bench.host.list().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_file_never_replaces_a_working_one() {
    let bench = Bench::new().await;
    let good = judge("judge", 1);
    bench.put("judge.wasm", &good).await;
    let sha256 = bench.status("judge").sha256;
    let next = judge("judge", 2);
    for broken in
        [&b""[..], b"garbage", &next[..next.len() / 2], &guest("start-loop", "judge", "filter", "")]
    {
        // Not renamed into place: written over, as a careless copy does it.
        fs::write(bench.plugins().join("judge.wasm"), broken).expect("written");
        bench.host.rescan().await;
        let status = bench.status("judge");
        assert_eq!((status.state, &status.sha256), (PluginState::Running, &sha256));
        assert!(status.error.is_some_and(|error| error.ends_with("; the version before goes on")));
        assert!(works(&bench).await);
    }
    bench.put("judge.toml", b"order = 'first'").await;
    assert!(bench.error("judge").contains("goes on"), "a broken sidecar is no reason either");
    fs::remove_file(bench.plugins().join("judge.toml")).expect("there");
    bench.put("judge.wasm", &next).await;
    let status = bench.status("judge");
    assert_eq!((status.state, status.error), (PluginState::Running, None));
    assert_ne!(status.sha256, sha256);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_belongs_to_one_file() {
    let bench = Bench::new().await;
    bench.put("a.wasm", &judge("judge", 1)).await;
    bench.put("b.wasm", &judge("judge", 2)).await;
    let statuses = bench.host.list();
    let of = |file: &str| {
        statuses.iter().find(|status| status.file.as_deref() == Some(file)).expect("listed")
    };
    assert_eq!(of("a.wasm").state, PluginState::Running);
    assert_eq!(of("b.wasm").state, PluginState::Disabled);
    assert!(
        of("b.wasm")
            .error
            .as_ref()
            .is_some_and(|error| error.contains("a.wasm has the name `judge` already"))
    );
    bench.remove("a.wasm").await;
    assert_eq!(
        (bench.state("judge"), bench.status("judge").file.as_deref()),
        (PluginState::Running, Some("b.wasm"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_required_must_be_granted_first() {
    let bench = Bench::new().await;
    bench.put("count.wasm", &guest("count", "count", "filter", "requires = ['state']")).await;
    assert_eq!(bench.state("count"), PluginState::WaitingForGrant);
    let error = bench.error("count");
    assert!(error.contains("`state = true` under `[plugin.count]`"), "{error}");
    bench.replan(|plan| granting(plan, "count", |word| word.state = true)).await;
    assert_eq!((bench.state("count"), bench.error("count")), (PluginState::Running, String::new()));
    bench.replan(|_| {}).await;
    assert_eq!(bench.state("count"), PluginState::WaitingForGrant, "taken back is taken back");
    assert!(!bench.host.has(Kind::Filter, "count"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_optional_is_denied_at_the_call() {
    let bench = Bench::new().await;
    // This guest traps when its state is denied.
    bench.put("count.wasm", &guest("count", "count", "filter", "optional = ['state']")).await;
    assert_eq!(bench.state("count"), PluginState::Running);
    assert_eq!(bench.judge(&["a"]).await.failures.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pin_lets_only_that_file_run() {
    let bench = Bench::new().await;
    bench.put("judge.wasm", &judge("judge", 1)).await;
    let sha256 = bench.status("judge").sha256;
    let pin =
        |pin: String| move |plan: &mut _| granting(plan, "judge", |word| word.sha256 = Some(pin));
    bench.replan(pin(sha256.to_uppercase())).await;
    assert_eq!(bench.state("judge"), PluginState::Running);
    bench.put("judge.wasm", &judge("judge", 2)).await;
    let status = bench.status("judge");
    assert_eq!(
        (status.state, status.sha256),
        (PluginState::Running, sha256.clone()),
        "the pinned one goes on"
    );
    assert!(
        bench.error("judge").contains(&format!("in the config expects {}", sha256.to_uppercase()))
    );
    bench.replan(pin("0".repeat(64))).await;
    assert_eq!(bench.state("judge"), PluginState::Failed, "what the pin excludes stops");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_operator_switches_off_by_config_or_sidecar() {
    let bench = Bench::new().await;
    bench.put("judge.wasm", &judge("judge", 1)).await;
    bench.put("judge.toml", b"enabled = false").await;
    assert_eq!(bench.state("judge"), PluginState::Disabled);
    bench.replan(|plan| granting(plan, "judge", |word| word.enabled = Some(true))).await;
    assert_eq!(bench.state("judge"), PluginState::Running, "the config wins");
    bench.replan(|plan| granting(plan, "judge", |word| word.enabled = Some(false))).await;
    assert_eq!(bench.state("judge"), PluginState::Disabled);
}

fn shipped(name: &str, bytes: Vec<u8>) -> Shipped {
    Shipped { name: name.to_owned(), bytes: Cow::Owned(bytes) }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shipped_name_is_taken_over_only_when_the_config_says_so() {
    let bench = Bench::with(|_| {}, vec![shipped("mute", judge("mute", 1))]).await;
    assert_eq!(
        (bench.state("mute"), bench.status("mute").source),
        (PluginState::Running, Source::Shipped)
    );
    bench.put("mine.wasm", &judge("mute", 2)).await;
    let mine = bench
        .host
        .list()
        .into_iter()
        .find(|status| status.source == Source::Directory)
        .expect("listed");
    assert_eq!(mine.state, PluginState::Disabled);
    assert!(mine.error.is_some_and(|error| error.contains("from = \"directory\"")));

    let takes_over = |plan: &mut _| granting(plan, "mute", |word| word.from_directory = true);
    bench.replan(takes_over).await;
    assert_eq!(bench.host.list().len(), 1);
    assert_eq!(
        (bench.state("mute"), bench.status("mute").source),
        (PluginState::Running, Source::Directory)
    );
    fs::write(bench.plugins().join("mine.wasm"), "broken").expect("written");
    bench.host.rescan().await;
    assert_eq!(
        (bench.state("mute"), bench.status("mute").source),
        (PluginState::Running, Source::Directory)
    );
    assert!(bench.error("mute").contains("goes on"));
    bench.remove("mine.wasm").await;
    assert_eq!(
        (bench.state("mute"), bench.status("mute").source),
        (PluginState::Running, Source::Shipped)
    );
    assert!(bench.error("mute").contains("the shipped one is used"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shipped_plugin_under_a_wrong_name_is_a_status() {
    let bench = Bench::with(
        |_| {},
        vec![shipped("mute", judge("other", 1)), shipped("junk", b"junk".to_vec())],
    )
    .await;
    assert!(bench.error("mute").contains("calls itself `other`"));
    assert!(bench.error("junk").contains("not WebAssembly"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_under_way_ends_on_the_version_it_began_with() {
    let bench = Bench::new().await;
    bench.put("judge.wasm", &judge("judge", 1)).await;
    let host = bench.host.clone();
    let flow = tokio::spawn(async move {
        let mut seen = std::collections::BTreeSet::new();
        for n in 0..300 {
            let batch =
                host.judge((0..8).map(|k| super::event(n * 8 + k, "drop me")).collect()).await;
            let versions: std::collections::BTreeSet<_> = batch
                .events
                .iter()
                .flat_map(|judged| &judged.stages)
                .map(|stage| stage.plugin.sha256.clone())
                .collect();
            assert_eq!(
                (versions.len(), batch.failures.len()),
                (1, 0),
                "one version per batch, nothing lost"
            );
            assert!(
                batch.events.iter().all(|judged| matches!(judged.verdict, Verdict::Drop { .. }))
            );
            seen.extend(versions);
        }
        seen
    });
    for version in 2..6 {
        bench.put("judge.wasm", &judge("judge", version)).await;
    }
    assert!(!flow.await.expect("no panic").is_empty());
    assert_eq!(bench.status("judge").error, None);
}
