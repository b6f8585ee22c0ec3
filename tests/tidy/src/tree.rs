//! The repository's text files, read once.

use std::path::{Path, PathBuf};
use std::process::Command;

/// A text file.
#[derive(Clone, Debug)]
pub struct File {
    /// Relative to the root, with `/`.
    pub path: String,
    /// The whole text.
    pub text: String,
}

impl File {
    /// Lines, numbered from 1.
    pub fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text.lines().enumerate().map(|(index, line)| (index + 1, line))
    }

    /// The last part of the path.
    pub fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }
}

/// The files, sorted by path, and the names of those that are not text.
#[derive(Clone, Debug, Default)]
pub struct Tree {
    /// Text files.
    pub files: Vec<File>,
    /// Paths of what is not UTF-8 text.
    pub binaries: Vec<String>,
}

impl Tree {
    /// Reads what git tracks or would track below `root`; without git, everything but build output.
    ///
    /// # Errors
    /// When the directory cannot be read.
    pub fn read(root: &Path) -> std::io::Result<Self> {
        let mut paths = match tracked(root) {
            Some(paths) => paths,
            None => walked(root)?,
        };
        paths.sort();
        // While a merge is open, git lists a file once per side.
        paths.dedup();
        let mut tree = Self::default();
        for path in paths {
            // A file that is listed but deleted in the work tree is not there: skip it.
            let Ok(bytes) = std::fs::read(root.join(&path)) else { continue };
            match String::from_utf8(bytes) {
                Ok(text) => tree.files.push(File { path, text }),
                Err(_) => tree.binaries.push(path),
            }
        }
        Ok(tree)
    }

    /// A tree made of texts, for the rules' own tests.
    pub fn of(files: &[(&str, &str)]) -> Self {
        let file =
            |(path, text): &(&str, &str)| File { path: (*path).into(), text: (*text).into() };
        Self { files: files.iter().map(file).collect(), binaries: Vec::new() }
    }

    /// The text of one file.
    pub fn text(&self, path: &str) -> Option<&str> {
        self.files.iter().find(|file| file.path == path).map(|file| file.text.as_str())
    }

    /// Whether there is such a file or directory.
    pub fn has(&self, path: &str) -> bool {
        let below = format!("{path}/");
        let is = |known: &str| known == path || known.starts_with(&below);
        path.is_empty()
            || self.files.iter().any(|file| is(&file.path))
            || self.binaries.iter().any(|known| is(known))
    }

    /// The files whose names end so.
    pub fn ending(&self, suffix: &str) -> impl Iterator<Item = &File> {
        self.files.iter().filter(move |file| file.path.ends_with(suffix))
    }
}

/// The root of this repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn tracked(root: &Path) -> Option<Vec<String>> {
    let mut git = Command::new("git");
    git.current_dir(root).args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
    let output = git.output().ok().filter(|output| output.status.success())?;
    let text = String::from_utf8(output.stdout).ok()?;
    Some(text.split('\0').filter(|path| !path.is_empty()).map(str::to_owned).collect())
}

fn walked(root: &Path) -> std::io::Result<Vec<String>> {
    let mut found = Vec::new();
    let mut open = vec![PathBuf::new()];
    while let Some(directory) = open.pop() {
        for entry in std::fs::read_dir(root.join(&directory))? {
            let entry = entry?;
            let path = directory.join(entry.file_name());
            let skipped =
                ["target", ".git", "node_modules"].iter().any(|name| path.ends_with(name));
            match entry.file_type()? {
                kind if kind.is_dir() && !skipped => open.push(path),
                kind if kind.is_file() => {
                    found.push(path.to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/"));
                }
                _ => {}
            }
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn git_and_a_walk_see_the_same_rust_files() {
        let rust = |paths: Vec<String>| -> Vec<String> {
            let mut paths: Vec<_> =
                paths.into_iter().filter(|path| path.starts_with("tests/tidy/")).collect();
            paths.sort();
            paths
        };
        let root = root();
        if let Some(tracked) = tracked(&root) {
            assert_eq!(rust(tracked), rust(walked(&root).expect("readable")));
        }
    }
}
