//! The WebAssembly host: parsers, filters, routers and channels as plugins that can do only what their manifest asks and
//! the operator grants (I13), and whose failures never lose an alert (I7).
//!
//! Reading order:
//! - `types`, `status`: what goes in and comes out. `bounds`: every limit (I8).
//! - `host`: the door for the rest of the engine. `watch`, `survey`, `directory`, `disk`, `sidecar`, `terms`, `grant`,
//!   `signature`, `load`, `skew`, `refusal`, `registry`: from files and the operator's word to what runs.
//! - `parse`, `judge` with `batch` and `turns`, `deliver`: the three ways to be called.
//! - `installed`: one call. `guest`, `context`, `imports`, `wire`: the boundary itself. `runtime`, `cache`: the engine.
//! - `workshop`: a plugin outside the server, for its author. `known`: plugins as who checks a configuration sees them.
//! - `state`, `outside`, `logbook`: what guests can do. `fault`, `circuit`: what becomes of failures. `vitals` with `times`
//!   and `differences`, `inventory`: what the operator sees.
//!
//! It decides nothing about incidents and writes nothing durable: plugins' state comes out as changes to be committed.

mod batch;
mod bounds;
mod cache;
mod candidate;
mod circuit;
mod context;
mod core;
mod deliver;
mod differences;
mod directory;
mod disk;
mod fault;
mod from_guest;
mod grant;
mod guest;
mod host;
mod imports;
mod installed;
mod inventory;
mod json;
mod judge;
mod known;
mod load;
mod logbook;
mod outside;
mod packers;
mod parse;
mod patch;
mod refusal;
mod registry;
mod runtime;
mod shadow;
mod shipped;
mod sidecar;
mod signature;
mod skew;
mod spread;
mod state;
mod status;
mod survey;
mod terms;
mod times;
mod to_guest;
mod turns;
mod types;
mod vitals;
mod watch;
mod wire;
mod workshop;

#[cfg(test)]
mod tests;

pub use differences::Difference;
pub use host::{HostError, HostSetup, PluginHost};
pub use known::known;
pub use logbook::{LogLevel, LogLine, LogPage, Voice};
pub use shipped::{SHIPPED_NAMES, missing_shipped, shipped};
pub use signature::Signature;
pub use status::{CapabilityStatus, Health, LastFailure, LimitsStatus, TermsStatus};
pub use times::CallTimes;
pub use types::{
    Answer, AnswerAction, AnswerLinks, Attachment, CallbackRequest, ChannelStatus, Delivered,
    Failure, JudgedBatch, Kind, Notification, NotifiedAlert, NotifiedIncident, ParseOutcome,
    ParsedEvent, Payload, PluginFailure, PluginState, PluginStatus, PluginValue, Purpose, Receipt,
    Reply, Shipped, Source, Trouble,
};
pub use workshop::{Count, Pace, PaceOrder, Piece, Tried, Workshop, WorkshopError};
