//! Payloads that went wrong on their way, made from good ones. Shared by the tests of the parsers.

use nightbell_plugin::testing::Host;
use nightbell_plugin::{Event, Parser, Payload};
use serde_json::{Value, json};

/// Runs every mutation of every sample, at every path, through a parser. A panic fails the test: in a guest it would
/// be a trap, and the sender's mistake would be ours. What does come out must be fit to show.
pub(crate) fn check<P: Parser>(
    settings: &dyn Fn() -> P::Settings,
    paths: &[&str],
    samples: &[&str],
) {
    let mut bodies: Vec<Vec<u8>> = hostile();
    for sample in samples {
        bodies.extend(bytes(sample));
        bodies.extend(values(sample));
    }
    let mut parser = P::new(settings());
    let mut events = 0;
    for body in bodies {
        for path in paths {
            for content_type in ["application/json", "application/x-www-form-urlencoded", ""] {
                let _host = Host::install();
                if let Ok(parsed) = parser.parse(payload(path, content_type, &body)) {
                    parsed.events.iter().for_each(presentable);
                    events += parsed.events.len();
                }
            }
        }
    }
    assert!(events > 0, "no mutation was accepted: the samples are wrong themselves");
}

fn presentable(event: &Event) {
    assert!(!event.title.is_empty() && !event.title.contains(char::is_control), "{event:?}");
    for href in event.links.iter().map(|link| &link.href) {
        let lower = href.to_ascii_lowercase();
        assert!(lower.starts_with("http://") || lower.starts_with("https://"), "{event:?}");
    }
    if !event.details.is_empty() {
        serde_json::from_str::<Value>(&event.details).expect("details are JSON");
    }
}

fn payload(path: &str, content_type: &str, body: &[u8]) -> Payload {
    Payload {
        id: "p1".to_owned(),
        attachments: vec![],
        integration: "test".to_owned(),
        method: "POST".to_owned(),
        path: path.to_owned(),
        query: String::new(),
        headers: vec![],
        content_type: content_type.to_owned(),
        body: body.to_vec(),
        received_at: 1_767_603_600_000,
    }
}

/// Bodies that are wrong for everybody, and some that are right for nobody in particular.
fn hostile() -> Vec<Vec<u8>> {
    let mut all: Vec<Vec<u8>> = [
        "",
        " ",
        "null",
        "[]",
        "{}",
        "\"x\"",
        "0",
        "[null]",
        "[[]]",
        "[{}]",
        "{\"\":\"\"}",
        "1e400",
        "[1e400]",
        "\u{feff}{}",
        "\u{feff}",
        "{\"title\":\"\\ud800\"}",
        "=&=&%",
        "a=%ff&b=%00",
        "payload={",
        "payload=[]",
        "\u{202e}x\u{0}\u{1b}[31m",
        "{\"alerts\":[]}",
        "{\"a\":1,\"a\":2}",
    ]
    .iter()
    .map(|text| text.as_bytes().to_vec())
    .collect();
    all.push("[".repeat(10_000).into_bytes());
    all.push("{\"a\":".repeat(10_000).into_bytes());
    all.push(format!("{}{}", "[".repeat(100), "]".repeat(100)).into_bytes());
    all.push(b"\xff\xfe{\x00}\x00".to_vec());
    all.push(b"{\"title\":\"\x83\x65\x83\x58\"}".to_vec());
    all.push(format!("{{\"title\":\"{}\"}}", "あ".repeat(5_000)).into_bytes());
    all
}

/// Cut at every byte, and every byte replaced.
fn bytes(sample: &str) -> Vec<Vec<u8>> {
    let mut all = vec![];
    for at in 0..sample.len() {
        all.push(sample.as_bytes()[..at].to_vec());
        for byte in [b'"', b'{', b']', b'9', b'\\', 0, 0xff] {
            let mut body = sample.as_bytes().to_vec();
            body[at] = byte;
            all.push(body);
        }
    }
    all
}

/// Every value of the document replaced by one of another type.
fn values(sample: &str) -> Vec<Vec<u8>> {
    let Ok(document) = serde_json::from_str::<Value>(sample) else { return vec![] };
    let others = [
        json!(null),
        json!(true),
        json!(-1),
        json!(u64::MAX),
        json!(1e308),
        json!(""),
        json!("\u{0}\r\n\u{202e}"),
        json!("0001-01-01T00:00:00Z"),
        json!("9999-12-31T23:59:60+14:00"),
        json!("javascript:alert(1)"),
        json!([]),
        json!({}),
        json!([[{ "name": [null] }]]),
        json!({ "name": { "href": [] } }),
    ];
    let mut all = vec![];
    for place in 0..count(&document) {
        for other in &others {
            let mut changed = document.clone();
            replace(&mut changed, &mut { place }, other);
            all.push(changed.to_string().into_bytes());
        }
    }
    all
}

fn count(value: &Value) -> usize {
    1 + match value {
        Value::Array(items) => items.iter().map(count).sum(),
        Value::Object(fields) => fields.values().map(count).sum(),
        _ => 0,
    }
}

/// Replaces the value with this number, counted in the order of reading; true when it was here.
fn replace(value: &mut Value, left: &mut usize, other: &Value) -> bool {
    if *left == 0 {
        *value = other.clone();
        return true;
    }
    *left -= 1;
    match value {
        Value::Array(items) => items.iter_mut().any(|item| replace(item, left, other)),
        Value::Object(fields) => fields.values_mut().any(|field| replace(field, left, other)),
        _ => false,
    }
}
