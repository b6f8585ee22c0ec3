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

/// The first frames below the language's own panic machinery.
fn frames(error: &wasmtime::Error) -> Vec<String> {
    let Some(backtrace) = error.downcast_ref::<WasmBacktrace>() else { return Vec::new() };
    // Only the text form has readable names. A frame reads `  0: 0xdb8 - plugin.wasm!plugin::parse`.
    let text = backtrace.to_string();
    let names = text.lines().filter_map(|line| line.split_once(" - ")).map(|(_, name)| name);
    let own = |name: &&str| {
        let function = name.split_once('!').map_or(*name, |(_, function)| function);
        let machinery = ["core::", "std::", "alloc::", "rust_", "__rust", "_RNvC"];
        !machinery.iter().any(|prefix| function.starts_with(prefix))
    };
    let names = names.filter(own).take(bounds::BACKTRACE_FRAMES);
    names.map(|name| bounds::cut(name, bounds::FRAME_MAX_BYTES).to_owned()).collect()
}
