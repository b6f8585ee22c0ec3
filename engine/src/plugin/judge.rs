//! A batch of events through filters and routers. One registry from beginning to end; a plugin that fails on an event is
//! asked again about halves until the event that breaks it is alone, and that one passes (I7).

use super::batch::{Batch, Heard};
use super::bounds;
use super::core::Core;
use super::fault::Fault;
use super::from_guest::{self, Ruling};
use super::guest::{Ask, Said};
use super::installed::{Call, Installed};
use super::json;
use super::logbook::LogLevel;
use super::registry::Registry;
use super::runtime::Place;
use super::turns::Turns;
use super::types::{JudgedBatch, PluginFailure};
use jiff::Timestamp;
use nightbell_core::model::{Change, Directory, Event, EventId, RouteDecision};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A batch under way.
struct Judging<'a> {
    core: &'a Core,
    batch: Batch,
    /// The batch's event time.
    now: Timestamp,
    changes: Vec<Change>,
    failures: Vec<PluginFailure>,
}

/// How long a batch waits for a place: as long as it takes. Events are accepted already; the queue before has the bound.
const PATIENCE: Duration = Duration::from_secs(600);

/// Judges a batch with the plugins of one registry.
pub(super) async fn judge(
    core: &Core,
    registry: &Registry,
    directory: &Directory,
    events: Vec<Arc<Event>>,
) -> JudgedBatch {
    let Some(now) = events.iter().map(|event| event.received_at).max() else {
        return JudgedBatch::default();
    };
    let mut turns = Turns::take(registry, directory, &events).await;
    // Without a place after all that time the engine's own pool limit is what is left: the call says busy, events pass.
    let _place = core.runtime.place(Place::Judge, PATIENCE).await;
    let batch = Batch::new(events, directory, core.packers.take());
    let mut judging = Judging { core, batch, now, changes: Vec::new(), failures: Vec::new() };
    for filter in &registry.filters {
        judging.filter(filter).await;
        turns.pass(filter);
    }
    judging.batch.begin_routing();
    for router in &registry.routers {
        judging.route(router).await;
        turns.pass(router);
    }
    for (name, difference) in judging.batch.differences() {
        let mut chain = registry.filters.iter().chain(&registry.routers);
        if let Some(plugin) = chain.find(|plugin| plugin.stamp.name == name) {
            plugin.vitals.differences.keep(difference);
        }
    }
    let Judging { batch, changes, failures, .. } = judging;
    let (events, packer) = batch.finish();
    core.packers.give(packer);
    JudgedBatch { events, changes, failures }
}

