//! What becomes due. A key that is not set, or not due yet, changes nothing (I9).

use super::{action, bundle, event, ladder, quiet, status};
use crate::model::{
    AlertId, AlertStatus, Change, DeliveryId, Draft, Incident, IncidentId, IncidentStatus, Silence,
    SilenceId, State, TimerKey,
};
use crate::{escalate, filter, incident, notify};
use jiff::SignedDuration;
use std::collections::BTreeSet;
use std::sync::Arc;

/// How long an ended silence can still be read.
pub(super) const ENDED_SILENCE_KEPT: SignedDuration = SignedDuration::from_hours(24 * 5);

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
        TimerKey::Silence(id) => silence(draft, key, id),
        TimerKey::Forget(id) => forget(draft, key, id),
        TimerKey::Leave(id) => leave(draft, key, *id),
        TimerKey::Repage(id) => ladder::repage(draft, *id),
        TimerKey::AcknowledgeTimeout(id) => ladder::acknowledge_timeout(draft, *id),
        TimerKey::AutoResolve(id) => ladder::auto_resolve(draft, *id),
        TimerKey::SupportHours(id) => ladder::support_hours(draft, *id),
        TimerKey::Window(lane) => notify::window_over(draft, lane),
        TimerKey::Settle(id) => bundle::settle(draft, id),
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
    escalate::advance(draft, &mut incident);
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
    if quiet::all_silenced(draft, &incident, None, None) {
        escalate::start_paused(draft, &mut incident, "rung again");
    } else {
        escalate::start(draft, &mut incident, "rung again");
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
    release(draft, &alert, draft.view.state);
}

/// Rings for a suppressed alert unless a silence (in `state`) holds it.
fn release(draft: &mut Draft<'_>, alert: &crate::model::Alert, state: &State) {
    let mut alert = alert.clone();
    let Some(silence) = filter::silence_of(state, &alert, draft.now) else {
        event::ring(draft, alert, &[]);
        return;
    };
    alert.suppression = Some(filter::by_silence(silence));
    draft.set_timer(TimerKey::Unsuppress(alert.id.clone()), silence.ends_at);
    draft.change(Change::Alert(Arc::new(alert)));
}

fn silence(draft: &mut Draft<'_>, key: &TimerKey, id: &SilenceId) {
    let Some(silence) = draft.view.state.silence(id).cloned() else { return done(draft, key) };
    if action::silence_timer(&silence, draft.now).is_none() {
        done(draft, key);
        draft.change(Change::RemoveSilence(id.clone()));
        return;
    }
    apply_silence(draft, &silence);
}

/// Keeps a silence and looks again at everything it may touch: suppressed alerts that it no longer holds,
/// incidents that it pauses or lets go on.
pub(super) fn apply_silence(draft: &mut Draft<'_>, silence: &Silence) {
    let before = draft.view.state;
    let old = before.silence(&silence.id).cloned();
    draft.change(Change::Silence(Arc::new(silence.clone())));
    match action::silence_timer(silence, draft.now) {
        Some((key, due)) => draft.set_timer(key, due),
        None => draft.cancel_timer(TimerKey::Silence(silence.id.clone())),
    }
    let touches = |alert: &crate::model::Alert| {
        let by = format!("silence {}", silence.id);
        let held = alert.suppression.as_ref().is_some_and(|s| s.by == by);
        let passes = |s: &Silence| s.matchers.iter().all(|m| m.matches(alert.field(&m.name)));
        alert.status == AlertStatus::Firing
            && (held || passes(silence) || old.as_deref().is_some_and(passes))
    };
    let touched: Vec<_> = before.alerts().filter(|alert| touches(alert)).cloned().collect();
    if touched.is_empty() {
        return;
    }
    // What follows must see the silence as it is now, and each alert's turn what those before it opened.
    let mut after = before.clone();
    after.apply(&draft.transition.changes);
    let mut seen = BTreeSet::new();
    for alert in touched {
        let mut turn = Draft::new(
            crate::model::View { state: &after, ..draft.view },
            draft.now,
            draft.actor.clone(),
        );
        match (alert.incident, &alert.suppression) {
            // Once is enough, however many of its alerts are touched.
            (Some(id), _) if seen.insert(id) => quiet::refresh(&mut turn, id),
            (Some(_), _) => {}
            (None, Some(s)) if s.by.starts_with("silence ") => {
                release(&mut turn, &alert, &after);
            }
            (None, _) => {}
        }
        let decided = turn.transition;
        after.apply(&decided.changes);
        draft.transition.changes.extend(decided.changes);
        draft.transition.timeline.extend(decided.timeline);
    }
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
