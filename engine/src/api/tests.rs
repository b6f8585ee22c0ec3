//! The API through the real router and the real `decide`.

use crate::plugin::Failure;
use crate::server::fixture::{Fixture, KEY, parsed, parsed_event};
use nightbell_core::model::{FailureKind, PersonId, TokenKind};
use serde_json::{Value, json};
use std::collections::BTreeSet;

mod life;
mod people;

/// Who may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum May {
    /// Any token.
    Read,
    /// Any person and admins.
    Person,
    /// Alice, whose it is, and admins.
    Own,
    /// Admins.
    Admin,
}

/// Every route of the API: method, path as described, path to call, body, and who may.
fn table() -> Vec<(&'static str, &'static str, &'static str, Option<Value>, May)> {
    use May::{Admin, Own, Person, Read};
    let soon = json!({ "starts_at": "2026-03-03T00:00:00Z", "ends_at": "2026-03-04T00:00:00Z", "person": "bob" });
    let offer = json!({ "from": "alice", "gives": { "schedule": "primary",
        "starts_at": "2026-03-03T00:00:00Z", "ends_at": "2026-03-04T00:00:00Z" } });
    let away = json!({ "starts_at": "2026-03-03T00:00:00Z", "ends_at": "2026-03-04T00:00:00Z" });
    let xmas = json!({ "name": "x", "starts_at": "2026-03-03T00:00:00Z",
        "ends_at": "2026-03-04T00:00:00Z", "shifts": [] });
    let mute = json!({ "matchers": ["team=x"], "for": "1h", "comment": "c" });
    let work = json!({ "services": ["shop"], "for": "1h", "comment": "c" });
    vec![
        ("GET", "/status", "/status", None, Read),
        ("GET", "/incidents", "/incidents", None, Read),
        ("GET", "/incidents/{id}", "/incidents/1", None, Read),
        ("GET", "/incidents/{id}/timeline", "/incidents/1/timeline", None, Read),
        ("POST", "/incidents/{id}/acknowledge", "/incidents/1/acknowledge", None, Person),
        (
            "POST",
            "/incidents/{id}/snooze",
            "/incidents/1/snooze",
            Some(json!({"for":"1h"})),
            Person,
        ),
        (
            "POST",
            "/incidents/{id}/reassign",
            "/incidents/1/reassign",
            Some(json!({"to":"bob"})),
            Person,
        ),
        ("POST", "/incidents/{id}/escalate", "/incidents/1/escalate", None, Person),
        ("POST", "/incidents/{id}/notes", "/incidents/1/notes", Some(json!({"text":"n"})), Person),
        (
            "POST",
            "/incidents/{id}/priority",
            "/incidents/1/priority",
            Some(json!({"priority":"P2"})),
            Person,
        ),
        (
            "POST",
            "/incidents/{id}/subscribers",
            "/incidents/1/subscribers",
            Some(json!({"person":"alice"})),
            Own,
        ),
        (
            "DELETE",
            "/incidents/{id}/subscribers/{person}",
            "/incidents/1/subscribers/alice",
            None,
            Own,
        ),
        (
            "POST",
            "/incidents/{id}/updates",
            "/incidents/1/updates",
            Some(json!({"text":"n"})),
            Person,
        ),
        ("POST", "/incidents/{id}/split", "/incidents/1/split", Some(json!({"alerts":[]})), Person),
        (
            "POST",
            "/incidents/{id}/merge",
            "/incidents/1/merge",
            Some(json!({"incidents":[2]})),
            Person,
        ),
        ("GET", "/analytics", "/analytics?by=person", None, Read),
        ("POST", "/incidents/{id}/resolve", "/incidents/2/resolve", None, Person),
        ("GET", "/events", "/events", None, Read),
        ("GET", "/events/{id}/explain", "/events/1/explain", None, Read),
        ("GET", "/plugins", "/plugins", None, Read),
        ("GET", "/channels", "/channels", None, Read),
        ("GET", "/plugins/{name}", "/plugins/mute", None, Read),
        ("GET", "/plugins/{name}/logs", "/plugins/mute/logs", None, Read),
        ("GET", "/plugins/{name}/differences", "/plugins/mute/differences", None, Read),
        ("POST", "/plugins/{name}/reset", "/plugins/mute/reset", None, Admin),
        ("GET", "/channels/{name}/hook", "/channels/email/hook", None, Admin),
        ("GET", "/oncall", "/oncall", None, Read),
        ("GET", "/people", "/people", None, Read),
        ("GET", "/people/{id}", "/people/alice", None, Read),
        ("GET", "/reach", "/reach?days=1", None, Read),
        ("GET", "/people/{id}/preferences", "/people/alice/preferences", None, Read),
        (
            "PATCH",
            "/people/{id}/preferences",
            "/people/alice/preferences",
            Some(json!({"language":"ja"})),
            Own,
        ),
        (
            "POST",
            "/people/{id}/contact-methods/{method}/verification",
            "/people/alice/contact-methods/none/verification",
            None,
            Own,
        ),
        (
            "POST",
            "/people/{id}/contact-methods/{method}/verification/confirm",
            "/people/alice/contact-methods/none/verification/confirm",
            Some(json!({"code":"123456"})),
            Own,
        ),
        (
            "POST",
            "/people/{id}/contact-methods/{method}/test",
            "/people/alice/contact-methods/none/test",
            None,
            Own,
        ),
        ("GET", "/people/{id}/contact-methods", "/people/alice/contact-methods", None, Read),
        (
            "POST",
            "/people/{id}/contact-methods",
            "/people/alice/contact-methods",
            Some(json!({"channel":"email","address":"a@b"})),
            Own,
        ),
        ("GET", "/people/{id}/notification-rules", "/people/alice/notification-rules", None, Read),
        (
            "PUT",
            "/people/{id}/notification-rules",
            "/people/alice/notification-rules",
            Some(json!([])),
            Own,
        ),
        (
            "DELETE",
            "/people/{id}/contact-methods/{method}",
            "/people/alice/contact-methods/none",
            None,
            Own,
        ),
        ("GET", "/services", "/services", None, Read),
        ("GET", "/integrations", "/integrations", None, Read),
        ("GET", "/policies", "/policies", None, Read),
        ("GET", "/policies/{id}/explain", "/policies/shop/explain", None, Read),
        (
            "POST",
            "/incidents/{id}/responders",
            "/incidents/1/responders",
            Some(json!({"people":["bob"]})),
            Person,
        ),
        ("GET", "/schedules", "/schedules", None, Read),
        ("GET", "/schedules/{id}/shifts", "/schedules/primary/shifts", None, Read),
        ("GET", "/schedules/{id}/gaps", "/schedules/primary/gaps", None, Read),
        ("GET", "/schedules/{id}/overrides", "/schedules/primary/overrides", None, Read),
        ("POST", "/schedules/{id}/overrides", "/schedules/primary/overrides", Some(soon), Person),
        (
            "DELETE",
            "/schedules/{id}/overrides/{override}",
            "/schedules/primary/overrides/none",
            None,
            Person,
        ),
        ("GET", "/schedules/{id}/outlook", "/schedules/primary/outlook", None, Read),
        ("GET", "/schedules/{id}/fairness", "/schedules/primary/fairness", None, Read),
        ("GET", "/schedules/{id}/temporaries", "/schedules/primary/temporaries", None, Read),
        (
            "POST",
            "/schedules/{id}/temporaries",
            "/schedules/primary/temporaries",
            Some(xmas),
            Person,
        ),
        (
            "DELETE",
            "/schedules/{id}/temporaries/{temporary}",
            "/schedules/primary/temporaries/none",
            None,
            Person,
        ),
        ("GET", "/schedules/{id}/feeds", "/schedules/primary/feeds", None, Read),
        (
            "POST",
            "/schedules/{id}/feeds",
            "/schedules/primary/feeds",
            Some(json!({"name":"x"})),
            Person,
        ),
        ("GET", "/people/{id}/feeds", "/people/alice/feeds", None, Read),
        ("POST", "/people/{id}/feeds", "/people/alice/feeds", Some(json!({"name":"x"})), Own),
        ("DELETE", "/feeds/{id}", "/feeds/none", None, Person),
        ("GET", "/people/{id}/absences", "/people/alice/absences", None, Read),
        ("POST", "/people/{id}/absences", "/people/alice/absences", Some(away), Own),
        ("DELETE", "/people/{id}/absences/{absence}", "/people/alice/absences/none", None, Own),
        ("POST", "/people/{id}/absences/import", "/people/alice/absences/import", None, Own),
        ("GET", "/people/{id}/handoff-notices", "/people/alice/handoff-notices", None, Read),
        (
            "PUT",
            "/people/{id}/handoff-notices",
            "/people/alice/handoff-notices",
            Some(json!({"at_start":true,"at_end":false})),
            Own,
        ),
        ("GET", "/swaps", "/swaps", None, Read),
        ("POST", "/swaps", "/swaps", Some(offer), Own),
        ("GET", "/swaps/{id}", "/swaps/none", None, Read),
        ("POST", "/swaps/{id}/accept", "/swaps/none/accept", None, Person),
        ("POST", "/swaps/{id}/decline", "/swaps/none/decline", None, Person),
        ("POST", "/swaps/{id}/withdraw", "/swaps/none/withdraw", None, Person),
        ("GET", "/silences", "/silences", None, Read),
        ("POST", "/silences", "/silences", Some(mute.clone()), Admin),
        ("PUT", "/silences/{id}", "/silences/none", Some(mute.clone()), Admin),
        ("DELETE", "/silences/{id}", "/silences/none", None, Admin),
        (
            "POST",
            "/silences/preview",
            "/silences/preview",
            Some(json!({"matchers":["a=b"]})),
            Person,
        ),
        ("GET", "/maintenance-windows", "/maintenance-windows", None, Read),
        ("POST", "/maintenance-windows", "/maintenance-windows", Some(work.clone()), Admin),
        ("PUT", "/maintenance-windows/{id}", "/maintenance-windows/none", Some(work), Admin),
        ("DELETE", "/maintenance-windows/{id}", "/maintenance-windows/none", None, Admin),
        (
            "POST",
            "/maintenance-windows/preview",
            "/maintenance-windows/preview",
            Some(json!({"services":["shop"]})),
            Person,
        ),
        ("GET", "/deliveries", "/deliveries?incident=1", None, Read),
        ("GET", "/tokens", "/tokens", None, Admin),
        ("POST", "/tokens", "/tokens", Some(json!({"kind":"read","name":"x"})), Admin),
        ("DELETE", "/tokens/{id}", "/tokens/none", None, Admin),
    ]
}

