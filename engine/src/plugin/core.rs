//! What every part of the host shares: the engine and its pool, the cache, plugins' state, the doors to the outside,
//! and where trouble is reported. No registry here.

use super::bounds;
use super::cache::Cache;
use super::context::Doors;
use super::fault::Fault;
use super::installed::Installed;
use super::logbook::{LogLevel, Logbook};
use super::outside::http::HttpDoor;
use super::outside::mail::MailDoor;
use super::outside::resolve::{Resolver, of_the_system};
use super::packers::Packers;
use super::runtime::Runtime;
use super::state::StateBook;
use super::types::{PluginValue, Trouble};
use crate::clock;
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
        let http =
            HttpDoor::new(Resolver { names: of_the_system(), allowed: allow_private.clone() });
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

    /// Lets go of the lines of names that are not there any more, when there are too many.
    pub(super) fn prune_logbooks(&self, is_there: impl Fn(&str) -> bool) {
        let mut logbooks = self.logbooks.lock().unwrap_or_else(PoisonError::into_inner);
        if logbooks.len() > bounds::LOGBOOKS_MAX {
            logbooks.retain(|name, _| is_there(name));
        }
    }

    /// The lines of a plugin that was ever there.
    pub(super) fn logbook_if_any(&self, plugin: &str) -> Option<Arc<Logbook>> {
        self.logbooks.lock().unwrap_or_else(PoisonError::into_inner).get(plugin).cloned()
    }

    /// Notes a failure that cost something, and reports the quarantine it may lead to.
    pub(super) fn failed(&self, plugin: &Installed, fault: &Fault) {
        let (name, message) = (&*plugin.stamp.name, fault.describe());
        tracing::warn!(plugin = name, message, "a plugin failed");
        let note = |level, text: &str| plugin.logbook.note(level, &plugin.stamp.sha256, text);
        note(LogLevel::Error, &format!("failed: {message}"));
        if let Some(rest) = plugin.vitals.failed(fault, clock::now(), plugin.terms.rest) {
            let seconds = rest.as_secs();
            tracing::error!(plugin = name, seconds, "a plugin failed too often and rests");
            note(LogLevel::Error, &format!("failed too often: rests for {seconds} s"));
            self.report(Trouble::Quarantined { plugin: plugin.stamp.clone(), message });
        }
    }

    /// Notes a success, and reports the end of a quarantine.
    pub(super) fn worked(&self, plugin: &Installed) {
        if plugin.vitals.worked() {
            self.recovered(plugin, "works again");
        }
    }

    /// Ends a quarantine by somebody's word; false when there is none.
    pub(super) fn reset(&self, plugin: &Installed, by: &str) -> bool {
        let ended = plugin.vitals.reset();
        if ended {
            self.recovered(plugin, &format!("is out of quarantine by the word of {by}"));
        }
        ended
    }

    fn recovered(&self, plugin: &Installed, what: &str) {
        tracing::info!(plugin = &*plugin.stamp.name, what, "a plugin is out of quarantine");
        plugin.logbook.note(LogLevel::Info, &plugin.stamp.sha256, what);
        self.report(Trouble::Recovered { plugin: plugin.stamp.name.clone() });
    }

    pub(super) fn report(&self, trouble: Trouble) {
        // Without a listener it is in the log alone.
        let _ = self.trouble.send(trouble);
    }
}
