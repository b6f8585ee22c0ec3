//! Parsers and channels that misbehave: the payload is kept as a raw event, the page is tried again or goes another way, and
//! nothing of another plugin or of the operator gets out.

use super::guests::{animal, guest, misbehaving};
use super::outward::{failure, notification, parse, server};
use super::{Bench, granting};
use crate::config::{Plan, SecretPlan};
use crate::plugin::*;
use bytes::Bytes;
use jiff::Timestamp;
use nightbell_core::model::FailureKind;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// Answers at 128 with these words in it; at 1024 lies an event that is all zero, at 64 text that is not UTF-8, at 80 and 96
/// records of it as in `zoo`.
fn answer_with(words: &[(u32, u32)]) -> String {
    let stores: String = words
        .iter()
        .map(|(at, word)| format!("(i32.store (i32.const {at}) (i32.const {word}))"))
        .collect();
    format!(
        r#"(data (i32.const 64) "\ff\fe\fd")
        (data (i32.const 80) "\40\00\00\00\03\00\00\00\40\00\00\00\03\00\00\00\40\00\00\00\03\00\00\00")
        (data (i32.const 112) "\00\00\00\00\00\00\00\00\40\00\00\00\03\00\00\00")
        (func $misbehave (param i32) (result i32)
          (memory.fill (i32.const 128) (i32.const 0) (i32.const 64))
          {stores}
          (i32.const 128))"#
    )
}

const UTF_8: &str = "trap: invalid utf-8 sequence";
/// Where an answer's one event lies, as (events, how many).
const ONE_EVENT: [(u32, u32); 2] = [(132, 1024), (136, 1)];

