//! Events: triggers open and join, resolves close, monitors' acknowledgements count when they are unambiguous.

use super::{quiet, status};
use crate::filter;
use crate::incident;
use crate::model::{
    Alert, AlertStatus, Change, Closing, Draft, Event, EventId, EventKind, EventOutcome, Fate,
    Incident, IncidentStatus, JudgedEvent, PluginStamp, StageTrace, Suppression, TimelineKind,
    TimerKey, Verdict,
};
use crate::{escalate, hours, route};
use std::sync::Arc;

/// Decides one judged event and records what became of it.
pub(super) fn decide(draft: &mut Draft<'_>, judged: &JudgedEvent) {
    let mut remarks = Vec::new();
    let fate = match judged.event.kind {
        EventKind::Trigger => trigger(draft, judged, &mut remarks),
        EventKind::Acknowledge => acknowledge(draft, &judged.event),
        EventKind::Resolve => resolve(draft, &judged.event),
        EventKind::Change => match &judged.verdict {
            Verdict::Drop { reason, by } => dropped(reason, by),
            Verdict::Pass | Verdict::Suppress { .. } => {
                Fate::Recorded("a change event pages nobody".to_owned())
            }
        },
    };
    let stages = judged.stages.clone();
    draft.transition.outcome = Some(EventOutcome { event: judged.event.id, fate, stages, remarks });
}

fn dropped(reason: &str, by: &str) -> Fate {
    Fate::Dropped { reason: reason.to_owned(), by: format!("filter {by}") }
}

fn trigger(draft: &mut Draft<'_>, judged: &JudgedEvent, remarks: &mut Vec<String>) -> Fate {
    if let Verdict::Drop { reason, by } = &judged.verdict {
        return dropped(reason, by);
    }
    let event = &judged.event;
    if event.expires_at.is_some_and(|end| end <= event.received_at) {
        return Fate::Recorded("it had expired before it arrived".to_owned());
    }
    let known = draft.view.state.alert(&event.alert_id()).cloned();
    match known {
        Some(alert) if alert.status == AlertStatus::Firing => again(draft, judged, &alert),
        Some(alert) if event.began_at() <= alert.starts_at => {
            let mut alert = (*alert).clone();
            alert.last_seen_at = draft.now;
            alert.last_event = event.id;
            draft.change(Change::Alert(Arc::new(alert)));
            Fate::ClosedByPerson
        }
        _ => first(draft, judged, remarks),
    }
}

/// A new episode.
fn first(draft: &mut Draft<'_>, judged: &JudgedEvent, remarks: &mut Vec<String>) -> Fate {
    let event = &judged.event;
    let routed = route::route(draft.view.directory, judged);
    remarks.extend(routed.remarks);
    let mut alert = Alert {
        id: event.alert_id(),
        status: AlertStatus::Firing,
        service: routed.service,
        policy: routed.policy,
        group_key: routed.group_key,
        urgency: routed.urgency,
        by_support_hours: routed.by_support_hours,
        priority: routed.priority,
        title: event.title.clone(),
        severity: event.severity,
        labels: event.labels.clone(),
        source: event.source.clone(),
        starts_at: event.began_at(),
        first_event: event.id,
        last_event: event.id,
        last_seen_at: draft.now,
        expires_at: event.expires_at,
        resolved_at: None,
        trigger_count: 1,
        suppression: None,
        incident: None,
        closed_by_person: false,
    };
    by_support_hours(draft, &mut alert);
    draft.cancel_timer(TimerKey::Forget(alert.id.clone()));
    expire_later(draft, &alert);
    let quiet = filter::suppression(draft.view.state, &alert, &judged.verdict, draft.now);
    match quiet {
        Some(suppression) => suppress(draft, &mut alert, suppression),
        None => ring(draft, alert, &stamps(&judged.stages)),
    }
}

