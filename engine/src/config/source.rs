//! Which files make the configuration, and what they say: the main file, then `conf.d/**/*.toml` beside it.
//!
//! The only place of the configuration that reads configuration files. It never interprets them.

use super::mistake::{Mark, Mistake, Report};
use sha2::{Digest, Sha256};
use std::fs;
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};

/// Largest configuration file, in bytes.
const FILE_MAX_BYTES: u64 = 4 << 20;
/// Most configuration files.
const FILES_MAX: usize = 4_096;
/// Deepest directory below `conf.d`.
const DEPTH_MAX: usize = 16;

/// One file as read.
#[derive(Clone)]
pub(super) struct Source {
    /// As it is shown and watched.
    pub(super) path: PathBuf,
    /// All of it.
    pub(super) text: String,
}

/// Returns the files of a configuration: the main file first, then `conf.d/**/*.toml` beside it, sorted by path.
///
/// Names that begin with a dot are skipped, links to directories are not followed. Empty `conf.d` or none: only the main
/// file, whether it exists or not. What cannot be listed is left out here; [`load`](super::load) reports it.
pub fn files(path: &Path) -> Vec<PathBuf> {
    discover(path).0
}

/// The files, and what could not be listed.
fn discover(path: &Path) -> (Vec<PathBuf>, Vec<(PathBuf, String)>) {
    let mut found = Vec::new();
    let mut refused = Vec::new();
    walk(&base(path).join("conf.d"), 0, &mut found, &mut refused);
    found.sort();
    if found.len() >= FILES_MAX {
        let why = format!("there are more than {} files", FILES_MAX - 1);
        refused.push((base(path).join("conf.d"), why));
        found.truncate(FILES_MAX - 1);
    }
    found.insert(0, path.to_owned());
    (found, refused)
}

fn walk(dir: &Path, depth: usize, found: &mut Vec<PathBuf>, refused: &mut Vec<(PathBuf, String)>) {
    let entries = match fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(error) if depth == 0 && error.kind() == ErrorKind::NotFound => return,
        Err(error) => return refused.push((dir.to_owned(), reason(&error))),
    };
    for entry in entries {
        let (path, kind) = match entry.and_then(|e| Ok((e.path(), e.file_type()?))) {
            Ok(entry) => entry,
            Err(error) => {
                refused.push((dir.to_owned(), reason(&error)));
                continue;
            }
        };
        if found.len() >= FILES_MAX || is_hidden(&path) {
            continue;
        }
        if kind.is_dir() {
            if depth == DEPTH_MAX {
                refused.push((path, format!("it lies more than {DEPTH_MAX} directories deep")));
            } else {
                walk(&path, depth + 1, found, refused);
            }
        } else if path.extension().is_some_and(|e| e == "toml") {
            found.push(path);
        }
    }
}

fn is_hidden(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."))
}

/// Where relative paths of a file begin.
pub(super) fn base(path: &Path) -> &Path {
    path.parent().unwrap_or(Path::new(""))
}

/// Reads every file, the main file first; what cannot be read is reported, and is an empty text.
pub(super) fn read_all(path: &Path, report: &Report) -> Vec<Source> {
    let (paths, refused) = discover(path);
    for (path, why) in refused {
        report.add(
            Mistake::error(None::<Mark>, format!("cannot read `{}`: {why}", path.display()))
                .hint("let the user that runs nightbell read it, or remove it"),
        );
    }
    let mut sources: Vec<Source> = Vec::new();
    for path in paths {
        let file = sources.len();
        let text = read(&path).unwrap_or_else(|refusal| {
            // It may hold any name.
            report.broken(file);
            let message = format!("cannot read `{}`: {}", path.display(), refusal.why);
            let mark = refusal.at.map(|(start, end)| Mark { file, start, end });
            report.add(Mistake::error(mark, message).hint(refusal.hint));
            refusal.text
        });
        sources.push(Source { path, text });
    }
    sources
}

/// Why a file is not used.
struct Refusal {
    why: String,
    hint: &'static str,
    /// What can be shown of it.
    text: String,
    /// Where in that text.
    at: Option<(usize, usize)>,
}

