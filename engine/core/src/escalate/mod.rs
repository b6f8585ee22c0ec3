//! Whom to tell next: steps, passes, the fallback that never ends, and the pause while all is silenced.
//!
//! ```text
//! start ─▶ step 1 ─delay─▶ step 2 ─delay─▶ … ─▶ step 1 again (repeat) ─▶ fallback ⟲ every 30 min
//!            └ nobody can be reached: next step at once         └ a pass paged nobody: fallback at once
//! ```

use crate::model::{
    Draft, Incident, NotPagedReason, PageReason, PersonId, Phase, Target, TimelineKind, TimerKey,
};
use crate::notify::{self, PageMode};
use crate::schedule;
use jiff::SignedDuration;

/// How often the fallback is paged until somebody answers.
pub const FALLBACK_INTERVAL: SignedDuration = SignedDuration::from_mins(30);
/// How soon the fallback is paged again when none of its pages arrived: a channel that was down for minutes
/// must not buy half an hour of silence.
pub const FALLBACK_RETRY: SignedDuration = SignedDuration::from_mins(2);

/// Begins at step 1 (or with those it was assigned to), from nothing: pages of an earlier start are taken back.
pub fn start(draft: &mut Draft<'_>, incident: &mut Incident, why_cancel: &str) {
    stop(draft, incident, why_cancel);
    begin(incident);
    if incident.assigned_to.is_empty() {
        enter(draft, incident, 1, 0);
        return;
    }
    incident.escalation.phase = Phase::Assigned;
    let owners: Vec<Target> = incident.assigned_to.iter().cloned().map(Target::Person).collect();
    if !tell(draft, incident, &owners, |_| PageReason::Assigned, PageMode::ByRules) {
        enter(draft, incident, 1, 0);
        return;
    }
    let first = incident.policy.steps.first();
    let delay = first.map_or(FALLBACK_INTERVAL, |step| step.delay);
    wait(draft, incident, delay);
}

/// As [`start`] while every firing alert is silenced: nobody is paged until [`resume`].
pub fn start_paused(draft: &mut Draft<'_>, incident: &mut Incident, why_cancel: &str) {
    stop(draft, incident, why_cancel);
    incident.escalation.phase = match incident.assigned_to.is_empty() {
        true => Phase::Steps { pass: 1, step: 0 },
        false => Phase::Assigned,
    };
    draft.log_engine(incident, TimelineKind::Paused);
    incident.escalation.paused_with = Some(SignedDuration::ZERO);
}

/// Stops the ringing: no timer, no page that has not left (I12).
pub fn stop(draft: &mut Draft<'_>, incident: &mut Incident, why: &str) {
    draft.cancel_timer(TimerKey::Escalate(incident.id));
    incident.escalation.paused_with = None;
    notify::cancel_pages(draft, incident, why);
}

/// Goes on to whoever is next.
pub fn advance(draft: &mut Draft<'_>, incident: &mut Incident) {
    match incident.escalation.phase {
        Phase::Assigned => enter(draft, incident, 1, 0),
        Phase::Steps { pass, step } => enter(draft, incident, pass, step + 1),
        Phase::Fallback { round } => fallback(draft, incident, round + 1),
    }
}

/// Every firing alert is silenced: hold still. What is left of the current delay is kept; pages that had not
/// left are taken back, and then the phase under way begins anew afterwards.
pub fn pause(draft: &mut Draft<'_>, incident: &mut Incident) {
    let due = draft.view.state.timer(&TimerKey::Escalate(incident.id));
    let left = due.map_or(SignedDuration::ZERO, |due| due.duration_since(draft.now));
    draft.cancel_timer(TimerKey::Escalate(incident.id));
    draft.log_engine(incident, TimelineKind::Paused);
    let cancelled = notify::cancel_pages(draft, incident, "every firing alert is silenced");
    let left = if cancelled > 0 { SignedDuration::ZERO } else { left.max(SignedDuration::ZERO) };
    incident.escalation.paused_with = Some(left);
}

/// An alert fires that is not silenced: go on where it stopped.
pub fn resume(draft: &mut Draft<'_>, incident: &mut Incident) {
    let Some(left) = incident.escalation.paused_with.take() else { return };
    draft.log_engine(incident, TimelineKind::Resumed);
    if left > SignedDuration::ZERO {
        wait(draft, incident, left);
        return;
    }
    match incident.escalation.phase {
        Phase::Assigned => start(draft, incident, "resumed"),
        Phase::Steps { pass, step } => {
            begin(incident);
            enter(draft, incident, pass, step);
        }
        Phase::Fallback { round } => {
            begin(incident);
            fallback(draft, incident, round);
        }
    }
}

