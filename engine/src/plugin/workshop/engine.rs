//! The workshop's engine: the server's configuration, with fuel and with the lines of the source.

use super::super::cache::Cache;
use super::super::guest::Code;
use super::super::installed::Limits;
use super::super::runtime;
use super::super::terms;
use super::piece::Piece;
use crate::config::PluginPlan;
use nightbell_pack::inspect;
use std::path::Path;
use wasmtime::{Engine, WasmBacktraceDetails};

/// What is counted while a plugin computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Count {
    /// Fuel: about one per instruction, the same on every machine for one file and one engine.
    Fuel,
    /// Nothing: as the server runs it.
    Nothing,
}

/// Why there is nothing to ask.
#[derive(Debug, thiserror::Error)]
pub enum WorkshopError {
    /// The WebAssembly engine does not start.
    #[error("the WebAssembly engine does not start: {0}")]
    Engine(String),
    /// The file is no plugin.
    #[error("it is no usable plugin: {0}")]
    NotAPlugin(#[from] nightbell_pack::InspectError),
    /// The engine refuses it.
    #[error("it does not compile: {0}")]
    Compile(String),
    /// It imports what this engine does not have, or in another shape.
    #[error("it does not fit this engine: {0}")]
    Link(String),
}

/// See the module.
pub struct Workshop {
    engine: Engine,
    cache: Cache,
    count: Count,
}

impl std::fmt::Debug for Workshop {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Workshop").field("count", &self.count).finish_non_exhaustive()
    }
}

impl Workshop {
    /// Opens it; compiled files are kept in `cache_dir`, which is made private to this user. An engine that counts fuel
    /// has a key of its own there: what one has compiled the other refuses.
    ///
    /// # Errors
    /// [`WorkshopError::Engine`].
    pub fn open(cache_dir: &Path, count: Count) -> Result<Self, WorkshopError> {
        // As the server runs it: with its pool, where instances are cheapest.
        let mut config = runtime::config(count == Count::Nothing);
        if count == Count::Fuel {
            config.consume_fuel(true).wasm_backtrace_details(WasmBacktraceDetails::Enable);
        }
        let refused = |error: wasmtime::Error| WorkshopError::Engine(format!("{error:#}"));
        let engine = match Engine::new(&config) {
            Ok(engine) => engine,
            // No address space for the pool: as in the server, on demand then.
            Err(_) if count == Count::Nothing => {
                Engine::new(&runtime::config(false)).map_err(refused)?
            }
            Err(error) => return Err(refused(error)),
        };
        runtime::start_ticker(&engine).map_err(refused)?;
        let cache = Cache::open(cache_dir, &engine);
        Ok(Self { engine, cache, count })
    }

    /// Compiles a plugin file, or takes it from the cache. Blocks: seconds for large guests.
    ///
    /// # Errors
    /// [`WorkshopError`].
    pub fn load(&self, bytes: &[u8]) -> Result<Piece, WorkshopError> {
        let outline = inspect(bytes)?;
        let limits: Limits = terms::limits(&outline.manifest, &PluginPlan::default());
        let component = self.cache.component(&self.engine, &outline.sha256, bytes);
        let component = component.map_err(|error| WorkshopError::Compile(format!("{error:#}")))?;
        let code = Code::link(&self.engine, &component, outline);
        let code = code.map_err(|error| WorkshopError::Link(format!("{error:#}")))?;
        Ok(Piece::new(self.engine.clone(), code, limits, self.count))
    }
}