#[tokio::test]
async fn every_route_lets_in_whom_it_should_and_nobody_else() {
    let fixture = Fixture::new();
    fixture.incident().await;
    fixture.incident().await;
    let person = |id: &str| TokenKind::Person(PersonId::new(id));
    let tokens = [
        ("none", String::new()),
        ("read", fixture.token(TokenKind::Read).await),
        ("alice", fixture.token(person("alice")).await),
        ("bob", fixture.token(person("bob")).await),
        ("ghost", fixture.token(person("ghost")).await),
        ("admin", fixture.token(TokenKind::Admin).await),
    ];
    for (method, _, path, body, may) in table() {
        for (who, token) in &tokens {
            let path = format!("/api/v1{path}");
            let answered = fixture.call(method, &path, token, body.clone()).await;
            let status = answered.status.as_u16();
            let allowed = match (may, *who) {
                (_, "none" | "ghost") => {
                    assert_eq!(status, 401, "{method} {path} by {who}");
                    assert_eq!(answered.header("www-authenticate"), "Bearer");
                    continue;
                }
                (May::Read, _) | (_, "admin") | (May::Person | May::Own, "alice") => true,
                (May::Person, "bob") => true,
                _ => false,
            };
            assert_eq!(status != 403, allowed, "{method} {path} by {who}: {status}");
            assert!(
                status < 500 && status != 401 && status != 405,
                "{method} {path} by {who}: {status}"
            );
            if status >= 400 {
                assert_eq!(answered.header("content-type"), "application/problem+json");
            }
        }
    }
}

