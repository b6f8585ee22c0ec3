//! `nightbell plugin`: what runs, what a file is, and switching one on or off.
//!
//! `enable` and `disable` write the plugin's sidecar in the plugins directory, which the server watches: the switch works
//! when no server runs too. They grant nothing.

use super::connect::Connection;
use super::failure::Failure;
use super::json;
use super::look::{Look, Tone, safe_lines};
use super::out::Out;
use super::session::{Remote, Session, Shown, short};
use super::table::{Table, cell, facts};
use clap::Subcommand;
use nightbell_pack::{Capability, Outline};
use serde_json::{Value, json};
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

/// Largest plugin file, in bytes.
const FILE_MAX_BYTES: u64 = 64 << 20;
/// Largest sidecar, in bytes.
const SIDECAR_MAX_BYTES: u64 = 1 << 20;

/// What to do with plugins.
#[derive(Subcommand, Clone, Debug)]
pub(super) enum PluginCommand {
    /// List the server's plugins and how they are
    List,
    /// Switch a plugin on
    Enable {
        /// Its name
        #[arg(value_parser = name)]
        name: String,
    },
    /// Switch a plugin off
    Disable {
        /// Its name
        #[arg(value_parser = name)]
        name: String,
    },
    /// Show what a plugin file says about itself, without running it
    Inspect {
        /// A `.wasm` file
        file: PathBuf,
    },
}

fn name(text: &str) -> Result<String, String> {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    let fits = (1..=63).contains(&text.len()) && text.bytes().all(plain);
    let expected = "expected a plugin's name: lower-case letters, digits and hyphens";
    if fits { Ok(text.to_owned()) } else { Err(expected.to_owned()) }
}

/// Does it.
///
/// # Errors
/// See [`Failure`].
pub(super) async fn run(remote: Remote<PluginCommand>, out: &Out) -> Result<(), Failure> {
    match remote.command {
        PluginCommand::List => {
            let session = Session::open(&remote.connection, out)?;
            let shown = Shown { rows: table, nothing: "There are no plugins." };
            session.list(&["plugins"], Vec::new(), None, shown).await
        }
        PluginCommand::Enable { name } => switch(&remote.connection, out, &name, true),
        PluginCommand::Disable { name } => switch(&remote.connection, out, &name, false),
        PluginCommand::Inspect { file } => inspect(&file, out),
    }
}

/// One line a plugin, and below it what is wrong with some.
pub(super) fn table(answer: &Value, look: &Look) -> String {
    let mut table =
        Table::new(&["name", "kind", "state", "version", "from", "sha256", "calls", "failures"]);
    let mut errors = Vec::new();
    for plugin in json::items(answer) {
        let text = |key: &str| cell(json::text(plugin, key));
        table.row([
            text("name").tone(Tone::Strong),
            text("kind"),
            text("state").state(),
            text("version"),
            text("source"),
            cell(short(&json::text(plugin, "sha256"))),
            text("calls"),
            text("failures"),
        ]);
        let error = json::text(plugin, "error");
        if !error.is_empty() {
            errors.push(format!(
                "{}: {}",
                json::text(plugin, "name"),
                safe_lines(error.trim_end())
            ));
        }
    }
    let table = table.render(look);
    if errors.is_empty() { table } else { format!("{table}\n\n{}", errors.join("\n")) }
}

fn inspect(file: &Path, out: &Out) -> Result<(), Failure> {
    let shown = file.display();
    let mut bytes = Vec::new();
    std::fs::File::open(file)
        .and_then(|open| open.take(FILE_MAX_BYTES + 1).read_to_end(&mut bytes))
        .map_err(|error| Failure::new(format!("{shown} cannot be read: {error}.")))?;
    if bytes.len() as u64 > FILE_MAX_BYTES {
        return Err(Failure::new(format!("{shown} is larger than {} MiB.", FILE_MAX_BYTES >> 20)));
    }
    let outline = nightbell_pack::inspect(&bytes)
        .map_err(|error| Failure::new(format!("{shown} is no usable plugin: {error}.")))?;
    out.made(&outline_json(&outline), |look| outline_page(&outline, look))
}

