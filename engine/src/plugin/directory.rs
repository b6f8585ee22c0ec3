//! The operator's plugin directory as it lies on disk: which files there are, what is in them, and what their sidecars
//! say. It reads and hashes; it judges nothing. Anything that looks wrong is a finding, not an error.

use super::bounds;
use super::disk::{Unusable, inside, names, read_bounded, usable};
use super::spread::spread;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, Metadata};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

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

/// A file by its name in the directory: where a link leads, and what was there.
#[derive(Debug)]
struct Known {
    path: PathBuf,
    look: Look,
    sha256: Arc<str>,
}

/// The directory, with the hashes of files that have not changed since the last look.
#[derive(Debug)]
pub(super) struct Directory {
    known: BTreeMap<String, Known>,
    /// What was there at the last look.
    names: BTreeSet<String>,
    sidecars: BTreeMap<String, Result<String, String>>,
    signatures: BTreeMap<String, Result<String, String>>,
    settled_after: Duration,
}

impl Default for Directory {
    fn default() -> Self {
        Self {
            known: BTreeMap::new(),
            names: BTreeSet::new(),
            sidecars: BTreeMap::new(),
            signatures: BTreeMap::new(),
            settled_after: bounds::SETTLED_AFTER,
        }
    }
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
    /// Looks. A directory that is not there is empty; one that cannot be read now is as it was at the last look. Blocks.
    pub(super) fn look(&mut self, path: &Path) -> Listing {
        match self.listing(path) {
            Ok(listing) => {
                self.sidecars = listing.sidecars.clone();
                self.signatures = listing.signatures.clone();
                listing
            }
            Err(Unusable::Refused(trouble)) => {
                Listing { trouble: Some(trouble), ..Listing::default() }
            }
            Err(Unusable::Unreadable(error)) => {
                let path = path.display();
                let trouble = format!("plugin directory {path} cannot be read: {error}");
                self.as_before(trouble)
            }
        }
    }

    fn listing(&mut self, path: &Path) -> Result<Listing, Unusable> {
        let mut listing = Listing::default();
        let Some(root) = usable(path)? else { return Ok(listing) };
        let names = names(&root, &self.names, &mut listing.trouble)?;
        let mut plugins = Vec::new();
        for name in &names {
            if let Some(stem) = name.strip_suffix(".toml") {
                let text = text(&root, name, bounds::SIDECAR_MAX_BYTES);
                listing.sidecars.insert(stem.to_owned(), text);
                continue;
            }
            if let Some(file) = name.strip_suffix(".minisig") {
                let text = text(&root, name, bounds::SIGNATURE_MAX_BYTES);
                listing.signatures.insert(file.to_owned(), text);
                continue;
            }
            plugins.push(name.clone());
        }
        let contents = spread(&plugins, |name| self.content(&root, name));
        self.known = BTreeMap::new();
        for (file, content) in plugins.into_iter().zip(contents) {
            let content = content.map(|(known, content)| {
                self.known.insert(file.clone(), known);
                content
            });
            listing.files.push(Found { file, content });
        }
        self.names = names;
        Ok(listing)
    }

    /// The last look once more: what works goes on while nothing can be read.
    fn as_before(&self, trouble: String) -> Listing {
        let file = |(file, known): (&String, &Known)| {
            let bytes = Bytes::OnDisk(known.path.clone());
            let content = Content { sha256: known.sha256.clone(), bytes };
            Found { file: file.clone(), content: Ok(content) }
        };
        Listing {
            files: self.known.iter().map(file).collect(),
            sidecars: self.sidecars.clone(),
            signatures: self.signatures.clone(),
            trouble: Some(trouble),
        }
    }

    /// A file's content, with what is to be remembered of it.
    fn content(&self, root: &Path, name: &str) -> Result<(Known, Content), String> {
        let path = inside(root, name)?;
        let metadata = fs::metadata(&path).map_err(|error| format!("cannot be read: {error}"))?;
        let look = Look::of(&metadata);
        let before = self.known.get(name).filter(|before| before.path == path);
        let content = match before.filter(|before| before.look == look) {
            Some(before) if is_settled(&metadata, self.settled_after) => {
                let sha256 = before.sha256.clone();
                Content { sha256, bytes: Bytes::OnDisk(path.clone()) }
            }
            Some(_) | None => {
                let bytes = read_bounded(&path, bounds::FILE_MAX_BYTES)?;
                Content { sha256: Arc::from(hash(&bytes)), bytes: Bytes::Here(bytes.into()) }
            }
        };
        Ok((Known { path, look, sha256: content.sha256.clone() }, content))
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

/// Two writes within one tick of the file system's clock look the same, so a young file is always read. A copy may keep the
/// original's time of modification, so the time of change, which nobody can set, counts as well.
#[cfg(unix)]
fn is_settled(metadata: &Metadata, after: Duration) -> bool {
    use std::os::unix::fs::MetadataExt;
    let since_epoch = Duration::from_secs(u64::try_from(metadata.ctime()).unwrap_or(u64::MAX));
    let changed = SystemTime::UNIX_EPOCH.checked_add(since_epoch);
    let is_old = |at: Option<SystemTime>| {
        at.and_then(|at| at.elapsed().ok()).is_some_and(|age| age >= after)
    };
    is_old(metadata.modified().ok()) && is_old(changed)
}

#[cfg(not(unix))]
fn is_settled(_: &Metadata, _: Duration) -> bool {
    false
}

/// A small file of text: a sidecar or a signature.
fn text(root: &Path, name: &str, max_bytes: u64) -> Result<String, String> {
    let path = inside(root, name)?;
    let bytes = read_bounded(&path, max_bytes)?;
    String::from_utf8(bytes).map_err(|_| format!("{name} is not UTF-8 text"))
}

/// Hex of the SHA-256.
pub(super) fn hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::fs::File;
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
        let held = |listing: &Listing| {
            let content = listing.files[0].content.as_ref().expect("readable");
            matches!(content.bytes, Bytes::Here(_))
        };
        assert!(held(&directory.look(home.path())), "changed just now, whatever time it says");
        directory.settled_after = Duration::ZERO;
        let second = directory.look(home.path());
        assert!(!held(&second));
        let content = second.files[0].content.as_ref().expect("readable");
        assert_eq!(content.read().as_deref(), Ok(&b"one"[..]));
        fs::write(&path, "two").expect("written");
        assert!(content.read().is_err());
    }

    #[test]
    fn a_directory_that_cannot_be_read_is_as_it_was() {
        let home = tempfile::tempdir().expect("a directory");
        let (plugins, aside) = (home.path().join("plugins"), home.path().join("aside"));
        fs::create_dir(&plugins).expect("made");
        fs::write(plugins.join("a.wasm"), "one").expect("written");
        fs::write(plugins.join("a.toml"), "order = 1").expect("written");
        let mut directory = Directory::default();
        let before = directory.look(&plugins);
        fs::rename(&plugins, &aside).expect("renamed");
        // A link to itself: the error is neither "not found" nor "not a directory".
        symlink(&plugins, &plugins).expect("linked");
        let during = directory.look(&plugins);
        assert!(during.trouble.as_ref().is_some_and(|text| text.contains("cannot be read")));
        assert_eq!((shas(&during), during.sidecars), (shas(&before), before.sidecars));
        fs::remove_file(&plugins).expect("there");
        assert!(directory.look(&plugins).files.is_empty(), "one that is gone is empty");
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
