//! `cargo xtask sim`: nights of the simulator: a thousand fresh ones, or with `--seed S` one, told line by line.

use crate::cargo::cargo;
use crate::steps::run;
use anyhow::bail;

/// The test that goes through nights.
const TEST: &[&str] =
    &["test", "--workspace", "--test", "sim", "--", "--nocapture", "fresh_nights_break_no_law"];

/// Goes through one night or many.
pub(crate) fn run_nights(arguments: &[String]) -> anyhow::Result<()> {
    let seed = match arguments {
        [] => String::new(),
        [flag, seed] if flag == "--seed" && seed.parse::<u64>().is_ok() => seed.clone(),
        _ => bail!(
            "expected nothing or `--seed S` with a whole number, got `{}`",
            arguments.join(" ")
        ),
    };
    run(cargo(TEST).env("NIGHTBELL_SIM_SEED", seed))
}
