//! `nightbell plugin enable` and `disable`: the switch in a plugin's sidecar.
//!
//! It lies in the plugins directory, which the server watches: the switch works when no server runs too. It grants nothing.

use super::super::connect::Connection;
use super::super::failure::Failure;
use super::super::out::Out;
use super::place;
use serde_json::json;
use std::io::{ErrorKind, Read};
use std::path::Path;

/// Largest sidecar, in bytes.
const SIDECAR_MAX_BYTES: u64 = 1 << 20;

/// Switches a plugin on or off.
///
/// # Errors
/// See [`Failure`].
pub(super) fn switch(
    connection: &Connection,
    out: &Out,
    name: &str,
    enabled: bool,
) -> Result<(), Failure> {
    let directory = place::directory(connection)?;
    let path = directory.join(format!("{name}.toml"));
    let refused = |error: std::io::Error| place::refused(&path, &error);
    let old = old_text(&path).map_err(refused)?;
    std::fs::create_dir_all(&directory).map_err(refused)?;
    place::write_whole(&path, with_switch(&old, enabled).as_bytes()).map_err(refused)?;
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

#[cfg(test)]
mod tests {
    use super::super::super::out::{Format, kept};
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
}
