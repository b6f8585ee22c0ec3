//! What time does to an incident besides going on to the next step. See [`escalate`] for when each timer is set.

use super::{due, quiet, status};
use crate::model::{
    AlertStatus, Change, Closing, Draft, Incident, IncidentId, IncidentStatus, TimelineKind,
    TimerKey, Urgency,
};
use crate::{escalate, hours, incident};
use jiff::SignedDuration;
use std::sync::Arc;

fn open(draft: &Draft<'_>, id: IncidentId) -> Option<Incident> {
    draft.view.state.incident(id).map(|open| (**open).clone())
}

/// Nobody has answered yet: the same people once more.
pub(super) fn repage(draft: &mut Draft<'_>, id: IncidentId) {
    // Timers of one instant come in no order: when the step ends now, it is the next one that speaks, and it sets this timer
    // anew or takes it away.
    let step_ends = draft.view.state.timer(&TimerKey::Escalate(id));
    if step_ends.is_some_and(|due| due <= draft.now) {
        let after = draft.now.saturating_add(SignedDuration::from_millis(1)).unwrap_or(draft.now);
        return draft.set_timer(TimerKey::Repage(id), after);
    }
    due::done(draft, &TimerKey::Repage(id));
    let Some(mut incident) = open(draft, id).filter(Incident::is_ringing) else { return };
    match quiet::holders(draft, &incident, None, None) {
        Some(holders) => escalate::pause(draft, &mut incident, holders),
        None => escalate::repage(draft, &mut incident),
    }
    draft.put_incident(incident);
}

/// Somebody took it and it did not end: perhaps they fell asleep over it.
pub(super) fn acknowledge_timeout(draft: &mut Draft<'_>, id: IncidentId) {
    due::done(draft, &TimerKey::AcknowledgeTimeout(id));
    let held = |incident: &Incident| incident.status == IncidentStatus::Acknowledged;
    let Some(incident) = open(draft, id).filter(held) else { return };
    let after = incident.policy.acknowledge_timeout.unwrap_or(SignedDuration::ZERO);
    let reason = format!("acknowledged {after:#} ago and not resolved");
    due::ring_again(draft, incident, &reason);
}

/// Resolves what nothing was heard of for long enough; else looks again when it might be. Its alerts end as if their monitors
/// had said so: one that fires once more opens a new incident.
pub(super) fn auto_resolve(draft: &mut Draft<'_>, id: IncidentId) {
    let key = TimerKey::AutoResolve(id);
    due::done(draft, &key);
    let Some(mut incident) = open(draft, id) else { return };
    let Some(until) = escalate::quiet_until(draft, &incident) else { return };
    if until > draft.now {
        return draft.set_timer(key, until);
    }
    for id in &incident.alerts {
        let firing = draft.view.state.alert(id).filter(|one| one.incident == Some(incident.id));
        let Some(firing) = firing.filter(|one| one.status == AlertStatus::Firing) else { continue };
        let mut alert = (**firing).clone();
        incident::end(draft, &mut alert);
        draft.change(Change::Alert(Arc::new(alert)));
    }
    status::resolve(draft, &mut incident, Closing::Inactivity);
    escalate::stop(draft, &mut incident, "resolved");
    draft.put_incident(incident);
}

/// Support hours begin: what waits becomes loud, and rings from step 1 unless somebody has it.
pub(super) fn support_hours(draft: &mut Draft<'_>, id: IncidentId) {
    let key = TimerKey::SupportHours(id);
    due::done(draft, &key);
    let quiet = |incident: &Incident| incident.urgency == Urgency::Low;
    let Some(mut incident) = open(draft, id).filter(quiet) else { return };
    let Some(support) = incident.support_hours.clone() else { return };
    if !hours::is_within(&support.hours, draft.now) {
        // Looked at too late: they are over again.
        if let Some(due) = hours::next_start(&support.hours, draft.now) {
            draft.set_timer(key, due);
        }
        return;
    }
    incident.urgency = Urgency::High;
    draft.log_engine(&mut incident, TimelineKind::UrgencyRaisedByHours);
    if incident.status == IncidentStatus::Triggered {
        let why = "support hours began";
        match quiet::holders(draft, &incident, None, None) {
            Some(holders) => escalate::start_paused(draft, &mut incident, why, holders),
            None => escalate::start(draft, &mut incident, why),
        }
    }
    draft.put_incident(incident);
}
