//! Duty as people touch it: swaps and overrides change who is paged, a hand-off is told, an absence shows what it leaves
//! uncovered, and a calendar program can read the feed.

use jiff::{SignedDuration, Timestamp};
use nightbell_tests::config::GENERIC_KEY;
use nightbell_tests::{Config, Engine, MailServer, python, until};
use reqwest::Method;
use serde_json::{Value, json};
use std::io::Write as _;
use std::process::Stdio;

/// Shifts here begin and end around the real now.
#[allow(clippy::disallowed_methods, reason = "the engine under test has the machine's clock")]
fn now() -> Timestamp {
    Timestamp::now()
}

/// Somebody's own token.
async fn token(engine: &Engine, person: &str) -> String {
    let body = json!({"kind": "person", "person": person, "name": "test"});
    engine.post("/tokens", body).await["token"].as_str().unwrap().to_owned()
}

async fn by(engine: &Engine, token: &str, path: &str, body: Value) -> (u16, Value) {
    let request = engine.request(Method::POST, &format!("/api/v1{path}")).bearer_auth(token);
    let answer = request.json(&body).send().await.unwrap();
    let status = answer.status().as_u16();
    (status, answer.json().await.unwrap_or_default())
}

async fn alert(engine: &Engine, title: &str) {
    let body = json!({"title": title, "dedup_key": title, "severity": "critical"}).to_string();
    let path = format!("/in/{GENERIC_KEY}");
    let (status, said) = engine.ingest(&path, "application/json", body).await;
    assert_eq!(status, 202, "{said}");
}

