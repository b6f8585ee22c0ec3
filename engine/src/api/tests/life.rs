//! Merging, splitting, priority, followers, status updates, doors; and what analytics says of all that.

use super::{admin, get};
use crate::server::fixture::{Answered, Fixture};
use axum::body::Body;
use axum::http::Request;
use nightbell_core::model::TokenKind;
use serde_json::{Value, json};

async fn post(fixture: &Fixture, token: &str, path: &str, body: Value) -> Answered {
    fixture.call("POST", &format!("/api/v1{path}"), token, Some(body)).await
}

async fn done(fixture: &Fixture, token: &str, path: &str, body: Value) -> Value {
    let answered = post(fixture, token, path, body).await;
    assert_eq!(answered.status.as_u16(), 200, "{path}: {answered:?}");
    answered.json()
}

#[tokio::test]
async fn merged_incidents_name_each_other_and_a_split_takes_alerts_out_again() {
    let fixture = Fixture::new();
    let token = admin(&fixture).await;
    fixture.incident().await;
    fixture.incident().await;
    let target = done(&fixture, &token, "/incidents/1/merge", json!({"incidents": [2]})).await;
    assert_eq!((&target["merged"], &target["alert_count"]), (&json!([2]), &json!(2)));
    let merged = get(&fixture, &token, "/incidents/2").await;
    assert_eq!(
        (&merged["status"], &merged["merged_into"], &merged["resolved_by"]),
        (&json!("resolved"), &json!(1), &Value::Null)
    );
    assert_eq!(merged["alerts"][0]["status"], "moved");
    let again = post(&fixture, &token, "/incidents/1/merge", json!({"incidents": [2]})).await;
    assert_eq!(again.status.as_u16(), 409, "it is resolved: {again:?}");

    let second = &target["alerts"][1];
    let named = json!({"integration": second["integration"], "dedup_key": second["dedup_key"]});
    let new = done(&fixture, &token, "/incidents/1/split", json!({"alerts": [named]})).await;
    assert_eq!((&new["number"], &new["split_from"]), (&json!(3), &json!(1)));
    assert_eq!(new["alerts"][0]["dedup_key"], second["dedup_key"]);
    let rest = target["alerts"][0].clone();
    let all = json!({"integration": rest["integration"], "dedup_key": rest["dedup_key"]});
    for (alerts, status) in [
        (json!([all]), 422),
        (json!([]), 422),
        (json!([{"integration": "x", "dedup_key": "y"}]), 404),
    ] {
        let refused = post(&fixture, &token, "/incidents/1/split", json!({"alerts": alerts})).await;
        assert_eq!(refused.status.as_u16(), status, "{alerts}: {refused:?}");
    }
    let lines = get(&fixture, &token, "/incidents/1/timeline").await.to_string();
    assert!(lines.contains("merged incident 2 into it, with one alert: disk"), "{lines}");
    assert!(lines.contains("split one alert off, into incident 3."), "{lines}");
}

#[tokio::test]
async fn people_follow_by_their_own_will_and_admins_let_anybody() {
    let fixture = Fixture::new();
    fixture.incident().await;
    let alice = fixture.token(TokenKind::Person("alice".into())).await;
    let root = admin(&fixture).await;
    let path = "/incidents/1/subscribers";
    let shown = done(&fixture, &alice, path, json!({})).await;
    assert_eq!(shown["subscribers"], json!(["alice"]));
    let shown = done(&fixture, &root, path, json!({"person": "bob"})).await;
    assert_eq!(shown["subscribers"], json!(["alice", "bob"]));
    for (token, body, status) in [
        (&alice, json!({"person": "bob"}), 403),
        (&root, json!({}), 422),
        (&root, json!({"person": "nobody"}), 422),
    ] {
        assert_eq!(post(&fixture, token, path, body).await.status.as_u16(), status);
    }
    let gone = |token: String, who: &'static str| {
        let path = format!("/api/v1/incidents/1/subscribers/{who}");
        let fixture = &fixture;
        async move { fixture.call("DELETE", &path, &token, None).await.status.as_u16() }
    };
    assert_eq!(gone(alice.clone(), "bob").await, 403);
    assert_eq!(gone(alice.clone(), "alice").await, 200);
    assert_eq!(gone(alice, "alice").await, 404);
}

