//! `nightbell plugin install` and `remove`: how does a plugin file get into the plugins directory, and out of it?
//!
//! It is looked at first, never run; it is written whole or not at all; then the server is asked what it makes of it. Nothing
//! is granted: what the plugin asks for is printed as the lines of the configuration that would grant it.

use super::super::connect::Connection;
use super::super::failure::Failure;
use super::super::json;
use super::super::out::Out;
use super::super::session::Session;
use super::{file, place, show};
use crate::plugin::SHIPPED_NAMES;
use nightbell_pack::{Capability, Outline};
use serde_json::{Value, json};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How long the server may take to see, compile and try a new file.
const TAKEN_WITHIN: Duration = Duration::from_secs(30);
/// How often it looks at the directory in any case, and a little.
const LOOKS_EVERY: Duration = Duration::from_secs(6);
/// How often it is asked meanwhile.
const EVERY: Duration = Duration::from_millis(200);
/// Files of the directory that are looked at for one of the same name.
const FILES_MAX: usize = 500;

/// What to install.
pub(super) struct Wanted {
    /// A file, or `-`.
    pub(super) file: PathBuf,
    /// Only when it has this hash.
    pub(super) sha256: Option<String>,
    /// Only when it calls itself so.
    pub(super) name: Option<String>,
    /// Do not ask the server.
    pub(super) no_wait: bool,
}

/// Installs.
///
/// # Errors
/// See [`Failure`]: nothing was changed then, unless it says that the server refused the file.
pub(super) async fn install(
    connection: &Connection,
    out: &Out,
    wanted: &Wanted,
) -> Result<(), Failure> {
    let bytes = file::read(&wanted.file)?;
    let outline = look(&bytes, wanted)?;
    let signature = signature(&wanted.file)?;
    let asked = match wanted.no_wait {
        true => None,
        false => ask(connection, out, &outline.manifest.name).await,
    };
    let path = put(connection, &outline, &bytes, signature.as_deref())?;
    let (name, version) = (&outline.manifest.name, &outline.manifest.version);
    out.done(&format!("Plugin {name} {version} is in {}.", path.display()));
    let grants = grants(&outline);
    let taken = match &asked {
        Some(asked) => asked.taken(&outline).await,
        None => None,
    };
    out.done("To let only this file run, and to grant what it asks for, in the configuration:");
    let json = json!({
        "name": name,
        "version": version,
        "kind": outline.kind.name(),
        "sha256": outline.sha256,
        "file": path.display().to_string(),
        "signed": signature.is_some(),
        "config": grants,
        "plugin": taken,
    });
    out.made(&json, |_| grants.clone())?;
    match taken {
        Some(plugin) => verdict(&plugin, out),
        None => Ok(()),
    }
}

/// Inspects and compares with what is expected.
fn look(bytes: &[u8], wanted: &Wanted) -> Result<Outline, Failure> {
    let outline = nightbell_pack::inspect(bytes)
        .map_err(|error| Failure::new(format!("This is no usable plugin: {error}.")))?;
    if let Some(expected) = &wanted.sha256
        && !expected.eq_ignore_ascii_case(&outline.sha256)
    {
        let got = &outline.sha256;
        return Err(Failure::new(format!(
            "The file has the SHA-256 {got}, expected was {expected}: it is not installed."
        ))
        .hint("it is not the file that was published; get it again, and ask whoever made it"));
    }
    if let Some(expected) = &wanted.name
        && *expected != outline.manifest.name
    {
        let got = &outline.manifest.name;
        return Err(Failure::new(format!(
            "The plugin calls itself `{got}`, expected was `{expected}`: it is not installed."
        ))
        .hint("the name stands in its manifest, and the configuration and other plugins know it by it"));
    }
    Ok(outline)
}

/// What lies beside the file as `<file>.minisig`.
fn signature(file: &Path) -> Result<Option<Vec<u8>>, Failure> {
    if file::is_stdin(file) {
        return Ok(None);
    }
    let beside = beside(file);
    match beside.try_exists() {
        Ok(true) => file::read(&beside).map(Some),
        Ok(false) => Ok(None),
        Err(error) => Err(Failure::new(format!("{} cannot be read: {error}.", beside.display()))),
    }
}

fn beside(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".minisig");
    name.into()
}

fn put(
    connection: &Connection,
    outline: &Outline,
    bytes: &[u8],
    signature: Option<&[u8]>,
) -> Result<PathBuf, Failure> {
    let (directory, name) = (place::directory(connection)?, &outline.manifest.name);
    let path = directory.join(format!("{name}.wasm"));
    let refused = |error: std::io::Error| place::refused(&path, &error);
    std::fs::create_dir_all(&directory).map_err(refused)?;
    let others = files_of(&directory, name);
    if let Some(other) = others.iter().find(|other| **other != path) {
        return Err(Failure::new(format!("{} calls itself `{name}` too.", other.display()))
            .hint("two files of one name would fight for it; remove or rename that one"));
    }
    // Signature first: the server must not see the new file without it. For a moment the old file has the new signature
    // or none, and goes on running.
    match signature {
        Some(signature) => place::write_whole(&beside(&path), signature).map_err(refused)?,
        None => gone(&beside(&path)).map_err(refused)?,
    }
    place::write_whole(&path, bytes).map_err(refused)?;
    Ok(path)
}

/// The plugin files of the directory that call themselves so.
fn files_of(directory: &Path, name: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
    let files = entries.map(|entry| entry.path()).filter(|path| {
        path.extension().is_some_and(|extension| extension == "wasm") && path.is_file()
    });
    let is_named = |path: &PathBuf| {
        let bytes = file::read(path).ok();
        let outline = bytes.and_then(|bytes| nightbell_pack::inspect(&bytes).ok());
        outline.is_some_and(|outline| outline.manifest.name == name)
    };
    files.take(FILES_MAX).filter(is_named).collect()
}

