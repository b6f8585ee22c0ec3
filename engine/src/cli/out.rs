//! The one place that prints: data on standard output, talk on standard error.
//!
//! Colours only where they are seen: on a terminal, unless `NO_COLOR` is set or `--color` says otherwise. A reader that goes
//! away (`| head`) is no failure.

use super::failure::Failure;
use super::look::{Look, Tone, paint};
use super::table::Table;
use anstream::{AutoStream, ColorChoice};
use clap::ValueEnum;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::Value;
use std::io::{ErrorKind, IsTerminal, Write};
use std::sync::{Mutex, PoisonError};

/// The form of what a command prints on standard output.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people.
    #[default]
    Table,
    /// For programs: the API's JSON as it is.
    Json,
}

/// When to use colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Color {
    /// On a terminal, unless `NO_COLOR` is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// Where a command's words go.
pub(super) struct Out {
    format: Format,
    look: Look,
    talk_color: bool,
    data: Stream,
    talk: Stream,
}

/// Standard output or standard error; a buffer in tests. Locked for one write at a time.
type Stream = Mutex<Box<dyn Write + Send>>;

impl Out {
    /// Finds out about the terminal. `now` is what relative times count from.
    pub(super) fn new(format: Format, color: Color, now: Timestamp) -> Self {
        match color {
            Color::Auto => {}
            Color::Always => ColorChoice::Always.write_global(),
            Color::Never => ColorChoice::Never.write_global(),
        }
        let colored = |choice| choice != ColorChoice::Never;
        let (stdout, stderr) = (std::io::stdout(), std::io::stderr());
        let look = Look {
            width: stdout.is_terminal().then(Table::terminal_width).flatten(),
            color: colored(AutoStream::choice(&stdout)),
            now,
            zone: TimeZone::system(),
        };
        let talk_color = colored(AutoStream::choice(&stderr));
        let (data, talk) = (Mutex::new(Box::new(stdout) as _), Mutex::new(Box::new(stderr) as _));
        Self { format, look, talk_color, data, talk }
    }

    /// How data is to look.
    pub(super) fn look(&self) -> &Look {
        &self.look
    }

    /// Whether programs read the data.
    pub(super) fn is_json(&self) -> bool {
        self.format == Format::Json
    }

    /// Prints data: `json` as the server sent it, or what `shown` makes of it for people.
    ///
    /// # Errors
    /// When standard output cannot be written to.
    pub(super) fn data(
        &self,
        json: &str,
        shown: impl FnOnce(&Look) -> String,
    ) -> Result<(), Failure> {
        match self.format {
            Format::Json => self.text(json),
            Format::Table => self.text(&shown(&self.look)),
        }
    }

    /// As [`Out::data`], for JSON made here.
    ///
    /// # Errors
    /// When standard output cannot be written to.
    pub(super) fn made(
        &self,
        json: &Value,
        shown: impl FnOnce(&Look) -> String,
    ) -> Result<(), Failure> {
        match self.format {
            Format::Json => self.text(&format!("{json:#}")),
            Format::Table => self.text(&shown(&self.look)),
        }
    }

    /// Prints text on standard output, with a line end when it has none. Nothing for an empty text.
    ///
    /// # Errors
    /// When standard output cannot be written to.
    pub(super) fn text(&self, text: &str) -> Result<(), Failure> {
        write(&self.data, text).map_err(|error| {
            Failure::new(format!("Standard output cannot be written to: {error}."))
        })
    }

    /// Says something on the side.
    pub(super) fn say(&self, text: &str) {
        // Nobody is left to tell when standard error is gone.
        let _ = write(&self.talk, text);
    }

    /// Says that something was done; for people only, so that scripts with `-o json` stay quiet.
    pub(super) fn done(&self, text: &str) {
        if self.format == Format::Table {
            self.say(text);
        }
    }

    /// Says what to do.
    pub(super) fn hint(&self, text: &str) {
        self.labelled("hint", Tone::Note, text);
    }

    /// Says why it failed, and what to do.
    pub(super) fn failure(&self, failure: &Failure) {
        if !failure.message.is_empty() {
            self.labelled("error", Tone::Bad, &failure.message);
        }
        if let Some(hint) = &failure.hint {
            self.hint(hint);
        }
    }

    /// Whether talk is coloured, and how wide the terminal is: for renderers of their own.
    pub(super) fn talk_shape(&self) -> (bool, usize) {
        (self.talk_color, self.look.width.unwrap_or(100).max(60))
    }

    fn labelled(&self, label: &str, tone: Tone, text: &str) {
        let label = paint(&format!("{label}:"), tone, self.talk_color);
        self.say(&format!("{label} {text}"));
    }
}

/// Prints a bug's message without a terminal's help: for the panic hook.
pub(super) fn last_words(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

fn write(to: &Stream, text: &str) -> std::io::Result<()> {
    if text.is_empty() {
        return Ok(());
    }
    let mut to = to.lock().unwrap_or_else(PoisonError::into_inner);
    let end = if text.ends_with('\n') { "" } else { "\n" };
    match write!(to, "{text}{end}").and_then(|()| to.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}

#[cfg(test)]
pub(super) mod kept {
    //! What a command printed, for tests: no terminal, no colours, UTC.

    use super::{Format, Look, Out};
    use jiff::Timestamp;
    use jiff::tz::TimeZone;
    use std::io::Write;
    use std::mem::take;
    use std::sync::{Arc, Mutex};

    #[derive(Clone, Default)]
    pub(in crate::cli) struct Kept(Arc<Mutex<Vec<u8>>>);

    impl Kept {
        /// What was printed since the last time.
        pub(in crate::cli) fn take(&self) -> String {
            String::from_utf8(take(&mut *self.0.lock().expect("no panic"))).expect("text")
        }
    }

    impl Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().expect("no panic").write(bytes)
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    /// An `Out`, its data and its talk.
    pub(in crate::cli) fn out(format: Format, now: Timestamp) -> (Out, Kept, Kept) {
        let look = Look { width: None, color: false, now, zone: TimeZone::UTC };
        let (data, talk) = (Kept::default(), Kept::default());
        let stream = |kept: &Kept| Mutex::new(Box::new(kept.clone()) as _);
        let out = Out { format, look, talk_color: false, data: stream(&data), talk: stream(&talk) };
        (out, data, talk)
    }
}
