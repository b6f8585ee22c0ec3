//! A batch on its way through the chain: the events as they are by now, packed once, with what each plugin said. Pure: it
//! applies words, it asks nobody.

use super::bounds;
use super::differences::Difference;
use super::from_guest::Ruling;
use super::patch;
use super::shadow::Aside;
use super::to_guest::Packed;
use nightbell_core::model::{
    Directory, Event, EventId, EventKind, JudgedEvent, Matcher, Patch, PluginStamp, RouteDecision,
    ServiceId, StageTrace, Verdict,
};
use nightbell_plugin::packed::Packer;
use std::borrow::Cow;
use std::sync::Arc;

/// One event's way.
pub(super) struct Lane {
    pub(super) event: Arc<Event>,
    /// Its integration's own; `None` when the integration is gone.
    service: Option<ServiceId>,
    verdict: Verdict,
    decision: RouteDecision,
    stages: Vec<StageTrace>,
    asides: Vec<Said>,
}

/// What a shadow said about an event: who, in which of its stages, and what it comes to.
struct Said {
    by: Arc<str>,
    stage: usize,
    aside: Aside,
}

/// See the module.
pub(super) struct Batch {
    lanes: Vec<Lane>,
    packer: Packer,
    /// Which lane each live event of the packed batch is.
    live: Vec<usize>,
}

/// What a plugin said about one event, and in what call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Heard<T> {
    /// Why there is no word, in words, when there is none.
    pub(super) word: Result<T, String>,
    pub(super) batch_us: u64,
    pub(super) batch_len: u32,
}

impl Batch {
    /// Packs the events into the packer's memory, once for the whole chain.
    pub(super) fn new(events: Vec<Arc<Event>>, directory: &Directory, mut packer: Packer) -> Self {
        packer.begin(u32::try_from(events.len()).expect("a batch is bounded"));
        let (mut lanes, mut live) =
            (Vec::with_capacity(events.len()), Vec::with_capacity(events.len()));
        for (lane, event) in events.into_iter().enumerate() {
            let service = own_service(directory, &event).cloned();
            let shown = service.as_ref().map_or("", ServiceId::as_str);
            match packer.push(&Packed { event: &event, service: shown }) {
                Ok(()) => live.push(lane),
                // Only beyond 4 GiB: it passes unjudged.
                Err(error) => {
                    tracing::error!(event = event.id.0, %error, "event not shown to plugins")
                }
            }
            let (verdict, decision) = (Verdict::Pass, RouteDecision::default());
            let (stages, asides) = (Vec::new(), Vec::new());
            lanes.push(Lane { event, service, verdict, decision, stages, asides });
        }
        Self { lanes, packer, live }
    }

    /// The positions of the live events that a plugin is to see.
    pub(super) fn in_scope(&self, scope: &[Matcher]) -> Vec<usize> {
        let is_shown = |position: &usize| {
            let lane = self.lane(*position);
            fits(scope, &lane.event, lane.service())
        };
        (0..self.live.len()).filter(is_shown).collect()
    }

    pub(super) fn lane(&self, position: usize) -> &Lane {
        &self.lanes[self.live[position]]
    }

    pub(super) fn arena(&self) -> &[u8] {
        self.packer.arena()
    }

