//! The life of an incident: opened, joined, acknowledged, snoozed, rung again, resolved. Who is told is
//! [`crate::escalate`]'s to say; every function here leaves the ringing alone.

use crate::model::{
    Actor, Alert, AlertId, AlertStatus, Change, Closing, Delivery, Directory, Draft, Escalation,
    EscalationPolicy, EventId, Incident, IncidentStatus, Life, PersonId, PluginStamp, ServiceId,
    TimelineKind, TimerKey, Urgency,
};
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;

/// How long an alert that a person closed is remembered after the monitor's last word on it.
pub const CLOSED_MEMORY: SignedDuration = SignedDuration::from_hours(24 * 7);

/// Resolved incidents that are kept, for a new trigger or for what is still to be told about them.
pub const REOPENABLE_MAX: usize = 10_000;

/// People of one incident who answered and are remembered.
const ANSWERED_BY_MAX: usize = 32;

/// Opens an incident for an alert and logs it. The policy is frozen here (I5).
pub fn open(
    draft: &mut Draft<'_>,
    alert: &Alert,
    event: EventId,
    plugins: Vec<PluginStamp>,
) -> Incident {
    let policy = policy_of(draft.view.directory, alert);
    let service = draft.view.directory.services.get(&alert.service);
    let mut incident = Incident {
        id: draft.view.state.next_incident(),
        title: alert.title.clone(),
        service: alert.service.clone(),
        urgency: alert.urgency,
        priority: alert.priority,
        status: IncidentStatus::Triggered,
        snoozed_until: None,
        group_key: alert.group_key.clone(),
        alerts: vec![alert.id.clone()],
        opened_by: event,
        created_at: draft.now,
        acknowledged_by: None,
        acknowledged_at: None,
        resolved_at: None,
        closing: None,
        life: Life::default(),
        subscribers: subscribers_of(draft.view.directory, &alert.service),
        assigned_to: Vec::new(),
        escalation: Escalation::new(&policy),
        policy,
        plugins,
        paged: Vec::new(),
        told: Vec::new(),
        answered_by: Vec::new(),
        settled: Vec::new(),
        answers_refused: 0,
        responders: Vec::new(),
        support_hours: service.and_then(|service| service.support_hours.clone()),
        touched_at: None,
        timeline_len: 0,
        version: 0,
    };
    draft.log(&mut incident, TimelineKind::Opened { alert: alert.id.clone(), event });
    incident
}

/// Those who follow all incidents of a service and are known.
fn subscribers_of(directory: &Directory, service: &ServiceId) -> Vec<PersonId> {
    let service = directory.services.get(service);
    let people = service.into_iter().flat_map(|service| &service.subscribers);
    people.filter(|person| directory.people.contains_key(*person)).cloned().collect()
}

fn policy_of(directory: &Directory, alert: &Alert) -> Arc<EscalationPolicy> {
    let of_service = || {
        let service = directory.services.get(&alert.service)?;
        directory.policies.get(&service.policy).cloned()
    };
    // A policy without steps goes straight to the fallback: nobody is missed even when the configuration
    // lost the service between two batches.
    alert.policy.clone().or_else(of_service).unwrap_or_else(|| {
        Arc::new(EscalationPolicy::new(Directory::BUILT_IN.into(), Vec::new(), 0))
    })
}

/// Adds an alert to an open incident. Answers whether the incident became louder.
pub fn join(draft: &mut Draft<'_>, incident: &mut Incident, alert: &Alert, event: EventId) -> bool {
    if !incident.alerts.contains(&alert.id) {
        incident.alerts.push(alert.id.clone());
    }
    let (id, title) = (alert.id.clone(), alert.title.clone());
    draft.log(incident, TimelineKind::AlertJoined { alert: id, event, title });
    let louder = incident.urgency == Urgency::Low && alert.urgency == Urgency::High;
    if louder {
        incident.urgency = Urgency::High;
        draft.log_engine(incident, TimelineKind::UrgencyRaised);
    }
    louder
}

/// Somebody has it, maybe only until `snoozed_until`.
pub fn acknowledge(
    draft: &mut Draft<'_>,
    incident: &mut Incident,
    snoozed_until: Option<Timestamp>,
) {
    incident.status = IncidentStatus::Acknowledged;
    incident.acknowledged_by = Some(Arc::from(draft.actor.name()));
    incident.acknowledged_at = Some(draft.now);
    incident.snoozed_until = snoozed_until;
    note_answer(incident, &draft.actor);
    match snoozed_until {
        None => {
            draft.cancel_timer(TimerKey::Snooze(incident.id));
            draft.log(incident, TimelineKind::Acknowledged);
        }
        Some(until) => {
            draft.set_timer(TimerKey::Snooze(incident.id), until);
            draft.log(incident, TimelineKind::Snoozed { until });
        }
    }
}

/// It wants somebody again.
pub fn retrigger(draft: &mut Draft<'_>, incident: &mut Incident, reason: &str) {
    incident.status = IncidentStatus::Triggered;
    incident.acknowledged_by = None;
    incident.acknowledged_at = None;
    incident.snoozed_until = None;
    incident.escalation.answers.clear();
    draft.cancel_timer(TimerKey::Snooze(incident.id));
    draft.log_engine(incident, TimelineKind::Retriggered { reason: reason.to_owned() });
}

