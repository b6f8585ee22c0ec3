//! `nightbell serve` and `nightbell demo`: their options. The work is the engine's.

use super::failure::{Exit, Failure};
use super::out::Out;
use crate::config;
use crate::demo::{self, Demo};
use crate::serve;
use clap::{Args, ValueEnum};
use std::path::PathBuf;
use tokio::runtime::Runtime;
use tracing_subscriber::EnvFilter;

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
    /// Where the demo's engine listens [default: 7171, or a free one when it is taken]
    #[arg(long, value_name = "PORT")]
    pub port: Option<u16>,
}

/// Runs the server until it is told to stop.
///
/// # Errors
/// When it cannot start, or a part of it ended. Exit 3 when the configuration is wrong.
pub(super) fn serve(args: &ServeArgs, out: &Out) -> Result<(), Failure> {
    log_to_stderr(args.log_format, &args.log)?;
    let (color, width) = out.talk_shape();
    let loaded = config::load(&args.config).map_err(|mistakes| {
        out.say(&mistakes.render(color, width));
        Failure::said(Exit::Found)
    })?;
    if !loaded.warnings.is_empty() {
        out.say(&loaded.warnings.render(color, width));
    }
    let file = args.config.clone();
    runtime()?.block_on(async move {
        let running = serve::start(loaded.plan, Some(file)).await.map_err(failed)?;
        out.say(&format!("nightbell listens on {}", running.address));
        if let Some(token) = &running.admin_token {
            out.say(&format!("the first admin token is in {}", token.display()));
        }
        running.run_until(serve::asked_to_stop()).await.map_err(failed)
    })
}

/// Tells the demo's story.
///
/// # Errors
/// When it cannot start, or a step did not happen.
pub(super) fn demo(args: &DemoArgs, out: &Out) -> Result<(), Failure> {
    log_to_stderr(LogFormat::Text, "error")?;
    let demo = Demo { once: args.once, port: args.port.unwrap_or(DEMO_PORT) };
    let told = runtime()?.block_on(demo::run(demo));
    if told.is_ok() && args.once {
        out.say("the story happened, each step of it");
    }
    told.map_err(|error| Failure::new(format!("{error}.")))
}

/// The server's usual port; the demo takes another when it is in use.
const DEMO_PORT: u16 = 7171;

fn runtime() -> Result<Runtime, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    runtime.map_err(|error| Failure::new(format!("The runtime cannot start: {error}.")))
}

fn failed(error: serve::ServeError) -> Failure {
    Failure::new(format!("{error}."))
}

fn log_to_stderr(format: LogFormat, filter: &str) -> Result<(), Failure> {
    let filter = EnvFilter::try_new(filter).map_err(|error| {
        Failure::usage(format!("The log filter `{filter}` cannot be read: {error}."))
            .hint("use `info`, or by module: `warn,nightbell::plugin=debug`")
    })?;
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let color = std::io::IsTerminal::is_terminal(&std::io::stderr());
    let started = match format {
        LogFormat::Text => log.with_ansi(color).with_target(false).try_init(),
        LogFormat::Json => log.json().flatten_event(true).try_init(),
    };
    started.map_err(|error| Failure::new(format!("The log cannot be started: {error}.")))
}