#[test]
fn the_table_above_knows_every_route() {
    let api = serde_json::to_value(super::openapi()).expect("JSON");
    let mut described = BTreeSet::new();
    let mut names = BTreeSet::new();
    for (path, item) in api["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("methods") {
            let name = operation["operationId"].as_str().expect("a name");
            assert!(names.insert(name.to_owned()), "two operations are called {name}");
            let path = path.strip_prefix("/api/v1").expect("under /api/v1");
            described.insert((method.to_uppercase(), path.to_owned()));
        }
    }
    let tabled = table().into_iter().map(|(method, path, ..)| (method.to_owned(), path.to_owned()));
    assert_eq!(described, tabled.collect());
}

/// The description is product: `UPDATE_GOLDEN=1` rewrites it, the diff is for reviewers.
#[tokio::test]
async fn the_description_is_the_golden_one() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/golden/openapi.json");
    let fresh = super::openapi().to_pretty_json().expect("JSON") + "\n";
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(path, &fresh).expect("written");
    }
    let golden = std::fs::read_to_string(path).expect("tests/golden/openapi.json");
    assert!(
        golden == fresh,
        "the API's description changed: run with UPDATE_GOLDEN=1 and read the diff"
    );
    let served = Fixture::new().call("GET", "/api/v1/openapi.json", "", None).await;
    assert_eq!(served.json(), serde_json::from_str::<Value>(&golden).expect("JSON"));
}

async fn admin(fixture: &Fixture) -> String {
    fixture.token(TokenKind::Admin).await
}

async fn get(fixture: &Fixture, token: &str, path: &str) -> Value {
    let answered = fixture.call("GET", &format!("/api/v1{path}"), token, None).await;
    assert_eq!(answered.status.as_u16(), 200, "{path}: {answered:?}");
    answered.json()
}

#[tokio::test]
async fn an_incident_has_the_fields_that_tools_rely_on() {
    let fixture = Fixture::new();
    let id = fixture.incident().await;
    let token = fixture.token(TokenKind::Read).await;
    let shown = get(&fixture, &token, &format!("/incidents/{id}")).await;
    for (field, value) in [
        ("id", json!("1")),
        ("number", json!(1)),
        ("title", json!("disk <full> 0")),
        ("status", json!("triggered")),
        ("urgency", json!("high")),
        ("priority", Value::Null),
        ("service", json!("shop")),
        ("acknowledged_by", Value::Null),
        ("created_at", json!("2026-03-02T03:04:05Z")),
        ("alert_count", json!(1)),
        ("paged", json!(["alice"])),
    ] {
        assert_eq!(shown[field], value, "{field}");
    }
    assert_eq!(shown["alerts"][0]["status"], "firing");
    assert_eq!(shown["escalation"]["step"], 1);
}

#[tokio::test]
async fn actions_answer_the_incident_as_it_is_afterwards() {
    let fixture = Fixture::new();
    fixture.incident().await;
    let alice = fixture.token(TokenKind::Person("alice".into())).await;
    let act = async |what: &str, body: Option<Value>| {
        let path = format!("/api/v1/incidents/1/{what}");
        let answered = fixture.call("POST", &path, &alice, body).await;
        assert_eq!(answered.status.as_u16(), 200, "{what}: {answered:?}");
        answered.json()
    };
    let shown = act("acknowledge", None).await;
    assert_eq!(
        (&shown["status"], &shown["acknowledged_by"]),
        (&json!("acknowledged"), &json!("alice"))
    );
    let shown = act("snooze", Some(json!({"for": "2h"}))).await;
    assert_eq!(shown["snoozed_until"], "2026-03-02T05:04:05Z");
    let shown = act("snooze", Some(json!({"until": "2026-03-02T04:00:00Z"}))).await;
    assert_eq!(shown["snoozed_until"], "2026-03-02T04:00:00Z");
    let shown = act("reassign", Some(json!({"to": ["bob"]}))).await;
    assert_eq!((&shown["assigned_to"], &shown["status"]), (&json!(["bob"]), &json!("triggered")));
    act("escalate", None).await;
    act("notes", Some(json!({"text": "looking"}))).await;
    let shown = act("resolve", None).await;
    assert_eq!((&shown["status"], &shown["resolved_by"]), (&json!("resolved"), &json!("alice")));
    let lines = get(&fixture, &alice, "/incidents/1/timeline").await;
    let texts: Vec<&str> = lines["items"]
        .as_array()
        .expect("items")
        .iter()
        .map(|l| l["text"].as_str().expect("text"))
        .collect();
    for wanted in [
        "Paged Alice on email: step 1, on call for schedule Primary.",
        "Alice acknowledged.",
        "Alice snoozed until 2026-03-02T05:04:05Z.",
        "Alice handed it to Bob.",
        "Alice asked for the next step.",
        "Alice noted: looking",
        "Alice resolved.",
    ] {
        assert!(texts.contains(&wanted), "{wanted}: {texts:#?}");
    }
    let entry = &lines["items"][0];
    assert_eq!((&entry["seq"], &entry["kind"]), (&json!(0), &json!("opened")));
}

