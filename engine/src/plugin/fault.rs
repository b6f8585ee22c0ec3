//! Why a call into a guest did not end well, in words an operator and an author can use.

use super::bounds;
use super::context::Context;
use super::logbook::clean;
use std::fmt;
use std::time::Duration;
use wasmtime::{Trap, WasmBacktrace};

/// What went wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) cause: Cause,
    /// One line.
    pub(super) message: String,
    /// The guest's innermost frames, where there are any.
    pub(super) frames: Vec<String>,
}

/// Whose fault it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cause {
    /// The guest broke off.
    Trap,
    /// It computed for too long.
    Cpu,
    /// It took too long in all.
    Wall,
    /// It wanted too much memory.
    Memory,
    /// What it answered makes no sense.
    Nonsense,
    /// There was no place for it: nobody's failure.
    Busy,
}

impl Cause {
    /// All of them, each at its own number.
    pub(super) const ALL: [Self; 6] =
        [Self::Trap, Self::Cpu, Self::Wall, Self::Memory, Self::Nonsense, Self::Busy];

    /// The word used in API, CLI and metrics.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Trap => "trap",
            Self::Cpu => "cpu",
            Self::Wall => "wall",
            Self::Memory => "memory",
            Self::Nonsense => "nonsense",
            Self::Busy => "busy",
        }
    }
}

impl Fault {
    fn new(cause: Cause, message: impl Into<String>) -> Self {
        Self { cause, message: message.into(), frames: Vec::new() }
    }

    /// The guest's answer makes no sense.
    pub(super) fn nonsense(message: impl Into<String>) -> Self {
        let message: String = message.into();
        Self::new(
            Cause::Nonsense,
            format!("nonsense: {}", bounds::cut(&message, bounds::MESSAGE_MAX_BYTES)),
        )
    }

    /// No place within the wait.
    pub(super) fn busy() -> Self {
        Self::new(Cause::Busy, "all places for plugins of this kind are taken")
    }

    /// The plugin is not asked now.
    pub(super) fn busy_because(why: &str) -> Self {
        Self::new(Cause::Busy, why)
    }

    /// The call took too long in all.
    pub(super) fn wall(limit: Duration) -> Self {
        Self::new(Cause::Wall, format!("stalled: no answer within {} ms", limit.as_millis()))
    }

    /// What the engine says about a call that broke off.
    pub(super) fn of(error: &wasmtime::Error, context: &Context) -> Self {
        if error.is::<wasmtime::PoolConcurrencyLimitError>() {
            return Self::busy();
        }
        let mut fault = Self::classify(error, context);
        fault.frames = frames(error);
        if let Some(said) = &context.pen.last_error {
            fault.message = format!("{}; it said: {said}", fault.message);
        }
        fault.message = bounds::cut(&fault.message, bounds::MESSAGE_MAX_BYTES).to_owned();
        fault
    }

    fn classify(error: &wasmtime::Error, context: &Context) -> Self {
        if let Some(wanted) = context.meter.memory_refused {
            let (max, wanted) = (context.meter.memory_max >> 20, wanted.div_ceil(1 << 20));
            return Self::new(
                Cause::Memory,
                format!("out of memory: wanted {wanted} MiB, may have {max}"),
            );
        }
        let trap = error.downcast_ref::<Trap>();
        if trap == Some(&Trap::Interrupt) {
            let limit = context.meter.ticks_max * bounds::TICK.as_millis() as u32;
            return Self::new(Cause::Cpu, format!("stalled: computed for more than {limit} ms"));
        }
        let cause = error.root_cause().to_string();
        if cause.contains("fuel allocated for hostcalls") {
            let max = bounds::OUTPUT_MAX_BYTES;
            return Self::new(
                Cause::Nonsense,
                format!("nonsense: it hands over more than {max} bytes at once"),
            );
        }
        Self::new(Cause::Trap, format!("trap: {}", clean(&cause)))
    }

    /// With the frames, on one line.
    pub(super) fn describe(&self) -> String {
        self.to_string()
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        if self.frames.is_empty() {
            return Ok(());
        }
        write!(f, "; at {}", self.frames.join(" < "))
    }
}

/// The first frames below the language's own panic machinery, with the place in the source where the file has it.
fn frames(error: &wasmtime::Error) -> Vec<String> {
    let Some(backtrace) = error.downcast_ref::<WasmBacktrace>() else { return Vec::new() };
    // Only the text form has readable names.
    own_frames(&backtrace.to_string())
}

/// Reads a backtrace's text: a frame is `  0: 0xdb8 - plugin.wasm!plugin::parse`, what was inlined into it follows as
/// `- plugin::inner`, and a line `at src/lib.rs:7:5` after either when the file has line tables.
fn own_frames(text: &str) -> Vec<String> {
    let mut frames: Vec<(&str, Option<&str>)> = Vec::new();
    for line in text.lines() {
        let line = line.trim_start();
        if let Some(place) = line.strip_prefix("at ") {
            if let Some((_, at)) = frames.last_mut() {
                *at = Some(place);
            }
        } else if let Some(name) = line.strip_prefix("- ") {
            frames.push((name, None));
        } else if let Some((_, name)) = line.split_once(" - ") {
            frames.push((name, None));
        }
    }
    let own = |(name, place): &(&str, Option<&str>)| {
        let function = name.split_once('!').map_or(*name, |(_, function)| function);
        let machinery = [
            "core::", "std::", "alloc::", "rust_", "__rust", "_RNvC", "<core::", "<alloc::",
            "<std::",
        ];
        let is_library =
            place.is_some_and(|place| place.starts_with("/rustc/") || place.starts_with("std/"));
        !is_library && !machinery.iter().any(|prefix| function.starts_with(prefix))
    };
    let shown = |(name, place): (&str, Option<&str>)| {
        let name = bounds::cut(name, bounds::FRAME_MAX_BYTES);
        match place {
            // The end of a path says most.
            Some(place) => {
                let from =
                    place.ceil_char_boundary(place.len().saturating_sub(bounds::FRAME_MAX_BYTES));
                format!("{name} ({})", &place[from..])
            }
            None => name.to_owned(),
        }
    };
    frames.into_iter().filter(own).take(bounds::BACKTRACE_FRAMES).map(shown).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_the_author_s_with_their_places() {
        let text = "error while executing at wasm backtrace:
    0:   0x24a1 - core::panicking::panic_fmt
                    at /rustc/59807616e1/library/core/src/panicking.rs:80:14
    1:   0x1f00 - plugin_x::judge_one
                    at src/lib.rs:23:9
                - <plugin_x::Plugin as nightbell_plugin::filter::Filter>::judge
                    at src/lib.rs:41:5
    2:    0xdb8 - x.wasm!nightbell_plugin::export::judge
note: using the `WASMTIME_BACKTRACE_DETAILS=1` environment variable may show more debugging information";
        assert_eq!(
            own_frames(text),
            [
                "plugin_x::judge_one (src/lib.rs:23:9)",
                "<plugin_x::Plugin as nightbell_plugin::filter::Filter>::judge (src/lib.rs:41:5)",
                "x.wasm!nightbell_plugin::export::judge",
            ]
        );
        assert!(own_frames("").is_empty());
    }
}
