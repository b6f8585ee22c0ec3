//! Whom to tell next: steps, passes, the fallback that never ends, and the pause while all is silenced.
//!
//! ```text
//! start ─▶ step 1 ─delay─▶ step 2 ─delay─▶ … ─▶ step 1 again (repeat) ─▶ fallback ⟲ every 30 min
//!            └ nobody can be reached, or its       └ a pass paged nobody: fallback at once
//!              conditions do not hold: next step at once
//! ```
//!
//! All of it is read from the incident's own copy of the policy (I5); who is on call, in a team or in a room, from the
//! configuration and the overrides of now.

mod answer;
mod condition;
mod explain;
mod pause;
mod target;
mod tell;
mod watch;

pub use answer::{Answered, add_responders, answer, hold};
pub use explain::{EXPLAINED_MAX, Explained, Question, explain, explain_until, told_at};
pub use pause::{pause, resume, start_paused, stay_paused, unpause};
pub use target::people_of;
pub use watch::{quiet_until, repage, watch_hours};

use crate::model::{
    Draft, Incident, PageReason, PersonId, Phase, StepStrategy, Target, TimelineKind, TimerKey,
};
use crate::notify::{self, PageMode};
use jiff::SignedDuration;
use tell::{Call, Told, tell};

/// How often the fallback is paged until somebody answers.
pub const FALLBACK_INTERVAL: SignedDuration = SignedDuration::from_mins(30);
/// How soon the fallback is paged again when none of its pages arrived: a channel that was down for minutes
/// must not buy half an hour of silence.
pub const FALLBACK_RETRY: SignedDuration = SignedDuration::from_mins(2);

/// Begins at step 1 (or with those it was assigned to), from nothing: pages of an earlier start are taken back, and whoever
/// has answered before is to answer again.
pub fn start(draft: &mut Draft<'_>, incident: &mut Incident, why_cancel: &str) {
    stop(draft, incident, why_cancel);
    anew(draft, incident);
    begin(incident);
    match incident.assigned_to.is_empty() {
        true => enter(draft, incident, 1, 0),
        false => ring_owners(draft, incident),
    }
}