#[tokio::test]
async fn refusals_say_what_is_wrong_and_change_nothing() {
    let fixture = Fixture::new();
    fixture.incident().await;
    let token = admin(&fixture).await;
    let over = json!({ "person": "bob", "starts_at": "2026-03-04T00:00:00Z", "ends_at": "2026-03-03T00:00:00Z" });
    let cases: Vec<(&str, &str, Option<Value>, u16, &str)> = vec![
        ("POST", "/incidents/99/acknowledge", None, 404, "no incident `99`"),
        ("POST", "/incidents/x/acknowledge", None, 404, "no incident `x`"),
        ("GET", "/incidents/99", None, 404, "no incident `99`"),
        ("GET", "/incidents/99/timeline", None, 404, "no incident `99`"),
        ("GET", "/incidents?status=broken", None, 400, "`status`"),
        ("GET", "/incidents?limit=0", None, 400, "`limit`: expected 1 to 200"),
        ("GET", "/incidents?limit=x", None, 400, "limit"),
        ("GET", "/incidents?cursor=x", None, 400, "`cursor`"),
        ("POST", "/incidents/1/snooze", Some(json!({})), 422, "either `until` or `for`"),
        (
            "POST",
            "/incidents/1/snooze",
            Some(json!({"until":"2026-03-02T03:00:00Z"})),
            422,
            "in the future",
        ),
        ("POST", "/incidents/1/snooze", Some(json!({"for":"-1h"})), 422, "expected a duration"),
        ("POST", "/incidents/1/reassign", Some(json!({"to":[]})), 422, "at least one person"),
        ("POST", "/incidents/1/reassign", Some(json!({"to":"eve"})), 422, "no person `eve`"),
        ("POST", "/incidents/1/notes", Some(json!({"text":" "})), 422, "expected a note"),
        ("POST", "/incidents/1/notes", Some(json!({"txt":"x"})), 422, "txt"),
        ("POST", "/incidents/1/notes", None, 415, "application/json"),
        ("GET", "/events/99/explain", None, 404, "no event `99`"),
        ("GET", "/oncall?schedule=x", None, 404, "no schedule `x`"),
        ("GET", "/oncall?at=yesterday", None, 400, "at"),
        ("GET", "/people/eve/contact-methods", None, 404, "no person `eve`"),
        (
            "POST",
            "/people/eve/contact-methods",
            Some(json!({"channel":"email","address":"x"})),
            404,
            "no person `eve`",
        ),
        (
            "POST",
            "/people/bob/contact-methods",
            Some(json!({"channel":"fax","address":"x"})),
            422,
            "one of `email`",
        ),
        (
            "POST",
            "/people/bob/contact-methods",
            Some(json!({"channel":"email","address":"a\r\nBcc: b"})),
            422,
            "one line",
        ),
        (
            "PUT",
            "/people/bob/notification-rules",
            Some(json!([{"urgency":"high","contact_method":"x","delay":"5m"}])),
            422,
            "no contact method `x`",
        ),
        (
            "PUT",
            "/people/bob/notification-rules",
            Some(json!([{"urgency":"loud","contact_method":"email","delay":0}])),
            422,
            "`urgency`",
        ),
        ("DELETE", "/people/bob/contact-methods/x", None, 404, "no contact method `x`"),
        ("POST", "/schedules/x/overrides", Some(over.clone()), 404, "no schedule `x`"),
        ("POST", "/schedules/primary/overrides", Some(over), 422, "end after the start"),
        ("DELETE", "/schedules/primary/overrides/x", None, 404, "no override `x`"),
        (
            "GET",
            "/schedules/primary/shifts?from=2026-03-02T00:00:00Z&to=2036-03-02T00:00:00Z",
            None,
            400,
            "366 days",
        ),
        (
            "POST",
            "/silences",
            Some(json!({"matchers":[],"for":"1h","comment":"c"})),
            422,
            "`matchers`",
        ),
        (
            "POST",
            "/silences",
            Some(json!({"matchers":["x=~("],"for":"1h","comment":"c"})),
            422,
            "regular expression",
        ),
        (
            "POST",
            "/silences",
            Some(json!({"matchers":["x=~.*"],"for":"1h","comment":"c"})),
            422,
            "empty text",
        ),
        (
            "POST",
            "/silences",
            Some(json!({"matchers":["x=y"],"comment":"c"})),
            422,
            "either `ends_at` or `for`",
        ),
        (
            "POST",
            "/silences",
            Some(json!({"matchers":["x=y"],"for":"31d","comment":"c"})),
            422,
            "`[silence] max`",
        ),
        (
            "POST",
            "/silences",
            Some(json!({"matchers":["x=y"],"comment":"c","weekly":
                {"days":["caturday"],"from":"22:00","to":"06:00","time_zone":"UTC"}})),
            422,
            "`weekly.days`",
        ),
        (
            "POST",
            "/silences",
            Some(json!({"matchers":["x=y"],"comment":"c","weekly":
                {"days":["sat"],"from":"22","to":"06:00","time_zone":"UTC"}})),
            422,
            "`weekly.from`",
        ),
        (
            "POST",
            "/silences/preview",
            Some(json!({"matchers":["x=y"],"weekly":
                {"days":["sat"],"from":"22:00","to":"06:00","time_zone":"Mars/Olympus"}})),
            422,
            "`weekly.time_zone`",
        ),
        (
            "POST",
            "/silences/preview",
            Some(json!({"matchers":["x=y"],"hours":1000})),
            422,
            "`hours`",
        ),
        (
            "PUT",
            "/silences/x",
            Some(json!({"matchers":["x=y"],"for":"1h","comment":"c"})),
            404,
            "no silence `x`",
        ),
        (
            "POST",
            "/maintenance-windows",
            Some(json!({"services":["nowhere"],"for":"1h","comment":"c"})),
            422,
            "no service `nowhere`",
        ),
        (
            "POST",
            "/maintenance-windows",
            Some(json!({"for":"1h","comment":"c"})),
            422,
            "services and integrations",
        ),
        ("DELETE", "/maintenance-windows/x", None, 404, "no maintenance window `x`"),
        ("DELETE", "/silences/x", None, 404, "no silence `x`"),
        ("POST", "/tokens", Some(json!({"kind":"root","name":"x"})), 422, "`kind`"),
        ("POST", "/tokens", Some(json!({"kind":"person","name":"x"})), 422, "`person`"),
        (
            "POST",
            "/tokens",
            Some(json!({"kind":"person","person":"eve","name":"x"})),
            422,
            "no person `eve`",
        ),
        (
            "POST",
            "/tokens",
            Some(json!({"kind":"read","name":"x","expires_at":"2020-01-01T00:00:00Z"})),
            422,
            "in the future",
        ),
        ("DELETE", "/tokens/x", None, 404, "no token `x`"),
        ("GET", "/deliveries?incident=9", None, 404, "no incident `9`"),
        ("GET", "/nothing", None, 404, "no such address"),
        ("DELETE", "/incidents", None, 405, "allow"),
    ];
    for (method, path, body, status, detail) in cases {
        let answered = fixture.call(method, &format!("/api/v1{path}"), &token, body).await;
        assert_eq!(answered.status.as_u16(), status, "{method} {path}: {answered:?}");
        assert_eq!(answered.header("content-type"), "application/problem+json", "{method} {path}");
        let said = answered.json()["detail"].as_str().unwrap_or_default().to_owned();
        assert!(said.contains(detail), "{method} {path}: {said}");
    }
    let shown = get(&fixture, &token, "/incidents/1").await;
    assert_eq!(shown["status"], "triggered");
    fixture.call("POST", "/api/v1/incidents/1/resolve", &token, None).await;
    let late = fixture.call("POST", "/api/v1/incidents/1/acknowledge", &token, None).await;
    assert_eq!(late.status.as_u16(), 409);
    assert_eq!(late.json()["detail"], "incident 1 is resolved");
}

