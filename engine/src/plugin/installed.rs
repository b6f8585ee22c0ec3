//! One installed plugin: a linked file under the operator's terms, with its vitals. It is called here, in a fresh
//! instance or in a kept one, always under its limits. Replacing or reconfiguring makes a new value; a call in flight
//! ends on the one it began with.

use super::bounds;
use super::context::{Context, Meter, Outside};
use super::fault::{Cause, Fault};
use super::grant::Grants;
use super::guest::{Ask, Code, Instance, Said, new_store};
use super::logbook::{Logbook, Pen};
use super::runtime::Runtime;
use super::signature::Signature;
use super::state::{Overlay, Shelf};
use super::types::{Kind, Source};
use super::vitals::Vitals;
use jiff::Timestamp;
use nightbell_core::model::{Matcher, PluginStamp};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::OwnedSemaphorePermit;
use wasmtime::Store;

/// The bounds of one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Limits {
    pub(super) memory_bytes: usize,
    pub(super) cpu_ticks: u32,
    pub(super) wall: Duration,
}

/// The operator's word, resolved.
#[derive(Clone, Debug)]
pub(super) struct Terms {
    /// The sidecar's settings under those of the config.
    pub(super) settings: serde_json::Value,
    pub(super) order: i32,
    /// All must match for an event to be shown.
    pub(super) scope: Vec<Matcher>,
    pub(super) shadow: bool,
    pub(super) limits: Limits,
    /// How long its first quarantine lasts.
    pub(super) rest: Duration,
    pub(super) grants: Arc<Grants>,
    pub(super) signature: Signature,
}

/// See the module.
pub(super) struct Installed {
    pub(super) stamp: PluginStamp,
    pub(super) source: Source,
    pub(super) code: Arc<Code>,
    pub(super) terms: Terms,
    pub(super) settings_text: Arc<str>,
    pub(super) vitals: Arc<Vitals>,
    pub(super) logbook: Arc<Logbook>,
    pub(super) shelf: Arc<Shelf>,
    /// A std lock: held to push or pop only.
    kept: Mutex<Vec<Kept>>,
}

/// An instance between two calls.
struct Kept {
    store: Store<Context>,
    instance: Instance,
    calls: u32,
    place: OwnedSemaphorePermit,
}

/// One question.
pub(super) struct Call<'a> {
    pub(super) ask: Ask<'a>,
    pub(super) limits: Limits,
    /// Event time: what the state's ends are counted from.
    pub(super) now: Timestamp,
    /// `None`: the plugin's own settings.
    pub(super) settings: Option<Arc<str>>,
    pub(super) outside: Option<Outside>,
}

