//! `cargo xtask build`: the release: `target/release/nightbell` with the shipped plugins inside, and the plugins as files in
//! `target/plugins`.

use anyhow::ensure;

use crate::cargo::{cargo, target_dir};
use crate::plugins;
use crate::steps::{Steps, run};

/// Builds the release. Takes no arguments.
pub(crate) fn run_build(arguments: &[String]) -> anyhow::Result<()> {
    ensure!(arguments.is_empty(), "usage: cargo xtask build (it takes no arguments)");
    let mut steps = Steps::new(2);
    steps.step("the plugins", "cargo xtask plugins", || plugins::run(&[]))?;
    let release = ["build", "--release", "--package", "nightbell", "--bin", "nightbell"];
    steps.step("the engine, optimised", &format!("cargo {}", release.join(" ")), || {
        run(&mut cargo(&release))
    })?;
    steps.done("built");
    println!("{}", target_dir().join("release/nightbell").display());
    Ok(())
}
