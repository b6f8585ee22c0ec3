//! A mail at an integration's door pages like any payload; and an address is checked by the plugin it is for.

use nightbell_tests::config::GENERIC_KEY;
use nightbell_tests::{Config, Engine, MailServer};
use reqwest::Method;
use serde_json::{Value, json};

/// Japanese as mail servers send it, with a log attached.
const MAIL: &str = "Received: from a by b\r\n\
    From: Backup <backup@example.org>\r\n\
    Subject: =?ISO-2022-JP?B?GyRCPmMzMhsoQg==?= on db1\r\n\
    MIME-Version: 1.0\r\n\
    Content-Type: multipart/mixed; boundary=b\r\n\r\n\
    --b\r\nContent-Type: text/plain; charset=ISO-2022-JP\r\n\r\n\x1b$B>c32$,H/@8$7$^$7$?\x1b(B\r\n\
    --b\r\nContent-Type: text/plain; name=backup.log\r\nContent-Transfer-Encoding: base64\r\n\r\nbm8gc3BhY2U=\r\n--b--\r\n";

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_pages_and_what_is_no_mail_is_refused() {
    let mail = MailServer::start().await;
    let config = Config::two_steps(mail.port, "10m");
    let engine = Engine::start(&config).await;
    let door = format!("/in/{GENERIC_KEY}");
    let (status, said) = engine.ingest(&door, "message/rfc822", MAIL).await;
    assert_eq!(status, 202, "{said}");
    mail.mail("alice@example.org", "障害 on db1").await;
    let id = serde_json::from_str::<Value>(&said).unwrap()["ids"][0].as_str().unwrap().to_owned();
    let told = engine.get(&format!("/events/{id}/explain")).await.to_string();
    for part in ["障害が発生しました", "backup.log", "Backup <backup@example.org>"] {
        assert!(told.contains(part), "{part}: {told}");
    }
    let (status, said) = engine.ingest(&door, "message/rfc822", "no header\r\n\r\nbody").await;
    assert!(status == 400 && said.contains("got no header at the beginning"), "{status} {said}");
    assert!(!engine.log().contains("panicked"), "{}", engine.log());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_is_stored_as_its_channel_writes_it_or_refused_in_its_words() {
    let mail = MailServer::start().await;
    let config = Config::two_steps(mail.port, "10m");
    let engine = Engine::start(&config).await;
    let add = async |channel: &str, address: &str| {
        let path = "/api/v1/people/alice/contact-methods";
        let request = engine.request(Method::POST, path).bearer_auth(engine.token());
        let body = json!({ "channel": channel, "address": address });
        let answer = request.json(&body).send().await.unwrap();
        (answer.status().as_u16(), answer.json::<Value>().await.unwrap())
    };
    let (status, made) = add("webhook", "HTTPS://Hooks.Example.ORG:443/a").await;
    assert_eq!((status, &made["address"]), (201, &json!("https://hooks.example.org/a")));
    assert_eq!(add("webhook", "https://hooks.example.org/a").await.0, 409);
    assert_eq!(add("email", "alice@EXAMPLE.org").await.0, 409, "the configuration's address");
    let (status, said) = add("email", "alice").await;
    assert_eq!((status, &said["field"]), (422, &json!("address")), "{said}");
    assert!(said["detail"].as_str().unwrap().contains("there is no `@`"), "{said}");
    let channels = engine.get("/channels").await;
    let email = channels["items"].as_array().unwrap().iter().find(|one| one["name"] == "email");
    assert_eq!(email.unwrap()["address"]["input"], "email", "{channels}");
}
