//! Bad input gets a clear answer, the engine goes on, and nothing that was accepted is lost.

use flate2::Compression;
use flate2::write::GzEncoder;
use nightbell_tests::config::{GENERIC_KEY, KEY, PROMETHEUS_KEY};
use nightbell_tests::{Config, Engine, MailServer, until};
use reqwest::Method;
use serde_json::{Value, json};
use std::io::Write as _;

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// What it is, where it goes, as what, the body, and which answers are right.
type Case = (&'static str, String, &'static str, Vec<u8>, &'static [u16]);

#[tokio::test(flavor = "multi_thread")]
async fn every_bad_body_is_answered_and_the_engine_goes_on() {
    let mail = MailServer::start().await;
    let config = Config::two_steps(mail.port, "10m");
    let engine = Engine::start(&config).await;
    let generic = format!("/in/{GENERIC_KEY}");
    let json_type = "application/json";
    let deep = format!("{}1{}", "[".repeat(10_000), "]".repeat(10_000));
    let cases: Vec<Case> = vec![
        ("empty", generic.clone(), json_type, Vec::new(), &[400]),
        ("truncated JSON", generic.clone(), json_type, b"{\"title\": \"x".to_vec(), &[400]),
        ("null", generic.clone(), json_type, b"null".to_vec(), &[400]),
        ("deep nesting", generic.clone(), json_type, deep.into_bytes(), &[400]),
        ("10 MiB", generic.clone(), json_type, vec![b' '; 10 << 20], &[413]),
        (
            "invalid UTF-8",
            generic.clone(),
            json_type,
            b"{\"title\": \"\xff\xfe\"}".to_vec(),
            &[400],
        ),
        ("nagios without a type", format!("/in/{KEY}"), json_type, b"{}".to_vec(), &[400]),
        ("wrong content type", format!("/in/{KEY}"), "image/png", b"\x89PNG".to_vec(), &[400]),
        (
            "alerts that are no array",
            format!("/in/{PROMETHEUS_KEY}/api/v2/alerts"),
            json_type,
            b"{}".to_vec(),
            &[400],
        ),
        ("unknown key", format!("/in/{}", "z".repeat(32)), json_type, b"{}".to_vec(), &[401, 404]),
        (
            "PagerDuty without JSON",
            "/v2/enqueue".to_owned(),
            json_type,
            b"nonsense".to_vec(),
            &[400],
        ),
        (
            "PagerDuty with a short key",
            "/v2/enqueue".to_owned(),
            json_type,
            br#"{"routing_key":"short","event_action":"trigger"}"#.to_vec(),
            &[400],
        ),
    ];
    for (what, path, content_type, body, expected) in cases {
        let (status, said) = engine.ingest(&path, content_type, body).await;
        assert!(expected.contains(&status), "{what}: {status} {said}");
        assert!(!said.is_empty(), "{what}: says what is wrong");
        assert!(!said.contains(GENERIC_KEY), "{what}: no key in an answer");
    }
    let bomb = gzip(&vec![b' '; 64 << 20]);
    let request = engine.request(Method::POST, &generic).header("content-encoding", "gzip");
    let answer = request.header("content-type", json_type).body(bomb).send().await.unwrap();
    assert_eq!(answer.status(), 413, "a gzip bomb");

    let good = gzip(br#"{"title": "zipped", "dedup_key": "z"}"#);
    let request = engine.request(Method::POST, &generic).header("content-encoding", "gzip");
    let answer = request.header("content-type", json_type).body(good).send().await.unwrap();
    assert_eq!(answer.status(), 202);
    engine.incident("zipped").await;
    assert!(!engine.log().contains("panicked"), "{}", engine.log());
}

#[tokio::test(flavor = "multi_thread")]
async fn order_and_repetition_do_not_open_twice() {
    let mail = MailServer::start().await;
    let config = Config::two_steps(mail.port, "10m");
    let engine = Engine::start(&config).await;
    let path = format!("/in/{GENERIC_KEY}");
    let send = async |body: Value| {
        let (status, said) = engine.ingest(&path, "application/json", body.to_string()).await;
        assert_eq!(status, 202, "{said}");
    };
    send(json!({"title": "early", "dedup_key": "k", "status": "resolved"})).await;
    for _ in 0..3 {
        send(json!({"title": "flapping", "dedup_key": "k", "status": "firing"})).await;
    }
    engine.incident("flapping").await;
    send(json!({"title": "flapping", "dedup_key": "k", "status": "resolved"})).await;
    until("the incident to resolve", || async {
        let all = engine.incidents().await;
        (all.len() == 1 && all[0]["status"] == "resolved").then_some(())
    })
    .await;
    mail.mail("alice@example.org", "flapping").await;
    assert_eq!(mail.count("alice@example.org", ""), 1, "one condition, one page");
}

#[tokio::test(flavor = "multi_thread")]
async fn i07_plugins_that_are_no_plugins_are_reported_and_nothing_else_stops() {
    let mail = MailServer::start().await;
    let config = Config::two_steps(mail.port, "10m");
    let mute = std::fs::read(nightbell_tests::root().join("target/plugins/mute.wasm")).unwrap();
    let plugins = config.plugins();
    std::fs::write(plugins.join("text.wasm"), "not wasm at all").unwrap();
    std::fs::write(plugins.join("empty.wasm"), "").unwrap();
    std::fs::write(plugins.join("half.wasm"), &mute[..mute.len() / 2]).unwrap();
    std::fs::write(plugins.join("module.wasm"), b"\0asm\x01\0\0\0").unwrap();
    let engine = Engine::start(&config).await;
    let listed = engine.get("/plugins").await;
    let items = listed["items"].as_array().unwrap();
    for name in ["text", "empty", "half", "module"] {
        let plugin = items.iter().find(|plugin| plugin["name"] == name);
        let plugin = plugin.unwrap_or_else(|| panic!("{name} is listed: {listed}"));
        assert_eq!(plugin["state"], "failed", "{plugin}");
        assert!(plugin["error"].as_str().is_some_and(|e| e.len() > 10), "{plugin}");
    }
    let body = json!({"title": "still alive", "dedup_key": "k"}).to_string();
    let (status, _) = engine.ingest(&format!("/in/{GENERIC_KEY}"), "application/json", body).await;
    assert_eq!(status, 202);
    mail.mail("alice@example.org", "still alive").await;
}