fn names(capabilities: &[Capability]) -> Vec<&'static str> {
    capabilities.iter().map(|capability| capability.name()).collect()
}

fn outline_json(outline: &Outline) -> Value {
    let manifest = &outline.manifest;
    json!({
        "name": manifest.name,
        "version": manifest.version,
        "kind": outline.kind.name(),
        "interface": outline.interface.name(),
        "description": manifest.description,
        "requires": names(&manifest.requires),
        "optional": names(&manifest.optional),
        "reuse": manifest.reuse,
        "limits": {
            "memory_mib": manifest.limits.memory_mib,
            "cpu_ms": manifest.limits.cpu_ms,
            "wall_ms": manifest.limits.wall_ms,
        },
        "settings": manifest.settings.keys().collect::<Vec<_>>(),
        "imports": outline.imports,
        "exports": outline.exports,
        "sha256": outline.sha256,
        "size": outline.size,
    })
}

fn outline_page(outline: &Outline, look: &Look) -> String {
    let manifest = &outline.manifest;
    let or_none = |names: Vec<&str>| {
        if names.is_empty() { cell("nothing").tone(Tone::Quiet) } else { cell(names.join(", ")) }
    };
    let limit = |value: Option<u32>, unit: &str| value.map(|value| format!("{value} {unit}"));
    let limits = [
        limit(manifest.limits.memory_mib, "MiB memory"),
        limit(manifest.limits.cpu_ms, "ms computing"),
        limit(manifest.limits.wall_ms, "ms by the clock"),
    ];
    let limits: Vec<String> = limits.into_iter().flatten().collect();
    facts(
        &[
            ("plugin", cell(format!("{} {}", manifest.name, manifest.version)).tone(Tone::Strong)),
            ("kind", cell(format!("{} ({})", outline.kind.name(), outline.interface.name()))),
            ("about", cell(&manifest.description)),
            ("requires", or_none(names(&manifest.requires))),
            ("optional", or_none(names(&manifest.optional))),
            (
                "limits",
                cell(if limits.is_empty() {
                    "the host's defaults".to_owned()
                } else {
                    limits.join(", ")
                }),
            ),
            (
                "reused",
                cell(if manifest.reuse { "yes: it leaves the promise of replay" } else { "" }),
            ),
            ("settings", cell(manifest.settings.keys().cloned().collect::<Vec<_>>().join(", "))),
            ("imports", cell(outline.imports.join(", "))),
            ("size", cell(format!("{} KiB", outline.size.div_ceil(1_024)))),
            ("sha256", cell(&outline.sha256)),
        ],
        look,
    )
}

fn switch(connection: &Connection, out: &Out, name: &str, enabled: bool) -> Result<(), Failure> {
    let Some(near) = connection.near()? else {
        return Err(Failure::new("There is no configuration here that says where plugins lie.")
            .hint("name it with `--config`, on the server's machine"));
    };
    let path = near.plugins.join(format!("{name}.toml"));
    let refused = |error: std::io::Error| {
        Failure::new(format!("{} cannot be written: {error}.", path.display())).hint(
            "run this on the server's machine, as a user that may write into the plugins directory",
        )
    };
    let old = old_text(&path).map_err(refused)?;
    std::fs::create_dir_all(&near.plugins).map_err(refused)?;
    write_whole(&path, &with_switch(&old, enabled)).map_err(refused)?;
    let json = json!({ "name": name, "enabled": enabled, "file": path.display().to_string() });
    if out.is_json() {
        out.text(&json.to_string())?;
    }
    let state = if enabled { "on" } else { "off" };
    out.done(&format!(
        "Plugin {name} is switched {state} in {}; a running server sees it within seconds.",
        path.display()
    ));
    out.done(&format!(
        "An `enabled` under [plugin.{name}] in the configuration would win over it."
    ));
    Ok(())
}

