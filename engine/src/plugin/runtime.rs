//! The one WebAssembly engine: its configuration, its pool of instances, its ticker and the permits that keep the pool
//! from running dry. It knows nothing of plugins.

use super::bounds;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use wasmtime::{Config, Enabled, Engine, InstanceAllocationStrategy, PoolingAllocationConfig};

/// The engine and the places in its pool.
pub(super) struct Runtime {
    pub(super) engine: Engine,
    parsers: Arc<Semaphore>,
    judges: Arc<Semaphore>,
    channels: Arc<Semaphore>,
    loads: Arc<Semaphore>,
    kept: Arc<Semaphore>,
}

/// What a place in the pool is for. Each has permits of its own, so that slow deliveries never keep events waiting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Parser,
    Judge,
    Channel,
    Load,
}

impl Runtime {
    /// Makes the engine and starts its ticker. Falls back to instances on demand where the pool cannot be reserved.
    pub(super) fn start() -> Result<Self, wasmtime::Error> {
        // One file descriptor per loaded plugin: ask for what the system allows. Failing that, loading says so.
        let _ = rlimit::increase_nofile_limit(u64::MAX);
        let engine = match Engine::new(&config(true)) {
            Ok(engine) => engine,
            Err(error) => {
                tracing::warn!(%error, "no address space for the instance pool, making instances on demand");
                Engine::new(&config(false))?
            }
        };
        start_ticker(&engine)?;
        let places = |count| Arc::new(Semaphore::new(count));
        Ok(Self {
            engine,
            parsers: places(bounds::PARSERS_AT_ONCE),
            judges: places(bounds::JUDGES_AT_ONCE),
            channels: places(bounds::CHANNELS_AT_ONCE),
            loads: places(bounds::LOADS_AT_ONCE),
            kept: places(bounds::KEPT_MAX),
        })
    }

    /// Waits for a place. `None` when there is none within `wait`: overload, nobody's failure.
    pub(super) async fn place(&self, place: Place, wait: Duration) -> Option<OwnedSemaphorePermit> {
        let places = match place {
            Place::Parser => &self.parsers,
            Place::Judge => &self.judges,
            Place::Channel => &self.channels,
            Place::Load => &self.loads,
        };
        tokio::time::timeout(wait, places.clone().acquire_owned()).await.ok()?.ok()
    }

    /// A place for an instance that is kept between calls, if there is one.
    pub(super) fn place_to_keep(&self) -> Option<OwnedSemaphorePermit> {
        self.kept.clone().try_acquire_owned().ok()
    }
}

/// The engine's configuration, the same wherever a plugin is compiled.
pub(super) fn config(pooled: bool) -> Config {
    let mut config = Config::new();
    config
        .epoch_interruption(true)
        .max_wasm_stack(bounds::STACK_MAX_BYTES)
        .async_stack_size(bounds::STACK_MAX_BYTES * 2)
        // I14: the same bits in, the same bits out, on every machine.
        .cranelift_nan_canonicalization(true)
        .wasm_relaxed_simd(false);
    if pooled {
        let mut pool = PoolingAllocationConfig::new();
        pool.total_component_instances(bounds::POOL)
            .total_stacks(bounds::POOL)
            .total_memories(bounds::POOL * 2)
            .total_core_instances(bounds::POOL * 12)
            .total_tables(bounds::POOL * 4)
            .max_core_instances_per_component(64)
            .max_memories_per_component(8)
            .max_tables_per_component(16)
            .max_memory_size((bounds::MEMORY_MIB_MAX as usize) << 20)
            .table_elements(bounds::TABLE_ELEMENTS_MAX)
            .table_keep_resident(bounds::TABLE_RESIDENT_BYTES);
        // A fresh instance costs page faults more than anything else. Where the kernel tells which pages a guest has
        // written, only those are copied back and all stay mapped; elsewhere clearing them all would cost more.
        if PoolingAllocationConfig::is_pagemap_scan_available() {
            pool.pagemap_scan(Enabled::Auto)
                .linear_memory_keep_resident(bounds::MEMORY_RESIDENT_BYTES);
        }
        config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
    }
    config
}

/// The ticker always runs, whether anybody has a limit or not: a deadline that nobody counts down never comes.
/// It holds the engine weakly and ends with it.
#[allow(clippy::disallowed_methods, reason = "a thread of its own, whose work is to keep time")]
pub(super) fn start_ticker(engine: &Engine) -> Result<(), wasmtime::Error> {
    let engine = engine.weak();
    let tick = move || {
        while let Some(engine) = engine.upgrade() {
            engine.increment_epoch();
            drop(engine);
            std::thread::sleep(bounds::TICK);
        }
    };
    let thread = std::thread::Builder::new().name("plugin-ticker".to_owned()).spawn(tick);
    thread.map(drop).map_err(wasmtime::Error::new)
}
