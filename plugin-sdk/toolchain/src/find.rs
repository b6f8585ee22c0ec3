//! Which way is there? The one that is forced, else rustup's, else Debian's, else the words for what to do.

use crate::debian::{DEBIAN_PACKAGES, debian, debian_missing};
use crate::rustup::{has_rustup, rustup, rustup_has_target};
use crate::{TARGET, TellError, Toolchain, cargo_program};
use std::process::Command;

/// The way that `NIGHTBELL_WASM_TOOLCHAIN` asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// What is there.
    Any,
    /// `rustup`.
    Rustup,
    /// `debian`.
    Debian,
}

/// Why no guest can be built here.
#[derive(Debug, thiserror::Error)]
pub enum FindError {
    /// The variable says something else.
    #[error("NIGHTBELL_WASM_TOOLCHAIN: expected `rustup` or `debian`, got `{0}`")]
    Choice(String),
    /// There is no Rust at all.
    #[error("no cargo here: {0}")]
    NoCargo(TellError),
    /// There is a Rust, but no standard library for the target.
    #[error("no compiler for {TARGET} here")]
    NoTarget {
        /// Whether rustup could add it.
        has_rustup: bool,
    },
    /// A tool chain that is there does not answer.
    #[error(transparent)]
    Tell(#[from] TellError),
}

impl FindError {
    /// What to do about it, one way a line.
    #[must_use]
    pub fn ways(&self) -> Vec<String> {
        let packages = DEBIAN_PACKAGES.join(" ");
        let by_apt = |also: &str| {
            format!("on Debian, where rustup cannot download: `apt-get install {also}{packages}`")
        };
        match self {
            Self::Choice(_) => vec!["unset it to use what is there".to_owned()],
            Self::NoCargo(_) => vec![
                format!("with a network: install rustup, then `rustup target add {TARGET}`"),
                by_apt("cargo "),
            ],
            Self::NoTarget { has_rustup: true } => {
                vec![format!("with a network: `rustup target add {TARGET}`"), by_apt("")]
            }
            Self::NoTarget { has_rustup: false } => vec![
                by_apt(""),
                format!("elsewhere: install rustup, then `rustup target add {TARGET}`"),
            ],
            Self::Tell(_) => vec!["see whether `rustc -vV` answers".to_owned()],
        }
    }
}

/// What the environment asks for.
///
/// # Errors
/// [`FindError::Choice`].
pub fn choice() -> Result<Choice, FindError> {
    let Some(word) = std::env::var_os("NIGHTBELL_WASM_TOOLCHAIN") else { return Ok(Choice::Any) };
    match word.to_str() {
        Some("") => Ok(Choice::Any),
        Some("rustup") => Ok(Choice::Rustup),
        Some("debian") => Ok(Choice::Debian),
        _ => Err(FindError::Choice(word.to_string_lossy().into_owned())),
    }
}

/// A tool chain that is there; nothing is installed.
///
/// # Errors
/// [`FindError`], which knows what to do.
pub fn find() -> Result<Toolchain, FindError> {
    let choice = choice()?;
    if choice != Choice::Debian && rustup_has_target() {
        return Ok(rustup());
    }
    if choice != Choice::Rustup && debian_missing().is_none() {
        return Ok(debian()?);
    }
    match crate::tell::tell(Command::new(cargo_program()).arg("--version")) {
        Err(error) => Err(FindError::NoCargo(error)),
        Ok(_) => Err(FindError::NoTarget { has_rustup: has_rustup() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_comes_with_both_ways_to_get_it() {
        for has_rustup in [true, false] {
            let ways = FindError::NoTarget { has_rustup }.ways().join("\n");
            assert!(ways.contains("rustup target add wasm32-unknown-unknown"), "{ways}");
            assert!(
                ways.contains("apt-get install rustc-web rust-web-src rust-web-llvm"),
                "{ways}"
            );
        }
        let wrong = FindError::Choice("nix".to_owned()).to_string();
        assert_eq!(wrong, "NIGHTBELL_WASM_TOOLCHAIN: expected `rustup` or `debian`, got `nix`");
    }
}
