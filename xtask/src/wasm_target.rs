//! How guests are built here: with the wasm target of rustup, or with Debian's packages where rustup cannot download.
//! What is missing is installed, in bounded time, and said; what fails names the next step.
//!
//! `NIGHTBELL_WASM_TOOLCHAIN=rustup` or `=debian` forces one.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use anyhow::{Context, bail, ensure};

/// The target of every guest: no WASI, so that a guest imports nothing but our contract.
pub(crate) const TARGET: &str = "wasm32-unknown-unknown";

/// How long rustup may take to download the target.
const DOWNLOAD_LIMIT: Duration = Duration::from_secs(60);

const DEBIAN_RUSTC: &str = "/usr/bin/rustc";
const DEBIAN_PACKAGES: [&str; 3] = ["rustc-web", "rust-web-src", "rust-web-llvm"];

/// A way to build guests.
#[derive(Debug)]
pub(crate) struct Toolchain {
    /// For people.
    pub(crate) name: &'static str,
    /// Cargo's target directory for guests of this tool chain.
    pub(crate) target_dir: PathBuf,
    /// Where the standard library's sources lie, when it is built along.
    pub(crate) std_sources: Vec<PathBuf>,
    environment: Vec<(&'static str, String)>,
    arguments: &'static [&'static str],
}

impl Toolchain {
    /// `cargo <subcommand>` for [`TARGET`], with these compiler flags and no others. More arguments may follow.
    pub(crate) fn cargo(&self, root: &Path, subcommand: &str, flags: &[String]) -> Command {
        let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or("cargo".into()));
        cargo.current_dir(root);
        // What this process was built with is not meant for guests.
        for variable in ["RUSTFLAGS", "CARGO_BUILD_TARGET", "CARGO_TARGET_DIR"] {
            cargo.env_remove(variable);
        }
        cargo.env("CARGO_ENCODED_RUSTFLAGS", flags.join("\x1f"));
        cargo.envs(self.environment.iter().map(|(name, value)| (*name, value.as_str())));
        cargo.args([subcommand, "--target", TARGET, "--target-dir"]).arg(&self.target_dir);
        cargo.args(self.arguments);
        cargo
    }
}

/// Finds a way to build guests, installing what is missing.
pub(crate) fn find(root: &Path) -> anyhow::Result<Toolchain> {
    match std::env::var("NIGHTBELL_WASM_TOOLCHAIN").as_deref() {
        Ok("rustup") => {
            if !rustup_has_target()? {
                add_target()?;
            }
            Ok(rustup(root))
        }
        Ok("debian") => {
            if debian_missing().is_some() {
                install_debian_packages()?;
            }
            debian(root)
        }
        Ok(other) => {
            bail!("NIGHTBELL_WASM_TOOLCHAIN: expected `rustup` or `debian`, got `{other}`")
        }
        Err(_) => find_any(root),
    }
}

/// What is there first, then what can be had, fastest first.
fn find_any(root: &Path) -> anyhow::Result<Toolchain> {
    if rustup_has_target()? {
        return Ok(rustup(root));
    }
    if debian_missing().is_none() {
        return debian(root);
    }
    let by_rustup = match add_target() {
        Ok(()) => return Ok(rustup(root)),
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
    debian(root)
}

fn rustup(root: &Path) -> Toolchain {
    Toolchain {
        name: "rustup's target",
        target_dir: root.join("target/guests"),
        std_sources: vec![],
        environment: vec![],
        arguments: &[],
    }
}

fn rustup_has_target() -> anyhow::Result<bool> {
    let folder =
        output(Command::new("rustc").args(["--print", "target-libdir", "--target", TARGET]));
    // A compiler that does not know the target at all has no folder for it either.
    Ok(folder.is_ok_and(|folder| has_std(Path::new(&folder))))
}

/// True when a folder of libraries has the standard library: an uninstalled target leaves an empty one.
fn has_std(folder: &Path) -> bool {
    let Ok(entries) = std::fs::read_dir(folder) else { return false };
    entries.flatten().any(|entry| entry.file_name().to_string_lossy().starts_with("libstd-"))
}

/// Lets rustup download the target, for at most [`DOWNLOAD_LIMIT`].
fn add_target() -> anyhow::Result<()> {
    let seconds = DOWNLOAD_LIMIT.as_secs();
    eprintln!("downloading the target {TARGET} by rustup (at most {seconds} s)");
    let mut rustup = Command::new("rustup");
    rustup.args(["target", "add", TARGET]);
    run_bounded(&mut rustup, DOWNLOAD_LIMIT).context("rustup cannot add the target")?;
    ensure!(rustup_has_target()?, "rustup added {TARGET}, but `rustc` does not find it");
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

/// What of Debian's way is not there: the compiler, or the sources of its standard library.
fn debian_missing() -> Option<PathBuf> {
    if !Path::new(DEBIAN_RUSTC).is_file() {
        return Some(DEBIAN_RUSTC.into());
    }
    let library = debian_sysroot().ok()?.join("lib/rustlib/src/rust/library");
    let lock = library.join("Cargo.lock");
    if !lock.is_file() {
        return Some(lock);
    }
    linker().err().map(|_| PathBuf::from("rust-lld"))
}

fn debian_sysroot() -> anyhow::Result<PathBuf> {
    Ok(output(Command::new(DEBIAN_RUSTC).args(["--print", "sysroot"]))?.into())
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

/// Debian's compiler knows the target but has no standard library for it, so cargo builds that first (once).
fn debian(root: &Path) -> anyhow::Result<Toolchain> {
    let sources = debian_sysroot()?.join("lib/rustlib/src/rust");
    let real = sources.canonicalize().with_context(|| format!("find {}", sources.display()))?;
    let linker = linker()?.display().to_string();
    Ok(Toolchain {
        name: "Debian's compiler; the first time builds the standard library",
        target_dir: root.join("target/guests-debian"),
        std_sources: vec![sources, real],
        environment: vec![
            ("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker),
            ("RUSTC", DEBIAN_RUSTC.to_owned()),
            // `-Zbuild-std` is not stable yet.
            ("RUSTC_BOOTSTRAP", "1".to_owned()),
        ],
        arguments: &["-Zbuild-std=std,panic_abort"],
    })
}

/// rust-lld: of the tool chain in use, else Debian's own.
fn linker() -> anyhow::Result<PathBuf> {
    let sysroot = PathBuf::from(output(Command::new("rustc").args(["--print", "sysroot"]))?);
    let about = output(Command::new("rustc").arg("-vV"))?;
    let host = about
        .lines()
        .find_map(|line| line.strip_prefix("host: "))
        .context("rustc -vV names no host")?;
    let of_toolchain = sysroot.join("lib/rustlib").join(host).join("bin/rust-lld");
    let candidates = [of_toolchain, PathBuf::from("/usr/bin/rust-lld")];
    let found = candidates.into_iter().find(|path| path.is_file());
    found.context("no rust-lld: neither with rustc nor in Debian's rust-web-llvm")
}

/// What a command prints, trimmed.
fn output(command: &mut Command) -> anyhow::Result<String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.stderr(Stdio::null()).output().with_context(|| format!("start {name}"))?;
    ensure!(output.status.success(), "{name} failed ({})", output.status);
    Ok(String::from_utf8(output.stdout).with_context(|| format!("read {name}"))?.trim().to_owned())
}
