//! The operator's plugin directory as it lies on disk: which files there are, what is in them, and what their sidecars
//! say. It reads and hashes; it judges nothing. Anything that looks wrong is a finding, not an error.

use super::bounds;
use super::spread::spread;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fs::{self, File, Metadata};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

/// A `*.wasm` file.
#[derive(Clone, Debug)]
pub(super) struct Found {
    /// Its name in the directory.
    pub(super) file: String,
    /// What is in it, or why it cannot be read.
    pub(super) content: Result<Content, String>,
}

/// A file's bytes and their hash.
#[derive(Clone, Debug)]
pub(super) struct Content {
    /// Hex.
    pub(super) sha256: Arc<str>,
    pub(super) bytes: Bytes,
}

/// Where the bytes are. They are read again when they are needed, not held.
#[derive(Clone, Debug)]
pub(super) enum Bytes {
    Here(Arc<[u8]>),
    /// The file has not changed since it was hashed.
    OnDisk(PathBuf),
}

impl Content {
    /// The bytes, if they are still those that were hashed.
    ///
    /// # Errors
    /// In words.
    pub(super) fn read(&self) -> Result<Arc<[u8]>, String> {
        match &self.bytes {
            Bytes::Here(bytes) => Ok(bytes.clone()),
            Bytes::OnDisk(path) => {
                let bytes = read_bounded(path, bounds::FILE_MAX_BYTES)?;
                if hash(&bytes) == *self.sha256 {
                    return Ok(bytes.into());
                }
                Err("the file changed while it was read; it will be read again".to_owned())
            }
        }
    }
}

/// What was seen of a file when it was hashed.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Look {
    len: u64,
    modified: Option<SystemTime>,
    changed: (i64, i64),
    inode: u64,
}

/// The directory, with the hashes of files that have not changed since the last look.
#[derive(Debug, Default)]
pub(super) struct Directory {
    known: BTreeMap<PathBuf, (Look, Arc<str>)>,
}

/// One look at the directory.
#[derive(Debug, Default)]
pub(super) struct Listing {
    /// By file name.
    pub(super) files: Vec<Found>,
    /// The texts of `<name>.toml`, by name, or why one cannot be read.
    pub(super) sidecars: BTreeMap<String, Result<String, String>>,
    /// The texts of `<file>.minisig`, by file name, or why one cannot be read.
    pub(super) signatures: BTreeMap<String, Result<String, String>>,
    /// What is wrong with the directory as a whole.
    pub(super) trouble: Option<String>,
}

impl Directory {
    /// Looks. A directory that is not there is empty. Blocks.
    pub(super) fn look(&mut self, path: &Path) -> Listing {
        let root = match usable(path) {
            Ok(Some(root)) => root,
            Ok(None) => return Listing::default(),
            Err(trouble) => return Listing { trouble: Some(trouble), ..Listing::default() },
        };
        let mut listing = Listing::default();
        let mut plugins = Vec::new();
        for name in names(&root, &mut listing.trouble) {
            if let Some(stem) = name.strip_suffix(".toml") {
                let text = text(&root, &name, bounds::SIDECAR_MAX_BYTES);
                listing.sidecars.insert(stem.to_owned(), text);
                continue;
            }
            if let Some(file) = name.strip_suffix(".minisig") {
                let text = text(&root, &name, bounds::SIGNATURE_MAX_BYTES);
                listing.signatures.insert(file.to_owned(), text);
                continue;
            }
            plugins.push(name);
        }
        let contents = spread(&plugins, |name| self.content(&root, name));
        self.known = BTreeMap::new();
        for (file, content) in plugins.into_iter().zip(contents) {
            let content = content.map(|(path, look, content)| {
                self.known.insert(path, (look, content.sha256.clone()));
                content
            });
            listing.files.push(Found { file, content });
        }
        listing
    }

