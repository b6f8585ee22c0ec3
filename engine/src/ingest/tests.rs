//! The doors of monitors, through the real router.

use super::{ParseOutcome, Reply};
use crate::limits;
use crate::server::fixture::{
    Answered, Appending, Fixture, KEY, OLD_KEY, parsed, parsed_event, stamp,
};
use crate::store::Parsing;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use flate2::Compression;
use flate2::read::GzEncoder;
use nightbell_core::model::{EventId, EventKind};
use serde_json::{Value, json};
use std::io::Read;
use std::sync::Arc;

fn door() -> String {
    format!("/in/{KEY}")
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = Vec::new();
    GzEncoder::new(bytes, Compression::best()).read_to_end(&mut packed).expect("packed");
    packed
}

fn problem(answered: &Answered, status: u16, kind: &str) {
    assert_eq!(answered.status.as_u16(), status, "{answered:?}");
    assert_eq!(answered.header("content-type"), "application/problem+json", "{answered:?}");
    let json = answered.json();
    assert_eq!(json["type"], format!("urn:nightbell:problem:{kind}"), "{answered:?}");
    assert_eq!(json["status"], status);
    assert!(json["detail"].as_str().is_some_and(|detail| !detail.is_empty()));
}

#[tokio::test]
async fn a_payload_is_journalled_and_acknowledged_with_its_ids() {
    let fixture = Fixture::new();
    fixture.parser_says(parsed(vec![parsed_event("a"), parsed_event("b")]));
    let answered =
        fixture.post(&format!("{}/any/%2e%2e/sub?x=1&token=s", door()), "{\"a\":1}").await;
    assert_eq!(answered.status, StatusCode::ACCEPTED);
    assert_eq!(answered.json(), json!({"status":"accepted","events":2,"ids":["1","2"]}));
    let arrivals = fixture.arrivals();
    let [arrival] = &arrivals[..] else { panic!("expected one arrival") };
    assert_eq!((&*arrival.path, &*arrival.query), ("/any/%2e%2e/sub", "x=1&token=***"));
    assert_eq!(arrival.content_type, "application/json");
    assert_eq!(&arrival.body[..], b"{\"a\":1}");
    assert_eq!(arrival.parser, Some(stamp("nagios")));
    let titles: Vec<&str> = arrival.events.iter().map(|event| &*event.title).collect();
    assert_eq!(titles, ["a", "b"]);
}

#[tokio::test]
async fn i02_nothing_is_acknowledged_before_it_is_durable() {
    let fixture = Fixture::new();
    fixture.appending(Appending::Waits);
    let path = door();
    let mut reply = Box::pin(fixture.post(&path, "{}"));
    assert!(futures_util::poll!(&mut reply).is_pending());
    assert!(fixture.arrivals().is_empty());
    fixture.appending(Appending::Works);
    assert_eq!(reply.await.status, StatusCode::ACCEPTED);
    assert_eq!(fixture.arrivals().len(), 1);
}

#[tokio::test]
async fn i02_a_store_that_fails_acknowledges_nothing() {
    let fixture = Fixture::new();
    // Even when the parser has words of its own for success.
    let reply = Reply { status: 200, content_type: String::new(), body: "fine".into() };
    fixture.parser_says(ParseOutcome::Parsed {
        events: vec![parsed_event("a")],
        reply: Some(reply),
        rejected: Vec::new(),
        plugin: stamp("nagios"),
    });
    fixture.appending(Appending::Full);
    let full = fixture.post(&door(), "{}").await;
    problem(&full, 503, "unavailable");
    assert_eq!(full.header("retry-after"), limits::RETRY_AFTER_S.to_string());
    fixture.appending(Appending::Fails);
    let failed = fixture.post(&door(), "{}").await;
    problem(&failed, 500, "internal");
    assert!(!failed.text().contains("secret"), "{failed:?}");
}

