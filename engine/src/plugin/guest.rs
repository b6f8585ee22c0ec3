//! A plugin file as something that can be called: compiled, linked with what its kind may import, and asked through
//! one of the contract's interfaces. It knows the wire and the engine, but no terms, no failures, no registry.

use super::bounds;
use super::context::{Context, on_tick};
use super::wire::{ex, im};
use nightbell_pack::{Interface, Kind, Outline};
use tokio::sync::OwnedSemaphorePermit;
use wasmtime::component::{Component, HasSelf, InstancePre, Linker};
use wasmtime::{Engine, Store};

/// A compiled and linked plugin file.
pub(super) struct Code {
    pub(super) outline: Outline,
    pre: InstancePre<Context>,
    entry: Entry,
    /// Of the file that its memory is mapped from; none where nobody counts.
    _descriptor: Option<OwnedSemaphorePermit>,
}

/// Where the exported functions are; names only, types are checked at the first instantiation.
enum Entry {
    Parsing(ex::parsing::GuestIndices),
    Judging(ex::judging::GuestIndices),
    JudgingJson(ex::judging_json::GuestIndices),
    Routing(ex::routing::GuestIndices),
    RoutingJson(ex::routing_json::GuestIndices),
    Delivery(ex::delivery::GuestIndices),
}

/// An instance's exported functions.
pub(super) enum Instance {
    Parsing(ex::parsing::Guest),
    Judging(ex::judging::Guest),
    JudgingJson(ex::judging_json::Guest),
    Routing(ex::routing::Guest),
    RoutingJson(ex::routing_json::Guest),
    Delivery(ex::delivery::Guest),
}