    /// A file's content, with what is to be remembered of it.
    fn content(&self, root: &Path, name: &str) -> Result<(PathBuf, Look, Content), String> {
        let path = inside(root, name)?;
        let metadata = fs::metadata(&path).map_err(|error| format!("cannot be read: {error}"))?;
        let look = Look::of(&metadata);
        if let Some((seen, sha256)) = self.known.get(&path)
            && *seen == look
            && is_settled(&metadata)
        {
            let content = Content { sha256: sha256.clone(), bytes: Bytes::OnDisk(path.clone()) };
            return Ok((path, look, content));
        }
        let bytes = read_bounded(&path, bounds::FILE_MAX_BYTES)?;
        let sha256: Arc<str> = Arc::from(hash(&bytes));
        Ok((path, look, Content { sha256, bytes: Bytes::Here(bytes.into()) }))
    }
}

impl Look {
    #[cfg(unix)]
    fn of(metadata: &Metadata) -> Self {
        use std::os::unix::fs::MetadataExt;
        Self {
            len: metadata.len(),
            modified: metadata.modified().ok(),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
            inode: metadata.ino(),
        }
    }

    #[cfg(not(unix))]
    fn of(metadata: &Metadata) -> Self {
        Self { len: metadata.len(), modified: metadata.modified().ok(), changed: (0, 0), inode: 0 }
    }
}

/// Two writes within one tick of the file system's clock look the same, so a young file is always read.
fn is_settled(metadata: &Metadata) -> bool {
    let age = metadata.modified().ok().and_then(|modified| modified.elapsed().ok());
    cfg!(unix) && age.is_some_and(|age| age >= bounds::SETTLED_AFTER)
}

/// The real path of the directory; `None` when there is none.
fn usable(path: &Path) -> Result<Option<PathBuf>, String> {
    let shown = path.display();
    let root = match fs::canonicalize(path) {
        Ok(root) => root,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(format!("plugin directory {shown} cannot be read: {error}")),
    };
    let metadata = fs::metadata(&root)
        .map_err(|error| format!("plugin directory {shown} cannot be read: {error}"))?;
    if !metadata.is_dir() {
        return Err(format!("expected a directory of plugins at {shown}, got a file"));
    }
    if is_world_writable(&metadata) {
        return Err(format!(
            "plugin directory {shown} can be written by everybody, so nothing is loaded from it: run `chmod o-w {shown}`"
        ));
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

/// The names that concern plugins, in order. Hidden files are others' half-written ones.
fn names(root: &Path, trouble: &mut Option<String>) -> Vec<String> {
    let entries = match fs::read_dir(root) {
        Ok(entries) => entries,
        Err(error) => {
            *trouble = Some(format!("plugin directory {} cannot be read: {error}", root.display()));
            return Vec::new();
        }
    };
    let names = entries.flatten().filter_map(|entry| entry.file_name().into_string().ok());
    let is_ours = |name: &String| {
        let ends = [".wasm", ".toml", ".wasm.minisig"];
        !name.starts_with('.') && ends.iter().any(|end| name.ends_with(end))
    };
    let mut names: Vec<String> = names.filter(is_ours).collect();
    names.sort();
    let max = bounds::FILES_MAX * 3;
    if names.len() > max {
        *trouble = Some(format!(
            "more than {max} files in {}: only the first are looked at",
            root.display()
        ));
        names.truncate(max);
    }
    names
}

/// The file's real path, which must lie inside the directory and be a plain file: a link may not lead out of it, and
/// a pipe would never end.
fn inside(root: &Path, name: &str) -> Result<PathBuf, String> {
    let path =
        fs::canonicalize(root.join(name)).map_err(|error| format!("cannot be read: {error}"))?;
    if !path.starts_with(root) {
        return Err("a link that leads out of the plugin directory is not followed".to_owned());
    }
    let metadata = fs::metadata(&path).map_err(|error| format!("cannot be read: {error}"))?;
    if metadata.is_file() { Ok(path) } else { Err("expected a plain file".to_owned()) }
}

/// A small file of text: a sidecar or a signature.
fn text(root: &Path, name: &str, max_bytes: u64) -> Result<String, String> {
    let path = inside(root, name)?;
    let bytes = read_bounded(&path, max_bytes)?;
    String::from_utf8(bytes).map_err(|_| format!("{name} is not UTF-8 text"))
}

fn read_bounded(path: &Path, max: u64) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(max + 1).read_to_end(&mut bytes));
    read.map_err(|error| format!("cannot be read: {error}"))?;
    if bytes.len() as u64 > max {
        return Err(format!("expected at most {max} bytes, the file has more"));
    }
    Ok(bytes)
}

