//! The host with real guests: `tests/fixtures/plugins` as components, and the shipped plugins where they are built.
//! Nothing here waits for a clock or a watcher: surveys are asked for.

mod determinism;
mod differential;
mod files;
mod guests;
mod judging;
mod loading;
mod many;
mod neighbours;
mod operating;
mod outward;
mod shipped;
mod storm;
mod zoo;
mod zoo_outward;

use super::types::Shipped;
use super::{HostSetup, PluginHost, PluginState, PluginStatus, PluginValue};
use crate::config::{NetworkPlan, Plan, PluginPlan};
use jiff::Timestamp;
use nightbell_core::model::{Directory, Event, EventId, EventKind, Integration, Severity};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::TempDir;

/// A host on directories of its own.
struct Bench {
    host: Arc<PluginHost>,
    home: TempDir,
}

fn plan_of(home: &Path) -> Plan {
    let mut directory = Directory::default().with_built_in();
    let integration = Integration { id: "monitor".into(), service: "shop".into() };
    directory.integrations.insert("monitor".into(), integration);
    Plan {
        public_url: "https://bell.example.org".to_owned(),
        network: NetworkPlan { allow_private: vec!["127.0.0.0/8".parse().expect("a range")] },
        ..Plan::bare(home, directory)
    }
}

impl Bench {
    async fn new() -> Self {
        Self::with(|_| {}, Vec::new()).await
    }

    /// A host under a changed plan.
    async fn with(change: impl FnOnce(&mut Plan), shipped: Vec<Shipped>) -> Self {
        Self::after(change, shipped, Vec::new()).await
    }

    /// The same with what plugins have written before.
    async fn after(
        change: impl FnOnce(&mut Plan),
        shipped: Vec<Shipped>,
        state: Vec<(Arc<str>, String, PluginValue)>,
    ) -> Self {
        let home = tempfile::tempdir().expect("a directory");
        std::fs::create_dir(home.path().join("plugins")).expect("made");
        let mut plan = plan_of(home.path());
        change(&mut plan);
        let setup = HostSetup {
            plan: Arc::new(plan),
            shipped,
            state,
            cache_dir: home.path().join("cache"),
        };
        let host = PluginHost::start(setup).await.expect("the engine starts");
        Self { host, home }
    }

    fn plugins(&self) -> PathBuf {
        self.home.path().join("plugins")
    }

    /// As an installer does it: written beside, then renamed.
    async fn put(&self, file: &str, bytes: &[u8]) {
        let beside = self.plugins().join(".new");
        std::fs::write(&beside, bytes).expect("written");
        std::fs::rename(&beside, self.plugins().join(file)).expect("renamed");
        self.host.rescan().await;
    }

    async fn remove(&self, file: &str) {
        std::fs::remove_file(self.plugins().join(file)).expect("there");
        self.host.rescan().await;
    }

    async fn replan(&self, change: impl FnOnce(&mut Plan)) {
        let mut plan = plan_of(self.home.path());
        change(&mut plan);
        self.host.apply_plan(Arc::new(plan));
        self.host.rescan().await;
    }

    fn status(&self, name: &str) -> PluginStatus {
        let found = self.host.list().into_iter().find(|status| status.name == name);
        found.unwrap_or_else(|| panic!("no `{name}` in {:#?}", self.host.list()))
    }

    fn state(&self, name: &str) -> PluginState {
        self.status(name).state
    }

    /// The error, with everything but its beginning left to readers.
    fn error(&self, name: &str) -> String {
        self.status(name).error.unwrap_or_default()
    }

    async fn judge(&self, titles: &[&str]) -> super::JudgedBatch {
        self.host.judge(titles.iter().enumerate().map(|(n, title)| event(n, title)).collect()).await
    }
}

fn event(n: usize, title: &str) -> Arc<Event> {
    Arc::new(Event {
        id: EventId(n as u64),
        integration: "monitor".into(),
        received_at: Timestamp::from_second(1_000).expect("in range"),
        kind: EventKind::Trigger,
        dedup_key: format!("k{n}").as_str().into(),
        title: title.to_owned(),
        severity: Severity::Error,
        starts_at: None,
        expires_at: None,
        source: "host".to_owned(),
        links: vec![],
        images: vec![],
        labels: std::collections::BTreeMap::new(),
        details: String::new(),
        attributes: vec![],
    })
}

fn granting(plan: &mut Plan, name: &str, change: impl FnOnce(&mut PluginPlan)) {
    change(plan.plugins.entry(name.to_owned()).or_default());
}