#[tokio::test]
async fn unknown_keys_are_refused_and_told_apart_from_none() {
    let fixture = Fixture::new();
    let upper = KEY.to_uppercase();
    for key in
        ["x", &upper, &format!("{KEY}%0A"), &format!("{KEY}0"), "０123456789abcdef0123456789abcde"]
    {
        let path: String = key
            .chars()
            .map(|c| if c.is_ascii() { c.to_string() } else { "%EF%BC%90".to_owned() })
            .collect();
        problem(&fixture.post(&format!("/in/{path}"), "{}").await, 404, "not-found");
    }
    for path in ["/in", "/in/"] {
        problem(&fixture.post(path, "{}").await, 401, "unauthorized");
    }
    problem(&fixture.post(&format!("/in//{KEY}"), "{}").await, 404, "not-found");
    assert!(fixture.arrivals().is_empty());
    // The second key of an integration works beside the first.
    let old = fixture.post(&format!("/in/{OLD_KEY}"), "{}").await;
    assert_eq!(old.status, StatusCode::ACCEPTED);
}

#[tokio::test]
async fn odd_paths_are_data_for_the_parser_and_nothing_else() {
    let fixture = Fixture::new();
    for (path, seen) in [
        ("", "/"),
        ("/", "/"),
        ("/a", "/a"),
        ("//a", "//a"),
        ("/..%2f..%2fetc", "/..%2f..%2fetc"),
        ("/a%00b", "/a%00b"),
        ("/a/../b", "/a/../b"),
    ] {
        let answered = fixture.post(&format!("{}{path}", door()), "{}").await;
        assert_eq!(answered.status, StatusCode::ACCEPTED, "{path}");
        assert_eq!(fixture.arrivals().last().expect("kept").path, seen, "{path}");
    }
}

#[tokio::test]
async fn the_door_picks_the_parser_and_its_settings() {
    let fixture = Fixture::new();
    let own = json!({ "own": true });
    for (path, parser, settings) in [
        ("", "nagios", own.clone()),
        ("/x/y", "nagios", own),
        ("/api/v2/alerts", "prometheus", Value::Null),
        ("/prefix/api/v2/alerts", "prometheus", Value::Null),
        ("/v2/enqueue", "pagerduty", Value::Null),
        ("/v2/change/enqueue", "pagerduty", Value::Null),
        ("/generic/2010-04-15/create_event.json", "pagerduty", Value::Null),
    ] {
        fixture.post(&format!("{}{path}", door()), "[]").await;
        let seen = fixture.plugins.seen.lock().expect("no panic").pop().expect("called");
        assert_eq!((&*seen.0, &seen.2), (parser, &settings), "{path}");
    }
}

#[tokio::test]
async fn put_is_taken_and_reading_is_not() {
    let fixture = Fixture::new();
    for (method, status) in [("PUT", 202), ("POST", 202), ("GET", 405), ("DELETE", 405)] {
        let request = Request::builder().method(method).uri(door());
        let answered = fixture.send(request.body(Body::empty()).expect("a request")).await;
        assert_eq!(answered.status.as_u16(), status, "{method}");
    }
}

/// SECURITY.md, bad inputs of ingest: whatever the body is, it reaches the parser as it is, and is kept.
#[tokio::test]
async fn any_body_of_any_type_reaches_the_parser_unchanged() {
    let fixture = Fixture::new();
    let deep = "[".repeat(10_000);
    let bodies: [&[u8]; 9] = [
        b"",
        b"null",
        b"[]",
        b"\"x\"",
        b"{\"a\":",
        b"{\"a\":1,\"a\":2}",
        b"\xff\xfe\x00\x80",
        b"\xef\xbb\xbf{}",
        deep.as_bytes(),
    ];
    for body in bodies {
        for media in ["", "application/json; charset=utf-16", "text/plain", "nonsense"] {
            let mut request = Request::post(door());
            if !media.is_empty() {
                request = request.header("content-type", media);
            }
            let request = request.body(Body::from(body.to_vec())).expect("a request");
            assert_eq!(fixture.send(request).await.status, StatusCode::ACCEPTED);
            assert_eq!(fixture.arrivals().last().expect("kept").body, body);
        }
    }
}