/// One more trigger of an alert that fires: it never pages again, but it may stop being suppressed.
fn again(draft: &mut Draft<'_>, judged: &JudgedEvent, known: &Alert) -> Fate {
    let event = &judged.event;
    let mut alert = known.clone();
    alert.title = event.title.clone();
    alert.severity = event.severity;
    alert.labels = event.labels.clone();
    alert.source = event.source.clone();
    alert.last_event = event.id;
    alert.last_seen_at = draft.now;
    alert.expires_at = event.expires_at;
    alert.trigger_count += 1;
    expire_later(draft, &alert);
    match alert.incident {
        Some(id) => {
            // Silences may match it now, or no longer. Of a storm that is sent again and again nothing else is to be asked.
            if reads_differently(known, &alert) {
                quiet::refresh_with(draft, id, &alert);
            }
            draft.change(Change::Alert(Arc::new(alert)));
            Fate::Repeated(Some(id))
        }
        None => {
            let state = draft.view.state;
            match filter::suppression(state, &alert, &judged.verdict, draft.now) {
                Some(suppression) => suppress(draft, &mut alert, suppression),
                None => ring(draft, alert, &stamps(&judged.stages)),
            }
        }
    }
}

/// Whether a matcher may see the difference.
fn reads_differently(before: &Alert, now: &Alert) -> bool {
    let read = |alert: &Alert| {
        (&alert.title, alert.severity, &alert.labels, &alert.source)
            == (&now.title, now.severity, &now.labels, &now.source)
    };
    !read(before)
}

fn stamps(stages: &[StageTrace]) -> Vec<PluginStamp> {
    stages.iter().map(|stage| stage.plugin.clone()).collect()
}

fn expire_later(draft: &mut Draft<'_>, alert: &Alert) {
    let key = TimerKey::Expire(alert.id.clone());
    match alert.expires_at {
        Some(end) => draft.set_timer(key, end),
        None => draft.cancel_timer(key),
    }
}

pub(super) fn suppress(draft: &mut Draft<'_>, alert: &mut Alert, suppression: Suppression) -> Fate {
    let key = TimerKey::Unsuppress(alert.id.clone());
    match suppression.until {
        Some(until) => draft.set_timer(key, until),
        None => draft.cancel_timer(key),
    }
    let Suppression { reason, by, author, until } = suppression.clone();
    alert.suppression = Some(suppression);
    draft.change(Change::Alert(Arc::new(alert.clone())));
    Fate::Suppressed { reason, by: by.to_string(), author, until }
}

/// How loud it is, when its service's support hours say so: by the hour at which it is heard.
fn by_support_hours(draft: &Draft<'_>, alert: &mut Alert) {
    let service = draft.view.directory.services.get(&alert.service);
    if let Some(support) = service.and_then(|service| service.support_hours.as_deref())
        && alert.by_support_hours
    {
        alert.urgency = hours::urgency_at(support, draft.now);
    }
}

/// The alert may be heard: it joins the open incident of its group or opens one.
pub(super) fn ring(draft: &mut Draft<'_>, mut alert: Alert, plugins: &[PluginStamp]) -> Fate {
    alert.suppression = None;
    draft.cancel_timer(TimerKey::Unsuppress(alert.id.clone()));
    by_support_hours(draft, &mut alert);
    let event = alert.last_event;
    let group = alert.group_key.as_deref();
    let open = group.and_then(|key| draft.view.state.incident_of_group(&alert.service, key));
    if open.is_none()
        && let Some(known) = incident::reopenable(draft, &alert)
    {
        return reopen(draft, (**known).clone(), alert, event);
    }
    let Some(open) = open.cloned() else {
        let mut incident = incident::open(draft, &alert, event, plugins.to_vec());
        alert.incident = Some(incident.id);
        let fate = Fate::Opened(incident.id);
        let alert = Arc::new(alert);
        draft.change(Change::Alert(alert.clone()));
        escalate::start(draft, &mut incident, "");
        escalate::watch_hours(draft, &incident, &alert);
        draft.put_incident(incident);
        return fate;
    };
    let mut incident = (*open).clone();
    alert.incident = Some(incident.id);
    let louder = incident::join(draft, &mut incident, &alert, event);
    let alert = Arc::new(alert);
    draft.change(Change::Alert(alert.clone()));
    ring_louder(draft, &mut incident, louder);
    escalate::watch_hours(draft, &incident, &alert);
    let fate = Fate::Joined(incident.id);
    draft.put_incident(incident);
    fate
}

