//! How does a template become a project? Words in `@…@` are replaced; nothing else is.

use super::super::super::failure::Failure;
use super::super::project::Language;
use super::{Made, bundle};
use std::path::Path;

/// What is put in.
pub(super) struct Words<'a> {
    /// The plugin's name.
    pub(super) name: &'a str,
    /// The kind's word.
    pub(super) kind: &'a str,
    /// The SDK of a checkout; `None`: the copy in `sdk`.
    pub(super) sdk: Option<&'a Path>,
}

/// The files of a project without the SDK. Manifest and cases are the same in every language.
///
/// # Errors
/// When this binary has no template for it.
pub(super) fn project(language: Language, words: &Words<'_>) -> Result<Vec<Made>, Failure> {
    let (folder, sources) = match language {
        Language::Rust => ("rust", "src/lib.rs"),
        Language::JavaScript => ("javascript", "src/plugin.js"),
        Language::Python => ("python", "src/plugin.py"),
    };
    if words.sdk.is_none() && !bundle::has_sdk(language) {
        return Err(Failure::new(format!("This binary was built without the {folder} SDK."))
            .hint("build it from a whole checkout, or name one with `--sdk`"));
    }
    let kind = words.kind;
    let own = format!("{folder}/{kind}/");
    let shared = format!("{kind}/");
    let common = format!("{folder}/");
    let mut files = vec![];
    for (path, text) in bundle::templates() {
        let target = if let Some(case) = path.strip_prefix(&shared) {
            if case == "plugin.toml" { case.to_owned() } else { format!("tests/{case}") }
        } else if path.starts_with(&own) {
            sources.to_owned()
        } else if let Some(rest) = path.strip_prefix(&common) {
            match rest {
                "gitignore" => ".gitignore".to_owned(),
                "cases.rs" => "tests/cases.rs".to_owned(),
                rest if rest.contains('/') => continue,
                rest => rest.trim_end_matches(".template").to_owned(),
            }
        } else {
            continue;
        };
        files.push((target, filled(text, language, words)));
    }
    if !files.iter().any(|(path, _)| path == sources) {
        return Err(Failure::new(format!("There is no template of a {kind} in {folder} yet.")));
    }
    Ok(files)
}

fn filled(text: &str, language: Language, words: &Words<'_>) -> String {
    let library = words.name.replace('-', "_");
    let sdk = words.sdk.map_or_else(|| "sdk".to_owned(), |path| path_of(language, path));
    text.replace("@NAME@", words.name)
        .replace("@LIB@", &library)
        .replace("@KIND@", words.kind)
        .replace("@SDKPATH@", &pip_path(&sdk))
        .replace("@SDK@", &sdk)
        .replace("@GRANTS@\n", &grants(words))
        .replace("@SDK_ROW@\n", if words.sdk.is_none() { SDK_ROW } else { "" })
}

/// Where in a checkout a language's SDK lies.
fn path_of(language: Language, checkout: &Path) -> String {
    let path = match language {
        Language::Rust => checkout.to_owned(),
        Language::JavaScript => checkout.join("javascript"),
        Language::Python => checkout.join("python"),
    };
    // A backslash would need an escape in the manifest.
    path.display().to_string().replace('\\', "/")
}

/// As pip takes a folder: with a slash in it.
pub(super) fn pip_path(sdk: &str) -> String {
    if sdk.contains('/') { sdk.to_owned() } else { format!("./{sdk}") }
}

const SDK_ROW: &str = "| `sdk/` | the SDK, a copy from the `nightbell` that made this project: it is not in a package registry yet. Replace the \
                       folder with that of a newer one to update it |\n";

/// What the operator has to say before it runs.
fn grants(words: &Words<'_>) -> String {
    if words.kind != "channel" {
        return String::new();
    }
    let name = words.name;
    format!(
        "It asks for `http`, so it waits until the configuration grants the hosts it may reach:\n\n\
         ```toml\n[plugin.{name}]\nhosts = [\"https://chat.example.org\"]\n```\n\n"
    )
}
