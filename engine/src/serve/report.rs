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

/// Brings every trouble into the journal until `stop`.
pub(super) fn start(
    store: Arc<dyn Store>,
    mut troubles: Receiver<Trouble>,
    stop: CancellationToken,
) {
    tokio::spawn(async move {
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
            let part = format!("plugin {}", plugin.name);
            own_event(EventKind::Trigger, &part, "failed too often and rests", message, now)
        }
        Trouble::Recovered { plugin } => {
            own_event(EventKind::Resolve, &format!("plugin {plugin}"), "works again", "", now)
        }
    }
}
