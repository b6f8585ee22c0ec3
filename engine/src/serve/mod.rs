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
use crate::pipeline::door::Door;
use crate::pipeline::{Pipeline, PipelineError};
use crate::plugin::{HostError, HostSetup, PluginHost};
use crate::server::{Doors, Readiness, ServerError};
use crate::store::{EmbeddedStore, Opened, Store, StoreError};
use crate::token::TokenError;
use crate::ui::answer::{AnswerLinks, LinkKeyError};
use adapt::Links;
use arc_swap::ArcSwap;
use nightbell_core::model::{EventId, State};
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
pub struct Running {
    /// Where it listens.
    pub address: SocketAddr,
    stop: CancellationToken,
    doors: JoinHandle<Result<(), ServerError>>,
    deliveries: JoinHandle<()>,
    pipeline: JoinHandle<Result<(), PipelineError>>,
    stop_deciding: CancellationToken,
    store: Arc<EmbeddedStore>,
}
