//! Are Debian's packages there? Its compiler knows the target but has no standard library for it, so cargo builds that
//! first (once).

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Toolchain;
use crate::tell::{TellError, tell};

const DEBIAN_RUSTC: &str = "/usr/bin/rustc";

/// What Debian's way needs.
pub const DEBIAN_PACKAGES: [&str; 3] = ["rustc-web", "rust-web-src", "rust-web-llvm"];

/// What of Debian's way is not there: the compiler, the sources of its standard library, or the linker.
#[must_use]
pub fn debian_missing() -> Option<PathBuf> {
    if !Path::new(DEBIAN_RUSTC).is_file() {
        return Some(DEBIAN_RUSTC.into());
    }
    let library = sysroot().ok()?.join("lib/rustlib/src/rust/library");
    let lock = library.join("Cargo.lock");
    if !lock.is_file() {
        return Some(lock);
    }
    linker().err().map(|_| PathBuf::from("rust-lld"))
}

/// Debian's compiler, with its standard library built along.
///
/// # Errors
/// When the compiler or its linker does not say where it lies; [`debian_missing`] says what is not there.
pub fn debian() -> Result<Toolchain, TellError> {
    let sources = sysroot()?.join("lib/rustlib/src/rust");
    // Messages name either form of the path.
    let real = sources.canonicalize().unwrap_or_else(|_| sources.clone());
    let linker = linker()?.display().to_string();
    Ok(Toolchain {
        name: "Debian's compiler; the first time builds the standard library",
        suffix: "-debian",
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

fn sysroot() -> Result<PathBuf, TellError> {
    Ok(tell(Command::new(DEBIAN_RUSTC).args(["--print", "sysroot"]))?.into())
}

/// rust-lld: of the tool chain in use, else Debian's own.
fn linker() -> Result<PathBuf, TellError> {
    let unexpected = |expected| TellError::Unexpected { program: "rustc".to_owned(), expected };
    let sysroot = PathBuf::from(tell(Command::new("rustc").args(["--print", "sysroot"]))?);
    let about = tell(Command::new("rustc").arg("-vV"))?;
    let host = about.lines().find_map(|line| line.strip_prefix("host: "));
    let host = host.ok_or_else(|| unexpected("`rustc -vV` to name a host"))?;
    let of_toolchain = sysroot.join("lib/rustlib").join(host).join("bin/rust-lld");
    let candidates = [of_toolchain, PathBuf::from("/usr/bin/rust-lld")];
    let found = candidates.into_iter().find(|path| path.is_file());
    found.ok_or_else(|| unexpected("a rust-lld beside it, or Debian's of rust-web-llvm"))
}
