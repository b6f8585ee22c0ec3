//! The host as the rest of the engine sees it: loads plugins, keeps them current, and calls them.

use super::bounds;
use super::core::Core;
use super::differences::Difference;
use super::logbook::{LogLine, LogPage};
use super::registry::Registry;
use super::survey::Surveyor;
use super::types::{
    Answer, CallbackRequest, ChannelStatus, Delivered, Failure, JudgedBatch, Kind, Notification,
    ParseOutcome, Payload, PluginStatus, PluginValue, Shipped, Trouble,
};
use super::watch;
use super::{deliver, judge, parse};
use crate::clock;
use crate::config::Plan;
use arc_swap::ArcSwap;
use jiff::Timestamp;
use nightbell_core::model::Event;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use tokio::sync::{Mutex, Notify, broadcast};
use tokio::task::JoinHandle;

/// What the host is started with.
#[derive(Debug)]
pub struct HostSetup {
    /// Directory, grants, mail, network.
    pub plan: Arc<Plan>,
    /// The plugins inside the binary; see [`super::shipped`].
    pub shipped: Vec<Shipped>,
    /// Plugins' durable state: plugin, key, value.
    pub state: Vec<(Arc<str>, String, PluginValue)>,
    /// Where compiled plugins are kept; made private to this user.
    pub cache_dir: PathBuf,
}

/// Why the host does not start. A broken plugin is a status, not one of these.
#[derive(Debug, thiserror::Error)]
pub enum HostError {
    /// The WebAssembly engine does not start.
    #[error("the WebAssembly engine does not start: {0}")]
    Engine(String),
}

/// The plugin host.
pub struct PluginHost {
    pub(super) core: Arc<Core>,
    /// Swapped as a whole, between two batches.
    registry: ArcSwap<Registry>,
    plan: ArcSwap<Plan>,
    /// Held while the directory is surveyed, so that two surveys never race. An async lock: compiling is awaited.
    surveyor: Mutex<Surveyor>,
    /// Wakes the watcher.
    pub(super) nudge: Arc<Notify>,
    /// Ends with the host.
    watcher: OnceLock<JoinHandle<()>>,
}

impl std::fmt::Debug for PluginHost {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PluginHost").finish_non_exhaustive()
    }
}

impl Drop for PluginHost {
    fn drop(&mut self) {
        if let Some(watcher) = self.watcher.get() {
            watcher.abort();
        }
    }
}

impl PluginHost {
    /// Loads everything and starts to watch. Answers when every plugin has been loaded or refused.
    ///
    /// # Errors
    /// [`HostError`]; never because of a plugin.
    pub async fn start(setup: HostSetup) -> Result<Arc<Self>, HostError> {
        let HostSetup { plan, shipped, state, cache_dir } = setup;
        if shipped.is_empty() {
            tracing::warn!(
                "built without shipped plugins: run `cargo xtask plugins` and build again"
            );
        }
        let core = Core::start(state, &cache_dir)
            .map_err(|error| HostError::Engine(format!("{error:#}")))?;
        core.allow_private.store(Arc::new(plan.network.allow_private.clone()));
        let host = Arc::new(Self {
            core: Arc::new(core),
            registry: ArcSwap::default(),
            plan: ArcSwap::new(plan),
            surveyor: Mutex::new(Surveyor::new(shipped)),
            nudge: Arc::default(),
            watcher: OnceLock::new(),
        });
        host.rescan().await;
        let watcher = tokio::spawn(watch::keep_current(Arc::downgrade(&host), host.nudge.clone()));
        host.watcher.set(watcher).expect("set once, here");
        Ok(host)
    }

    /// Parses one payload. Waits a bounded time for a place.
    pub async fn parse(
        &self,
        parser: &str,
        payload: &Payload,
        settings: &serde_json::Value,
    ) -> ParseOutcome {
        let registry = self.registry.load_full();
        match registry.get(Kind::Parser, parser) {
            Some(plugin) => parse::parse(&self.core, plugin, payload, settings).await,
            None => ParseOutcome::Failed { message: missing("parser", parser), plugin: None },
        }
    }

    /// Judges a batch of at most `limits::BATCH_MAX` events with the whole chain. Never fails: what a plugin fails on
    /// passes. With plugins that keep state, batches are judged in the order of the calls.
    pub async fn judge(&self, events: Vec<Arc<Event>>) -> JudgedBatch {
        let (registry, plan) = (self.registry.load_full(), self.plan.load_full());
        judge::judge(&self.core, &registry, &plan.directory, events).await
    }

    /// Brings one notification to its address. A failure of the channel itself is transient.
    pub async fn deliver(&self, channel: &str, notification: Notification) -> Delivered {
        let (registry, plan) = (self.registry.load_full(), self.plan.load_full());
        match registry.get(Kind::Channel, channel) {
            Some(plugin) => deliver::deliver(&self.core, plugin, &plan, &notification).await,
            None => {
                let result = Err(Failure::transient(missing("channel", channel)));
                Delivered { result, changes: Vec::new(), plugin: None }
            }
        }
    }

