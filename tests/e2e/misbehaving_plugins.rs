//! A filter that breaks on one alert of sixty-four: the others have its verdict, the one goes on without it, somebody is
//! woken, and explain says why. When it breaks on many it rests, and everything is paged.

use nightbell_tests::config::PROMETHEUS_KEY;
use nightbell_tests::{Config, Engine, MailServer, until};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The fixture that panics on titles that begin with `!`.
pub(crate) fn tally() -> Vec<u8> {
    let file = nightbell_tests::root().join("target/fixtures/tally.wasm");
    std::fs::read(&file).unwrap_or_else(|_| panic!("{}: run `cargo xtask test`", file.display()))
}

/// Posts alerts with these titles in one payload.
pub(crate) async fn post(engine: &Engine, titles: &[String]) {
    let alerts: Vec<_> = titles
        .iter()
        .map(|title| json!({"labels": {"alertname": title}, "annotations": {"summary": title}}))
        .collect();
    let path = format!("/in/{PROMETHEUS_KEY}/api/v2/alerts");
    let (status, body) = engine.ingest(&path, "application/json", json!(alerts).to_string()).await;
    assert_eq!(status, 200, "{body}");
}

/// What is explained of every event, by title, once all are decided.
pub(crate) async fn explained(engine: &Engine, count: usize) -> BTreeMap<String, Value> {
    let items = until(format!("{count} events"), || async {
        let events = engine.get("/events?limit=200").await;
        // The engine's own troubles are events too.
        let items = events["items"].as_array().unwrap().iter();
        let items: Vec<_> = items.filter(|e| e["integration"] == "prometheus").cloned().collect();
        (items.len() == count).then_some(items)
    })
    .await;
    let mut explained = BTreeMap::new();
    for event in items {
        let id = event["id"].as_str().unwrap().to_owned();
        let told = until(format!("event {id} to be decided"), || async {
            let told = engine.get(&format!("/events/{id}/explain")).await;
            (!told["fate"].is_null()).then_some(told)
        })
        .await;
        explained.insert(told["event"]["title"].as_str().unwrap().to_owned(), told);
    }
    explained
}

fn verdict_of(explained: &Value, plugin: &str) -> String {
    let stages = explained["stages"].as_array().unwrap();
    let mut of_it = stages.iter().filter(|stage| stage["plugin"] == plugin);
    let verdict =
        of_it.next().unwrap_or_else(|| panic!("{plugin} in {explained}"))["verdict"].clone();
    assert!(of_it.next().is_none(), "one outcome: {explained}");
    verdict.as_str().unwrap().to_owned()
}

async fn plugin(engine: &Engine, name: &str) -> Value {
    let all = engine.get("/plugins").await;
    let mut items = all["items"].as_array().unwrap().clone().into_iter();
    items.find(|plugin| plugin["name"] == name).unwrap_or_else(|| panic!("{name} in {all}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn i07_of_sixty_four_alerts_the_one_that_breaks_a_filter_still_wakes_somebody() {
    let mail = MailServer::start().await;
    // Each of the sixty-four in a mail of its own, so that the one can be told apart.
    let config = Config::two_steps(mail.port, "10m").with("[notify]\nburst = 100\n");
    std::fs::write(config.plugins().join("tally.wasm"), tally()).unwrap();
    let engine = Engine::start(&config).await;
    assert_eq!(plugin(&engine, "tally").await["state"], "running");

    let mut titles: Vec<_> = (0..64).map(|n| format!("disk {n} is full")).collect();
    titles[37] = "! the poisoned one".to_owned();
    post(&engine, &titles).await;
    let events = explained(&engine, 64).await;
    for title in &titles {
        let (told, event) = (verdict_of(&events[title], "tally"), &events[title]);
        assert!(event["incident"].is_string(), "{event}");
        if title.starts_with('!') {
            // The plugin's own words, with file and line: what its author needs.
            for part in [
                "failed: trap: ",
                "it said: panicked at",
                "src/lib.rs:",
                "no taste for `! the poisoned one`",
            ] {
                assert!(told.contains(part), "{part}: {told}");
            }
        } else {
            assert_eq!(told, "keep", "{title}");
        }
    }
    let incidents = engine.incidents().await;
    let of = |title: &String| incidents.iter().filter(|i| i["title"] == title.as_str()).count();
    assert!(titles.iter().all(|title| of(title) == 1), "each has its incident");
    mail.mail("alice@example.org", "the poisoned one").await;
    let status = plugin(&engine, "tally").await;
    assert_eq!((&status["state"], &status["failures"]), (&json!("running"), &json!(1)), "{status}");

    // Five more, and it rests: what comes now is paged without it.
    post(&engine, &(0..8).map(|n| format!("! more {n}")).collect::<Vec<_>>()).await;
    let events = explained(&engine, 72).await;
    let told: Vec<_> =
        (0..8).map(|n| verdict_of(&events[&format!("! more {n}")], "tally")).collect();
    let broke = told.iter().filter(|told| told.starts_with("failed: trap: ")).count();
    let unasked = told.iter().filter(|told| told.starts_with("failed: not asked")).count();
    assert!((4..=5).contains(&broke) && broke + unasked == 8, "{told:?}");
    assert_eq!(plugin(&engine, "tally").await["state"], "quarantined");
    post(&engine, &["calm again".to_owned()]).await;
    let events = explained(&engine, 73).await;
    let told = verdict_of(&events["calm again"], "tally");
    assert_eq!(told, "failed: not asked: it failed too often and rests");
    mail.mail("alice@example.org", "calm again").await;
    // The engine tells those who are responsible for it.
    let own = engine.incident("tally").await;
    assert_eq!(own["service"], "nightbell", "{own}");
}