    /// The index that shows only these positions: everything stays in place, only the list of live events differs.
    pub(super) fn index(&self, positions: &[usize]) -> Cow<'_, [u32]> {
        /// Where the starts of the events' blocks begin in a packed index.
        const STARTS: usize = 2;
        let index = self.packer.index();
        if positions.len() == self.live.len() {
            return index.into();
        }
        let mut shown = index.to_vec();
        shown[0] = positions.len() as u32;
        for (place, position) in positions.iter().enumerate() {
            shown[STARTS + place] = index[STARTS + position];
        }
        shown.into()
    }

    /// Takes in what a filter said about the events at these positions, in order. `drop` ends an event's way; after
    /// `suppress` only `drop` counts. What is said about acknowledge and resolve events is recorded and ignored. Answers
    /// which patches were left out, and why: each is the filter's word on an event that stays as it was.
    pub(super) fn rule(
        &mut self,
        by: &PluginStamp,
        is_shadow: bool,
        positions: &[usize],
        heard: Vec<Heard<Ruling>>,
    ) -> Vec<(EventId, String)> {
        let mut dropped = vec![false; self.live.len()];
        let mut left_out = Vec::new();
        for (&position, heard) in positions.iter().zip(heard) {
            let lane = &mut self.lanes[self.live[position]];
            let is_kept = matches!(heard.word, Ok(Ruling::Keep));
            let counts = matches!(lane.event.kind, EventKind::Trigger | EventKind::Change);
            let refused = match &heard.word {
                Ok(Ruling::Modify(change)) if counts && !is_shadow => {
                    modify(&mut self.packer, position, &mut lane.event, change).err()
                }
                _ => None,
            };
            let verdict = describe_ruling(&heard.word);
            let verdict = match (is_shadow, counts) {
                (true, _) => format!("shadow: {verdict}").into(),
                (false, false) if !is_kept => {
                    format!("{verdict} (ignored: {} events pass)", lane.event.kind.as_str()).into()
                }
                (false, _) => match &refused {
                    Some(why) => format!("{verdict} (left out: {why})").into(),
                    None => verdict,
                },
            };
            left_out.extend(refused.map(|why| (lane.event.id, why)));
            if !is_shadow || !is_kept {
                lane.stages.push(heard.trace("filter", by, verdict));
            }
            if is_shadow {
                let aside = heard.word.ok().filter(|_| counts);
                let aside = aside.and_then(|word| Aside::of_filter(&word, &lane.event));
                lane.say_aside(by, aside);
                continue;
            }
            if !counts {
                continue;
            }
            match heard.word {
                Ok(Ruling::Keep | Ruling::Modify(_)) | Err(_) => {}
                Ok(Ruling::Drop { reason }) => {
                    lane.verdict = Verdict::Drop { reason, by: by.name.clone() };
                    dropped[position] = true;
                }
                Ok(Ruling::Suppress { reason, until }) => {
                    if lane.verdict == Verdict::Pass {
                        lane.verdict = Verdict::Suppress { reason, by: by.name.clone(), until };
                    }
                }
            }
        }
        self.retain(|position, _| !dropped[position]);
        left_out
    }

    /// Acknowledge and resolve events go where their alert is: routers do not see them.
    pub(super) fn begin_routing(&mut self) {
        self.retain(|_, lane| matches!(lane.event.kind, EventKind::Trigger | EventKind::Change));
    }

    /// Takes in what a router said. The first opinion on a field stays.
    pub(super) fn route(
        &mut self,
        by: &PluginStamp,
        is_shadow: bool,
        positions: &[usize],
        heard: Vec<Heard<Option<RouteDecision>>>,
    ) {
        for (&position, heard) in positions.iter().zip(heard) {
            let lane = &mut self.lanes[self.live[position]];
            let verdict = describe_decision(&heard.word);
            if !is_shadow {
                lane.stages.push(heard.trace("route", by, verdict));
                if let Ok(Some(new)) = heard.word {
                    merge(&mut lane.decision, new);
                }
            } else if !matches!(heard.word, Ok(None)) {
                lane.stages.push(heard.trace("route", by, format!("shadow: {verdict}").into()));
                let before = Box::new(lane.decision.clone());
                let aside = |wanted| Aside::Route { wanted: Box::new(wanted), before };
                lane.say_aside(by, heard.word.ok().flatten().map(aside));
            }
        }
    }

    /// Where shadows would have decided otherwise, by plugin, now that everybody has spoken; written into their stages too.
    pub(super) fn differences(&mut self) -> Vec<(Arc<str>, Difference)> {
        self.lanes.iter_mut().flat_map(Lane::differences).collect()
    }

    /// All events, in order, with what was said about them, and the packer for the next batch.
    pub(super) fn finish(self) -> (Vec<JudgedEvent>, Packer) {
        let judged = |lane: Lane| JudgedEvent {
            event: lane.event,
            verdict: lane.verdict,
            decision: lane.decision,
            stages: lane.stages,
        };
        (self.lanes.into_iter().map(judged).collect(), self.packer)
    }

    fn retain(&mut self, wanted: impl Fn(usize, &Lane) -> bool) {
        let wanted: Vec<bool> =
            (0..self.live.len()).map(|position| wanted(position, self.lane(position))).collect();
        if wanted.iter().all(|is_wanted| *is_wanted) {
            return;
        }
        self.packer.retain(|position| wanted[position]);
        let mut position = 0;
        self.live.retain(|_| {
            position += 1;
            wanted[position - 1]
        });
    }
}

impl Lane {
    /// Notes what a shadow said in the last stage.
    fn say_aside(&mut self, by: &PluginStamp, aside: Option<Aside>) {
        let stage = self.stages.len().saturating_sub(1);
        self.asides.extend(aside.map(|aside| Said { by: by.name.clone(), stage, aside }));
    }

