//! One plugin file, asked outside the server: in a fresh instance, under its limits, with everything its manifest asks
//! for granted.

use super::super::context::{Context, Meter};
use super::super::fault::Fault;
use super::super::grant::Grants;
use super::super::guest::{Ask, Code, Instance, Said, new_store};
use super::super::installed::Limits;
use super::super::logbook::{LogLevel, LogLine, Logbook, Pen, Voice};
use super::super::outside::secret::Secrets;
use super::super::state::{Shelf, StateBook};
use super::super::types::{PluginValue, Source};
use super::engine::Count;
use super::stage::Stage;
use crate::config::{PluginPlan, SecretPlan};
use jiff::Timestamp;
use nightbell_core::model::PluginStamp;
use nightbell_pack::{Capability, Outline};
use nightbell_plugin::log::Level;
use nightbell_plugin::testing::{Host, Output, StateValue};
use std::sync::Arc;
use std::time::{Duration, Instant};
use wasmtime::{Engine, Store};

/// More than any limit of time allows.
const FUEL: u64 = u64::MAX / 2;

/// A compiled plugin file.
pub struct Piece {
    engine: Engine,
    code: Code,
    limits: Limits,
    count: Count,
}

/// What came of a question.
#[derive(Debug)]
pub struct Tried {
    /// What it said, or how it broke off.
    pub output: Output,
    /// When it broke off: why, with the place in the source where the SDK told it. Empty otherwise.
    pub broke_off: String,
    /// When it broke off: the innermost frames, where the plugin has names.
    pub frames: Vec<String>,
    /// What it computed; `None` where that is not counted.
    pub fuel: Option<u64>,
    /// By the clock, its start included.
    pub took: Duration,
    /// The most linear memory it had, in bytes.
    pub memory_bytes: usize,
}

/// A question and what stands around it.
pub(super) struct Asked<'a> {
    pub(super) ask: Ask<'a>,
    /// Event time.
    pub(super) now: Timestamp,
    /// Whether it may reach the outside: not when an address is validated.
    pub(super) outside: bool,
}

impl std::fmt::Debug for Piece {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Piece").field("sha256", &self.outline().sha256).finish_non_exhaustive()
    }
}

impl Piece {
    pub(super) fn new(engine: Engine, code: Code, limits: Limits, count: Count) -> Self {
        Self { engine, code, limits, count }
    }

    /// What the file says about itself.
    pub fn outline(&self) -> &Outline {
        &self.code.outline
    }

    /// Whether events cross as JSON text.
    pub(super) fn speaks_json(&self) -> bool {
        self.code.speaks_json()
    }

    /// Asks, on this host: its settings, state, secrets and script; what the plugin does is noted there.
    /// `read` makes the output of what was said, or refuses it as the server would.
    pub(super) async fn ask(
        &self,
        asked: Asked<'_>,
        host: &Host,
        read: impl FnOnce(Said) -> Result<Output, Fault>,
    ) -> Tried {
        let book = Arc::new(Logbook::default());
        let shelf = self.shelf(host);
        let context = self.context(&asked, host, &shelf, book.clone());
        let mut store = self.store(context);

        let start = Instant::now();
        let work = async {
            let instance = self.code.instantiate(&mut store).await?;
            instance.ask(&mut store, &asked.ask).await
        };
        let ended = tokio::time::timeout(self.limits.wall, work).await;
        let took = start.elapsed();

        let said = match ended {
            Ok(Ok(said)) => Ok(said),
            Ok(Err(error)) => Err(Fault::of(&error, store.data())),
            Err(_) => Err(Fault::wall(self.limits.wall)),
        };
        let said = said.and_then(read);
        let fuel = self.fuel_used(&store);
        let context = store.into_data();
        note_log(host, book.lines(), said.is_err());
        if said.is_ok()
            && let Ok(overlay) = context.state
        {
            overlay.commit();
            host.replace_state(state_of(shelf.values(), asked.now));
        }
        let memory_bytes = context.meter.memory_peak;
        let (output, broke_off, frames) = match said {
            Ok(output) => (output, String::new(), Vec::new()),
            Err(fault) => {
                let (broke_off, words) = told(&fault.message);
                (Output::Trap(words.to_owned()), broke_off.to_owned(), fault.frames)
            }
        };
        Tried { output, broke_off, frames, fuel, took, memory_bytes }
    }

    /// An instance to be asked by hand: for measuring.
    ///
    /// # Errors
    /// In words, when it does not start.
    pub(super) async fn instance(
        &self,
        context: Context,
    ) -> Result<(Store<Context>, Instance), String> {
        let mut store = self.store(context);
        match self.code.instantiate(&mut store).await {
            Ok(instance) => Ok((store, instance)),
            Err(error) => Err(self.fault(&error, store.data())),
        }
    }

    /// The same for a host whose state nobody looks at afterwards.
    pub(super) fn context_with_state(
        &self,
        asked: &Asked<'_>,
        host: &Host,
        book: Arc<Logbook>,
    ) -> Context {
        self.context(asked, host, &self.shelf(host), book)
    }

