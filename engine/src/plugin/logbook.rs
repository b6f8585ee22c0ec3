//! What plugins say: to the operator's log, and the last lines of each for the console. Bounded per call and per line.

use super::bounds;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

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

/// One line of a plugin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    /// How loud.
    pub level: LogLevel,
    /// Without control characters, so that a plugin cannot forge lines.
    pub message: String,
}

/// The last lines of one plugin, over all its versions.
#[derive(Debug, Default)]
pub(super) struct Logbook {
    lines: Mutex<VecDeque<LogLine>>,
}

impl Logbook {
    pub(super) fn lines(&self) -> Vec<LogLine> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    fn push(&self, line: LogLine) {
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        if lines.len() == bounds::LOG_LINES_KEPT {
            lines.pop_front();
        }
        lines.push_back(line);
    }
}

/// One call's pen.
pub(super) struct Pen {
    plugin: Arc<str>,
    book: Arc<Logbook>,
    lines_left: u32,
    /// The last error line: with our SDK, a panic's message, which a trap alone does not carry.
    pub(super) last_error: Option<String>,
}

impl Pen {
    pub(super) fn new(plugin: Arc<str>, book: Arc<Logbook>) -> Self {
        Self { plugin, book, lines_left: bounds::LOG_LINES_PER_CALL, last_error: None }
    }

    pub(super) fn write(&mut self, level: LogLevel, message: &str) {
        let message = clean(message);
        if level == LogLevel::Error {
            self.last_error = Some(message.clone());
        }
        let Some(left) = self.lines_left.checked_sub(1) else { return };
        self.lines_left = left;
        let plugin = &*self.plugin;
        match level {
            LogLevel::Debug => tracing::debug!(plugin, message, "plugin says"),
            LogLevel::Info => tracing::info!(plugin, message, "plugin says"),
            LogLevel::Warn => tracing::warn!(plugin, message, "plugin says"),
            LogLevel::Error => tracing::error!(plugin, message, "plugin says"),
        }
        self.book.push(LogLine { level, message });
        if left == 0 {
            tracing::warn!(plugin, "plugin says too much in one call, leaving out the rest");
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

    #[test]
    fn a_flood_is_bounded_and_cannot_forge_lines() {
        let book = Arc::new(Logbook::default());
        for _ in 0..10 {
            let mut pen = Pen::new(Arc::from("p"), book.clone());
            for n in 0..1_000 {
                pen.write(LogLevel::Info, &format!("line {n}\nERROR forged"));
            }
        }
        let lines = book.lines();
        assert_eq!(lines.len(), bounds::LOG_LINES_KEPT);
        assert_eq!(lines[0].message, "line 0 ERROR forged");
        assert_eq!(
            lines[199].message,
            format!("line {} ERROR forged", bounds::LOG_LINES_PER_CALL - 1)
        );
        let mut pen = Pen::new(Arc::from("p"), book.clone());
        pen.write(LogLevel::Error, &"é".repeat(bounds::LOG_LINE_MAX_BYTES));
        assert!(pen.last_error.is_some_and(|line| line.len() <= bounds::LOG_LINE_MAX_BYTES));
    }
}
