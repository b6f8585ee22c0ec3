//! The shell of Nightbell: bytes, time, disk, network and WebAssembly around the pure core.
//!
//! Reading order, which is an event's way:
//! - [`ingest`]: bytes at an integration's door become parsed events in the journal.
//! - [`plugin`]: the WebAssembly host: parsers, filters, routers, channels.
//! - [`store`]: what is durable.
//! - [`pipeline`]: the one task that takes all inputs through the core's `decide`.
//! - [`deliver`]: the outbox on its way to people.
//! - [`api`], [`ui`], [`cli`]: the doors for people and tools.
//! - [`config`], [`clock`], [`limits`]: what everything stands on.

pub mod cli;
pub mod clock;
pub mod config;
pub mod limits;
pub mod plugin;
pub mod store;
