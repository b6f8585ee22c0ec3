//! One payload through its parser, while the sender waits.

use super::bounds;
use super::core::Core;
use super::fault::{Cause, Fault};
use super::from_guest;
use super::guest::{Ask, Said};
use super::installed::{Call, Installed};
use super::runtime::Place;
use super::to_guest;
use super::types::{ParseOutcome, Payload};
use crate::config::lay_over;
use std::sync::Arc;

/// Parses with one parser under the integration's settings.
pub(super) async fn parse(
    core: &Core,
    plugin: &Installed,
    payload: &Payload,
    settings: &serde_json::Value,
) -> ParseOutcome {
    let stamp = plugin.stamp.clone();
    if !plugin.allows() {
        let message = "the parser failed too often and rests".to_owned();
        return ParseOutcome::Failed { message, plugin: Some(stamp) };
    }
    let Some(_place) = core.runtime.place(Place::Parser, bounds::PERMIT_WAIT).await else {
        return ParseOutcome::Overloaded;
    };
    match ask(core, plugin, payload, settings).await {
        Ok(outcome) => {
            core.worked(plugin);
            outcome
        }
        Err(fault) if fault.cause == Cause::Busy => ParseOutcome::Overloaded,
        Err(fault) => {
            let message = fault.describe();
            core.failed(plugin, &fault);
            ParseOutcome::Failed { message, plugin: Some(stamp) }
        }
    }
}

async fn ask(
    core: &Core,
    plugin: &Installed,
    payload: &Payload,
    settings: &serde_json::Value,
) -> Result<ParseOutcome, Fault> {
    let own = settings.as_object().is_some_and(|settings| !settings.is_empty());
    let settings = own.then(|| Arc::from(lay_over(&plugin.terms.settings, settings).to_string()));
    let wire = to_guest::payload(payload);
    let limits = plugin.terms.limits;
    let call =
        Call { ask: Ask::Parse(&wire), limits, now: payload.received_at, settings, outside: None };
    let stamp = plugin.stamp.clone();
    match plugin.call(&core.runtime, call).await?.said {
        Said::Parsed(Ok(parsed)) => {
            let from_guest::Parsed { events, reply, rejected } = from_guest::parsed(parsed)?;
            Ok(ParseOutcome::Parsed { events, reply, rejected, plugin: stamp })
        }
        Said::Parsed(Err(error)) => {
            let (message, reply) = from_guest::parse_error(error)?;
            Ok(ParseOutcome::Rejected { message, reply, plugin: stamp })
        }
        _ => Err(Fault::nonsense("an answer to something that was not asked")),
    }
}
