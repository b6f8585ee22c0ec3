//! `cargo xtask bench`: the benchmarks whose figures stand in docs/performance.md. Arguments go to `cargo bench`.

use crate::cargo::cargo;
use crate::plugins;
use crate::steps::{Steps, run};

/// Builds the plugins and runs the benchmarks.
pub(crate) fn run_benches(arguments: &[String]) -> anyhow::Result<()> {
    let mut steps = Steps::new(4);
    steps.step("the plugins", "cargo xtask plugins", || plugins::run(&[]))?;
    steps.step(
        "the measured guest",
        "as above, for tests/fixtures/plugins",
        plugins::run_fixtures,
    )?;
    steps.step("the core's benchmarks", "cargo bench --package nightbell-core", || {
        run(&mut cargo(&["bench", "--package", "nightbell-core"]))
    })?;
    steps.step("the benchmarks", "cargo bench --package nightbell", || {
        run(cargo(&["bench", "--package", "nightbell"]).args(arguments))
    })
}
