//! One batch of decisions in the making: each input sees what those before it changed.

use super::describe;
use crate::plugin::JudgedBatch;
use crate::store::{Commit, InputRecord};
use jiff::Timestamp;
use nightbell_core::decide;
use nightbell_core::model::{
    Action, Change, Directory, EventId, Input, Reply, State, TimerKey, Transition, View,
};
use std::collections::BTreeSet;

/// Open incidents up to which debug builds check every invariant after every batch.
const CHECKED_MAX: usize = 200;

/// Decides inputs one after the other and collects what they change. The simulator drives it as the pipeline does.
pub struct Batch<'a> {
    directory: &'a Directory,
    state: &'a mut State,
    commit: Commit,
    moved: bool,
}

impl<'a> Batch<'a> {
    /// An empty batch at `now`, behind `cursor`.
    pub fn new(
        directory: &'a Directory,
        state: &'a mut State,
        cursor: EventId,
        now: Timestamp,
    ) -> Self {
        let commit = Commit {
            now,
            inputs: Vec::new(),
            cursor,
            outcomes: Vec::new(),
            changes: Vec::new(),
            timeline: Vec::new(),
        };
        Self { directory, state, commit, moved: false }
    }

    /// Notes something that decides nothing by itself but belongs to the record (I14).
    pub(super) fn record(&mut self, input: InputRecord) {
        self.commit.inputs.push(input);
        self.moved = true;
    }

    /// Decides what follows from the configuration, which may be another one than before. Answers whether anything does.
    pub(super) fn configure(&mut self) -> bool {
        let transition = self.decide(&Input::Config);
        let is_new = !transition.is_empty();
        self.keep(transition);
        is_new
    }

    /// Decides an action or an answer; `extra` is kept with it.
    pub fn ask(&mut self, input: &Input, extra: &[Change]) -> Reply {
        let transition = self.decide(input);
        let reply = transition.reply.clone();
        let refused = matches!(reply, Reply::Refused(_));
        if !refused && let Some(record) = describe(input) {
            self.record(record);
        }
        self.keep(transition);
        self.apply(extra.to_vec());
        reply
    }

    /// Decides what is due, at most `max`.
    pub fn due(&mut self, max: usize) {
        for timer in self.state.due(self.commit.now, max) {
            let input = Input::Due(timer.key);
            let transition = self.decide(&input);
            if let Some(record) = describe(&input).filter(|_| !transition.is_empty()) {
                self.record(record);
            }
            self.keep(transition);
        }
    }

    /// Decides a judged batch of events.
    pub fn judged(&mut self, judged: JudgedBatch) {
        let (first, last) = match (judged.events.first(), judged.events.last()) {
            (Some(first), Some(last)) => (first.event.id, last.event.id),
            _ => return,
        };
        self.record(InputRecord::Events { first, last });
        for failure in judged.failures {
            let (plugin, message) = (failure.plugin, failure.message);
            self.record(InputRecord::PluginFailure { plugin, message });
        }
        self.apply(judged.changes);
        for event in judged.events {
            let transition = self.decide(&Input::Event(Box::new(event)));
            self.keep(transition);
        }
        self.commit.cursor = last;
    }

    fn decide(&self, input: &Input) -> Transition {
        let view = View { directory: self.directory, state: self.state };
        decide(view, input, self.commit.now)
    }

    fn keep(&mut self, transition: Transition) {
        self.commit.outcomes.extend(transition.outcome);
        self.commit.timeline.extend(transition.timeline);
        self.apply(transition.changes);
    }

    fn apply(&mut self, changes: Vec<Change>) {
        self.state.apply(&changes);
        self.moved |= !changes.is_empty();
        self.commit.changes.extend(changes);
    }

    /// The commit; `None` when there is nothing to make durable.
    pub fn finish(self) -> Option<Commit> {
        // The check is linear in what is open.
        if cfg!(debug_assertions) && self.state.incidents().take(CHECKED_MAX).count() < CHECKED_MAX
        {
            for violation in nightbell_core::invariant::violations(self.state) {
                tracing::error!(%violation, "invariant broken");
            }
        }
        let Self { mut commit, moved, .. } = self;
        commit.changes = last_values(commit.changes);
        moved.then_some(commit)
    }
}

