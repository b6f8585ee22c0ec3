//! What is in this folder: a plugin's project in which language, with what manifest?

use super::super::failure::Failure;
use clap::ValueEnum;
use nightbell_pack::{MANIFEST_MAX_BYTES, Manifest};
use std::io::Read;
use std::path::{Path, PathBuf};

/// A language with an SDK.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Language {
    /// `Cargo.toml`.
    Rust,
    /// `package.json`.
    #[value(name = "javascript", alias = "js")]
    JavaScript,
    /// `pyproject.toml` or `requirements.txt`.
    #[value(alias = "py")]
    Python,
}

/// A plugin's folder.
#[derive(Debug)]
pub(super) struct Project {
    /// Where it lies, without `..` and links.
    pub(super) folder: PathBuf,
    pub(super) language: Language,
    /// The text of plugin.toml.
    pub(super) manifest_text: String,
    pub(super) manifest: Manifest,
}

/// The files that tell a language.
const SIGNS: [(&str, Language); 4] = [
    ("Cargo.toml", Language::Rust),
    ("package.json", Language::JavaScript),
    ("pyproject.toml", Language::Python),
    ("requirements.txt", Language::Python),
];

impl Project {
    /// Looks at a folder.
    ///
    /// # Errors
    /// When it is no project, or its manifest is wrong.
    pub(super) fn open(folder: &Path) -> Result<Self, Failure> {
        let shown = folder.display();
        let folder = folder
            .canonicalize()
            .map_err(|error| Failure::new(format!("{shown} cannot be read: {error}.")))?;
        let file = folder.join("plugin.toml");
        let no_project = |error: std::io::Error| {
            Failure::new(format!("{} cannot be read: {error}.", file.display()))
                .hint("a plugin's project has a plugin.toml; `nightbell plugin new NAME --kind KIND` makes one")
        };
        let manifest_text = bounded_text(&file).map_err(no_project)?;
        let manifest = Manifest::parse(&manifest_text)
            .map_err(|error| Failure::new(format!("{}: {error}.", file.display())))?;
        let language = SIGNS.iter().find(|(sign, _)| folder.join(sign).is_file());
        let Some((_, language)) = language else {
            let signs: Vec<&str> = SIGNS.iter().map(|(sign, _)| *sign).collect();
            return Err(Failure::new(format!(
                "{shown} has a plugin.toml, but none of {}: its language is not known.",
                signs.join(", ")
            )));
        };
        Ok(Self { folder, language: *language, manifest_text, manifest })
    }
}

fn bounded_text(file: &Path) -> std::io::Result<String> {
    let mut text = String::new();
    // One byte more than allowed, so that the manifest's own check says that it is too large.
    let most = MANIFEST_MAX_BYTES as u64 + 1;
    std::fs::File::open(file)?.take(most).read_to_string(&mut text)?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_tells_its_language_or_what_is_missing() {
        let dir = tempfile::tempdir().expect("a directory");
        let failure = Project::open(dir.path()).expect_err("empty");
        assert!(
            failure.hint.is_some_and(|hint| hint.contains("plugin new")),
            "{}",
            failure.message
        );
        let manifest = "name='x'\nversion='1.0.0'\nkind='filter'\ndescription='d'";
        std::fs::write(dir.path().join("plugin.toml"), manifest).expect("written");
        let failure = Project::open(dir.path()).expect_err("no language");
        assert!(failure.message.contains("none of Cargo.toml, package.json"), "{failure}");
        std::fs::write(dir.path().join("package.json"), "{}").expect("written");
        let project = Project::open(dir.path()).expect("a project");
        assert_eq!((project.language, project.manifest.name.as_str()), (Language::JavaScript, "x"));
        std::fs::write(dir.path().join("plugin.toml"), "name='X'").expect("written");
        assert!(
            Project::open(dir.path()).expect_err("wrong").message.contains("plugin.toml: manifest")
        );
    }
}
