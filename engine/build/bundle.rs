//! What does `nightbell plugin new` write? The templates and the SDKs' sources, as they lie in the repository, put into the
//! binary: paths in order, so that the same tree makes the same binary.

use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

/// Folders that are made, not written.
const MADE: [&str; 8] =
    ["node_modules", "target", "build", "dist", "test", "tests", "__pycache__", ".venv"];
/// Endings of files that are text.
const TEXT: [&str; 15] = [
    "rs", "toml", "md", "wit", "js", "mjs", "ts", "json", "py", "pyi", "typed", "template", "txt",
    "cfg", "in",
];

/// Rust source with one list per bundle, of paths and texts.
pub(crate) fn source(package: &Path) -> Result<String, Box<dyn Error>> {
    let root = package.join("..");
    let sdk = root.join("plugin-sdk");
    let mut out = String::new();
    list(&mut out, "TEMPLATES", &package.join("templates/plugin"), &[""])?;
    list(&mut out, "RUST_SDK", &sdk, &["Cargo.toml", "README.md", "derive", "src", "wit"])?;
    list(&mut out, "JAVASCRIPT_SDK", &sdk.join("javascript"), &[""])?;
    list(&mut out, "PYTHON_SDK", &sdk.join("python"), &[""])?;
    for (name, file) in [("WORKSPACE_MANIFEST", "Cargo.toml"), ("WORKSPACE_LOCK", "Cargo.lock")] {
        let path = fs::canonicalize(root.join(file))?;
        changed(&path);
        writeln!(out, "static {name}: &str = include_str!({:?});", path.display().to_string())?;
    }
    Ok(out)
}

fn list(out: &mut String, name: &str, folder: &Path, parts: &[&str]) -> Result<(), Box<dyn Error>> {
    let mut files = vec![];
    for part in parts {
        let path = folder.join(part);
        if path.is_dir() {
            walk(&path, part, &mut files)?;
        } else if path.is_file() {
            files.push((*part).to_owned());
        }
    }
    files.sort();
    writeln!(out, "static {name}: &[(&str, &str)] = &[")?;
    for file in files {
        let path = fs::canonicalize(folder.join(&file))?;
        changed(&path);
        writeln!(out, "    ({file:?}, include_str!({:?})),", path.display().to_string())?;
    }
    out.push_str("];\n");
    Ok(())
}

/// The files below a folder, by their path from where the bundle begins.
fn walk(folder: &Path, prefix: &str, files: &mut Vec<String>) -> Result<(), Box<dyn Error>> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = if prefix.is_empty() { name.clone() } else { format!("{prefix}/{name}") };
        let kind = entry.file_type()?;
        if kind.is_dir() && !MADE.contains(&name.as_str()) && !name.ends_with(".egg-info") {
            walk(&entry.path(), &path, files)?;
        } else if kind.is_file() && is_text(&name) {
            files.push(path);
        }
    }
    Ok(())
}

fn is_text(name: &str) -> bool {
    name == "gitignore"
        || Path::new(name)
            .extension()
            .is_some_and(|ending| TEXT.contains(&&*ending.to_string_lossy()))
}

fn changed(path: &Path) {
    println!("cargo::rerun-if-changed={}", path.display());
}