/// The alert's incident ended a moment ago: it goes on, from step 1.
fn reopen(draft: &mut Draft<'_>, mut incident: Incident, mut alert: Alert, event: EventId) -> Fate {
    let id = incident.id;
    alert.incident = Some(id);
    status::reopen(draft, &mut incident, &alert, event);
    draft.change(Change::Alert(Arc::new(alert)));
    escalate::start(draft, &mut incident, "reopened");
    draft.put_incident(incident);
    // After the incident itself: a timer that is taken away takes the threads of a resolved one with it.
    draft.cancel_timer(TimerKey::Leave(id));
    Fate::Reopened(id)
}

fn ring_louder(draft: &mut Draft<'_>, incident: &mut Incident, louder: bool) {
    match incident.status {
        IncidentStatus::Acknowledged if louder => {
            status::retrigger(draft, incident, "a new alert raised the urgency to high");
            escalate::start(draft, incident, "rung again");
        }
        IncidentStatus::Triggered if louder => {
            escalate::start(draft, incident, "the urgency was raised to high");
        }
        // The joining alert is heard, so not every firing alert is silenced any longer.
        IncidentStatus::Triggered => escalate::resume(draft, incident),
        IncidentStatus::Acknowledged | IncidentStatus::Resolved => {}
    }
}

fn acknowledge(draft: &mut Draft<'_>, event: &Event) -> Fate {
    let state = draft.view.state;
    let firing = state.alert(&event.alert_id()).filter(|a| a.status == AlertStatus::Firing);
    let open = firing.and_then(|alert| alert.incident).and_then(|id| state.incident(id));
    let Some(open) = open else {
        return Fate::Recorded("no firing alert of an open incident has this dedup key".to_owned());
    };
    let mut incident = (**open).clone();
    let id = incident.id;
    let others = incident::firing(draft, &incident, Some(&event.alert_id()));
    if !others.is_empty() || incident.status != IncidentStatus::Triggered {
        let alert = event.alert_id();
        draft.log(&mut incident, TimelineKind::AlertAcknowledged { alert });
        draft.put_incident(incident);
        let why = match others.is_empty() {
            true => format!("incident {id} is acknowledged already"),
            false => format!("incident {id} has other firing alerts"),
        };
        return Fate::Recorded(why);
    }
    let before = incident.status;
    status::acknowledge(draft, &mut incident, None);
    escalate::hold(draft, &mut incident, before);
    draft.put_incident(incident);
    Fate::Acknowledged(id)
}

fn resolve(draft: &mut Draft<'_>, event: &Event) -> Fate {
    let Some(known) = draft.view.state.alert(&event.alert_id()).cloned() else {
        return Fate::Recorded("no alert with this dedup key fires".to_owned());
    };
    if known.status == AlertStatus::Resolved {
        draft.cancel_timer(TimerKey::Forget(known.id.clone()));
        draft.change(Change::ForgetAlert(known.id.clone()));
        return Fate::Resolved(None);
    }
    let mut alert = (*known).clone();
    alert.last_event = event.id;
    alert.last_seen_at = draft.now;
    end_alert(draft, alert, false)
}

/// Ends a firing alert, and its incident when it was the last.
pub(super) fn end_alert(draft: &mut Draft<'_>, mut alert: Alert, expired: bool) -> Fate {
    incident::end(draft, &mut alert);
    let (id, of) = (alert.id.clone(), alert.incident);
    draft.change(Change::Alert(Arc::new(alert)));
    let Some(open) = of.and_then(|of| draft.view.state.incident(of)) else {
        return Fate::Resolved(None);
    };
    let mut incident = (**open).clone();
    draft.log(&mut incident, TimelineKind::AlertResolved { alert: id.clone(), expired });
    if incident::firing(draft, &incident, Some(&id)).is_empty() {
        status::resolve(draft, &mut incident, Closing::Alerts);
        escalate::stop(draft, &mut incident, "resolved");
        draft.put_incident(incident);
    } else {
        quiet::refresh_without(draft, incident, Some(&id));
    }
    Fate::Resolved(of)
}
