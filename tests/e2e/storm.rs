//! A storm is told in a handful of messages: the first page at once and alone, the rest together; one answer is the answer to
//! all of them, and of every incident it can be asked who was told of it, and in which message.

use nightbell_tests::config::PROMETHEUS_KEY;
use nightbell_tests::{Config, Engine, Mail, MailServer, until};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeSet;

const ALERTS: usize = 2_000;
const ALERTS_PER_REQUEST: usize = 250;
/// Messages that tell of the whole storm, besides the first page.
const HANDFUL: usize = 5;

async fn send(engine: &Engine, names: impl Iterator<Item = String>) {
    let alert = |name| json!({"labels": {"alertname": name, "severity": "critical"}});
    let alerts: Vec<_> = names.map(alert).collect();
    let path = format!("/in/{PROMETHEUS_KEY}/api/v2/alerts");
    let (status, said) = engine.ingest(&path, "application/json", json!(alerts).to_string()).await;
    assert_eq!(status, 200, "{said}");
}

/// All incidents, page by page.
async fn incidents(engine: &Engine) -> Vec<Value> {
    let (mut all, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = engine.get(&format!("/incidents?limit=200{cursor}")).await;
        all.extend(page["items"].as_array().unwrap().iter().cloned());
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return all,
        }
    }
}

/// How many incidents a mail speaks of, when it speaks of several.
fn count(mail: &Mail) -> Option<usize> {
    let (before, _) = mail.subject.split_once(" incidents on shop")?;
    before.rsplit(' ').next()?.parse().ok()
}

/// Waits until the mails of several incidents speak of so many in all.
async fn told_together(mail: &MailServer, wanted: usize) -> Vec<Mail> {
    until(format!("mails about {wanted} incidents"), || async {
        let all: Vec<_> = mail.all().into_iter().filter(|mail| count(mail).is_some()).collect();
        (all.iter().filter_map(count).sum::<usize>() >= wanted).then_some(all)
    })
    .await
}

/// Opens the link of a message and presses its button. What stood behind the link.
async fn acknowledge(config: &Config, engine: &Engine, mail: &Mail) -> String {
    let link = mail.link("/answer/").unwrap();
    let path = link.strip_prefix(&config.url("")).unwrap();
    let shown = engine.request(Method::GET, path).send().await.unwrap().text().await.unwrap();
    let pressed = engine.request(Method::POST, path).form(&[("action", "acknowledge")]);
    let answer = pressed.send().await.unwrap();
    assert_eq!(answer.status(), 200, "{}", answer.text().await.unwrap());
    shown
}

/// I6: an incident's own timeline says that its page waited and in which message it left, and the message names it.
async fn is_accounted_for(engine: &Engine, incident: &Value) {
    let number = incident["number"].to_string();
    let timeline = engine.get(&format!("/incidents/{number}/timeline")).await;
    let lines = timeline["items"].as_array().unwrap();
    for kind in ["paged", "held-for-bundle", "delivered-together", "acknowledged"] {
        let line = lines.iter().find(|line| line["kind"] == kind);
        let line = line.unwrap_or_else(|| panic!("{number} has no `{kind}`: {timeline}"));
        assert!(line["text"].as_str().unwrap().to_lowercase().contains("alice"), "{line}");
    }
    let pages = engine.get(&format!("/deliveries?incident={number}")).await;
    let page = pages["items"].as_array().unwrap().iter().find(|one| one["purpose"] == "page");
    let page = page.unwrap();
    assert_eq!((&page["status"], &page["person"]), (&json!("delivered"), &json!("alice")));
    let bundle = page["bundle"].as_str().unwrap();
    // The message is listed with the incident it begins with.
    let first = bundle.trim_start_matches(|c: char| !c.is_ascii_digit());
    let first: String = first.chars().take_while(char::is_ascii_digit).collect();
    let listed = engine.get(&format!("/deliveries?incident={first}")).await;
    let message = listed["items"].as_array().unwrap().iter().find(|one| one["id"] == bundle);
    let message = message.unwrap_or_else(|| panic!("no message `{bundle}`: {listed}"));
    assert_eq!(message["purpose"], "bundle");
    assert!(message["incidents"].as_array().unwrap().contains(&json!(number)), "{number}");
}

#[tokio::test(flavor = "multi_thread")]
async fn i06_i12_two_thousand_incidents_are_a_handful_of_mails_and_one_answer_is_for_all() {
    let mail = MailServer::start().await;
    let config = Config::two_steps(mail.port, "10m").with(
        "\n[notify]\nburst = 1\nwindow = \"10s\"\nwindow_max = \"10s\"\nurgent_window_max = \"10s\"\n",
    );
    let engine = Engine::start(&config).await;
    for from in (0..ALERTS).step_by(ALERTS_PER_REQUEST) {
        send(&engine, (from..from + ALERTS_PER_REQUEST).map(|n| format!("Storm{n}"))).await;
    }
    let first = mail.mail("alice@example.org", "Storm").await;
    assert_eq!(count(&first), None, "the first one is about one: {}", first.subject);

    let together = told_together(&mail, ALERTS - 1).await;
    assert!(together.len() <= HANDFUL, "{} mails", together.len());
    assert_eq!(together.iter().filter_map(count).sum::<usize>(), ALERTS - 1, "each once");
    assert_eq!(mail.all().len(), 1 + together.len(), "nobody was told anything else");
    let ringing = incidents(&engine).await;
    assert_eq!(ringing.len(), ALERTS, "each alert opened its own");
    assert!(ringing.iter().all(|one| one["paged"] == json!(["alice"])), "nobody is forgotten");

    acknowledge(&config, &engine, &first).await;
    let triggered = |all: &[Value]| all.iter().filter(|one| one["status"] == "triggered").count();
    assert_eq!(triggered(&incidents(&engine).await), ALERTS - 1, "it was about one");
    for message in &together {
        let page = acknowledge(&config, &engine, message).await;
        let told = count(message).unwrap().to_string();
        assert!(page.contains(&told), "the page behind the link says how many: {page}");
    }
    let answered = incidents(&engine).await;
    assert_eq!(triggered(&answered), 0);
    assert!(answered.iter().all(|one| one["acknowledged_by"] == "alice"));
    assert!(answered.iter().all(|one| one["escalation"]["next_at"].is_null()), "none rings on");

    // One that comes after is told when the windows are over that could have held anything back.
    send(&engine, std::iter::once("After".to_owned())).await;
    mail.mail("alice@example.org", "After").await;
    assert_eq!(mail.all().len(), together.len() + 2, "I12: nothing of what was answered");
    let waiting = engine.get("/deliveries?limit=200").await;
    let of_storm = |one: &&Value| one["incident"] != "2001";
    assert_eq!(waiting["items"].as_array().unwrap().iter().filter(of_storm).count(), 0);

    let mut held: Vec<_> = answered.iter().filter(|one| !is_first(one, &first)).collect();
    held.sort_by_key(|one| one["number"].as_u64());
    for place in BTreeSet::from([0, 1, 199, 200, held.len() / 2, held.len() - 1]) {
        is_accounted_for(&engine, held[place]).await;
    }
}

/// Whether the first page was about it.
fn is_first(incident: &Value, first: &Mail) -> bool {
    let title = incident["title"].as_str().unwrap();
    first.subject.split(' ').any(|word| word == title)
}
