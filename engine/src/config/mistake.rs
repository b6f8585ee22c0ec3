//! What is wrong with a configuration, and where. How that looks on a terminal is [`render`](super::render)'s.

use super::render;
use super::source::Source;
use serde::Serialize;
use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::fmt;
use std::ops::Deref;

/// A stretch of one file's text, in bytes, half-open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Mark {
    /// Index of the file.
    pub(super) file: usize,
    /// First byte.
    pub(super) start: usize,
    /// After the last byte.
    pub(super) end: usize,
}

/// A value and where it was written.
#[derive(Clone, Debug)]
pub(super) struct At<T> {
    pub(super) value: T,
    pub(super) at: Mark,
}

impl<T> Deref for At<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.value
    }
}

/// Whether a configuration with it can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Gravity {
    /// It cannot.
    Error,
    /// It can, but probably does not say what was meant.
    Warning,
}

/// One finding.
#[derive(Clone)]
pub(super) struct Mistake {
    pub(super) gravity: Gravity,
    /// What was expected and what came, in one line.
    pub(super) message: String,
    /// `None`: it concerns no place in a file.
    pub(super) at: Option<Mark>,
    /// A few words beside the caret.
    pub(super) label: String,
    /// Other places that belong to it, each with a few words.
    pub(super) also: Vec<(Mark, String)>,
    /// What to do.
    pub(super) hint: String,
}

impl Mistake {
    pub(super) fn error(at: impl Into<Option<Mark>>, message: impl Into<String>) -> Self {
        Self {
            gravity: Gravity::Error,
            message: message.into(),
            at: at.into(),
            label: String::new(),
            also: Vec::new(),
            hint: String::new(),
        }
    }

    pub(super) fn warning(at: impl Into<Option<Mark>>, message: impl Into<String>) -> Self {
        Self { gravity: Gravity::Warning, ..Self::error(at, message) }
    }

    pub(super) fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    pub(super) fn also(mut self, at: Mark, label: impl Into<String>) -> Self {
        self.also.push((at, label.into()));
        self
    }

    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = hint.into();
        self
    }
}

/// Collects what is found, so that one run reports everything.
#[derive(Default)]
pub(super) struct Report {
    list: RefCell<Vec<Mistake>>,
    broken: RefCell<BTreeSet<usize>>,
    silent: Cell<bool>,
    lost: Cell<bool>,
}

impl Report {
    /// Adds a finding.
    ///
    /// In a file that could not be read as TOML, only the first reason counts: what follows from it would mislead.
    pub(super) fn add(&self, mistake: Mistake) {
        let follows = self.silent.get()
            && mistake.at.is_some_and(|mark| self.broken.borrow().contains(&mark.file));
        if !follows {
            self.list.borrow_mut().push(mistake);
        }
    }

    /// Notes that a file could not be read as TOML.
    pub(super) fn broken(&self, file: usize) {
        self.broken.borrow_mut().insert(file);
    }

    /// Files are read again: what is not TOML in them counts.
    pub(super) fn begin_syntax(&self) {
        self.silent.set(false);
    }

    /// From now on, findings in broken files are consequences.
    pub(super) fn end_of_syntax(&self) {
        self.silent.set(true);
    }

    /// Notes that something that may define names could not be read.
    pub(super) fn lost_names(&self) {
        self.lost.set(true);
    }

    /// Whether every name that is defined is known, so that a missing one is a mistake.
    pub(super) fn knows_all_names(&self) -> bool {
        self.broken.borrow().is_empty() && !self.lost.get()
    }

    /// Everything found, by place.
    pub(super) fn finish(self, sources: Vec<Source>) -> Mistakes {
        let mut list = self.list.into_inner();
        list.sort_by_key(|mistake| (mistake.at, mistake.gravity));
        Mistakes { list, sources }
    }
}

/// Everything found in a configuration, in the order of files and lines.
///
/// Displays as text without colour, 100 columns wide. Values that may be secret are shown as `***`.
#[derive(Clone)]
pub struct Mistakes {
    pub(super) list: Vec<Mistake>,
    pub(super) sources: Vec<Source>,
}

/// One finding as data, for machines.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Error or warning.
    pub gravity: Gravity,
    /// File as given; `None`: it concerns no place in a file.
    pub file: Option<String>,
    /// From 1.
    pub line: Option<usize>,
    /// In characters, from 1.
    pub column: Option<usize>,
    /// What was expected and what came.
    pub message: String,
    /// What to do; may be empty.
    pub hint: String,
}

impl Mistakes {
    /// How many make the configuration unusable.
    pub fn errors(&self) -> usize {
        self.list.iter().filter(|mistake| mistake.gravity == Gravity::Error).count()
    }

    /// How many do not.
    pub fn warnings(&self) -> usize {
        self.list.len() - self.errors()
    }

    /// Whether there is nothing to say.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Text for people: each finding with file, line, column, caret and hint, and a last line that counts them.
    ///
    /// Empty when there is nothing to say. `width` in columns; source lines that are longer are cut around the caret.
    pub fn render(&self, color: bool, width: usize) -> String {
        render::render(self, color, width)
    }

    /// The findings as data.
    pub fn findings(&self) -> Vec<Finding> {
        self.list.iter().map(|mistake| render::finding(mistake, &self.sources)).collect()
    }
}

impl fmt::Display for Mistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(false, 100))
    }
}

/// As it displays: the texts it holds may contain secrets.
impl fmt::Debug for Mistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Mistakes {}

/// A user's text in a message: in backticks, without control characters, cut at 60 characters.
pub(super) fn quoted(text: &str) -> String {
    const MAX: usize = 60;
    let mut shown: String =
        text.chars().take(MAX).map(|c| if is_unprintable(c) { '\u{fffd}' } else { c }).collect();
    if text.chars().count() > MAX {
        shown.push('…');
    }
    format!("`{shown}`")
}

/// Control characters, and those that turn the direction of writing.
pub(super) fn is_unprintable(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}