#[tokio::test]
async fn large_packed_and_broken_bodies_are_refused_before_the_parser() {
    let fixture = Fixture::new();
    let bomb = gzip(&vec![b' '; 100 << 20]);
    let cases: [(&str, Vec<u8>, u16, &str); 7] = [
        ("", vec![b'x'; 10 << 20], 413, "too-large"),
        ("", vec![b'x'; limits::BODY_MAX_BYTES + 1], 413, "too-large"),
        ("gzip", bomb, 413, "too-large"),
        ("gzip", gzip(b"{}")[..12].to_vec(), 400, "bad-request"),
        ("gzip", b"{}".to_vec(), 400, "bad-request"),
        ("gzip, gzip", gzip(&gzip(b"{}")), 415, "unsupported"),
        ("zstd", b"{}".to_vec(), 415, "unsupported"),
    ];
    for (encoding, body, status, kind) in cases {
        let mut request = Request::post(door());
        if !encoding.is_empty() {
            request = request.header("content-encoding", encoding);
        }
        let answered = fixture.send(request.body(Body::from(body)).expect("a request")).await;
        problem(&answered, status, kind);
    }
    assert!(
        fixture.arrivals().is_empty() && fixture.plugins.seen.lock().expect("no panic").is_empty()
    );
    let whole = vec![b'x'; limits::BODY_MAX_BYTES];
    assert_eq!(fixture.post(&door(), whole).await.status, StatusCode::ACCEPTED);
    let request = Request::post(door()).header("content-encoding", "gzip");
    let answered =
        fixture.send(request.body(Body::from(gzip(b"{\"a\":1}"))).expect("a request")).await;
    assert_eq!(answered.status, StatusCode::ACCEPTED);
    assert_eq!(&fixture.arrivals().last().expect("kept").body[..], b"{\"a\":1}");
}

#[tokio::test]
async fn the_key_and_credentials_are_kept_nowhere() {
    let fixture = Fixture::new();
    let request = Request::post(format!("{}/sub/{KEY}?k={KEY}", door()))
        .header("authorization", "Bearer hush")
        .header("cookie", "hush")
        .header("x-api-key", "hush")
        .header("referer", format!("http://h/in/{KEY}"))
        .header("user-agent", "probe")
        .body(Body::from(format!("{{\"url\":\"http://h/in/{KEY}\"}}")))
        .expect("a request");
    assert_eq!(fixture.send(request).await.status, StatusCode::ACCEPTED);
    let kept =
        format!("{:?} {:?}", fixture.arrivals(), fixture.plugins.seen.lock().expect("no panic"));
    assert!(!kept.contains(KEY) && !kept.contains("hush"), "{kept}");
    assert!(kept.contains("probe"));
}

#[tokio::test]
async fn a_refused_payload_is_kept_and_the_sender_hears_why() {
    let fixture = Fixture::new();
    let rejected = |reply| ParseOutcome::Rejected {
        message: "no host\nname".to_owned(),
        reply,
        plugin: stamp("nagios"),
    };
    fixture.parser_says(rejected(None));
    let answered = fixture.post(&door(), "{}").await;
    problem(&answered, 400, "bad-request");
    assert_eq!(answered.json()["detail"], "no host name");
    let reply =
        Reply { status: 422, content_type: "text/plain".to_owned(), body: "own words".into() };
    fixture.parser_says(rejected(Some(reply)));
    let answered = fixture.post(&door(), "{}").await;
    assert_eq!((answered.status.as_u16(), answered.text()), (422, "own words"));
    let arrivals = fixture.arrivals();
    assert_eq!(arrivals.len(), 2);
    assert!(
        matches!(arrivals[0].parsing, Parsing::Rejected { .. }) && arrivals[0].events.is_empty()
    );
}

#[tokio::test]
async fn a_parsers_own_reply_goes_out_as_it_is_but_is_never_a_page() {
    let fixture = Fixture::new();
    let reply =
        Reply { status: 200, content_type: "text/html".to_owned(), body: "<script>".into() };
    fixture.parser_says(ParseOutcome::Parsed {
        events: Vec::new(),
        reply: Some(reply),
        rejected: vec!["alert 3: no labels".to_owned()],
        plugin: stamp("nagios"),
    });
    let answered = fixture.post(&door(), "{}").await;
    assert_eq!((answered.status.as_u16(), answered.text()), (200, "<script>"));
    assert!(answered.header("content-security-policy").contains("sandbox"));
    assert_eq!(answered.header("x-content-type-options"), "nosniff");
    let rejected = vec!["alert 3: no labels".to_owned()];
    assert_eq!(fixture.arrivals()[0].parsing, Parsing::Parsed { rejected });
}

