//! The WebAssembly host.
mod types;
pub use types::*;