/// It was over, and an alert of it fires again: the same incident goes on.
pub fn reopen(draft: &mut Draft<'_>, incident: &mut Incident, alert: &Alert, event: EventId) {
    incident.status = IncidentStatus::Triggered;
    incident.acknowledged_by = None;
    incident.acknowledged_at = None;
    incident.resolved_at = None;
    incident.closing = None;
    incident.life.reopen_until = None;
    incident.life.reopened = incident.life.reopened.saturating_add(1);
    incident.life.reopened_at = Some(draft.now);
    if !incident.alerts.contains(&alert.id) {
        incident.alerts.push(alert.id.clone());
    }
    draft.log(incident, TimelineKind::Reopened { alert: alert.id.clone(), event });
    if incident.urgency == Urgency::Low && alert.urgency == Urgency::High {
        incident.urgency = Urgency::High;
        draft.log_engine(incident, TimelineKind::UrgencyRaised);
    }
}

/// The resolved incident that a trigger of this alert reopens: of the alert itself, where it still is the same service's or
/// the alert was brought there by people, or of its service and group key.
pub fn reopenable<'a>(draft: &Draft<'a>, alert: &Alert) -> Option<&'a Arc<Incident>> {
    let state = draft.view.state;
    let group = alert.group_key.clone().map(|key| (alert.service.clone(), key));
    let fits = |incident: &&Arc<Incident>| {
        let in_time = incident.life.reopen_until.is_some_and(|until| draft.now < until);
        let at_home = incident.service == alert.service || !incident.life.merged.is_empty();
        // One group never has two open incidents.
        let free =
            |(service, key): (ServiceId, String)| state.incident_of_group(&service, &key).is_none();
        in_time && at_home && incident.groups().all(free)
    };
    state.recent(&alert.id, group).find(fits)
}

/// Says until when a resolved incident may be reopened, and keeps it until then. One that people merged into another ends
/// for good. Beyond [`REOPENABLE_MAX`] of them none is kept: what comes then is a new incident.
fn keep_for_reopening(draft: &mut Draft<'_>, incident: &mut Incident) {
    let service = draft.view.directory.services.get(&incident.service);
    let within = service.map_or(SignedDuration::ZERO, |service| service.reopen_within);
    let merged = matches!(incident.closing, Some(Closing::Merged(_)));
    let room = draft.view.state.leaving_len() < REOPENABLE_MAX;
    incident.life.reopen_until = None;
    if within > SignedDuration::ZERO && !merged && room {
        let until = draft.now.saturating_add(within).unwrap_or(draft.now);
        incident.life.reopen_until = Some(until);
        draft.set_timer(TimerKey::Leave(incident.id), until);
    }
}

/// Counts a page that the other side took.
pub fn count_page(draft: &Draft<'_>, incident: &mut Incident, page: &Delivery) {
    let zone = draft.view.directory.zone_of(&page.person);
    incident.life.count_page(&page.person, &zone, page.urgency, draft.now, true);
}

/// It is over. Must come before the resolved incident itself, which its timer keeps for a while.
pub fn resolve(draft: &mut Draft<'_>, incident: &mut Incident, closing: Closing) {
    incident.status = IncidentStatus::Resolved;
    incident.resolved_at = Some(draft.now);
    incident.snoozed_until = None;
    note_answer(incident, &draft.actor);
    draft.cancel_timer(TimerKey::Snooze(incident.id));
    let line = match (&closing, incident.policy.resolve_after) {
        (Closing::Inactivity, Some(after)) => TimelineKind::AutoResolved { after },
        _ => TimelineKind::Resolved,
    };
    incident.closing = Some(closing);
    draft.log(incident, line);
    keep_for_reopening(draft, incident);
}

/// Remembers who cared, for those who are told later. Monitors and the engine itself are no people.
pub(crate) fn note_answer(incident: &mut Incident, actor: &Actor) {
    if let Actor::Person(_) | Actor::Admin(_) = actor {
        incident.answered_by.retain(|known| known != actor);
        if incident.answered_by.len() >= ANSWERED_BY_MAX {
            incident.answered_by.remove(0);
        }
        incident.answered_by.push(actor.clone());
    }
}

/// Who ended it, for the record.
pub fn closing_of(actor: &Actor) -> Closing {
    match actor {
        Actor::Person(person) => Closing::Person(person.clone()),
        Actor::Admin(name) => Closing::Admin(name.clone()),
        Actor::Monitor(_) | Actor::Engine => Closing::Alerts,
    }
}

/// Ends the alerts of an incident that a person resolved. They are remembered, so that a monitor that sends
/// the same episode again does not open it again.
pub fn close_alerts(draft: &mut Draft<'_>, incident: &Incident) {
    for id in &incident.alerts {
        let firing = draft.view.state.alert(id).filter(|a| a.incident == Some(incident.id));
        let Some(firing) = firing.filter(|a| a.status == AlertStatus::Firing) else { continue };
        let mut alert = (**firing).clone();
        end(draft, &mut alert);
        alert.closed_by_person = true;
        let forget_at = draft.now.saturating_add(CLOSED_MEMORY).unwrap_or(draft.now);
        draft.set_timer(TimerKey::Forget(id.clone()), forget_at);
        draft.change(Change::Alert(Arc::new(alert)));
    }
}

/// Marks an alert as over and takes its timers away. The caller keeps it.
pub fn end(draft: &mut Draft<'_>, alert: &mut Alert) {
    alert.status = AlertStatus::Resolved;
    alert.resolved_at = Some(draft.now);
    alert.suppression = None;
    draft.cancel_timer(TimerKey::Expire(alert.id.clone()));
    draft.cancel_timer(TimerKey::Unsuppress(alert.id.clone()));
}

/// The alerts of the incident that fire, without `except`.
pub fn firing<'a>(
    draft: &Draft<'a>,
    incident: &Incident,
    except: Option<&AlertId>,
) -> Vec<&'a Arc<Alert>> {
    let state = draft.view.state;
    let own = incident.alerts.iter().filter(|id| Some(*id) != except);
    own.filter_map(|id| state.alert(id))
        .filter(|a| a.status == AlertStatus::Firing && a.incident == Some(incident.id))
        .collect()
}