#[tokio::test]
async fn priority_and_updates_are_checked_and_told_on_the_timeline_with_their_door() {
    let fixture = Fixture::new();
    fixture.incident().await;
    let alice = fixture.token(TokenKind::Person("alice".into())).await;
    let shown = done(&fixture, &alice, "/incidents/1/priority", json!({"priority": "p1"})).await;
    assert_eq!(shown["priority"], "P1");
    done(&fixture, &alice, "/incidents/1/updates", json!({"text": "a disk comes by bicycle"}))
        .await;
    for (path, body) in [("priority", json!({"priority": "P9"})), ("updates", json!({"text": " "}))]
    {
        let refused = post(&fixture, &alice, &format!("/incidents/1/{path}"), body).await;
        assert_eq!(refused.status.as_u16(), 422, "{refused:?}");
    }
    let request = Request::post("/api/v1/incidents/1/acknowledge")
        .header("authorization", format!("Bearer {alice}"))
        .header("user-agent", "nightbell-cli/9.9");
    fixture.send(request.body(Body::empty()).expect("a request")).await;
    let lines = get(&fixture, &alice, "/incidents/1/timeline").await;
    let lines = lines["items"].as_array().expect("items");
    let line = |kind: &str| lines.iter().find(|line| line["kind"] == kind).expect("a line");
    assert_eq!(line("priority-changed")["text"], "Alice set the priority to P1.");
    assert_eq!(line("status-update")["text"], "Alice told how it stands: a disk comes by bicycle");
    assert_eq!(line("opened")["via"], "monitor");
    assert_eq!(line("priority-changed")["via"], "api");
    assert_eq!(line("acknowledged")["via"], "cli");
    assert_eq!(line("paged")["via"], Value::Null);
}

#[tokio::test]
async fn analytics_counts_a_range_by_service_and_by_person() {
    let fixture = Fixture::new();
    let alice = fixture.token(TokenKind::Person("alice".into())).await;
    for _ in 0..3 {
        fixture.incident().await;
    }
    fixture.call("POST", "/api/v1/incidents/1/acknowledge", &alice, None).await;
    fixture.call("POST", "/api/v1/incidents/2/resolve", &alice, None).await;
    let report = get(&fixture, &alice, "/analytics").await;
    assert_eq!((&report["by"], &report["complete"]), (&json!("service"), &json!(true)));
    // The clock of this test stands still: what opened now is not before now.
    assert_eq!(report["total"]["incidents"], 0);
    let range = "from=2026-03-02T03:04:05Z&to=2026-03-02T03:04:06Z";
    let report = get(&fixture, &alice, &format!("/analytics?{range}")).await;
    let shop = &report["items"][0];
    assert_eq!((&shop["key"], &shop["name"]), (&json!("shop"), &json!("Shop <b>")));
    for (field, value) in
        [("incidents", 3), ("acknowledged", 1), ("resolved", 1), ("triggered", 1), ("pages", 0)]
    {
        assert_eq!(
            (&shop[field], &report["total"][field]),
            (&json!(value), &json!(value)),
            "{field}"
        );
    }
    let zero = json!({"count": 1, "mean_seconds": 0, "p50_seconds": 0, "p90_seconds": 0, "max_seconds": 0});
    assert_eq!((&shop["time_to_acknowledge"], &shop["time_to_first_page"]), (&zero, &Value::Null));
    let report = get(&fixture, &alice, &format!("/analytics?by=person&{range}")).await;
    assert_eq!(report["items"].as_array().map(Vec::len), Some(1));
    assert_eq!(
        (&report["items"][0]["key"], &report["items"][0]["acknowledged"]),
        (&json!("alice"), &json!(1))
    );
    for query in ["by=room", "from=2026-03-03T00:00:00Z&to=2026-03-02T00:00:00Z", "from=soon"] {
        let path = format!("/api/v1/analytics?{query}");
        assert_eq!(fixture.call("GET", &path, &alice, None).await.status.as_u16(), 400, "{query}");
    }
}
