//! A transition in the making: what every rule writes into.

use super::{
    Actor, Change, DeliveryId, Incident, Lane, Pace, TimelineEntry, TimelineKind, TimerKey,
    Transition, Via, View,
};
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Collects what one input changes. Rules read `view`, which does not show what the draft holds so far:
/// they take back before they add.
#[derive(Debug)]
pub struct Draft<'a> {
    /// What is looked at.
    pub view: View<'a>,
    /// The time of the decision.
    pub now: Timestamp,
    /// Who caused it.
    pub actor: Actor,
    /// Through which door they did.
    pub via: Option<Via>,
    /// What has been decided so far.
    pub transition: Transition,
    /// Lanes as this draft leaves them: many pages of one draft may share one.
    paces: BTreeMap<Lane, Pace>,
    /// How many pages this draft took out of each message that pages share.
    pub(crate) taken_out: BTreeMap<DeliveryId, usize>,
}

impl<'a> Draft<'a> {
    /// An empty draft.
    pub fn new(view: View<'a>, now: Timestamp, actor: Actor) -> Self {
        let (transition, paces) = (Transition::default(), BTreeMap::new());
        Self { view, now, actor, via: None, transition, paces, taken_out: BTreeMap::new() }
    }

    /// Adds a change.
    pub fn change(&mut self, change: Change) {
        self.transition.changes.push(change);
    }

    /// Sets or moves a timer.
    pub fn set_timer(&mut self, key: TimerKey, due: Timestamp) {
        self.change(Change::SetTimer(key, due));
    }

    /// Takes a timer away if it is set, be it by this draft.
    pub fn cancel_timer(&mut self, key: TimerKey) {
        let set_here = self.transition.changes.iter().rev().find_map(|change| match change {
            Change::SetTimer(of, _) if *of == key => Some(true),
            Change::CancelTimer(of) if *of == key => Some(false),
            _ => None,
        });
        if set_here.unwrap_or_else(|| self.view.state.timer(&key).is_some()) {
            self.change(Change::CancelTimer(key));
        }
    }

    /// Writes a line into the incident's timeline, in the name of the draft's actor.
    pub fn log(&mut self, incident: &mut Incident, kind: TimelineKind) {
        let (actor, via) = (self.actor.clone(), self.via.clone());
        self.log_as(incident, actor, via, kind);
    }

    /// Writes a line in the engine's own name: what follows from somebody's deed is not their deed.
    pub fn log_engine(&mut self, incident: &mut Incident, kind: TimelineKind) {
        self.log_as(incident, Actor::Engine, None, kind);
    }

    fn log_as(
        &mut self,
        incident: &mut Incident,
        actor: Actor,
        via: Option<Via>,
        kind: TimelineKind,
    ) {
        let has_steps = !incident.policy.steps.is_empty();
        incident.life.note(&kind, &actor, self.now, has_steps);
        let entry = TimelineEntry {
            incident: incident.id,
            seq: incident.timeline_len,
            at: self.now,
            actor,
            via,
            kind,
        };
        incident.timeline_len += 1;
        self.transition.timeline.push(entry);
    }

    /// A lane's open window, as the draft leaves it so far.
    pub fn pace(&self, lane: &Lane) -> Option<Pace> {
        let known = || self.view.state.paces().pace(lane).map(|pace| (**pace).clone());
        self.paces.get(lane).cloned().or_else(known)
    }

    /// Keeps a lane's window.
    pub fn put_pace(&mut self, pace: Pace) {
        self.change(Change::Pace(Arc::new(pace.clone())));
        self.paces.insert(pace.lane.clone(), pace);
    }

    /// Keeps a changed incident.
    pub fn put_incident(&mut self, mut incident: Incident) {
        if self.actor != Actor::Engine {
            incident.touched_at = Some(self.now);
        }
        incident.version += 1;
        self.change(Change::Incident(Arc::new(incident)));
    }
}
