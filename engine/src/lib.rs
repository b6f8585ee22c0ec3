//! The shell of Nightbell: bytes, time, disk, network and WebAssembly around the pure core.
//!
//! Reading order, which is an event's way:
//! - [`server`]: listens, and puts the doors together.
//! - [`ingest`]: bytes at an integration's door become parsed events in the journal.
//! - [`plugin`]: the WebAssembly host: parsers, filters, routers, channels.
//! - [`store`]: what is durable.
//! - [`pipeline`]: the one task that takes all inputs through the core's `decide`.
//! - [`deliver`]: the outbox on its way to people.
//! - [`reach`]: whether somebody would be told in time, in days to come.
//! - [`api`], [`ui`], [`cli`]: the doors for people and tools.
//! - [`config`], [`clock`], [`limits`], [`token`]: what everything stands on.

pub mod api;
pub mod cli;
pub mod clock;
pub mod config;
pub mod deliver;
pub mod demo;
pub mod ical;
pub mod ingest;
pub mod limits;
pub mod pipeline;
pub mod plugin;
pub mod reach;
pub mod serve;
pub mod server;
pub mod store;
pub mod token;
pub mod trouble;
pub mod ui;
