//! Files come, go, break and change places while events flow: every event is judged by one version or, while there is none, by
//! nobody, and when it is over the last version runs.

use super::guests::judge;
use super::{Bench, event};
use crate::plugin::{JudgedBatch, PluginHost, PluginState};
use nightbell_core::model::Verdict;
use proptest::prelude::Rng as _;
use proptest::test_runner::{RngAlgorithm, TestRng};
use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Versions that take turns: compiled once each, so that the storm is about replacing.
const VERSIONS: u32 = 6;

fn versions() -> Vec<Vec<u8>> {
    (1..=VERSIONS).map(|version| judge("judge", version)).collect()
}

/// As an installer does it: written beside, then renamed.
fn drop_in(plugins: &Path, file: &str, bytes: &[u8]) {
    fs::write(plugins.join(".new"), bytes).expect("written");
    fs::rename(plugins.join(".new"), plugins.join(file)).expect("renamed");
}

/// Which versions judged a batch. Panics when the batch is not whole or one event differs from the others.
fn judged_by(batch: &JudgedBatch) -> BTreeSet<Arc<str>> {
    assert_eq!((batch.events.len(), batch.failures.len()), (8, 0), "{:?}", batch.failures);
    let mut versions = BTreeSet::new();
    for judged in &batch.events {
        let dropped = matches!(judged.verdict, Verdict::Drop { .. });
        assert_eq!((judged.stages.len(), dropped), (usize::from(dropped), dropped), "{judged:?}");
        versions.extend(judged.stages.iter().map(|stage| stage.plugin.sha256.clone()));
    }
    let judged = batch.events.iter().filter(|judged| !judged.stages.is_empty()).count();
    assert!(versions.len() <= 1 && [0, 8].contains(&judged), "{judged} of 8 by {versions:?}");
    versions
}

/// Events without end until it is told to stop; answers how many batches each had how many judges.
async fn flow(host: Arc<PluginHost>, stop: Arc<AtomicBool>) -> (usize, usize, BTreeSet<Arc<str>>) {
    let (mut by_one, mut by_none, mut seen) = (0, 0, BTreeSet::new());
    while !stop.load(Ordering::SeqCst) {
        let batch = host.judge((0..8).map(|n| event(n, "drop me")).collect()).await;
        let versions = judged_by(&batch);
        if versions.is_empty() {
            by_none += 1
        } else {
            by_one += 1
        }
        seen.extend(versions);
    }
    (by_one, by_none, seen)
}

#[tokio::test(flavor = "multi_thread")]
async fn five_hundred_replacements_under_load_leave_no_event_without_its_one_judge() {
    let bench = Bench::new().await;
    let versions = versions();
    bench.put("judge.wasm", &versions[0]).await;
    let stop = Arc::new(AtomicBool::new(false));
    let flow = tokio::spawn(flow(bench.host.clone(), stop.clone()));
    let path = bench.plugins().join("judge.wasm");
    for n in 0..500 {
        let next = &versions[n % versions.len()];
        match n % 5 {
            // Half a file, and then the rest of it, as a slow copy does it.
            0 => {
                fs::write(&path, &next[..next.len() / 2]).expect("written");
                bench.host.rescan().await;
                assert_eq!(
                    bench.state("judge"),
                    PluginState::Running,
                    "half a file replaces nothing"
                );
                fs::write(&path, next).expect("written");
            }
            _ => drop_in(&bench.plugins(), "judge.wasm", next),
        }
        // Some are replaced before anybody has looked.
        if n % 3 != 0 {
            bench.host.rescan().await;
        }
    }
    let last = versions.last().expect("some");
    drop_in(&bench.plugins(), "judge.wasm", last);
    bench.host.rescan().await;
    stop.store(true, Ordering::SeqCst);
    let (by_one, by_none, seen) = flow.await.expect("no panic");
    assert!(by_one > 0 && by_none == 0 && !seen.is_empty(), "{by_one} by one, {by_none} by none");
    let status = bench.status("judge");
    assert_eq!(
        (status.sha256, status.error),
        (super::super::directory::hash(last), None),
        "nothing stale"
    );
}

