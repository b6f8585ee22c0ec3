//! Keeps the host current: surveys again when the directory changes, when it is told to, and every few seconds in any
//! case, since file system events can be missed and a directory may come into being later.

use super::bounds;
use super::host::PluginHost;
use notify_debouncer_full::notify::{RecommendedWatcher, RecursiveMode};
use notify_debouncer_full::{DebounceEventResult, Debouncer, RecommendedCache, new_debouncer};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Weak};
use tokio::sync::Notify;

type Watcher = Debouncer<RecommendedWatcher, RecommendedCache>;

/// Runs until the host is gone.
pub(super) async fn keep_current(host: Weak<PluginHost>, nudge: Arc<Notify>) {
    let mut watched: Option<(PathBuf, Watcher)> = None;
    loop {
        let Some(directory) = host.upgrade().map(|host| host.directory()) else { return };
        let is_watched =
            watched.as_ref().is_some_and(|(path, _)| *path == directory && path.is_dir());
        if !is_watched {
            watched = watcher(&directory, nudge.clone()).map(|watcher| (directory, watcher));
        }
        // A nudge or a missed event: both lead to the same survey.
        let _ = tokio::time::timeout(bounds::RESCAN_EVERY, nudge.notified()).await;
        let Some(host) = host.upgrade() else { return };
        host.rescan().await;
    }
}

fn watcher(directory: &Path, nudge: Arc<Notify>) -> Option<Watcher> {
    if !directory.is_dir() {
        return None;
    }
    let tell = move |_: DebounceEventResult| nudge.notify_one();
    let mut watcher = new_debouncer(bounds::DEBOUNCE, None, tell).ok()?;
    match watcher.watch(directory, RecursiveMode::NonRecursive) {
        Ok(()) => Some(watcher),
        Err(error) => {
            let directory = directory.display();
            tracing::warn!(%directory, %error, "cannot watch the plugin directory, looking every few seconds");
            None
        }
    }
}
