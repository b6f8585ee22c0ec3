//! `cargo xtask demo`: builds what the story needs and starts it. Arguments go to `nightbell demo`; with `--once` the story
//! runs once, and the exit status says whether each of its steps really happened.

use std::process::Command;

use crate::cargo::{self, cargo};
use crate::plugins;
use crate::steps::{Steps, run};

/// Builds, then becomes the demo.
pub(crate) fn run_demo(arguments: &[String]) -> anyhow::Result<()> {
    build_engine(&mut Steps::new(2))?;
    cargo::become_program(Command::new(cargo::dev_engine()).arg("demo").args(arguments))
}

/// The plugins, then the engine that carries them.
pub(crate) fn build_engine(steps: &mut Steps) -> anyhow::Result<()> {
    steps.step("the plugins", "cargo xtask plugins", || plugins::run(&[]))?;
    steps.step(
        "the engine (minutes the first time, its dependencies are optimised)",
        &format!("cargo {}", cargo::DEV_BUILD.join(" ")),
        || run(&mut cargo(cargo::DEV_BUILD)),
    )
}
