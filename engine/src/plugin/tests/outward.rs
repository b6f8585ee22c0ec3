//! Parsers and channels: what senders and people on call depend on.

use super::guests::guest;
use super::{Bench, event, granting};
use crate::config::SecretPlan;
use crate::plugin::*;
use bytes::Bytes;
use jiff::Timestamp;
use nightbell_core::model::{FailureKind, Urgency};
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

fn payload(body: &str) -> Payload {
    Payload {
        id: "p1".to_owned(),
        attachments: vec![],
        integration: "monitor".into(),
        method: "POST".to_owned(),
        path: "/".to_owned(),
        query: String::new(),
        headers: vec![("user-agent".to_owned(), "test".to_owned())],
        content_type: "text/plain".to_owned(),
        body: Bytes::copy_from_slice(body.as_bytes()),
        received_at: Timestamp::UNIX_EPOCH,
    }
}

async fn parse(bench: &Bench, body: &str) -> ParseOutcome {
    bench.host.parse("parse", &payload(body), &serde_json::Value::Null).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_parser_s_result_verdict_and_failure_are_told_apart() {
    let bench = Bench::new().await;
    let missing = parse(&bench, "x").await;
    assert!(
        matches!(&missing, ParseOutcome::Failed { plugin: None, message } if message.contains("no parser plugin `parse`"))
    );
    bench
        .put(
            "parse.wasm",
            &guest("parse", "parse", "parser", "[limits]\nmemory_mib = 8\ncpu_ms = 50"),
        )
        .await;
    assert_eq!(bench.error("parse"), "");
    let ParseOutcome::Parsed { events, reply: None, rejected, plugin } =
        parse(&bench, "disk full").await
    else {
        panic!("not parsed")
    };
    assert_eq!((events.len(), events[0].title.as_str(), rejected.len()), (1, "disk full", 0));
    assert_eq!(&*plugin.sha256, bench.status("parse").sha256);
    let refused = parse(&bench, "?what").await;
    assert!(
        matches!(&refused, ParseOutcome::Rejected { message, .. } if message == "?what"),
        "{refused:?}"
    );
    for (body, expected) in [
        ("!", "trap: "),
        ("~", "stalled"),
        ("^", "out of memory"),
        ("#{", "nonsense: details are not JSON"),
    ] {
        let outcome = parse(&bench, body).await;
        let ParseOutcome::Failed { message, plugin: Some(_) } = &outcome else {
            panic!("{body}: {outcome:?}")
        };
        assert!(message.contains(expected), "{body}: {message}");
    }
    let ParseOutcome::Parsed { .. } = parse(&bench, "fine again").await else {
        panic!("four are not five")
    };
    let flood = parse(&bench, "*").await;
    assert!(
        matches!(&flood, ParseOutcome::Failed { message, .. } if message.contains("hands over more than")),
        "{flood:?}"
    );
    let resting = parse(&bench, "fine").await;
    assert!(
        matches!(&resting, ParseOutcome::Failed { message, .. } if message.contains("rests")),
        "{resting:?}"
    );
}

fn notification(address: &str) -> Notification {
    let at = Timestamp::UNIX_EPOCH;
    Notification {
        id: "d-1".into(),
        attempt: 1,
        purpose: Purpose::Page,
        created_at: at,
        now: at,
        address: address.to_owned(),
        person: "alice".into(),
        person_name: "Alice".to_owned(),
        language: "en".to_owned(),
        reason: "on call for primary".to_owned(),
        incident: NotifiedIncident {
            id: nightbell_core::model::IncidentId(12),
            title: "disk full".to_owned(),
            status: "triggered",
            urgency: Urgency::High,
            priority: None,
            service: "shop".into(),
            service_name: "Shop".to_owned(),
            created_at: at,
            alerts: Vec::new(),
            alert_count: 0,
            answered_by: Vec::new(),
        },
        event: event(1, "disk full"),
        answers: AnswerLinks::default(),
        callback_url: None,
        thread: None,
        update: String::new(),
    }
}

/// A server on the loopback that answers everything with `answer`; its origin.
async fn server(answer: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let origin = format!("http://{}", listener.local_addr().expect("bound"));
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let mut request = [0; 4_096];
            let _ = socket.read(&mut request).await;
            let length = answer.len();
            let text = format!(
                "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{answer}"
            );
            let _ = socket.write_all(text.as_bytes()).await;
        }
    });
    origin
}