impl Judging<'_> {
    async fn filter(&mut self, plugin: &Installed) {
        let positions = self.batch.in_scope(&plugin.terms.scope);
        let heard = self.ask(plugin, &positions, rulings).await;
        let left_out = self.batch.rule(&plugin.stamp, plugin.terms.shadow, &positions, heard);
        for (event, why) in left_out {
            self.leave_out(plugin, event, &why);
        }
    }

    /// Notes that a patch was left out. It is no failure of the plugin's: it may be another filter that filled the event.
    fn leave_out(&mut self, plugin: &Installed, event: EventId, why: &str) {
        let (name, message) = (&*plugin.stamp.name, format!("a patch was left out: {why}"));
        tracing::warn!(plugin = name, event = event.0, message, "a patch was left out");
        plugin.logbook.note(LogLevel::Warn, &plugin.stamp.sha256, &message);
        let (plugin, event) = (plugin.stamp.clone(), Some(event));
        self.failures.push(PluginFailure { plugin, message, event });
    }

    async fn route(&mut self, plugin: &Installed) {
        let positions = self.batch.in_scope(&plugin.terms.scope);
        let heard = self.ask(plugin, &positions, decisions).await;
        self.batch.route(&plugin.stamp, plugin.terms.shadow, &positions, heard);
    }

    /// Asks about the events at these positions; one answer each, in order. Parts are asked in event order, so that
    /// state comes out as if the events had been asked about one by one.
    async fn ask<T>(
        &mut self,
        plugin: &Installed,
        positions: &[usize],
        read: fn(Said) -> Result<Vec<T>, Fault>,
    ) -> Vec<Heard<T>> {
        let mut heard = Vec::with_capacity(positions.len());
        let mut work: Vec<&[usize]> = vec![positions];
        let mut lost = 0;
        if plugin.terms.shadow {
            plugin.vitals.differences.shown(positions.len());
        }
        while let Some(part) = work.pop() {
            if part.is_empty() {
                continue;
            }
            if let Some(why) = rests(plugin, lost) {
                heard.extend(part.iter().map(|_| Heard {
                    word: Err(why.to_owned()),
                    batch_us: 0,
                    batch_len: 0,
                }));
                continue;
            }
            let start = Instant::now();
            let outcome = self.ask_part(plugin, part, positions.len(), read).await;
            let batch_us = u64::try_from(start.elapsed().as_micros()).unwrap_or(u64::MAX);
            let batch_len = part.len() as u32;
            match outcome {
                Ok(words) => {
                    self.core.worked(plugin);
                    heard.extend(words.into_iter().map(|word| Heard {
                        word: Ok(word),
                        batch_us,
                        batch_len,
                    }));
                }
                Err(fault) if part.len() == 1 => {
                    lost += 1;
                    let word = Err(self.lose(plugin, part[0], &fault));
                    heard.push(Heard { word, batch_us, batch_len });
                }
                Err(_) => {
                    let (first, second) = part.split_at(part.len() / 2);
                    work.extend([second, first]);
                }
            }
        }
        heard
    }

    /// One call.
    async fn ask_part<T>(
        &mut self,
        plugin: &Installed,
        part: &[usize],
        whole: usize,
        read: fn(Said) -> Result<Vec<T>, Fault>,
    ) -> Result<Vec<T>, Fault> {
        let (index, text);
        let ask = if plugin.code.speaks_json() {
            let lanes = part.iter().map(|position| self.batch.lane(*position));
            text = json::events(lanes.map(|lane| (&*lane.event, lane.service())));
            Ask::Json(&text)
        } else {
            index = self.batch.index(part);
            Ask::Packed { arena: self.batch.arena(), index: &index }
        };
        let limits = plugin.terms.limits.for_part(part.len(), whole);
        let call = Call { ask, limits, now: self.now, settings: None, outside: None };
        let done = plugin.call(&self.core.runtime, call).await?;
        let words = read(done.said)?;
        if words.len() != part.len() {
            return Err(Fault::nonsense(format!(
                "{} answers to {} events",
                words.len(),
                part.len()
            )));
        }
        self.changes.extend(done.overlay.into_iter().flat_map(super::state::Overlay::commit));
        Ok(words)
    }

    /// Notes that a plugin failed on one event, which passes.
    fn lose(&mut self, plugin: &Installed, position: usize, fault: &Fault) -> String {
        let message = fault.describe();
        if fault.is_the_plugin_s() {
            self.core.failed(plugin, fault);
        }
        let event = Some(self.batch.lane(position).event.id);
        self.failures.push(PluginFailure { plugin: plugin.stamp.clone(), message, event });
        fault.message.clone()
    }
}

/// Why a plugin is not asked: it is in quarantine, or this batch has lost enough to it.
fn rests(plugin: &Installed, lost: usize) -> Option<&'static str> {
    if lost >= bounds::DEAD_LETTERS_PER_BATCH {
        return Some("not asked: it failed too often on this batch");
    }
    (!plugin.allows()).then_some("not asked: it failed too often and rests")
}

/// A filter's words.
fn rulings(said: Said) -> Result<Vec<Ruling>, Fault> {
    match said {
        Said::Verdicts(verdicts) => verdicts.into_iter().map(from_guest::ruling).collect(),
        Said::Json(text) => json::rulings(&text),
        _ => Err(Fault::nonsense("an answer to something that was not asked")),
    }
}

/// A router's words.
fn decisions(said: Said) -> Result<Vec<Option<RouteDecision>>, Fault> {
    match said {
        Said::Decisions(decisions) => {
            Ok(decisions.into_iter().map(|wire| wire.map(from_guest::decision)).collect())
        }
        Said::Json(text) => json::decisions(&text),
        _ => Err(Fault::nonsense("an answer to something that was not asked")),
    }
}
