//! How are this machine's paths kept out of a guest? The compiler replaces them: panic messages are shorter so, the
//! file has the same hash everywhere, and nobody's home travels in a plugin.

use std::path::{Path, PathBuf};

use crate::Toolchain;

/// A folder and the word it becomes; an empty word leaves paths relative to the folder.
pub type Remap<'a> = (&'a Path, &'a str);

/// Compiler flags for these folders, the registry's crates and the standard library. Where two fit, the later wins: the
/// registry may lie inside a folder, hardly the other way round.
#[must_use]
pub fn remap_flags(toolchain: &Toolchain, folders: &[Remap<'_>]) -> Vec<String> {
    let mut remaps: Vec<(PathBuf, &str)> = vec![];
    remaps.extend(folders.iter().map(|(from, to)| (from.to_path_buf(), *to)));
    if let Some(home) = cargo_home() {
        // Each registry has a folder whose name is a hash; below it every crate's folder has its name and version.
        if let Ok(registries) = std::fs::read_dir(home.join("registry/src")) {
            let mut registries: Vec<_> = registries.flatten().map(|entry| entry.path()).collect();
            registries.sort();
            remaps.extend(registries.into_iter().map(|path| (path, "deps")));
        }
    }
    remaps.extend(toolchain.std_sources.iter().map(|path| (path.clone(), "std")));
    let flag = |(from, to): (PathBuf, &str)| format!("--remap-path-prefix={}={to}", from.display());
    remaps.into_iter().map(flag).collect()
}

fn cargo_home() -> Option<PathBuf> {
    match std::env::var_os("CARGO_HOME") {
        Some(home) => Some(home.into()),
        None => Some(std::env::home_dir()?.join(".cargo")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_folder_has_its_word() {
        let toolchain = Toolchain { std_sources: vec!["/usr/src/rust".into()], ..crate::rustup() };
        let flags = remap_flags(&toolchain, &[(Path::new("/src/of/p"), "p")]);
        assert_eq!(flags.first().map(String::as_str), Some("--remap-path-prefix=/src/of/p=p"));
        assert_eq!(flags.last().map(String::as_str), Some("--remap-path-prefix=/usr/src/rust=std"));
    }
}
