//! From a file's bytes to a plugin that may be swapped in: inspected, compiled off the hot path, linked, and tried once
//! under its limits. Signatures and start functions are only checked by trying.

use super::core::Core;
use super::fault::{Cause, Fault};
use super::guest::{Ask, Code, Said};
use super::installed::{Call, Installed};
use super::json;
use super::runtime::Place;
use super::skew;
use super::types::Kind;
use jiff::Timestamp;
use nightbell_pack::{InspectError, Manifest, Outline};
use serde_json::Value;
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
    /// The operator's settings are not what the manifest describes.
    #[error("wrong settings: {0}")]
    Settings(String),
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
    /// There is no room to load it now.
    #[error("cannot be loaded now: {0}; it will be tried again")]
    Machine(String),
    /// It imports functions that this engine does not have.
    #[error("needs {0}, which this engine does not have: the plugin was built for a newer one")]
    Newer(String),
    /// Each loaded plugin takes a file descriptor.
    #[error(
        "this process may open {0} files and each loaded plugin takes one: raise the limit (`ulimit -Hn`, or `LimitNOFILE=` of the service) or remove plugins"
    )]
    Descriptors(u64),
    /// It imports or exports something in another shape.
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
            Self::Machine(_)
                | Self::Descriptors(_)
                | Self::Start(_, Cause::Cpu | Cause::Wall | Cause::Busy)
        )
    }
}

/// Whether the operator's settings are what the manifest describes. What is required of a parser may also stand with its
/// integrations, so that it is not missed here.
///
/// # Errors
/// `Settings`, with everything that is wrong.
pub(super) fn check_settings(manifest: &Manifest, settings: &Value) -> Result<(), LoadError> {
    let mut mistakes = nightbell_pack::setting_mistakes(manifest, settings);
    mistakes.retain(|mistake| !(mistake.is_missing && manifest.kind == Kind::Parser));
    if mistakes.is_empty() {
        return Ok(());
    }
    let lines: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
    Err(LoadError::Settings(lines.join("; ")))
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
        let component = component.map_err(|error| refused_by_engine(&error))?;
        if let Some(missing) = skew::missing_functions(engine, &component) {
            return Err(LoadError::Newer(missing));
        }
        let code = Code::link(engine, &component, outline, Some(descriptor));
        code.map(Arc::new).map_err(|error| LoadError::Link(format!("{error:#}")))
    };
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|error| Err(LoadError::Compile(format!("the compiler gave up: {error}"))))
}

/// A want of descriptors, memory or disk is the machine's and may pass; anything else is the file's.
fn refused_by_engine(error: &wasmtime::Error) -> LoadError {
    let is_ours = error.chain().any(|cause| cause.is::<std::io::Error>());
    let why = format!("{error:#}");
    if is_ours { LoadError::Machine(why) } else { LoadError::Compile(why) }
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
            Said::Json(text) => match json::says_nothing(plugin.kind(), &text) {
                Ok(()) => return Ok(()),
                Err(fault) => fault,
            },
            _ => return Ok(()),
        },
        Err(fault) => fault,
    };
    Err(LoadError::Start(fault.describe(), fault.cause))
}
