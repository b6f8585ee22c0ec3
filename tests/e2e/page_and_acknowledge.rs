//! A raw payload becomes a page, the page can be answered, and the answer stops the bell.

use nightbell_tests::config::{KEY, PROMETHEUS_KEY};
use nightbell_tests::{Config, Engine, MailServer, Sink, until};
use reqwest::Method;
use serde_json::json;

fn alert(name: &str) -> String {
    json!([{
        "labels": {"alertname": name, "severity": "critical", "instance": "web1:8080"},
        "annotations": {"summary": format!("{name} on web1")},
        "startsAt": "2026-03-02T03:12:10Z",
        "endsAt": "0001-01-01T00:00:00Z",
        "generatorURL": "http://prometheus.example.org/graph"
    }])
    .to_string()
}

async fn send(engine: &Engine, name: &str) {
    let path = format!("/in/{PROMETHEUS_KEY}/api/v2/alerts");
    let (status, body) = engine.ingest(&path, "application/json", alert(name)).await;
    assert_eq!((status, body.as_str()), (200, ""), "as Alertmanager answers");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_link_in_the_mail_acknowledges_and_no_further_mail_comes() {
    let mail = MailServer::start().await;
    let config = Config::two_steps(mail.port, "2s");
    let engine = Engine::start(&config).await;
    send(&engine, "HighErrorRate").await;

    let page = mail.mail("alice@example.org", "HighErrorRate").await;
    assert_eq!(page.from, "nightbell@example.org");
    assert!(page.html.contains("HighErrorRate"), "text and HTML");
    let link = page.link("/answer/").unwrap();
    let path = link.strip_prefix(&config.url("")).unwrap();

    let shown = engine.request(Method::GET, path).send().await.unwrap();
    assert_eq!(shown.status(), 200);
    assert!(shown.text().await.unwrap().contains("HighErrorRate"));
    let incident = engine.incident("HighErrorRate").await;
    assert_eq!(incident["status"], "triggered", "looking is not answering");

    let acted = engine.request(Method::POST, path).form(&[("action", "acknowledge")]);
    assert_eq!(acted.send().await.unwrap().status(), 200);
    let incident = engine.incident("HighErrorRate").await;
    assert_eq!(
        (&incident["status"], &incident["acknowledged_by"]),
        (&json!("acknowledged"), &json!("alice"))
    );

    // An incident that nobody answers shows that the bell works, and that its time has passed.
    send(&engine, "Unanswered").await;
    mail.mail("alice@example.org", "Unanswered").await;
    mail.mail("bob@example.org", "Unanswered").await;
    assert_eq!(mail.count("alice@example.org", "HighErrorRate"), 1);
    assert_eq!(mail.count("bob@example.org", "HighErrorRate"), 0);

    let forged = engine.request(Method::GET, &format!("{path}x")).send().await.unwrap();
    assert!(forged.status().is_client_error());
}

#[tokio::test(flavor = "multi_thread")]
async fn i06_the_timeline_and_explain_say_who_was_paged_and_why() {
    let mail = MailServer::start().await;
    let config = Config::two_steps(mail.port, "10m").with(
        r#"
[plugin.mute]
settings = { rules = [{ match = ["host=~\"test.*\""], action = "drop", reason = "test machines" }] }
"#,
    );
    let engine = Engine::start(&config).await;
    let nagios = |host: &str| {
        format!(
            "NOTIFICATIONTYPE=PROBLEM&HOSTNAME={host}&SERVICEDESC=disk&SERVICESTATE=CRITICAL&SERVICEOUTPUT=full"
        )
    };
    let path = format!("/in/{KEY}");
    let form = "application/x-www-form-urlencoded";
    let (status, _) = engine.ingest(&path, form, nagios("test1")).await;
    assert_eq!(status, 202);
    let (status, _) = engine.ingest(&path, form, nagios("db1")).await;
    assert_eq!(status, 202);

    let incident = engine.incident("db1").await;
    assert_eq!(engine.incidents().await.len(), 1, "the other was dropped");
    mail.mail("alice@example.org", "db1").await;
    let id = incident["id"].as_str().unwrap();
    let timeline = until("the page on the timeline", || async {
        let timeline = engine.get(&format!("/incidents/{id}/timeline")).await.to_string();
        timeline.contains("delivered").then_some(timeline)
    })
    .await;
    assert!(timeline.contains("alice"), "{timeline}");

    let events = engine.get("/events?limit=10").await;
    let dropped =
        events["items"].as_array().unwrap().iter().find(|e| e.to_string().contains("test1"));
    let event = dropped.unwrap()["id"].clone();
    let event = event.as_str().map_or_else(|| event.to_string(), str::to_owned);
    let explained = engine.get(&format!("/events/{event}/explain")).await.to_string();
    assert!(explained.contains("test machines") && explained.contains("mute"), "{explained}");
}

#[tokio::test(flavor = "multi_thread")]
async fn i04_a_webhook_is_signed_retried_under_one_name_and_then_gives_way_to_mail() {
    let mail = MailServer::start().await;
    let sink = Sink::start().await;
    let config = Config::two_steps(mail.port, "10m").with(
        r#"
[plugin.webhook]
secrets = { signing = { file = "./signing" } }
"#,
    );
    std::fs::write(config.dir().join("signing"), "a-shared-secret").unwrap();
    let engine = Engine::start(&config).await;
    let method = json!({"channel": "webhook", "address": sink.url(), "verified": true});
    let method = engine.post("/people/alice/contact-methods", method).await;
    let rules = json!([{"urgency": "high", "contact_method": method["id"], "delay": "0s"}]);
    engine.api(Method::PUT, "/people/alice/notification-rules", Some(rules)).await;

    sink.answer(503);
    send(&engine, "HighErrorRate").await;
    mail.mail("alice@example.org", "HighErrorRate").await;
    let posted = sink.all();
    assert_eq!(posted.len(), 3, "three tries, then the next method");
    let ids: Vec<_> = posted.iter().map(|p| p.headers["webhook-id"].clone()).collect();
    assert!(ids.iter().all(|id| *id == ids[0]), "one idempotency key: {ids:?}");
    assert!(posted[0].headers["webhook-signature"].starts_with("v1,"));
    let body = posted[0].json().to_string();
    assert!(
        body.contains("HighErrorRate") && body.contains("generatorURL"),
        "the details are included"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn i07_a_dead_mail_server_delays_the_page_and_pages_come_when_it_is_back() {
    let port = nightbell_tests::free_port();
    let config = Config::two_steps(port, "2s");
    let engine = Engine::start(&config).await;
    send(&engine, "HighErrorRate").await;
    engine.incident("HighErrorRate").await;
    // The engine's own trouble is an incident of the built-in service.
    let own = engine.incident("email does not deliver").await;
    assert_eq!(own["service"], "nightbell");
    let mail = MailServer::start_on(port).await;
    send(&engine, "After").await;
    mail.mail("alice@example.org", "After").await;
}
