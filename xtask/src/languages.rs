//! The examples in other languages than Rust: `target/languages/<name>.wasm`, each built by its SDK's own command and packed
//! with its manifest. A file is built again only when its sources, the SDK or the tools have changed. The SDKs' types are checked
//! along with them.
//!
//! JavaScript's tools come from npm into `target/languages/node_modules`, as the SDK's lock file says; Python's are in the
//! environment of `tests/requirements.txt`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, ensure};
use nightbell_pack::Imports;

use crate::steps::{run, succeeds};
use crate::{apt, root};

const JAVASCRIPT: &str = "plugin-sdk/javascript";
const PYTHON: &str = "plugin-sdk/python";
/// The oldest node that runs the JavaScript SDK.
const NODE_MIN: u32 = 20;

/// An example: its folder, and what builds it.
struct Example {
    folder: &'static str,
    sdk: &'static str,
}

const EXAMPLES: [Example; 2] = [
    Example { folder: "examples/javascript-filter-flapping", sdk: JAVASCRIPT },
    Example { folder: "examples/python-parser-backup", sdk: PYTHON },
];

/// `cargo xtask languages`. Takes no arguments.
pub(crate) fn run_languages(arguments: &[String]) -> anyhow::Result<()> {
    ensure!(arguments.is_empty(), "usage: cargo xtask languages (it takes no arguments)");
    crate::python::prepare()?;
    prepare()
}

/// Installs the tools and builds what has changed.
pub(crate) fn prepare() -> anyhow::Result<()> {
    let folder = crate::cargo::target_dir().join("languages");
    fs::create_dir_all(&folder).with_context(|| format!("create {}", folder.display()))?;
    install_node_tools(&root().join(JAVASCRIPT), &folder)?;
    for example in &EXAMPLES {
        make(example, &folder).with_context(|| example.folder.to_owned())?;
    }
    crate::types::check()
}

/// The example in C as a module, `target/languages/quiet.module`: the command of its page, with Debian's compiler.
pub(crate) fn compile_c() -> anyhow::Result<()> {
    let (clang, source) = ("clang-14", root().join("examples/c-filter/quiet.c"));
    if !succeeds(Command::new(clang).arg("--version"))
        || !succeeds(Command::new("wasm-ld-14").arg("--version"))
    {
        apt::install(&["clang-14", "lld-14"])?;
    }
    let module = crate::cargo::target_dir().join("languages/quiet.module");
    let flags = ["--target=wasm32", "-O2", "-Wall", "-Werror", "-nostdlib", "-Wl,--no-entry", "-o"];
    run(Command::new(clang).args(flags).arg(&module).arg(source))
}

/// What the lock file in `pins` says, and nothing else; no script of a package runs.
pub(crate) fn install_node_tools(pins: &Path, folder: &Path) -> anyhow::Result<()> {
    check_node()?;
    let mut wanted = String::new();
    for name in ["package.json", "package-lock.json"] {
        let text = read(&pins.join(name))?;
        fs::write(folder.join(name), &text).with_context(|| format!("write {name}"))?;
        wanted.push_str(&text);
    }
    // Written last, so that a half-made folder is made again.
    let stamp = folder.join("node.installed");
    if folder.join("node_modules").is_dir()
        && fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted)
    {
        return Ok(());
    }
    let mut npm = Command::new("npm");
    // Not `npm ci`: it refuses a lock file that lacks a package for another platform, which not every registry has.
    let how = ["install", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"];
    npm.current_dir(folder).args(how);
    run(&mut npm).with_context(|| format!("install what {} pins", pins.display()))?;
    fs::write(&stamp, wanted).with_context(|| format!("write {}", stamp.display()))
}

fn check_node() -> anyhow::Result<()> {
    let there = || {
        succeeds(Command::new("node").arg("--version"))
            && succeeds(Command::new("npm").arg("--version"))
    };
    if !there() {
        apt::install(&["nodejs", "npm"])?;
    }
    let said = Command::new("node").arg("--version").output().context("start node")?;
    let said = String::from_utf8_lossy(&said.stdout).trim().to_owned();
    let major = said.strip_prefix('v').and_then(|version| version.split('.').next()?.parse().ok());
    ensure!(
        major.is_some_and(|major: u32| major >= NODE_MIN),
        "node is `{said}`, expected {NODE_MIN} or newer: install it and try again"
    );
    Ok(())
}