fn old_text(path: &Path) -> std::io::Result<String> {
    let mut text = String::new();
    match std::fs::File::open(path) {
        Ok(file) => file.take(SIDECAR_MAX_BYTES).read_to_string(&mut text).map(|_| text),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(text),
        Err(error) => Err(error),
    }
}

/// The sidecar's text with its switch set; everything else, comments too, stays.
fn with_switch(text: &str, enabled: bool) -> String {
    let line = format!("enabled = {enabled}");
    let is_switch = |line: &&str| line.split('=').next().is_some_and(|key| key.trim() == "enabled");
    let top = text.lines().take_while(|line| !line.trim_start().starts_with('['));
    match top.into_iter().find(is_switch) {
        Some(old) => {
            let comment = old.find('#').map_or("", |at| &old[at..]);
            let new = if comment.is_empty() { line } else { format!("{line} {comment}") };
            text.replacen(old, &new, 1)
        }
        None => format!("{line}\n{text}"),
    }
}

/// Whole or not at all: the server must not read half of it. The name begins with a dot, so that it is not looked at.
fn write_whole(path: &Path, text: &str) -> std::io::Result<()> {
    let directory = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new().prefix(".nightbell-").tempfile_in(directory)?;
    file.write_all(text.as_bytes())?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        file.as_file().set_permissions(std::fs::Permissions::from_mode(0o644))?;
    }
    file.as_file().sync_all()?;
    file.persist(path).map(|_| ()).map_err(|error| error.error)
}

#[cfg(test)]
mod tests {
    use super::super::out::{Format, kept};
    use super::*;

    #[test]
    fn the_switch_leaves_the_rest_alone() {
        for (old, enabled, new) in [
            ("", false, "enabled = false\n"),
            (
                "enabled = true # for now\norder = 1\n",
                false,
                "enabled = false # for now\norder = 1\n",
            ),
            ("# mine\norder = 1\nenabled=false\n", true, "# mine\norder = 1\nenabled = true\n"),
            (
                "[settings]\nenabled = true\n",
                false,
                "enabled = false\n[settings]\nenabled = true\n",
            ),
        ] {
            assert_eq!(with_switch(old, enabled), new, "{old}");
        }
    }

    #[test]
    fn a_plugin_is_switched_off_on_disk() {
        let dir = tempfile::tempdir().expect("a directory");
        let config = dir.path().join("nightbell.toml");
        std::fs::write(&config, "plugins = \"mine\"").expect("written");
        let connection = Connection { config: Some(config), ..Connection::default() };
        let (out, ..) = kept::out(Format::Json, jiff::Timestamp::UNIX_EPOCH);
        switch(&connection, &out, "mute", false).expect("written");
        let text = std::fs::read_to_string(dir.path().join("mine/mute.toml")).expect("there");
        assert_eq!(text, "enabled = false\n");
        let files = std::fs::read_dir(dir.path().join("mine")).expect("there").count();
        assert_eq!(files, 1, "nothing else is left behind");
    }

    #[test]
    fn a_name_leads_nowhere_else() {
        for text in ["../mute", "Mute", "", "a/b", ".mute"] {
            assert!(name(text).is_err(), "{text}");
        }
        assert!(name("by-label").is_ok());
    }

    #[test]
    fn a_file_that_is_no_plugin_is_told_why() {
        let dir = tempfile::tempdir().expect("a directory");
        let file = dir.path().join("x.wasm");
        std::fs::write(&file, "hello").expect("written");
        let (out, ..) = kept::out(Format::Json, jiff::Timestamp::UNIX_EPOCH);
        let failure = inspect(&file, &out).expect_err("no plugin");
        assert!(failure.message.contains("is no usable plugin: not WebAssembly"), "{failure}");
    }
}