fn begin(incident: &mut Incident) {
    incident.escalation.start += 1;
    incident.escalation.paged_in_pass = false;
    incident.escalation.reached = 0;
    incident.escalation.paused_with = None;
}

/// Pages the first step from `(pass, step)` on that reaches anybody; past the last pass, or after a pass that
/// paged nobody, the fallback.
fn enter(draft: &mut Draft<'_>, incident: &mut Incident, mut pass: u32, mut step: usize) {
    let policy = incident.policy.clone();
    loop {
        if step >= policy.steps.len() {
            if pass > policy.repeat || !incident.escalation.paged_in_pass {
                return fallback(draft, incident, 1);
            }
            (pass, step) = (pass + 1, 0);
            incident.escalation.paged_in_pass = false;
        }
        incident.escalation.phase = Phase::Steps { pass, step };
        incident.escalation.reached = 0;
        let targets = &policy.steps[step].targets;
        let reason = |target: &Target| PageReason::Step { step, target: target.clone() };
        draft.log_engine(incident, TimelineKind::StepReached { pass, step });
        if tell(draft, incident, targets, reason, PageMode::ByRules) {
            incident.escalation.paged_in_pass = true;
            return wait(draft, incident, policy.steps[step].delay);
        }
        draft.log_engine(incident, TimelineKind::StepSkipped { pass, step });
        step += 1;
    }
}

fn fallback(draft: &mut Draft<'_>, incident: &mut Incident, round: u32) {
    incident.escalation.phase = Phase::Fallback { round };
    incident.escalation.reached = 0;
    draft.log_engine(incident, TimelineKind::FallbackReached { round });
    let targets = draft.view.directory.fallback.clone();
    if !tell(draft, incident, &targets, |_| PageReason::Fallback, PageMode::AtAnyRate) {
        // Nobody left to ask who would be right: whoever can be reached is better than silence (I11).
        let reachable = notify::reachable(draft.view).map(Target::Person).collect::<Vec<_>>();
        tell(draft, incident, &reachable, |_| PageReason::Fallback, PageMode::AtAnyRate);
    }
    wait(draft, incident, FALLBACK_INTERVAL);
}

/// Every page of this round of the fallback failed: the next one comes soon.
pub fn fall_back_soon(draft: &mut Draft<'_>, incident: &Incident) {
    let soon = draft.now.saturating_add(FALLBACK_RETRY).unwrap_or(draft.now);
    let key = TimerKey::Escalate(incident.id);
    if draft.view.state.timer(&key).is_none_or(|due| soon < due) {
        draft.set_timer(key, soon);
    }
}

fn wait(draft: &mut Draft<'_>, incident: &Incident, delay: SignedDuration) {
    let due = draft.now.saturating_add(delay).unwrap_or(draft.now);
    draft.set_timer(TimerKey::Escalate(incident.id), due);
}

/// Pages everybody the targets lead to, each once. Answers whether anybody will be told.
fn tell(
    draft: &mut Draft<'_>,
    incident: &mut Incident,
    targets: &[Target],
    reason: impl Fn(&Target) -> PageReason,
    mode: PageMode,
) -> bool {
    let mut seen: Vec<PersonId> = Vec::new();
    let mut told = false;
    for target in targets {
        match resolve(draft, target) {
            Err(why) => draft.log_engine(incident, TimelineKind::NotPaged(why)),
            Ok(person) if seen.contains(&person) => draft.log_engine(
                incident,
                TimelineKind::NotPaged(NotPagedReason::AlreadyInStep(person)),
            ),
            Ok(person) => {
                told |= notify::page(draft, incident, &person, &reason(target), mode);
                seen.push(person);
            }
        }
    }
    told
}

/// Whom a target means now.
fn resolve(draft: &Draft<'_>, target: &Target) -> Result<PersonId, NotPagedReason> {
    let directory = draft.view.directory;
    let unknown = || NotPagedReason::UnknownTarget(target.clone());
    let person = match target {
        Target::Person(person) => person.clone(),
        Target::Schedule(id) => {
            let calendar = schedule::calendar(draft.view, id).ok_or_else(unknown)?;
            calendar
                .on_call(draft.now)
                .ok_or_else(|| NotPagedReason::NobodyOnCall(target.clone()))?
                .person
        }
    };
    match directory.people.contains_key(&person) {
        true => Ok(person),
        false => Err(NotPagedReason::UnknownTarget(Target::Person(person))),
    }
}
