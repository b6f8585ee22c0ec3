//! `cargo xtask check`: what a change must pass besides the tests: format, lints, documentation, licences, house rules.
//! Every check runs, so that one run shows all there is to mend.

use std::process::Command;

use anyhow::{bail, ensure};

use crate::cargo::cargo;
use crate::steps::{Steps, run, succeeds};

/// A check: what it is, its command, its warnings made errors through the environment.
struct Check {
    title: &'static str,
    command: &'static [&'static str],
    environment: Option<(&'static str, &'static str)>,
    /// The tool it needs, and how to get it.
    needs: Option<(&'static [&'static str], &'static str)>,
}

const CHECKS: [Check; 5] = [
    Check {
        title: "house rules",
        command: &["test", "--quiet", "--package", "nightbell-tidy"],
        environment: None,
        needs: None,
    },
    Check {
        title: "format",
        command: &["fmt", "--all", "--check"],
        environment: None,
        needs: Some((&["fmt", "--version"], "rustup component add rustfmt")),
    },
    Check {
        title: "lints",
        command: &["clippy", "--quiet", "--workspace", "--all-targets", "--", "-D", "warnings"],
        environment: None,
        needs: Some((&["clippy", "--version"], "rustup component add clippy")),
    },
    Check {
        title: "documentation",
        command: &["doc", "--quiet", "--workspace", "--no-deps"],
        environment: Some(("RUSTDOCFLAGS", "-D warnings")),
        needs: None,
    },
    Check {
        title: "licences, bans, sources",
        command: &["deny", "--log-level", "error", "check", "bans", "licenses", "sources"],
        environment: None,
        needs: Some((&["deny", "--version"], "cargo install --locked cargo-deny")),
    },
];

/// Runs every check. Takes no arguments.
pub(crate) fn run_checks(arguments: &[String]) -> anyhow::Result<()> {
    ensure!(arguments.is_empty(), "usage: cargo xtask check (it takes no arguments)");
    let mut steps = Steps::new(CHECKS.len());
    let (mut failed, mut skipped) = (vec![], vec![]);
    for check in &CHECKS {
        let alone = alone(check);
        match steps.step(check.title, &alone, || one(check)) {
            Ok(true) => {}
            Ok(false) => skipped.push(check.title),
            Err(error) => {
                eprintln!("{error:#}");
                failed.push(alone);
            }
        }
    }
    if !skipped.is_empty() {
        eprintln!("not checked, the tool is missing: {}", skipped.join("; "));
    }
    if !failed.is_empty() {
        bail!("{} of {} checks failed:\n  {}", failed.len(), CHECKS.len(), failed.join("\n  "));
    }
    steps.done("checked");
    Ok(())
}

/// Whether the check could be made. Only a missing cargo-deny is no failure: building it takes minutes.
fn one(check: &Check) -> anyhow::Result<bool> {
    if let Some((version, install)) = check.needs
        && !succeeds(&mut cargo(version))
    {
        let tool = version[0];
        ensure!(tool == "deny", "cargo-{tool} is missing: {install}");
        eprintln!("  cargo-{tool} is missing, so this is not checked: {install}");
        return Ok(false);
    }
    let mut command: Command = cargo(check.command);
    command.envs(check.environment);
    run(&mut command)?;
    Ok(true)
}

fn alone(check: &Check) -> String {
    let environment = check.environment.map(|(name, value)| format!("{name}='{value}' "));
    format!("{}cargo {}", environment.unwrap_or_default(), check.command.join(" "))
}
