//! Planned work: nobody is paged during it, whatever still fires at its end pages, also over a restart; who asks is told by
//! what, whose and until when; a dry run says it before; what lasts too long is refused.

use nightbell_tests::config::GENERIC_KEY;
use nightbell_tests::{Config, Engine, MailServer, command, until};
use serde_json::{Value, json};
use std::process::{Output, Stdio};

fn nightbell(config: &Config, line: &str) -> Output {
    let mut command = command();
    command.args(line.split(' ')).arg("--config").arg(config.file()).env("NO_COLOR", "1");
    command.stdin(Stdio::null()).output().unwrap()
}

fn said(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    format!("{}{}", text(&output.stdout), text(&output.stderr))
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

#[tokio::test(flavor = "multi_thread")]
async fn i06_planned_work_is_quiet_says_why_and_pages_what_still_fires_at_its_end() {
    let mail = MailServer::start().await;
    let config = Config::two_steps(mail.port, "10m").with("\n[silence]\nmax = \"2h\"\n");
    let mut engine = Engine::start(&config).await;
    send(&engine, "Before").await;
    mail.mail("alice@example.org", "Before").await;
    let incident = engine.incident("Before").await;
    let (service, id) = (incident["service"].as_str().unwrap(), incident["id"].as_str().unwrap());

    let tried =
        nightbell(&config, &format!("maintenance add --service {service} --for 1h --dry-run"));
    let text = said(&tried);
    assert!(text.contains("Now: 1 firing alert") && text.contains("Last 24 h: 1 page"), "{text}");
    assert!(text.contains("pauses") && text.contains("Before"), "{text}");
    assert_eq!(engine.get("/maintenance-windows").await["items"], json!([]), "nothing is made");
    let long = nightbell(&config, "silence add alertname=x --for 3h -m x");
    assert_eq!(long.status.code(), Some(1));
    let text = said(&long);
    assert!(text.contains("at most 2h") && text.contains("`[silence] max`"), "{text}");

    let planned =
        nightbell(&config, &format!("maintenance add --service {service} --for 1h -m disks"));
    assert_eq!(planned.status.code(), Some(0), "{}", said(&planned));
    let window = String::from_utf8(planned.stdout).unwrap().trim().to_owned();
    let name = format!("maintenance window {window}");
    let explained = send(&engine, "During").await;
    let fate = explained["fate"].as_str().unwrap();
    assert!(fate.contains(&name) && fate.contains(" until ") && fate.contains("disks"), "{fate}");
    until("the open incident to pause", || async {
        let timeline = engine.get(&format!("/incidents/{id}/timeline")).await.to_string();
        (timeline.contains("\"paused\"") && timeline.contains(&name)).then_some(())
    })
    .await;
    let held = engine.get(&format!("/incidents/{id}")).await["escalation"]["paused_by"][0].clone();
    assert_eq!((&held["by"], &held["reason"]), (&json!(name), &json!("disks")));
    assert!(held["author"].is_string() && held["until"].is_string(), "{held}");

    // It ends by itself, seconds from now, while the engine is away.
    assert_eq!(mail.count("alice@example.org", "During"), 0);
    let short = nightbell(&config, &format!("maintenance edit {window} --for 5s"));
    assert_eq!(short.status.code(), Some(0), "{}", said(&short));
    engine.kill();
    engine = Engine::start(&config).await;
    mail.mail("alice@example.org", "During").await;
    let timeline = engine.get(&format!("/incidents/{id}/timeline")).await.to_string();
    assert!(timeline.contains("\"resumed\""), "{timeline}");
    let list = said(&nightbell(&config, "maintenance list --all"));
    assert!(list.contains("expired") && list.contains("disks"), "{list}");
    let opened = engine.incidents().await.into_iter().filter(|one| one["title"] == "During");
    assert_eq!(opened.count(), 1, "once");
}
