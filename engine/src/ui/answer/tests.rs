//! Answer links and channel answers, through the real router and the real `decide`.

use super::Answering;
use crate::plugin::{Answer, AnswerAction, Reply};
use crate::server::fixture::{Answered, Fixture, now};
use axum::body::Body;
use axum::http::Request;
use nightbell_core::model::{Change, IncidentStatus, PersonId};
use serde_json::Value;
use std::sync::Arc;

mod hooks;

/// A link as a notification carries it: the page of the first delivery.
async fn link(fixture: &Fixture) -> String {
    let id = fixture.incident().await;
    let deliveries = fixture.doors.door.store().deliveries(id).await.expect("deliveries");
    let delivery = &deliveries[0];
    fixture.doors.links.mint(
        &Answering { delivery: delivery.id.clone(), incident: id, person: delivery.person.clone() },
        now(),
    )
}

async fn press(fixture: &Fixture, token: &str, action: &str) -> Answered {
    let request = Request::post(format!("/answer/{token}"))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Body::from(format!("action={action}")))
        .expect("a request");
    fixture.send(request).await
}

fn status(fixture: &Fixture) -> Option<IncidentStatus> {
    fixture.doors.door.view(|view| view.state.incidents().last().map(|incident| incident.status))
}

#[tokio::test]
async fn looking_never_acts() {
    let fixture = Fixture::new();
    let token = link(&fixture).await;
    for method in ["GET", "HEAD", "GET"] {
        let path = format!("/answer/{token}?action=acknowledge");
        let answered = fixture.call(method, &path, "", None).await;
        assert_eq!(answered.status.as_u16(), 200);
        assert_eq!(status(&fixture), Some(IncidentStatus::Triggered), "{method}");
        assert_eq!(answered.header("cache-control"), "no-store");
        let policy = answered.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'; style-src 'self'"), "{policy}");
        assert!(!policy.contains("unsafe"));
        if method == "GET" {
            let html = answered.text();
            for wanted in [
                "disk &#60;full&#62;",
                "Shop &#60;b&#62;",
                "value=\"acknowledge\"",
                "Alice",
                "12:04",
            ] {
                assert!(html.contains(wanted), "{wanted}: {html}");
            }
            for never in ["<script", "style=", "<full>"] {
                assert!(!html.contains(never), "{never}: {html}");
            }
        }
    }
}

#[tokio::test]
async fn a_press_acts_as_the_person_of_the_link_and_shows_it() {
    let fixture = Fixture::new();
    let token = link(&fixture).await;
    let answered = press(&fixture, &token, "acknowledge").await;
    assert_eq!(answered.status.as_u16(), 200);
    assert!(answered.text().contains("You have acknowledged this incident."));
    assert!(answered.text().contains("Acknowledged by Alice"));
    assert!(!answered.text().contains("value=\"acknowledge\""));
    let by = fixture.doors.door.view(|view| {
        view.state.incidents().last().and_then(|incident| incident.acknowledged_by.clone())
    });
    assert_eq!(by.as_deref(), Some("alice"));
    let answered = press(&fixture, &token, "resolve").await;
    assert!(answered.text().contains("You have resolved this incident."));
    assert!(answered.text().contains("This incident is over."));
    assert_eq!(status(&fixture), None);
    // Pressed again, from a page that is still open somewhere.
    let answered = press(&fixture, &token, "acknowledge").await;
    assert_eq!(answered.status.as_u16(), 200);
    assert!(answered.text().contains("This incident is over."));
}

#[tokio::test]
async fn a_wrong_form_or_link_changes_nothing_and_says_so_kindly() {
    let fixture = Fixture::new();
    let token = link(&fixture).await;
    for action in ["", "explode", "acknowledge&action=resolve"] {
        let answered = press(&fixture, &token, action).await;
        assert_eq!(answered.status.as_u16(), 400, "{action}");
    }
    let wrong = fixture.call("POST", &format!("/answer/{token}"), "", Some(Value::Null)).await;
    assert_eq!(wrong.status.as_u16(), 400);
    let forged = press(&fixture, &format!("{token}A"), "acknowledge").await;
    assert_eq!(forged.status.as_u16(), 404);
    assert!(forged.text().contains("This link does not work"));
    let day = jiff::SignedDuration::from_hours(24);
    let answering = fixture.doors.links.verify(&token, now()).expect("valid");
    let old = fixture.doors.links.mint(&answering, now() - day);
    let expired = press(&fixture, &old, "acknowledge").await;
    assert_eq!(expired.status.as_u16(), 410);
    assert!(expired.text().contains("This link has expired"));
    let ghost = Answering { person: PersonId::new("ghost"), ..answering };
    let gone = press(&fixture, &fixture.doors.links.mint(&ghost, now()), "acknowledge").await;
    assert_eq!(gone.status.as_u16(), 410);
    assert_eq!(status(&fixture), Some(IncidentStatus::Triggered));
}

