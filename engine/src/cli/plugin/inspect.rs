//! `nightbell plugin inspect`: what does a plugin file say about itself? Nothing of it runs.

use super::super::failure::Failure;
use super::super::look::{Look, Tone};
use super::super::out::Out;
use super::super::table::{cell, facts};
use nightbell_pack::{Capability, Outline};
use serde_json::{Value, json};
use std::path::Path;

/// Does it.
///
/// # Errors
/// See [`Failure`].
pub(super) fn run(file: &Path, out: &Out) -> Result<(), Failure> {
    let shown = file.display();
    let bytes = super::file::read(file)?;
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

#[cfg(test)]
mod tests {
    use super::super::super::out::{Format, kept};
    use super::*;

    #[test]
    fn a_file_that_is_no_plugin_is_told_why() {
        let dir = tempfile::tempdir().expect("a directory");
        let file = dir.path().join("x.wasm");
        std::fs::write(&file, "hello").expect("written");
        let (out, ..) = kept::out(Format::Json, jiff::Timestamp::UNIX_EPOCH);
        let failure = run(&file, &out).expect_err("no plugin");
        assert!(failure.message.contains("is no usable plugin: not WebAssembly"), "{failure}");
    }
}
