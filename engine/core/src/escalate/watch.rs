//! What time does to an incident besides going on to the next step: paging again, waking up from an acknowledgement,
//! resolving for want of news, becoming loud as support hours begin.
//!
//! ```text
//! timer                holds exactly while
//! Repage               it rings, its policy pages again, and somebody told in the phase has not answered
//! AcknowledgeTimeout   it is acknowledged, not snoozed, and its policy has the timeout
//! AutoResolve          it is open, not snoozed, and its policy resolves by itself
//! SupportHours         set at opening; while it is open with low urgency
//! ```

use super::{is_known, mode_of};
use crate::hours;
use crate::model::{
    Alert, Draft, Incident, NotPagedReason, Target, TimelineKind, TimerKey, Urgency,
};
use crate::notify;
use jiff::Timestamp;

/// Sets when the people of the phase are paged again; takes it away when nobody would be.
pub(super) fn repage_later(draft: &mut Draft<'_>, incident: &Incident) {
    let key = TimerKey::Repage(incident.id);
    let after = incident.policy.repage_after(incident.escalation.repaged);
    match after.filter(|_| incident.rings_for_anybody()) {
        Some(after) => {
            let due = draft.now.saturating_add(after).unwrap_or(draft.now);
            draft.set_timer(key, due);
        }
        None => draft.cancel_timer(key),
    }
}

/// Pages those again whom the phase under way told and who have not answered. Whoever is on call by now is the next step's
/// to say: these are the same people. Rooms are told once.
pub fn repage(draft: &mut Draft<'_>, incident: &mut Incident) {
    incident.escalation.again += 1;
    incident.escalation.repaged += 1;
    let count = incident.escalation.repaged;
    draft.log_engine(incident, TimelineKind::Repaged { count });
    for one in incident.escalation.ringing.clone() {
        let why_not = if incident.has_answered(&one.person) {
            Some(NotPagedReason::HasAnswered(one.person.clone()))
        } else if !is_known(draft, &one.person) {
            Some(NotPagedReason::UnknownTarget(Target::Person(one.person.clone())))
        } else {
            None
        };
        match why_not {
            Some(why) => draft.log_engine(incident, TimelineKind::NotPaged(why)),
            None => {
                let mode = mode_of(&one.reason);
                notify::page(draft, incident, &one.person, &one.reason, mode);
            }
        }
    }
    repage_later(draft, incident);
}

/// Sets when an incident that begins to ring, or that somebody just took, resolves for want of news.
pub(super) fn watch(draft: &mut Draft<'_>, incident: &Incident) {
    if let Some(after) = incident.policy.resolve_after {
        let due = draft.now.saturating_add(after).unwrap_or(draft.now);
        draft.set_timer(TimerKey::AutoResolve(incident.id), due);
    }
    if incident.urgency == Urgency::High {
        draft.cancel_timer(TimerKey::SupportHours(incident.id));
    }
}

/// Until when an incident is not resolved for want of news: its policy's time after the last event of its alerts and after
/// anybody last touched it. `None`: it never is.
pub fn quiet_until(draft: &Draft<'_>, incident: &Incident) -> Option<Timestamp> {
    let after = incident.policy.resolve_after?;
    let alerts = incident.alerts.iter().filter_map(|id| draft.view.state.alert(id));
    let own = alerts.filter(|alert| alert.incident == Some(incident.id));
    let heard = own.map(|alert| alert.last_seen_at).max();
    let last = heard.max(incident.touched_at).unwrap_or(incident.created_at);
    last.max(incident.created_at).saturating_add(after).ok()
}

/// Sets when an incident of low urgency becomes loud, if this alert's urgency is for the support hours to say.
pub fn watch_hours(draft: &mut Draft<'_>, incident: &Incident, alert: &Alert) {
    let Some(support) = &incident.support_hours else { return };
    let waits = alert.by_support_hours && incident.urgency == Urgency::Low;
    if waits
        && support.inside == Urgency::High
        && let Some(due) = hours::next_start(&support.hours, draft.now)
    {
        draft.set_timer(TimerKey::SupportHours(incident.id), due);
    }
}
