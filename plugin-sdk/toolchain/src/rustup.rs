//! Has rustup's tool chain the wasm target? Then plain cargo builds guests.

use std::path::Path;
use std::process::Command;

use crate::tell::tell;
use crate::{TARGET, Toolchain};

/// Cargo as it is, with the target that rustup has installed.
#[must_use]
pub fn rustup() -> Toolchain {
    Toolchain {
        name: "rustup's target",
        suffix: "",
        std_sources: vec![],
        environment: vec![],
        arguments: &[],
    }
}

/// Whether the compiler on the path has the target's standard library.
#[must_use]
pub fn rustup_has_target() -> bool {
    let folder = tell(Command::new("rustc").args(["--print", "target-libdir", "--target", TARGET]));
    // A compiler that does not know the target at all has no folder for it either.
    folder.is_ok_and(|folder| has_std(Path::new(&folder)))
}

/// Whether there is a rustup that could add the target.
#[must_use]
pub fn has_rustup() -> bool {
    tell(Command::new("rustup").arg("--version")).is_ok()
}

/// True when a folder of libraries has the standard library: an uninstalled target leaves an empty one.
fn has_std(folder: &Path) -> bool {
    let Ok(entries) = std::fs::read_dir(folder) else { return false };
    entries.flatten().any(|entry| entry.file_name().to_string_lossy().starts_with("libstd-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_folder_is_no_standard_library() {
        let folder = std::env::temp_dir().join(format!("nightbell-std-{}", std::process::id()));
        assert!(!has_std(&folder), "not there");
        std::fs::create_dir_all(&folder).expect("a folder");
        assert!(!has_std(&folder), "empty");
        std::fs::write(folder.join("libstd-0.rlib"), "").expect("written");
        assert!(has_std(&folder));
        std::fs::remove_dir_all(&folder).expect("removed");
    }
}
