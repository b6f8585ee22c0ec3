//! A filter's file is replaced five hundred times under load, in all the ways in which people and tools replace files, and the
//! watcher of the real engine has to follow.

use crate::hot_reload::{drop_in, judged, load, running, status, version};
use nightbell_tests::{Config, Engine, MailServer, until};
use std::collections::BTreeSet;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

/// Versions that take turns.
const VERSIONS: u32 = 6;
const REPLACEMENTS: usize = 500;

/// One replacement. The filter's name always has a file, whole or half.
fn replace(plugins: &Path, nth: usize, bytes: &[u8]) {
    let path = plugins.join("quiet.wasm");
    match nth % 10 {
        // A slow copy: half of it now, the rest with the next replacement.
        0 => std::fs::write(&path, &bytes[..bytes.len() / 2]).unwrap(),
        1 => std::fs::write(&path, bytes).unwrap(),
        // A link that is turned to another file, as deployment tools do it.
        2 | 3 => {
            let kept = format!("store/{nth}.bin");
            std::fs::write(plugins.join(&kept), bytes).unwrap();
            symlink(&kept, plugins.join(".link")).unwrap();
            std::fs::rename(plugins.join(".link"), &path).unwrap();
        }
        // A second file with the same name inside, under a name that differs in case alone; and away with it.
        4 => std::fs::write(plugins.join("Quiet.wasm"), bytes).unwrap(),
        5 => std::fs::remove_file(plugins.join("Quiet.wasm")).unwrap(),
        // Under another name, while the old one is written anew.
        6 => {
            std::fs::rename(&path, plugins.join("quiet-old.wasm")).unwrap();
            drop_in(plugins, bytes);
            std::fs::remove_file(plugins.join("quiet-old.wasm")).unwrap();
        }
        _ => drop_in(plugins, bytes),
    }
}

#[tokio::test(flavor = "multi_thread")]
#[allow(clippy::disallowed_methods, reason = "the pace of the storm is the point")]
async fn i07_a_storm_of_replacements_loses_no_event_and_leaves_nothing_stale() {
    let mail = MailServer::start().await;
    let config = Config::two_steps(mail.port, "10m");
    let plugins = config.plugins();
    std::fs::create_dir(plugins.join("store")).unwrap();
    std::fs::write(
        plugins.join("quiet.toml"),
        "[settings]\nrules = [{ match = [\"job=load\"], action = \"drop\", reason = \"load test\" }]\n",
    )
    .unwrap();
    let versions: Vec<_> = (1..=VERSIONS).map(version).collect();
    let engine = Engine::start(&config).await;
    drop_in(&plugins, &versions[0]);
    running(&engine, "1.0.1").await;

    let (stop, sent) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let flow = tokio::spawn(load(config.url(""), 4, stop.clone(), sent.clone()));
    let mut pace = tokio::time::interval(Duration::from_millis(10));
    for nth in 0..REPLACEMENTS {
        pace.tick().await;
        replace(&plugins, nth, &versions[nth % versions.len()]);
    }
    // What lies there when it is over is what runs.
    let last = versions.last().unwrap();
    drop_in(&plugins, last);
    let sha256 = nightbell_pack::inspect(last).unwrap().sha256;
    until("the last version to run", || async {
        let status = status(&engine).await?;
        let is_last = status["sha256"] == sha256.as_str() && status["state"] == "running";
        (is_last && status["error"].is_null()).then_some(())
    })
    .await;
    let settled = sent.load(Ordering::SeqCst);
    until("events after the storm", || async {
        (sent.load(Ordering::SeqCst) >= settled + 40).then_some(())
    })
    .await;
    stop.store(true, Ordering::SeqCst);
    assert_eq!(flow.await.unwrap(), 0, "every request was accepted");
    let judged = judged(&engine, sent.load(Ordering::SeqCst)).await;
    let used: BTreeSet<_> = judged.values().collect();
    assert!(used.len() > 1, "the versions did change: {used:?}");
    assert!(engine.incidents().await.is_empty(), "every event was dropped by the filter");
    let names = engine.get("/plugins").await;
    let quiet = names["items"].as_array().unwrap().iter().filter(|p| p["name"] == "quiet").count();
    assert_eq!(quiet, 1, "no twin is left over: {names}");

    // Away and back at once, many times: it ends as what lies there last.
    for nth in 0..40 {
        std::fs::remove_file(plugins.join("quiet.wasm")).unwrap();
        drop_in(&plugins, &versions[nth % 2]);
    }
    running(&engine, "1.0.2").await;
}
