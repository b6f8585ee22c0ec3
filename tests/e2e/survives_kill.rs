//! What was answered 202 survives SIGKILL, and what was ringing goes on ringing.

use nightbell_tests::config::{GENERIC_KEY, KEY};
use nightbell_tests::{Config, Engine, MailServer, until};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

#[tokio::test(flavor = "multi_thread")]
async fn i02_an_incident_goes_on_escalating_after_sigkill() {
    let mail = MailServer::start().await;
    let config = Config::two_steps(mail.port, "3s");
    let mut engine = Engine::start(&config).await;
    let body = "NOTIFICATIONTYPE=PROBLEM&HOSTNAME=db1&SERVICEDESC=disk&SERVICESTATE=CRITICAL&SERVICEOUTPUT=full";
    let form = "application/x-www-form-urlencoded";
    let (status, _) = engine.ingest(&format!("/in/{KEY}"), form, body).await;
    assert_eq!(status, 202);
    mail.mail("alice@example.org", "db1").await;
    let before = engine.incident("db1").await;
    engine.kill();
    assert_eq!(mail.count("bob@example.org", "db1"), 0);

    let engine = Engine::start(&config).await;
    mail.mail("bob@example.org", "db1").await;
    let after = engine.incident("db1").await;
    assert_eq!(before["id"], after["id"], "the same incident");
    assert_eq!(after["status"], "triggered");
}

/// How often the server is killed, and how many events each life takes at most.
const LIVES: u64 = 16;
const WRITERS: u64 = 8;

#[tokio::test(flavor = "multi_thread")]
async fn i02_i03_every_accepted_event_every_incident_and_every_escalation_survive_random_kills() {
    let mail = MailServer::start().await;
    let config = Config::two_steps(mail.port, "10m");
    let accepted = Arc::new(Mutex::new(BTreeSet::new()));
    let next = Arc::new(AtomicU64::new(0));
    // Kills fall after a number of accepted events that differs from life to life.
    for life in 0..LIVES {
        let mut engine = Engine::start(&config).await;
        let enough = accepted.lock().unwrap().len() as u64 + 5 + life * 37 % 90;
        let stop = Arc::new(AtomicBool::new(false));
        let url = config.url(&format!("/in/{GENERIC_KEY}"));
        let writers: Vec<_> = (0..WRITERS)
            .map(|_| tokio::spawn(write(url.clone(), next.clone(), accepted.clone(), stop.clone())))
            .collect();
        until("enough accepted events", || async {
            (accepted.lock().unwrap().len() as u64 >= enough).then_some(())
        })
        .await;
        engine.kill();
        stop.store(true, Ordering::SeqCst);
        for writer in writers {
            writer.await.unwrap();
        }
    }

    let engine = Engine::start(&config).await;
    let accepted = accepted.lock().unwrap().clone();
    let open = until("every accepted event's incident", || async {
        let open = all_open(&engine).await;
        let titles: BTreeSet<_> =
            open.iter().map(|i| i["title"].as_str().unwrap().to_owned()).collect();
        accepted.is_subset(&titles).then_some(open)
    })
    .await;
    let titles: Vec<_> = open.iter().map(|i| i["title"].clone()).collect();
    let unique: BTreeSet<_> = titles.iter().map(ToString::to_string).collect();
    assert_eq!(titles.len(), unique.len(), "no event opened two incidents");
    let ids: BTreeSet<_> = open.iter().map(|i| i["id"].to_string()).collect();
    assert_eq!(ids.len(), open.len(), "no number was given twice");
    for incident in &open {
        assert_eq!(incident["status"], "triggered");
        assert!(
            !incident["escalation"]["next_at"].is_null(),
            "the escalation is pending: {incident}"
        );
    }
    // The same journal, read once more from nothing: the index is thrown away.
    drop(engine);
    std::fs::remove_dir_all(config.data().join("index")).unwrap();
    let engine = Engine::start(&config).await;
    let again: BTreeSet<_> = all_open(&engine).await.iter().map(|i| i["id"].to_string()).collect();
    assert_eq!(again, ids, "the index is rebuilt from the journal");
}

/// Posts events with keys of their own until told to stop; remembers which were accepted.
async fn write(
    url: String,
    next: Arc<AtomicU64>,
    accepted: Arc<Mutex<BTreeSet<String>>>,
    stop: Arc<AtomicBool>,
) {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    while !stop.load(Ordering::SeqCst) {
        let key = format!("event {}", next.fetch_add(1, Ordering::SeqCst));
        let body = json!({"title": key, "dedup_key": key, "severity": "critical"});
        let sent = client.post(&url).json(&body).send().await;
        if sent.is_ok_and(|answer| answer.status() == 202) {
            accepted.lock().unwrap().insert(key);
        }
    }
}

async fn all_open(engine: &Engine) -> Vec<Value> {
    let mut all = Vec::new();
    let mut path = "/incidents?status=triggered&limit=200".to_owned();
    loop {
        let page = engine.get(&path).await;
        all.extend(page["items"].as_array().unwrap().iter().cloned());
        let Some(next) = page["next"].as_str() else { return all };
        path = format!("/incidents?status=triggered&limit=200&cursor={next}");
    }
}
