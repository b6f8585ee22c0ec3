//! Many plugins in one engine: they all load, they all run, and a start from the cache brings all of them back.

use super::guests::guest;
use super::{Bench, event, plan_of};
use crate::plugin::{HostSetup, PluginHost, PluginState};
use nightbell_core::model::Verdict;
use std::sync::Arc;

const MANY: usize = 300;

#[tokio::test(flavor = "multi_thread")]
async fn three_hundred_plugins_run_and_come_back_from_the_cache() {
    let bench = Bench::new().await;
    // One file is compiled for each half; names and versions in the manifest make every file another one.
    for n in 0..MANY {
        let name = format!("filter-{n:03}");
        let file = guest("judge", &name, "filter", "");
        std::fs::write(bench.plugins().join(format!("{name}.wasm")), file).expect("written");
    }
    bench.host.rescan().await;
    check(&bench.host).await;

    let setup = HostSetup {
        plan: Arc::new(plan_of(bench.home.path())),
        shipped: Vec::new(),
        state: Vec::new(),
        cache_dir: bench.home.path().join("cache"),
    };
    let again = PluginHost::start(setup).await.expect("the engine starts");
    check(&again).await;
}

/// Every one of them is asked about every event, in the order of names.
async fn check(host: &PluginHost) {
    let list = host.list();
    assert_eq!(list.len(), MANY);
    for status in &list {
        assert_eq!(status.state, PluginState::Running, "{status:?}");
    }
    let judged = host.judge(vec![event(0, "keep"), event(1, "drop me")]).await;
    assert_eq!(judged.failures, []);
    let asked: Vec<_> = judged.events[0].stages.iter().map(|stage| &*stage.plugin.name).collect();
    let expected: Vec<_> = list.iter().map(|status| &*status.name).collect();
    assert_eq!(asked, expected);
    assert!(matches!(judged.events[1].verdict, Verdict::Drop { .. }));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_one_among_many_fails_alone() {
    let bench = Bench::new().await;
    for n in 0..40 {
        let file = guest("judge", &format!("filter-{n:03}"), "filter", "");
        std::fs::write(bench.plugins().join(format!("filter-{n:03}.wasm")), file).expect("written");
    }
    let bad = guest("start-loop", "bad", "filter", "");
    std::fs::write(bench.plugins().join("bad.wasm"), bad).expect("written");
    std::fs::write(bench.plugins().join("worse.wasm"), "no plugin").expect("written");
    bench.host.rescan().await;
    let running = |status: &&crate::plugin::PluginStatus| status.state == PluginState::Running;
    assert_eq!(bench.host.list().iter().filter(running).count(), 40);
    assert_eq!(bench.state("bad"), PluginState::Failed);
    assert_eq!(bench.state("worse"), PluginState::Failed);
}
