//! The author's way: from `plugin new` to a plugin that runs in an engine, through the command line of the real binary.
//!
//! Guests are compiled without the costly last optimisations and share one target directory: what is proved here is that
//! they build and do what their cases promise, not how small they are.

use nightbell_tests::config::GENERIC_KEY;
use nightbell_tests::{Config, Engine, MailServer, command, until};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// What a command printed and how it ended.
struct Ran {
    code: Option<i32>,
    /// Data.
    out: String,
    /// Talk.
    err: String,
}

impl Ran {
    #[track_caller]
    fn ok(self) -> String {
        assert_eq!(self.code, Some(0), "{}\n{}", self.out, self.err);
        self.out
    }

    #[track_caller]
    fn failed(self) -> String {
        assert_eq!(self.code, Some(1), "{}\n{}", self.out, self.err);
        format!("{}\n{}", self.out, self.err)
    }
}

/// A folder that stays from run to run, so that only what changed is compiled.
fn shared() -> PathBuf {
    nightbell_tests::root().join("target/author")
}

fn nightbell(folder: &Path, words: &[&str]) -> Ran {
    let output = command()
        .args(words)
        .current_dir(folder)
        .env("CARGO_TARGET_DIR", shared())
        .env("CARGO_NET_OFFLINE", "true")
        .env("CARGO_PROFILE_RELEASE_LTO", "off")
        .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1")
        .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "4")
        .env("XDG_CACHE_HOME", shared().join("cache"))
        .env("NO_COLOR", "1")
        .output()
        .unwrap();
    Ran {
        code: output.status.code(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Makes a project, with the repository's SDK: compiled once for all of them.
fn made(home: &Path, kind: &str) -> PathBuf {
    let sdk = nightbell_tests::root().join("plugin-sdk");
    let (name, sdk) = (format!("e2e-{kind}"), sdk.display().to_string());
    nightbell(home, &["plugin", "new", &name, "--kind", kind, "--sdk", &sdk]).ok();
    home.join(name)
}

/// Replaces what must be there.
fn edit(file: &Path, from: &str, to: &str) {
    let text = std::fs::read_to_string(file).unwrap();
    assert!(text.contains(from), "{}: no `{from}`", file.display());
    std::fs::write(file, text.replace(from, to)).unwrap();
}

fn json_of(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// The whole of an author's first hour, with the SDK that the binary carries.
#[test]
fn a_new_parser_is_tested_mended_built_and_tried() {
    let home = tempfile::tempdir().unwrap();
    nightbell(home.path(), &["plugin", "new", "probe", "--kind", "parser"]).ok();
    let project = home.path().join("probe");

    let passed = nightbell(&project, &["plugin", "test"]).ok();
    assert!(passed.contains("probe 0.1.0: 3 cases, 3 passed, 0 failed"), "{passed}");
    assert!(passed.contains(" fuel "), "{passed}");

    // A case that expects something else: the difference, and exit 1. Accepting it mends the file and nothing else.
    let case = project.join("tests/cases/down.toml");
    let before = std::fs::read_to_string(&case).unwrap();
    edit(&case, "severity = \"critical\"", "severity = \"warning\"");
    let failed = nightbell(&project, &["plugin", "test"]).failed();
    assert!(
        failed.contains("- severity = \"warning\"") && failed.contains("+ severity = \"critical\""),
        "{failed}"
    );
    assert!(failed.contains("3 cases, 2 passed, 1 failed"), "{failed}");
    let updated = nightbell(&project, &["plugin", "test", "--update"]).ok();
    assert!(updated.contains("1 rewritten"), "{updated}");
    let after = std::fs::read_to_string(&case).unwrap();
    let until_expect = |text: &str| text.split("[[expect").next().unwrap().to_owned();
    assert_eq!(until_expect(&before), until_expect(&after), "only what is expected is rewritten");
    let one = nightbell(&project, &["-o", "json", "plugin", "test", "down"]).ok();
    let one = json_of(&one);
    assert_eq!(
        (one["failed"].as_u64(), one["cases"].as_array().map(Vec::len)),
        (Some(0), Some(1)),
        "{one}"
    );
    assert!(one["cases"][0]["fuel"].as_u64().is_some_and(|fuel| fuel > 100), "{one}");

    // A panic points at the author's line, by the SDK's hook and by the line tables.
    let source = project.join("src/lib.rs");
    edit(
        &source,
        "        let mut event =",
        "        assert!(check != \"checkout\", \"no checkout today\");\n        let mut event =",
    );
    let line = 1 + std::fs::read_to_string(&source)
        .unwrap()
        .lines()
        .position(|l| l.contains("no checkout today"))
        .unwrap();
    let broke = nightbell(&project, &["plugin", "test"]).failed();
    assert!(
        broke.contains(&format!("panicked at src/lib.rs:{line}:9: no checkout today")),
        "{broke}"
    );
    let frame = broke.lines().find(|l| l.trim_start().starts_with("at ") && l.contains("parse"));
    assert!(
        frame.is_some_and(|frame| frame.contains(&format!("(src/lib.rs:{line}:9)"))),
        "{broke}"
    );
    edit(&source, "        assert!(check != \"checkout\", \"no checkout today\");\n", "");

    let built = json_of(&nightbell(&project, &["-o", "json", "plugin", "build"]).ok());
    assert_eq!((&built["kind"], &built["version"]), (&json!("parser"), &json!("0.1.0")));
    let file = project.join("probe.wasm");
    let bytes = std::fs::read(&file).unwrap();
    let here = home.path().display().to_string();
    assert!(
        !bytes.windows(here.len()).any(|part| part == here.as_bytes()),
        "no path of this machine travels"
    );

    std::fs::write(project.join("down.json"), r#"{"check":"db","state":"down","message":"gone"}"#)
        .unwrap();
    std::fs::write(project.join("set.toml"), "dashboard = \"https://m.example.org\"").unwrap();
    let ran = nightbell(
        &project,
        &["plugin", "run", "probe.wasm", "--input", "down.json", "--settings", "set.toml"],
    )
    .ok();
    assert!(
        ran.contains("title = \"db is down: gone\"")
            && ran.contains("https://m.example.org/checks/db"),
        "{ran}"
    );
    let inspected = nightbell(&project, &["plugin", "inspect", "probe.wasm"]).ok();
    for word in [
        "probe 0.1.0",
        "parser (parsing)",
        "dashboard",
        "string",
        built["sha256"].as_str().unwrap(),
    ] {
        assert!(inspected.contains(word), "{word}: {inspected}");
    }
    let words =
        ["-o", "json", "plugin", "bench", "probe.wasm", "--seconds", "1", "--input", "down.json"];
    let pace = json_of(&nightbell(&project, &words).ok());
    for way in ["fresh", "kept"] {
        assert!(pace[way]["events_per_s"].as_f64().is_some_and(|pace| pace > 1.0), "{pace}");
    }
    let refused = nightbell(&project, &["plugin", "bench", "probe.wasm"]);
    assert_eq!(refused.code, Some(2), "{}", refused.err);
}

/// Every other kind builds, and its compiled form keeps what its cases promise.
#[test]
fn every_kind_builds_and_passes_its_cases() {
    let home = tempfile::tempdir().unwrap();
    for (kind, cases) in [("router", 1), ("channel", 4)] {
        let project = made(home.path(), kind);
        nightbell(&project, &["plugin", "build", "--out", "built.wasm"]).ok();
        let passed =
            nightbell(&project, &["plugin", "test", "built.wasm", "--cases", "tests/cases"]).ok();
        let all = format!("{cases} passed, 0 failed");
        assert!(passed.contains(&all), "{kind}: {passed}");
    }
    // What the code uses and the manifest does not ask for is refused before anybody installs it.
    let project = home.path().join("e2e-channel");
    edit(&project.join("plugin.toml"), "requires = [\"http\"]\n", "");
    let refused = nightbell(&project, &["plugin", "build"]).failed();
    assert!(refused.contains("uses `http` but its manifest does not ask for it"), "{refused}");
    // A dry run of a channel shows what it would send, and sends nothing.
    std::fs::write(
        project.join("page.json"),
        r#"{"address":"https://chat.example.org/r","incident":{"number":9,"title":"fire"}}"#,
    )
    .unwrap();
    let ran = nightbell(&project, &["plugin", "run", "built.wasm", "--input", "page.json"]).ok();
    assert!(ran.contains("[[http]]") && ran.contains("#9 fire"), "{ran}");
}

async fn until_running(engine: &Engine, version: &str) -> Value {
    until(format!("e2e-filter {version} to run"), || async {
        let all = engine.get("/plugins").await;
        let mut items = all["items"].as_array().unwrap().clone().into_iter();
        let found = items.find(|plugin| plugin["name"] == "e2e-filter")?;
        (found["version"] == version && found["state"] == "running").then_some(found)
    })
    .await
}

/// A built filter is dropped into a running engine and judges; its panic names the author's line to the operator.
#[tokio::test(flavor = "multi_thread")]
async fn a_built_plugin_runs_where_it_is_dropped_and_its_panic_names_the_line() {
    let home = tempfile::tempdir().unwrap();
    let project = made(home.path(), "filter");
    nightbell(&project, &["plugin", "build"]).ok();
    let built = project.join("e2e-filter.wasm");
    let passed =
        nightbell(&project, &["plugin", "test", "e2e-filter.wasm", "--cases", "tests/cases"]).ok();
    assert!(passed.contains("2 cases, 2 passed"), "{passed}");

    let mail = MailServer::start().await;
    let config = Config::two_steps(mail.port, "10m");
    let engine = Engine::start(&config).await;
    drop_in(&config.plugins(), &built);
    until_running(&engine, "0.1.0").await;
    let explained = send(&engine, "disk full", "staging").await;
    assert!(explained.to_string().contains("staging is a quiet environment"), "{explained}");

    let source = project.join("src/lib.rs");
    edit(
        &source,
        "        let environment =",
        "        assert!(event.title() != \"break\", \"broken on purpose\");\n        let environment =",
    );
    edit(&project.join("plugin.toml"), "version = \"0.1.0\"", "version = \"0.2.0\"");
    nightbell(&project, &["plugin", "build"]).ok();
    drop_in(&config.plugins(), &built);
    until_running(&engine, "0.2.0").await;
    let line = 1 + std::fs::read_to_string(&source)
        .unwrap()
        .lines()
        .position(|l| l.contains("broken on purpose"))
        .unwrap();
    let place = format!("panicked at src/lib.rs:{line}:9: broken on purpose");
    let explained = send(&engine, "break", "production").await;
    assert!(explained.to_string().contains(&place), "{explained}");
    let listed = until_running(&engine, "0.2.0").await;
    assert!(listed.to_string().contains(&place), "{listed}");
    let config_file = config.file().display().to_string();
    let told =
        nightbell(&project, &["plugin", "show", "e2e-filter", "--config", &config_file]).ok();
    assert!(told.contains(&place), "{told}");
}

/// As an operator copies a file in: to a name beside it, then into place.
fn drop_in(plugins: &Path, file: &Path) {
    let draft = plugins.join(".e2e-filter.wasm.part");
    std::fs::copy(file, &draft).unwrap();
    std::fs::rename(&draft, plugins.join("e2e-filter.wasm")).unwrap();
}

/// Sends an event and waits until it is decided; how it is explained.
async fn send(engine: &Engine, title: &str, environment: &str) -> Value {
    let body =
        json!({ "title": title, "dedup_key": title, "labels": { "environment": environment } });
    let (status, text) =
        engine.ingest(&format!("/in/{GENERIC_KEY}"), "application/json", body.to_string()).await;
    assert_eq!(status, 202, "{text}");
    until(format!("`{title}` to be decided"), || async {
        let page = engine.get("/events?limit=20").await;
        let events = page["items"].as_array().unwrap().clone();
        let event = events.into_iter().find(|event| event["title"] == title)?;
        let id = event["id"].to_string().trim_matches('"').to_owned();
        let explained = engine.get(&format!("/events/{id}/explain")).await;
        (!explained["fate"].is_null()).then_some(explained)
    })
    .await
}
