//! Progress on the terminal: `[2/5] the plugins …`, how long each step took, and what to run alone when one fails.

use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};

/// The steps of one command, numbered.
pub(crate) struct Steps {
    total: usize,
    at: usize,
    started: Instant,
}

impl Steps {
    pub(crate) fn new(total: usize) -> Self {
        Self { total, at: 0, started: Instant::now() }
    }

    /// Does the next step. `alone` is the command that does only this, for when it fails.
    pub(crate) fn step<T>(
        &mut self,
        title: &str,
        alone: &str,
        work: impl FnOnce() -> anyhow::Result<T>,
    ) -> anyhow::Result<T> {
        self.at += 1;
        let mark = format!("[{}/{}]", self.at, self.total);
        eprintln!("{mark} {title} …");
        let started = Instant::now();
        let done = work().with_context(|| format!("{mark} {title} failed; alone: {alone}"))?;
        eprintln!("{mark} {title}: {}", shown(started.elapsed()));
        Ok(done)
    }

    /// Says that all is done.
    pub(crate) fn done(&self, what: &str) {
        eprintln!("{what} ({} in all)", shown(self.started.elapsed()));
    }
}

fn shown(duration: Duration) -> String {
    match duration.as_secs() {
        0..60 => format!("{:.1} s", duration.as_secs_f32()),
        seconds => format!("{} min {} s", seconds / 60, seconds % 60),
    }
}

/// Runs a command with our terminal. Fails with what it was when it fails.
pub(crate) fn run(command: &mut Command) -> anyhow::Result<()> {
    let said = spoken(command);
    let status = command.status().with_context(|| format!("start `{said}`"))?;
    if !status.success() {
        bail!("`{said}` failed ({status})");
    }
    Ok(())
}

/// Whether a command can be run at all and succeeds; what it prints is thrown away.
pub(crate) fn succeeds(command: &mut Command) -> bool {
    command.output().is_ok_and(|output| output.status.success())
}

/// A command as one would type it; the program without its folder.
fn spoken(command: &Command) -> String {
    let program = std::path::Path::new(command.get_program());
    let program = program.file_name().unwrap_or(command.get_program()).to_string_lossy();
    let arguments = command.get_args().map(|argument| format!(" {}", argument.to_string_lossy()));
    format!("{program}{}", arguments.collect::<String>())
}