/// Builds and packs one example, unless it was made of exactly what is there now.
fn make(example: &Example, folder: &Path) -> anyhow::Result<()> {
    let project = root().join(example.folder);
    let manifest = read(&project.join("plugin.toml"))?;
    let name = nightbell_pack::Manifest::parse(&manifest)?.name;
    let (file, component) =
        (folder.join(format!("{name}.wasm")), folder.join(format!("{name}.component")));
    let stamp_file = file.with_extension("stamp");
    let stamp = stamp(example)?;
    if file.is_file() && fs::read_to_string(&stamp_file).is_ok_and(|old| old == stamp) {
        return Ok(());
    }
    run(&mut builder(example, folder, &component))?;
    let made = fs::read(&component).with_context(|| format!("read {}", component.display()))?;
    let packed = nightbell_pack::pack(&made, &manifest, Imports::WholeWorld)?;
    fs::write(&file, packed).with_context(|| format!("write {}", file.display()))?;
    fs::remove_file(&component).with_context(|| format!("remove {}", component.display()))?;
    fs::write(&stamp_file, stamp).with_context(|| format!("write {}", stamp_file.display()))
}

/// The SDK's own command, as an author would call it.
fn builder(example: &Example, folder: &Path, component: &Path) -> Command {
    let sdk = root().join(example.sdk);
    let mut command = match example.sdk {
        JAVASCRIPT => {
            let mut node = Command::new("node");
            node.arg(sdk.join("bin/nightbell-plugin.js")).arg("build");
            node.env("NODE_PATH", folder.join("node_modules"));
            node
        }
        _ => {
            let mut python = Command::new(crate::cargo::target_dir().join("venv/bin/python"));
            python.args(["-m", "nightbell_plugin.build"]).env("PYTHONPATH", sdk);
            python.env("PYTHONDONTWRITEBYTECODE", "1");
            python
        }
    };
    command.arg("--project").arg(root().join(example.folder)).arg("--out").arg(component);
    command
}

/// All that a component is made of: names and contents of the sources and of the SDK, whose files pin the tools.
fn stamp(example: &Example) -> anyhow::Result<String> {
    let mut parts = vec![];
    for (place, ours) in [
        (example.folder, &["src", "plugin.toml"][..]),
        (JAVASCRIPT, &["src", "bin", "wit", "index.js", "package.json", "package-lock.json"]),
        (PYTHON, &["nightbell_plugin", "pyproject.toml"]),
    ] {
        if place != example.folder && place != example.sdk {
            continue;
        }
        for name in ours {
            collect(&root().join(place).join(name), &mut parts)?;
        }
    }
    parts.sort();
    let tools = read(&root().join("tests/requirements.txt"))?;
    let mut stamp: String = tools
        .lines()
        .filter(|tool| tool.starts_with("componentize-py"))
        .map(|t| format!("{t}\n"))
        .collect();
    for part in parts {
        let text = fs::read(&part).with_context(|| format!("read {}", part.display()))?;
        let shown = part.strip_prefix(root()).unwrap_or(&part).display().to_string();
        stamp.push_str(&format!("{shown} {} {:016x}\n", text.len(), fnv(&text)));
    }
    Ok(stamp)
}

fn collect(path: &Path, into: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    if path.is_file() {
        into.push(path.to_owned());
        return Ok(());
    }
    for entry in fs::read_dir(path).with_context(|| format!("read {}", path.display()))? {
        let entry = entry?.path();
        if entry.file_name().is_some_and(|name| name != "__pycache__") {
            collect(&entry, into)?;
        }
    }
    Ok(())
}

/// FNV-1a: it tells a changed file from an unchanged one, and guards against nobody.
fn fnv(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

fn read(path: &Path) -> anyhow::Result<String> {
    fs::read_to_string(path).with_context(|| format!("read {}", path.display()))
}