async fn on_call(engine: &Engine, person: &str) {
    until(format!("{person} to be on call"), || async {
        let now = engine.get("/oncall?service=shop").await;
        (now["items"][0]["person"] == person).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_swap_and_an_override_by_peoples_own_tokens_change_who_is_paged_and_are_told() {
    let mail = MailServer::start().await;
    let config = Config::two_steps(mail.port, "10m");
    let engine = Engine::start(&config).await;
    let (alice, bob) = (token(&engine, "alice").await, token(&engine, "bob").await);
    on_call(&engine, "alice").await;

    // The shift begins as soon as people can have agreed on it.
    let starts_at = now() + SignedDuration::from_secs(5);
    let gives = json!({
        "schedule": "primary", "starts_at": starts_at.to_string(),
        "ends_at": (starts_at + SignedDuration::from_hours(2)).to_string(),
    });
    let (status, refused) =
        by(&engine, &bob, "/swaps", json!({"from": "alice", "gives": gives})).await;
    assert_eq!(status, 403, "{refused}");
    let (status, swap) = by(&engine, &alice, "/swaps", json!({"to": "bob", "gives": gives})).await;
    assert_eq!(status, 201, "{swap}");
    let accept = format!("/swaps/{}/accept", swap["id"].as_str().unwrap());
    let (status, refused) = by(&engine, &alice, &accept, Value::Null).await;
    assert_eq!(status, 403, "{refused}");
    let (status, swap) = by(&engine, &bob, &accept, Value::Null).await;
    assert_eq!((status, &swap["status"]), (200, &json!("accepted")), "{swap}");
    mail.mail("bob@example.org", "Alice offers you a shift on primary").await;
    mail.mail("alice@example.org", "Bob takes your shift on primary").await;

    on_call(&engine, "bob").await;
    mail.mail("bob@example.org", "You are on call on primary").await;
    alert(&engine, "Swapped").await;
    mail.mail("bob@example.org", "Swapped").await;

    let (from, to) = (now(), now() + SignedDuration::from_hours(1));
    let body = json!({"person": "alice", "starts_at": from.to_string(), "ends_at": to.to_string()});
    let (status, made) = by(&engine, &bob, "/schedules/primary/overrides", body).await;
    assert_eq!(status, 201, "{made}");
    on_call(&engine, "alice").await;
    alert(&engine, "Overridden").await;
    mail.mail("alice@example.org", "Overridden").await;
    assert_eq!(mail.count("alice@example.org", "Swapped"), 0);
    assert_eq!(mail.count("bob@example.org", "Overridden"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn i11_an_imported_absence_shows_and_tells_what_it_leaves_uncovered() {
    let mail = MailServer::start().await;
    let config = Config::two_steps(mail.port, "10m");
    let engine = Engine::start(&config).await;
    let alice = token(&engine, "alice").await;
    let day = (now() + SignedDuration::from_hours(10 * 24)).strftime("%Y%m%d");
    let calendar = format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:1\r\nSUMMARY:Annual\r\n  leave\r\n\
         DTSTART;VALUE=DATE:{day}\r\nDURATION:P2D\r\nEND:VEVENT\r\n\
         BEGIN:VEVENT\r\nUID:2\r\nDTSTART:soon\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    );
    let path = "/api/v1/people/alice/absences/import?source=work";
    let import = engine.request(Method::POST, path).bearer_auth(&alice);
    let answer =
        import.header("content-type", "text/calendar").body(calendar).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let told: Value = answer.json().await.unwrap();
    assert_eq!((&told["absences"], &told["unread"][0]["line"]), (&json!(1), &json!(12)), "{told}");
    assert_eq!(told["uncovered"].as_array().unwrap().len(), 1, "{told}");

    let outlook = until("the uncovered shift to be told", || async {
        let outlook = engine.get("/schedules/primary/outlook").await;
        let is_told = outlook["items"][0]["told_at"].is_string();
        is_told.then_some(outlook)
    })
    .await;
    let uncovered = &outlook["items"][0];
    assert_eq!(
        (&uncovered["kind"], &uncovered["person"], &uncovered["absence"]),
        (&json!("uncovered"), &json!("alice"), &json!("Annual leave"))
    );
    assert_eq!(engine.get("/status").await["gaps_ahead"], 1);
    let notice = mail.mail("carol@example.org", "Shifts that nobody has on primary").await;
    assert!(notice.text.contains("Alice is on call and absent"), "{}", notice.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_calendar_program_reads_a_feed_until_it_is_revoked() {
    let mail = MailServer::start().await;
    let config = Config::two_steps(mail.port, "10m");
    let engine = Engine::start(&config).await;
    let alice = token(&engine, "alice").await;
    let (status, feed) = by(&engine, &alice, "/people/alice/feeds", json!({"name": "phone"})).await;
    assert_eq!(status, 201, "{feed}");
    let path = feed["url"].as_str().unwrap().strip_prefix(&config.url("")).unwrap().to_owned();
    let answer = engine.request(Method::GET, &path).send().await.unwrap();
    assert_eq!(answer.headers()["content-type"], "text/calendar; charset=utf-8");
    let tag = answer.headers()["etag"].clone();
    let text = answer.text().await.unwrap();
    let again =
        engine.request(Method::GET, &path).header("if-none-match", tag).send().await.unwrap();
    assert_eq!(again.status(), 304);

    let mut reader = python()
        .arg(nightbell_tests::root().join("tests/support/read_calendar.py"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    reader.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let output = reader.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let read: Value = serde_json::from_slice(&output.stdout).unwrap();
    let events = read["events"].as_array().unwrap();
    assert_eq!(read["name"], "On call: Alice");
    assert_eq!(events[0]["summary"], "On call: primary");
    let at = now().to_string();
    let is_now = |event: &Value| {
        event["starts_at"].as_str().unwrap() <= at.as_str()
            && at.as_str() < event["ends_at"].as_str().unwrap()
    };
    assert_eq!(events.iter().filter(|event| is_now(event)).count(), 1, "{read}");

    // The secret of a feed opens its feed and nothing else.
    let secret = path.rsplit('/').next().unwrap().strip_suffix(".ics").unwrap();
    let api =
        engine.request(Method::GET, "/api/v1/people").bearer_auth(secret).send().await.unwrap();
    assert_eq!(api.status(), 401);
    let id = feed["id"].as_str().unwrap();
    let gone = engine.request(Method::DELETE, &format!("/api/v1/feeds/{id}")).bearer_auth(&alice);
    assert_eq!(gone.send().await.unwrap().status(), 204);
    let answer = engine.request(Method::GET, &path).send().await.unwrap();
    assert_eq!(answer.status(), 404);
}

async fn who(engine: &Engine, at: Timestamp) -> String {
    let then = engine.get(&format!("/oncall?schedule=primary&at={at}")).await;
    then["items"][0]["person"].as_str().unwrap_or("nobody").to_owned()
}

/// Reads the configuration again, as an operator asks for it.
async fn reload(engine: &Engine) {
    let asked = engine.request(Method::POST, "/-/reload").bearer_auth(engine.token());
    let answer = asked.send().await.unwrap();
    assert_eq!(answer.status(), 200, "{}", answer.text().await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reloaded_schedule_holds_from_now_or_as_it_says_and_the_past_answers_as_before() {
    let mail = MailServer::start().await;
    let config = Config::two_steps(mail.port, "10m");
    let mut engine = Engine::start(&config).await;
    let (before, hour) = (now(), SignedDuration::from_hours(1));
    let last_month = before - hour * (30 * 24);
    assert_eq!(who(&engine, before + hour).await, "alice");

    let config = config.replace("people = [\"alice\"]", "people = [\"bob\"]");
    reload(&engine).await;
    on_call(&engine, "bob").await;
    alert(&engine, "Revised").await;
    mail.mail("bob@example.org", "Revised").await;
    assert_eq!(mail.count("alice@example.org", "Revised"), 0);
    let revised = now();

    // One that is to hold later changes nothing until then.
    let later = revised + hour * 48;
    let local = later.to_zoned(jiff::tz::TimeZone::get("Asia/Tokyo").unwrap());
    let later_on = format!(
        "time_zone = \"Asia/Tokyo\"\neffective_from = \"{}\"",
        local.strftime("%Y-%m-%dT%H:%M")
    );
    let config = config
        .replace("people = [\"bob\"]", "people = [\"carol\"]")
        .replace("time_zone = \"Asia/Tokyo\"", &later_on);
    reload(&engine).await;
    for restarted in [false, true] {
        if restarted {
            engine.kill();
            engine = Engine::start(&config).await;
        }
        for (at, person) in [
            (last_month, "alice"),
            (before, "alice"),
            (revised, "bob"),
            (later - hour, "bob"),
            (later + hour, "carol"),
        ] {
            assert_eq!(who(&engine, at).await, person, "at {at}, restarted: {restarted}");
        }
        let (from, to) = (before - hour, later + hour);
        let path = format!("/schedules/primary/shifts?from={from}&to={to}");
        let shifts = engine.get(&path).await;
        let people = shifts["items"].as_array().unwrap().iter().map(|one| one["person"].clone());
        let mut people: Vec<_> = people.collect();
        people.dedup();
        assert_eq!(people, ["alice", "bob", "carol"], "{shifts}");
    }
}
