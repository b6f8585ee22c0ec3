//! `cargo xtask run`: the engine from this tree, with the first page's configuration or the one named by `--config`.

use std::process::Command;

use crate::cargo;
use crate::demo::build_engine;
use crate::steps::Steps;

const CONFIG: &str = "examples/first-page/nightbell.toml";

/// Builds, then becomes `nightbell serve`. Arguments go to it.
pub(crate) fn run_engine(arguments: &[String]) -> anyhow::Result<()> {
    build_engine(&mut Steps::new(2))?;
    let mut engine = Command::new(cargo::dev_engine());
    engine.arg("serve");
    let named = |argument: &String| argument == "--config" || argument.starts_with("--config=");
    if !arguments.iter().any(named) {
        eprintln!("configuration: {CONFIG} (another: cargo xtask run --config FILE)");
        engine.arg("--config").arg(crate::root().join(CONFIG));
    }
    cargo::become_program(engine.args(arguments))
}