fn read(path: &Path) -> Result<String, Refusal> {
    let bytes = read_bytes(path, FILE_MAX_BYTES).map_err(|error| Refusal {
        why: reason(&error),
        hint: match error.kind() {
            ErrorKind::NotFound => {
                "name the file with `--config`; docs/reference/configuration.md has a complete example"
            }
            ErrorKind::IsADirectory => "name the file itself, such as nightbell.toml",
            ErrorKind::FileTooLarge => "split it into several files in `conf.d`",
            _ => "let the user that runs nightbell read it, or remove it",
        },
        text: String::new(),
        at: None,
    })?;
    String::from_utf8(bytes).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
        let end = text.get(valid..).and_then(|rest| rest.chars().next());
        Refusal {
            why: "it is not UTF-8 text".to_owned(),
            hint: "save the file as UTF-8",
            at: Some((valid, valid + end.map_or(0, char::len_utf8))),
            text,
        }
    })
}

/// Reads a whole file of at most `max` bytes.
///
/// # Errors
/// The system's, or `FileTooLarge`.
pub(super) fn read_bytes(path: &Path, max: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    fs::File::open(path)?.take(max + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > max {
        return Err(io::Error::new(
            ErrorKind::FileTooLarge,
            format!("it is larger than {} KiB", max >> 10),
        ));
    }
    Ok(bytes)
}

/// An error of the file system in words that do not change with the platform.
pub(super) fn reason(error: &io::Error) -> String {
    match error.kind() {
        ErrorKind::NotFound => "there is no such file".to_owned(),
        ErrorKind::PermissionDenied => "permission is denied".to_owned(),
        ErrorKind::IsADirectory => "it is a directory".to_owned(),
        ErrorKind::NotADirectory => "it is not a directory".to_owned(),
        _ => error.to_string(),
    }
}

/// Hex of the SHA-256 over every file's path below the main file's directory, length and text.
pub(super) fn digest(sources: &[Source]) -> String {
    let root = sources.first().map(|main| base(&main.path).to_owned()).unwrap_or_default();
    let mut hash = Sha256::new();
    for source in sources {
        let path = source.path.strip_prefix(&root).unwrap_or(&source.path);
        hash.update(path.as_os_str().as_encoded_bytes());
        hash.update([0]);
        hash.update((source.text.len() as u64).to_be_bytes());
        hash.update(source.text.as_bytes());
    }
    hex(&hash.finalize())
}

/// Lower-case hex.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_main_file_comes_first_and_conf_d_is_sorted() {
        let dir = tempfile::tempdir().expect("a directory");
        let root = dir.path();
        fs::create_dir_all(root.join("conf.d/b/deep")).expect("directories");
        fs::create_dir_all(root.join("conf.d/.git")).expect("directories");
        for name in [
            "conf.d/z.toml",
            "conf.d/b/deep/a.toml",
            "conf.d/.git/x.toml",
            "conf.d/.y.toml",
            "conf.d/read.me",
        ] {
            fs::write(root.join(name), "").expect("a file");
        }
        let main = root.join("nightbell.toml");
        let expected =
            vec![main.clone(), root.join("conf.d/b/deep/a.toml"), root.join("conf.d/z.toml")];
        assert_eq!(files(&main), expected);
    }

    #[test]
    fn the_digest_tells_texts_and_names_apart() {
        let source = |path: &str, text: &str| Source { path: path.into(), text: text.to_owned() };
        let one = digest(&[source("/a/n.toml", "x"), source("/a/conf.d/b.toml", "y")]);
        assert_eq!(one.len(), 64);
        assert_eq!(
            one,
            digest(&[source("/b/n.toml", "x"), source("/b/conf.d/b.toml", "y")]),
            "wherever it lies"
        );
        assert_ne!(one, digest(&[source("/a/n.toml", "xy"), source("/a/conf.d/b.toml", "")]));
        assert_ne!(one, digest(&[source("/a/n.toml", "x"), source("/a/conf.d/c.toml", "y")]));
    }
}
