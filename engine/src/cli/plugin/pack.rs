//! `nightbell plugin pack`: from what any compiler made to a plugin file: a module that was written against the contract, or a
//! component made by its language's own tools.

use super::super::failure::Failure;
use super::super::out::Out;
use super::build::{report, write_whole};
use super::file;
use clap::Args;
use nightbell_pack::{Imports, componentize_by_hand, inspect, pack};
use std::path::PathBuf;

/// What to pack.
#[derive(Args, Clone, Debug)]
pub(in crate::cli) struct PackArgs {
    /// A WebAssembly module or component
    file: PathBuf,
    /// Its manifest
    #[arg(long, value_name = "FILE", default_value = "plugin.toml")]
    manifest: PathBuf,
    /// The file to write [default: NAME.wasm here]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Does it.
///
/// # Errors
/// See [`Failure`].
pub(super) fn run(args: &PackArgs, out: &Out) -> Result<(), Failure> {
    let shown = args.manifest.display();
    let manifest = String::from_utf8(file::read(&args.manifest)?)
        .map_err(|_| Failure::new(format!("{shown} is no text in UTF-8.")))?;
    let code = file::read(&args.file)?;
    let shown = args.file.display();
    let refused = |error| Failure::new(format!("{shown} is no plugin yet: {error}."));
    // The fifth byte of a file tells a module (1) from a component.
    let is_module = code.starts_with(b"\0asm") && code.get(4) == Some(&1);
    let component = if is_module { componentize_by_hand(&code).map_err(refused)? } else { code };
    let packed = pack(&component, &manifest, Imports::WholeWorld).map_err(refused)?;
    let outline = inspect(&packed)
        .map_err(|error| Failure::new(format!("{shown} is no usable plugin: {error}.")))?;
    let to = args.out.clone().unwrap_or_else(|| format!("{}.wasm", outline.manifest.name).into());
    write_whole(&to, &packed)
        .map_err(|error| Failure::new(format!("{} cannot be written: {error}.", to.display())))?;
    report(&to, &outline, out)
}
