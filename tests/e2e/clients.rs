//! Clients and libraries that others wrote understand us: PagerDuty's client over TLS, Standard Webhooks' verifier.

use nightbell_tests::config::{GENERIC_KEY, KEY};
use nightbell_tests::{Config, Engine, MailServer, Sink, python, until};
use serde_json::json;
use std::io::Write as _;
use std::process::Stdio;

#[tokio::test(flavor = "multi_thread")]
async fn pagerdutys_own_client_changes_only_the_host() {
    let mail = MailServer::start().await;
    let config = Config::two_steps(mail.port, "10m");
    let certified = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let (certificate, key) = (config.dir().join("cert.pem"), config.dir().join("key.pem"));
    std::fs::write(&certificate, certified.cert.pem()).unwrap();
    std::fs::write(&key, certified.signing_key.serialize_pem()).unwrap();
    let config = config
        .replace("[mail]", "[tls]\ncertificate = \"cert.pem\"\nkey = \"key.pem\"\n\n[mail]")
        .with_tls(&certificate);
    let engine = Engine::start(&config).await;
    let client = python()
        .arg(nightbell_tests::root().join("tests/support/pagerduty_client.py"))
        .arg(config.url(""))
        .arg(KEY)
        .env("SSL_CERT_FILE", &certificate)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&client.stderr);
    assert!(client.status.success(), "{said}");
    let dedup_key = String::from_utf8_lossy(&client.stdout).trim().to_owned();
    assert!(!dedup_key.is_empty(), "the server invents a dedup key and answers it");
    let incident = until("the incident to be resolved", || async {
        let incident = engine.incident("Checkout is down").await;
        (incident["status"] == "resolved").then_some(incident)
    })
    .await;
    assert_eq!(incident["alerts"][0]["dedup_key"], dedup_key.as_str());
    let timeline = engine.get(&format!("/incidents/{}/timeline", incident["number"])).await;
    assert!(timeline.to_string().contains("acknowledged"), "{timeline}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhooks_signature_satisfies_the_reference_library() {
    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    let mail = MailServer::start().await;
    let sink = Sink::start().await;
    let config = Config::two_steps(mail.port, "10m")
        .with("[plugin.webhook]\nsecrets = { signing = { file = \"./signing\" } }\n");
    std::fs::write(config.dir().join("signing"), SECRET).unwrap();
    let engine = Engine::start(&config).await;
    let method = json!({"channel": "webhook", "address": sink.url(), "verified": true});
    let method = engine.post("/people/alice/contact-methods", method).await;
    let rules = json!([{"urgency": "high", "contact_method": method["id"], "delay": "0s"}]);
    engine.api(reqwest::Method::PUT, "/people/alice/notification-rules", Some(rules)).await;
    let body = json!({"title": "Prüfung ☎", "dedup_key": "k", "severity": "critical"}).to_string();
    let (status, _) = engine.ingest(&format!("/in/{GENERIC_KEY}"), "application/json", body).await;
    assert_eq!(status, 202);
    let posted = until("the webhook", || async { sink.all().into_iter().next() }).await;

    let mut verifier = python()
        .arg(nightbell_tests::root().join("tests/support/verify_webhook.py"))
        .arg(SECRET)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let input = json!({"headers": posted.headers, "body": posted.body}).to_string();
    verifier.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = verifier.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
