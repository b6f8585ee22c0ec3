//! What lies in a directory on disk, and may it be used? Names and bytes, with the checks that no link leads out and that nobody
//! else can write there. It remembers nothing.

use super::bounds;
use std::collections::BTreeSet;
use std::fs::{self, File, Metadata};
use std::io::Read;
use std::path::{Path, PathBuf};

/// Why a directory is not used.
pub(super) enum Unusable {
    /// It cannot be read now.
    Unreadable(std::io::Error),
    /// Nothing may be loaded from it.
    Refused(String),
}

impl From<std::io::Error> for Unusable {
    fn from(error: std::io::Error) -> Self {
        Self::Unreadable(error)
    }
}

/// The real path of the directory; `None` when there is none.
pub(super) fn usable(path: &Path) -> Result<Option<PathBuf>, Unusable> {
    let shown = path.display();
    let root = match fs::canonicalize(path) {
        Ok(root) => root,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let metadata = fs::metadata(&root)?;
    if !metadata.is_dir() {
        return Err(Unusable::Refused(format!(
            "expected a directory of plugins at {shown}, got a file"
        )));
    }
    if is_world_writable(&metadata) {
        return Err(Unusable::Refused(format!(
            "plugin directory {shown} can be written by everybody, so nothing is loaded from it: run `chmod o-w {shown}`"
        )));
    }
    Ok(Some(root))
}

#[cfg(unix)]
fn is_world_writable(metadata: &Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    metadata.permissions().mode() & 0o002 != 0
}

#[cfg(not(unix))]
fn is_world_writable(_: &Metadata) -> bool {
    false
}

/// The names that concern plugins, in order. A file system may leave out of a listing what is renamed meanwhile, and a plugin
/// that is being replaced must not look removed: when a name of before is missing, a second listing is taken too.
pub(super) fn names(
    root: &Path,
    before: &BTreeSet<String>,
    trouble: &mut Option<String>,
) -> std::io::Result<BTreeSet<String>> {
    let mut names = list(root)?;
    if !before.is_subset(&names) {
        names.extend(list(root)?);
        names.retain(|name| fs::symlink_metadata(root.join(name)).is_ok());
    }
    let max = bounds::FILES_MAX * 3;
    if names.len() > max {
        *trouble = Some(format!(
            "more than {max} files in {}: only the first are looked at",
            root.display()
        ));
        names = names.into_iter().take(max).collect();
    }
    Ok(names)
}

/// Hidden files are others' half-written ones.
fn list(root: &Path) -> std::io::Result<BTreeSet<String>> {
    let entries = fs::read_dir(root)?;
    let names = entries.flatten().filter_map(|entry| entry.file_name().into_string().ok());
    let is_ours = |name: &String| {
        let ends = [".wasm", ".toml", ".wasm.minisig"];
        !name.starts_with('.') && ends.iter().any(|end| name.ends_with(end))
    };
    Ok(names.filter(is_ours).collect())
}

/// The file's real path, which must lie inside the directory and be a plain file: a link may not lead out of it, and
/// a pipe would never end.
pub(super) fn inside(root: &Path, name: &str) -> Result<PathBuf, String> {
    let path =
        fs::canonicalize(root.join(name)).map_err(|error| format!("cannot be read: {error}"))?;
    if !path.starts_with(root) {
        return Err("a link that leads out of the plugin directory is not followed".to_owned());
    }
    let metadata = fs::metadata(&path).map_err(|error| format!("cannot be read: {error}"))?;
    if metadata.is_file() { Ok(path) } else { Err("expected a plain file".to_owned()) }
}

pub(super) fn read_bounded(path: &Path, max: u64) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(max + 1).read_to_end(&mut bytes));
    read.map_err(|error| format!("cannot be read: {error}"))?;
    if bytes.len() as u64 > max {
        return Err(format!("expected at most {max} bytes, the file has more"));
    }
    Ok(bytes)
}