/// A parser's answer with one event that has these words in it.
fn event_with(words: &[(u32, u32)]) -> Vec<(u32, u32)> {
    ONE_EVENT.into_iter().chain(words.iter().map(|(at, word)| (1024 + at, *word))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_parser_that_breaks_is_our_fault_and_says_why() {
    let bench = Bench::new().await;
    let quick = "[limits]\ncpu_ms = 50\nmemory_mib = 8";
    let text = |at: u32| event_with(&[(at, 64), (at + 4, 3)]);
    let list = |at: u32, element: u32| event_with(&[(at, element), (at + 4, 1)]);
    let mut cases: Vec<(String, Vec<u8>, &str)> = Vec::new();
    for (file, why) in [
        ("trap", "trap: wasm `unreachable` instruction executed"),
        ("loop", "stalled: computed for more than 50 ms"),
        ("recursion", "trap: call stack exhausted"),
        ("memory-growth", "out of memory: wanted 9 MiB, may have 8"),
        ("table-growth", "out of memory: wanted a table of 20001 elements"),
        ("call-flood", "trap: more than 10000 calls to the host in one call"),
    ] {
        cases.push((file.to_owned(), animal(file, "parse", "parser", quick), why));
    }
    for (what, words, why) in [
        ("dedup key", event_with(&[(4, 1), (8, 64), (12, 3)]), UTF_8),
        ("title", text(16), UTF_8),
        ("source", text(64), UTF_8),
        ("a link's href", list(72, 80), UTF_8),
        ("a link's text", list(72, 112), UTF_8),
        ("an image", list(80, 80), UTF_8),
        ("an image's href", list(80, 112), UTF_8),
        ("a label's name", list(88, 80), UTF_8),
        ("a label's value", list(88, 112), UTF_8),
        ("details", text(96), UTF_8),
        ("an attribute's name", list(104, 80), UTF_8),
        ("an attribute's value", list(104, 112), UTF_8),
        ("a refused part", vec![(164, 80), (168, 1)], UTF_8),
        ("the reply's content type", vec![(140, 1), (148, 64), (152, 3)], UTF_8),
        ("the error's message", vec![(128, 1), (132, 64), (136, 3)], UTF_8),
        (
            "a title outside memory",
            event_with(&[(16, 0x7fff_0000), (20, 9)]),
            "trap: string pointer/length out of bounds",
        ),
        (
            "events outside memory",
            vec![(132, 0x7fff_0000), (136, 1)],
            "trap: list pointer/length out of bounds",
        ),
        ("no such kind of event", event_with(&[(0, 77)]), "trap: unexpected discriminant: 77"),
        ("no such severity", event_with(&[(24, 77)]), "trap: unexpected discriminant: 77"),
        (
            "a start beyond the calendar",
            event_with(&[(32, 1), (40, 0), (44, 0x7fff_ffff)]),
            "starts-at",
        ),
        (
            "an end beyond the calendar",
            event_with(&[(48, 1), (56, 0), (60, 0x8000_0000)]),
            "expires-at",
        ),
        (
            "too many events",
            vec![(132, 32_768), (136, 1_001)],
            "1001 events, expected at most 1000",
        ),
        (
            "too many labels",
            event_with(&[(88, 2048), (92, 257)]),
            "257 labels, expected at most 256",
        ),
        ("too many links", event_with(&[(72, 2048), (76, 65)]), "65 links, expected at most 64"),
        ("details that are no JSON", event_with(&[(96, 60), (100, 1)]), "details are not JSON"),
        ("a reply of status 0", vec![(140, 1)], "reply with status 0, expected 200 to 599"),
    ] {
        cases.push((
            what.to_owned(),
            misbehaving(&answer_with(&words), "parse", "parser", ""),
            why,
        ));
    }
    for (what, bytes, why) in cases {
        bench.put("parse.wasm", &bytes).await;
        assert_eq!(bench.error("parse"), "", "{what} loads");
        let outcome = parse(&bench, "@").await;
        let ParseOutcome::Failed { message, plugin: Some(_) } = &outcome else {
            panic!("{what}: {outcome:?}")
        };
        assert!(message.contains(why), "{what}: {message}");
        let fine = parse(&bench, "disk full").await;
        assert!(
            matches!(&fine, ParseOutcome::Parsed { events, .. } if events[0].title == "disk full"),
            "{what}: {fine:?}"
        );
        assert_eq!(bench.status("parse").failures, 1, "{what}");
    }
}

fn callback_request(url: &str) -> CallbackRequest {
    CallbackRequest {
        method: "POST".to_owned(),
        url: url.to_owned(),
        headers: Vec::new(),
        body: Bytes::new(),
        now: Timestamp::UNIX_EPOCH,
        delivery: None,
    }
}

/// Asks a channel in all three ways with something that makes it misbehave.
async fn three_failures(bench: &Bench) -> [Failure; 3] {
    let validated = bench.host.validate("channel", "@", Timestamp::UNIX_EPOCH).await;
    [
        failure(bench, "@").await,
        bench.host.callback("channel", callback_request("@")).await.expect_err("misbehaves"),
        validated.expect_err("misbehaves"),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_that_breaks_is_worth_another_try_and_says_why() {
    let bench = Bench::new().await;
    let quick = "[limits]\ncpu_ms = 50\nmemory_mib = 8";
    for (file, why) in [
        ("trap", "trap: wasm `unreachable` instruction executed"),
        ("loop", "stalled: computed for more than 50 ms"),
        ("recursion", "trap: call stack exhausted"),
        ("memory-growth", "out of memory: wanted 9 MiB, may have 8"),
        ("call-flood", "trap: more than 10000 calls to the host in one call"),
    ] {
        bench.put("channel.wasm", &animal(file, "channel", "channel", quick)).await;
        assert_eq!(bench.error("channel"), "", "{file} loads");
        for failure in three_failures(&bench).await {
            assert_eq!(failure.kind, FailureKind::Transient { retry_after_s: None }, "{file}");
            assert!(failure.message.starts_with(&format!("channel: {why}")), "{file}: {failure}");
        }
        let fine = bench.host.deliver("channel", notification("alice")).await;
        assert!(fine.result.is_ok(), "{file}: {fine:?}");
    }
    // Which of the three ways in meets the bad text.
    let (deliver, callback, validate) = (0, 1, 2);
    for (what, way, words, why) in [
        ("receipt id", deliver, vec![(136, 1), (140, 64), (144, 3)], UTF_8),
        ("thread", deliver, vec![(148, 1), (152, 64), (156, 3)], UTF_8),
        ("problem", deliver, vec![(160, 80), (164, 1)], UTF_8),
        ("failure's message", deliver, vec![(128, 1), (136, 64), (140, 3)], UTF_8),
        (
            "a thread too long",
            deliver,
            vec![(148, 1), (152, 2048), (156, 5_000)],
            "thread of 5000 bytes, expected at most 4096",
        ),
        (
            "too many problems",
            deliver,
            vec![(160, 2048), (164, 1_001)],
            "1001 problems, expected at most 1000",
        ),
        ("why it failed", callback, vec![(132, 4), (136, 64), (140, 3)], UTF_8),
        ("delivery", callback, vec![(144, 1), (148, 64), (152, 3)], UTF_8),
        ("account", callback, vec![(156, 1), (160, 64), (164, 3)], UTF_8),
        ("content type", callback, vec![(172, 64), (176, 3)], UTF_8),
        ("a status of 0", callback, vec![], "reply with status 0, expected 200 to 599"),
        (
            "an action that does not exist",
            callback,
            vec![(132, 99)],
            "trap: unexpected discriminant: 99",
        ),
        ("an address", validate, vec![(132, 64), (136, 3)], UTF_8),
        ("what is wrong with one", validate, vec![(128, 1), (132, 64), (136, 3)], UTF_8),
        (
            "an address too long",
            validate,
            vec![(132, 2048), (136, 2_000)],
            "an address of 2000 bytes",
        ),
    ] {
        let bytes = misbehaving(&answer_with(&words), "channel", "channel", "");
        bench.put("channel.wasm", &bytes).await;
        let told = match way {
            0 => failure(&bench, "@").await,
            1 => bench.host.callback("channel", callback_request("@")).await.expect_err(what),
            _ => bench.host.validate("channel", "@", Timestamp::UNIX_EPOCH).await.expect_err(what),
        };
        assert!(told.message.contains(why), "{what}: {told}");
        assert_eq!(bench.status("channel").failures, 1, "{what}");
    }
}

/// A server on the loopback that answers with the request it got, word for word.
async fn echo() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let origin = format!("http://{}", listener.local_addr().expect("bound"));
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let mut request = vec![0; 8_192];
            let length = socket.read(&mut request).await.unwrap_or(0);
            let head =
                format!("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n");
            let _ = socket.write_all(head.as_bytes()).await;
            let _ = socket.write_all(&request[..length]).await;
        }
    });
    origin
}

