//! The request as a receiver checks it: over the raw body, with the headers that came with it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use nightbell_plugin::http::{Request, Response};
use nightbell_plugin::secret::{self, Algorithm};
use nightbell_plugin::testing::Host;
use nightbell_plugin::{
    AnswerLinks, Channel, Event, Incident, Notification, Purpose, Receipt, Urgency,
};
use nightbell_plugin_webhook::{Settings, Webhook};

fn notification() -> Notification {
    Notification {
        id: "dlv_01".to_owned(),
        attempt: 1,
        purpose: Purpose::Page,
        created_at: 1_767_603_600_000,
        now: 1_767_603_600_999,
        address: "https://hooks.example.org/nightbell".to_owned(),
        person: "alice".to_owned(),
        person_name: "Alice".to_owned(),
        language: "en".to_owned(),
        reason: "on call for primary".to_owned(),
        incident: Incident {
            id: "inc_7".to_owned(),
            number: 42,
            title: "東京 \u{1b} \"down\"".to_owned(),
            status: "triggered".to_owned(),
            urgency: Urgency::High,
            priority: None,
            service: "shop".to_owned(),
            service_name: "Shop".to_owned(),
            created_at: i64::MAX,
            alerts: vec![],
            alert_count: 0,
            answered_by: vec![],
        },
        event: Event::trigger("down").details_json(r#"{"exact": 12345678901234567890123}"#),
        answers: AnswerLinks { view: None, acknowledge: None, resolve: None },
        callback_url: None,
        thread: None,
        update: String::new(),
    }
}

fn delivered(notification: Notification) -> (Host, Request) {
    let host = Host::install();
    host.secret("signing", *b"a secret of the test");
    host.answer_http(Ok(Response { status: 200, headers: vec![], body: vec![] }));
    let receipt = Webhook::new(Settings::default()).deliver(notification);
    assert_eq!(receipt, Ok(Receipt::delivered()));
    let request = host.requests().remove(0);
    (host, request)
}

fn header<'a>(request: &'a Request, name: &str) -> &'a str {
    let found = request.headers.iter().find(|header| header.name == name);
    &found.expect("the header is there").value
}

#[test]
fn the_signature_covers_id_timestamp_and_raw_body() {
    let (_host, request) = delivered(notification());
    let signature = header(&request, "webhook-signature").strip_prefix("v1,").expect("version 1");
    let signature = STANDARD.decode(signature).expect("base64");
    let mut signed = format!("dlv_01.{}.", header(&request, "webhook-timestamp")).into_bytes();
    signed.extend_from_slice(&request.body);
    assert_eq!(header(&request, "webhook-timestamp"), "1767603600");
    assert_eq!(secret::verify("signing", Algorithm::HmacSha256, &signed, &signature), Ok(true));
    signed.push(b' ');
    assert_eq!(secret::verify("signing", Algorithm::HmacSha256, &signed, &signature), Ok(false));
}

#[test]
fn details_arrive_to_the_letter() {
    let (_host, request) = delivered(notification());
    let body = String::from_utf8(request.body).expect("JSON is text");
    assert!(body.contains(r#""details":{"exact": 12345678901234567890123}"#), "{body}");
}

#[test]
fn details_that_are_no_json_are_text() {
    let mut odd = notification();
    odd.event.details = "{\"cut".to_owned();
    let (_host, request) = delivered(odd);
    let body: serde_json::Value = serde_json::from_slice(&request.body).expect("JSON");
    assert_eq!(body["event"]["details"], "{\"cut");
}