fn gone(path: &Path) -> std::io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// The lines of the configuration that pin the file and grant what it asks for.
fn grants(outline: &Outline) -> String {
    let (name, manifest) = (&outline.manifest.name, &outline.manifest);
    let mut text = format!("[plugin.{name}]\nsha256  = \"{}\"\n", outline.sha256);
    if SHIPPED_NAMES.contains(&name.as_str()) {
        text.push_str("from    = \"directory\"    # instead of the one inside the binary\n");
    }
    let required = manifest.requires.iter().map(|capability| (capability, "required"));
    let optional = manifest.optional.iter().map(|capability| (capability, "optional"));
    for (capability, need) in required.chain(optional) {
        let line = match capability {
            Capability::Http => "hosts   = [\"https://…\"]",
            Capability::Mail => "mail    = true",
            Capability::State => "state   = true",
            Capability::Secret => "secrets = { name = { env = \"…\", hosts = [\"…\"] } }",
        };
        text.push_str(&format!("{line}    # {need}\n"));
    }
    text
}

/// The server, and what it knew of the plugin before.
struct Asked<'o> {
    session: Session<'o>,
    before: Value,
}

/// Asks before anything is changed; `None` when there is no server to ask.
async fn ask<'o>(connection: &Connection, out: &'o Out, name: &str) -> Option<Asked<'o>> {
    let session = Session::open(connection, out).ok()?;
    if let Err(failure) = session.client.get(&["plugins"], &[]).await {
        out.done(&format!("No server is asked. {failure}"));
        return None;
    }
    let before = session.client.get(&["plugins", name], &[]).await;
    let before = before.map(|answer| answer.json).unwrap_or_default();
    Some(Asked { session, before })
}

impl Asked<'_> {
    /// What the server makes of the file; `None` when it takes too long.
    async fn taken(&self, outline: &Outline) -> Option<Value> {
        let start = Instant::now();
        let path = ["plugins", outline.manifest.name.as_str()];
        while start.elapsed() < TAKEN_WITHIN {
            let plugin = self.session.client.get(&path, &[]).await.ok();
            let plugin = plugin.map(|answer| answer.json).unwrap_or_default();
            if self.has_decided(&plugin, outline, start.elapsed()) {
                return Some(plugin);
            }
            tokio::time::sleep(EVERY).await;
        }
        let server = self.session.client.server();
        self.session
            .out
            .done(&format!("{server} has not loaded it yet: see `nightbell plugin list`."));
        None
    }

    /// Whether the server has seen this very file. When it knew it before, only the signature or nothing may have changed:
    /// then what it says must change, or time pass in which it looks again.
    fn has_decided(&self, plugin: &Value, outline: &Outline, waited: Duration) -> bool {
        let knows_it = |plugin: &Value| json::text(plugin, "file_sha256") == outline.sha256;
        let error = |plugin: &Value| json::text(plugin, "error");
        let is_news = !knows_it(&self.before)
            || error(&self.before).is_empty()
            || error(plugin) != error(&self.before);
        knows_it(plugin) && (is_news || waited > LOOKS_EVERY)
    }
}

fn verdict(plugin: &Value, out: &Out) -> Result<(), Failure> {
    let (name, state) = (json::text(plugin, "name"), json::text(plugin, "state"));
    for remark in show::remarks(plugin, out.look()) {
        out.done(&format!("{name}: {remark}"));
    }
    match (state.as_str(), json::text(plugin, "error").is_empty()) {
        ("running" | "shadow", true) => {
            out.done(&format!("The server runs it: {state}."));
            Ok(())
        }
        ("disabled", _) => {
            out.done("It is switched off.");
            Ok(())
        }
        // It waits for the operator's word, which is what was printed.
        ("waiting-for-grant", _) => {
            out.done("The server waits for that grant.");
            Ok(())
        }
        _ => Err(Failure::new(format!("The server does not run the new file: {name} is {state}."))
            .hint("`nightbell plugin list` says why")),
    }
}

/// Takes a plugin's file out of the plugins directory. Its sidecar stays: it is the operator's own.
///
/// # Errors
/// See [`Failure`].
pub(super) fn remove(connection: &Connection, out: &Out, name: &str) -> Result<(), Failure> {
    let directory = place::directory(connection)?;
    let files = files_of(&directory, name);
    if files.is_empty() {
        let shown = directory.display();
        let failure = Failure::new(format!("No file in {shown} is a plugin `{name}`."));
        return Err(match SHIPPED_NAMES.contains(&name) {
            true => failure.hint(format!(
                "it is inside the binary: `nightbell plugin disable {name}` switches it off"
            )),
            false => failure.hint("`nightbell plugin list` shows which file a plugin comes from"),
        });
    }
    for path in &files {
        let refused = |error: std::io::Error| place::refused(path, &error);
        std::fs::remove_file(path).map_err(refused)?;
        gone(&beside(path)).map_err(refused)?;
        out.done(&format!(
            "{} is removed; a running server lets it go within seconds.",
            path.display()
        ));
    }
    let sidecar = directory.join(format!("{name}.toml"));
    if sidecar.exists() {
        out.done(&format!(
            "Its sidecar {} is left for the next one of its name.",
            sidecar.display()
        ));
    }
    if out.is_json() {
        let files: Vec<_> = files.iter().map(|path| path.display().to_string()).collect();
        out.text(&json!({ "name": name, "removed": files }).to_string())?;
    }
    Ok(())
}
