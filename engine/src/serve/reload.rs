//! The configuration in force changes when its files do; a bad one never replaces a good one.

use super::ServeError;
use crate::config;
use crate::pipeline::door::Door;
use crate::plugin::PluginHost;
use nightbell_core::model::Input;
use notify_debouncer_full::notify::RecursiveMode;
use notify_debouncer_full::{DebounceEventResult, new_debouncer};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Mutex, mpsc};
use tokio_util::sync::CancellationToken;

/// Editors write a file in several steps.
const DEBOUNCE: Duration = Duration::from_millis(300);
/// Signals that wait; one is enough.
const WAITING: usize = 1;

/// Reads the configuration again and puts it in force.
#[derive(Clone)]
pub(super) struct Reloader {
    pub(super) door: Door,
    pub(super) plugins: Arc<PluginHost>,
    pub(super) file: PathBuf,
    /// One at a time, an async lock: of two, the one that read an older file must not be put in force last.
    pub(super) turn: Arc<Mutex<()>>,
}

impl Reloader {
    /// Answers whether anything changed.
    ///
    /// # Errors
    /// Everything that is wrong, as `nightbell check` prints it; the configuration in force stays.
    pub(super) async fn reload(&self) -> Result<bool, String> {
        let _turn = self.turn.lock().await;
        let file = self.file.clone();
        let loaded = tokio::task::spawn_blocking(move || config::load(&file));
        let loaded = loaded.await.map_err(|error| error.to_string())?;
        let plan = Arc::new(loaded.map_err(|mistakes| mistakes.to_string())?.plan);
        let before = self.door.plan();
        if plan.sha256 == before.sha256 {
            return Ok(false);
        }
        if (plan.listen, &plan.data, &plan.tls) != (before.listen, &before.data, &before.tls) {
            tracing::warn!("`listen`, `data` and `[tls]` take effect at the next start");
        }
        self.plugins.apply_plan(plan.clone());
        self.door.set_plan(plan.clone());
        // Schedules change from now on, and not from whatever happens next.
        if self.door.submit(Input::Config).await.is_err() {
            tracing::warn!("the engine is busy: changed schedules hold from its next decision on");
        }
        self.plugins.rescan().await;
        tracing::info!(sha256 = %plan.sha256, "configuration reloaded");
        Ok(true)
    }

    async fn reload_and_log(&self) {
        if let Err(mistakes) = self.reload().await {
            tracing::error!("the changed configuration is not used:\n{mistakes}");
        }
    }
}

/// Reloads when a file of the configuration changes or on SIGHUP, until `stop`.
pub(super) fn watch(reloader: Reloader, stop: CancellationToken) -> Result<(), ServeError> {
    let (changed, mut changes) = mpsc::channel(WAITING);
    let watched = reloader.file.parent().map_or_else(|| PathBuf::from("."), Path::to_path_buf);
    let tell = move |events: DebounceEventResult| {
        let touches = |path: &PathBuf| path.extension().is_some_and(|e| e == "toml");
        if events.is_ok_and(|events| events.iter().any(|event| event.paths.iter().any(touches))) {
            // A signal that waits already is enough.
            let _ = changed.try_send(());
        }
    };
    let debouncer = new_debouncer(DEBOUNCE, None, tell).and_then(|mut debouncer| {
        debouncer.watch(&watched, RecursiveMode::NonRecursive)?;
        let more = watched.join("conf.d");
        if more.is_dir() {
            debouncer.watch(more, RecursiveMode::Recursive)?;
        }
        Ok(debouncer)
    });
    let debouncer = match debouncer {
        Ok(debouncer) => Some(debouncer),
        Err(error) => {
            tracing::warn!(%error, "cannot watch the configuration; send SIGHUP or POST /-/reload");
            None
        }
    };
    let mut hangup = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::hangup())
        .map_err(|_| ServeError::Task("signal"))?;
    tokio::spawn(async move {
        let _kept = debouncer;
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                Some(()) = hangup.recv() => {}
                Some(()) = changes.recv() => {}
            }
            reloader.reload_and_log().await;
        }
    });
    Ok(())
}
