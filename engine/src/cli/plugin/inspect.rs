//! `nightbell plugin inspect`: what does a plugin file say about itself? Nothing of it runs.

use super::super::failure::Failure;
use super::super::look::{Look, Tone};
use super::super::out::Out;
use super::super::table::{Table, cell, facts};
use nightbell_pack::{AddressForm, Capability, Outline, Setting};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// Does it.
///
/// # Errors
/// See [`Failure`].
pub(super) fn run(file: &Path, out: &Out) -> Result<(), Failure> {
    let shown = file.display();
    let bytes = super::file::read(file)?;
    let outline = nightbell_pack::inspect(&bytes)
        .map_err(|error| Failure::new(format!("{shown} is no usable plugin: {error}.")))?;
    let signature = signature_beside(file);
    let mut json = outline_json(&outline);
    json["signature_file"] = json!(signature.as_ref().map(|path| path.display().to_string()));
    out.made(&json, |look| outline_page(&outline, signature.as_deref(), look))
}

/// A minisign signature beside the file: that there is one. Whether it is good depends on the keys an engine trusts.
fn signature_beside(file: &Path) -> Option<PathBuf> {
    let mut name = file.as_os_str().to_owned();
    name.push(".minisig");
    let path = PathBuf::from(name);
    path.is_file().then_some(path)
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
        "settings": manifest.settings.iter().map(|(name, setting)| setting_json(name, setting)).collect::<Vec<_>>(),
        "address": manifest.address.as_ref().map(address_json),
        "imports": outline.imports,
        "exports": outline.exports,
        "sha256": outline.sha256,
        "size": outline.size,
    })
}

fn types(setting: &Setting) -> String {
    let names: Vec<_> = setting.types.iter().map(|one| one.name()).collect();
    names.join(" or ")
}

fn setting_json(name: &str, setting: &Setting) -> Value {
    json!({
        "name": name,
        "types": setting.types.iter().map(|one| one.name()).collect::<Vec<_>>(),
        "description": setting.description,
        "required": setting.required,
        "default": setting.default,
        "values": setting.values,
    })
}

fn address_json(form: &AddressForm) -> Value {
    json!({
        "label": form.label,
        "hint": form.hint,
        "example": form.example,
        "input": form.input.name(),
        "languages": form.translations.keys().collect::<Vec<_>>(),
    })
}

/// The settings, one a line: what it may be, what it is without, what for.
fn settings_table(outline: &Outline, look: &Look) -> String {
    let mut table = Table::new(&["setting", "type", "default", "about"]);
    for (name, setting) in &outline.manifest.settings {
        let default = match (&setting.default, setting.required) {
            (Some(default), _) => cell(default.to_string()),
            (None, true) => cell("required").tone(Tone::Warn),
            (None, false) => cell(""),
        };
        let values = &setting.values;
        let about = match values.is_empty() {
            true => setting.description.clone(),
            false => format!("{} (one of {})", setting.description, values.join(", ")),
        };
        table.row([
            cell(name).tone(Tone::Strong),
            cell(types(setting)),
            default,
            cell(about.trim()),
        ]);
    }
    table.render(look)
}

fn address_line(form: &AddressForm) -> String {
    let example =
        if form.example.is_empty() { String::new() } else { format!(", such as {}", form.example) };
    let hint = if form.hint.is_empty() { String::new() } else { format!(". {}", form.hint) };
    format!("{} ({}){example}{hint}", form.label, form.input.name())
}

fn outline_page(outline: &Outline, signature: Option<&Path>, look: &Look) -> String {
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
    let size = format!("{:.1} KiB", outline.size as f64 / 1_024.0);
    let page = facts(
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
            ("address", cell(manifest.address.as_ref().map(address_line).unwrap_or_default())),
            ("imports", cell(outline.imports.join(", "))),
            ("exports", cell(outline.exports.join(", "))),
            ("size", cell(size)),
            ("sha256", cell(&outline.sha256)),
            (
                "signature",
                match signature {
                    Some(path) => {
                        cell(format!("{} (checked where it is installed)", path.display()))
                    }
                    None => cell("none beside it").tone(Tone::Quiet),
                },
            ),
        ],
        look,
    );
    if manifest.settings.is_empty() {
        return page;
    }
    format!("{page}\n\n{}", settings_table(outline, look))
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