/// Hex of the SHA-256.
pub(super) fn hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::fs::{PermissionsExt, symlink};

    fn shas(listing: &Listing) -> Vec<(String, Option<String>)> {
        let of = |found: &Found| {
            (found.file.clone(), found.content.as_ref().ok().map(|c| c.sha256.to_string()))
        };
        listing.files.iter().map(of).collect()
    }

    #[test]
    fn changes_are_seen_and_only_plugins_are() {
        let home = tempfile::tempdir().expect("a directory");
        let mut directory = Directory::default();
        for (file, text) in [
            ("b.wasm", "one"),
            ("a.wasm", "two"),
            (".c.wasm", "x"),
            ("d.wasm.tmp", "x"),
            ("a.toml", "order = 1"),
        ] {
            fs::write(home.path().join(file), text).expect("written");
        }
        let first = directory.look(home.path());
        let expected = |file: &str, text: &str| (file.to_owned(), Some(hash(text.as_bytes())));
        assert_eq!(shas(&first), [expected("a.wasm", "two"), expected("b.wasm", "one")]);
        assert_eq!(first.sidecars.get("a"), Some(&Ok("order = 1".to_owned())));
        fs::write(home.path().join("b.wasm"), "ONE").expect("written");
        fs::remove_file(home.path().join("a.wasm")).expect("there");
        assert_eq!(shas(&directory.look(home.path())), [expected("b.wasm", "ONE")]);
        assert!(directory.look(&home.path().join("nowhere")).files.is_empty());
    }

    #[test]
    fn a_settled_file_is_not_held_in_memory_and_a_change_behind_its_back_is_refused() {
        let home = tempfile::tempdir().expect("a directory");
        let path = home.path().join("a.wasm");
        fs::write(&path, "one").expect("written");
        #[allow(clippy::disallowed_methods, reason = "files carry the real time")]
        let old = SystemTime::now() - bounds::SETTLED_AFTER * 2;
        File::options()
            .write(true)
            .open(&path)
            .and_then(|file| file.set_modified(old))
            .expect("ours");
        let mut directory = Directory::default();
        directory.look(home.path());
        let second = directory.look(home.path());
        let content = second.files[0].content.as_ref().expect("readable");
        assert!(matches!(content.bytes, Bytes::OnDisk(_)));
        assert_eq!(content.read().as_deref(), Ok(&b"one"[..]));
        fs::write(&path, "two").expect("written");
        assert!(content.read().is_err());
    }

    #[test]
    fn links_out_pipes_and_open_directories_are_refused() {
        let home = tempfile::tempdir().expect("a directory");
        let (inner, outer) = (home.path().join("plugins"), home.path().join("secret.wasm"));
        fs::create_dir(&inner).expect("made");
        fs::write(&outer, "outside").expect("written");
        fs::write(inner.join("real.wasm"), "inside").expect("written");
        symlink(&outer, inner.join("out.wasm")).expect("linked");
        symlink("real.wasm", inner.join("alias.wasm")).expect("linked");
        fs::create_dir(inner.join("folder.wasm")).expect("made");
        let listing = Directory::default().look(&inner);
        let readable: Vec<_> =
            shas(&listing).into_iter().map(|(file, sha)| (file, sha.is_some())).collect();
        let expected = [
            ("alias.wasm", true),
            ("folder.wasm", false),
            ("out.wasm", false),
            ("real.wasm", true),
        ];
        assert_eq!(readable, expected.map(|(file, fine)| (file.to_owned(), fine)));

        fs::set_permissions(&inner, fs::Permissions::from_mode(0o777)).expect("ours");
        let listing = Directory::default().look(&inner);
        assert!(
            listing.files.is_empty()
                && listing.trouble.is_some_and(|text| text.contains("chmod o-w"))
        );
    }
}
