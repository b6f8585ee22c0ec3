//! People decide how they are told, with nothing but their own token: an address is proved by the code that came, quiet hours hold
//! what can wait and let through what cannot, and a hole that `doctor reach` names is one that an escalation then has.

use nightbell_tests::{Config, Engine, MailServer, until};
use reqwest::Method;
use serde_json::{Value, json};

async fn call(
    engine: &Engine,
    token: &str,
    method: Method,
    path: &str,
    body: Value,
) -> (u16, Value) {
    let request = engine.request(method, &format!("/api/v1{path}")).bearer_auth(token).json(&body);
    let answer = request.send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap_or_default())
}

async fn token_of(engine: &Engine, person: &str) -> String {
    let body = json!({ "kind": "person", "person": person, "name": person });
    let made = engine.post("/tokens", body).await;
    made["token"].as_str().expect("a token").to_owned()
}

/// Six digits in a row.
fn code_in(text: &str) -> String {
    let digits = text.split(|c: char| !c.is_ascii_digit()).find(|run| run.len() == 6);
    digits.expect("a code").to_owned()
}

async fn page(engine: &Engine, host: &str) {
    let form = "application/x-www-form-urlencoded";
    let body = format!(
        "NOTIFICATIONTYPE=PROBLEM&HOSTNAME={host}&SERVICEDESC=disk&SERVICESTATE=CRITICAL&SERVICEOUTPUT=full"
    );
    let path = format!("/in/{}", nightbell_tests::config::KEY);
    assert_eq!(engine.ingest(&path, form, body).await.0, 202);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_is_used_once_its_owner_entered_the_code_that_came_there() {
    let mail = MailServer::start().await;
    let config = Config::two_steps(mail.port, "10m");
    let engine = Engine::start(&config).await;
    let alice = token_of(&engine, "alice").await;
    let new = json!({ "channel": "email", "address": "alice@home.example" });
    let (status, made) =
        call(&engine, &alice, Method::POST, "/people/me/contact-methods", new).await;
    assert_eq!(status, 201, "{made}");
    let id = made["id"].as_str().unwrap();
    let verification = format!("/people/me/contact-methods/{id}/verification");
    let confirm = format!("{verification}/confirm");

    // Five wrong codes void the right one.
    assert_eq!(call(&engine, &alice, Method::POST, &verification, json!({})).await.0, 202);
    let first = code_in(&mail.mail("alice@home.example", "code").await.text);
    let wrong = if first == "000000" { "000001" } else { "000000" };
    for _ in 0..5 {
        let (status, said) =
            call(&engine, &alice, Method::POST, &confirm, json!({ "code": wrong })).await;
        assert_eq!(status, 422, "{said}");
    }
    let (status, _) = call(&engine, &alice, Method::POST, &confirm, json!({ "code": first })).await;
    assert_eq!(status, 409, "it no longer holds");

    assert_eq!(call(&engine, &alice, Method::POST, &verification, json!({})).await.0, 202);
    let second = until("another code", || async {
        let all = mail.all();
        let codes = all.iter().filter(|mail| mail.subject.contains("code"));
        codes.map(|mail| code_in(&mail.text)).find(|code| *code != first)
    })
    .await;
    let (status, done) =
        call(&engine, &alice, Method::POST, &confirm, json!({ "code": second })).await;
    assert_eq!((status, &done["verified"]), (200, &json!(true)), "{done}");

    let test = format!("/people/me/contact-methods/{id}/test");
    assert_eq!(call(&engine, &alice, Method::POST, &test, json!({})).await.0, 202);
    mail.mail("alice@home.example", "[test]").await;
    until("the test's end", || async {
        let methods = engine.get("/people/alice/contact-methods").await;
        let ended = methods["items"].as_array()?.iter().any(|m| m["test"]["status"] == "delivered");
        ended.then_some(())
    })
    .await;

    let rules = json!([{ "urgency": "high", "contact_method": id, "delay": "0s" }]);
    let path = "/people/me/notification-rules";
    assert_eq!(call(&engine, &alice, Method::PUT, path, rules).await.0, 200);
    page(&engine, "db1").await;
    mail.mail("alice@home.example", "db1").await;
    assert_eq!(mail.count("alice@example.org", "db1"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hole_that_reach_names_is_one_that_an_escalation_then_has() {
    let mail = MailServer::start().await;
    let config = Config::two_steps(mail.port, "10m");
    let engine = Engine::start(&config).await;
    let clean = engine.get("/reach?days=1").await;
    assert_eq!(clean["items"], json!([]), "{clean}");
    let always =
        json!({ "quiet_hours": [{ "from": "00:00", "to": "00:00", "breakthrough": "nothing" }] });
    for who in ["alice", "bob"] {
        let own = token_of(&engine, who).await;
        let path = "/people/me/preferences";
        assert_eq!(call(&engine, &own, Method::PATCH, path, always.clone()).await.0, 200);
    }
    let holes = engine.get("/reach?days=1").await;
    let named = holes["items"].to_string();
    assert!(named.contains("quiet hours of"), "{holes}");

    page(&engine, "db1").await;
    let incident = engine.incident("db1").await;
    let id = incident["id"].as_str().unwrap();
    let timeline = engine.get(&format!("/incidents/{id}/timeline")).await;
    let kinds: Vec<&str> =
        timeline["items"].as_array().unwrap().iter().filter_map(|e| e["kind"].as_str()).collect();
    assert!(kinds.contains(&"held") && kinds.contains(&"fallback-reached"), "{timeline}");
    assert!(timeline.to_string().contains("quiet hours of"), "{timeline}");
}

#[tokio::test(flavor = "multi_thread")]
async fn i06_quiet_hours_hold_a_low_page_say_why_and_let_a_high_one_through() {
    let mail = MailServer::start().await;
    let config = Config::two_steps(mail.port, "10m");
    let engine = Engine::start(&config).await;
    let alice = token_of(&engine, "alice").await;
    let quiet =
        json!({ "quiet_hours": [{ "from": "00:00", "to": "00:00", "breakthrough": "high" }] });
    let path = "/people/me/preferences";
    assert_eq!(call(&engine, &alice, Method::PATCH, path, quiet).await.0, 200);

    let can_wait = json!({"title": "Can wait", "dedup_key": "low", "severity": "warning"});
    let path = format!("/in/{}", nightbell_tests::config::GENERIC_KEY);
    let (status, said) = engine.ingest(&path, "application/json", can_wait.to_string()).await;
    assert_eq!(status, 202, "{said}");
    let incident = engine.incident("Can wait").await;
    assert_eq!(incident["urgency"], "low");
    let id = incident["id"].as_str().unwrap();
    // Who can be told now is told: nobody has to wait for alice's morning.
    mail.mail("bob@example.org", "Can wait").await;
    let timeline = engine.get(&format!("/incidents/{id}/timeline")).await;
    let held = timeline["items"].as_array().unwrap().iter().find(|line| line["kind"] == "held");
    let held = held.unwrap_or_else(|| panic!("{timeline}"));
    assert_eq!((&held["person"], &held["channel"]), (&json!("alice"), &json!("email")));
    let why = held["text"].as_str().unwrap();
    assert!(why.contains("quiet hours of") && why.contains("until"), "{why}");
    let of_alice = async || {
        let all = engine.get(&format!("/deliveries?incident={id}")).await;
        let mut all = all["items"].as_array().unwrap().clone().into_iter();
        all.find(|one| one["person"] == "alice")
    };
    let waiting = of_alice().await.expect("what waits is shown");
    assert_eq!(waiting["status"], "pending", "{waiting}");
    assert!(waiting["not_before"].as_str() > incident["created_at"].as_str(), "{waiting}");

    page(&engine, "db1").await;
    mail.mail("alice@example.org", "db1").await;
    assert_eq!(mail.count("alice@example.org", "Can wait"), 0);

    // What waits is taken back like any page.
    engine.post(&format!("/incidents/{id}/acknowledge"), json!(null)).await;
    assert_eq!(of_alice().await, None);
    let timeline = engine.get(&format!("/incidents/{id}/timeline")).await.to_string();
    assert!(timeline.contains("pages-cancelled"), "{timeline}");
}
