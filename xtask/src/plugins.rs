//! `cargo xtask plugins`: builds every plugin under `plugins/`, makes a component of it and packs it with its manifest.
//! For benchmarks the guests under `tests/fixtures/plugins` are built the same way, into a folder of their own, so that
//! none of them is ever shipped.
//!
//! The results lie in `target/plugins/<name>.wasm`, the guests' own target directory is beside it, wherever
//! `CARGO_TARGET_DIR` points for the host: guests never share one with it. When nothing has changed, only cargo looks.
//! Paths of this machine are replaced in the guests, so that panic messages are short and no path travels in a plugin.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::{Context, bail, ensure};
use nightbell_pack::Imports;

use crate::wasm_target;
use nightbell_toolchain::{TARGET, Toolchain, remap_flags};

/// One plugin's folder.
struct Plugin {
    name: String,
    manifest: PathBuf,
}

/// Builds and packs all plugins. Takes no arguments.
pub(crate) fn run(arguments: &[String]) -> anyhow::Result<()> {
    ensure!(arguments.is_empty(), "usage: cargo xtask plugins (it takes no arguments)");
    make("plugins", "target/plugins")
}

/// Builds and packs the guests that only benchmarks call.
pub(crate) fn run_fixtures() -> anyhow::Result<()> {
    make("tests/fixtures/plugins", "target/fixtures")
}

/// Builds and packs the plugins below one folder of the repository into another.
fn make(from: &str, into: &str) -> anyhow::Result<()> {
    let root = crate::root();
    let plugins = find(&root.join(from))?;
    let toolchain = wasm_target::find()?;
    let folder = root.join(into);
    fs::create_dir_all(&folder).with_context(|| format!("create {}", folder.display()))?;

    eprintln!("building {} plugins for {TARGET} ({})", plugins.len(), toolchain.name);
    build(&root, &toolchain, &plugins)?;
    for plugin in &plugins {
        let file = folder.join(format!("{}.wasm", plugin.name));
        pack(plugin, &module(&root, &toolchain, plugin), &file)
            .with_context(|| format!("plugin `{}`", plugin.name))?;
        report(&root, &file)?;
    }
    remove_others(&folder, &plugins)
}

/// The plugins by name: every folder with a `plugin.toml` and a `Cargo.toml`.
fn find(folder: &Path) -> anyhow::Result<Vec<Plugin>> {
    let entries = fs::read_dir(folder).with_context(|| format!("read {}", folder.display()))?;
    let mut plugins = vec![];
    for entry in entries {
        let path = entry?.path();
        let manifest = path.join("plugin.toml");
        if let Some(name) = path.file_name().and_then(|name| name.to_str())
            && manifest.is_file()
            && path.join("Cargo.toml").is_file()
        {
            plugins.push(Plugin { name: name.to_owned(), manifest });
        }
    }
    ensure!(!plugins.is_empty(), "no plugins in {}", folder.display());
    plugins.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(plugins)
}

fn build(root: &Path, toolchain: &Toolchain, plugins: &[Plugin]) -> anyhow::Result<()> {
    let flags = remap_flags(toolchain, &[(root, "nightbell")]);
    let mut cargo = toolchain.cargo(root, &target_dir(root, toolchain), "build", &flags);
    cargo.args(["--profile", "guest", "--lib"]);
    for plugin in plugins {
        cargo.arg("--package").arg(format!("nightbell-plugin-{}", plugin.name));
    }
    let status = cargo.status().context("start cargo")?;
    ensure!(status.success(), "the plugins do not build (cargo's messages are above)");
    Ok(())
}

/// Where guests of this tool chain are compiled: never where the host's own builds lie.
fn target_dir(root: &Path, toolchain: &Toolchain) -> PathBuf {
    root.join(format!("target/guests{}", toolchain.suffix))
}

/// Where cargo leaves the core module.
fn module(root: &Path, toolchain: &Toolchain, plugin: &Plugin) -> PathBuf {
    let library = format!("nightbell_plugin_{}.wasm", plugin.name.replace('-', "_"));
    target_dir(root, toolchain).join(TARGET).join("guest").join(library)
}

/// Writes the plugin's file, unless it was made of exactly what is there now.
fn pack(plugin: &Plugin, module: &Path, file: &Path) -> anyhow::Result<()> {
    let packer = std::env::current_exe().context("find this program")?;
    let stamp_file = file.with_extension("stamp");
    let stamp = stamp(&[module, &plugin.manifest, &packer])?;
    if file.is_file() && fs::read_to_string(&stamp_file).is_ok_and(|old| old == stamp) {
        return Ok(());
    }
    let manifest = fs::read_to_string(&plugin.manifest)
        .with_context(|| format!("read {}", plugin.manifest.display()))?;
    let module = fs::read(module).with_context(|| format!("read {}", module.display()))?;
    let component = nightbell_pack::componentize(&module)?;
    let packed = nightbell_pack::pack(&component, &manifest, Imports::Used)?;
    let outline = nightbell_pack::inspect(&packed)?;
    if outline.manifest.name != plugin.name {
        bail!("plugin.toml says name = `{}`, expected the folder's name", outline.manifest.name);
    }
    // Whoever watches the folder must never see half a file.
    let beside = file.with_extension("wasm.new");
    fs::write(&beside, packed).with_context(|| format!("write {}", beside.display()))?;
    fs::rename(&beside, file).with_context(|| format!("write {}", file.display()))?;
    fs::write(&stamp_file, stamp).with_context(|| format!("write {}", stamp_file.display()))
}

/// Says which files these are, cheaply: path, size and time of change. Comparing times alone would keep the result of
/// one tool chain after a change to the other.
fn stamp(sources: &[&Path]) -> anyhow::Result<String> {
    let mut stamp = String::new();
    for source in sources {
        let about = fs::metadata(source).with_context(|| format!("read {}", source.display()))?;
        let changed = about.modified()?.duration_since(SystemTime::UNIX_EPOCH)?.as_nanos();
        stamp.push_str(&format!("{} {} {changed}\n", source.display(), about.len()));
    }
    Ok(stamp)
}

/// One line per plugin: name, version, kind, size, path.
fn report(root: &Path, file: &Path) -> anyhow::Result<()> {
    let bytes = fs::read(file).with_context(|| format!("read {}", file.display()))?;
    let outline =
        nightbell_pack::inspect(&bytes).with_context(|| format!("check {}", file.display()))?;
    let shown = file.strip_prefix(root).unwrap_or(file).display();
    let manifest = &outline.manifest;
    println!(
        "{:<12} {:<8} {:<8} {:>7.1} KiB  {shown}",
        manifest.name,
        manifest.version,
        outline.kind.name(),
        bytes.len() as f64 / 1024.0,
    );
    Ok(())
}

/// Removes what plugins that are gone have left.
fn remove_others(folder: &Path, plugins: &[Plugin]) -> anyhow::Result<()> {
    for entry in fs::read_dir(folder).with_context(|| format!("read {}", folder.display()))? {
        let path = entry?.path();
        let name = path.file_stem().and_then(|name| name.to_str()).unwrap_or_default();
        let is_plugin = plugins.iter().any(|plugin| plugin.name == name);
        if !is_plugin {
            eprintln!("removing {}: no such plugin any more", path.display());
            fs::remove_file(&path).with_context(|| format!("remove {}", path.display()))?;
        }
    }
    Ok(())
}
