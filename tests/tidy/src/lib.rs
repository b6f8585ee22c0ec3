//! The house rules that matter, as functions from the tree to what is wrong with it.
//!
//! A rule takes a [`Tree`] and answers its findings; `tests/tidy.rs` runs every rule on this repository, and each
//! rule's own tests show that it finds what it is for. Nothing here links the engine, so that the whole run takes
//! seconds. It never changes a file.
//!
//! - [`tree`]: the files.
//! - [`rust`], [`markdown`]: what of a file is code, words or tests.
//! - [`list`]: the small checked-in lists: the ratchet, the words allowed, the invariants to come.
//! - [`rules`]: one file per rule.
#![warn(missing_docs)]

pub mod list;
pub mod markdown;
pub mod rules;
pub mod rust;
pub mod tree;

pub use tree::{File, Tree};

/// One thing that is wrong: where, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// Relative to the repository's root.
    pub path: String,
    /// From 1; 0: the file as a whole.
    pub line: usize,
    /// What is wrong and what to do.
    pub message: String,
}

impl Finding {
    /// A finding in a line.
    pub fn at(path: &str, line: usize, message: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line, message: message.into() }
    }

    /// A finding about a file.
    pub fn on(path: &str, message: impl Into<String>) -> Self {
        Self::at(path, 0, message)
    }
}

impl std::fmt::Display for Finding {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.line {
            0 => write!(out, "{}: {}", self.path, self.message),
            line => write!(out, "{}:{line}: {}", self.path, self.message),
        }
    }
}