async fn failure(bench: &Bench, address: &str) -> Failure {
    let delivered = bench.host.deliver("channel", notification(address)).await;
    delivered.result.expect_err(address)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_reaches_only_what_is_granted_and_never_sees_a_secret() {
    let (granted, other) = (server("the key is t0ps3cret").await, server("hello").await);
    let origin = granted.clone();
    let change = move |plan: &mut crate::config::Plan| {
        granting(plan, "channel", |word| {
            word.hosts = vec![origin.clone(), "http://169.254.169.254".to_owned()];
            let host = origin.trim_start_matches("http://").to_owned();
            let secret = SecretPlan {
                value: "t0ps3cret".to_owned().into(),
                hosts: vec![host],
                in_body: false,
            };
            word.secrets.insert("key".to_owned(), secret);
        });
    };
    let bench = Bench::with(change, Vec::new()).await;
    bench
        .put(
            "channel.wasm",
            &guest("channel", "channel", "channel", "requires = ['http', 'secret']"),
        )
        .await;
    assert_eq!(bench.error("channel"), "");
    let delivered =
        bench.host.deliver("channel", notification(&format!("{granted}/{{{{secret:key}}}}"))).await;
    let receipt = delivered.result.expect("delivered");
    assert_eq!((receipt.delivered, receipt.id.as_deref()), (true, Some("the key is ***")));
    assert!(delivered.plugin.is_some_and(|plugin| &*plugin.name == "channel"));

    for (address, expected) in [
        (other.as_str(), "is not granted"),
        ("http://169.254.169.254/latest", "allow_private"),
        ("ftp://example.org", "scheme `ftp`"),
    ] {
        let failure = failure(&bench, address).await;
        assert_eq!(failure.kind, FailureKind::Permanent, "the guest says so");
        assert!(failure.message.contains(expected), "{address}: {}", failure.message);
    }
}

/// A server that answers nobody before `count` have asked; its origin.
async fn patient_server(count: usize) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let origin = format!("http://{}", listener.local_addr().expect("bound"));
    tokio::spawn(async move {
        let mut waiting = Vec::new();
        while waiting.len() < count {
            let (mut socket, _) = listener.accept().await.expect("a client");
            let mut request = [0; 4_096];
            let _ = socket.read(&mut request).await;
            waiting.push(socket);
        }
        for mut socket in waiting {
            let text = b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok";
            let _ = socket.write_all(text).await;
        }
    });
    origin
}

#[tokio::test(flavor = "multi_thread")]
async fn one_slow_answer_holds_up_no_other_page_of_a_channel_with_state() {
    let origin = patient_server(4).await;
    let host = origin.clone();
    let change = move |plan: &mut crate::config::Plan| {
        granting(plan, "channel", |word| {
            word.hosts = vec![host.clone()];
            word.state = true;
        });
    };
    let bench = Bench::with(change, Vec::new()).await;
    let manifest = "requires = ['http', 'state']";
    bench.put("channel.wasm", &guest("channel", "channel", "channel", manifest)).await;
    assert_eq!(bench.error("channel"), "");
    let pages = (0..4).map(|_| bench.host.deliver("channel", notification(&origin)));
    for delivered in futures_util::future::join_all(pages).await {
        assert_eq!(delivered.result.expect("delivered").id.as_deref(), Some("ok"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_that_fails_is_worth_another_try() {
    let bench = Bench::new().await;
    let missing = failure(&bench, "http://127.0.0.1:1").await;
    assert!(missing.message.contains("no channel plugin `channel`"), "{}", missing.message);
    bench.put("channel.wasm", &guest("channel", "channel", "channel", "optional = ['http']")).await;
    let ungranted = failure(&bench, "http://127.0.0.1:1").await;
    assert!(
        ungranted.message.contains("`hosts = [\"https://…\"]` under `[plugin.channel]`"),
        "{}",
        ungranted.message
    );
    for _ in 0..5 {
        let trapped = failure(&bench, "!").await;
        assert_eq!(trapped.kind, FailureKind::Transient { retry_after_s: None });
        assert!(trapped.message.contains("trap: "), "{}", trapped.message);
    }
    assert_eq!(bench.state("channel"), PluginState::Quarantined);
    assert!(failure(&bench, "http://127.0.0.1:1").await.message.contains("rests"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_reads_answers() {
    let bench = Bench::new().await;
    bench.put("channel.wasm", &guest("channel", "channel", "channel", "optional = ['http']")).await;
    let request = CallbackRequest {
        method: "POST".to_owned(),
        url: "https://bell.example.org/hooks/channel/t".to_owned(),
        headers: Vec::new(),
        body: Bytes::new(),
        now: Timestamp::UNIX_EPOCH,
        delivery: Some("d-1".into()),
    };
    let answer = bench.host.callback("channel", request.clone()).await.expect("understood");
    assert_eq!((answer.action, answer.delivery), (AnswerAction::Acknowledge, None));
    assert_eq!((answer.reply.status, &answer.reply.body[..]), (200, &b"thank you"[..]));
    assert!(bench.host.callback("other", request).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_webhook_inside_may_reach_the_address_it_delivers_to_and_no_other() {
    let origin = server("ok").await;
    let bytes = guest("channel", "webhook", "channel", "requires = ['http']");
    let shipped = Shipped { name: "webhook".to_owned(), bytes: bytes.into() };
    let bench = Bench::with(|_| {}, vec![shipped]).await;
    assert_eq!(bench.state("webhook"), PluginState::Running, "{}", bench.error("webhook"));
    let delivered = bench.host.deliver("webhook", notification(&origin)).await;
    assert_eq!(delivered.result.expect("delivered").id.as_deref(), Some("ok"));
    bench.replan(|plan| plan.network.allow_private.clear()).await;
    let refused =
        bench.host.deliver("webhook", notification(&origin)).await.result.expect_err("private");
    assert!(refused.message.contains("allow_private"), "{}", refused.message);
}

#[tokio::test(flavor = "multi_thread")]
async fn more_payloads_than_places_are_parsed_all_the_same() {
    let bench = Bench::new().await;
    bench.put("parse.wasm", &guest("parse", "parse", "parser", "")).await;
    let host = Arc::clone(&bench.host);
    let tasks = (0..200).map(|_| {
        let host = host.clone();
        tokio::spawn(
            async move { host.parse("parse", &payload("x"), &serde_json::Value::Null).await },
        )
    });
    for outcome in futures_util::future::join_all(tasks).await {
        assert!(matches!(outcome.expect("no panic"), ParseOutcome::Parsed { .. }));
    }
}
