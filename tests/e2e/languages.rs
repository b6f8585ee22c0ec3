//! Plugins in JavaScript and Python: the SDKs keep their own promises, and the examples do in the real engine what their
//! pages say.

use nightbell_tests::{Config, Engine, MailServer, command, python, root, until};
use serde_json::Value;
use std::path::PathBuf;
use std::process::Command;

/// An example as `cargo xtask languages` has built it.
fn built(name: &str) -> PathBuf {
    let file = root().join("target/languages").join(format!("{name}.wasm"));
    assert!(file.is_file(), "{}: run `cargo xtask languages`", file.display());
    file
}

fn succeeds(command: &mut Command) -> String {
    let done = command.output().unwrap();
    let (out, err) = (String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
    assert!(done.status.success(), "{command:?}\n{out}\n{err}");
    out.into_owned()
}

#[test]
fn the_sdks_keep_their_own_promises() {
    let javascript = root().join("plugin-sdk/javascript");
    succeeds(Command::new("node").current_dir(&javascript).args(["--test", "test/"]));
    let sdk = root().join("plugin-sdk/python");
    let mut tests = python();
    tests.current_dir(&sdk).args(["-m", "unittest", "discover", "-s", "tests"]);
    succeeds(tests.env("PYTHONPATH", ".:tests").env("PYTHONDONTWRITEBYTECODE", "1"));
}

#[test]
fn the_sdks_carry_the_contract_as_it_is() {
    let read = |path: &str| std::fs::read_to_string(root().join(path)).unwrap();
    let contract = read("plugin-sdk/wit/nightbell.wit");
    for copy in ["plugin-sdk/javascript/wit", "plugin-sdk/python/nightbell_plugin/wit"] {
        let same = read(&format!("{copy}/nightbell.wit")) == contract;
        assert!(same, "copy plugin-sdk/wit/nightbell.wit to {copy}");
    }
}

#[test]
fn the_examples_import_no_wasi() {
    for name in ["flapping", "backup-report"] {
        let outline = nightbell_pack::inspect(&std::fs::read(built(name)).unwrap()).unwrap();
        let foreign: Vec<_> =
            outline.imports.iter().filter(|i| !i.starts_with("nightbell:plugin/")).collect();
        assert!(!outline.imports.is_empty() && foreign.is_empty(), "{name}: {foreign:?}");
    }
}

#[test]
fn the_examples_pass_their_cases_in_the_engine_s_host() {
    let examples =
        [("flapping", "javascript-filter-flapping"), ("backup-report", "python-parser-backup")];
    for (name, example) in examples {
        let cases = root().join("examples").join(example).join("tests/cases");
        let said =
            succeeds(command().args(["plugin", "test"]).arg(built(name)).arg("--cases").arg(cases));
        assert!(said.contains("ok") && !said.contains("FAIL"), "{said}");
    }
}

/// The draw that the SDK makes from an event's identity, by node and without an engine.
fn draw(event: &Value) -> f64 {
    let module = root().join("plugin-sdk/javascript/src/moment.js");
    let script = format!(
        "import {{ begin, next }} from {:?}; begin(0, 'generic', 'vpn-warehouse', {}); console.log(next())",
        module.display().to_string(),
        event["id"].as_str().unwrap(),
    );
    let said = succeeds(Command::new("node").args(["--input-type=module", "-e", &script]));
    said.trim().parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn i14_a_javascript_filter_judges_by_the_event_s_own_time_and_randomness() {
    let mail = MailServer::start().await;
    let config = Config::example("javascript-filter-flapping", mail.port);
    std::fs::copy(built("flapping"), config.plugins().join("flapping.wasm")).unwrap();
    let engine = Engine::start(&config).await;
    running(&engine, "flapping").await;
    for payload in ["down", "up", "down", "up", "down"] {
        let file = config.dir().join("payloads").join(format!("{payload}.json"));
        let body = std::fs::read(file).unwrap();
        let (status, said) = engine.ingest(&door(), "application/json", body).await;
        assert_eq!(status, 202, "{said}");
    }
    let explained = until("the last event to be decided", || async {
        let events = engine.get("/events?limit=10").await["items"].as_array().unwrap().clone();
        let id = (events.len() == 5).then(|| events[0]["id"].as_str().unwrap().to_owned())?;
        let explained = engine.get(&format!("/events/{id}/explain")).await;
        (!explained["fate"].is_null()).then_some(explained)
    })
    .await;
    let stage = &explained["stages"][0];
    assert_eq!(stage["plugin"], "flapping", "{explained}");
    let verdict = stage["verdict"].as_str().unwrap();
    assert!(verdict.contains("flapping: 4 changes within 10 min"), "{verdict}");
    // The sidecar says 900 s of quiet and at most 60 s more, drawn from the event alone.
    let received = instant(&explained["arrival"]["received_at"]);
    let wait = 900.0 + (draw(&explained) * 61.0).floor();
    let until = verdict
        .split_whitespace()
        .find_map(|word| seconds(word.trim_matches(|c: char| !c.is_ascii_alphanumeric())));
    let until = until.unwrap_or_else(|| panic!("no instant in `{verdict}`"));
    assert!((until - received - wait).abs() < 1.0, "{verdict}: expected {wait} s after {received}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_python_parser_makes_an_event_of_each_row() {
    let mail = MailServer::start().await;
    let config = Config::example("python-parser-backup", mail.port);
    std::fs::copy(built("backup-report"), config.plugins().join("backup-report.wasm")).unwrap();
    let engine = Engine::start(&config).await;
    running(&engine, "backup-report").await;
    for (night, status) in [("night", "triggered"), ("next-night", "resolved")] {
        let file = config.dir().join("payloads").join(format!("{night}.csv"));
        let (answered, said) =
            engine.ingest(&door(), "text/csv", std::fs::read(file).unwrap()).await;
        assert_eq!(answered, 202, "{said}");
        until(format!("shop-db to be {status}"), || async {
            let all = engine.incidents().await;
            let title = "Backup shop-db on db1: Failed";
            all.iter().any(|i| i["title"] == title && i["status"] == status).then_some(())
        })
        .await;
    }
    let (answered, said) = engine.ingest(&door(), "text/csv", "name,age\nx,1\n").await;
    assert_eq!(answered, 400);
    assert!(said.contains("expected the columns Job and Result, found name, age"), "{said}");
}

fn door() -> String {
    format!("/in/{}", nightbell_tests::config::KEY)
}

/// Compiling CPython takes longer than anything else a test waits for: it gets two deadlines.
async fn running(engine: &Engine, name: &str) {
    let state = || async {
        let all = engine.get("/plugins").await;
        let plugin = all["items"].as_array().unwrap().iter().find(|p| p["name"] == name).cloned();
        plugin.map(|plugin| plugin["state"].as_str().unwrap_or_default().to_owned())
    };
    until(format!("{name} to be seen"), state).await;
    until(format!("{name} to run"), || async {
        (state().await.as_deref() == Some("running")).then_some(())
    })
    .await;
}

fn instant(value: &Value) -> f64 {
    seconds(value.as_str().unwrap()).unwrap()
}

fn seconds(text: &str) -> Option<f64> {
    text.parse::<jiff::Timestamp>().ok().map(|at| at.as_millisecond() as f64 / 1000.0)
}
