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
mod time;
mod write;

#[cfg(test)]
mod tests;

use std::path::Path;

use toml::Table;

use crate::packed::{EventRef, Packable, PackedEvent, Packer};
use crate::{Channel, Filter, Parser, Router, export};

pub use host::{Host, StateValue};

/// Runs a parser's cases.
///
/// # Panics
/// When a case fails or there is none; the message shows every difference.
pub fn parser_cases<T: Parser>(folder: impl AsRef<Path>) {
    case::run_all(folder.as_ref(), &|input, folder| {
        let payload = section::<read::ParserInput>(input)?.payload(folder)?;
        write::parsed(&export::make_parser::<T>().parse(payload))
    });
}

/// Runs a filter's cases.
///
/// # Panics
/// When a case fails or there is none; the message shows every difference.
pub fn filter_cases<T: Filter>(folder: impl AsRef<Path>) {
    case::run_all(folder.as_ref(), &|input, _| {
        let mut filter = export::make_filter::<T>();
        write::verdicts(&through_a_batch(input, |event| filter.judge(event))?)
    });
}

/// Runs a router's cases.
///
/// # Panics
/// When a case fails or there is none; the message shows every difference.
pub fn router_cases<T: Router>(folder: impl AsRef<Path>) {
    case::run_all(folder.as_ref(), &|input, _| {
        let mut router = export::make_router::<T>();
        Ok(write::decisions(&through_a_batch(input, |event| router.route(event))?))
    });
}

/// Runs a channel's cases.
///
/// # Panics
/// When a case fails or there is none; the message shows every difference.
pub fn channel_cases<T: Channel>(folder: impl AsRef<Path>) {
    case::run_all(folder.as_ref(), &|input, folder| {
        let input: read_channel::ChannelInput = section(input)?;
        let mut channel = export::make_channel::<T>();
        match (input.notification, input.callback, input.address) {
            (Some(notification), None, None) => {
                Ok(write::receipt(&channel.deliver(notification.notification()?)))
            }
            (None, Some(request), None) => {
                Ok(write::answer(&channel.callback(request.request(folder)?)))
            }
            (None, None, Some(address)) => Ok(write::validated(channel.validate(&address))),
            _ => Err("input: expected one of notification, callback and address".to_owned()),
        }
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

fn section<T: serde::de::DeserializeOwned>(input: Table) -> Result<T, String> {
    input.try_into().map_err(|error| format!("input: {error}"))
}

fn through_a_batch<R>(
    input: Table,
    judge: impl FnMut(&EventRef<'_>) -> R,
) -> Result<Vec<R>, String> {
    let input: read::BatchInput = section(input)?;
    let mut packer = Packer::new();
    packer.begin(input.events.len() as u32);
    for (position, event) in input.events.iter().enumerate() {
        packer.push(&event.packed(position)).map_err(|error| error.to_string())?;
    }
    Ok(export::each(packer.arena(), packer.index(), judge))
}
