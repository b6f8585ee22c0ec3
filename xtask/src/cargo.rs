//! How this repository calls cargo: the same selection of packages and features for everything in one profile, so
//! that nothing is compiled twice.
//!
//! `cargo build -p nightbell` would choose other features for wasmtime's helpers than `cargo test --workspace` does, and
//! compile wasmtime again; `--workspace --bins` does not (a handful of small crates differ).

use std::path::PathBuf;
use std::process::Command;

/// Builds every binary in the profile that demo, run and test share.
pub(crate) const DEV_BUILD: &[&str] = &["build", "--workspace", "--bins"];

/// Cargo in the repository's root.
pub(crate) fn cargo(arguments: &[&str]) -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or("cargo".into()));
    cargo.current_dir(crate::root()).args(arguments);
    // A test that asks where a package lies must get its own answer, not this program's.
    for variable in ["CARGO_MANIFEST_DIR", "CARGO_PKG_NAME"] {
        cargo.env_remove(variable);
    }
    cargo
}

/// Where cargo leaves what it builds.
pub(crate) fn target_dir() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(directory) => crate::root().join(directory),
        None => crate::root().join("target"),
    }
}

/// The engine as demo, run and test build it.
pub(crate) fn dev_engine() -> PathBuf {
    target_dir().join("debug").join(format!("nightbell{}", std::env::consts::EXE_SUFFIX))
}

/// Becomes the program: it gets the terminal and its signals. Comes back only when that fails (or, where a process
/// cannot be replaced, with the program's end).
pub(crate) fn become_program(command: &mut Command) -> anyhow::Result<()> {
    #[cfg(unix)]
    {
        let error = std::os::unix::process::CommandExt::exec(command);
        Err(anyhow::Error::new(error).context(format!("start {}", command.get_program().display())))
    }
    #[cfg(not(unix))]
    crate::steps::run(command)
}