    /// How it broke off, on one line.
    pub(super) fn fault(&self, error: &wasmtime::Error, context: &Context) -> String {
        Fault::of(error, context).describe()
    }

    /// How much was used of a store's fuel.
    pub(super) fn fuel_used(&self, store: &Store<Context>) -> Option<u64> {
        let left = if self.count == Count::Fuel { store.get_fuel().ok() } else { None };
        left.map(|left| FUEL.saturating_sub(left))
    }

    fn name(&self) -> Arc<str> {
        Arc::from(self.outline().manifest.name.as_str())
    }

    fn stamp(&self) -> PluginStamp {
        PluginStamp { name: self.name(), sha256: Arc::from(self.outline().sha256.as_str()) }
    }

    fn store(&self, context: Context) -> Store<Context> {
        let mut store = new_store(&self.engine, context);
        if self.count == Count::Fuel {
            store.set_fuel(FUEL).expect("this engine counts fuel");
        }
        store
    }

    fn shelf(&self, host: &Host) -> Arc<Shelf> {
        StateBook::new(values(self.name(), host)).shelf(&self.name())
    }

    fn context(
        &self,
        asked: &Asked<'_>,
        host: &Host,
        shelf: &Arc<Shelf>,
        book: Arc<Logbook>,
    ) -> Context {
        let manifest = &self.outline().manifest;
        let plan = grant_all(host);
        let mut grants = Grants::new(manifest, Source::Directory, &plan);
        if manifest.asks_for(Capability::Secret) {
            // A case without secrets is about a secret that is not granted, by its name.
            grants.secrets = Ok(Secrets::new(plan.secrets));
        }
        let stage = asked.outside.then(|| Stage::new(host.clone(), &grants));
        Context {
            meter: Meter::new(self.limits.cpu_ticks, self.limits.memory_bytes),
            pen: Pen::new(self.stamp(), book),
            settings: Arc::from(host.settings_json()),
            state: grants.state.clone().map(|()| shelf.overlay(asked.now)),
            grants: Arc::new(grants),
            outside: None,
            stage,
        }
    }
}

/// Everything is granted: what the manifest does not ask for stays denied. The host is never called, only scripted.
fn grant_all(host: &Host) -> PluginPlan {
    let secrets = host.secrets().into_iter().map(|(name, value)| {
        let value = String::from_utf8_lossy(&value).into_owned();
        (name, SecretPlan { value: value.into(), hosts: Vec::new(), in_body: false })
    });
    PluginPlan {
        hosts: vec!["https://hooks.example.org".to_owned()],
        mail: true,
        state: true,
        secrets: secrets.collect(),
        ..PluginPlan::default()
    }
}

fn values(plugin: Arc<str>, host: &Host) -> Vec<(Arc<str>, String, PluginValue)> {
    let state = host.state().into_iter();
    state.map(|(key, entry)| (plugin.clone(), key, (Arc::from(entry.value), None))).collect()
}

fn state_of(
    values: Vec<(String, PluginValue)>,
    now: Timestamp,
) -> std::collections::BTreeMap<String, StateValue> {
    let entry = |(key, (value, end)): (String, PluginValue)| {
        let ttl_s = end.map(|end| end.as_second().saturating_sub(now.as_second()));
        let ttl_s = ttl_s.map(|seconds| u64::try_from(seconds).unwrap_or(0));
        (key, StateValue { value: value.to_vec(), ttl_s })
    };
    values.into_iter().map(entry).collect()
}

/// The lines of a call. Of a panic, the SDK's own line is the trap's message and no word of the author's.
fn note_log(host: &Host, mut lines: Vec<LogLine>, is_broken: bool) {
    if is_broken && lines.last().is_some_and(|line| line.message.starts_with("panicked at ")) {
        lines.pop();
    }
    for line in lines.into_iter().filter(|line| line.voice == Voice::Plugin) {
        let level = match line.level {
            LogLevel::Debug => Level::Debug,
            LogLevel::Info => Level::Info,
            LogLevel::Warn => Level::Warn,
            LogLevel::Error => Level::Error,
        };
        host.log(level, line.message);
    }
}

/// What a fault says to an author: why the plugin broke off, and of a panic its own words, which are what a case expects
/// (natively there is no more). Where the SDK's hook told of a panic, the engine's trap says nothing more.
fn told(message: &str) -> (&str, &str) {
    const HOOK: &str = "it said: panicked at ";
    let Some(at) = message.find(HOOK) else { return (message, message) };
    let panicked = &message[at + "it said: ".len()..];
    // After the place, `src/lib.rs:7:5: `, stand the words.
    let words = panicked.split_once(": ").map_or(panicked, |(_, words)| words);
    (panicked, words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_told_in_its_own_words() {
        let message =
            "trap: wasm trap: unreachable; it said: panicked at src/lib.rs:7:5: no: not so";
        assert_eq!(told(message), ("panicked at src/lib.rs:7:5: no: not so", "no: not so"));
        let stalled = "stalled: computed for more than 250 ms; it said: soon";
        assert_eq!(told(stalled), (stalled, stalled));
    }
}
