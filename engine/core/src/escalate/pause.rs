//! Holding still while everything that fires of an incident is kept quiet by intention, and going on afterwards.

use super::{anew, begin, enter, fallback, nobody_waits, ring_owners, stop, wait};
use crate::model::{Draft, Incident, Phase, Suppression, TimelineKind, TimerKey};
use crate::notify;
use jiff::{SignedDuration, Timestamp};

/// As `start` while every firing alert is kept quiet by `holders`: nobody is paged until [`resume`].
pub fn start_paused(
    draft: &mut Draft<'_>,
    incident: &mut Incident,
    why_cancel: &str,
    holders: Vec<Suppression>,
) {
    stop(draft, incident, why_cancel);
    anew(draft, incident);
    incident.escalation.phase = match incident.assigned_to.is_empty() {
        true => Phase::Steps { pass: 1, step: 0 },
        false => Phase::Assigned,
    };
    incident.escalation.paused_with = Some(SignedDuration::ZERO);
    hold(draft, incident, holders);
}

/// Every firing alert is kept quiet by `holders`: hold still. What is left of the current delay is kept; pages that had
/// not left are taken back, and then the phase under way begins anew afterwards.
pub fn pause(draft: &mut Draft<'_>, incident: &mut Incident, holders: Vec<Suppression>) {
    let due = draft.view.state.timer(&TimerKey::Escalate(incident.id));
    let left = due.map_or(SignedDuration::ZERO, |due| due.duration_since(draft.now));
    draft.cancel_timer(TimerKey::Escalate(incident.id));
    draft.cancel_timer(TimerKey::Repage(incident.id));
    hold(draft, incident, holders);
    let cancelled = notify::cancel_pages(draft, incident, "every firing alert is kept quiet");
    let left = if cancelled > 0 { SignedDuration::ZERO } else { left.max(SignedDuration::ZERO) };
    incident.escalation.paused_with = Some(left);
}

/// A paused incident stays quiet, maybe by something else than before. Answers whether the incident changed.
pub fn stay_paused(
    draft: &mut Draft<'_>,
    incident: &mut Incident,
    holders: Vec<Suppression>,
) -> bool {
    if incident.escalation.paused_by == holders {
        look_again(draft, incident);
        return false;
    }
    hold(draft, incident, holders);
    true
}

fn hold(draft: &mut Draft<'_>, incident: &mut Incident, holders: Vec<Suppression>) {
    draft.log_engine(incident, TimelineKind::PausedBy { holders: holders.clone() });
    incident.escalation.paused_by = holders;
    // Whatever the view shows: this draft may have taken the timer away, as one that begins anew does.
    match first_end(incident) {
        Some(until) => draft.set_timer(TimerKey::Settle(incident.id), until),
        None => draft.cancel_timer(TimerKey::Settle(incident.id)),
    }
}

/// The first of the holders that ends may be the end of the pause.
fn first_end(incident: &Incident) -> Option<Timestamp> {
    incident.escalation.paused_by.iter().filter_map(|holder| holder.until).min()
}

fn look_again(draft: &mut Draft<'_>, incident: &Incident) {
    let key = TimerKey::Settle(incident.id);
    match first_end(incident) {
        Some(until) if draft.view.state.timer(&key) != Some(until) => draft.set_timer(key, until),
        Some(_) => {}
        None => draft.cancel_timer(key),
    }
}

/// An alert fires that nothing keeps quiet: go on where it stopped.
pub fn resume(draft: &mut Draft<'_>, incident: &mut Incident) {
    let Some(left) = incident.escalation.paused_with.take() else { return };
    let holders = std::mem::take(&mut incident.escalation.paused_by);
    nobody_waits(incident);
    draft.cancel_timer(TimerKey::Settle(incident.id));
    draft.log_engine(incident, TimelineKind::ResumedAfter { holders });
    if left > SignedDuration::ZERO {
        wait(draft, incident, left);
        return;
    }
    begin(incident);
    match incident.escalation.phase {
        Phase::Assigned => ring_owners(draft, incident),
        Phase::Steps { pass, step } => enter(draft, incident, pass, step),
        Phase::Fallback { round } => fallback(draft, incident, round),
    }
}

/// It rings, or nobody is to be told any more: whatever paused it does not count.
pub fn unpause(draft: &mut Draft<'_>, incident: &mut Incident) {
    incident.escalation.paused_with = None;
    incident.escalation.paused_by.clear();
    draft.cancel_timer(TimerKey::Settle(incident.id));
}