async fn hook(fixture: &Fixture, path: &str) -> Answered {
    let request = Request::post(path)
        .header("x-signature", "s")
        .header("cookie", "c")
        .body(Body::from("Digits=1"))
        .expect("a request");
    fixture.send(request).await
}

#[tokio::test]
async fn a_channels_answer_acts_as_the_person_of_its_delivery() {
    let fixture = Fixture::new();
    let token = link(&fixture).await;
    let answered = hook(&fixture, &format!("/hooks/email/{token}?a=1")).await;
    assert_eq!((answered.status.as_u16(), answered.text()), (200, "<ok/>"));
    let by = fixture.doors.door.view(|view| {
        view.state.incidents().last().and_then(|incident| incident.acknowledged_by.clone())
    });
    assert_eq!(by.as_deref(), Some("alice"));
    let called = fixture.plugins.called.lock().expect("no panic");
    let request = &called[0];
    assert_eq!(request.url, format!("http://127.0.0.1:7171/hooks/email/{token}?a=1"));
    assert_eq!((&*request.method, &request.body[..]), ("POST", &b"Digits=1"[..]));
    assert!(request.delivery.is_some());
    let names: Vec<&str> = request.headers.iter().map(|(name, _)| &**name).collect();
    assert!(names.contains(&"x-signature") && !names.contains(&"cookie"));
}

#[tokio::test]
async fn an_answer_acts_only_on_its_own_delivery_and_channel() {
    let fixture = Fixture::new();
    let token = link(&fixture).await;
    for (path, code) in [
        (format!("/hooks/webhook/{token}"), 404),
        ("/hooks/email/nonsense".to_owned(), 404),
        (format!("/hooks/email/{token}x"), 404),
    ] {
        assert_eq!(hook(&fixture, &path).await.status.as_u16(), code, "{path}");
    }
    let reply = Reply { status: 200, content_type: String::new(), body: "".into() };
    let other = Answer {
        action: AnswerAction::Acknowledge,
        delivery: Some("another".into()),
        account: None,
        reply,
        changes: Vec::new(),
    };
    *fixture.plugins.answer.lock().expect("no panic") = Some(other);
    assert_eq!(hook(&fixture, &format!("/hooks/email/{token}")).await.status.as_u16(), 409);
    assert_eq!(status(&fixture), Some(IncidentStatus::Triggered));
}

#[tokio::test]
async fn i03_what_a_channel_wrote_joins_the_commit_even_when_nothing_is_done() {
    let fixture = Fixture::new();
    let token = link(&fixture).await;
    let value = Some((Arc::from(&b"v"[..]), None));
    let reply = Reply { status: 204, content_type: String::new(), body: "".into() };
    *fixture.plugins.answer.lock().expect("no panic") = Some(Answer {
        action: AnswerAction::Nothing,
        delivery: None,
        account: None,
        reply,
        changes: vec![Change::PluginState { plugin: "email".into(), key: "k".to_owned(), value }],
    });
    let answered = hook(&fixture, &format!("/hooks/email/{token}")).await;
    assert_eq!(answered.status.as_u16(), 204);
    let kept = fixture.doors.door.view(|view| view.state.plugin_state("email").is_some());
    assert!(kept);
    assert_eq!(status(&fixture), Some(IncidentStatus::Triggered));
}

#[tokio::test]
async fn the_style_sheet_is_our_own() {
    let answered = Fixture::new().call("GET", "/assets/style.css", "", None).await;
    assert_eq!(answered.header("content-type"), "text/css; charset=utf-8");
    assert!(answered.text().contains("prefers-color-scheme: dark"));
}
