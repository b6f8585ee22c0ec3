//! Every command of this repository: `cargo xtask <command>`.
//! One file per command; this one only finds it. Commands say what they do on standard error and print results on
//! standard output.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "talking to a terminal is its work")]
#![allow(clippy::disallowed_methods, reason = "it is configured by the environment, as cargo is")]

mod apt;
mod bench;
mod build;
mod cargo;
mod check;
mod demo;
mod languages;
mod plugins;
mod python;
mod run;
mod sim;
mod steps;
mod test;
mod types;
mod wasm_target;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// A command: its name, what it does, and the function that gets the arguments after the name.
struct Command {
    name: &'static str,
    about: &'static str,
    run: fn(&[String]) -> anyhow::Result<()>,
}

const COMMANDS: &[Command] = &[
    Command {
        name: "demo",
        about: "build the engine and let it tell the story of a page",
        run: demo::run_demo,
    },
    Command {
        name: "test",
        about: "install what is missing, build everything, run every test",
        run: test::run_tests,
    },
    Command {
        name: "run",
        about: "build the engine and serve examples/first-page (or --config FILE)",
        run: run::run_engine,
    },
    Command {
        name: "plugins",
        about: "build every plugin under plugins/ into target/plugins/*.wasm",
        run: plugins::run,
    },
    Command {
        name: "languages",
        about: "build the examples in JavaScript and Python into target/languages/*.wasm, check the SDKs' types",
        run: languages::run_languages,
    },
    Command {
        name: "build",
        about: "build the release: target/release/nightbell",
        run: build::run_build,
    },
    Command {
        name: "check",
        about: "house rules, format, lints, documentation, licences",
        run: check::run_checks,
    },
    Command {
        name: "sim",
        about: "a thousand simulated nights, or --seed S: one of them, told line by line",
        run: sim::run_nights,
    },
    Command { name: "bench", about: "run the benchmarks", run: bench::run_benches },
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let Some((name, rest)) = arguments.split_first() else {
        eprint!("{}", usage());
        return ExitCode::from(2);
    };
    if matches!(name.as_str(), "help" | "--help" | "-h") {
        print!("{}", usage());
        return ExitCode::SUCCESS;
    }
    let Some(command) = COMMANDS.iter().find(|command| command.name == name) else {
        eprint!("unknown command `{name}`\n\n{}", usage());
        return ExitCode::from(2);
    };
    match (command.run)(rest) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn usage() -> String {
    let lines: String =
        COMMANDS.iter().map(|c| format!("  {:<10} {}\n", c.name, c.about)).collect();
    format!("usage: cargo xtask <command>\n\n{lines}")
}

/// The repository's root.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().expect("xtask lies in the repository's root").to_path_buf()
}