#[tokio::test]
async fn lists_of_incidents_are_paged_newest_first_and_filtered() {
    let fixture = Fixture::new();
    for _ in 0..5 {
        fixture.incident().await;
    }
    let token = admin(&fixture).await;
    fixture.call("POST", "/api/v1/incidents/2/resolve", &token, None).await;
    fixture.call("POST", "/api/v1/incidents/3/acknowledge", &token, None).await;
    let numbers = |page: &Value| -> Vec<u64> {
        page["items"]
            .as_array()
            .expect("items")
            .iter()
            .filter_map(|i| i["number"].as_u64())
            .collect()
    };
    let first = get(&fixture, &token, "/incidents?limit=2").await;
    assert_eq!(numbers(&first), [5, 4]);
    let next = first["next"].as_str().expect("more");
    let second = get(&fixture, &token, &format!("/incidents?limit=3&cursor={next}")).await;
    assert_eq!((numbers(&second), &second["next"]), (vec![3, 2, 1], &Value::Null));
    for (query, wanted) in [
        ("status=open", vec![5, 4, 3, 1]),
        ("status=resolved", vec![2]),
        ("status=acknowledged,resolved", vec![3, 2]),
        ("service=shop&limit=1", vec![5]),
        ("service=other", vec![]),
    ] {
        assert_eq!(
            numbers(&get(&fixture, &token, &format!("/incidents?{query}")).await),
            wanted,
            "{query}"
        );
    }
}

#[tokio::test]
async fn i06_explain_tells_the_whole_way_of_an_event() {
    let fixture = Fixture::new();
    let mut event = parsed_event("disk full");
    event.details = "{\"load\":7}".to_owned();
    fixture.parser_says(parsed(vec![event]));
    fixture.post(&format!("/in/{KEY}/x"), "{\"a\":1}").await;
    let token = fixture.token(TokenKind::Read).await;
    let before = get(&fixture, &token, "/events/1/explain").await;
    assert_eq!((&before["fate"], &before["stages"]), (&Value::Null, &json!([])));
    fixture.decide_events().await;
    let told = get(&fixture, &token, "/events/1/explain").await;
    assert_eq!(told["event"]["details"], json!({"load": 7}));
    assert_eq!(told["arrival"]["body"], "{\"a\":1}");
    assert_eq!(told["arrival"]["parser"]["name"], "nagios");
    let stage = &told["stages"][0];
    assert_eq!(
        (&stage["plugin"], &stage["verdict"], &stage["batch_us"]),
        (&json!("mute"), &json!("keep"), &json!(12))
    );
    assert_eq!(stage["sha256"].as_str().map(str::len), Some(64));
    assert_eq!((&told["fate"], &told["incident"]), (&json!("opened incident 1"), &json!("1")));
    assert_eq!(told["pages"][0]["kind"], "paged");
    assert!(!told.to_string().contains(KEY));
    let listed = get(&fixture, &token, "/events?unparsed=false").await;
    assert_eq!(listed["items"][0]["fate"], "opened incident 1");
    assert_eq!(get(&fixture, &token, "/events?unparsed=true").await["items"], json!([]));
}

