//! The Python tools that tests talk to (a real SMTP server), in a virtual environment of their own, `venv` in cargo's
//! target directory, where the tests look for it. Which ones and which versions: `tests/requirements.txt`.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, ensure};

use crate::steps::{run, succeeds};
use crate::{apt, root};

const REQUIREMENTS: &str = "tests/requirements.txt";

/// Makes the environment what the requirements say. Does nothing when it is.
pub(crate) fn prepare() -> anyhow::Result<()> {
    let venv = crate::cargo::target_dir().join("venv");
    let python = venv.join("bin/python");
    let wanted = root().join(REQUIREMENTS);
    let text = fs::read_to_string(&wanted).with_context(|| format!("read {REQUIREMENTS}"))?;
    // Written last, so that a half-made environment is made again.
    let stamp = venv.join("requirements.installed");
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == text) && works(&python) {
        return Ok(());
    }
    if venv.exists() {
        fs::remove_dir_all(&venv).with_context(|| format!("remove {}", venv.display()))?;
    }
    create(&venv)?;
    let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"];
    run(Command::new(&python).args(pip).arg(&wanted)).context("install the tests' Python tools")?;
    fs::write(&stamp, text).with_context(|| format!("write {}", stamp.display()))
}

/// Debian's python3 comes without the part that makes environments, so try, install, and try once more.
fn create(venv: &Path) -> anyhow::Result<()> {
    let make = || {
        let made = succeeds(Command::new("python3").args(["-m", "venv"]).arg(venv));
        made && succeeds(Command::new(venv.join("bin/python")).args(["-m", "pip", "--version"]))
    };
    if make() {
        return Ok(());
    }
    apt::install(&["python3", "python3-venv"])?;
    if venv.exists() {
        fs::remove_dir_all(venv).with_context(|| format!("remove {}", venv.display()))?;
    }
    ensure!(
        make(),
        "`python3 -m venv` fails although python3-venv is installed: run it by hand to see why"
    );
    Ok(())
}

fn works(python: &Path) -> bool {
    succeeds(Command::new(python).args([
        "-c",
        "import aiosmtpd, componentize_py, mypy, pagerduty, slack_sdk, standardwebhooks, twilio",
    ]))
}
