//! The examples work as they stand, and do what their pages say.

use nightbell_tests::{Config, Engine, MailServer, until};

#[tokio::test(flavor = "multi_thread")]
async fn the_first_page_rings_for_every_payload_beside_it() {
    let mail = MailServer::start().await;
    let config = Config::example("first-page", mail.port);
    let engine = Engine::start(&config).await;
    let text = std::fs::read_to_string(config.file()).unwrap()
        + &std::fs::read_to_string(config.dir().join("conf.d/monitors.toml")).unwrap();
    let key = |integration: &str| {
        let table = text.split("[[integration]]").find(|table| {
            table
                .lines()
                .any(|line| line.starts_with("id") && line.contains(&format!("\"{integration}\"")))
        });
        let line =
            table.unwrap().lines().find(|line| line.trim_start().starts_with("key")).unwrap();
        line.split('"').nth(1).unwrap().to_owned()
    };
    let payload = |name: &str| {
        let path = nightbell_tests::root().join("examples/first-page/payloads").join(name);
        std::fs::read_to_string(path).unwrap().trim_end().to_owned()
    };
    let (form, json) = ("application/x-www-form-urlencoded", "application/json");
    let nagios = format!("/in/{}", key("nagios"));
    let prometheus = format!("/in/{}/api/v2/alerts", key("prometheus"));
    let new_relic = format!("/in/{}", key("newrelic"));
    for (path, content_type, file) in [
        (&nagios, form, "nagios-problem.form"),
        (&prometheus, json, "prometheus-alerts.json"),
        (&new_relic, json, "newrelic-issue.json"),
    ] {
        let before = engine.incidents().await.len();
        let (status, said) = engine.ingest(path, content_type, payload(file)).await;
        assert!((200..300).contains(&status), "{file}: {status} {said}");
        until(format!("an incident from {file}"), || async {
            (engine.incidents().await.len() > before).then_some(())
        })
        .await;
    }
    until("a mail to a person of the example", || async {
        mail.all()
            .iter()
            .any(|mail| mail.to.iter().any(|to| to.ends_with("@example.org")))
            .then_some(())
    })
    .await;
    let (status, _) = engine.ingest(&nagios, form, payload("nagios-recovery.form")).await;
    assert_eq!(status, 202);
    until("the recovery to resolve its incident", || async {
        engine.incidents().await.iter().any(|i| i["status"] == "resolved").then_some(())
    })
    .await;
}