/// Leaves out incidents, alerts and lanes that the same batch replaces. They are whole values: with each of its versions,
/// an incident of thousands of alerts would make a commit that no journal segment can hold. An alert that left one
/// incident for another in the batch is kept for both.
fn last_values(changes: Vec<Change>) -> Vec<Change> {
    let (mut incidents, mut alerts) = (BTreeSet::new(), BTreeSet::new());
    let mut lanes = BTreeSet::new();
    let mut kept: Vec<Change> = changes
        .into_iter()
        .rev()
        .filter(|change| match change {
            Change::Incident(incident) => incidents.insert(incident.id),
            Change::Alert(alert) => alerts.insert((alert.id.clone(), alert.incident)),
            // What it takes away depends on whether the incident is open by then: the one before it must stay.
            Change::CancelTimer(TimerKey::Leave(id)) => {
                incidents.remove(id);
                true
            }
            Change::Pace(pace) => lanes.insert(pace.lane.clone()),
            Change::ForgetPace(lane) => {
                lanes.insert(lane.clone());
                true
            }
            _ => true,
        })
        .collect();
    kept.reverse();
    kept
}

/// An action for the journal's record, without secrets and without addresses.
pub(super) fn words(action: &Action) -> String {
    match action {
        Action::Acknowledge(id) => format!("acknowledge incident {id}"),
        Action::Resolve(id) => format!("resolve incident {id}"),
        Action::Snooze { incident, until } => format!("snooze incident {incident} until {until}"),
        Action::Reassign { incident, to } => {
            let names: Vec<_> = to.iter().map(|person| person.as_str()).collect();
            format!("reassign incident {incident} to {}", names.join(", "))
        }
        Action::Escalate(id) => format!("escalate incident {id}"),
        Action::Note { incident, .. } => format!("note on incident {incident}"),
        Action::PutSilence(silence) => format!("silence {}", silence.id),
        Action::ExpireSilence(id) => format!("expire silence {id}"),
        Action::PutOverride(over) => format!("override {} of {}", over.id, over.schedule),
        Action::RemoveOverride(id) => format!("remove override {id}"),
        Action::PutMethod { person, method } => {
            format!("contact method {} of {person}", method.id)
        }
        Action::RemoveMethod { person, method } => {
            format!("remove contact method {method} of {person}")
        }
        Action::SetRules { person, rules } => {
            format!("{} notification rules of {person}", rules.len())
        }
        Action::PutToken(token) => format!("token {}", token.id),
        Action::RevokeToken(id) => format!("revoke token {id}"),
        Action::PutTemporary(one) => format!("temporary schedule {} of {}", one.id, one.schedule),
        Action::RemoveTemporary(id) => format!("remove temporary schedule {id}"),
        Action::PutAbsence(absence) => format!("absence {} of {}", absence.id, absence.person),
        Action::RemoveAbsence(id) => format!("remove absence {id}"),
        Action::ReplaceAbsences { person, source, absences } => {
            format!("{} absences of {person} from {source}", absences.len())
        }
        Action::SendCode { person, method, .. } => format!("code to {method} of {person}"),
        Action::ConfirmCode { person, method, .. } => format!("confirm {method} of {person}"),
        Action::TestMethod { person, method } => format!("test of {method} of {person}"),
        Action::Prefer { person, choices } => {
            format!("{} preferences of {person}", choices.len())
        }
        Action::AddResponders { incident, people } => {
            let names: Vec<_> = people.iter().map(|person| person.as_str()).collect();
            format!("ask {} to help with incident {incident}", names.join(", "))
        }
        Action::Merge { into, incidents } => {
            let numbers: Vec<_> = incidents.iter().map(ToString::to_string).collect();
            format!("merge incidents {} into {into}", numbers.join(", "))
        }
        Action::Split { incident, alerts } => {
            format!("split {} alerts from incident {incident}", alerts.len())
        }
        Action::SetPriority { incident, priority } => {
            let priority = priority.map_or("none", |priority| priority.as_str());
            format!("priority {priority} of incident {incident}")
        }
        Action::Subscribe { incident, person } => {
            format!("subscribe {person} to incident {incident}")
        }
        Action::Unsubscribe { incident, person } => {
            format!("unsubscribe {person} from incident {incident}")
        }
        Action::PostUpdate { incident, .. } => format!("status update of incident {incident}"),
        Action::PutMaintenanceWindow(window) => format!("maintenance window {}", window.id),
        Action::EndMaintenanceWindow(id) => format!("end maintenance window {id}"),
        Action::OfferSwap(swap) => {
            format!("offer a shift of {} on {} as swap {}", swap.from, swap.gives.schedule, swap.id)
        }
        Action::AcceptSwap { swap, person } => format!("accept swap {swap} for {person}"),
        Action::DeclineSwap(id) => format!("decline swap {id}"),
        Action::WithdrawSwap(id) => format!("withdraw swap {id}"),
        Action::SetHandoffWish(wish) => format!("hand-off notices of {}", wish.person),
    }
}
