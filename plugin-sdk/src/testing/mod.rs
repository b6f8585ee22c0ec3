//! Tests plugins natively: no engine, no WebAssembly, milliseconds per case.
//!
//! [`parser_cases`], [`filter_cases`], [`router_cases`] and [`channel_cases`] run every `*.toml` of a folder
//! through a plugin, on the fake [`Host`] of the thread. The format knows nothing of Rust: `nightbell plugin test`
//! runs the same files through the compiled plugin.
//!
#![doc = include_str!("cases.md")]

mod case;
mod diff;
pub(crate) mod host;
mod read;
mod read_channel;
mod run;
mod time;
mod write;

#[cfg(test)]
mod tests;

use std::path::Path;

use crate::packed::{EventRef, Packable, PackedEvent, Packer};
use crate::{Channel, Filter, Parser, Router, export};

pub use case::{Case, ChannelAsk, Compared, Output, outcome_text};
pub use host::{Host, StateValue};

/// Runs a parser's cases.
///
/// # Panics
/// When a case fails or there is none; the message shows every difference.
pub fn parser_cases<T: Parser>(folder: impl AsRef<Path>) {
    run::run_all(folder.as_ref(), &|case| {
        let payload = case.payload()?;
        Ok(Output::Parsed(export::make_parser::<T>().parse(payload)))
    });
}

/// Runs a filter's cases.
///
/// # Panics
/// When a case fails or there is none; the message shows every difference.
pub fn filter_cases<T: Filter>(folder: impl AsRef<Path>) {
    run::run_all(folder.as_ref(), &|case| {
        let batch = case.batch()?;
        let mut filter = export::make_filter::<T>();
        let judge = |event: &EventRef<'_>| filter.judge(event);
        Ok(Output::Verdicts(export::each(batch.arena(), batch.index(), judge)))
    });
}

/// Runs a router's cases.
///
/// # Panics
/// When a case fails or there is none; the message shows every difference.
pub fn router_cases<T: Router>(folder: impl AsRef<Path>) {
    run::run_all(folder.as_ref(), &|case| {
        let batch = case.batch()?;
        let mut router = export::make_router::<T>();
        let route = |event: &EventRef<'_>| router.route(event);
        Ok(Output::Decisions(export::each(batch.arena(), batch.index(), route)))
    });
}

/// Runs a channel's cases.
///
/// # Panics
/// When a case fails or there is none; the message shows every difference.
pub fn channel_cases<T: Channel>(folder: impl AsRef<Path>) {
    run::run_all(folder.as_ref(), &|case| {
        let ask = case.channel()?;
        let mut channel = export::make_channel::<T>();
        Ok(match ask {
            ChannelAsk::Deliver(notification) => Output::Receipt(channel.deliver(*notification)),
            ChannelAsk::Callback(request) => Output::Answer(channel.callback(request)),
            ChannelAsk::Validate(address) => Output::Validated(channel.validate(&address)),
        })
    });
}

/// A trigger of unknown severity, to build on by hand.
#[must_use]
pub fn event(title: &str) -> PackedEvent<'_> {
    PackedEvent::trigger(title)
}

/// Shows an event to `judge` as a filter or router sees it.
pub fn with_event<R>(event: &impl Packable, judge: impl FnOnce(&EventRef<'_>) -> R) -> R {
    let mut packer = Packer::new();
    packer.begin(1);
    packer.push(event).expect("a batch of one has room for one");
    let batch = packer.batch();
    judge(&batch.get(0).expect("the event just packed"))
}
