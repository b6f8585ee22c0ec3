//! `nightbell plugin`: what can one do with plugins? This file knows the verbs, each of which has a file of its own.

mod bench;
mod build;
mod file;
mod input;
mod inspect;
mod list;
mod new;
mod project;
mod run;
mod subject;
mod switch;
mod test;

use super::failure::Failure;
use super::out::Out;
use super::session::Remote;
use clap::Subcommand;
use std::path::PathBuf;

/// What to do with plugins.
#[derive(Subcommand, Clone, Debug)]
pub(super) enum PluginCommand {
    /// List the server's plugins and how they are
    List,
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

/// Does it.
///
/// # Errors
/// See [`Failure`].
pub(super) async fn run(remote: Remote<PluginCommand>, out: &Out) -> Result<(), Failure> {
    let connection = &remote.connection;
    match remote.command {
        PluginCommand::List => list::run(connection, out).await,
        PluginCommand::Enable { name } => switch::switch(connection, out, &name, true),
        PluginCommand::Disable { name } => switch::switch(connection, out, &name, false),
        PluginCommand::New(args) => new::run(&args, out),
        PluginCommand::Build(args) => build::run(&args, out),
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