    fn differences(&mut self) -> Vec<(Arc<str>, Difference)> {
        let mut differences = Vec::new();
        for Said { by, stage, aside } in std::mem::take(&mut self.asides) {
            let Some(live) = aside.against(&self.verdict, &self.decision) else { continue };
            let said = &mut self.stages[stage].verdict;
            let cut = |text: &str| bounds::cut(text, bounds::DIFFERENCE_MAX_BYTES).to_owned();
            let shadow = cut(said.strip_prefix("shadow: ").unwrap_or(said));
            *said = format!("{said}; without it: {live}").into();
            let difference = Difference {
                number: 0,
                event: self.event.id,
                title: self.event.title.clone(),
                received_at: self.event.received_at,
                live: cut(&live),
                shadow,
            };
            differences.push((by, difference));
        }
        differences
    }

    /// Its integration's own service; empty when the integration is gone.
    pub(super) fn service(&self) -> &str {
        self.service.as_ref().map_or("", ServiceId::as_str)
    }
}

/// The service of an event's integration; `None` when the integration is gone.
pub(super) fn own_service<'d>(directory: &'d Directory, event: &Event) -> Option<&'d ServiceId> {
    directory.integrations.get(&event.integration).map(|integration| &integration.service)
}

/// Whether a plugin with this scope is to see the event as it is by now. A matcher's name is a field as in
/// `Event::field`, and `service` is the integration's own.
pub(super) fn fits(scope: &[Matcher], event: &Event, service: &str) -> bool {
    let field = |name: &str| match name {
        "service" if !event.labels.contains_key(name) => service,
        _ => event.field(name),
    };
    scope.iter().all(|matcher| matcher.matches(field(&matcher.name)))
}

/// Puts a patch on both forms of an event.
///
/// # Errors
/// In words, when the event would pass a bound with it or the packed form cannot grow: it stays as it was, in both forms.
fn modify(
    packer: &mut Packer,
    position: usize,
    event: &mut Arc<Event>,
    change: &Patch,
) -> Result<(), String> {
    let changed = patch::applied(event, change)?;
    packer.rewrite(position, &patch::rewrite(change)).map_err(|error| error.to_string())?;
    *event = Arc::new(changed);
    Ok(())
}

impl<T> Heard<T> {
    fn trace(
        &self,
        stage: &'static str,
        by: &PluginStamp,
        verdict: Cow<'static, str>,
    ) -> StageTrace {
        StageTrace {
            stage,
            plugin: by.clone(),
            verdict,
            batch_us: self.batch_us,
            batch_len: self.batch_len,
        }
    }
}

pub(super) fn merge(decision: &mut RouteDecision, new: RouteDecision) {
    let RouteDecision { service, escalation_policy, urgency, priority, group_key } = new;
    decision.service = decision.service.take().or(service);
    decision.escalation_policy = decision.escalation_policy.take().or(escalation_policy);
    decision.urgency = decision.urgency.or(urgency);
    decision.priority = decision.priority.take().or(priority);
    decision.group_key = decision.group_key.take().or(group_key);
}

/// Most words are the same few: those are not written anew for every event.
fn describe_ruling(word: &Result<Ruling, String>) -> Cow<'static, str> {
    match word {
        Ok(Ruling::Keep) => "keep".into(),
        Ok(Ruling::Modify(change)) => format!("modify {}", patch::describe(change)).into(),
        Ok(Ruling::Suppress { reason, until: None }) => format!("suppress: {reason}").into(),
        Ok(Ruling::Suppress { reason, until: Some(until) }) => {
            format!("suppress until {until}: {reason}").into()
        }
        Ok(Ruling::Drop { reason }) => format!("drop: {reason}").into(),
        Err(why) => format!("failed: {why}").into(),
    }
}

pub(super) fn describe_decision(word: &Result<Option<RouteDecision>, String>) -> Cow<'static, str> {
    let decision = match word {
        Err(why) => return format!("failed: {why}").into(),
        Ok(None) => return "no opinion".into(),
        Ok(Some(decision)) => decision,
    };
    let parts = [
        ("service", decision.service.as_deref()),
        ("escalation policy", decision.escalation_policy.as_deref()),
        ("urgency", decision.urgency.map(nightbell_core::model::Urgency::as_str)),
        ("priority", decision.priority.as_deref()),
        ("group key", decision.group_key.as_deref()),
    ];
    let parts: Vec<_> =
        parts.iter().filter_map(|(name, value)| Some(format!("{name} {}", (*value)?))).collect();
    if parts.is_empty() { "no opinion".into() } else { parts.join(", ").into() }
}

#[cfg(test)]
#[path = "batch_tests.rs"]
mod tests;
