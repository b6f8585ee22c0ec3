//! What is missing to build guests is installed here, in bounded time, and said; what fails names the next step. Which
//! ways there are is known to `nightbell-toolchain`, which the author's `nightbell plugin build` asks too.
//!
//! `NIGHTBELL_WASM_TOOLCHAIN=rustup` or `=debian` forces one.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use nightbell_toolchain::{
    Choice, DEBIAN_PACKAGES, TARGET, Toolchain, choice, debian, debian_missing, rustup,
    rustup_has_target,
};

/// How long rustup may take to download the target.
const DOWNLOAD_LIMIT: Duration = Duration::from_secs(60);

/// Finds a way to build guests, installing what is missing.
pub(crate) fn find() -> anyhow::Result<Toolchain> {
    match choice()? {
        Choice::Rustup => {
            if !rustup_has_target() {
                add_target()?;
            }
            Ok(rustup())
        }
        Choice::Debian => {
            if debian_missing().is_some() {
                install_debian_packages()?;
            }
            Ok(debian()?)
        }
        Choice::Any => find_any(),
    }
}

/// What is there first, then what can be had, fastest first.
fn find_any() -> anyhow::Result<Toolchain> {
    if rustup_has_target() {
        return Ok(rustup());
    }
    if debian_missing().is_none() {
        return Ok(debian()?);
    }
    let by_rustup = match add_target() {
        Ok(()) => return Ok(rustup()),
        Err(error) => error,
    };
    eprintln!("{by_rustup:#}; trying Debian's packages");
    install_debian_packages().with_context(|| {
        format!(
            "no compiler for {TARGET}. With a network: `rustup target add {TARGET}`. On Debian: \
             `apt-get install {}`. Rustup said: {by_rustup:#}",
            DEBIAN_PACKAGES.join(" ")
        )
    })?;
    Ok(debian()?)
}

/// Lets rustup download the target, for at most [`DOWNLOAD_LIMIT`].
fn add_target() -> anyhow::Result<()> {
    let seconds = DOWNLOAD_LIMIT.as_secs();
    eprintln!("downloading the target {TARGET} by rustup (at most {seconds} s)");
    let mut rustup = Command::new("rustup");
    rustup.args(["target", "add", TARGET]);
    run_bounded(&mut rustup, DOWNLOAD_LIMIT).context("rustup cannot add the target")?;
    ensure!(rustup_has_target(), "rustup added {TARGET}, but `rustc` does not find it");
    Ok(())
}

/// Runs a command, shows what it says, and ends it when it takes too long.
fn run_bounded(command: &mut Command, limit: Duration) -> anyhow::Result<()> {
    let name = command.get_program().to_string_lossy().into_owned();
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("start {name}"))?;
    let talk = child.stderr.take().context("its standard error is a pipe")?;
    let (done, wait) = mpsc::channel();
    // Ends with the child: its end closes the pipe.
    let reader = std::thread::spawn(move || {
        for line in BufReader::new(talk).lines().map_while(Result::ok) {
            eprintln!("  {line}");
        }
        // Nobody listens any more when the time was over first.
        let _ = done.send(());
    });
    let in_time = wait.recv_timeout(limit).is_ok();
    if !in_time {
        child.kill().with_context(|| format!("end {name}"))?;
    }
    let status = child.wait().with_context(|| format!("wait for {name}"))?;
    ensure!(in_time, "{name} was not done after {} s", limit.as_secs());
    // Only now: a grandchild may keep the pipe of a killed child open.
    reader.join().map_err(|_| anyhow::anyhow!("reading what {name} says failed"))?;
    ensure!(status.success(), "{name} failed ({status})");
    Ok(())
}

fn install_debian_packages() -> anyhow::Result<()> {
    crate::apt::install(&DEBIAN_PACKAGES)?;
    match debian_missing() {
        None => Ok(()),
        Some(path) => {
            let packages = DEBIAN_PACKAGES.join(" ");
            bail!("{packages} are installed, but there is no {}", path.display())
        }
    }
}
