//! What plugins say: to the operator's log, and the last lines of each for the console. Bounded per call and per line.

use super::bounds;
use crate::clock;
use jiff::Timestamp;
use nightbell_core::model::PluginStamp;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// How loud a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogLevel {
    /// For the author.
    Debug,
    /// Good to know.
    Info,
    /// The plugin coped.
    Warn,
    /// A human should look.
    Error,
}

impl LogLevel {
    /// The word used in API and CLI.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Error => "error",
        }
    }
}

/// Who says a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Voice {
    /// The plugin.
    Plugin,
    /// The engine, about the plugin: that it was loaded, refused, failed, rests.
    Engine,
}

/// One line of a plugin, or about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    /// Grows from line to line, also over a restart: what a follower goes on from.
    pub number: u64,
    /// When it was said.
    pub at: Timestamp,
    /// How loud.
    pub level: LogLevel,
    /// By whom.
    pub voice: Voice,
    /// Hex of the SHA-256 of the version that said it or is spoken of; empty when it is not known.
    pub sha256: Arc<str>,
    /// Without control characters, so that a plugin cannot forge lines.
    pub message: String,
}

/// What a follower gets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogPage {
    /// Oldest first.
    pub lines: Vec<LogLine>,
    /// Where to go on from.
    pub next: u64,
    /// Whether lines between the two calls are gone already.
    pub has_gap: bool,
}

/// The last lines of one plugin, over all its versions.
#[derive(Debug, Default)]
pub(super) struct Logbook {
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    lines: VecDeque<LogLine>,
    /// Of the last line that was let go.
    gone: u64,
    last: u64,
}

impl Logbook {
    pub(super) fn lines(&self) -> Vec<LogLine> {
        self.kept().lines.iter().cloned().collect()
    }

    /// How many lines there are.
    pub(super) fn len(&self) -> usize {
        self.kept().lines.len()
    }

    /// The lines after a number; from the oldest one when there is none.
    pub(super) fn after(&self, number: Option<u64>) -> LogPage {
        let kept = self.kept();
        let from = number.unwrap_or(0);
        let lines = kept.lines.iter().filter(|line| line.number > from).cloned().collect();
        LogPage {
            lines,
            next: kept.last.max(from),
            has_gap: number.is_some_and(|number| number < kept.gone),
        }
    }

    /// Writes what the engine has to say about the plugin.
    pub(super) fn note(&self, level: LogLevel, sha256: &Arc<str>, message: &str) {
        self.push(level, Voice::Engine, sha256, clean(message));
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn push(&self, level: LogLevel, voice: Voice, sha256: &Arc<str>, message: String) {
        let at = clock::now();
        let mut kept = self.kept();
        // By the clock, so that numbers of before a restart are smaller; never the same twice.
        let now = u64::try_from(at.as_microsecond()).unwrap_or(0);
        let number = now.max(kept.last + 1);
        kept.last = number;
        if kept.lines.len() == bounds::LOG_LINES_KEPT
            && let Some(line) = kept.lines.pop_front()
        {
            kept.gone = line.number;
        }
        kept.lines.push_back(LogLine { number, at, level, voice, sha256: sha256.clone(), message });
    }
}

/// One call's pen.
pub(super) struct Pen {
    plugin: PluginStamp,
    book: Arc<Logbook>,
    lines_left: u32,
    /// The last error line: with our SDK, a panic's message, which a trap alone does not carry.
    pub(super) last_error: Option<String>,
}

impl Pen {
    pub(super) fn new(plugin: PluginStamp, book: Arc<Logbook>) -> Self {
        Self { plugin, book, lines_left: bounds::LOG_LINES_PER_CALL, last_error: None }
    }

    pub(super) fn write(&mut self, level: LogLevel, message: &str) {
        let message = clean(message);
        if level == LogLevel::Error {
            self.last_error = Some(message.clone());
        }
        let Some(left) = self.lines_left.checked_sub(1) else { return };
        self.lines_left = left;
        let plugin = &*self.plugin.name;
        match level {
            LogLevel::Debug => tracing::debug!(plugin, message, "plugin says"),
            LogLevel::Info => tracing::info!(plugin, message, "plugin says"),
            LogLevel::Warn => tracing::warn!(plugin, message, "plugin says"),
            LogLevel::Error => tracing::error!(plugin, message, "plugin says"),
        }
        self.book.push(level, Voice::Plugin, &self.plugin.sha256, message);
        if left == 0 {
            tracing::warn!(plugin, "plugin says too much in one call, leaving out the rest");
            let message = "says too much in one call: the rest is left out";
            self.book.note(LogLevel::Warn, &self.plugin.sha256, message);
        }
    }
}

/// Cut to size, control characters replaced.
pub(super) fn clean(text: &str) -> String {
    let text = bounds::cut(text, bounds::LOG_LINE_MAX_BYTES);
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stamp() -> PluginStamp {
        PluginStamp { name: Arc::from("p"), sha256: Arc::from("ab") }
    }

    #[test]
    fn a_flood_is_bounded_and_cannot_forge_lines() {
        let book = Arc::new(Logbook::default());
        for _ in 0..10 {
            let mut pen = Pen::new(stamp(), book.clone());
            for n in 0..1_000 {
                pen.write(LogLevel::Info, &format!("line {n}\nERROR forged"));
            }
        }
        let lines = book.lines();
        assert_eq!(lines.len(), bounds::LOG_LINES_KEPT);
        let of_the_plugin: Vec<_> =
            lines.iter().filter(|line| line.voice == Voice::Plugin).collect();
        assert!(of_the_plugin.iter().all(|line| line.message.ends_with(" ERROR forged")));
        assert_eq!(lines[198].message, "line 49 ERROR forged");
        assert!(
            lines[199].message.starts_with("says too much") && lines[199].voice == Voice::Engine
        );
        let mut pen = Pen::new(stamp(), book.clone());
        pen.write(LogLevel::Error, &"é".repeat(bounds::LOG_LINE_MAX_BYTES));
        assert!(pen.last_error.is_some_and(|line| line.len() <= bounds::LOG_LINE_MAX_BYTES));
    }

    #[test]
    fn a_follower_sees_each_line_once_and_hears_of_a_gap() {
        let book = Arc::new(Logbook::default());
        assert_eq!(book.after(None), LogPage::default());
        let say = |text: &str| book.note(LogLevel::Info, &Arc::from("ab"), text);
        let texts =
            |page: &LogPage| page.lines.iter().map(|l| l.message.clone()).collect::<Vec<_>>();
        say("one");
        say("two");
        let first = book.after(None);
        assert_eq!(texts(&first), ["one", "two"]);
        let idle = book.after(Some(first.next));
        assert_eq!((idle.lines.len(), idle.next, idle.has_gap), (0, first.next, false));
        say("three");
        let second = book.after(Some(first.next));
        assert_eq!((texts(&second), second.has_gap), (vec!["three".to_owned()], false));
        for n in 0..=bounds::LOG_LINES_KEPT {
            say(&n.to_string());
        }
        assert!(book.after(Some(second.next)).has_gap);
        assert!(!book.after(None).has_gap, "whoever begins has missed nothing");
    }
}
