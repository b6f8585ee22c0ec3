//! What people decide about how they are told, through the API: codes, tests, preferences; each their own, and nobody else's.

use super::{add_address, get};
use crate::server::fixture::Fixture;
use crate::ui::answer::CodeFor;
use nightbell_core::model::{PersonId, TokenKind};
use nightbell_core::notify;
use serde_json::{Value, json};

async fn of_person(fixture: &Fixture, id: &str) -> String {
    fixture.token(TokenKind::Person(id.into())).await
}

/// The code that alice was sent, as the shell makes it for the message.
fn code(fixture: &Fixture, method: &str) -> String {
    let alice: PersonId = "alice".into();
    let (method, salt) = fixture.doors.door.view(|view| {
        let methods = notify::profile(view, &alice).methods;
        let method = methods.into_iter().find(|one| one.id.as_str() == method).expect("a method");
        let check = view.state.people().check(&alice, &method).expect("something is known");
        let salt = check.code.as_ref().expect("a code").salt;
        (method.id, salt)
    });
    fixture.doors.links.code(&CodeFor { person: &alice, method: &method, salt: &salt })
}

async fn post(fixture: &Fixture, token: &str, path: &str, body: Value) -> (u16, Value) {
    let path = format!("/api/v1/people/{path}");
    let answered = fixture.call("POST", &path, token, Some(body)).await;
    (answered.status.as_u16(), answered.json())
}

#[tokio::test]
async fn a_person_verifies_their_own_address_with_the_code_that_came() {
    let fixture = Fixture::new();
    let alice = of_person(&fixture, "alice").await;
    let (_, made) = add_address(&fixture, &alice, "alice@home.example").await;
    let id = made["id"].as_str().expect("an id").to_owned();
    let path = format!("me/contact-methods/{id}/verification");
    let (status, sent) = post(&fixture, &alice, &path, json!({})).await;
    assert_eq!((status, &sent["verified"]), (202, &json!(false)), "{sent}");
    assert_eq!(sent["code_expires_at"], "2026-03-02T03:14:05Z");
    let right = code(&fixture, &id);
    let wrong = if right == "000000" { "000001" } else { "000000" };
    let confirm = format!("{path}/confirm");
    let (status, said) = post(&fixture, &alice, &confirm, json!({ "code": wrong })).await;
    assert_eq!((status, &said["field"]), (422, &json!("code")));
    assert_eq!(said["detail"], "this is not the code that was sent: 4 tries are left");
    let (status, done) = post(&fixture, &alice, &confirm, json!({ "code": right })).await;
    assert_eq!((status, &done["verified"]), (200, &json!(true)), "{done}");
    let (status, said) = post(&fixture, &alice, &confirm, json!({ "code": right })).await;
    assert_eq!(status, 409, "it works once: {said}");
    let codes = fixture.doors.door.view(|view| {
        let told = view.state.deliveries().filter_map(|delivery| delivery.notice().cloned());
        told.filter(|notice| format!("{notice:?}").contains(&right)).count()
    });
    assert_eq!(codes, 0, "no code is written down");
}

#[tokio::test]
async fn codes_and_tests_are_limited_and_say_when_again() {
    let fixture = Fixture::new();
    let alice = of_person(&fixture, "alice").await;
    let (_, made) = add_address(&fixture, &alice, "alice@home.example").await;
    let path = format!("me/contact-methods/{}/verification", made["id"].as_str().expect("an id"));
    for _ in 0..3 {
        assert_eq!(post(&fixture, &alice, &path, json!({})).await.0, 202);
    }
    let whole = format!("/api/v1/people/{path}");
    let answered = fixture.call("POST", &whole, &alice, Some(json!({}))).await;
    assert_eq!((answered.status.as_u16(), answered.header("retry-after")), (429, "3600"));
    let detail = answered.json()["detail"].clone();
    let expected = "at most 3 codes to one contact method an hour: ask again after";
    assert!(detail.as_str().is_some_and(|detail| detail.contains(expected)), "{detail}");
    for _ in 0..5 {
        let (status, shown) =
            post(&fixture, &alice, "me/contact-methods/email/test", json!({})).await;
        assert_eq!((status, &shown["test"]["status"]), (202, &json!("under-way")));
    }
    assert_eq!(post(&fixture, &alice, "me/contact-methods/email/test", json!({})).await.0, 429);
}

#[tokio::test]
async fn nobody_touches_what_is_another_persons() {
    let fixture = Fixture::new();
    let bob = of_person(&fixture, "bob").await;
    for path in [
        "alice/contact-methods/email/verification",
        "alice/contact-methods/email/verification/confirm",
        "alice/contact-methods/email/test",
    ] {
        let body = json!({ "code": "123456" });
        let body = if path.ends_with("confirm") { body } else { json!({}) };
        let (status, said) = post(&fixture, &bob, path, body).await;
        assert_eq!(status, 403, "{path}: {said}");
        assert!(said["detail"].as_str().is_some_and(|why| why.contains("person themself")));
    }
    let path = "/api/v1/people/alice/preferences";
    let answered = fixture.call("PATCH", path, &bob, Some(json!({ "language": "ja" }))).await;
    assert_eq!(answered.status.as_u16(), 403);
    assert_eq!(get(&fixture, &bob, "/people/alice").await["language"], "en");
    let own = get(&fixture, &bob, "/people/me").await;
    assert_eq!(own["id"], "bob");
    let read = fixture.token(TokenKind::Read).await;
    let answered = fixture.call("GET", "/api/v1/people/me", &read, None).await;
    assert_eq!(answered.status.as_u16(), 404, "a read token is nobody's");
}

