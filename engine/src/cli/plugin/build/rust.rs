//! A Rust project into a component: cargo and the wasm target, nothing else.

use super::super::super::failure::Failure;
use super::super::super::out::Out;
use super::super::project::Project;
use super::Purpose;
use nightbell_toolchain::{FindError, TARGET, Toolchain, find, remap_flags};
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The release profile with line tables: made on cargo's command line, so that a project needs no second profile.
const TRY_PROFILE: &str = "nightbell-try";
const TRY_SETTINGS: [&str; 3] =
    ["inherits=\"release\"", "debug=\"line-tables-only\"", "strip=\"none\""];

/// Compiles the project's library and makes a component of it.
///
/// # Errors
/// When there is no compiler for guests (with the ways to get one), or the code does not compile.
pub(super) fn component(
    project: &Project,
    purpose: Purpose,
    out: &Out,
) -> Result<Vec<u8>, Failure> {
    let toolchain = find().map_err(|error| missing(&error))?;
    out.done(&format!("Compiling {} for {TARGET} ({})", project.manifest.name, toolchain.name));
    let module = module(project, purpose, &toolchain)?;
    let bytes = std::fs::read(&module)
        .map_err(|error| Failure::new(format!("{} cannot be read: {error}.", module.display())))?;
    nightbell_pack::componentize(&bytes).map_err(|error| {
        Failure::new(format!("It compiles, but is no plugin: {error}."))
            .hint("`nightbell_plugin::export!` at the crate's root makes it one")
    })
}

fn missing(error: &FindError) -> Failure {
    let said = error.to_string();
    let mut letters = said.chars();
    let first = letters.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    let ways = error.ways();
    Failure::new(format!("{first}{}.", letters.as_str())).hint(ways.join("\n      "))
}

/// Where cargo left the core module.
fn module(project: &Project, purpose: Purpose, toolchain: &Toolchain) -> Result<PathBuf, Failure> {
    let folder = &project.folder;
    let remaps = remaps(folder);
    let remaps: Vec<_> = remaps.iter().map(|(from, to)| (from.as_path(), to.as_str())).collect();
    let flags = remap_flags(toolchain, &remaps);
    let mut cargo = toolchain.cargo(folder, &target_dir(folder, toolchain), "build", &flags);
    cargo.args(["--lib", "--message-format=json-render-diagnostics"]);
    match purpose {
        Purpose::Ship => cargo.arg("--release"),
        Purpose::Try => {
            for setting in TRY_SETTINGS {
                cargo.arg("--config").arg(format!("profile.{TRY_PROFILE}.{setting}"));
            }
            cargo.args(["--profile", TRY_PROFILE])
        }
    };
    let artifact = made(&mut cargo)?;
    artifact.ok_or_else(|| {
        Failure::new("Cargo has built no WebAssembly module.")
            .hint("Cargo.toml needs `[lib]` with `crate-type = [\"cdylib\", \"rlib\"]`")
    })
}

/// Runs cargo; answers the module that it names last, which is the project's own. Diagnostics go to standard error.
fn made(cargo: &mut Command) -> Result<Option<PathBuf>, Failure> {
    let no_start = |error: std::io::Error| Failure::new(format!("Cargo does not start: {error}."));
    let child = cargo.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::inherit()).spawn();
    let mut child = child.map_err(no_start)?;
    let stdout = child.stdout.take().expect("its standard output is a pipe");
    let mut module = None;
    for line in BufReader::new(stdout).lines().map_while(Result::ok) {
        if let Some(path) = serde_json::from_str(&line).ok().as_ref().and_then(wasm_of) {
            module = Some(path);
        }
    }
    let status = child.wait().map_err(no_start)?;
    if !status.success() {
        return Err(Failure::new("It does not compile; cargo's messages are above."));
    }
    Ok(module)
}

/// The WebAssembly file of an artifact's message.
fn wasm_of(message: &Value) -> Option<PathBuf> {
    if message.get("reason")?.as_str()? != "compiler-artifact" {
        return None;
    }
    let mut names = message.get("filenames")?.as_array()?.iter().filter_map(Value::as_str);
    names.rfind(|name| name.ends_with(".wasm")).map(PathBuf::from)
}

/// The project's own target directory, apart from what is built for this machine; or the one the author asks for.
fn target_dir(folder: &Path, toolchain: &Toolchain) -> PathBuf {
    let name = format!("guests{}", toolchain.suffix);
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(target) => folder.join(target).join(name),
        None => folder.join("target").join(name),
    }
}

/// The project becomes nothing, so that its files read `src/lib.rs`; crates beside it become their names.
fn remaps(folder: &Path) -> Vec<(PathBuf, String)> {
    let mut remaps = vec![(folder.to_owned(), String::new())];
    let manifest = std::fs::read_to_string(folder.join("Cargo.toml")).unwrap_or_default();
    let manifest: toml::Table = manifest.parse().unwrap_or_default();
    let dependencies = manifest.get("dependencies").and_then(toml::Value::as_table);
    for (name, dependency) in dependencies.into_iter().flatten() {
        let path = dependency.get("path").and_then(toml::Value::as_str);
        if let Some(real) = path.and_then(|path| folder.join(path).canonicalize().ok()) {
            remaps.push((real, name.clone()));
        }
    }
    remaps
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_said_with_both_ways() {
        let failure = missing(&FindError::NoTarget { has_rustup: true });
        assert_eq!(failure.message, "No compiler for wasm32-unknown-unknown here.");
        let hint = failure.hint.expect("ways");
        assert!(hint.contains("rustup target add"), "{hint}");
        assert!(hint.contains("apt-get install rustc-web"), "{hint}");
    }

    #[test]
    fn the_module_is_read_from_cargo_s_messages() {
        let message = serde_json::json!({
            "reason": "compiler-artifact",
            "filenames": ["/t/release/plugin_x.wasm", "/t/release/libplugin_x.rlib"],
        });
        assert_eq!(wasm_of(&message), Some(PathBuf::from("/t/release/plugin_x.wasm")));
        assert_eq!(wasm_of(&serde_json::json!({ "reason": "build-finished" })), None);
    }

    #[test]
    fn no_path_of_this_machine_travels() {
        let dir = tempfile::tempdir().expect("a directory");
        let text = "[dependencies]\nnightbell-plugin = { path = 'sdk' }\nserde = '1'\n";
        std::fs::write(dir.path().join("Cargo.toml"), text).expect("written");
        std::fs::create_dir(dir.path().join("sdk")).expect("made");
        let remaps = remaps(dir.path());
        assert_eq!(remaps[0], (dir.path().to_owned(), String::new()));
        assert_eq!(remaps[1].1, "nightbell-plugin");
        assert_eq!(remaps.len(), 2);
    }
}
