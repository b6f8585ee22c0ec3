//! Plugins in quarantine become incidents of the built-in service: one for each plugin, from its first failure too many
//! until it works again, also over restarts.
//!
//! What is reported is only a reason to look: what is told follows from what is so. A lost report, two at once or one that
//! is out of date then make no difference.

use crate::clock;
use crate::plugin::Trouble;
use crate::store::{Store, StoreError};
use crate::trouble::{own_event, raise};
use nightbell_core::model::EventKind;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio_util::sync::CancellationToken;

/// How the parts that are plugins begin.
const PLUGIN: &str = "plugin ";
/// When what could not be recorded is tried again.
const AGAIN_AFTER: Duration = Duration::from_secs(5);

/// The plugins among the parts in trouble, by name.
pub(super) fn plugins_among(in_trouble: &[String]) -> impl Iterator<Item = &str> {
    in_trouble.iter().filter_map(|part| part.strip_prefix(PLUGIN))
}

/// Which plugins are in quarantine now, each with its last failure.
pub(super) type Resting = Arc<dyn Fn() -> BTreeMap<String, String> + Send + Sync>;

/// What is told, and to whom.
struct Reports {
    store: Arc<dyn Store>,
    resting: Resting,
    /// Names of plugins whose incident is open.
    told: BTreeSet<String>,
}

/// Keeps incidents as the plugins are until `stop`. Of those in trouble before the start, the ones that are not in
/// quarantine now are told to be over.
pub(super) fn start(
    store: Arc<dyn Store>,
    in_trouble: &[String],
    resting: Resting,
    mut troubles: Receiver<Trouble>,
    stop: CancellationToken,
) {
    let told = plugins_among(in_trouble).map(str::to_owned).collect();
    let mut reports = Reports { store, resting, told };
    tokio::spawn(async move {
        loop {
            let look_again = match reports.tell().await {
                Ok(()) => None,
                Err(error) => {
                    tracing::error!(%error, "cannot record how plugins are, trying again");
                    Some(AGAIN_AFTER)
                }
            };
            tokio::select! {
                () = stop.cancelled() => return,
                () = after(look_again) => {}
                trouble = troubles.recv() => match trouble {
                    Ok(_) | Err(RecvError::Lagged(_)) => {}
                    Err(RecvError::Closed) => return,
                },
            }
        }
    });
}

/// Never, when there is no wait.
async fn after(wait: Option<Duration>) {
    match wait {
        Some(wait) => tokio::time::sleep(wait).await,
        None => std::future::pending().await,
    }
}

impl Reports {
    /// Tells what is not told yet.
    async fn tell(&mut self) -> Result<(), StoreError> {
        let resting = (self.resting)();
        for (name, message) in &resting {
            if !self.told.contains(name) {
                let what = "failed too often and rests";
                self.raise(EventKind::Trigger, name, what, message).await?;
                self.told.insert(name.clone());
            }
        }
        let over = self.told.iter().filter(|name| !resting.contains_key(*name)).cloned();
        for name in over.collect::<Vec<_>>() {
            self.raise(EventKind::Resolve, &name, "is out of quarantine", "").await?;
            self.told.remove(&name);
        }
        Ok(())
    }

    async fn raise(
        &self,
        kind: EventKind,
        name: &str,
        what: &str,
        why: &str,
    ) -> Result<(), StoreError> {
        let event = own_event(kind, &format!("{PLUGIN}{name}"), what, why, clock::now());
        raise(&*self.store, event).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::MemoryStore;
    use nightbell_core::model::{EventId, PluginStamp};
    use std::sync::Mutex;
    use tokio::sync::broadcast::Sender;

    type Told = Vec<(EventKind, String)>;

    /// A reporter over a memory store; which plugins rest is set by the test.
    struct Desk {
        store: Arc<dyn Store>,
        resting: Arc<Mutex<BTreeMap<String, String>>>,
        troubles: Sender<Trouble>,
    }

    impl Desk {
        fn new(before: &[&str], resting: &[&str]) -> Self {
            let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
            let map = resting.iter().map(|name| ((*name).to_owned(), "trap".to_owned()));
            let resting = Arc::new(Mutex::new(map.collect::<BTreeMap<_, _>>()));
            let (troubles, reports) = tokio::sync::broadcast::channel(1);
            let before: Vec<_> = before.iter().map(|part| (*part).to_owned()).collect();
            let look = resting.clone();
            let look: Resting = Arc::new(move || look.lock().expect("no panic").clone());
            start(store.clone(), &before, look, reports, CancellationToken::new());
            Self { store, resting, troubles }
        }

        /// Sets who rests and says that something happened; never what.
        fn now(&self, resting: &[&str]) {
            let map = resting.iter().map(|name| ((*name).to_owned(), "trap".to_owned()));
            *self.resting.lock().expect("no panic") = map.collect();
            self.troubles.send(Trouble::Recovered { plugin: "x".into() }).expect("heard");
        }

        /// The first so many events.
        async fn told(&self, count: u64) -> Told {
            let mut appended = self.store.appended();
            appended.wait_for(|last| last.0 >= count).await.expect("the store is there");
            let events = self.store.pending(EventId(0), 99).await.expect("memory");
            events.iter().map(|e| (e.kind, e.dedup_key.as_str().to_owned())).collect()
        }
    }

    fn told(kind: EventKind, name: &str) -> (EventKind, String) {
        (kind, format!("trouble:plugin {name}"))
    }

    #[tokio::test]
    async fn of_those_in_trouble_before_the_start_only_the_ones_that_are_well_are_over() {
        let desk = Desk::new(&["email", "plugin mute", "plugin gone"], &["mute"]);
        assert_eq!(desk.told(1).await, [told(EventKind::Resolve, "gone")]);
        desk.now(&[]);
        let all = desk.told(2).await;
        assert_eq!(all[1], told(EventKind::Resolve, "mute"), "and mute was not told again before");
    }

    #[tokio::test]
    async fn each_quarantine_is_told_once_whatever_is_reported() {
        let desk = Desk::new(&[], &[]);
        desk.now(&["a"]);
        assert_eq!(desk.told(1).await, [told(EventKind::Trigger, "a")]);
        // More reports than the queue holds: some are lost.
        for _ in 0..9 {
            desk.now(&["a", "b"]);
        }
        let stamp = PluginStamp { name: "a".into(), sha256: "0".into() };
        let late = Trouble::Quarantined { plugin: stamp, message: "trap".to_owned() };
        assert_eq!(desk.told(2).await.len(), 2);
        desk.troubles.send(late).expect("heard");
        desk.now(&["b"]);
        let expected = [
            told(EventKind::Trigger, "a"),
            told(EventKind::Trigger, "b"),
            told(EventKind::Resolve, "a"),
        ];
        assert_eq!(desk.told(3).await, expected);
    }
}