#[tokio::test]
async fn preferences_are_chosen_one_by_one() {
    let fixture = Fixture::new();
    let alice = of_person(&fixture, "alice").await;
    let path = "/api/v1/people/me/preferences";
    let quiet = json!([
        { "from": "22:00", "to": "07:00" },
        { "days": ["sat", "sun"], "from": "00:00", "to": "10:00", "breakthrough": "P2" },
    ]);
    for body in [
        json!({ "language": "ja" }),
        json!({ "quiet_hours": quiet }),
        json!({ "channels": [{ "channel": "email", "status_updates": false }] }),
    ] {
        let answered = fixture.call("PATCH", path, &alice, Some(body)).await;
        assert_eq!(answered.status.as_u16(), 200, "{answered:?}");
    }
    let shown = get(&fixture, &alice, "/people/alice/preferences").await;
    assert_eq!(shown["language"], "ja");
    assert_eq!(shown["quiet_hours"][0]["breakthrough"], "high");
    assert_eq!(shown["quiet_hours"][0]["days"].as_array().map(Vec::len), Some(7));
    assert_eq!(shown["quiet_hours"][1]["days"], json!(["sat", "sun"]));
    assert_eq!(
        shown["channels"][0],
        json!({ "channel": "email", "status_updates": false, "resolve_notices": true })
    );
    assert_eq!(get(&fixture, &alice, "/people/me").await["language"], "ja");
    let answered = fixture.call("PATCH", path, &alice, Some(json!({ "language": null }))).await;
    assert_eq!(answered.json()["language"], Value::Null);
}

#[tokio::test]
async fn a_preference_that_cannot_be_says_what_was_expected() {
    let fixture = Fixture::new();
    let alice = of_person(&fixture, "alice").await;
    let quiet = |change: Value| {
        let mut hours = json!({ "from": "22:00", "to": "07:00" });
        let change = change.as_object().expect("an object").clone();
        hours.as_object_mut().expect("an object").extend(change);
        json!({ "quiet_hours": [hours] })
    };
    for (body, expected) in [
        (json!({ "language": "klingon" }), "expected `en`, `ja`"),
        (quiet(json!({ "from": "25:00" })), "`quiet_hours.from`"),
        (quiet(json!({ "to": "7" })), "`quiet_hours.to`"),
        (quiet(json!({ "days": [] })), "at least one day"),
        (quiet(json!({ "days": ["someday"] })), "`mon`"),
        (quiet(json!({ "breakthrough": "P9" })), "`P1` to `P5`"),
        (json!({ "channels": [{ "channel": "pigeon" }] }), "expected a channel plugin"),
        (json!({ "colour": "red" }), "unknown field"),
    ] {
        let path = "/api/v1/people/me/preferences";
        let answered = fixture.call("PATCH", path, &alice, Some(body.clone())).await;
        assert_eq!(answered.status.as_u16(), 422, "{body}: {answered:?}");
        let detail = answered.json()["detail"].clone();
        assert!(detail.as_str().is_some_and(|why| why.contains(expected)), "{body}: {detail}");
    }
}

#[tokio::test]
async fn reach_names_the_hours_in_which_nobody_would_be_told() {
    let fixture = Fixture::new();
    let alice = of_person(&fixture, "alice").await;
    let whole = get(&fixture, &alice, "/reach?days=2&within=10m").await;
    assert_eq!((&whole["items"], &whole["complete"]), (&json!([]), &json!(true)), "{whole}");
    let quiet =
        json!({ "quiet_hours": [{ "from": "00:00", "to": "00:00", "breakthrough": "nothing" }] });
    for who in ["alice", "bob"] {
        let path = format!("/api/v1/people/{who}/preferences");
        let token = of_person(&fixture, who).await;
        let answered = fixture.call("PATCH", &path, &token, Some(quiet.clone())).await;
        assert_eq!(answered.status.as_u16(), 200, "{answered:?}");
    }
    let found = get(&fixture, &alice, "/reach?days=2&within=10m&urgency=high").await;
    let hole = &found["items"][0];
    assert_eq!(hole["service"], "shop", "{found}");
    let reasons = hole["reasons"].to_string();
    assert!(reasons.contains("quiet hours of"), "{reasons}");
    for (query, expected) in
        [("days=0", "1 to 90"), ("within=2d", "at most a day"), ("urgency=loud", "`high` or `low`")]
    {
        let path = format!("/api/v1/reach?{query}");
        let answered = fixture.call("GET", &path, &alice, None).await;
        assert_eq!(answered.status.as_u16(), 422, "{query}");
        assert!(answered.json()["detail"].as_str().is_some_and(|why| why.contains(expected)));
    }
}
