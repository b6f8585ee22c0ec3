//! Tells the story on the terminal: a clock, who speaks, what happened.

use anstyle::{AnsiColor, Style};
use std::io::Write as _;
use std::time::Instant;

/// Who a line is about; each has a colour of its own.
#[derive(Clone, Copy)]
pub(super) enum Voice {
    /// A monitor outside.
    Monitor,
    /// What the engine decided.
    Engine,
    /// Somebody is told.
    Page,
    /// Somebody answers.
    Person,
}

impl Voice {
    fn word(self) -> &'static str {
        match self {
            Self::Monitor => "monitor",
            Self::Engine => "engine",
            Self::Page => "page",
            Self::Person => "person",
        }
    }

    fn style(self) -> Style {
        let color = match self {
            Self::Monitor => AnsiColor::Magenta,
            Self::Engine => AnsiColor::Blue,
            Self::Page => AnsiColor::Yellow,
            Self::Person => AnsiColor::Green,
        };
        color.on_default().bold()
    }
}

/// Writes to standard output, with colours where it is a terminal.
pub(super) struct Teller {
    started: Instant,
}

const DIM: Style = Style::new().dimmed();
const BOLD: Style = Style::new().bold();

impl Teller {
    /// The clock begins now.
    #[allow(clippy::disallowed_methods, reason = "the story's stopwatch, not a decision")]
    pub(super) fn new() -> Self {
        Self { started: Instant::now() }
    }

    /// A line of its own.
    pub(super) fn say(&self, text: &str) {
        self.write(text);
    }

    /// What begins now.
    pub(super) fn chapter(&self, title: &str) {
        self.write(&format!("\n{BOLD}{title}{BOLD:#}"));
    }

    /// What happened.
    pub(super) fn tell(&self, voice: Voice, text: &str) {
        let seconds = self.started.elapsed().as_secs_f32();
        let style = voice.style();
        let word = voice.word();
        let mut lines = text.lines();
        let first = lines.next().unwrap_or_default();
        self.write(&format!("{DIM}{seconds:6.1} s{DIM:#}  {style}{word:<8}{style:#} {first}"));
        for line in lines {
            self.write(&format!("{:19}{DIM}{line}{DIM:#}", ""));
        }
    }

    fn write(&self, line: &str) {
        // A closed pipe ends the story, not with a panic.
        drop(writeln!(anstream::stdout(), "{line}"));
    }
}