/// One thing that may happen to a directory.
fn happen(plugins: &Path, random: &mut TestRng, versions: &[Vec<u8>]) -> &'static str {
    let version = &versions[random.next_u64() as usize % versions.len()];
    let path = plugins.join("judge.wasm");
    let clear = |path: &Path| {
        if path.is_dir() && !path.is_symlink() {
            fs::remove_dir_all(path).expect("ours");
        } else {
            // Perhaps it is not there.
            let _ = fs::remove_file(path);
        }
    };
    match random.next_u64() % 14 {
        0 => {
            clear(&path);
            "removed"
        }
        1 => {
            clear(&path);
            fs::create_dir(&path).expect("made");
            "a directory in its place"
        }
        2 => {
            clear(&path);
            symlink("nowhere.wasm", &path).expect("linked");
            "a link to nowhere"
        }
        3 => {
            clear(&path);
            symlink(plugins.parent().expect("a home").join("outside.wasm"), &path).expect("linked");
            "a link out of the directory"
        }
        4 => {
            fs::write(plugins.join("store/judge.bin"), version).expect("written");
            clear(&path);
            symlink("store/judge.bin", &path).expect("linked");
            "a link inside the directory"
        }
        5 => {
            clear(&plugins.join("Judge.wasm"));
            drop_in(plugins, "Judge.wasm", version);
            "a twin in capitals"
        }
        6 => {
            clear(&plugins.join("Judge.wasm"));
            "no twin"
        }
        7 => {
            clear(&plugins.join("zwei.wasm"));
            if path.is_file() && !path.is_symlink() {
                fs::rename(&path, plugins.join("zwei.wasm")).expect("renamed");
            }
            "renamed"
        }
        8 => {
            clear(&plugins.join("zwei.wasm"));
            "the renamed one is gone"
        }
        9 => {
            clear(&path);
            fs::write(&path, &version[..version.len() * 2 / 3]).expect("written");
            "cut off"
        }
        10 => {
            fs::write(plugins.join("judge.toml"), "order = 'first'").expect("written");
            "a broken sidecar"
        }
        11 => {
            clear(&plugins.join("judge.toml"));
            "no sidecar"
        }
        _ => {
            clear(&path);
            drop_in(plugins, "judge.wasm", version);
            "replaced"
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_happens_to_the_directory_no_event_is_lost_and_nothing_stale_stays() {
    let bench = Bench::new().await;
    let (plugins, versions) = (bench.plugins(), versions());
    fs::create_dir(plugins.join("store")).expect("made");
    fs::write(bench.home.path().join("outside.wasm"), judge("judge", 99)).expect("written");
    let stop = Arc::new(AtomicBool::new(false));
    let flow = tokio::spawn(flow(bench.host.clone(), stop.clone()));
    let mut random = TestRng::from_seed(RngAlgorithm::ChaCha, &[3; 32]);
    for n in 0..400 {
        let what = happen(&plugins, &mut random, &versions);
        // Looks that overlap with each other and with what happens.
        let looks = tokio::join!(bench.host.rescan(), async {
            if n % 7 == 0 {
                happen(&plugins, &mut random, &versions);
            }
            bench.host.rescan().await;
        });
        let ((), ()) = looks;
        let running =
            bench.host.list().iter().filter(|plugin| plugin.state == PluginState::Running).count();
        assert!(running <= 1, "{what}: one name, one plugin: {:#?}", bench.host.list());
    }
    for left in ["Judge.wasm", "zwei.wasm", "judge.toml"] {
        let _ = fs::remove_file(plugins.join(left));
    }
    if plugins.join("judge.wasm").is_dir() {
        fs::remove_dir(plugins.join("judge.wasm")).expect("empty");
    }
    drop_in(&plugins, "judge.wasm", &versions[0]);
    bench.host.rescan().await;
    stop.store(true, Ordering::SeqCst);
    let (by_one, by_none, seen) = flow.await.expect("no panic");
    assert!(by_one > 0 && by_none > 0 && seen.len() > 1, "{by_one} by one, {by_none} by none");
    let outside = super::super::directory::hash(&judge("judge", 99));
    assert!(!seen.contains(outside.as_str()), "what lies outside was never loaded");
    let status = bench.status("judge");
    assert_eq!(bench.host.list().len(), 1);
    assert_eq!((status.sha256, status.error), (super::super::directory::hash(&versions[0]), None));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_room_for_compiled_plugins_everything_works_and_compiles_again() {
    let bench = Bench::new().await;
    bench.put("judge.wasm", &judge("judge", 1)).await;
    // A file where the directory was: every write fails, as on a full disk.
    let cache = bench.home.path().join("cache");
    fs::remove_dir_all(&cache).expect("ours");
    fs::write(&cache, "").expect("written");
    for version in 2..5 {
        let bytes = judge("judge", version);
        bench.put("judge.wasm", &bytes).await;
        let status = bench.status("judge");
        assert_eq!((status.sha256, status.error), (super::super::directory::hash(&bytes), None));
        judged_by(&bench.host.judge((0..8).map(|n| event(n, "drop me")).collect()).await);
    }
}

/// A file system of sixteen kibibytes, where the system lets this user mount one.
struct SmallDisk<'a>(&'a Path);

impl<'a> SmallDisk<'a> {
    fn mount(at: &'a Path) -> Option<Self> {
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=16k,mode=0700", "tmpfs"])
            .arg(at)
            .stderr(Stdio::null())
            .status();
        mounted.is_ok_and(|status| status.success()).then_some(Self(at))
    }
}

impl Drop for SmallDisk<'_> {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.0).status();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_keeps_what_works() {
    let bench = Bench::new().await;
    let (plugins, cache) = (bench.plugins(), bench.home.path().join("cache"));
    let (Some(_plugins), Some(_cache)) = (SmallDisk::mount(&plugins), SmallDisk::mount(&cache))
    else {
        tracing::warn!("not allowed to mount a small disk here; the test above does without");
        return;
    };
    // Its compiled form has no room: it is compiled and not kept.
    let small = judge("judge", 1);
    bench.put("judge.wasm", &small).await;
    assert_eq!(bench.error("judge"), "");
    assert!(fs::read_dir(&cache).expect("there").next().is_none(), "nothing half-written is left");
    // A copy that runs out of room leaves half a file.
    let mut large = judge("judge", 2);
    large.resize(64 << 10, 0);
    fs::write(plugins.join("judge.wasm"), &large).expect_err("there is no room");
    bench.host.rescan().await;
    let status = bench.status("judge");
    assert_eq!(
        (status.state, status.sha256),
        (PluginState::Running, super::super::directory::hash(&small))
    );
    assert!(status.error.is_some_and(|error| error.ends_with("; the version before goes on")));
    let versions =
        judged_by(&bench.host.judge((0..8).map(|n| event(n, "drop me")).collect()).await);
    assert_eq!(versions.len(), 1);
}
