//! The command line: `nightbell <noun> <verb>`.
//!
//! Data goes to standard output, talk to standard error; exit 0 ok, 1 failed, 2 asked wrongly, 3 a check found errors.
//!
//! Reading order: this file knows the commands; `session`, `connect` and `client` talk to a server (`near` finds it);
//! one file per noun; `look`, `table`, `json` and `time` turn values into words and back, purely; `out` alone prints;
//! `failure` says why not. Nothing here decides or writes to a store: it asks the API, as everybody does.

mod absence;
mod analytics;
mod channel;
mod check;
mod client;
mod connect;
mod doctor;
mod event;
mod explain;
mod failure;
mod incident;
mod json;
mod look;
mod maintenance;
mod near;
mod oncall;
mod out;
mod person;
mod plugin;
mod policy;
mod quiet;
mod schedule;
mod serve;
mod session;
mod silence;
mod status;
mod swap;
mod table;
mod temporary;
mod time;
mod token;

pub use failure::{Exit, Failure};
pub use serve::{DemoArgs, LogFormat, ServeArgs};

use crate::clock;
use channel::ChannelCommand;
use check::CheckArgs;
use clap::{CommandFactory, Parser, Subcommand};
use clap_complete::Shell;
use event::EventCommand;
use incident::IncidentCommand;
use maintenance::MaintenanceCommand;
use oncall::OncallArgs;
use out::{Color, Format, Out};
use person::PersonCommand;
use plugin::PluginCommand;
use policy::PolicyCommand;
use schedule::ScheduleCommand;
use session::{Remote, Session};
use silence::SilenceCommand;
use std::process::ExitCode;
use token::TokenCommand;

/// Takes alerts in, decides who must wake, and keeps ringing until somebody answers
#[derive(Parser)]
#[command(
    name = "nightbell",
    version,
    propagate_version = true,
    subcommand_required = true,
    arg_required_else_help = true,
    after_help = "Exit codes: 0 ok, 1 failed, 2 asked wrongly, 3 check found errors.\n\
        Environment: NIGHTBELL_SERVER, NIGHTBELL_TOKEN, NIGHTBELL_CONFIG, NIGHTBELL_CA, NO_COLOR."
)]
struct Cli {
    /// The form of what is printed on standard output
    #[arg(
        short, long, value_enum, global = true, value_name = "table|json",
        hide_possible_values = true, default_value_t = Format::Table
    )]
    output: Format,
    /// When to use colours
    #[arg(
        long, value_enum, global = true, value_name = "auto|always|never",
        hide_possible_values = true, default_value_t = Color::Auto
    )]
    color: Color,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the engine
    Serve(ServeArgs),
    /// Run an engine with made-up people and tell a story
    Demo(DemoArgs),
    /// Report every mistake in a configuration; exit 3 when there are any
    Check(CheckArgs),
    /// Look whether everything stands that a page needs
    Doctor(doctor::DoctorArgs),
    /// What people own: list, show, ack, resolve, snooze, reassign, escalate, merge, split, note
    #[command(visible_alias = "incidents")]
    Incident(Remote<IncidentCommand>),
    /// What monitors say: send, list, explain
    #[command(visible_alias = "events")]
    Event(Remote<EventCommand>),
    /// How incidents went, in numbers
    Analytics(analytics::AnalyticsArgs),
    /// Who is on call
    Oncall(OncallArgs),
    /// Calendars of duty: show, gaps, override, temporary, swap, fairness, ical
    #[command(visible_alias = "schedules")]
    Schedule(Remote<ScheduleCommand>),
    /// Escalation policies: list, explain
    #[command(visible_alias = "policies")]
    Policy(Remote<PolicyCommand>),
    /// Keep quiet what matches: add, list, edit, expire, preview
    #[command(visible_alias = "silences")]
    Silence(Remote<SilenceCommand>),
    /// Plan work during which nobody is paged: add, list, edit, end, preview
    Maintenance(Remote<MaintenanceCommand>),
    /// Parsers, filters, routers and channels: list, enable, disable, inspect
    #[command(visible_alias = "plugins")]
    Plugin(Remote<PluginCommand>),
    /// What the other side of a channel has to be told: hook
    #[command(visible_alias = "channels")]
    Channel(Remote<ChannelCommand>),
    /// How people are reached: show, method, rules
    #[command(visible_alias = "people")]
    Person(Remote<PersonCommand>),
    /// Keys to the API: create, list, revoke
    #[command(visible_alias = "tokens")]
    Token(Remote<TokenCommand>),
    /// How the engine is
    Status(status::StatusArgs),
    /// Print a completion script for a shell
    Completions {
        /// Which shell
        shell: Shell,
    },
}