/// Stops the ringing: no timer, no page that has not left (I12). Of a resolved incident, everything.
pub fn stop(draft: &mut Draft<'_>, incident: &mut Incident, why: &str) {
    draft.cancel_timer(TimerKey::Escalate(incident.id));
    draft.cancel_timer(TimerKey::Repage(incident.id));
    draft.cancel_timer(TimerKey::AcknowledgeTimeout(incident.id));
    if !incident.is_open() {
        draft.cancel_timer(TimerKey::AutoResolve(incident.id));
        draft.cancel_timer(TimerKey::SupportHours(incident.id));
    }
    unpause(draft, incident);
    incident.escalation.ringing.clear();
    nobody_waits(incident);
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

/// Somebody wants the next step now. Whoever is being told goes on being told: escalating adds people, it takes nobody away.
pub fn advance_by_hand(draft: &mut Draft<'_>, incident: &mut Incident) {
    draft.cancel_timer(TimerKey::AcknowledgeTimeout(incident.id));
    watch::watch(draft, incident);
    unpause(draft, incident);
    nobody_waits(incident);
    advance(draft, incident);
}

/// It rings, or is over: those who were asked to help are part of that, and no longer asked for themselves.
fn nobody_waits(incident: &mut Incident) {
    for responder in &mut incident.responders {
        responder.waiting = false;
    }
}

/// Nobody has answered yet, and everything else that depends on the last start is forgotten.
fn anew(draft: &mut Draft<'_>, incident: &mut Incident) {
    incident.escalation.answers.clear();
    incident.escalation.needed = incident.policy.acknowledgements;
    watch::watch(draft, incident);
}

fn begin(incident: &mut Incident) {
    incident.escalation.start += 1;
    incident.escalation.paged_in_pass = false;
    incident.escalation.paused_with = None;
    incident.escalation.paused_by.clear();
    let phase = incident.escalation.phase;
    begin_phase(incident, phase);
}

fn begin_phase(incident: &mut Incident, phase: Phase) {
    incident.escalation.phase = phase;
    incident.escalation.reached = 0;
    incident.escalation.ringing.clear();
    incident.escalation.again = 0;
    incident.escalation.repaged = 0;
}

/// Pages those it was handed to; without any of them, as ever.
fn ring_owners(draft: &mut Draft<'_>, incident: &mut Incident) {
    begin_phase(incident, Phase::Assigned);
    let targets: Vec<Target> = incident.assigned_to.iter().cloned().map(Target::Person).collect();
    let call = Call {
        targets: &targets,
        strategy: StepStrategy::All,
        reason: &|_: &Target| PageReason::Assigned,
        mode: PageMode::ByRules,
    };
    if tell(draft, incident, &call) != Told::People {
        return enter(draft, incident, 1, 0);
    }
    let first = incident.policy.steps.first();
    let delay = first.map_or(FALLBACK_INTERVAL, |step| step.delay);
    wait(draft, incident, delay);
}

/// Tells the first step from `(pass, step)` on that reaches anybody, be it a room; past the last pass, or after a pass that
/// paged no person, the fallback.
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
        begin_phase(incident, Phase::Steps { pass, step });
        let now = &policy.steps[step];
        if let Some(reason) = condition::unmet(draft, incident, &now.conditions) {
            draft.log_engine(incident, TimelineKind::StepNotMet { pass, step, reason });
            step += 1;
            continue;
        }
        draft.log_engine(incident, TimelineKind::StepReached { pass, step });
        let reason = |target: &Target| PageReason::Step { step, target: target.clone() };
        let call = Call {
            targets: &now.targets,
            strategy: now.strategy,
            reason: &reason,
            mode: PageMode::ByRules,
        };
        match tell(draft, incident, &call) {
            Told::People => {
                incident.escalation.paged_in_pass = true;
                let needed = now.acknowledgements.unwrap_or(1);
                incident.escalation.needed = incident.escalation.needed.max(needed);
                return wait(draft, incident, now.delay);
            }
            // A room is nobody, but whoever is in it has the delay to come forward.
            Told::Rooms => return wait(draft, incident, now.delay),
            Told::Nobody => draft.log_engine(incident, TimelineKind::StepSkipped { pass, step }),
        }
        step += 1;
    }
}

fn fallback(draft: &mut Draft<'_>, incident: &mut Incident, round: u32) {
    begin_phase(incident, Phase::Fallback { round });
    draft.log_engine(incident, TimelineKind::FallbackReached { round });
    let targets = draft.view.directory.fallback.clone();
    let call = Call {
        targets: &targets,
        strategy: StepStrategy::All,
        reason: &|_: &Target| PageReason::Fallback,
        mode: PageMode::AtAnyRate,
    };
    let told = tell(draft, incident, &call);
    if told != Told::People && !incident.escalation.answers.is_empty() {
        return answer::settle(draft, incident);
    }
    if told != Told::People {
        // Nobody left to ask who would be right: whoever can be reached is better than silence (I11).
        let reachable = notify::reachable(draft.view).map(Target::Person).collect::<Vec<_>>();
        tell(draft, incident, &Call { targets: &reachable, ..call });
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
    watch::repage_later(draft, incident);
}

/// The mode of a page for this reason: who is the last resort, or was asked by name, is told at any rate.
fn mode_of(reason: &PageReason) -> PageMode {
    match reason {
        PageReason::Fallback | PageReason::Responder => PageMode::AtAnyRate,
        PageReason::Step { .. }
        | PageReason::Assigned
        | PageReason::Notice
        | PageReason::Follows => PageMode::ByRules,
    }
}

/// Whether the configuration still knows a person.
fn is_known(draft: &Draft<'_>, person: &PersonId) -> bool {
    draft.view.directory.people.contains_key(person)
}
