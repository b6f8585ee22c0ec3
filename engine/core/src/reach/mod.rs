//! Is there, at every instant to come, somebody who would be told in time? For each service: would an incident that opens
//! then page a person through a method that is known to work, within the first minutes of its policy?
//!
//! Nothing is decided here a second time: an incident that opens at an instant is lived through by [`escalate::explain_until`],
//! which is `decide` itself, with the real schedules, rules, conditions and quiet hours. What it answers can only change where a
//! shift, quiet hours or a condition begins or ends (`edges`), so that it is asked once between two such instants and not
//! every minute. Silences and maintenance windows are left out: they are somebody's wish that nobody is told.

mod edges;

use crate::escalate::{self, Question};
use crate::model::{
    Change, Directory, PageReason, PersonId, Service, ServiceId, State, TimelineEntry,
    TimelineKind, Urgency, View,
};
use crate::notify;
use jiff::{SignedDuration, Timestamp};

/// Most instants asked about in one answer; beyond it the answer says that it is not complete.
pub const ASKED_MAX: usize = 200_000;
/// Holes told of one service.
pub const HOLES_MAX: usize = 500;
/// Reasons told of one hole.
const REASONS_MAX: usize = 10;

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ask {
    /// From, inclusive.
    pub from: Timestamp,
    /// Until, exclusive.
    pub to: Timestamp,
    /// How long after the incident opened the first page may go out, inclusive; not negative.
    pub within: SignedDuration,
    /// How loud; `None`: as a critical event of the service would be.
    pub urgency: Option<Urgency>,
}

/// A span in which an incident of a service would reach nobody in time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hole {
    /// Which service.
    pub service: ServiceId,
    /// From, inclusive.
    pub from: Timestamp,
    /// Until, exclusive; the end of what was asked when it goes on.
    pub to: Timestamp,
    /// What would stand in the timeline of such an incident: who is not told and why, who only later or as the fallback. Each
    /// kind of line once.
    pub reasons: Vec<TimelineEntry>,
}

/// The answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reach {
    /// By service, then by time; a service's holes do not meet.
    pub holes: Vec<Hole>,
    /// Whether everything that was asked was looked at.
    pub complete: bool,
    /// How many services were.
    pub services: usize,
}

/// Names every hole of every service. Linear in services, shifts and edges of quiet hours: not for a place that holds others
/// up.
pub fn reach(view: View<'_>, ask: Ask) -> Reach {
    let state = without_quiet(view.state);
    let view = View { state: &state, ..view };
    let mut answer = Reach { complete: true, ..Reach::default() };
    let mut left = ASKED_MAX;
    for service in view.directory.services.values() {
        let instants = edges::of_service(view, service, ask);
        if instants.len() > left {
            answer.complete = false;
            break;
        }
        left -= instants.len();
        let mut holes = of_service(view, service, &instants, ask);
        answer.complete &= holes.len() <= HOLES_MAX;
        holes.truncate(HOLES_MAX);
        answer.holes.extend(holes);
        answer.services += 1;
    }
    answer
}

/// Without silences and maintenance windows, and without what is open.
fn without_quiet(state: &State) -> State {
    let mut scratch = state.without_incidents();
    let silences = state.quiet().silences().map(|one| Change::RemoveSilence(one.id.clone()));
    let windows = state.quiet().windows();
    let windows = windows.map(|one| Change::RemoveMaintenanceWindow(one.id.clone()));
    let gone: Vec<Change> = silences.chain(windows).collect();
    scratch.apply(&gone);
    scratch
}

fn of_service(view: View<'_>, service: &Service, instants: &[Timestamp], ask: Ask) -> Vec<Hole> {
    let mut holes: Vec<Hole> = Vec::new();
    for (place, at) in instants.iter().enumerate() {
        let to = instants.get(place + 1).copied().unwrap_or(ask.to);
        let Some(reasons) = unreached(view, service, *at, ask) else { continue };
        match holes.last_mut().filter(|last| last.to == *at) {
            Some(last) => {
                last.to = to;
                add(&mut last.reasons, reasons);
            }
            None => {
                let mut hole =
                    Hole { service: service.id.clone(), from: *at, to, reasons: Vec::new() };
                add(&mut hole.reasons, reasons);
                holes.push(hole);
            }
        }
    }
    holes
}

fn add(known: &mut Vec<TimelineEntry>, more: Vec<TimelineEntry>) {
    for entry in more {
        if known.len() < REASONS_MAX && !known.iter().any(|other| same(&other.kind, &entry.kind)) {
            known.push(entry);
        }
    }
}

/// The same reason, if perhaps until another instant.
fn same(one: &TimelineKind, other: &TimelineKind) -> bool {
    use TimelineKind::{Held, Paged};
    match (one, other) {
        (Held { person: a, method: m, .. }, Held { person: b, method: n, .. })
        | (Paged { person: a, method: m, .. }, Paged { person: b, method: n, .. }) => {
            a == b && m == n
        }
        (one, other) => one == other,
    }
}

/// Why an incident that opens at `at` reaches nobody in time; `None`: it does. What it lives through is kept at the instant
/// at which each thing happens.
pub fn unreached(
    view: View<'_>,
    service: &Service,
    at: Timestamp,
    ask: Ask,
) -> Option<Vec<TimelineEntry>> {
    let last = at.saturating_add(ask.within).unwrap_or(Timestamp::MAX);
    let question = Question {
        policy: service.policy.clone(),
        service: Some(service.id.clone()),
        urgency: ask.urgency,
        priority: None,
        at,
    };
    let Some(explained) = escalate::explain_until(view, &question, last) else {
        return Some(Vec::new());
    };
    let by_fallback = is_fallback_only(view.directory, service);
    let is_reached = explained.entries.iter().any(|entry| match &entry.kind {
        TimelineKind::Paged { person, method, reason, .. } => {
            (by_fallback || *reason != PageReason::Fallback)
                && escalate::told_at(entry) <= last
                && works(view, person, method)
        }
        TimelineKind::Held { person, method, until, .. } => {
            *until <= last && works(view, person, method)
        }
        _ => false,
    });
    (!is_reached).then(|| explained.entries.into_iter().filter(tells_why).collect())
}

/// The built-in service has no steps: its policy is the fallback.
fn is_fallback_only(directory: &Directory, service: &Service) -> bool {
    directory.policies.get(&service.policy).is_none_or(|policy| policy.steps.is_empty())
}

/// Whether nobody said that the method does not work.
fn works(view: View<'_>, person: &PersonId, method: &crate::model::MethodId) -> bool {
    let methods = notify::profile(view, person).methods;
    let known = methods.iter().find(|known| known.id == *method);
    known.is_some_and(|method| view.state.people().undeliverable(person, method).is_none())
}

fn tells_why(entry: &TimelineEntry) -> bool {
    matches!(
        entry.kind,
        TimelineKind::NotPaged(_)
            | TimelineKind::Held { .. }
            | TimelineKind::StepNotMet { .. }
            | TimelineKind::Paged { .. }
    )
}

#[cfg(test)]
mod tests;
