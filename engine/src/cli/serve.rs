//! `nightbell serve` and `nightbell demo`: their options. The work is the engine's.

use super::failure::Failure;
use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// The form of the log on standard error.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people
    #[default]
    Text,
    /// One JSON object a line
    Json,
}

/// How to run the server.
#[derive(Args, Clone, Debug)]
pub struct ServeArgs {
    /// The configuration's main file
    #[arg(long, value_name = "FILE", env = "NIGHTBELL_CONFIG", default_value = "nightbell.toml")]
    pub config: PathBuf,
    /// The form of the log
    #[arg(long, value_enum, env = "NIGHTBELL_LOG_FORMAT", default_value_t = LogFormat::Text)]
    pub log_format: LogFormat,
    /// What to log: `info`, or by module: `warn,nightbell::plugin=debug`
    #[arg(long, value_name = "FILTER", env = "NIGHTBELL_LOG", default_value = "info")]
    pub log: String,
}

/// How to run the demo.
#[derive(Args, Clone, Debug)]
pub struct DemoArgs {
    /// End after the story; succeeds only if each of its steps really happened
    #[arg(long)]
    pub once: bool,
    /// Where the demo's engine listens [default: a free one]
    #[arg(long, value_name = "PORT")]
    pub port: Option<u16>,
    /// Shorter pauses
    #[arg(long)]
    pub fast: bool,
}

/// Runs the server until it is told to stop.
///
/// # Errors
/// When it cannot start.
pub(super) fn serve(_args: &ServeArgs) -> Result<(), Failure> {
    Err(Failure::new("This build has no server: it was made from the command line's branch alone."))
}

/// Tells the demo's story.
///
/// # Errors
/// When it cannot start, or a step did not happen.
pub(super) fn demo(_args: &DemoArgs) -> Result<(), Failure> {
    Err(Failure::new("This build has no demo: it was made from the command line's branch alone."))
}
