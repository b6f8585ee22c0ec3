//! Files that are damaged, made for another engine, or break as soon as they are started: none of them replaces what works,
//! none makes the engine panic, and each says what is wrong with it.

use super::Bench;
use super::guests::{animal, bare, guest, judge, manifest, misbehaving, unchecked, with_manifest};
use crate::config;
use crate::plugin::{Kind, PluginState, known};
use nightbell_core::model::Verdict;
use proptest::prelude::Rng as _;
use proptest::test_runner::{RngAlgorithm, TestRng};
use std::fs;

async fn works(bench: &Bench) -> bool {
    matches!(bench.judge(&["drop me"]).await.events[0].verdict, Verdict::Drop { .. })
}

/// Writes over the file as a careless copy does it, and looks.
async fn write_over(bench: &Bench, bytes: &[u8]) {
    fs::write(bench.plugins().join("judge.wasm"), bytes).expect("written");
    bench.host.rescan().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_cut_anywhere_never_replaces_a_working_one() {
    let bench = Bench::new().await;
    bench.put("judge.wasm", &judge("judge", 1)).await;
    let working = bench.status("judge").sha256;
    let next = judge("judge", 2);
    // Every place near the ends, where sections begin and the manifest lies, and some between.
    let ends = (0..48).chain(next.len() - 96..next.len());
    for size in ends.chain((48..next.len() - 96).step_by(97)) {
        write_over(&bench, &next[..size]).await;
        let status = bench.status("judge");
        assert_eq!(
            (status.state, &status.sha256),
            (PluginState::Running, &working),
            "cut at {size}"
        );
        let error = status.error.expect("it says so");
        let told = ["the file is empty", "truncated", "no manifest inside"];
        assert!(told.iter().any(|told| error.starts_with(told)), "cut at {size}: {error}");
        assert!(error.ends_with("; the version before goes on"), "cut at {size}: {error}");
    }
    assert!(works(&bench).await);
    write_over(&bench, &next).await;
    assert_eq!(
        (bench.error("judge"), bench.status("judge").sha256 != working),
        (String::new(), true)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flipped_bit_is_refused_or_makes_another_plugin_and_never_a_panic() {
    let bench = Bench::new().await;
    let whole = guest("judge", "judge", "filter", "[limits]\ncpu_ms = 30\nwall_ms = 500");
    let mut random = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
    let (mut taken, mut refused) = (0, 0);
    for _ in 0..300 {
        write_over(&bench, &whole).await;
        assert_eq!(bench.error("judge"), "");
        let sha256 = bench.status("judge").sha256;
        let mut flipped = whole.clone();
        let bit = random.next_u64() as usize % (whole.len() * 8);
        flipped[bit / 8] ^= 1 << (bit % 8);
        write_over(&bench, &flipped).await;
        // The name is part of the file: a flip there makes a plugin of another name.
        let all = bench.host.list();
        let [status] = &all[..] else { panic!("bit {bit}: {all:#?}") };
        if status.error.is_some() {
            refused += 1;
            assert_eq!(
                (&status.sha256, works(&bench).await),
                (&sha256, true),
                "bit {bit}: {status:#?}"
            );
        } else {
            taken += 1;
            assert_eq!(status.kind, Some(Kind::Filter), "bit {bit}");
            // Whatever it does now, it does to one event at a time and within its limits.
            let batch = bench.judge(&["drop me", "keep"]).await;
            assert_eq!(batch.events.len(), 2, "bit {bit}");
        }
    }
    assert!(taken > 0 && refused > taken, "{taken} taken, {refused} refused");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_manifest_that_is_not_one_is_refused_in_words() {
    let bench = Bench::new().await;
    let component = wat::parse_str("(component)").expect("valid");
    let filter = manifest("odd", "filter", "");
    let nested = format!(
        "(component (core module (@custom \"nightbell:manifest\" \"{}\")))",
        filter.replace('\n', "\\n")
    );
    let not_text = {
        let mut bytes = with_manifest(component.clone(), &filter);
        *bytes.last_mut().expect("not empty") = 0xff;
        bytes
    };
    for (bytes, expected) in [
        (with_manifest(judge("odd", 1), &filter), "2 manifests inside, expected exactly one"),
        (
            with_manifest(component.clone(), &"#".repeat((64 << 10) + 1)),
            "manifest has 65537 bytes, expected at most 65536",
        ),
        (not_text, "the manifest inside is not UTF-8 text"),
        (wat::parse_str(nested).expect("valid"), "no manifest inside"),
        (
            with_manifest(component.clone(), &manifest("Odd One", "filter", "")),
            "manifest: name `Odd One`: expected",
        ),
        (
            with_manifest(component, &manifest("odd", "filter", "requires = ['http']")),
            "a filter cannot ask for `http`",
        ),
    ] {
        bench.put("odd.wasm", &bytes).await;
        assert_eq!(bench.state("odd"), PluginState::Failed, "{expected}");
        assert!(bench.error("odd").contains(expected), "{expected}: {}", bench.error("odd"));
    }
}

/// A component whose core modules, one after the other, have memories or tables of this size from the start.
fn large(parts: &[&str]) -> Vec<u8> {
    let parts = parts.iter().enumerate().map(|(n, part)| {
        format!("(core module $m{n} {part}) (core instance $p{n} (instantiate $m{n}))")
    });
    let text = format!(
        r#"(component
          {parts}
          (core module $m (func (export "f")))
          (core instance $c (instantiate $m))
          (func $f (canon lift (core func $c "f")))
          (instance $i (export "judge" (func $f)))
          (export "nightbell:plugin/judging@1.0.0" (instance $i)))"#,
        parts = parts.collect::<String>()
    );
    with_manifest(wat::parse_str(text).expect("valid"), &manifest("large", "filter", ""))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_breaks_when_it_is_started_is_refused_and_harms_nobody() {
    let bench = Bench::new().await;
    bench.put("judge.wasm", &judge("judge", 1)).await;
    let at_first_call = |file: &str, body: &str| {
        let module = format!(
            r#"(func $misbehave (param i32) (result i32) (unreachable)) (global $first (mut i32) (i32.const 1))
            (func $begin {body}) (start $begin)"#
        );
        misbehaving(&module, file, "filter", "[limits]\ncpu_ms = 50\nmemory_mib = 8")
    };
    for (file, bytes, expected) in [
        (
            "start-loop",
            guest("start-loop", "start-loop", "filter", "[limits]\ncpu_ms = 50"),
            "fails when it is started: stalled: computed for more than 50 ms",
        ),
        (
            "start-trap",
            at_first_call("start-trap", "(unreachable)"),
            "fails when it is started: trap: wasm `unreachable`",
        ),
        (
            "start-grow",
            at_first_call(
                "start-grow",
                "(loop $on (br_if $on (i32.ne (memory.grow (i32.const 16)) (i32.const -1)))) (unreachable)",
            ),
            "fails when it is started: out of memory: wanted 9 MiB, may have 8",
        ),
        (
            "init-loop",
            first_call("(loop $on (br $on))", "init-loop", "filter"),
            "fails when it is started: stalled",
        ),
        (
            "init-trap",
            first_call("(unreachable)", "init-trap", "filter"),
            "fails when it is started: trap: wasm `unreachable`",
        ),
        ("large", large(&["(memory 640)"]), "out of memory: wanted 40 MiB, may have 32"),
        (
            "large",
            large(&["(memory 320)", "(memory 320)"]),
            "out of memory: wanted 40 MiB, may have 32",
        ),
        (
            "large",
            large(&["(memory 320) (memory 320)"]),
            "defined memories count of 2 exceeds the per-instance limit of 1",
        ),
        ("large", large(&["(memory 5000)"]), "does not compile: "),
        (
            "large",
            large(&["(table 30000 funcref)"]),
            "table index 0 has a minimum element size of 30000 which exceeds",
        ),
        (
            "shape",
            unchecked("wrong-shape", "shape", "filter"),
            "type mismatch with parameters: expected 2-tuple, found 0-tuple",
        ),
    ] {
        bench.put(&format!("{file}.wasm"), &bytes).await;
        assert_eq!(bench.state(file), PluginState::Failed, "{file}");
        assert!(bench.error(file).contains(expected), "{file}: {}", bench.error(file));
        assert!(works(&bench).await, "{file}: the other one works");
        bench.remove(&format!("{file}.wasm")).await;
    }
}

/// A filter that misbehaves in its first call, whatever it is asked, as a plugin does whose set-up breaks.
fn first_call(body: &str, name: &str, kind: &str) -> Vec<u8> {
    let module = format!(
        r#"(func (export "nightbell:plugin/judging@1.0.0#judge") (param i32 i32 i32 i32) (result i32) {body} (unreachable))"#
    );
    bare(&module, name, kind, "[limits]\ncpu_ms = 50")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kept_instance_is_held_to_the_memory_it_has() {
    let bench = Bench::new().await;
    let more = "reuse = true\n[limits]\nmemory_mib = 8";
    bench.put("animal.wasm", &animal("memory-growth", "animal", "filter", more)).await;
    for _ in 0..3 {
        assert_eq!(bench.judge(&["fine"]).await.failures, []);
        let failed = bench.judge(&["@ grow"]).await;
        assert!(
            failed.failures[0].message.contains("out of memory: wanted 9 MiB, may have 8"),
            "{:?}",
            failed.failures
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plugin_for_another_version_loads_when_it_uses_what_there_is() {
    let bench = Bench::new().await;
    let built_for = |log: &str, judging: &str, functions: &str| {
        let text = format!(
            r#"(component
              (import "nightbell:plugin/log@{log}" (instance $log {functions}))
              (core module $m
                (memory (export "memory") 1)
                (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 4096))
                (func (export "judge") (param i32 i32) (result i32)
                  (i32.store (i32.const 16) (i32.const 64)) (i32.store (i32.const 20) (i32.const 2)) (i32.const 16))
                (data (i32.const 64) "[]"))
              (core instance $c (instantiate $m))
              (func $f (param "events" string) (result string)
                (canon lift (core func $c "judge") (memory $c "memory") (realloc (func $c "realloc"))))
              (instance $i (export "judge" (func $f)))
              (export "nightbell:plugin/judging-json@{judging}" (instance $i)))"#
        );
        with_manifest(wat::parse_str(text).expect("valid"), &manifest("skewed", "filter", ""))
    };
    let level =
        r#"(type $l (enum "debug" "info" "warn" "error")) (export "level" (type $level (eq $l)))"#;
    let log =
        format!(r#"{level} (export "log" (func (param "level" $level) (param "message" string)))"#);
    let newer =
        format!(r#"{log} (export "flush" (func)) (export "rotate" (func (param "n" u32)))"#);
    for (what, bytes, error) in [
        ("the same", built_for("1.0.0", "1.0.0", &log), ""),
        ("a later patch of it", built_for("1.0.7", "1.0.7", &log), ""),
        ("a newer minor, known functions", built_for("1.3.0", "1.3.0", &log), ""),
        (
            "a newer minor, new functions",
            built_for("1.3.0", "1.3.0", &newer),
            "needs `flush` of nightbell:plugin/log@1.3.0, `rotate` of nightbell:plugin/log@1.3.0, which this engine does not have: the plugin was built for a newer one",
        ),
        (
            "an older major",
            built_for("0.9.0", "0.9.0", &log),
            "made for another contract: nightbell:plugin/judging-json@0.9.0; this engine has nightbell:plugin 1.x",
        ),
        (
            "a newer major",
            built_for("2.0.0", "2.0.0", &log),
            "made for another contract: nightbell:plugin/judging-json@2.0.0",
        ),
    ] {
        bench.put("skewed.wasm", &bytes).await;
        let all = bench.host.list();
        assert_eq!(all.len(), 1);
        let told = all[0].error.clone().unwrap_or_default();
        if error.is_empty() {
            assert_eq!((all[0].state, told.as_str()), (PluginState::Running, ""), "{what}");
            assert_eq!(bench.judge(&[]).await.failures, [], "{what}");
        } else {
            assert!(told.starts_with(error), "{what}: {told}");
        }
        bench.remove("skewed.wasm").await;
    }
}

#[test]
fn settings_are_checked_against_the_files_that_lie_there_without_running_one() {
    let home = tempfile::tempdir().expect("a directory");
    let main = home.path().join("nightbell.toml");
    let text = "fallback = ['person:bob']
[mail]
server = 'mail.example.org:587'
from = 'bell@example.org'
[[person]]
id = 'bob'
email = 'bob@example.org'
[plugin.judge]
settings = { v1 = 3 }
";
    fs::write(&main, text).expect("written");
    let checked = || {
        config::check_with(&main, &|_| None, &|plugins_dir| known(Vec::new(), plugins_dir))
            .map(|loaded| loaded.warnings.to_string())
            .map_err(|mistakes| mistakes.to_string())
    };
    let said = checked().expect("words for a plugin that is not there are only strange");
    assert!(said.contains("no plugin `judge` is shipped or in the plugins directory"), "{said}");

    let plugins = home.path().join("plugins");
    fs::create_dir(&plugins).expect("made");
    fs::write(plugins.join("any-name.wasm"), judge("judge", 1)).expect("written");
    fs::write(plugins.join("broken.wasm"), "no plugin").expect("written");
    let said = checked().expect_err("a number is no text");
    assert!(said.contains("setting `v1` of plugin `judge`: expected a string, got a whole number"));
    assert!(said.contains("nightbell.toml:9:19"), "{said}");

    fs::write(plugins.join("judge.toml"), "[settings]\nv2 = 'of another version'\n")
        .expect("written");
    let said = checked().expect_err("and none is called v2");
    assert!(said.contains("setting `v2` of plugin `judge`: there is no such setting"), "{said}");
    assert!(said.contains("plugins/judge.toml:2:1"), "{said}");

    fs::remove_file(plugins.join("judge.toml")).expect("there");
    fs::write(&main, text.replace("v1 = 3", "v1 = 'three'")).expect("written");
    assert_eq!(checked().as_deref(), Ok(""));
}
