//! `cargo xtask test`: everything a fresh machine needs, then every test of the repository.
//!
//! Arguments go to `cargo test`: `cargo xtask test i07_`, `cargo xtask test -p nightbell-core`. When it is set up,
//! plain `cargo test` does as well.

use crate::cargo::cargo;
use crate::steps::{Steps, run};
use crate::{plugins, python, wasm_target};

/// Sets up and tests.
pub(crate) fn run_tests(arguments: &[String]) -> anyhow::Result<()> {
    let mut steps = Steps::new(5);
    steps.step("a compiler for WebAssembly", "cargo xtask plugins", || {
        wasm_target::find(&crate::root()).map(drop)
    })?;
    steps.step("the plugins", "cargo xtask plugins", || plugins::run(&[]))?;
    let python = steps.step(
        "the Python tools that tests talk to",
        "python3 -m venv target/venv && target/venv/bin/pip install -r tests/requirements.txt",
        python::prepare,
    )?;
    let build = cargo_test(arguments, true);
    steps.step("compiling engine and tests", &typed(&build), || {
        run(&mut cargo(&borrowed(&build)))
    })?;
    let test = cargo_test(arguments, false);
    steps.step("the tests", &typed(&test), || {
        run(cargo(&borrowed(&test)).env("NIGHTBELL_TEST_PYTHON", &python))
    })?;
    steps.done("all tests passed");
    Ok(())
}

/// `cargo test` of what the arguments select, or else of everything.
fn cargo_test(arguments: &[String], no_run: bool) -> Vec<String> {
    let selects = |argument: &String| {
        argument == "-p" || argument.starts_with("--package") || argument == "--workspace"
    };
    let ours = arguments.iter().take_while(|argument| *argument != "--");
    let mut command = vec!["test".to_owned()];
    if !ours.clone().any(selects) {
        command.push("--workspace".to_owned());
    }
    if no_run {
        command.push("--no-run".to_owned());
        command.extend(ours.cloned());
    } else {
        command.extend(arguments.iter().cloned());
    }
    command
}

fn borrowed(arguments: &[String]) -> Vec<&str> {
    arguments.iter().map(String::as_str).collect()
}

fn typed(arguments: &[String]) -> String {
    format!("cargo {}", arguments.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_select_and_reach_the_tests() {
        let check = |arguments: &[&str], no_run, expected: &str| {
            let arguments: Vec<String> = arguments.iter().map(|a| (*a).to_owned()).collect();
            assert_eq!(typed(&cargo_test(&arguments, no_run)), expected);
        };
        check(&[], true, "cargo test --workspace --no-run");
        check(&[], false, "cargo test --workspace");
        check(&["i07_"], false, "cargo test --workspace i07_");
        check(&["-p", "nightbell-core"], true, "cargo test --no-run -p nightbell-core");
        check(&["ack", "--", "--nocapture"], true, "cargo test --workspace --no-run ack");
        check(&["ack", "--", "--nocapture"], false, "cargo test --workspace ack -- --nocapture");
    }
}