/// What a guest is asked.
pub(super) enum Ask<'a> {
    /// Nothing: only that it can be instantiated.
    Start,
    /// To make events of a payload.
    Parse(&'a ex::parsing::Payload),
    /// To judge or to route a packed batch.
    Packed { arena: &'a [u8], index: &'a [u32] },
    /// To judge or to route a batch as JSON text.
    Json(&'a str),
    /// To bring a notification to its address.
    Deliver(&'a ex::delivery::Notification),
    /// To read an answer.
    Callback(&'a ex::delivery::Request),
    /// Whether something can be an address.
    Validate(&'a str),
}

/// What it said.
#[derive(Debug)]
pub(super) enum Said {
    Nothing,
    Parsed(Result<ex::parsing::Parsed, ex::parsing::ParseError>),
    Verdicts(Vec<ex::judging::Verdict>),
    Decisions(Vec<Option<ex::routing::Decision>>),
    Json(String),
    Receipt(Result<ex::delivery::Receipt, ex::delivery::Failure>),
    Answer(Result<ex::delivery::Answer, ex::delivery::Failure>),
    Validated(Result<String, String>),
}

impl Code {
    /// Links a compiled component. Import types are checked here.
    ///
    /// # Errors
    /// When the component imports what its kind does not have, or in another shape.
    pub(super) fn link(
        engine: &Engine,
        component: &Component,
        outline: Outline,
        descriptor: Option<OwnedSemaphorePermit>,
    ) -> wasmtime::Result<Self> {
        let pre = linker(engine, outline.kind)?.instantiate_pre(component)?;
        let entry = match outline.interface {
            Interface::Parsing => Entry::Parsing(ex::parsing::GuestIndices::new(&pre)?),
            Interface::Judging => Entry::Judging(ex::judging::GuestIndices::new(&pre)?),
            Interface::JudgingJson => {
                Entry::JudgingJson(ex::judging_json::GuestIndices::new(&pre)?)
            }
            Interface::Routing => Entry::Routing(ex::routing::GuestIndices::new(&pre)?),
            Interface::RoutingJson => {
                Entry::RoutingJson(ex::routing_json::GuestIndices::new(&pre)?)
            }
            Interface::Delivery => Entry::Delivery(ex::delivery::GuestIndices::new(&pre)?),
        };
        Ok(Self { outline, pre, entry, _descriptor: descriptor })
    }

    /// Whether events cross as JSON text.
    pub(super) fn speaks_json(&self) -> bool {
        matches!(self.entry, Entry::JudgingJson(_) | Entry::RoutingJson(_))
    }

    /// An instance in a store of its own. Its start functions run under the store's limits.
    pub(super) async fn instantiate(
        &self,
        store: &mut Store<Context>,
    ) -> wasmtime::Result<Instance> {
        let instance = self.pre.instantiate_async(&mut *store).await?;
        Ok(match &self.entry {
            Entry::Parsing(entry) => Instance::Parsing(entry.load(store, &instance)?),
            Entry::Judging(entry) => Instance::Judging(entry.load(store, &instance)?),
            Entry::JudgingJson(entry) => Instance::JudgingJson(entry.load(store, &instance)?),
            Entry::Routing(entry) => Instance::Routing(entry.load(store, &instance)?),
            Entry::RoutingJson(entry) => Instance::RoutingJson(entry.load(store, &instance)?),
            Entry::Delivery(entry) => Instance::Delivery(entry.load(store, &instance)?),
        })
    }
}

/// A store with every limit set.
pub(super) fn new_store(engine: &Engine, context: Context) -> Store<Context> {
    let mut store = Store::new(engine, context);
    store.limiter(|context| &mut context.meter);
    store.set_hostcall_fuel(bounds::OUTPUT_MAX_BYTES);
    store.epoch_deadline_callback(on_tick);
    store.set_epoch_deadline(1);
    store
}

/// What a kind's world has, all of it: whether a function acts is decided by the grants, at the call. Components of
/// some languages import their whole world, used or not.
fn linker(engine: &Engine, kind: Kind) -> wasmtime::Result<Linker<Context>> {
    type Own = HasSelf<Context>;
    let mut linker = Linker::new(engine);
    im::types::add_to_linker::<_, Own>(&mut linker, |context| context)?;
    im::log::add_to_linker::<_, Own>(&mut linker, |context| context)?;
    im::config::add_to_linker::<_, Own>(&mut linker, |context| context)?;
    if kind != Kind::Parser {
        im::state::add_to_linker::<_, Own>(&mut linker, |context| context)?;
    }
    if kind == Kind::Channel {
        im::http::add_to_linker::<_, Own>(&mut linker, |context| context)?;
        im::mail::add_to_linker::<_, Own>(&mut linker, |context| context)?;
        im::secret::add_to_linker::<_, Own>(&mut linker, |context| context)?;
    }
    Ok(linker)
}

impl Instance {
    /// Asks the guest.
    ///
    /// # Errors
    /// When the guest breaks off or a limit is met. The store cannot be used again then.
    pub(super) async fn ask(
        &self,
        store: &mut Store<Context>,
        ask: &Ask<'_>,
    ) -> wasmtime::Result<Said> {
        match (self, ask) {
            (_, Ask::Start) => Ok(Said::Nothing),
            (Self::Parsing(guest), Ask::Parse(payload)) => {
                guest.call_parse(store, payload).await.map(Said::Parsed)
            }
            (Self::Judging(guest), Ask::Packed { arena, index }) => {
                guest.call_judge(store, arena, index).await.map(Said::Verdicts)
            }
            (Self::Routing(guest), Ask::Packed { arena, index }) => {
                guest.call_route(store, arena, index).await.map(Said::Decisions)
            }
            (Self::JudgingJson(guest), Ask::Json(events)) => {
                guest.call_judge(store, events).await.map(Said::Json)
            }
            (Self::RoutingJson(guest), Ask::Json(events)) => {
                guest.call_route(store, events).await.map(Said::Json)
            }
            (Self::Delivery(guest), Ask::Deliver(notification)) => {
                guest.call_deliver(store, notification).await.map(Said::Receipt)
            }
            (Self::Delivery(guest), Ask::Callback(request)) => {
                guest.call_callback(store, request).await.map(Said::Answer)
            }
            (Self::Delivery(guest), Ask::Validate(address)) => {
                guest.call_validate(store, address).await.map(Said::Validated)
            }
            // Callers choose the question by the plugin's kind; this is our bug, and a failure like any other.
            _ => Err(wasmtime::format_err!("asked for what this kind of plugin does not do")),
        }
    }
}