/// Runs the command line of this process: what `main` does.
pub fn main() -> ExitCode {
    std::panic::set_hook(Box::new(|panic| out::last_words(&confession(panic))));
    // Another library may have chosen already; its choice is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and the version are no mistakes: clap gives them code 0 and standard output.
            let code = u8::try_from(error.exit_code()).unwrap_or(2);
            let _ = error.print();
            return ExitCode::from(code);
        }
    };
    let out = Out::new(cli.output, cli.color, clock::now());
    match run(cli.command, &out) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            out.failure(&failure);
            failure.exit.into()
        }
    }
}

/// A bug, in words that a person can send us.
fn confession(panic: &std::panic::PanicHookInfo<'_>) -> String {
    let place = panic.location().map(|place| format!(" at {}:{}", place.file(), place.line()));
    let said = panic.payload_as_str().unwrap_or("no message");
    let version = env!("CARGO_PKG_VERSION");
    format!(
        "bug: nightbell {version} panicked{}: {said}\nhint: please report it with these lines",
        place.unwrap_or_default()
    )
}

fn run(command: Command, out: &Out) -> Result<(), Failure> {
    match command {
        Command::Serve(args) => serve::serve(&args, out),
        Command::Demo(args) => serve::demo(&args, out),
        Command::Check(args) => check::run(&args, out),
        Command::Completions { shell } => out.text(&completions(shell)),
        command => {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            let runtime = runtime
                .map_err(|error| Failure::new(format!("The runtime cannot start: {error}.")))?;
            runtime.block_on(ask(command, out))
        }
    }
}

/// Commands that talk to a server.
async fn ask(command: Command, out: &Out) -> Result<(), Failure> {
    match command {
        Command::Incident(Remote { connection, command }) => {
            incident::run(&Session::open(&connection, out)?, command).await
        }
        Command::Event(remote) => {
            event::run(&Session::open(&remote.connection.clone(), out)?, remote).await
        }
        Command::Analytics(args) => {
            analytics::run(&Session::open(&args.connection, out)?, &args).await
        }
        Command::Oncall(args) => {
            oncall::oncall(&Session::open(&args.connection, out)?, &args).await
        }
        Command::Schedule(Remote { connection, command }) => {
            schedule::run(&Session::open(&connection, out)?, command).await
        }
        Command::Policy(Remote { connection, command }) => {
            policy::run(&Session::open(&connection, out)?, command).await
        }
        Command::Silence(Remote { connection, command }) => {
            silence::run(&Session::open(&connection, out)?, command).await
        }
        Command::Maintenance(Remote { connection, command }) => {
            maintenance::run(&Session::open(&connection, out)?, command).await
        }
        Command::Plugin(remote) => plugin::run(remote, out).await,
        Command::Channel(Remote { connection, command }) => {
            channel::run(&Session::open(&connection, out)?, command).await
        }
        Command::Person(Remote { connection, command }) => {
            person::run(&Session::open(&connection, out)?, command).await
        }
        Command::Token(Remote { connection, command }) => {
            token::run(&Session::open(&connection, out)?, command).await
        }
        Command::Status(args) => status::run(&Session::open(&args.connection, out)?).await,
        Command::Doctor(args) => doctor::run(&args, out).await,
        Command::Serve(_) | Command::Demo(_) | Command::Check(_) | Command::Completions { .. } => {
            Ok(())
        }
    }
}

fn completions(shell: Shell) -> String {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "nightbell", &mut script);
    String::from_utf8_lossy(&script).into_owned()
}

#[cfg(test)]
mod against_api;
#[cfg(test)]
mod tests;
