//! The operator's way: what one sees of plugins and how one steers them, through the command line and the API of the real
//! binary.

use nightbell_tests::config::GENERIC_KEY;
use nightbell_tests::{Config, Engine, MailServer, command, guest, until};
use reqwest::Method;
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Output, Stdio};

/// As an operator copies a file in: to a name beside it, then into place.
fn drop_in(plugins: &Path, file: &str, bytes: &[u8]) {
    let draft = plugins.join(format!(".{file}.part"));
    std::fs::write(&draft, bytes).unwrap();
    std::fs::rename(&draft, plugins.join(file)).unwrap();
}

/// The shipped `mute` under another name: drops and suppresses by its settings.
fn mute_as(name: &str, version: &str) -> Vec<u8> {
    let file = nightbell_tests::root().join("target/plugins/mute.wasm");
    let bytes = std::fs::read(&file)
        .unwrap_or_else(|_| panic!("{}: run `cargo xtask plugins`", file.display()));
    let manifest = format!(
        "name = \"{name}\"\nversion = \"{version}\"\nkind = \"filter\"\ndescription = \"Mutes.\"\n[settings.rules]\ntype = \"array\"\ndescription = \"Rules.\"\n"
    );
    nightbell_tests::repack(&bytes, &manifest)
}

async fn plugin(engine: &Engine, name: &str) -> Value {
    engine.get(&format!("/plugins/{name}")).await
}

async fn until_plugin(
    engine: &Engine,
    name: &str,
    what: &str,
    is_so: impl Fn(&Value) -> bool,
) -> Value {
    let seen = std::cell::RefCell::new(Value::Null);
    let waited = until(format!("{name} to be {what}"), || async {
        let all = engine.get("/plugins?limit=200").await;
        let mut items = all["items"].as_array().unwrap().clone().into_iter();
        let found = items.find(|plugin| plugin["name"] == name)?;
        *seen.borrow_mut() = found.clone();
        is_so(&found).then_some(found)
    });
    waited.await
}

async fn until_state(engine: &Engine, name: &str, state: &str) -> Value {
    until_plugin(engine, name, state, |plugin| plugin["state"] == state).await
}

/// Sends an event and waits until it is decided; how it is explained.
async fn send(engine: &Engine, title: &str) -> Value {
    let body = json!({ "title": title, "dedup_key": title }).to_string();
    let (status, text) =
        engine.ingest(&format!("/in/{GENERIC_KEY}"), "application/json", body).await;
    assert_eq!(status, 202, "{text}");
    until(format!("`{title}` to be decided"), || async {
        let events = engine.get("/events?limit=50").await;
        let events = events["items"].as_array().unwrap().clone();
        let event = events.into_iter().find(|event| event["title"] == title)?;
        let id = event["id"].as_str().unwrap();
        let explained = engine.get(&format!("/events/{id}/explain")).await;
        (!explained["fate"].is_null()).then_some(explained)
    })
    .await
}

/// The verdicts on an event, as `plugin: verdict`.
fn verdicts(explained: &Value) -> Vec<String> {
    let stages = explained["stages"].as_array().unwrap().iter();
    let text = |stage: &Value, key: &str| stage[key].as_str().unwrap().to_owned();
    stages.map(|stage| format!("{}: {}", text(stage, "plugin"), text(stage, "verdict"))).collect()
}

/// Incidents of the engine itself about a plugin, oldest first, by status.
async fn own_incidents(engine: &Engine, name: &str) -> Vec<String> {
    let title = format!("plugin {name}");
    let all = engine.incidents().await.into_iter().rev();
    let own = all.filter(|one| one["title"].as_str().is_some_and(|text| text.starts_with(&title)));
    own.map(|one| {
        assert_eq!(one["service"], "nightbell", "{one}");
        one["status"].as_str().unwrap().to_owned()
    })
    .collect()
}

async fn until_own_incidents(engine: &Engine, name: &str, statuses: &[&str]) {
    until(format!("incidents about {name} to be {statuses:?}"), || async {
        (own_incidents(engine, name).await == statuses).then_some(())
    })
    .await;
}

