//! A plugin is replaced while events flow: none is lost, and each is judged by exactly one version.

use nightbell_tests::config::PROMETHEUS_KEY;
use nightbell_tests::{Config, Engine, MailServer, until};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

/// The shipped `mute` under another name and version: the same code, another file.
pub(crate) fn version(number: u32) -> Vec<u8> {
    let file = nightbell_tests::root().join("target/plugins/mute.wasm");
    let bytes = std::fs::read(&file)
        .unwrap_or_else(|_| panic!("{}: run `cargo xtask plugins`", file.display()));
    let manifest = format!(
        "name = \"quiet\"\nversion = \"1.0.{number}\"\nkind = \"filter\"\ndescription = \"version {number}\"\n\
         [settings.rules]\ntype = \"array\"\n"
    );
    nightbell_tests::repack(&bytes, &manifest)
}

/// As an operator copies a file in: to a name beside it, then into place.
pub(crate) fn drop_in(plugins: &Path, bytes: &[u8]) {
    let draft = plugins.join(".quiet.wasm.part");
    std::fs::write(&draft, bytes).unwrap();
    std::fs::rename(&draft, plugins.join("quiet.wasm")).unwrap();
}

pub(crate) async fn status(engine: &Engine) -> Option<Value> {
    let all = engine.get("/plugins").await;
    let mut items = all["items"].as_array().unwrap().clone().into_iter();
    items.find(|plugin| plugin["name"] == "quiet")
}

pub(crate) async fn running(engine: &Engine, version: &str) {
    until(format!("quiet {version} to run"), || async {
        let status = status(engine).await?;
        (status["version"] == version && status["state"] == "running").then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn i05_i07_replacing_a_filter_under_load_loses_nothing_and_mixes_nothing() {
    let mail = MailServer::start().await;
    let config = Config::two_steps(mail.port, "10m");
    std::fs::write(
        config.plugins().join("quiet.toml"),
        "[settings]\nrules = [{ match = [\"job=load\"], action = \"drop\", reason = \"load test\" }]\n",
    )
    .unwrap();
    let engine = Arc::new(Engine::start(&config).await);
    drop_in(&config.plugins(), &version(1));
    running(&engine, "1.0.1").await;

    let (stop, sent) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let load = tokio::spawn(load(config.url(""), 20, stop.clone(), sent.clone()));
    let many = |count: u64| {
        let sent = sent.clone();
        until(format!("{count} events under load"), move || {
            let enough = sent.load(Ordering::SeqCst) >= count;
            async move { enough.then_some(()) }
        })
    };
    many(1_000).await;
    drop_in(&config.plugins(), &version(2));
    running(&engine, "1.0.2").await;
    many(sent.load(Ordering::SeqCst) + 1_000).await;

    // A half-written file and one that is no plugin never replace a working one.
    let good = version(3);
    std::fs::write(config.plugins().join("quiet.wasm"), &good[..good.len() / 2]).unwrap();
    until("the broken file to be reported", || async {
        let status = status(&engine).await?;
        status["error"].is_string().then_some(())
    })
    .await;
    let kept = status(&engine).await.unwrap();
    assert_eq!(kept["state"], "running", "{kept}");
    many(sent.load(Ordering::SeqCst) + 1_000).await;
    drop_in(&config.plugins(), &good);
    running(&engine, "1.0.3").await;
    many(sent.load(Ordering::SeqCst) + 500).await;
    stop.store(true, Ordering::SeqCst);
    let lost = load.await.unwrap();
    assert_eq!(lost, 0, "every request was accepted");

    let total = sent.load(Ordering::SeqCst);
    let judged = judged(&engine, total).await;
    let versions: BTreeSet<_> = judged.values().cloned().collect();
    assert!(versions.len() >= 3, "every version judged some: {versions:?}");
    assert!(engine.incidents().await.is_empty(), "every event was dropped by the filter");

    std::fs::remove_file(config.plugins().join("quiet.wasm")).unwrap();
    until("the removed plugin to be gone", || async {
        status(&engine).await.is_none().then_some(())
    })
    .await;
}

/// Posts so many alerts every 20 ms. Answers how many requests were not accepted.
#[allow(clippy::disallowed_methods, reason = "the pace of the load is the point")]
pub(crate) async fn load(
    url: String,
    alerts_each: u64,
    stop: Arc<AtomicBool>,
    sent: Arc<AtomicU64>,
) -> u64 {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let url = format!("{url}/in/{PROMETHEUS_KEY}/api/v2/alerts");
    let mut pace = tokio::time::interval(Duration::from_millis(20));
    let (mut lost, mut number) = (0, 0_u64);
    while !stop.load(Ordering::SeqCst) {
        pace.tick().await;
        let alerts: Vec<_> = (0..alerts_each)
            .map(|i| json!({"labels": {"alertname": "Load", "job": "load", "n": format!("{}", number + i)}}))
            .collect();
        let answer = client.post(&url).json(&alerts).send().await;
        match answer.is_ok_and(|answer| answer.status() == 200) {
            true => {
                sent.fetch_add(alerts_each, Ordering::SeqCst);
            }
            false => lost += 1,
        }
        number += alerts_each;
    }
    lost
}

/// Waits until every event is decided; each must have been judged once. Answers which version of the filter judged which event.
pub(crate) async fn judged(engine: &Engine, total: u64) -> BTreeMap<String, String> {
    let mut judged = BTreeMap::new();
    let mut path = "/events?limit=200".to_owned();
    loop {
        let page = engine.get(&path).await;
        for event in page["items"].as_array().unwrap() {
            let id = event["id"].to_string().trim_matches('"').to_owned();
            let explained = until(format!("event {id} to be decided"), || async {
                let explained = engine.get(&format!("/events/{id}/explain")).await;
                (!explained["fate"].is_null()).then_some(explained)
            })
            .await;
            let stages = explained["stages"].as_array().unwrap();
            let of_quiet: Vec<_> = stages.iter().filter(|s| s["plugin"] == "quiet").collect();
            assert_eq!(of_quiet.len(), 1, "one outcome by one version: {explained}");
            judged.insert(id, of_quiet[0]["sha256"].to_string());
        }
        let Some(next) = page["next"].as_str() else { break };
        path = format!("/events?limit=200&cursor={next}");
    }
    assert_eq!(judged.len() as u64, total, "none lost, none twice");
    judged
}
