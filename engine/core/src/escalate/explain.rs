//! Who would be paged when, and through what, if nobody ever answered: `decide` itself, run on a scratch state with an
//! incident of our own. There is no second implementation that could say otherwise.

use crate::decide;
use crate::model::{
    Attempt, AttemptResult, Directory, Event, EventId, EventKind, EventOutcome, Input, JudgedEvent,
    Phase, PolicyId, Priority, RouteDecision, ServiceId, Severity, State, TimelineEntry,
    TimelineKind, Urgency, Verdict, View,
};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Longest answer, in timeline entries.
pub const EXPLAINED_MAX: usize = 2_000;
/// Decisions tried; a policy with long delays and short repages has many.
const TURNS_MAX: usize = 5_000;
/// How often the fallback is followed: the third time would be as the second.
const ROUNDS: u32 = 2;

/// What is asked.
#[derive(Clone, Debug)]
pub struct Question {
    /// Which policy.
    pub policy: PolicyId,
    /// Of which service the incident is; `None`: the first one that has this policy, else the built-in one.
    pub service: Option<ServiceId>,
    /// How loud; `None`: as a critical event of the service would be.
    pub urgency: Option<Urgency>,
    /// How important.
    pub priority: Option<Priority>,
    /// When it opens.
    pub at: Timestamp,
}

/// The answer.
#[derive(Clone, Debug)]
pub struct Explained {
    /// What became of the event: an incident, unless a silence or a maintenance window holds it.
    pub outcome: EventOutcome,
    /// Of which service it was.
    pub service: ServiceId,
    /// How loud it began.
    pub urgency: Urgency,
    /// What would stand in the timeline, until the fallback was paged twice: who is paged and who is not, in order. A page's
    /// rule may delay it further.
    pub entries: Vec<TimelineEntry>,
    /// Whether it would go on beyond what is shown.
    pub cut: bool,
}

/// Runs an incident of this policy until the fallback was paged twice, assuming that every page arrives and nobody answers.
/// `None` when there is no such policy or service.
pub fn explain(view: View<'_>, question: &Question) -> Option<Explained> {
    explain_until(view, question, Timestamp::MAX)
}

/// As [`explain`], with nothing that happens after `last`.
pub fn explain_until(view: View<'_>, question: &Question, last: Timestamp) -> Option<Explained> {
    let Question { policy, service, urgency, priority, at } = question;
    let directory = view.directory;
    directory.policies.get(policy)?;
    let service = match service {
        Some(service) => directory.services.get(service)?.id.clone(),
        None => {
            let mut all = directory.services.values();
            let own = all.find(|service| service.policy == *policy);
            own.map_or_else(|| Directory::BUILT_IN.into(), |service| service.id.clone())
        }
    };
    let decision = RouteDecision {
        service: Some(service.to_string()),
        escalation_policy: Some(policy.to_string()),
        urgency: *urgency,
        priority: priority.map(|priority| priority.as_str().to_owned()),
        ..RouteDecision::default()
    };
    let mut scratch =
        Scratch { directory, state: view.state.without_incidents(), now: *at, entries: Vec::new() };
    let outcome = scratch.input(&Input::Event(Box::new(judged(*at, decision))))?;
    let opened = scratch.state.incidents().next_back().cloned();
    let urgency = opened.map_or(Urgency::High, |incident| incident.urgency);
    let cut = scratch.run(last);
    let entries = scratch.entries;
    Some(Explained { outcome, service, urgency, entries, cut })
}

fn judged(at: Timestamp, decision: RouteDecision) -> JudgedEvent {
    let event = Event {
        id: EventId(0),
        integration: Directory::BUILT_IN.into(),
        received_at: at,
        kind: EventKind::Trigger,
        dedup_key: "nightbell:explain".into(),
        title: "dry run".to_owned(),
        severity: Severity::Critical,
        starts_at: None,
        expires_at: None,
        source: String::new(),
        links: Vec::new(),
        images: Vec::new(),
        labels: BTreeMap::new(),
        details: String::new(),
        attributes: Vec::new(),
    };
    JudgedEvent { event: Arc::new(event), verdict: Verdict::Pass, decision, stages: Vec::new() }
}

struct Scratch<'a> {
    directory: &'a Directory,
    state: State,
    now: Timestamp,
    entries: Vec<TimelineEntry>,
}

impl Scratch<'_> {
    fn input(&mut self, input: &Input) -> Option<EventOutcome> {
        let view = View { directory: self.directory, state: &self.state };
        let transition = decide(view, input, self.now);
        self.state.apply(&transition.changes);
        let shown = transition.timeline.into_iter().filter(|entry| is_told(&entry.kind));
        self.entries.extend(shown);
        transition.outcome
    }

    /// Lets time pass, at most until `last`. Answers whether there would have been more.
    fn run(&mut self, last: Timestamp) -> bool {
        for _ in 0..TURNS_MAX {
            self.arrive();
            let Some(incident) = self.state.incidents().next() else { return false };
            if matches!(incident.escalation.phase, Phase::Fallback { round } if round > ROUNDS) {
                let over = self.now;
                self.entries.retain(|entry| entry.at < over);
                return false;
            }
            if self.entries.len() >= EXPLAINED_MAX {
                self.entries.truncate(EXPLAINED_MAX);
                return true;
            }
            let Some(due) = self.state.next_due() else { return false };
            if last < due {
                return true;
            }
            self.now = self.now.max(due);
            for timer in self.state.due(self.now, 1) {
                self.input(&Input::Due(timer.key));
            }
        }
        true
    }

    /// Every page that is on its way arrives at once.
    fn arrive(&mut self) {
        let pending: Vec<_> = self.state.deliveries().cloned().collect();
        for delivery in pending {
            let result = AttemptResult::Delivered {
                receipt: None,
                thread: None,
                arrived: true,
                problems: Vec::new(),
            };
            let started_at = self.now;
            self.input(&Input::Attempt(Attempt { delivery, started_at, result }));
        }
    }
}

/// What the question was about: not that pages arrive, which is assumed.
fn is_told(kind: &TimelineKind) -> bool {
    !matches!(
        kind,
        TimelineKind::Opened { .. } | TimelineKind::Delivered { .. } | TimelineKind::Arrived { .. }
    )
}

/// When an entry's page goes out: its rule may delay it.
pub fn told_at(entry: &TimelineEntry) -> Timestamp {
    let delay = match &entry.kind {
        TimelineKind::Paged { delay, .. } => *delay,
        _ => SignedDuration::ZERO,
    };
    entry.at.saturating_add(delay).unwrap_or(entry.at)
}