fn channel_named(name: &str) -> Vec<u8> {
    guest("channel", name, "channel", "optional = ['http', 'secret']")
}

/// Grants HTTP to an origin, and with it a secret.
fn with_secret(plan: &mut Plan, name: &str, origin: &str) {
    granting(plan, name, |word| {
        word.hosts = vec![origin.to_owned()];
        let hosts = vec![origin.trim_start_matches("http://").to_owned()];
        let secret =
            SecretPlan { value: "t0ps3cret/value".to_owned().into(), hosts, in_body: false };
        word.secrets.insert("key".to_owned(), secret);
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn i13_a_plugin_never_sees_its_secret_even_when_the_other_side_says_it_back() {
    let origin = echo().await;
    let granted = origin.clone();
    let bench = Bench::with(move |plan| with_secret(plan, "channel", &granted), Vec::new()).await;
    bench.put("channel.wasm", &channel_named("channel")).await;
    let address = format!("{origin}/bot{{{{secret:key}}}}/send");
    let delivered = bench.host.deliver("channel", notification(&address)).await;
    let heard = delivered.result.expect("delivered").id.expect("what came back");
    assert!(heard.starts_with("GET /bot***/send HTTP/1.1"), "{heard}");
    assert!(!heard.contains("t0ps3cret"), "{heard}");
}

#[tokio::test(flavor = "multi_thread")]
async fn i13_a_plugin_cannot_use_another_s_secret_or_host() {
    let origin = echo().await;
    let other = server("hello").await;
    let (granted, others) = (origin.clone(), other.clone());
    let change = move |plan: &mut Plan| {
        with_secret(plan, "rich", &granted);
        granting(plan, "channel", |word| word.hosts = vec![others]);
    };
    let bench = Bench::with(change, Vec::new()).await;
    bench.put("rich.wasm", &channel_named("rich")).await;
    bench.put("channel.wasm", &channel_named("channel")).await;
    for (address, why) in [
        (format!("{other}/{{{{secret:key}}}}"), "no secret `key` is granted"),
        (origin, "is not granted: add it to the plugin's `hosts`"),
    ] {
        let told = failure(&bench, &address).await;
        assert!(told.message.contains(why), "{address}: {told}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_name_at_a_private_address_is_not_reached() {
    let origin = server("inside").await.replace("127.0.0.1", "localhost");
    let granted = origin.clone();
    let change =
        move |plan: &mut Plan| granting(plan, "channel", |word| word.hosts = vec![granted]);
    let bench = Bench::with(change, Vec::new()).await;
    bench.put("channel.wasm", &channel_named("channel")).await;
    let fine = bench.host.deliver("channel", notification(&origin)).await;
    assert_eq!(fine.result.expect("allowed here").id.as_deref(), Some("inside"));
    // A connection that is still open was checked when it was made; a fresh name is looked up again.
    let fresh = server("inside").await.replace("127.0.0.1", "localhost");
    bench
        .replan(|plan| {
            plan.network.allow_private.clear();
            granting(plan, "channel", |word| word.hosts = vec![fresh.clone()]);
        })
        .await;
    let told = failure(&bench, &fresh).await;
    assert!(
        told.message.contains("`localhost` is at")
            && told.message.contains("not on the public internet"),
        "{told}"
    );
    assert_eq!(
        bench.state("channel"),
        PluginState::Running,
        "to be refused is no failure of the plugin"
    );
}