/// Makes `judge` trap on one event after the other until it rests.
async fn break_it(engine: &Engine, round: u32) {
    for n in 0..5 {
        send(engine, &format!("! {round}.{n}")).await;
    }
    until_state(engine, "judge", "quarantined").await;
}

/// The command line on the server's machine.
fn nightbell(config: &Config, arguments: &[&str]) -> Output {
    let mut command = command();
    command.args(arguments).arg("--config").arg(config.file()).env("NO_COLOR", "1");
    command.stdin(Stdio::null()).output().unwrap()
}

fn said(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    format!("{}{}", text(&output.stdout), text(&output.stderr))
}

fn is_told(output: &Output, code: i32, parts: &[&str]) {
    let said = said(output);
    assert_eq!(output.status.code(), Some(code), "{said}");
    for part in parts {
        assert!(said.contains(part), "expected `{part}` in:\n{said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quarantine_opens_one_incident_and_ends_by_rest_by_word_and_by_file() {
    let mail = MailServer::start().await;
    let config = Config::two_steps(mail.port, "10m").with("[plugin.judge]\nrest = \"2s\"\n");
    let mut engine = Engine::start(&config).await;
    drop_in(&config.plugins(), "judge.wasm", &guest::judge("judge", "1.0.0", ""));
    until_state(&engine, "judge", "running").await;

    // One incident, however often it fails; what happened is shown.
    break_it(&engine, 1).await;
    let skipped = send(&engine, "drop me while it rests").await;
    assert!(verdicts(&skipped)[0].contains("not asked"), "{skipped}");
    until_own_incidents(&engine, "judge", &["triggered"]).await;
    let shown = plugin(&engine, "judge").await;
    assert_eq!((&shown["failures"], &shown["failures_by_cause"]), (&json!(5), &json!({"trap": 5})));
    assert!(shown["last_failure"]["at"].is_string() && shown["p99_us"].is_u64(), "{shown}");
    assert_eq!(shown["last_failure"]["cause"], "trap");
    assert!(shown["quarantined_until"].is_string(), "{shown}");
    is_told(&nightbell(&config, &["plugin", "list"]), 0, &["quarantined", "5 failures (5 trap)"]);
    let metrics =
        engine.request(Method::GET, "/metrics").send().await.unwrap().text().await.unwrap();
    for line in [
        "nightbell_plugin_quarantined{plugin=\"judge\",kind=\"filter\"} 1",
        "nightbell_plugin_failures_total{plugin=\"judge\",kind=\"filter\",cause=\"trap\"} 5",
        "nightbell_plugin_call_seconds_count{plugin=\"judge\",kind=\"filter\"}",
    ] {
        assert!(metrics.contains(line), "{line} in {metrics}");
    }

    // When it has rested, the first call that goes well ends it.
    until_plugin(&engine, "judge", "rested", |plugin| {
        let until: String = plugin["quarantined_until"].as_str().unwrap_or_default().to_owned();
        let now = plugin["last_failure"]["at"].as_str().unwrap().to_owned();
        !until.is_empty() && until > now
    })
    .await;
    until("a call to go well", || async {
        send(&engine, "drop me").await;
        (plugin(&engine, "judge").await["state"] == "running").then_some(())
    })
    .await;
    until_own_incidents(&engine, "judge", &["resolved"]).await;

    // A word of an admin ends it at once, of nobody else.
    break_it(&engine, 2).await;
    until_own_incidents(&engine, "judge", &["resolved", "triggered"]).await;
    let rest = plugin(&engine, "judge").await;
    is_told(&nightbell(&config, &["plugin", "reset", "judge"]), 0, &["called again"]);
    assert_eq!(plugin(&engine, "judge").await["state"], "running", "{rest}");
    until_own_incidents(&engine, "judge", &["resolved", "resolved"]).await;
    is_told(&nightbell(&config, &["plugin", "reset", "judge"]), 1, &["not in quarantine"]);

    // Over a restart it is the same quarantine and the same incident.
    break_it(&engine, 3).await;
    let open = ["resolved", "resolved", "triggered"];
    until_own_incidents(&engine, "judge", &open).await;
    engine.stop().await;
    let engine = Engine::start(&config).await;
    assert_eq!(plugin(&engine, "judge").await["state"], "quarantined");
    for n in 0..2 {
        send(&engine, &format!("! after the restart {n}")).await;
    }
    assert_eq!(own_incidents(&engine, "judge").await, open, "one incident, also after a restart");

    // A fixed file ends it.
    drop_in(&config.plugins(), "judge.wasm", &guest::judge("judge", "1.0.1", ""));
    until_plugin(&engine, "judge", "1.0.1", |plugin| plugin["version"] == "1.0.1").await;
    assert_eq!(plugin(&engine, "judge").await["state"], "running");
    until_own_incidents(&engine, "judge", &["resolved"; 3]).await;
    assert!(verdicts(&send(&engine, "drop me, fixed").await)[0].contains("drop"));
}

#[tokio::test(flavor = "multi_thread")]
async fn order_scope_settings_and_mode_are_steered_without_a_restart() {
    let mail = MailServer::start().await;
    let config = Config::two_steps(mail.port, "10m");
    let plugins = config.plugins();
    let sidecar =
        |name: &str, text: &str| drop_in(&plugins, &format!("{name}.toml"), text.as_bytes());
    let rule = |reason: &str| {
        format!(
            "[settings]\nrules = [{{ match = [\"title=~.*noise.*\"], action = \"suppress\", reason = \"{reason}\" }}]\n"
        )
    };
    sidecar("a", &format!("order = 1\n{}", rule("by a")));
    sidecar("b", &format!("order = 2\n{}", rule("by b")));
    for name in ["a", "b"] {
        drop_in(&config.plugins(), &format!("{name}.wasm"), &mute_as(name, "1.0.0"));
    }
    let engine = Engine::start(&config).await;

    // Order: of two that suppress, the first one's reason counts.
    let first = send(&engine, "noise 1").await;
    assert!(first["fate"].as_str().unwrap().contains("by a"), "{first}");
    sidecar("a", &format!("order = 3\n{}", rule("by a")));
    until_plugin(&engine, "a", "third", |plugin| plugin["order"] == 3).await;
    let second = send(&engine, "noise 2").await;
    assert!(second["fate"].as_str().unwrap().contains("by b"), "{second}");
    assert!(verdicts(&second)[0].starts_with("b: "), "{second}");

    // Scope: what is outside of it is not shown.
    sidecar("b", &format!("order = 2\nscope = ['title=~special.*']\n{}", rule("by b")));
    until_plugin(&engine, "b", "in scope", |plugin| plugin["scope"] != json!([])).await;
    let outside = send(&engine, "noise 3").await;
    assert!(!verdicts(&outside).iter().any(|said| said.starts_with("b: ")), "{outside}");
    assert!(outside["fate"].as_str().unwrap().contains("by a"), "{outside}");
    let inside = send(&engine, "special noise").await;
    assert!(inside["fate"].as_str().unwrap().contains("by b"), "{inside}");

    // Settings: by the sidecar, and over it by the configuration, without a restart and without losing a count.
    let before = plugin(&engine, "a").await;
    sidecar("a", &format!("order = 3\n{}", rule("edited")));
    until("the edited settings", || async {
        let now = plugin(&engine, "a").await;
        (now["settings"]["rules"][0]["reason"] == "edited").then_some(())
    })
    .await;
    assert!(send(&engine, "noise 4").await["fate"].as_str().unwrap().contains("edited"));
    let after = plugin(&engine, "a").await;
    assert!(after["calls"].as_u64() > before["calls"].as_u64(), "{after}");
    let config = config.with(
        "[plugin.a.settings]\nrules = [{ match = [\"title=~.*noise.*\"], action = \"suppress\", reason = \"configured\" }]\n",
    );
    until("the configured settings", || async {
        let now = plugin(&engine, "a").await;
        (now["settings"]["rules"][0]["reason"] == "configured").then_some(())
    })
    .await;
    assert!(send(&engine, "noise 5").await["fate"].as_str().unwrap().contains("configured"));

    // Wrong ones never replace right ones.
    let config = config.replace("reason = \"configured\" }]", "reason = 7 }]");
    let refused = until_plugin(&engine, "a", "refused", |plugin| plugin["error"].is_string()).await;
    assert_eq!(refused["state"], "running", "{refused}");
    assert!(send(&engine, "noise 6").await["fate"].as_str().unwrap().contains("configured"));
    let config = config.replace("reason = 7 }]", "reason = \"mended\" }]");
    until_plugin(&engine, "a", "mended", |plugin| plugin["error"].is_null()).await;
    assert!(send(&engine, "noise 7").await["fate"].as_str().unwrap().contains("mended"));

    // Mode: in shadow nothing comes of it, and what would have is shown.
    sidecar("b", "enabled = false\n");
    until_state(&engine, "b", "disabled").await;
    sidecar("a", "order = 3\nmode = \"shadow\"\n");
    until_state(&engine, "a", "shadow").await;
    let shown = send(&engine, "noise 8").await;
    let id = shown["id"].as_str().unwrap();
    let expected = "a: shadow: suppress: mended; without it: pass";
    assert!(verdicts(&shown).iter().any(|said| said == expected), "{shown}");
    send(&engine, "something that a has nothing against").await;
    let differences = engine.get("/plugins/a/differences").await;
    let difference = &differences["items"][0];
    assert_eq!((&difference["event"], &difference["title"]), (&json!(id), &json!("noise 8")));
    assert_eq!(
        (&difference["live"], &difference["shadow"]),
        (&json!("pass"), &json!("suppress: mended"))
    );
    assert_eq!(differences["items"].as_array().unwrap().len(), 1, "{differences}");
    is_told(
        &nightbell(&config, &["plugin", "shadow", "a"]),
        0,
        &["noise 8", "suppress: mended", "1 of 2 events that a saw would have come out otherwise"],
    );
    is_told(&nightbell(&config, &["event", "explain", id]), 0, &["without it: pass"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_installed_checked_and_removed_and_its_log_is_followed() {
    let mail = MailServer::start().await;
    let config = Config::two_steps(mail.port, "10m");
    let engine = Engine::start(&config).await;
    let bytes = guest::judge("judge", "1.0.0", "requires = [\"state\"]");
    let file = config.dir().join("downloaded.wasm");
    std::fs::write(&file, &bytes).unwrap();
    let file = file.to_str().unwrap();
    let target = config.plugins().join("judge.wasm");

    // Refused: another hash, another name, no plugin. Nothing is written.
    let wrong = "0".repeat(64);
    let install = |config: &Config, more: &[&str]| {
        nightbell(config, &[&["plugin", "install", file], more].concat())
    };
    is_told(&install(&config, &["--sha256", &wrong]), 1, &["expected was 0000", "not installed"]);
    is_told(&install(&config, &["--name", "other"]), 1, &["calls itself `judge`", "not installed"]);
    is_told(&install(&config, &["--sha256", "12"]), 2, &["64 hex digits"]);
    let config_file = config.file();
    is_told(
        &nightbell(&config, &["plugin", "install", config_file.to_str().unwrap()]),
        1,
        &["no usable plugin"],
    );
    assert!(!target.exists());

    // Installed: what it asks for is printed as it can be pasted, and the server waits for it.
    let done = install(&config, &["--name", "judge"]);
    is_told(&done, 0, &["[plugin.judge]", "state   = true    # required", "not granted"]);
    until_state(&engine, "judge", "waiting-for-grant").await;
    let pasted = String::from_utf8(done.stdout).unwrap();
    let config = config.with(&pasted);
    let running = until_state(&engine, "judge", "running").await;
    assert_eq!(running["capabilities"][0]["granted"], true, "{running}");
    is_told(
        &nightbell(&config, &["plugin", "show", "judge"]),
        0,
        &["state (required, granted)", "unsigned"],
    );

    // The pin holds: another version is refused by the server, says the command, and the good one goes on.
    let mut child = command()
        .args(["plugin", "install", "-", "--config"])
        .arg(config.file())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let newer = guest::judge("judge", "1.1.0", "requires = [\"state\"]");
    child.stdin.take().unwrap().write_all(&newer).unwrap();
    let refused = child.wait_with_output().unwrap();
    is_told(&refused, 1, &["in the config expects", "the version before goes on"]);
    assert_eq!(plugin(&engine, "judge").await["version"], "1.0.0");

    // Its log, as it happens: one line for each failure, with the version.
    let mut follower = command()
        .args(["plugin", "logs", "judge", "-f", "--config"])
        .arg(config.file())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(follower.stdout.take().unwrap()).lines();
    let (heard, hears) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        for line in lines.map_while(Result::ok) {
            if heard.send(line).is_err() {
                return;
            }
        }
    });
    send(&engine, "! boom").await;
    let deadline = nightbell_tests::wait::DEADLINE;
    let mut seen = Vec::new();
    while !seen.iter().any(|line: &String| line.contains("failed: trap")) {
        seen.push(hears.recv_timeout(deadline).expect("a line"));
    }
    follower.kill().unwrap();
    follower.wait().unwrap();
    let is_seen = |part: &str| seen.iter().any(|line| line.contains(part));
    assert!(is_seen("version 1.0.0 is loaded") && is_seen("refused: sha256"), "{seen:?}");
    let sha256 = running["sha256"].as_str().unwrap();
    assert!(seen.last().unwrap().contains(&sha256[..8]), "{seen:?}");

    // A second file of the same name is refused; removed is removed.
    std::fs::copy(&target, config.plugins().join("twin.wasm")).unwrap();
    is_told(&install(&config, &[]), 1, &["calls itself `judge` too"]);
    std::fs::remove_file(config.plugins().join("twin.wasm")).unwrap();
    is_told(&nightbell(&config, &["plugin", "remove", "judge"]), 0, &["is removed"]);
    until("judge to be gone", || async {
        let all = engine.get("/plugins?limit=200").await;
        let items = all["items"].as_array().unwrap().clone();
        (!items.iter().any(|plugin| plugin["name"] == "judge")).then_some(())
    })
    .await;
    is_told(&nightbell(&config, &["plugin", "remove", "mute"]), 1, &["inside the binary"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_signed_files_run_where_signatures_are_required() {
    let mail = MailServer::start().await;
    let fixtures = nightbell_tests::root().join("tests/fixtures/signing");
    let key = std::fs::read_to_string(fixtures.join("release.pub")).unwrap();
    let key = key.lines().nth(1).unwrap();
    let signing = format!("[signing]\nkeys = [\"{key}\"]\nrequired = true\n");
    let config = Config::two_steps(mail.port, "10m").with(&signing);
    let engine = Engine::start(&config).await;
    let signed = config.dir().join("signed.wasm");
    std::fs::copy(fixtures.join("signed.bin"), &signed).unwrap();
    std::fs::copy(fixtures.join("signed.wasm.minisig"), config.dir().join("signed.wasm.minisig"))
        .unwrap();
    let install = |file: &Path| nightbell(&config, &["plugin", "install", file.to_str().unwrap()]);
    is_told(&install(&signed), 0, &["[plugin.judge]", "The server runs it: running"]);
    let shown = plugin(&engine, "judge").await;
    assert_eq!((&shown["signature"], &shown["version"]), (&json!("verified"), &json!("1.0.0")));
    assert!(shown["signed_by"].is_string(), "{shown}");

    let unsigned = config.dir().join("newer.wasm");
    std::fs::write(&unsigned, guest::judge("judge", "1.1.0", "")).unwrap();
    is_told(
        &install(&unsigned),
        1,
        &["not signed, and the config requires", "the version before goes on"],
    );
    assert_eq!(plugin(&engine, "judge").await["version"], "1.0.0");
    assert!(verdicts(&send(&engine, "drop me").await)[0].contains("judge: drop"));
}
