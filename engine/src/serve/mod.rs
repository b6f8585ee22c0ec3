//! `nightbell serve`: puts the parts together, starts them in order, stops them in the other order.
//!
//! Start: store (replay) → plugins → pipeline → deliveries → doors. The doors open last, so that whoever is
//! answered finds everything working. Stop: doors, deliveries, pipeline, store.

mod adapt;
mod reload;
mod report;

use crate::clock;
use crate::config::Plan;
use crate::deliver::{ChannelTrouble, Dispatcher, Outbox};
use crate::ingest::Parsers;
use crate::pipeline::door::{Asked, Door};
use crate::pipeline::{Judge, Pipeline, PipelineError};
use crate::plugin::{
    HostError, HostSetup, PluginHost, PluginState, PluginStatus, missing_shipped, shipped,
};
use crate::reach;
use crate::server::{self, Callbacks, Doors, Listening, Readiness, Reload, ServerError};
use crate::store::{EmbeddedOptions, EmbeddedStore, Opened, Store, StoreError};
use crate::token::{TokenError, ensure_admin_token};
use crate::trouble::parts_in_trouble;
use crate::ui::answer::{AnswerLinks, LinkKeyError};
use adapt::Links;
use arc_swap::ArcSwap;
use futures_util::FutureExt as _;
use nightbell_core::model::{EventId, State};
use reload::Reloader;
use report::Resting;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// Why the engine did not start, or ended.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The data directory.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The plugin host itself (a broken plugin is a status, not an error).
    #[error(transparent)]
    Plugins(#[from] HostError),
    /// The key of the answer links.
    #[error(transparent)]
    Links(#[from] LinkKeyError),
    /// The first token.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// The address or the certificate.
    #[error(transparent)]
    Server(#[from] ServerError),
    /// The decisions.
    #[error(transparent)]
    Pipeline(#[from] PipelineError),
    /// A task ended that should not have.
    #[error("the {0} task ended unexpectedly; the log says why")]
    Task(&'static str),
}

/// A running engine.
#[derive(Debug)]
pub struct Running {
    /// Where it listens.
    pub address: SocketAddr,
    /// Where the first admin token was written, on the first start.
    pub admin_token: Option<PathBuf>,
    stop: Stops,
    doors: JoinHandle<Result<(), ServerError>>,
    deliveries: JoinHandle<()>,
    pipeline: JoinHandle<Result<(), PipelineError>>,
    store: Arc<EmbeddedStore>,
}

/// Each part stops at its own time.
#[derive(Clone, Debug, Default)]
struct Stops {
    doors: CancellationToken,
    deliveries: CancellationToken,
    deciding: CancellationToken,
}

/// Starts everything; answers when the doors are open. `file` is watched when it is given.
///
/// # Errors
/// [`ServeError`]: nothing runs then.
pub async fn start(plan: Plan, file: Option<PathBuf>) -> Result<Running, ServeError> {
    // First what fails most often, and before anything is written.
    let listening = server::bind(&plan)?;
    raise_descriptor_limit();
    let (store, opened) = open_store(&plan).await?;
    let plugins = start_plugins(&plan, &opened).await?;
    let plan = Arc::new(plan);
    let shared: Arc<dyn Store> = store.clone();
    let outbox = Arc::new(Outbox::new(opened.state.deliveries().cloned()));
    let swap = Arc::new(ArcSwap::new(plan.clone()));
    let (door, asked) = Door::new(opened.state.clone(), opened.cursor, swap, shared);
    let stops = Stops::default();
    let start = Start { plan, file, store, plugins, outbox, door, stops };
    start.go(listening, asked, opened.state, opened.cursor).await
}

/// What was made so far.
struct Start {
    plan: Arc<Plan>,
    file: Option<PathBuf>,
    store: Arc<EmbeddedStore>,
    plugins: Arc<PluginHost>,
    outbox: Arc<Outbox>,
    door: Door,
    stops: Stops,
}

impl Start {
    async fn go(
        self,
        listening: Listening,
        asked: mpsc::Receiver<Asked>,
        state: State,
        cursor: EventId,
    ) -> Result<Running, ServeError> {
        let judge: Arc<dyn Judge> = self.plugins.clone();
        let in_trouble = parts_in_trouble(&state);
        self.plugins.resume_quarantine(report::plugins_among(&in_trouble));
        let (door, outbox) = (self.door.clone(), self.outbox.clone());
        let pipeline = Pipeline { door, asked, judge, outbox, state, cursor };
        let pipeline = tokio::spawn(pipeline.run(self.stops.deciding.clone()));
        let links = Arc::new(AnswerLinks::load(&self.plan.data)?);
        let deliveries =
            tokio::spawn(self.dispatcher(&links, &in_trouble).run(self.stops.deliveries.clone()));
        let (store, troubles) = (self.store.clone(), self.plugins.failures());
        report::start(store, &in_trouble, self.resting(), troubles, self.stops.doors.clone());
        let holes_told = in_trouble.iter().any(|part| part == reach::PART);
        reach::watch(self.door.clone(), self.store.clone(), holes_told, self.stops.doors.clone());
        let admin_token = ensure_admin_token(&self.door, &self.plan.data, clock::now()).await?;
        let reload = self.reload()?;
        let address = listening.address();
        let doors = self.doors(links, reload)?;
        let doors = tokio::spawn(listening.serve(doors, self.stops.doors.clone()));
        let (stop, store) = (self.stops, self.store);
        Ok(Running { address, admin_token, stop, doors, deliveries, pipeline, store })
    }

    fn dispatcher(&self, links: &Arc<AnswerLinks>, in_trouble: &[String]) -> Dispatcher {
        Dispatcher {
            door: self.door.clone(),
            outbox: self.outbox.clone(),
            channels: self.plugins.clone(),
            answers: Arc::new(Links { door: self.door.clone(), links: links.clone() }),
            trouble: Arc::new(ChannelTrouble::new(self.store.clone(), in_trouble.iter().cloned())),
        }
    }

    fn resting(&self) -> Resting {
        let plugins = self.plugins.clone();
        Arc::new(move || {
            let all = plugins.list().into_iter();
            let resting = all.filter(|plugin| plugin.state == PluginState::Quarantined);
            let message = |plugin: &PluginStatus| match &plugin.health.last_failure {
                Some(failure) => failure.message.clone(),
                None => String::new(),
            };
            resting.map(|plugin| (plugin.name.clone(), message(&plugin))).collect()
        })
    }

    fn doors(&self, links: Arc<AnswerLinks>, reload: Reload) -> Result<Arc<Doors>, ServeError> {
        let parsers: Arc<dyn Parsers> = self.plugins.clone();
        let plugins: Arc<dyn Callbacks> = self.plugins.clone();
        let metrics = server::install_metrics().map_err(|_| ServeError::Task("metrics"))?;
        // Replay and plugins are done before the doors open.
        let (_, readiness) = watch::channel(Readiness::Ready);
        Ok(Arc::new(Doors {
            door: self.door.clone(),
            parsers,
            plugins,
            links,
            reload,
            readiness,
            metrics,
            clock: clock::now,
            parsing: Doors::places(),
        }))
    }

    fn reload(&self) -> Result<Reload, ServeError> {
        let Some(file) = self.file.clone() else {
            let refused = || async { Err("this engine was started without a file".to_owned()) };
            return Ok(Arc::new(move || refused().boxed()));
        };
        let (door, plugins) = (self.door.clone(), self.plugins.clone());
        let reloader = Reloader { door, plugins, file, turn: Arc::default() };
        reload::watch(reloader.clone(), self.stops.doors.clone())?;
        Ok(Arc::new(move || {
            let reloader = reloader.clone();
            async move { reloader.reload().await.map(drop) }.boxed()
        }))
    }
}

async fn open_store(plan: &Plan) -> Result<(Arc<EmbeddedStore>, Opened), ServeError> {
    let data = plan.data.clone();
    let open = move || EmbeddedStore::open(&data, EmbeddedOptions::default());
    let opened = tokio::task::spawn_blocking(open).await;
    let (store, opened) = opened.map_err(|_| ServeError::Task("store"))??;
    for remark in &opened.remarks {
        tracing::warn!(remark, "the store says");
    }
    let (open, cursor) = (opened.state.incidents().count(), opened.cursor.0);
    tracing::info!(open, cursor, "store opened");
    Ok((Arc::new(store), opened))
}

async fn start_plugins(plan: &Plan, opened: &Opened) -> Result<Arc<PluginHost>, ServeError> {
    let missing = missing_shipped();
    if !missing.is_empty() {
        let missing = missing.join(", ");
        tracing::warn!(
            missing,
            "built without shipped plugins; run `cargo xtask plugins` and build again"
        );
    }
    let state = opened.state.all_plugin_state();
    let state = state.map(|(plugin, key, value)| (plugin.clone(), key.clone(), value.clone()));
    let setup = HostSetup {
        plan: Arc::new(plan.clone()),
        shipped: shipped(),
        state: state.collect(),
        cache_dir: plan.data.join("cache"),
    };
    Ok(PluginHost::start(setup).await?)
}

/// Each loaded plugin holds one descriptor. Failing is no reason not to start.
fn raise_descriptor_limit() {
    if let Err(error) = rlimit::increase_nofile_limit(u64::MAX) {
        tracing::warn!(%error, "cannot raise the limit of open files");
    }
}

impl Running {
    /// Waits until a task ends that should not, or `asked` resolves; then stops everything in order.
    ///
    /// # Errors
    /// What made it end, if that was not `asked`.
    pub async fn run_until(mut self, asked: impl Future<Output = ()>) -> Result<(), ServeError> {
        let ended = tokio::select! {
            () = asked => None,
            ended = &mut self.pipeline => Some(match ended {
                Ok(Err(error)) => ServeError::Pipeline(error),
                Ok(Ok(())) | Err(_) => ServeError::Task("pipeline"),
            }),
            ended = &mut self.doors => Some(match ended {
                Ok(Err(error)) => ServeError::Server(error),
                Ok(Ok(())) | Err(_) => ServeError::Task("server"),
            }),
            _ = &mut self.deliveries => Some(ServeError::Task("delivery")),
        };
        match ended {
            None => self.stop().await,
            // What is in memory may be ahead of the disk: end at once, replay at the next start.
            Some(error) => Err(error),
        }
    }

    /// Stops: no more requests, deliveries under way end, what was asked is decided, the store is written back.
    ///
    /// # Errors
    /// When a part ended with an error.
    pub async fn stop(self) -> Result<(), ServeError> {
        self.stop.doors.cancel();
        let doors = self.doors.await.map_err(|_| ServeError::Task("server"))?;
        self.stop.deliveries.cancel();
        self.deliveries.await.map_err(|_| ServeError::Task("delivery"))?;
        self.stop.deciding.cancel();
        let pipeline = self.pipeline.await.map_err(|_| ServeError::Task("pipeline"))?;
        let store = self.store;
        let closed = tokio::task::spawn_blocking(move || store.close()).await;
        closed.map_err(|_| ServeError::Task("store"))?;
        doors?;
        Ok(pipeline?)
    }
}

/// Resolves on Ctrl-C or SIGTERM.
pub async fn asked_to_stop() {
    let terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate());
    match terminate {
        Ok(mut terminate) => tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminate.recv() => {}
        },
        Err(_) => drop(tokio::signal::ctrl_c().await),
    }
}
