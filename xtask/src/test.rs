//! `cargo xtask test`: everything a fresh machine needs, then every test of the repository.
//!
//! Arguments go to `cargo test`: `cargo xtask test i07_`, `cargo xtask test -p nightbell-core`. When it is set up,
//! plain `cargo test` does as well.

use crate::cargo::cargo;
use crate::steps::{Steps, run};
use crate::{languages, plugins, python, wasm_target};

/// Everything, whatever is selected afterwards: tests of the real binary find it beside them, and it must be new.
const COMPILE: &[&str] = &["test", "--workspace", "--no-run"];

/// Sets up and tests.
pub(crate) fn run_tests(arguments: &[String]) -> anyhow::Result<()> {
    let mut steps = Steps::new(6);
    steps.step("a compiler for WebAssembly", "cargo xtask plugins", || {
        wasm_target::find().map(drop)
    })?;
    steps.step("the plugins", "cargo xtask plugins", || {
        plugins::run(&[])?;
        plugins::run_fixtures()
    })?;
    steps.step(
        "the Python tools that tests talk to",
        "python3 -m venv target/venv && target/venv/bin/pip install -r tests/requirements.txt",
        python::prepare,
    )?;
    steps.step("the examples in other languages", "cargo xtask languages", || {
        languages::prepare()?;
        languages::compile_c()
    })?;
    steps.step("compiling engine and tests", &format!("cargo {}", COMPILE.join(" ")), || {
        run(&mut cargo(COMPILE))
    })?;
    let test = test_command(arguments);
    let typed = format!("cargo {}", test.join(" "));
    steps.step("the tests", &typed, || run(&mut cargo(&test)))?;
    steps.done("all tests passed");
    Ok(())
}

/// `cargo test` of what the arguments select, or else of everything.
fn test_command(arguments: &[String]) -> Vec<&str> {
    let selects = |argument: &&str| {
        argument.starts_with("-p")
            || argument.starts_with("--package")
            || *argument == "--workspace"
    };
    let ours = arguments.iter().map(String::as_str);
    let selected = ours.clone().take_while(|argument| *argument != "--").any(|a| selects(&a));
    let everything = if selected { &[][..] } else { &["--workspace"] };
    ["test"].into_iter().chain(everything.iter().copied()).chain(ours).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_select_and_reach_the_tests() {
        let check = |arguments: &[&str], expected: &str| {
            let arguments: Vec<String> = arguments.iter().map(|a| (*a).to_owned()).collect();
            assert_eq!(test_command(&arguments).join(" "), expected);
        };
        check(&[], "test --workspace");
        check(&["i07_"], "test --workspace i07_");
        check(&["-p", "nightbell-core"], "test -p nightbell-core");
        check(&["--package=nightbell-core", "ack"], "test --package=nightbell-core ack");
        check(&["ack", "--", "-p"], "test --workspace ack -- -p");
    }
}
