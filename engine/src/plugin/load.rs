//! From a file's bytes to a plugin that may be swapped in: inspected, compiled off the hot path, linked, and tried once
//! under its limits. Signatures and start functions are only checked by trying.

use super::core::Core;
use super::fault::{Cause, Fault};
use super::guest::{Ask, Code, Said};
use super::installed::{Call, Installed};
use super::runtime::Place;
use super::types::Kind;
use jiff::Timestamp;
use nightbell_pack::{InspectError, Outline};
use std::sync::Arc;
use std::time::Duration;

/// Why a plugin is not loaded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum LoadError {
    /// The file cannot be read.
    #[error("{0}")]
    Unreadable(String),
    /// The file is no plugin.
    #[error(transparent)]
    NotAPlugin(#[from] InspectError),
    /// The sidecar has a mistake.
    #[error("sidecar {file}: {why}")]
    Sidecar {
        /// Which.
        file: String,
        /// What is wrong.
        why: String,
    },
    /// The file is not the one that the config expects.
    #[error("sha256 is {got}, but `[plugin.{name}]` in the config expects {expected}")]
    Pin {
        /// Of which plugin.
        name: String,
        /// In the config.
        expected: String,
        /// Of the file.
        got: String,
    },
    /// The operator wants a signature and there is none.
    #[error(
        "not signed, and the config requires a signature: put it beside the file as {file}.minisig (`minisign -Sm {file}`)"
    )]
    Unsigned {
        /// Which file.
        file: String,
    },
    /// The signature is not one the operator trusts, or not of this file.
    #[error("signature {file}: {why}")]
    Signature {
        /// Its file.
        file: String,
        /// What is wrong.
        why: String,
    },
    /// The engine refuses it.
    #[error("does not compile: {0}")]
    Compile(String),
    /// Each loaded plugin takes a file descriptor.
    #[error(
        "this process may open {0} files and each loaded plugin takes one: raise the limit (`ulimit -Hn`, or `LimitNOFILE=` of the service) or remove plugins"
    )]
    Descriptors(u64),
    /// It imports what this engine does not have, or in another shape.
    #[error("does not fit this engine: {0}")]
    Link(String),
    /// It fails as soon as it is started.
    #[error("fails when it is started: {0}")]
    Start(String, Cause),
    /// A shipped plugin's file has another name inside.
    #[error("the shipped plugin `{expected}` calls itself `{got}`: build it again")]
    Name {
        /// As shipped.
        expected: String,
        /// In the manifest.
        got: String,
    },
}

impl LoadError {
    /// Whether trying the same file again may help.
    pub(super) fn may_pass(&self) -> bool {
        matches!(
            self,
            Self::Start(_, Cause::Cpu | Cause::Wall | Cause::Busy) | Self::Descriptors(_)
        )
    }
}

/// Compiles and links, on a thread where it keeps nobody waiting.
///
/// # Errors
/// `Compile` or `Link`.
pub(super) async fn compile(
    core: &Arc<Core>,
    outline: Outline,
    bytes: Arc<[u8]>,
) -> Result<Arc<Code>, LoadError> {
    let core = core.clone();
    let work = move || {
        let engine = &core.runtime.engine;
        let descriptors = core.runtime.descriptors;
        let descriptor = core.runtime.descriptor().ok_or(LoadError::Descriptors(descriptors))?;
        let component = core.cache.component(engine, &outline.sha256, &bytes);
        let component = component.map_err(|error| LoadError::Compile(format!("{error:#}")))?;
        let code = Code::link(engine, &component, outline, Some(descriptor));
        code.map(Arc::new).map_err(|error| LoadError::Link(format!("{error:#}")))
    };
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|error| Err(LoadError::Compile(format!("the compiler gave up: {error}"))))
}

/// How long a check waits for a place: as long as it takes, nobody waits for it.
const PATIENCE: Duration = Duration::from_secs(600);

/// Tries a plugin once under its limits. Filters and routers judge an empty batch, so that settings they refuse show
/// now and not with the first alert. What it writes is dropped.
///
/// # Errors
/// `Start`.
pub(super) async fn try_out(core: &Core, plugin: &Installed) -> Result<(), LoadError> {
    let _place = core.runtime.place(Place::Load, PATIENCE).await;
    let empty = nightbell_plugin::packed::Packer::new();
    let ask = match plugin.kind() {
        Kind::Filter | Kind::Router if plugin.code.speaks_json() => Ask::Json("[]"),
        Kind::Filter | Kind::Router => Ask::Packed { arena: empty.arena(), index: empty.index() },
        Kind::Parser | Kind::Channel => Ask::Start,
    };
    let call = Call {
        ask,
        limits: plugin.terms.limits,
        now: Timestamp::UNIX_EPOCH,
        settings: None,
        outside: None,
    };
    let fault = match plugin.ask(&core.runtime, call).await {
        Ok(done) => match done.said {
            Said::Verdicts(list) if !list.is_empty() => {
                Fault::nonsense("verdicts on an empty batch")
            }
            Said::Decisions(list) if !list.is_empty() => {
                Fault::nonsense("decisions on an empty batch")
            }
            _ => return Ok(()),
        },
        Err(fault) => fault,
    };
    Err(LoadError::Start(fault.describe(), fault.cause))
}
