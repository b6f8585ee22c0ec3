//! `nightbell plugin build`: from a project to a plugin file. Compiled by the language's own tools, whose messages pass
//! through; made a component and packed with its manifest here.
//!
//! Nothing is installed: what is missing is named, with how to get it.

mod javascript;
mod python;
mod rust;

use super::super::failure::Failure;
use super::super::look::{Look, Tone};
use super::super::out::Out;
use super::super::table::{cell, facts};
use super::project::{Language, Project};
use clap::Args;
use nightbell_pack::{Imports, Outline};
use serde_json::json;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What to build.
#[derive(Args, Clone, Debug)]
pub(in crate::cli) struct BuildArgs {
    /// The project's folder
    #[arg(default_value = ".")]
    dir: PathBuf,
    /// The file to write [default: NAME.wasm in the project's folder]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Keep function names and line tables, so that failures name the line; the file is ten times as large
    #[arg(long)]
    debug: bool,
}

/// What a build is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// To be installed: small.
    Ship,
    /// To be tried: the same code, with line tables.
    Try,
}

/// A built plugin.
#[derive(Debug)]
pub(super) struct Built {
    pub(super) bytes: Vec<u8>,
    pub(super) outline: Outline,
}

/// Does it.
///
/// # Errors
/// See [`Failure`].
pub(super) fn run(args: &BuildArgs, out: &Out) -> Result<(), Failure> {
    let project = Project::open(&args.dir)?;
    let built = build(&project, if args.debug { Purpose::Try } else { Purpose::Ship }, out)?;
    let name = format!("{}.wasm", project.manifest.name);
    let file = args.out.clone().unwrap_or_else(|| args.dir.join(name));
    write_whole(&file, &built.bytes)
        .map_err(|error| Failure::new(format!("{} cannot be written: {error}.", file.display())))?;
    report(&file, &built.outline, out)
}

/// Builds a project, in memory.
///
/// # Errors
/// When a tool is missing, the code does not compile, or what comes out is no plugin.
pub(super) fn build(project: &Project, purpose: Purpose, out: &Out) -> Result<Built, Failure> {
    let (component, imports) = match project.language {
        Language::Rust => (rust::component(project, purpose, out)?, Imports::Used),
        // Their tools make components that import the whole world, used or not.
        Language::JavaScript => (javascript::component(project, out)?, Imports::WholeWorld),
        Language::Python => (python::component(project, out)?, Imports::WholeWorld),
    };
    let packed = nightbell_pack::pack(&component, &project.manifest_text, imports)
        .map_err(|error| Failure::new(format!("It compiles, but is no plugin yet: {error}.")))?;
    let outline = nightbell_pack::inspect(&packed)
        .map_err(|error| Failure::new(format!("What was built is no usable plugin: {error}.")))?;
    Ok(Built { bytes: packed, outline })
}

/// Runs a tool whose messages are for the author: they pass through, and standard output stays ours.
fn run_tool(command: &mut Command, missing: impl Fn() -> Failure) -> Result<(), Failure> {
    let program = command.get_program().to_string_lossy().into_owned();
    let status = command.stdin(Stdio::null()).stdout(std::io::stderr()).status();
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(_) => Err(Failure::new("It does not build; the messages are above.")),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Err(missing()),
        Err(error) => Err(Failure::new(format!("{program} does not start: {error}."))),
    }
}

/// A folder for what a tool makes.
fn scratch() -> Result<tempfile::TempDir, Failure> {
    tempfile::tempdir()
        .map_err(|error| Failure::new(format!("There is no room for temporary files: {error}.")))
}

/// What a tool has made.
fn read_component(file: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(file)
        .map_err(|error| Failure::new(format!("The tool has made nothing: {error}.")))
}

/// Whole or not at all: an engine may watch the folder.
pub(super) fn write_whole(file: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let folder = match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let mut beside = tempfile::Builder::new().prefix(".nightbell-").tempfile_in(folder)?;
    beside.write_all(bytes)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        beside.as_file().set_permissions(std::fs::Permissions::from_mode(0o644))?;
    }
    beside.persist(file).map(drop).map_err(|error| error.error)
}

/// Says what was made.
///
/// # Errors
/// When it cannot be written to the terminal.
pub(super) fn report(file: &Path, outline: &Outline, out: &Out) -> Result<(), Failure> {
    let manifest = &outline.manifest;
    let shown = file.display().to_string();
    let json = json!({
        "name": manifest.name,
        "version": manifest.version,
        "kind": outline.kind.name(),
        "file": shown,
        "size": outline.size,
        "sha256": outline.sha256,
    });
    out.made(&json, |look| page(&shown, outline, look))?;
    out.done(&format!("Next: `nightbell plugin test`, or `nightbell plugin install {shown}`."));
    Ok(())
}

fn page(file: &str, outline: &Outline, look: &Look) -> String {
    let manifest = &outline.manifest;
    let kib = outline.size as f64 / 1024.0;
    facts(
        &[
            ("plugin", cell(format!("{} {}", manifest.name, manifest.version)).tone(Tone::Strong)),
            ("kind", cell(format!("{} ({})", outline.kind.name(), outline.interface.name()))),
            ("file", cell(file)),
            ("size", cell(format!("{kib:.1} KiB"))),
            ("sha256", cell(&outline.sha256)),
        ],
        look,
    )
}