#[tokio::test]
async fn i11_on_call_tells_who_until_when_and_who_is_next() {
    let fixture = Fixture::new();
    let token = fixture.token(TokenKind::Read).await;
    let now = get(&fixture, &token, "/oncall").await;
    // Turns begin on Mondays at 9:00 in Tokyo; this one, on 2026-03-02T00:00Z, is alice's.
    assert_eq!(
        now["items"][0],
        json!({
            "schedule": "primary", "person": "alice", "layer": "weekly", "next": "bob",
            "starts_at": "2026-03-02T00:00:00Z", "ends_at": "2026-03-09T00:00:00Z",
        })
    );
    let before = get(&fixture, &token, "/oncall?schedule=primary&at=2020-01-01T00:00:00Z").await;
    assert_eq!(
        (&before["items"][0]["person"], &before["items"][0]["ends_at"]),
        (&Value::Null, &Value::Null)
    );
    let gaps = get(
        &fixture,
        &token,
        "/schedules/primary/gaps?from=2026-01-04T00:00:00Z&to=2026-01-06T00:00:00Z",
    )
    .await;
    assert_eq!(
        gaps["items"],
        json!([{"starts_at": "2026-01-04T00:00:00Z", "ends_at": "2026-01-05T00:00:00Z"}])
    );
    let shifts = get(&fixture, &token, "/schedules/primary/shifts").await;
    assert_eq!(shifts["items"].as_array().map(Vec::len), Some(5));
}

#[tokio::test]
async fn an_override_is_seen_at_once_and_can_be_taken_back() {
    let fixture = Fixture::new();
    let bob = fixture.token(TokenKind::Person("bob".into())).await;
    let body = json!({ "person": "bob", "starts_at": "2026-03-02T03:00:00Z", "ends_at": "2026-03-02T05:00:00Z" });
    let path = "/api/v1/schedules/primary/overrides";
    let made = fixture.call("POST", path, &bob, Some(body)).await;
    assert_eq!(made.status.as_u16(), 201);
    assert_eq!(made.json()["created_by"], "bob");
    let duty = get(&fixture, &bob, "/oncall").await["items"][0].clone();
    assert_eq!(
        (&duty["person"], &duty["layer"], &duty["next"]),
        (&json!("bob"), &json!("override"), &json!("alice"))
    );
    assert_eq!(
        get(&fixture, &bob, "/schedules/primary/overrides").await["items"].as_array().map(Vec::len),
        Some(1)
    );
    let id = made.json()["id"].as_str().expect("an id").to_owned();
    assert_eq!(
        fixture.call("DELETE", &format!("{path}/{id}"), &bob, None).await.status.as_u16(),
        204
    );
    assert_eq!(get(&fixture, &bob, "/oncall").await["items"][0]["person"], "alice");
}

#[tokio::test]
async fn only_admins_say_that_an_address_is_verified_and_only_its_owner_sees_it() {
    let fixture = Fixture::new();
    let (admin, alice, bob) = (
        admin(&fixture).await,
        fixture.token(TokenKind::Person("alice".into())).await,
        fixture.token(TokenKind::Person("bob".into())).await,
    );
    let path = "/api/v1/people/alice/contact-methods";
    let method = |verified: bool| {
        Some(json!({"channel":"email","address":"alice@home.example","verified":verified}))
    };
    assert_eq!(fixture.call("POST", path, &alice, method(true)).await.status.as_u16(), 403);
    let own = fixture.call("POST", path, &alice, method(false)).await;
    assert_eq!((own.status.as_u16(), &own.json()["verified"]), (201, &json!(false)));
    let by_admin = fixture.call("POST", path, &admin, method(true)).await;
    assert_eq!((by_admin.status.as_u16(), &by_admin.json()["verified"]), (200, &json!(true)));
    assert_eq!(by_admin.json()["id"], own.json()["id"], "the same one is verified now");
    let again = fixture.call("POST", path, &admin, method(true)).await;
    assert_eq!(again.status.as_u16(), 409, "{again:?}");
    for (token, address) in
        [(&alice, "alice@home.example"), (&admin, "alice@home.example"), (&bob, "al…")]
    {
        let seen = get(&fixture, token, "/people/alice/contact-methods").await;
        assert_eq!(seen["items"][1]["address"], address);
    }
    let id = by_admin.json()["id"].clone();
    let rules = json!([{"urgency":"high","contact_method":id,"delay":"5m"},{"urgency":"low","contact_method":"email","delay":0}]);
    let set =
        fixture.call("PUT", "/api/v1/people/alice/notification-rules", &alice, Some(rules)).await;
    assert_eq!(set.status.as_u16(), 200, "{set:?}");
    let seen = get(&fixture, &bob, "/people/alice/notification-rules").await;
    assert_eq!(seen["items"][0]["delay"], "5m");
    assert_eq!(seen["items"][1]["delay"], "0s");
}

