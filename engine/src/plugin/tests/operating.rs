//! What the operator sees of plugins and how one steers them: signatures, quarantine, logs, terms.

use super::guests::{guest, judge};
use super::{Bench, granting};
use crate::config::{SigningKey, SigningPlan, signing_key_id};
use crate::plugin::{LogLine, PluginState, Signature, Trouble, Voice};
use nightbell_core::model::Verdict;
use std::fs;
use std::path::PathBuf;

/// Files signed by real minisign; see the README beside them.
fn signed(file: &str) -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/fixtures/signing")).join(file)
}

fn bytes(file: &str) -> Vec<u8> {
    fs::read(signed(file)).expect("a fixture")
}

/// The second line of a minisign public key.
fn key(file: &str) -> SigningKey {
    let text = fs::read_to_string(signed(file)).expect("a fixture");
    let line = text.lines().nth(1).expect("a key");
    let public = minisign_verify::PublicKey::from_base64(line).expect("a key");
    SigningKey { id: signing_key_id(line).expect("a key"), public }
}

fn required(keys: &[&str]) -> SigningPlan {
    SigningPlan { keys: keys.iter().map(|file| key(file)).collect(), is_required: true }
}

async fn drops(bench: &Bench) -> bool {
    matches!(bench.judge(&["drop me"]).await.events[0].verdict, Verdict::Drop { .. })
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_a_trusted_key_has_signed_is_loaded() {
    let bench = Bench::with(|plan| plan.signing = required(&["release.pub"]), Vec::new()).await;
    let legacy = fs::read_to_string(signed("signed.wasm.legacy.minisig")).expect("a fixture");
    let other = fs::read_to_string(signed("signed.wasm.other.minisig")).expect("a fixture");
    let right = fs::read_to_string(signed("signed.wasm.minisig")).expect("a fixture");
    let mut changed = bytes("signed.bin");
    // In the description: it is still a plugin, and not the one that was signed.
    let at = changed.windows(9).position(|part| part == b"bad guest").expect("the manifest");
    changed[at] = b'm';
    let (ours, theirs) = (key("release.pub").id, key("other.pub").id);
    let made_with = format!("made with key {theirs}, trusted are {ours}");
    for (what, file, signature, expected) in [
        ("unsigned", bytes("signed.bin"), None, "not signed, and the config requires a signature"),
        ("garbled", bytes("signed.bin"), Some("hello"), "expected what `minisign -S` writes"),
        ("old mode", bytes("signed.bin"), Some(&*legacy), "old mode: sign again"),
        ("foreign", bytes("signed.bin"), Some(&*other), &*made_with),
        ("changed", changed, Some(&*right), "does not fit the file"),
    ] {
        if let Some(signature) = signature {
            bench.put("signed.wasm.minisig", signature.as_bytes()).await;
        }
        bench.put("signed.wasm", &file).await;
        let status = bench.status("judge");
        assert_eq!(status.state, PluginState::Failed, "{what}");
        assert!(bench.error("judge").contains(expected), "{what}: {}", bench.error("judge"));
        assert!(!drops(&bench).await, "{what}");
        assert!(
            fs::read_dir(bench.home.path().join("cache")).expect("there").next().is_none(),
            "{what}: nothing was compiled"
        );
        // Whatever comes next must not be taken for a version that goes on.
        bench.remove("signed.wasm").await;
    }
    bench.put("signed.wasm.minisig", right.as_bytes()).await;
    bench.put("signed.wasm", &bytes("signed.bin")).await;
    assert_eq!(bench.error("judge"), "");
    let found = bench.status("judge").terms.signature;
    assert_eq!(found, Some(Signature::Verified(ours)));
    assert!(drops(&bench).await);

    // A file that was changed since never replaces it.
    bench.put("signed.wasm", &judge("judge", 2)).await;
    assert!(bench.error("judge").contains("does not fit the file"), "{}", bench.error("judge"));
    assert!(drops(&bench).await, "the signed one goes on");
    // Taken back is taken back: without its key what runs is no longer trusted.
    bench.replan(|plan| plan.signing = required(&["other.pub"])).await;
    assert!(!drops(&bench).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_plugin_s_word_on_signatures_wins_and_a_wrong_one_never_passes() {
    let bench = Bench::with(|plan| plan.signing = required(&["release.pub"]), Vec::new()).await;
    bench.put("free.wasm", &judge("free", 1)).await;
    assert_eq!(bench.state("free"), PluginState::Failed);
    let word = |plan: &mut crate::config::Plan| {
        plan.signing = required(&["release.pub"]);
        granting(plan, "free", |word| word.signature_required = Some(false));
    };
    bench.replan(word).await;
    assert_eq!(bench.status("free").terms.signature, Some(Signature::Unsigned));
    bench.put("free.wasm.minisig", &bytes("signed.wasm.minisig")).await;
    assert!(bench.error("free").contains("does not fit"), "{}", bench.error("free"));
    // Without any key there is nothing to say about it.
    bench.replan(|_| {}).await;
    assert_eq!(bench.status("free").terms.signature, Some(Signature::Unchecked));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quarantine_ends_by_word_and_resumes_after_a_start() {
    let bench = Bench::new().await;
    bench.put("judge.wasm", &judge("judge", 1)).await;
    let mut trouble = bench.host.failures();
    assert_eq!(bench.host.reset("judge", "test"), Some(false), "it is in none");
    assert_eq!(bench.host.reset("nobody", "test"), None);
    bench.judge(&["! 0", "! 1", "! 2", "! 3", "! 4"]).await;
    let status = bench.status("judge");
    assert_eq!((status.state, status.failures), (PluginState::Quarantined, 5));
    assert_eq!(status.health.causes, [("trap", 5)].into());
    assert!(status.health.last_failure.is_some_and(|failure| failure.message.contains("trap")));
    assert!(status.health.quarantined_until.is_some());
    assert!(matches!(trouble.try_recv(), Ok(Trouble::Quarantined { .. })));
    assert_eq!(bench.host.reset("judge", "test"), Some(true));
    assert_eq!(trouble.try_recv(), Ok(Trouble::Recovered { plugin: "judge".into() }));
    assert!(bench.state("judge") == PluginState::Running && drops(&bench).await);

    bench.host.resume_quarantine(["judge", "gone"]);
    assert_eq!(bench.state("judge"), PluginState::Quarantined);
    assert!(drops(&bench).await, "the next call decides");
    assert_eq!(bench.state("judge"), PluginState::Running);
    assert_eq!(trouble.try_recv(), Ok(Trouble::Recovered { plugin: "judge".into() }));
}

fn told(lines: &[LogLine]) -> Vec<&str> {
    lines.iter().map(|line| line.message.as_str()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_tells_what_happened_to_a_plugin_over_its_versions() {
    let bench = Bench::new().await;
    assert_eq!(bench.host.log("judge", None), None);
    bench.put("judge.wasm", &judge("judge", 1)).await;
    bench.judge(&["! boom"]).await;
    bench.put("judge.toml", b"[settings]\nx = 1").await;
    bench.put("judge.toml", b"mode = 'dry'").await;
    let page = bench.host.log("judge", None).expect("a log");
    let lines = told(&page.lines);
    assert_eq!(lines[0], "version 1.0.0 is loaded");
    assert!(lines[1].starts_with("failed: trap"), "{lines:?}");
    assert!(page.lines.iter().all(|line| line.voice == Voice::Engine));
    assert!(lines.last().expect("lines").starts_with("refused: sidecar judge.toml"), "{lines:?}");
    bench.remove("judge.toml").await;
    bench.put("judge.wasm", &judge("judge", 2)).await;
    let since = bench.host.log("judge", Some(page.next)).expect("a log");
    assert!(told(&since.lines).contains(&"version 1.0.0 is loaded"), "{since:?}");
    assert_ne!(since.lines.last().expect("a line").sha256, page.lines[0].sha256);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_plugin_asks_for_and_does_not_get_is_shown() {
    let bench = Bench::new().await;
    let asks = "requires = ['state']\noptional = ['http']";
    bench.put("channel.wasm", &guest("channel", "asks", "channel", asks)).await;
    let shown = |bench: &Bench| {
        let all = bench.status("asks").terms.capabilities.into_iter();
        all.map(|one| (one.name, one.is_required, one.denied.is_none())).collect::<Vec<_>>()
    };
    assert_eq!(bench.state("asks"), PluginState::WaitingForGrant);
    assert_eq!(shown(&bench), [("state", true, false), ("http", false, false)]);
    bench.replan(|plan| granting(plan, "asks", |word| word.state = true)).await;
    assert_eq!(bench.state("asks"), PluginState::Running, "{}", bench.error("asks"));
    assert_eq!(shown(&bench), [("state", true, true), ("http", false, false)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_filters_and_routers_can_be_in_shadow() {
    let bench = Bench::new().await;
    bench.put("loud.toml", b"mode = 'shadow'").await;
    bench.put("loud.wasm", &guest("channel", "loud", "channel", "")).await;
    assert_eq!(bench.state("loud"), PluginState::Failed);
    assert!(bench.error("loud").contains("only filters and routers"), "{}", bench.error("loud"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_try_at_loading_is_no_call_and_calls_are_timed() {
    let bench = Bench::new().await;
    bench.put("judge.wasm", &judge("judge", 1)).await;
    assert_eq!((bench.status("judge").calls, bench.status("judge").health.times.count), (0, 0));
    bench.judge(&["keep"]).await;
    let status = bench.status("judge");
    assert_eq!((status.calls, status.health.times.count), (1, 1));
    assert!(status.health.times.p99_us <= status.health.times.longest_us);
}
