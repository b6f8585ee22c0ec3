//! What becomes due. A key that is not set, or not due yet, changes nothing (I9).

use super::{bundle, event, ladder, quiet, status, swap, sweep, watch};
use crate::model::{
    AlertId, AlertStatus, Change, DeliveryId, Draft, Incident, IncidentId, IncidentStatus, QuietId,
    TimerKey,
};
use crate::{escalate, filter, incident, notify};

/// Decides one timer.
pub(super) fn decide(draft: &mut Draft<'_>, key: &TimerKey) {
    let is_due = draft.view.state.timer(key).is_some_and(|due| due <= draft.now);
    if !is_due {
        return;
    }
    match key {
        TimerKey::Notify { incident, delivery } => notify(draft, key, *incident, delivery),
        TimerKey::Escalate(id) => escalate(draft, key, *id),
        TimerKey::Snooze(id) => unsnooze(draft, key, *id),
        TimerKey::Expire(id) => expire(draft, key, id),
        TimerKey::Unsuppress(id) => unsuppress(draft, key, id),
        TimerKey::Silence(id) => sweep::turn(draft, key, &QuietId::Silence(id.clone())),
        TimerKey::Forget(id) => forget(draft, key, id),
        TimerKey::Leave(id) => leave(draft, key, *id),
        TimerKey::Repage(id) => ladder::repage(draft, *id),
        TimerKey::AcknowledgeTimeout(id) => ladder::acknowledge_timeout(draft, *id),
        TimerKey::AutoResolve(id) => ladder::auto_resolve(draft, *id),
        TimerKey::SupportHours(id) => ladder::support_hours(draft, *id),
        TimerKey::MaintenanceWindow(id) => {
            sweep::turn(draft, key, &QuietId::MaintenanceWindow(id.clone()));
        }
        TimerKey::Settle(id) => settle(draft, key, *id),
        TimerKey::Sweep { of, after } => {
            done(draft, key);
            sweep::go_on(draft, of, after);
        }
        TimerKey::Swap(id) => swap::due(draft, key, id),
        TimerKey::Watch(id) => watch::due(draft, key, id),
        TimerKey::Window(lane) => notify::window_over(draft, lane),
        TimerKey::PassOn(id) => bundle::settle(draft, id),
    }
}

pub(super) fn done(draft: &mut Draft<'_>, key: &TimerKey) {
    draft.change(Change::CancelTimer(key.clone()));
}

/// A rule's delay is over: the page goes out if the incident still rings as it did.
fn notify(draft: &mut Draft<'_>, key: &TimerKey, id: IncidentId, delivery: &DeliveryId) {
    let prepared = draft.view.state.prepared(delivery).cloned();
    done(draft, key);
    let (Some(prepared), Some(incident)) = (prepared, draft.view.state.incident(id)) else {
        return;
    };
    let wanted = incident.may_page(&prepared.person) && !incident.has_answered(&prepared.person);
    if wanted && incident.escalation.start == prepared.start {
        if incident.is_ringing()
            && let Some(holders) = quiet::holders(draft, incident, None, None)
        {
            let mut incident = (**incident).clone();
            escalate::pause(draft, &mut incident, holders);
            return draft.put_incident(incident);
        }
        let mut incident = (**incident).clone();
        let before = incident.timeline_len;
        notify::send(draft, &mut incident, (*prepared).clone());
        if incident.timeline_len != before {
            draft.put_incident(incident);
        }
    }
}

fn escalate(draft: &mut Draft<'_>, key: &TimerKey, id: IncidentId) {
    done(draft, key);
    let Some(open) = draft.view.state.incident(id).filter(|i| i.is_ringing()) else { return };
    let mut incident = (**open).clone();
    match quiet::holders(draft, &incident, None, None) {
        // Whatever timer of this instant comes first, nobody is paged for what is quiet at it.
        Some(holders) => escalate::pause(draft, &mut incident, holders),
        None => escalate::advance(draft, &mut incident),
    }
    draft.put_incident(incident);
}

fn unsnooze(draft: &mut Draft<'_>, key: &TimerKey, id: IncidentId) {
    let snoozed = |status| status == IncidentStatus::Acknowledged;
    let open = draft.view.state.incident(id).filter(|i| snoozed(i.status)).cloned();
    done(draft, key);
    let Some(open) = open else { return };
    ring_again(draft, (*open).clone(), "the snooze is over");
}

/// An acknowledged incident wants somebody again, from step 1.
pub(super) fn ring_again(draft: &mut Draft<'_>, mut incident: Incident, reason: &str) {
    status::retrigger(draft, &mut incident, reason);
    match quiet::holders(draft, &incident, None, None) {
        Some(holders) => escalate::start_paused(draft, &mut incident, "rung again", holders),
        None => escalate::start(draft, &mut incident, "rung again"),
    }
    draft.put_incident(incident);
}

fn expire(draft: &mut Draft<'_>, key: &TimerKey, id: &AlertId) {
    let firing = draft.view.state.alert(id).filter(|a| a.status == AlertStatus::Firing).cloned();
    done(draft, key);
    if let Some(alert) = firing {
        event::end_alert(draft, (*alert).clone(), true);
    }
}

/// A filter's suppression or a silence is over: what still fires goes on as if it had just triggered.
fn unsuppress(draft: &mut Draft<'_>, key: &TimerKey, id: &AlertId) {
    let firing = draft.view.state.alert(id).filter(|a| a.status == AlertStatus::Firing).cloned();
    done(draft, key);
    let Some(alert) = firing.filter(|alert| alert.incident.is_none()) else { return };
    let mut alert = (*alert).clone();
    match filter::quiet(draft.view.state, &alert, draft.now) {
        Some(suppression) => drop(event::suppress(draft, &mut alert, suppression)),
        None => drop(event::ring(draft, alert, &[])),
    }
}

/// What keeps a paused incident quiet may be over.
fn settle(draft: &mut Draft<'_>, key: &TimerKey, id: IncidentId) {
    done(draft, key);
    quiet::refresh(draft, id);
}

/// A resolved incident leaves the open state, unless it may be reopened or something about it is still to be told.
fn leave(draft: &mut Draft<'_>, key: &TimerKey, id: IncidentId) {
    let state = draft.view.state;
    let known = state.known_incident(id).filter(|incident| !incident.is_open());
    let reopen_until = known.and_then(|incident| incident.life.reopen_until);
    let until = match reopen_until {
        Some(until) if draft.now < until => until,
        _ if state.updates_of(id).next().is_some() => {
            draft.now.saturating_add(notify::LINGER).unwrap_or(draft.now)
        }
        _ => return done(draft, key),
    };
    draft.set_timer(key.clone(), until);
}

fn forget(draft: &mut Draft<'_>, key: &TimerKey, id: &AlertId) {
    let closed = draft.view.state.alert(id).filter(|a| a.closed_by_person).cloned();
    done(draft, key);
    let Some(alert) = closed else { return };
    let until = alert.last_seen_at.saturating_add(incident::CLOSED_MEMORY);
    match until {
        Ok(until) if until > draft.now => draft.set_timer(key.clone(), until),
        _ => draft.change(Change::ForgetAlert(id.clone())),
    }
}
