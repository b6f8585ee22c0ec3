//! Debian packages that a step needs: installed when that is possible, named plainly when it is not.

use std::process::Command;

use anyhow::{Context, ensure};

use crate::steps::{run, succeeds};

/// Installs packages, as root or through sudo without a question. The package lists are fetched first: a fresh machine
/// has none.
pub(crate) fn install(packages: &[&str]) -> anyhow::Result<()> {
    let names = packages.join(" ");
    let by_hand = format!("install {names} with your system's package tool and try again");
    ensure!(succeeds(Command::new("apt-get").arg("--version")), "there is no apt-get: {by_hand}");
    let root = is_root();
    ensure!(
        root || succeeds(Command::new("sudo").args(["--non-interactive", "true"])),
        "not root, and sudo is missing or asks for a password: {by_hand} (apt-get install {names})"
    );
    eprintln!(
        "  installing Debian's {names} by apt-get{}",
        if root { "" } else { " through sudo" }
    );
    // Old lists often still do; the installation says what is wrong when they do not.
    if let Err(error) = run(apt_get(root).args(["update", "--quiet"])) {
        eprintln!("  {error:#}; going on with the package lists that are there");
    }
    run(apt_get(root)
        .args(["install", "--yes", "--quiet", "--no-install-recommends"])
        .args(packages))
    .with_context(|| by_hand)
}

fn apt_get(root: bool) -> Command {
    let mut command = if root { Command::new("apt-get") } else { Command::new("sudo") };
    if !root {
        command.args(["--non-interactive", "apt-get"]);
    }
    command.env("DEBIAN_FRONTEND", "noninteractive");
    command
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output();
    id.is_ok_and(|id| id.stdout.trim_ascii() == b"0")
}
