//! The same events through the same filters give the same verdicts: as they are read from a copied journal on another machine,
//! and as they are judged anew by another engine that is restarted on the way (I14).

use crate::misbehaving_plugins::{explained, post, tally};
use nightbell_tests::{Config, Engine, MailServer};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;

/// Payloads of different sizes, some with an alert that breaks the filter.
fn payloads() -> Vec<Vec<String>> {
    let sizes = [1, 7, 20, 3, 12, 1, 9];
    let titles = sizes.iter().enumerate().map(|(payload, size)| {
        (0..*size).map(move |nth| match (payload, nth) {
            (2, 11) | (4, 0) => format!("! poison {payload}.{nth}"),
            _ => format!("alert {payload}.{nth} 火事"),
        })
    });
    titles.map(Iterator::collect).collect()
}

fn config(smtp_port: u16) -> Config {
    let config = Config::two_steps(smtp_port, "10m").with(
        "[plugin.tally]\nstate = true\nsettings = { every = 3 }\n\n[plugin.mute]\nsettings = { rules = [{ match = [\"alertname=~\\\"alert 1.*\\\"\"], action = \"suppress\", reason = \"one\" }] }\n",
    );
    std::fs::write(config.plugins().join("tally.wasm"), tally()).unwrap();
    config
}

async fn post_all(engine: &Engine, payloads: &[Vec<String>]) {
    for titles in payloads {
        post(engine, titles).await;
    }
}

/// What was said of each event, by whom: everything but times and the shape of the batches.
fn said(events: &BTreeMap<String, Value>) -> BTreeMap<String, Vec<(Value, Value, Value)>> {
    let of = |event: &Value| {
        let stages = event["stages"].as_array().unwrap().iter();
        stages.map(|s| (s["plugin"].clone(), s["sha256"].clone(), s["verdict"].clone())).collect()
    };
    events.iter().map(|(title, event)| (title.clone(), of(event))).collect()
}

/// Copies a data directory as a careful operator does: without what can be made anew.
fn copy_data(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        match entry.path().is_dir() {
            true if entry.file_name() == "index" || entry.file_name() == "cache" => {}
            true => copy_data(&entry.path(), &target),
            false => drop(std::fs::copy(entry.path(), target).unwrap()),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn i14_a_journal_says_the_same_on_another_machine_and_so_does_another_engine_that_is_restarted()
 {
    let mail = MailServer::start().await;
    let payloads = payloads();
    let count = payloads.iter().map(Vec::len).sum();
    let first = config(mail.port);
    let mut engine = Engine::start(&first).await;
    post_all(&engine, &payloads).await;
    let told = explained(&engine, count).await;
    let drops = told.values().filter(|event| event.to_string().contains("drop: number ")).count();
    assert_eq!(drops, (count - 2) / 3, "the filter with state had its say");
    engine.stop().await;

    // Another machine: the journal is copied, without the index and without the plugin.
    let other = Config::two_steps(mail.port, "10m");
    copy_data(&first.data(), &other.data());
    assert!(!other.data().join("index").exists());
    let engine = Engine::start(&other).await;
    let read = explained(&engine, count).await;
    let stages = |events: &BTreeMap<String, Value>| -> Vec<Value> {
        events
            .values()
            .map(|event| json!([event["id"], event["event"], event["stages"], event["fate"]]))
            .collect()
    };
    assert_eq!(
        stages(&read),
        stages(&told),
        "byte for byte, durations included: it is read, not judged again"
    );
    drop(engine);

    // Another engine judges the same events anew, and loses its process on the way.
    let anew = config(mail.port);
    let (before, after) = payloads.split_at(3);
    let mut engine = Engine::start(&anew).await;
    post_all(&engine, before).await;
    explained(&engine, before.iter().map(Vec::len).sum()).await;
    engine.kill();
    let engine = Engine::start(&anew).await;
    post_all(&engine, after).await;
    let judged = explained(&engine, count).await;
    assert_eq!(said(&judged), said(&told));
}