/// Posts an address of alice's and answers status and body.
async fn add_address(fixture: &Fixture, token: &str, address: &str) -> (u16, Value) {
    let body = json!({ "channel": "email", "address": address });
    let path = "/api/v1/people/alice/contact-methods";
    let answered = fixture.call("POST", path, token, Some(body)).await;
    (answered.status.as_u16(), answered.json())
}

#[tokio::test]
async fn an_address_is_stored_as_its_channel_writes_it_and_only_once() {
    let fixture = Fixture::new();
    let alice = fixture.token(TokenKind::Person("alice".into())).await;
    let (status, made) = add_address(&fixture, &alice, " Alice@Home.Example ").await;
    assert_eq!((status, &made["address"]), (201, &json!("alice@home.example")));
    for (entered, there) in
        [("alice@HOME.example", made["id"].as_str()), ("ALICE@example.org", Some("email"))]
    {
        let (status, said) = add_address(&fixture, &alice, entered).await;
        let detail =
            format!("there is this contact method already, as `{}`", there.expect("an id"));
        assert_eq!((status, &said["detail"]), (409, &json!(detail)), "{entered}");
    }
    let methods = get(&fixture, &alice, "/people/alice/contact-methods").await;
    assert_eq!(methods["items"].as_array().map(Vec::len), Some(2), "{methods}");
}

#[tokio::test]
async fn an_address_that_cannot_be_or_cannot_be_checked_is_not_stored() {
    let fixture = Fixture::new();
    let admin = admin(&fixture).await;
    let long = "x".repeat(2_000);
    let failure = || Failure {
        kind: FailureKind::Transient { retry_after_s: None },
        message: "trap: unreachable\n  frame 0 at secret/path".to_owned(),
    };
    type Validated = Result<Result<String, String>, Failure>;
    let cases: [(Validated, u16, &str); 4] = [
        (Ok(Err("expected an `@`".to_owned())), 422, "`address`: expected an `@`"),
        (Ok(Ok(long)), 503, "an address that cannot be one"),
        (Ok(Ok("a\nb".to_owned())), 503, "an address that cannot be one"),
        (Err(failure()), 503, "(trap: unreachable); nothing was stored"),
    ];
    for (says, status, detail) in cases {
        *fixture.plugins.validated.lock().expect("no panic") = Some(says);
        let (got, said) = add_address(&fixture, &admin, "alice@home.example").await;
        assert_eq!(got, status, "{said}");
        assert!(said["detail"].as_str().is_some_and(|text| text.contains(detail)), "{said}");
        assert!(!said.to_string().contains("frame"), "{said}");
        assert_eq!(said["field"], if status == 422 { json!("address") } else { Value::Null });
        let methods = get(&fixture, &admin, "/people/alice/contact-methods").await;
        assert_eq!(methods["items"].as_array().map(Vec::len), Some(1), "{methods}");
    }
}

#[tokio::test]
async fn channels_say_how_to_ask_for_an_address_and_what_can_be_set() {
    let fixture = Fixture::new();
    let token = fixture.token(TokenKind::Read).await;
    let all = get(&fixture, &token, "/channels").await;
    let email = json!({
        "name": "email", "description": "Mail", "state": "running", "error": null,
        "address": {
            "label": "Mail address", "hint": "", "example": "a@example.org", "input": "email",
            "translations": { "ja": { "label": "メールアドレス", "hint": "" } },
        },
        "settings": [{
            "name": "footer", "types": ["string", "array"], "description": "Last line", "required": false,
            "default": "Nightbell", "values": [],
        }],
    });
    assert_eq!(all, json!({ "items": [email], "next": null }));
}

#[tokio::test]
async fn a_token_is_shown_once_works_and_can_be_revoked() {
    let fixture = Fixture::new();
    let admin = admin(&fixture).await;
    let body = json!({"kind":"person","person":"bob","name":"bob's phone"});
    let made = fixture.call("POST", "/api/v1/tokens", &admin, Some(body)).await;
    assert_eq!(made.status.as_u16(), 201);
    let made = made.json();
    let (id, plain) = (made["id"].as_str().expect("an id"), made["token"].as_str().expect("shown"));
    let listed = get(&fixture, &admin, "/tokens").await.to_string();
    assert!(listed.contains(id) && !listed.contains(plain));
    assert_eq!(fixture.call("GET", "/api/v1/status", plain, None).await.status.as_u16(), 200);
    let path = format!("/api/v1/tokens/{id}");
    assert_eq!(fixture.call("DELETE", &path, &admin, None).await.status.as_u16(), 204);
    assert_eq!(fixture.call("GET", "/api/v1/status", plain, None).await.status.as_u16(), 401);
    let own = admin.split('_').nth(2).expect("an id");
    let last = fixture.call("DELETE", &format!("/api/v1/tokens/{own}"), &admin, None).await;
    assert_eq!(last.status.as_u16(), 409, "nobody locks everybody out");
}

