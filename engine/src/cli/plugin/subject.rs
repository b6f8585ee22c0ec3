//! Which plugin is to be tried: a file as it is, or a project, built with line tables?

use super::super::failure::Failure;
use super::super::out::Out;
use super::build::{self, Purpose};
use super::file;
use super::project::Project;
use crate::plugin::{Count, Piece, Workshop, WorkshopError};
use std::path::{Path, PathBuf};

/// A plugin file's bytes, and where they are from.
pub(super) struct Subject {
    pub(super) bytes: Vec<u8>,
    /// The project's folder, when it is one.
    pub(super) project: Option<PathBuf>,
    /// What to call it in messages.
    shown: String,
}

impl Subject {
    /// A file, or a folder that is built first.
    ///
    /// # Errors
    /// When it cannot be read or does not build.
    pub(super) fn open(path: &Path, out: &Out) -> Result<Self, Failure> {
        let shown = path.display().to_string();
        if !path.is_dir() {
            return Ok(Self { bytes: file::read(path)?, project: None, shown });
        }
        let project = Project::open(path)?;
        let bytes = build::build(&project, Purpose::Try, out)?.bytes;
        Ok(Self { bytes, project: Some(project.folder), shown })
    }

    /// Compiles it for this machine.
    ///
    /// # Errors
    /// When it is no plugin, or does not fit this engine.
    pub(super) fn load(&self, count: Count) -> Result<Piece, Failure> {
        let refused = |error: WorkshopError| match error {
            WorkshopError::Engine(_) => Failure::new(format!("{}.", sentence(&error.to_string()))),
            error => Failure::new(format!("{} cannot be tried: {error}.", self.shown)),
        };
        let workshop = Workshop::open(&cache_dir(), count).map_err(refused)?;
        workshop.load(&self.bytes).map_err(refused)
    }
}

/// Where compiled plugins are kept between two runs. Without a home they are kept for one.
fn cache_dir() -> PathBuf {
    let absolute =
        |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|p| p.is_absolute());
    let base = absolute("XDG_CACHE_HOME").or_else(|| Some(absolute("HOME")?.join(".cache")));
    match base {
        Some(base) => base.join("nightbell/plugins"),
        None => std::env::temp_dir().join(format!("nightbell-plugins-{}", std::process::id())),
    }
}

fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}", letters.as_str())
}