/// A question answered.
pub(super) struct Done {
    pub(super) said: Said,
    /// What the call wrote; to be committed or dropped.
    pub(super) overlay: Option<Overlay>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Installed {
    pub(super) fn new(
        source: Source,
        code: Arc<Code>,
        terms: Terms,
        vitals: Arc<Vitals>,
        logbook: Arc<Logbook>,
        shelf: Arc<Shelf>,
    ) -> Self {
        let manifest = &code.outline.manifest;
        let stamp = PluginStamp {
            name: Arc::from(manifest.name.as_str()),
            sha256: Arc::from(code.outline.sha256.as_str()),
        };
        let settings_text = Arc::from(terms.settings.to_string());
        Self {
            stamp,
            source,
            code,
            terms,
            settings_text,
            vitals,
            logbook,
            shelf,
            kept: Mutex::default(),
        }
    }

    pub(super) fn kind(&self) -> Kind {
        self.code.outline.kind
    }

    /// Whether it keeps state. A filter or router then judges one batch at a time.
    pub(super) fn keeps_state(&self) -> bool {
        self.terms.grants.state.is_ok()
    }

    /// Whether it may be called now, or rests.
    pub(super) fn allows(&self) -> bool {
        self.vitals.allows()
    }

    /// Whether it rests, or has not shown yet that it works again.
    pub(super) fn is_quarantined(&self) -> bool {
        self.vitals.is_quarantined()
    }

    /// Asks the plugin, in a kept instance if there is one.
    ///
    /// # Errors
    /// [`Fault`]; the instance is gone then, and what it wrote with it.
    pub(super) async fn call(&self, runtime: &Runtime, call: Call<'_>) -> Result<Done, Fault> {
        let start = Instant::now();
        let ended = self.ask(runtime, call).await;
        self.vitals.calls.fetch_add(1, Ordering::Relaxed);
        self.vitals.times.record(start.elapsed());
        ended
    }

    /// As [`call`](Self::call), and it is not counted: a try at loading is none of the events' calls.
    pub(super) async fn ask(&self, runtime: &Runtime, call: Call<'_>) -> Result<Done, Fault> {
        let Call { ask, limits, now, settings, outside } = call;
        let context = || self.context(limits, now, settings.clone());
        let kept = lock(&self.kept).pop();
        let Some(kept) = kept else {
            return self.fresh(runtime, &ask, limits, Context { outside, ..context() }).await;
        };
        // A channel may have sent already when its instance breaks: the outbox tries again, not we.
        let may_repeat = outside.is_none();
        match self.again(kept, &ask, limits, Context { outside, ..context() }).await {
            Err(fault) if may_repeat => {
                tracing::debug!(plugin = &*self.stamp.name, %fault, "a kept instance failed, trying a fresh one");
                self.fresh(runtime, &ask, limits, context()).await
            }
            other => other,
        }
    }

    fn context(&self, limits: Limits, now: Timestamp, settings: Option<Arc<str>>) -> Context {
        let grants = &self.terms.grants;
        Context {
            meter: Meter::new(limits.cpu_ticks, limits.memory_bytes),
            pen: Pen::new(self.stamp.clone(), self.logbook.clone()),
            settings: settings.unwrap_or_else(|| self.settings_text.clone()),
            state: grants.state.clone().map(|()| self.shelf.overlay(now)),
            grants: grants.clone(),
            outside: None,
            stage: None,
        }
    }

    async fn fresh(
        &self,
        runtime: &Runtime,
        ask: &Ask<'_>,
        limits: Limits,
        context: Context,
    ) -> Result<Done, Fault> {
        let mut store = new_store(&runtime.engine, context);
        let work = async {
            let instance = self.code.instantiate(&mut store).await?;
            let said = instance.ask(&mut store, ask).await?;
            Ok((instance, said))
        };
        let (instance, said) =
            settle(tokio::time::timeout(limits.wall, work).await, &store, limits)?;
        let done = take(said, &mut store);
        if self.code.outline.manifest.reuse
            && let Some(place) = runtime.place_to_keep()
        {
            self.keep(Kept { store, instance, calls: 1, place });
        }
        Ok(done)
    }

    async fn again(
        &self,
        mut kept: Kept,
        ask: &Ask<'_>,
        limits: Limits,
        context: Context,
    ) -> Result<Done, Fault> {
        *kept.store.data_mut() = context;
        kept.store.set_epoch_deadline(1);
        let work = kept.instance.ask(&mut kept.store, ask);
        let said = tokio::time::timeout(limits.wall, work).await;
        let said = settle(said, &kept.store, limits)?;
        let done = take(said, &mut kept.store);
        kept.calls += 1;
        self.keep(kept);
        Ok(done)
    }

    /// Keeps an instance for the next call, unless it is worn out. Its place in the pool goes with it.
    fn keep(&self, kept: Kept) {
        let meter = &kept.store.data().meter;
        let is_grown = meter.memory_peak > meter.memory_max / 2;
        if kept.calls < bounds::REUSE_CALLS_MAX && !is_grown {
            lock(&self.kept).push(kept);
        } else {
            drop(kept.place);
        }
    }
}

/// Turns the ways in which a call can end into one.
fn settle<T>(
    ended: Result<wasmtime::Result<T>, tokio::time::error::Elapsed>,
    store: &Store<Context>,
    limits: Limits,
) -> Result<T, Fault> {
    match ended {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(Fault::of(&error, store.data())),
        Err(_) => Err(Fault::wall(limits.wall)),
    }
}

/// The answer, with what the call wrote; the store keeps neither state nor doors.
fn take(said: Said, store: &mut Store<Context>) -> Done {
    let context = store.data_mut();
    context.outside = None;
    let state = std::mem::replace(&mut context.state, Err("no call is under way".to_owned()));
    Done { said, overlay: state.ok() }
}

impl Fault {
    /// Whether it tells something about the plugin.
    pub(super) fn is_the_plugin_s(&self) -> bool {
        self.cause != Cause::Busy
    }
}
