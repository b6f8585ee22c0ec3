//! With what can a Rust guest be compiled here? With rustup's wasm target, or with Debian's packages where rustup cannot
//! download. Shared by `nightbell plugin build` and the repository's own commands.
//!
//! It looks and it calls; it installs nothing and downloads nothing. What is missing is named, with the ways to get it.
//! `NIGHTBELL_WASM_TOOLCHAIN=rustup` or `=debian` forces one.
//!
//! In reading order: `find` chooses a way, `rustup` and `debian` each know theirs, `remap` keeps this machine's paths out
//! of what is built.

#![warn(missing_docs)]

mod debian;
mod find;
mod remap;
mod rustup;
mod tell;

pub use debian::{DEBIAN_PACKAGES, debian, debian_missing};
pub use find::{Choice, FindError, choice, find};
pub use remap::{Remap, remap_flags};
pub use rustup::{has_rustup, rustup, rustup_has_target};
pub use tell::TellError;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The target of every guest: no WASI, so that a guest imports nothing but the contract.
pub const TARGET: &str = "wasm32-unknown-unknown";

/// A way to build guests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Toolchain {
    /// For people.
    pub name: &'static str,
    /// Ending of the folder that keeps this tool chain's results apart from another's; may be empty.
    pub suffix: &'static str,
    /// Where the standard library's sources lie, when it is built along.
    pub std_sources: Vec<PathBuf>,
    environment: Vec<(&'static str, String)>,
    arguments: &'static [&'static str],
}

impl Toolchain {
    /// `cargo <subcommand>` for [`TARGET`] in `directory`, with these compiler flags and no others. More arguments may
    /// follow. Results lie in `target_dir`, which the host's own builds must not share.
    #[must_use]
    pub fn cargo(
        &self,
        directory: &Path,
        target_dir: &Path,
        subcommand: &str,
        flags: &[String],
    ) -> Command {
        let mut cargo = Command::new(cargo_program());
        cargo.current_dir(directory);
        // What this process was built with is not meant for guests.
        for variable in ["RUSTFLAGS", "CARGO_BUILD_TARGET", "CARGO_TARGET_DIR"] {
            cargo.env_remove(variable);
        }
        cargo.env("CARGO_ENCODED_RUSTFLAGS", flags.join("\x1f"));
        cargo.envs(self.environment.iter().map(|(name, value)| (*name, value.as_str())));
        cargo.args([subcommand, "--target", TARGET, "--target-dir"]).arg(target_dir);
        cargo.args(self.arguments);
        cargo
    }
}

/// Cargo as this process was called by it, else the one on the path.
#[must_use]
pub fn cargo_program() -> OsString {
    std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}
