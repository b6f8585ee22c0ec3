//! The tree speaks of the project only: no path of somebody's machine, no package host but the standard one, no
//! compiled or pinned-toolchain file.

use crate::{Finding, Tree};

/// Starts of paths that exist on one machine alone. A line of `tests/tidy/` itself may name them.
const PATHS: [&str; 4] = ["/home/", "/root/", "/work/", "/Users/"];

/// Parts of package hosts' names.
const HOSTS: [&str; 7] = [
    "index.crates.io",
    "static.crates.io",
    "registry.npmjs",
    "registry.yarnpkg",
    "pypi.org",
    "pythonhosted.org",
    "deb.debian.org",
];

const CRATES_IO: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// Finds traces of one machine.
pub fn check(tree: &Tree) -> Vec<Finding> {
    let mut found = Vec::new();
    for file in tree.files.iter().filter(|file| !file.path.starts_with("tests/tidy/")) {
        for (number, line) in file.lines() {
            if let Some(path) = PATHS.into_iter().find(|path| names_path(line, path)) {
                found.push(Finding::at(
                    &file.path,
                    number,
                    format!("`{path}` is a path of one machine: use a relative one"),
                ));
            }
            if let Some(host) = HOSTS.into_iter().find(|host| line.contains(host)) {
                found.push(Finding::at(
                    &file.path,
                    number,
                    format!("`{host}`: package tools know their own hosts"),
                ));
            }
            if file.name() == "Cargo.lock"
                && line.starts_with("source = ")
                && !line.contains(CRATES_IO)
            {
                found.push(Finding::at(
                    &file.path,
                    number,
                    "a dependency from elsewhere than crates.io",
                ));
            }
        }
    }
    let paths = tree.files.iter().map(|file| &file.path).chain(&tree.binaries);
    for path in paths {
        let name = path.rsplit('/').next().unwrap_or(path);
        if name.ends_with(".wasm") {
            found.push(Finding::on(
                path,
                "built files are not kept: `cargo xtask plugins` makes them",
            ));
        }
        if name.starts_with("rust-toolchain") {
            found.push(Finding::on(
                path,
                "a pinned toolchain makes rustup download it: the version stands in Cargo.toml",
            ));
        }
    }
    found
}

/// Whether the line names this absolute path, and not the same letters inside a URL or a longer path.
fn names_path(line: &str, path: &str) -> bool {
    line.match_indices(path).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        !before.is_some_and(|c| c.is_alphanumeric() || "._-/}$~".contains(c))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_machines_and_hosts() {
        let lock = "source = \"git+https://example.org/x\"\n";
        let tree = Tree::of(&[
            ("a.md", "see /home/me/x\n"),
            ("b.sh", "pip --index-url https://pypi.org/simple\n"),
            ("Cargo.lock", lock),
            ("p/x.wasm", ""),
            ("rust-toolchain.toml", ""),
        ]);
        assert_eq!(check(&tree).len(), 5);
    }

    #[test]
    fn lets_urls_be() {
        let tree =
            Tree::of(&[("a.md", "https://example.org/home/x and ./work/x and $ROOT/home/x\n")]);
        assert_eq!(check(&tree), []);
    }
}
