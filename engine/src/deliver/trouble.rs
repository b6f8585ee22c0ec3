//! When a channel no longer works, the people behind the fallback must know: the engine's own trouble is an
//! incident of the built-in service.

use super::is_channels_fault;
use crate::clock;
use crate::plugin::{Failure, Receipt};
use crate::store::Store;
use crate::trouble::{own_event, raise};
use nightbell_core::model::{Delivery, EventKind};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

/// Failed attempts in a row, over all its deliveries, after which a channel is in trouble.
const FAILURES_IN_A_ROW: u32 = 3;

/// Counts failures per channel, and opens and ends the incident of a channel in trouble.
pub struct ChannelTrouble {
    store: Arc<dyn Store>,
    /// A std lock: never held across an await.
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    in_a_row: BTreeMap<String, u32>,
    told: BTreeSet<String>,
}

impl ChannelTrouble {
    /// Nothing seen yet but what was `told` before the start and never ended: the first success ends it. A trouble
    /// without an end would swallow the next one, as a trigger of an alert that fires already.
    pub fn new(store: Arc<dyn Store>, told: impl IntoIterator<Item = String>) -> Self {
        let told = told.into_iter().collect();
        Self { store, seen: Mutex::new(Seen { in_a_row: BTreeMap::new(), told }) }
    }

    /// Notes how one attempt ended.
    pub async fn note(&self, delivery: &Delivery, result: &Result<Receipt, Failure>) {
        let channel = &delivery.channel;
        let event = match result {
            Ok(_) => self.works(channel).then(|| {
                own_event(EventKind::Resolve, channel, "delivers again", "", clock::now())
            }),
            Err(failure) if is_channels_fault(failure.kind) => self.fails(channel).then(|| {
                own_event(
                    EventKind::Trigger,
                    channel,
                    "does not deliver",
                    &failure.message,
                    clock::now(),
                )
            }),
            Err(_) => None,
        };
        if let Some(event) = event
            && let Err(error) = raise(&*self.store, event).await
        {
            tracing::error!(channel = %channel, %error, "cannot record that a channel is in trouble");
        }
    }

    /// Whether this success ends a told trouble.
    fn works(&self, channel: &str) -> bool {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.in_a_row.remove(channel);
        seen.told.remove(channel)
    }

    /// Whether this failure is the one to tell.
    fn fails(&self, channel: &str) -> bool {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let count = seen.in_a_row.entry(channel.to_owned()).or_default();
        *count += 1;
        let enough = *count >= FAILURES_IN_A_ROW;
        enough && seen.told.insert(channel.to_owned())
    }
}