    /// Lets a channel read an answer from the outside.
    ///
    /// # Errors
    /// [`Failure`]: the channel refuses it, or fails.
    pub async fn callback(
        &self,
        channel: &str,
        request: CallbackRequest,
    ) -> Result<Answer, Failure> {
        let (registry, plan) = (self.registry.load_full(), self.plan.load_full());
        match registry.get(Kind::Channel, channel) {
            Some(plugin) => deliver::callback(&self.core, plugin, &plan, &request).await,
            None => Err(Failure::transient(missing("channel", channel))),
        }
    }

    /// Whether something can be an address of a channel: its usual form, or what is wrong with it in words for the person
    /// who entered it. Sends nothing.
    ///
    /// # Errors
    /// [`Failure`]: the channel cannot be asked now.
    pub async fn validate(
        &self,
        channel: &str,
        address: &str,
        now: Timestamp,
    ) -> Result<Result<String, String>, Failure> {
        let registry = self.registry.load_full();
        match registry.get(Kind::Channel, channel) {
            Some(plugin) => deliver::validate(&self.core, plugin, address, now).await,
            None => Err(Failure::transient(missing("channel", channel))),
        }
    }

    /// All plugins, running or not, by name.
    pub fn list(&self) -> Vec<PluginStatus> {
        self.registry.load().statuses(clock::now())
    }

    /// All channels, running or not, by name.
    pub fn channels(&self) -> Vec<ChannelStatus> {
        self.registry.load().channels()
    }

    /// The last lines a plugin logged, oldest first; empty when there is no such plugin.
    pub fn log_lines(&self, plugin: &str) -> Vec<LogLine> {
        self.core.logbook_if_any(plugin).map(|book| book.lines()).unwrap_or_default()
    }

    /// What a plugin said and what happened to it, after the line of this number; `None` when there was never one of
    /// this name.
    pub fn log(&self, plugin: &str, after: Option<u64>) -> Option<LogPage> {
        let book = self.core.logbook_if_any(plugin);
        let is_there = || self.registry.load().slots.iter().any(|slot| slot.name == plugin);
        match book {
            Some(book) => Some(book.after(after)),
            None => is_there().then(LogPage::default),
        }
    }

    /// Where the version that runs would have decided otherwise as a shadow, newest first; `None` when none runs.
    pub fn differences(&self, plugin: &str) -> Option<Vec<Difference>> {
        let registry = self.registry.load();
        registry.running(plugin).map(|plugin| plugin.vitals.differences.last())
    }

    /// Ends a plugin's quarantine by somebody's word. False when it is in none, `None` when none of this name runs.
    pub fn reset(&self, plugin: &str, by: &str) -> Option<bool> {
        let registry = self.registry.load_full();
        registry.running(plugin).map(|plugin| self.core.reset(plugin, by))
    }

    /// These were in quarantine when the engine stopped: each stays in it until a call shows that it works again.
    pub fn resume_quarantine<'n>(&self, plugins: impl IntoIterator<Item = &'n str>) {
        let registry = self.registry.load();
        for plugin in plugins.into_iter().filter_map(|name| registry.running(name)) {
            plugin.vitals.try_next();
        }
    }

    /// Whether a plugin of this kind and name runs.
    pub fn has(&self, kind: Kind, name: &str) -> bool {
        self.registry.load().get(kind, name).is_some()
    }

    /// Takes over grants, settings, pins, mail and network. Private ranges and mail are effective at once, the rest when
    /// the watcher has surveyed, moments later; [`rescan`](Self::rescan) waits for it.
    pub fn apply_plan(&self, plan: Arc<Plan>) {
        self.core.allow_private.store(Arc::new(plan.network.allow_private.clone()));
        self.plan.store(plan);
        self.nudge.notify_one();
    }

    /// Looks at the directory now and swaps in what has changed. Answers when it is done.
    pub async fn rescan(&self) {
        let mut surveyor = self.surveyor.lock().await;
        let (before, plan) = (self.registry.load_full(), self.plan.load_full());
        let after = surveyor.survey(&self.core, &plan, &before).await;
        let after = Arc::new(after);
        self.registry.store(after.clone());
        self.core.prune_logbooks(|name| after.slots.iter().any(|slot| slot.name == name));
        for plugin in quarantined_before(&before, &after) {
            self.core.report(Trouble::Recovered { plugin });
        }
    }

    /// Trouble of the engine itself, as it happens. A listener that lags behind loses the oldest of
    /// what waits for it; the state is always in [`list`](Self::list).
    pub fn failures(&self) -> broadcast::Receiver<Trouble> {
        self.core.trouble.subscribe()
    }

    /// The directory to watch.
    pub(super) fn directory(&self) -> PathBuf {
        self.plan.load().plugins_dir.clone()
    }
}

/// Names whose quarantine ended because the version is gone.
fn quarantined_before(before: &Registry, after: &Registry) -> Vec<Arc<str>> {
    let quarantined = before
        .slots
        .iter()
        .filter_map(|slot| slot.running.as_ref())
        .filter(|old| old.is_quarantined());
    let is_gone = |name: &Arc<str>, vitals| {
        !after.running(name).is_some_and(|new| Arc::ptr_eq(&new.vitals, vitals))
    };
    let gone = quarantined.filter(|old| is_gone(&old.stamp.name, &old.vitals));
    gone.map(|old| old.stamp.name.clone()).collect()
}

fn missing(kind: &str, name: &str) -> String {
    let name = bounds::cut(name, 64);
    format!("no {kind} plugin `{name}` runs: see `nightbell plugin list`")
}
