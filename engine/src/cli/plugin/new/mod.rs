//! `nightbell plugin new`: a project that builds, with one example of its kind, cases, and the SDK beside it.
//!
//! `bundle` holds what the binary carries; `fill` puts names into templates; `rust` makes what Rust needs more: the SDK's
//! manifest on its own, and a lock file with the versions this binary was built with. Nothing is downloaded here.

mod bundle;
mod fill;
mod rust;

use super::super::failure::Failure;
use super::super::out::Out;
use super::project::Language;
use clap::{Args, ValueEnum};
use fill::Words;
use std::path::{Path, PathBuf};

/// What a plugin does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum KindArg {
    /// Payloads of a monitor in, events out
    Parser,
    /// Keeps, changes, suppresses or drops events
    Filter,
    /// Says whose an event is, and how loud
    Router,
    /// Brings a notification to an address
    Channel,
}

/// What to make.
#[derive(Args, Clone, Debug)]
pub(in crate::cli) struct NewArgs {
    /// The plugin's name: lower-case letters, digits and hyphens, beginning with a letter
    #[arg(value_parser = name)]
    name: String,
    /// What it does
    #[arg(long, value_enum)]
    kind: KindArg,
    /// In which language
    #[arg(long, value_enum, default_value = "rust")]
    lang: Language,
    /// Where; must not exist yet, or be empty [default: a folder of the plugin's name]
    #[arg(long)]
    dir: Option<PathBuf>,
    /// Use the SDK of a checkout of Nightbell instead of a copy: its `plugin-sdk` folder
    #[arg(long, value_name = "PATH")]
    sdk: Option<PathBuf>,
}

impl KindArg {
    fn word(self) -> &'static str {
        match self {
            Self::Parser => "parser",
            Self::Filter => "filter",
            Self::Router => "router",
            Self::Channel => "channel",
        }
    }
}

fn name(text: &str) -> Result<String, String> {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    let begins = text.bytes().next().is_some_and(|b| b.is_ascii_lowercase());
    let ends = !text.ends_with('-');
    let fits = begins && ends && text.len() <= 63 && text.bytes().all(plain);
    let expected = "expected lower-case letters, digits and hyphens, beginning with a letter";
    if fits { Ok(text.to_owned()) } else { Err(expected.to_owned()) }
}

/// A file to write: its path in the project, and its text.
type Made = (String, String);

/// Does it.
///
/// # Errors
/// When something is there already, cannot be written, or this binary carries no SDK for the language.
pub(super) fn run(args: &NewArgs, out: &Out) -> Result<(), Failure> {
    let folder = args.dir.clone().unwrap_or_else(|| PathBuf::from(&args.name));
    check_empty(&folder)?;
    let sdk = args.sdk.as_deref().map(checkout).transpose()?;
    let files = files(args, sdk.as_deref())?;
    for (path, text) in &files {
        write(&folder.join(path), text)?;
    }
    let shown = folder.display();
    let json = serde_json::json!({
        "name": args.name,
        "folder": shown.to_string(),
        "files": files.iter().map(|(path, _)| path).collect::<Vec<_>>(),
    });
    if out.is_json() {
        return out.text(&format!("{json:#}"));
    }
    out.done(&format!("Made {} {} in {shown}:", article(args.kind), args.name));
    for (path, about) in shown_files(args.lang) {
        out.done(&format!("  {path:<22} {about}"));
    }
    out.done("\nNext:");
    for command in next(args, &shown.to_string()) {
        out.done(&format!("  {command}"));
    }
    Ok(())
}

/// Everything that is written.
fn files(args: &NewArgs, sdk: Option<&Path>) -> Result<Vec<Made>, Failure> {
    let words = Words { name: &args.name, kind: args.kind.word(), sdk };
    let mut files = fill::project(args.lang, &words)?;
    match (args.lang, sdk) {
        (Language::Rust, sdk) => {
            files.push(("Cargo.lock".to_owned(), rust::lock(&args.name)?));
            if sdk.is_none() {
                files.extend(rust::sdk()?);
            }
        }
        (Language::JavaScript | Language::Python, Some(_)) => {}
        (language, None) => files.extend(bundle::sdk_of(language)),
    }
    files.sort();
    Ok(files)
}

fn check_empty(folder: &Path) -> Result<(), Failure> {
    let shown = folder.display();
    match std::fs::read_dir(folder).map(|mut entries| entries.next().is_some()) {
        Ok(true) => Err(Failure::new(format!("{shown} is there already, and not empty."))
            .hint("name another folder with `--dir`")),
        Ok(false) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(Failure::new(format!("{shown} cannot be read: {error}."))),
    }
}

/// The SDK of a checkout, or why it is none.
fn checkout(path: &Path) -> Result<PathBuf, Failure> {
    let shown = path.display();
    let real = path.canonicalize();
    let real = real.map_err(|error| Failure::new(format!("{shown} cannot be read: {error}.")))?;
    if real.join("wit/nightbell.wit").is_file() {
        return Ok(real);
    }
    Err(Failure::new(format!("{shown} is no SDK of Nightbell: it has no wit/nightbell.wit."))
        .hint("name the `plugin-sdk` folder of a checkout"))
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    let folder = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)
        .and_then(|()| std::fs::write(path, text))
        .map_err(|error| Failure::new(format!("{} cannot be written: {error}.", path.display())))
}

fn article(kind: KindArg) -> String {
    format!("a {}", kind.word())
}

/// What an author looks at first.
fn shown_files(language: Language) -> Vec<(&'static str, &'static str)> {
    let source = match language {
        Language::Rust => "src/lib.rs",
        Language::JavaScript => "src/plugin.js",
        Language::Python => "src/plugin.py",
    };
    vec![
        (source, "the plugin"),
        ("plugin.toml", "its manifest: what it asks for, its settings"),
        ("tests/cases/*.toml", "one promise each: what comes in, what must come out"),
        ("README.md", "what to run"),
    ]
}

fn next(args: &NewArgs, folder: &str) -> Vec<String> {
    let mut commands = vec![format!("cd {folder}")];
    match args.lang {
        Language::Rust => {}
        Language::JavaScript => commands.push("npm install".to_owned()),
        Language::Python => {
            let sdk = args.sdk.as_ref().map(|sdk| format!("{}/python", sdk.display()));
            let sdk = sdk.unwrap_or_else(|| "./sdk".to_owned());
            commands
                .push(format!("python3 -m venv .venv && .venv/bin/pip install \"{sdk}[build]\""));
        }
    }
    commands.push("nightbell plugin test".to_owned());
    commands.push(format!("nightbell plugin build        # makes {}.wasm", args.name));
    commands
}

#[cfg(test)]
mod tests;
