//! Compiled plugins on disk, so that a start does not compile again. The one file with `unsafe` in this crate: compiled
//! code is mapped and run as it is, so only what this very host has written may be mapped.
//!
//! Any doubt (a foreign directory, a wrong checksum, a file that does not load) means compiling again, never an error.

use super::bounds;
use sha2::{Digest, Sha256};
use std::fs;
use std::hash::{Hash, Hasher};
use std::io::Write;
use std::path::{Path, PathBuf};
use wasmtime::Engine;
use wasmtime::component::Component;

/// Where compiled plugins lie.
pub(super) struct Cache {
    /// `None`: there is no safe place for it.
    directory: Option<PathBuf>,
    /// What the engine's version and configuration come to.
    engine_hash: String,
}

impl Cache {
    /// Opens the cache, making its directory private to this user.
    pub(super) fn open(directory: &Path, engine: &Engine) -> Self {
        let mut hasher = HashOfHash(Sha256::new());
        engine.precompile_compatibility_hash().hash(&mut hasher);
        let engine_hash = hex(&hasher.0.finalize())[..16].to_owned();
        let directory = match make_private(directory) {
            Ok(()) => Some(directory.to_owned()),
            Err(error) => {
                let directory = directory.display();
                tracing::warn!(%directory, %error, "no private directory for compiled plugins, compiling at every start");
                None
            }
        };
        Self { directory, engine_hash }
    }

    /// The component of a file whose hash is `sha256`, from the cache or by compiling it. Blocks: up to many seconds
    /// for large guests.
    ///
    /// # Errors
    /// When the file does not compile.
    pub(super) fn component(
        &self,
        engine: &Engine,
        sha256: &str,
        bytes: &[u8],
    ) -> wasmtime::Result<Component> {
        let Some(path) = self.path(sha256) else { return Component::new(engine, bytes) };
        if let Some(component) = load(engine, &path) {
            return Ok(component);
        }
        let compiled = engine.precompile_component(bytes)?;
        match write(&path, &compiled) {
            Ok(()) => self.prune(&path),
            Err(error) => tracing::warn!(%error, "cannot keep a compiled plugin"),
        }
        match load(engine, &path) {
            Some(component) => Ok(component),
            None => Component::new(engine, bytes),
        }
    }

    fn path(&self, sha256: &str) -> Option<PathBuf> {
        let directory = self.directory.as_ref()?;
        Some(directory.join(format!("{sha256}-{}.cwasm", self.engine_hash)))
    }

    /// Removes the oldest files beyond the bound. What is mapped stays mapped.
    fn prune(&self, newest: &Path) {
        let Some(directory) = &self.directory else { return };
        let Ok(entries) = fs::read_dir(directory) else { return };
        let mut files: Vec<_> = entries
            .flatten()
            .map(|entry| entry.path())
            .filter(|path| {
                path.extension().is_some_and(|extension| extension == "cwasm") && path != newest
            })
            .filter_map(|path| Some((fs::metadata(&path).ok()?.modified().ok()?, path)))
            .collect();
        files.sort();
        let excess = (files.len() + 1).saturating_sub(bounds::CACHE_FILES_MAX);
        for (_, path) in files.into_iter().take(excess) {
            let _ = fs::remove_file(path.with_extension("sum"));
            let _ = fs::remove_file(path);
        }
    }
}

/// Maps a compiled file that this host has written, if it is there and whole.
#[allow(
    unsafe_code,
    reason = "mapping compiled code is what makes a start quick; the proof is at the call"
)]
fn load(engine: &Engine, path: &Path) -> Option<Component> {
    let expected = fs::read_to_string(path.with_extension("sum")).ok()?;
    let compiled = fs::read(path).ok()?;
    if sum(&compiled) != expected {
        tracing::warn!(path = %path.display(), "a compiled plugin on disk is damaged, compiling again");
        return None;
    }
    // SAFETY: `deserialize_file` asks that the file is what `precompile_component` of a compatible engine wrote, and
    // that nobody changes it while it is mapped. Only `write` below puts files here, and only such output. The
    // directory is ours alone: it was made or set to mode 0700 at the start, which fails for a directory of another
    // user, so that nobody but this user (who could replace the engine itself) can write in it. The name covers the
    // plugin's content and the engine's version and configuration, which wasmtime checks again. Files are replaced by
    // `rename` only, so that a mapped one keeps its bytes; the checksum above refuses torn and rotten ones.
    match unsafe { Component::deserialize_file(engine, path) } {
        Ok(component) => Some(component),
        Err(error) => {
            tracing::warn!(path = %path.display(), %error, "a compiled plugin on disk does not load, compiling again");
            None
        }
    }
}

