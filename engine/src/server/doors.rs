//! What every door needs: the pipeline, the plugins, the clock, and how ready the engine is.

use crate::ingest::Parsers;
use crate::limits;
use crate::pipeline::door::Door;
use crate::plugin::{Answer, CallbackRequest, Difference, Failure, LogPage, PluginStatus};
use crate::ui::answer::AnswerLinks;
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use metrics_exporter_prometheus::PrometheusHandle;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Semaphore, watch};

/// How far the engine is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Readiness {
    /// The journal is being replayed, or plugins are being loaded.
    Starting,
    /// Everything works.
    Ready,
    /// Something that intake needs does not work; what.
    Failing(String),
}

/// All channels by name, for answers from the outside. The plugin host is behind it.
pub trait Callbacks: Send + Sync + 'static {
    /// Has a channel read an answer.
    fn callback<'a>(
        &'a self,
        channel: &'a str,
        request: CallbackRequest,
    ) -> BoxFuture<'a, Result<Answer, Failure>>;

    /// All plugins of every kind, as lists show them.
    fn list(&self) -> Vec<PluginStatus>;

    /// A plugin's log after the line of this number; `None`: there is none of this name.
    fn log(&self, plugin: &str, after: Option<u64>) -> Option<LogPage>;

    /// Where a shadow would have decided otherwise, newest first; `None`: none of this name runs.
    fn differences(&self, plugin: &str) -> Option<Vec<Difference>>;

    /// Ends a quarantine by somebody's word. False: it is in none. `None`: none of this name runs.
    fn reset(&self, plugin: &str, by: &str) -> Option<bool>;
}

/// Reads the configuration again; answers what is wrong with it, as `nightbell check` prints it.
pub type Reload = Arc<dyn Fn() -> BoxFuture<'static, Result<(), String>> + Send + Sync>;

/// What all routes share.
pub struct Doors {
    /// The way to decisions and to what is open.
    pub door: Door,
    /// Parsers, for ingest.
    pub parsers: Arc<dyn Parsers>,
    /// Channels, for answers from the outside; and the list of plugins.
    pub plugins: Arc<dyn Callbacks>,
    /// Signs and checks the links in notifications.
    pub links: Arc<AnswerLinks>,
    /// Behind `POST /-/reload`.
    pub reload: Reload,
    /// Behind `/-/ready`.
    pub readiness: watch::Receiver<Readiness>,
    /// Behind `/metrics`.
    pub metrics: PrometheusHandle,
    /// `clock::now`, or a fixed time in tests.
    pub clock: fn() -> Timestamp,
    /// Places for payloads in parsers.
    pub parsing: Places,
}

/// Places for payloads in parsers, and how long a sender waits for one.
#[derive(Debug)]
pub struct Places {
    /// One permit per place.
    pub free: Semaphore,
    /// Then the sender is sent away.
    pub wait: Duration,
}

impl Default for Places {
    /// `limits::PARSING_MAX` places, `limits::INGEST_WAIT`.
    fn default() -> Self {
        Self { free: Semaphore::new(limits::PARSING_MAX), wait: limits::INGEST_WAIT }
    }
}

impl Doors {
    /// The places for payloads, all free.
    pub fn places() -> Places {
        Places::default()
    }

    /// The time now.
    pub fn now(&self) -> Timestamp {
        (self.clock)()
    }
}

impl std::fmt::Debug for Doors {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Doors").field("door", &self.door).finish_non_exhaustive()
    }
}