#[tokio::test]
async fn i07_a_broken_parser_makes_one_raw_alert_that_ends_with_the_next_good_payload() {
    let fixture = Fixture::new();
    fixture.parser_says(ParseOutcome::Failed {
        message: "trap: unreachable\n  frame 0".to_owned(),
        plugin: Some(stamp("nagios")),
    });
    for _ in 0..3 {
        assert_eq!(fixture.post(&door(), "{\"a\":1}").await.status, StatusCode::ACCEPTED);
    }
    fixture.decide_events().await;
    let arrivals = fixture.arrivals();
    let raw = &arrivals[0].events[0];
    assert_eq!(raw.dedup_key.as_str(), "raw:nagios");
    assert_eq!(raw.title, "parser `nagios` failed on a payload of `nagios`: trap: unreachable");
    assert_eq!(&arrivals[0].body[..], b"{\"a\":1}");
    let open = fixture.doors.door.view(|view| view.state.incidents().count());
    assert_eq!(open, 1, "one incident with a counter, not three");
    fixture.parser_says(parsed(vec![parsed_event("fine")]));
    let answered = fixture.post(&door(), "{}").await;
    assert_eq!(answered.json()["events"], 1, "what we add is not the sender's");
    let last = fixture.arrivals().pop().expect("kept");
    let kinds: Vec<EventKind> = last.events.iter().map(|event| event.kind).collect();
    assert_eq!(kinds, [EventKind::Trigger, EventKind::Resolve]);
    fixture.decide_events().await;
    fixture.post(&door(), "{}").await;
    assert_eq!(fixture.arrivals().pop().expect("kept").events.len(), 1, "it ended once");
}

#[tokio::test]
async fn overload_is_said_before_anything_is_accepted() {
    let fixture = Fixture::impatient();
    fixture.parser_says(ParseOutcome::Overloaded);
    let answered = fixture.post(&door(), "{}").await;
    problem(&answered, 503, "unavailable");
    assert_eq!(answered.header("retry-after"), limits::RETRY_AFTER_S.to_string());
    fixture.parser_says(parsed(Vec::new()));
    let places = fixture.doors.parsing.free.acquire_many(limits::PARSING_MAX as u32).await;
    problem(&fixture.post(&door(), "{}").await, 503, "unavailable");
    drop(places);
    assert!(fixture.arrivals().is_empty());
}

#[tokio::test]
async fn a_backlog_that_is_too_long_sends_monitors_away() {
    let fixture = Fixture::new();
    let all: Vec<_> = (0..1_000).map(|_| parsed_event("x")).collect();
    fixture.parser_says(parsed(all));
    for _ in 0..limits::BACKLOG_MAX / 1_000 {
        assert_eq!(fixture.post(&door(), "[]").await.status, StatusCode::ACCEPTED);
    }
    fixture.parser_says(parsed(vec![parsed_event("x")]));
    assert_eq!(fixture.post(&door(), "[]").await.status, StatusCode::ACCEPTED, "just full");
    let calls = fixture.plugins.seen.lock().expect("no panic").len();
    problem(&fixture.post(&door(), "[]").await, 503, "unavailable");
    assert_eq!(fixture.plugins.seen.lock().expect("no panic").len(), calls, "not even parsed");
    fixture.doors.door.set_cursor(EventId(1_000));
    assert_eq!(fixture.post(&door(), "[]").await.status, StatusCode::ACCEPTED);
}

#[tokio::test]
async fn ten_thousand_alerts_in_one_payload_are_bounded_and_it_is_said() {
    let fixture = Fixture::new();
    fixture.parser_says(parsed((0..10_000).map(|_| parsed_event("x")).collect()));
    let answered = fixture.post(&door(), "[]").await;
    assert_eq!(answered.json()["events"], limits::EVENTS_PER_PAYLOAD_MAX);
    let arrival = fixture.arrivals().pop().expect("kept");
    assert!(matches!(&arrival.parsing, Parsing::Parsed { rejected } if rejected.len() == 1));
}