fn write(path: &Path, compiled: &[u8]) -> std::io::Result<()> {
    // The checksum last: without it the file does not count.
    let _ = fs::remove_file(path.with_extension("sum"));
    replace(path, compiled)?;
    replace(&path.with_extension("sum"), sum(compiled).as_bytes())
}

fn replace(path: &Path, content: &[u8]) -> std::io::Result<()> {
    let directory = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(directory)?;
    file.write_all(content)?;
    file.persist(path).map(drop).map_err(|error| error.error)
}

#[cfg(unix)]
fn make_private(directory: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
    fs::DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
    fs::set_permissions(directory, fs::Permissions::from_mode(0o700))
}

#[cfg(not(unix))]
fn make_private(_: &Path) -> std::io::Result<()> {
    Err(std::io::Error::other("only Unix permissions are understood"))
}

fn sum(content: &[u8]) -> String {
    hex(&Sha256::digest(content))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Lets a value that is only `Hash` be hashed the same way in every process.
struct HashOfHash(Sha256);

impl Hasher for HashOfHash {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }
    fn finish(&self) -> u64 {
        let digest = self.0.clone().finalize();
        digest.iter().take(8).fold(0, |sum, byte| (sum << 8) | u64::from(*byte))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EMPTY: &[u8] = b"(component)";

    #[test]
    fn what_is_compiled_once_is_loaded_and_what_is_damaged_is_compiled_again() {
        let home = tempfile::tempdir().expect("a directory");
        let engine = Engine::default();
        let cache = Cache::open(&home.path().join("cache"), &engine);
        let bytes = wat::parse_bytes(EMPTY).expect("valid");
        let path = cache.path("abc").expect("a cache");
        cache.component(&engine, "abc", &bytes).expect("compiles");
        assert!(load(&engine, &path).is_some());

        // The cache answers without looking at the bytes, so the second time nothing was compiled.
        cache.component(&engine, "abc", b"not wasm").expect("from the cache");

        let whole = fs::read(&path).expect("written");
        for damaged in [&whole[..whole.len() / 2], b"", b"garbage"] {
            fs::remove_file(&path).expect("there");
            fs::write(&path, damaged).expect("writable");
            assert!(load(&engine, &path).is_none());
            assert!(cache.component(&engine, "abc", b"not wasm").is_err());
            cache.component(&engine, "abc", &bytes).expect("compiles again");
            assert_eq!(fs::read(&path).expect("written again"), whole);
        }
        fs::remove_file(path.with_extension("sum")).expect("there");
        assert!(load(&engine, &path).is_none(), "without its checksum a file does not count");
    }

    #[cfg(unix)]
    #[test]
    fn the_directory_is_private_and_doing_without_one_works() {
        use std::os::unix::fs::PermissionsExt;
        let home = tempfile::tempdir().expect("a directory");
        let open = home.path().join("cache");
        fs::create_dir(&open).expect("made");
        fs::set_permissions(&open, fs::Permissions::from_mode(0o777)).expect("ours");
        let engine = Engine::default();
        let bytes = wat::parse_bytes(EMPTY).expect("valid");
        Cache::open(&open, &engine).component(&engine, "a", &bytes).expect("compiles");
        let mode = fs::metadata(&open).expect("there").permissions().mode();
        assert_eq!(mode & 0o777, 0o700);

        fs::write(home.path().join("file"), "").expect("written");
        let nowhere = Cache::open(&home.path().join("file"), &engine);
        assert!(nowhere.directory.is_none());
        nowhere.component(&engine, "a", &bytes).expect("compiles without a cache");
    }
}
