//! Plugins in trouble become incidents of the built-in service.

use crate::clock;
use crate::plugin::Trouble;
use crate::store::Store;
use crate::trouble::{own_event, raise};
use nightbell_core::model::{Event, EventKind};
use std::sync::Arc;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio_util::sync::CancellationToken;

/// How the parts that are plugins begin.
const PLUGIN: &str = "plugin ";

/// Brings every trouble into the journal until `stop`. No plugin rests after a start: what is left of `in_trouble`
/// from before ends first, so that the next time is news again.
pub(super) fn start(
    store: Arc<dyn Store>,
    in_trouble: Vec<String>,
    mut troubles: Receiver<Trouble>,
    stop: CancellationToken,
) {
    tokio::spawn(async move {
        for part in in_trouble.iter().filter(|part| part.starts_with(PLUGIN)) {
            let what = "was started again";
            let event = own_event(EventKind::Resolve, part, what, "", clock::now());
            if let Err(error) = raise(&*store, event).await {
                tracing::error!(%error, "cannot record that a plugin was started again");
            }
        }
        loop {
            let trouble = tokio::select! {
                () = stop.cancelled() => return,
                trouble = troubles.recv() => trouble,
            };
            match trouble {
                Ok(trouble) => {
                    if let Err(error) = raise(&*store, event(&trouble)).await {
                        tracing::error!(%error, "cannot record that a plugin is in trouble");
                    }
                }
                Err(RecvError::Lagged(missed)) => {
                    tracing::warn!(
                        missed,
                        "reports of plugins in trouble were lost; see the list of plugins"
                    );
                }
                Err(RecvError::Closed) => return,
            }
        }
    });
}

fn event(trouble: &Trouble) -> Event {
    let now = clock::now();
    match trouble {
        Trouble::Quarantined { plugin, message } => {
            let part = format!("{PLUGIN}{}", plugin.name);
            own_event(EventKind::Trigger, &part, "failed too often and rests", message, now)
        }
        Trouble::Recovered { plugin } => {
            own_event(EventKind::Resolve, &format!("{PLUGIN}{plugin}"), "works again", "", now)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::MemoryStore;
    use nightbell_core::model::EventId;

    #[tokio::test]
    async fn a_plugin_in_trouble_before_the_start_is_in_none_after_it() {
        let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
        let mut appended = store.appended();
        let (_troubles, reports) = tokio::sync::broadcast::channel(1);
        let before = vec!["email".to_owned(), "plugin mute".to_owned()];
        start(store.clone(), before, reports, CancellationToken::new());
        appended.wait_for(|last| last.0 > 0).await.expect("the store is there");
        let events = store.pending(EventId(0), 9).await.expect("memory");
        let told: Vec<_> = events.iter().map(|e| (e.kind, e.dedup_key.as_str())).collect();
        assert_eq!(told, [(EventKind::Resolve, "trouble:plugin mute")]);
    }
}