#[tokio::test]
async fn a_silence_mutes_and_its_end_unmutes() {
    let fixture = Fixture::new();
    let admin = admin(&fixture).await;
    let body = json!({"matchers":["team=shop"],"for":"1h","comment":"moving racks"});
    let made = fixture.call("POST", "/api/v1/silences", &admin, Some(body)).await.json();
    assert_eq!(
        (&made["status"], &made["ends_at"]),
        (&json!("active"), &json!("2026-03-02T04:04:05Z"))
    );
    fixture.parser_says(parsed(vec![parsed_event("quiet")]));
    let sent = fixture.post(&format!("/in/{KEY}"), "{}").await.json();
    fixture.decide_events().await;
    let event = sent["ids"][0].as_str().expect("an id");
    let told = get(&fixture, &admin, &format!("/events/{event}/explain")).await;
    assert!(told["fate"].as_str().is_some_and(|fate| fate.contains("moving racks")), "{told}");
    let id = made["id"].as_str().expect("an id");
    let ended = fixture.call("DELETE", &format!("/api/v1/silences/{id}"), &admin, None).await;
    assert_eq!(ended.status.as_u16(), 204);
    let silences = get(&fixture, &admin, "/silences").await;
    assert_eq!(silences["items"][0]["status"], "expired");
}

#[tokio::test]
async fn a_silence_is_replaced_and_says_who_changed_what() {
    let fixture = Fixture::new();
    let admin = admin(&fixture).await;
    let weekly = json!({"days":["sun","mon"],"from":"00:00","to":"00:00","time_zone":"UTC"});
    let body = json!({"matchers":["team=shop"],"weekly":weekly,"comment":"moving racks"});
    let made = fixture.call("POST", "/api/v1/silences", &admin, Some(body)).await.json();
    assert_eq!(
        (&made["status"], &made["weekly"]["days"]),
        (&json!("active"), &json!(["mon", "sun"]))
    );
    assert_eq!(made["next"]["ends_at"], "2026-03-03T00:00:00Z");
    assert_eq!(made["ends_at"], "2027-03-03T03:04:05Z", "as long as it may");
    let path = format!("/api/v1/silences/{}", made["id"].as_str().expect("an id"));
    let body = json!({"matchers":["team=db"],"for":"2h","comment":"moving racks"});
    let changed = fixture.call("PUT", &path, &admin, Some(body.clone())).await.json();
    assert_eq!(changed["starts_at"], made["starts_at"]);
    assert_eq!(changed["history"][0]["what"], "end, days and hours, matchers");
    fixture.call("DELETE", &path, &admin, None).await;
    assert_eq!(fixture.call("PUT", &path, &admin, Some(body)).await.status.as_u16(), 409);
}

#[tokio::test]
async fn i06_a_maintenance_window_pauses_what_is_open_and_the_incident_says_by_what() {
    let fixture = Fixture::new();
    let admin = admin(&fixture).await;
    fixture.incident().await;
    let scope = json!({"services":["shop"]});
    let tried = fixture
        .call("POST", "/api/v1/maintenance-windows/preview", &admin, Some(scope))
        .await
        .json();
    assert_eq!(
        (
            &tried["now"]["alert_count"],
            &tried["now"]["incidents"][0]["pauses"],
            &tried["past"]["event_count"]
        ),
        (&json!(1), &json!(true), &json!(1)),
        "{tried}"
    );
    let body = json!({"services":["shop"],"for":"1h","comment":"disks"});
    let made = fixture.call("POST", "/api/v1/maintenance-windows", &admin, Some(body)).await.json();
    let id = made["id"].as_str().expect("an id");
    let incident = get(&fixture, &admin, "/incidents/1").await;
    let held = &incident["escalation"]["paused_by"][0];
    assert_eq!(
        (&held["by"], &held["until"], &held["reason"]),
        (
            &json!(format!("maintenance window {id}")),
            &json!("2026-03-02T04:04:05Z"),
            &json!("disks")
        )
    );
    assert!(held["author"].is_string());
    let timeline = get(&fixture, &admin, "/incidents/1/timeline").await.to_string();
    assert!(timeline.contains(&format!("quiet by maintenance window {id} of ")), "{timeline}");
    fixture.call("DELETE", &format!("/api/v1/maintenance-windows/{id}"), &admin, None).await;
    let incident = get(&fixture, &admin, "/incidents/1").await;
    assert_eq!(incident["escalation"]["paused"], false);
}

#[tokio::test]
async fn deliveries_tell_to_whom_and_why_but_no_address() {
    let fixture = Fixture::new();
    fixture.incident().await;
    let token = fixture.token(TokenKind::Read).await;
    for path in ["/deliveries?incident=1", "/deliveries"] {
        let all = get(&fixture, &token, path).await;
        let one = &all["items"][0];
        assert_eq!(
            (&one["person"], &one["status"], &one["channel"]),
            (&json!("alice"), &json!("pending"), &json!("email"))
        );
        assert!(!all.to_string().contains("@example.org"));
    }
    fixture.call("POST", "/api/v1/incidents/1/acknowledge", &admin(&fixture).await, None).await;
    let all = get(&fixture, &token, "/deliveries?incident=1").await;
    assert_eq!(all["items"][0]["status"], "cancelled");
    assert_eq!(get(&fixture, &token, "/deliveries").await["items"], json!([]));
}

#[tokio::test]
async fn integrations_show_no_keys_and_status_counts() {
    let fixture = Fixture::new();
    fixture.incident().await;
    let token = fixture.token(TokenKind::Read).await;
    let integrations = get(&fixture, &token, "/integrations").await;
    assert_eq!(
        integrations["items"][0],
        json!({"id":"nagios","service":"shop","parser":"nagios","keys":2})
    );
    assert!(!integrations.to_string().contains(KEY));
    let status = get(&fixture, &token, "/status").await;
    assert_eq!(
        (&status["ready"], &status["triggered"], &status["plugins_in_trouble"]),
        (&json!(true), &json!(1), &json!(1))
    );
}
