//! Incidents live on: a flap comes back under its number, merged ones ring no more, and the numbers tell the story.

use nightbell_tests::config::PROMETHEUS_KEY;
use nightbell_tests::{Config, Engine, MailServer, command, until};
use serde_json::json;
use std::process::Stdio;

async fn send(engine: &Engine, name: &str, ends_at: &str) {
    let alert = json!([{
        "labels": {"alertname": name, "severity": "critical", "instance": "web1:8080"},
        "annotations": {"summary": format!("{name} on web1")},
        "startsAt": "2026-03-02T03:12:10Z",
        "endsAt": ends_at,
        "generatorURL": "http://prometheus.example.org/graph"
    }]);
    let path = format!("/in/{PROMETHEUS_KEY}/api/v2/alerts");
    let (status, _) = engine.ingest(&path, "application/json", alert.to_string()).await;
    assert_eq!(status, 200);
}

const FIRES: &str = "0001-01-01T00:00:00Z";
const ENDED: &str = "2026-03-02T03:20:00Z";

async fn status(engine: &Engine, number: u64, wanted: &str) {
    until(format!("incident {number} to be {wanted}"), || async {
        let incident = engine.get(&format!("/incidents/{number}")).await;
        (incident["status"] == wanted).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flap_reopens_the_same_number_and_analytics_tells_the_story() {
    let mail = MailServer::start().await;
    let config = Config::two_steps(mail.port, "10m").replace(
        "escalation_policy = \"shop\"",
        "escalation_policy = \"shop\"\nreopen_within = \"10m\"\nsubscribers = [\"person:bob\"]",
    );
    let engine = Engine::start(&config).await;
    send(&engine, "Flapping", FIRES).await;
    mail.mail("alice@example.org", "Flapping").await;
    send(&engine, "Flapping", ENDED).await;
    status(&engine, 1, "resolved").await;
    send(&engine, "Flapping", FIRES).await;
    status(&engine, 1, "triggered").await;
    until("the second page", || async {
        (mail.count("alice@example.org", "Flapping") >= 2).then_some(())
    })
    .await;
    assert_eq!(engine.incidents().await.len(), 1, "no new number");
    let incident = engine.get("/incidents/1").await;
    assert_eq!((&incident["reopened"], &incident["subscribers"]), (&json!(1), &json!(["bob"])));

    engine.post("/incidents/1/acknowledge", json!(null)).await;
    engine.post("/incidents/1/resolve", json!(null)).await;
    let report = engine.get("/analytics?by=service").await;
    let total = &report["total"];
    assert_eq!((&total["incidents"], &total["reopened"]), (&json!(1), &json!(1)), "{report}");
    assert_eq!(total["time_to_acknowledge"]["count"], 1, "{report}");
    assert_eq!(total["time_to_first_page"]["count"], 1, "{report}");
    assert_eq!(report["items"][0]["key"], "shop");
    until("both pages to be counted", || async {
        let people = engine.get("/analytics?by=person").await;
        let alice = &people["items"][0];
        (alice["key"] == "alice" && alice["pages"] == 2).then_some(())
    })
    .await;
    let shares = engine.get("/schedules/primary/fairness").await;
    let mut shares = shares["items"].as_array().unwrap().iter();
    let alice = shares.find(|share| share["person"] == "alice").unwrap();
    assert_eq!(alice["pages"], 2, "who carried how much is also who was paged how often");
    let table = command()
        .args(["analytics", "--since", "1h", "--config"])
        .arg(config.file())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let table = String::from_utf8(table.stdout).unwrap();
    assert!(table.contains("MTTA") && table.contains("shop"), "{table}");
}

#[tokio::test(flavor = "multi_thread")]
async fn i12_a_merged_incident_pages_nobody_any_more_and_the_other_goes_on() {
    let mail = MailServer::start().await;
    let config = Config::two_steps(mail.port, "3s");
    let engine = Engine::start(&config).await;
    send(&engine, "Cause", FIRES).await;
    send(&engine, "Effect", FIRES).await;
    let cause = engine.incident("Cause").await["number"].as_u64().unwrap();
    let effect = engine.incident("Effect").await["number"].as_u64().unwrap();
    let path = format!("/incidents/{cause}/merge");
    let merged = engine.post(&path, json!({"incidents": [effect]})).await;
    assert_eq!(merged["alert_count"], 2);
    // The second step of the incident that goes on shows that the time of the other's has passed.
    mail.mail("bob@example.org", "Cause").await;
    assert_eq!(mail.count("bob@example.org", "Effect"), 0);
    let shown = engine.get(&format!("/incidents/{effect}")).await;
    assert_eq!((&shown["status"], &shown["merged_into"]), (&json!("resolved"), &json!(cause)));
    send(&engine, "Cause", ENDED).await;
    status(&engine, cause, "triggered").await;
    send(&engine, "Effect", ENDED).await;
    status(&engine, cause, "resolved").await;
}
