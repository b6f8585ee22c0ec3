//! What every part of the host shares: the engine and its pool, the cache, plugins' state, the doors to the outside,
//! and where trouble is reported. No registry here.

use super::bounds;
use super::cache::Cache;
use super::context::Doors;
use super::installed::Installed;
use super::logbook::Logbook;
use super::outside::http::HttpDoor;
use super::outside::mail::MailDoor;
use super::outside::resolve::Resolver;
use super::packers::Packers;
use super::runtime::Runtime;
use super::state::StateBook;
use super::types::{PluginValue, Trouble};
use arc_swap::ArcSwap;
use ipnet::IpNet;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::broadcast;

/// See the module.
pub(super) struct Core {
    pub(super) runtime: Runtime,
    pub(super) cache: Cache,
    pub(super) state: StateBook,
    pub(super) packers: Packers,
    pub(super) doors: Arc<Doors>,
    /// The private ranges that the HTTP door lets through; follows the plan.
    pub(super) allow_private: Arc<ArcSwap<Vec<IpNet>>>,
    pub(super) trouble: broadcast::Sender<Trouble>,
    /// By plugin name: the lines survive a replacement. A std lock: held for a look-up only.
    logbooks: Mutex<BTreeMap<Arc<str>, Arc<Logbook>>>,
}

impl Core {
    pub(super) fn start(
        state: Vec<(Arc<str>, String, PluginValue)>,
        cache_directory: &Path,
    ) -> wasmtime::Result<Self> {
        let runtime = Runtime::start()?;
        let allow_private: Arc<ArcSwap<Vec<IpNet>>> = Arc::default();
        let http = HttpDoor::new(Resolver { allowed: allow_private.clone() });
        Ok(Self {
            cache: Cache::open(cache_directory, &runtime.engine),
            runtime,
            state: StateBook::new(state),
            packers: Packers::default(),
            doors: Arc::new(Doors { http, mail: MailDoor::default() }),
            allow_private,
            trouble: broadcast::Sender::new(bounds::TROUBLE_QUEUE),
            logbooks: Mutex::default(),
        })
    }

    pub(super) fn logbook(&self, plugin: &Arc<str>) -> Arc<Logbook> {
        let mut logbooks = self.logbooks.lock().unwrap_or_else(PoisonError::into_inner);
        logbooks.entry(plugin.clone()).or_default().clone()
    }

    /// The lines of a plugin that has ever run.
    pub(super) fn logbook_if_any(&self, plugin: &str) -> Option<Arc<Logbook>> {
        self.logbooks.lock().unwrap_or_else(PoisonError::into_inner).get(plugin).cloned()
    }

    /// Notes a failure that cost something, and reports the quarantine it may lead to.
    pub(super) fn failed(&self, plugin: &Installed, message: &str) {
        let name = &*plugin.stamp.name;
        tracing::warn!(plugin = name, message, "a plugin failed");
        if plugin.note_failure() {
            tracing::error!(plugin = name, "a plugin failed too often and rests");
            let trouble =
                Trouble::Quarantined { plugin: plugin.stamp.clone(), message: message.to_owned() };
            self.report(trouble);
        }
    }

    /// Notes a success, and reports the end of a quarantine.
    pub(super) fn worked(&self, plugin: &Installed) {
        if plugin.note_success() {
            tracing::info!(plugin = &*plugin.stamp.name, "a plugin works again");
            self.report(Trouble::Recovered { plugin: plugin.stamp.name.clone() });
        }
    }

    pub(super) fn report(&self, trouble: Trouble) {
        // Without a listener it is in the log alone.
        let _ = self.trouble.send(trouble);
    }
}
