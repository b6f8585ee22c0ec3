//! `nightbell plugin`: what can one do with plugins? This file knows the verbs, each of which has a file of its own.

mod bench;
mod build;
mod file;
mod input;
mod inspect;
mod install;
mod list;
mod logs;
mod new;
mod pack;
mod place;
mod project;
mod reset;
mod run;
mod shadow;
mod show;
mod subject;
mod switch;
mod test;

use super::failure::Failure;
use super::out::Out;
use super::session::{Paging, Remote};
use clap::Subcommand;
use std::path::PathBuf;

/// What to do with plugins.
#[derive(Subcommand, Clone, Debug)]
pub(super) enum PluginCommand {
    /// List the server's plugins and how they are
    List,
    /// Show one plugin with everything: terms, limits, calls, failures
    Show {
        /// Its name
        #[arg(value_parser = name)]
        name: String,
    },
    /// Show what a plugin said and what happened to it
    Logs {
        /// Its name
        #[arg(value_parser = name)]
        name: String,
        /// Go on as it happens, until Ctrl-C
        #[arg(short, long)]
        follow: bool,
    },
    /// Show which events would have come out otherwise with a plugin that is in shadow
    Shadow {
        /// Its name
        #[arg(value_parser = name)]
        name: String,
        #[command(flatten)]
        paging: Paging,
    },
    /// Bring a plugin back from quarantine at once
    Reset {
        /// Its name
        #[arg(value_parser = name)]
        name: String,
    },
    /// Put a plugin file into the plugins directory, and see what the server makes of it
    ///
    /// It is inspected first, never run here. A signature beside it (FILE.minisig) goes with it. What it asks for is
    /// printed as the lines of the configuration that would grant it: nightbell plugin install chat.wasm >>
    /// conf.d/chat.toml
    Install {
        /// A `.wasm` file, or `-` for standard input
        file: PathBuf,
        /// Refuse the file unless it has this SHA-256
        #[arg(long, value_name = "HEX", value_parser = sha256)]
        sha256: Option<String>,
        /// Refuse the file unless the plugin calls itself so
        #[arg(long, value_parser = name)]
        name: Option<String>,
        /// Do not wait for the server
        #[arg(long)]
        no_wait: bool,
    },
    /// Take a plugin's file out of the plugins directory
    Remove {
        /// Its name
        #[arg(value_parser = name)]
        name: String,
    },
    /// Switch a plugin on
    Enable {
        /// Its name
        #[arg(value_parser = name)]
        name: String,
    },
    /// Switch a plugin off
    Disable {
        /// Its name
        #[arg(value_parser = name)]
        name: String,
    },
    /// Make a project that builds, with an example, test cases and the SDK
    #[command(after_help = "Example: nightbell plugin new quiet-hours --kind filter --lang rust")]
    New(new::NewArgs),
    /// Compile a project and pack it into a plugin file
    Build(build::BuildArgs),
    /// Make a plugin file of a module or component that other tools compiled, in any language
    #[command(
        after_help = "Example: nightbell plugin pack quiet.wasm --manifest plugin.toml --out quiet-info.wasm"
    )]
    Pack(pack::PackArgs),
    /// Run a project's cases through the compiled plugin, in the engine's own host
    #[command(after_help = "Example: nightbell plugin test . recovery --update")]
    Test(test::TestArgs),
    /// Try a plugin on one input; nothing is sent
    #[command(after_help = "Example: nightbell plugin run quiet-hours.wasm --input events.json")]
    Run(run::RunArgs),
    /// Measure a plugin: events a second, cost of one
    #[command(after_help = "Example: nightbell plugin bench quiet-hours.wasm --seconds 5")]
    Bench(bench::BenchArgs),
    /// Show what a plugin file says about itself, without running it
    Inspect {
        /// A `.wasm` file
        file: PathBuf,
    },
}

fn name(text: &str) -> Result<String, String> {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    let fits = (1..=63).contains(&text.len()) && text.bytes().all(plain);
    let expected = "expected a plugin's name: lower-case letters, digits and hyphens";
    if fits { Ok(text.to_owned()) } else { Err(expected.to_owned()) }
}

fn sha256(text: &str) -> Result<String, String> {
    let hex = text.trim().to_ascii_lowercase();
    let fits = hex.len() == 64 && hex.bytes().all(|b| b.is_ascii_hexdigit());
    if fits { Ok(hex) } else { Err("expected a SHA-256: 64 hex digits".to_owned()) }
}

/// Does it.
///
/// # Errors
/// See [`Failure`].
pub(super) async fn run(remote: Remote<PluginCommand>, out: &Out) -> Result<(), Failure> {
    let connection = &remote.connection;
    match remote.command {
        PluginCommand::List => list::run(connection, out).await,
        PluginCommand::Show { name } => show::run(connection, out, &name).await,
        PluginCommand::Logs { name, follow } => logs::run(connection, out, &name, follow).await,
        PluginCommand::Shadow { name, paging } => {
            shadow::run(connection, out, &name, &paging).await
        }
        PluginCommand::Reset { name } => reset::run(connection, out, &name).await,
        PluginCommand::Install { file, sha256, name, no_wait } => {
            let wanted = install::Wanted { file, sha256, name, no_wait };
            install::install(connection, out, &wanted).await
        }
        PluginCommand::Remove { name } => install::remove(connection, out, &name),
        PluginCommand::Enable { name } => switch::switch(connection, out, &name, true),
        PluginCommand::Disable { name } => switch::switch(connection, out, &name, false),
        PluginCommand::New(args) => new::run(&args, out),
        PluginCommand::Build(args) => build::run(&args, out),
        PluginCommand::Pack(args) => pack::run(&args, out),
        PluginCommand::Test(args) => test::run(&args, out).await,
        PluginCommand::Run(args) => run::run(&args, out).await,
        PluginCommand::Bench(args) => bench::run(&args, out).await,
        PluginCommand::Inspect { file } => inspect::run(&file, out),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_leads_nowhere_else() {
        for text in ["../mute", "Mute", "", "a/b", ".mute"] {
            assert!(name(text).is_err(), "{text}");
        }
        assert!(name("by-label").is_ok());
    }
}