#[tokio::test]
async fn many_senders_at_once_all_get_their_own_ids() {
    let fixture = Arc::new(Fixture::new());
    let sends = (0..200).map(|_| {
        let fixture = fixture.clone();
        async move { fixture.post(&door(), "{}").await.json()["ids"][0].clone() }
    });
    let mut ids: Vec<String> = futures_util::future::join_all(sends)
        .await
        .into_iter()
        .map(|id| id.as_str().expect("an id").to_owned())
        .collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 200);
}

fn refusal(answered: &Answered, error: &str) {
    assert_eq!(answered.status, StatusCode::BAD_REQUEST, "{answered:?}");
    assert_eq!(answered.json()["errors"], json!([error]), "{answered:?}");
}

#[tokio::test]
async fn pagerdutys_doors_find_the_key_in_the_body_and_hide_it() {
    let fixture = Fixture::new();
    for (path, member) in [
        ("/v2/enqueue", "routing_key"),
        ("/v2/change/enqueue", "routing_key"),
        ("/generic/2010-04-15/create_event.json", "service_key"),
    ] {
        let body = format!("{{\"payload\":{{\"summary\":\"s\"}},\n \"{member}\" : \"{KEY}\"}}");
        let answered = fixture.post(path, body).await;
        assert_eq!(answered.status, StatusCode::ACCEPTED, "{path}");
        let seen = fixture.plugins.seen.lock().expect("no panic").pop().expect("called");
        assert_eq!((&*seen.0, &*seen.1.path), ("pagerduty", path));
        let body: Value = serde_json::from_slice(&seen.1.body).expect("still JSON");
        assert_eq!(body[member], "***");
        assert_eq!(body["payload"]["summary"], "s");
        assert!(!format!("{:?}", fixture.arrivals()).contains(KEY));
    }
}

#[tokio::test]
async fn pagerdutys_senders_hear_what_is_wrong_in_their_dialect() {
    let fixture = Fixture::new();
    let length = "Length of 'routing_key' is incorrect (should be 32 characters)";
    let unknown = format!("{{\"routing_key\":\"{}\"}}", "f".repeat(32));
    for (body, error) in [
        ("{}", "'routing_key' is missing or blank"),
        ("{\"payload\":{\"routing_key\":\"x\"}}", "'routing_key' is missing or blank"),
        ("{\"routing_key\":\"short\"}", length),
        ("{\"routing_key\":\"\"}", length),
        ("{\"routing_key\":null}", length),
        (&unknown, "'routing_key' does not belong to any integration"),
        ("", "JSON parse error"),
        ("null", "JSON parse error"),
        ("{\"payload\":", "JSON parse error"),
        ("\u{feff}[1]", "JSON parse error"),
    ] {
        refusal(&fixture.post("/v2/enqueue", body.to_owned()).await, error);
    }
    let wide: Vec<u8> = "{}".encode_utf16().flat_map(u16::to_le_bytes).collect();
    refusal(&fixture.post("/v2/enqueue", wide).await, "JSON parse error");
    let empty = fixture.post("/v2/enqueue", "{}").await.json();
    assert_eq!(empty["status"], "invalid event");
    assert_eq!(empty["message"], "Event object is invalid");
    let broken = fixture.post("/v2/enqueue", "x").await.json();
    assert_eq!(broken["status"], "Unrecognized object");
    assert!(fixture.arrivals().is_empty());
}

#[tokio::test]
async fn pagerdutys_senders_get_a_dedup_key_even_when_the_parser_broke() {
    let fixture = Fixture::new();
    fixture.parser_says(ParseOutcome::Failed { message: "stall".to_owned(), plugin: None });
    for (member, wanted) in [(",\"dedup_key\":\"d/1\"", "d/1"), ("", "raw:nagios")] {
        let body = format!("{{\"routing_key\":\"{KEY}\"{member}}}");
        let answered = fixture.post("/v2/enqueue", body).await;
        assert_eq!(answered.status, StatusCode::ACCEPTED);
        assert_eq!(answered.json()["status"], "success");
        assert_eq!(answered.json()["dedup_key"], wanted);
    }
}
