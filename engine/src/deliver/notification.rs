//! What a channel is given to say: one delivery with its incident, the event that opened it and where to answer.

use super::reason::reason;
use crate::plugin::{AnswerLinks, Notification, NotifiedAlert, NotifiedIncident, Purpose};
use jiff::Timestamp;
use nightbell_core::model::{
    Actor, Alert, AlertId, AlertStatus, Delivery, Event, Incident, IncidentStatus, Purpose as Told,
    View,
};
use nightbell_core::notify;
use std::sync::Arc;

/// Alerts shown in one notification; how many there are in all is told besides.
const ALERTS_SHOWN_MAX: usize = 20;

/// What one attempt is composed of, besides what is open.
pub(super) struct Facts {
    /// The event that opened the incident.
    pub(super) event: Arc<Event>,
    /// Alerts that may have left the open state, as the store has them; for updates only.
    pub(super) alerts: Vec<Arc<Alert>>,
    /// Where the person may answer while there is something to answer.
    pub(super) answers: AnswerLinks,
    /// Where the other side may.
    pub(super) callback_url: Option<String>,
    /// When the attempt starts.
    pub(super) now: Timestamp,
}

/// Composes the notification of one attempt, as the incident stands now. `None` when nothing is to be told about it any
/// more.
pub(super) fn compose(view: View<'_>, delivery: &Delivery, facts: Facts) -> Option<Notification> {
    let Facts { event, alerts, answers, callback_url, now } = facts;
    let incident = view.state.known_incident(delivery.incident)?;
    let thread = view.state.thread(incident.id, &delivery.channel, &delivery.address);
    let (purpose, update) = match &delivery.purpose {
        Told::Page | Told::Post { .. } => (Purpose::Page, String::new()),
        Told::StatusUpdate { update } => (Purpose::StatusUpdate, update.clone()),
        // Not about one incident: composed elsewhere.
        Told::Notice(_) | Told::Bundle { .. } => return None,
    };
    Some(Notification {
        id: delivery.id.clone(),
        attempt: delivery.attempts + 1,
        purpose,
        created_at: delivery.created_at,
        now,
        address: delivery.address.clone(),
        person: delivery.person.clone(),
        person_name: shown(view, delivery),
        language: notify::language_tag(view, &delivery.person),
        reason: reason(
            &delivery.reason,
            &incident.policy.id,
            notify::language(view, &delivery.person),
        ),
        incident: notified(view, incident, &event, &alerts),
        event,
        answers: left_to_answer(answers, incident, delivery),
        callback_url: callback_url.filter(|_| incident.is_open()),
        thread: thread.map(|thread| thread.thread.clone()),
        update,
    })
}

/// The person's name, or the room's.
fn shown(view: View<'_>, delivery: &Delivery) -> String {
    let room = delivery.person.room();
    let room = room.and_then(|room| view.directory.rooms.get(&room)).map(|room| &room.name);
    let person = view.directory.people.get(&delivery.person).map(|person| &person.name);
    person.or(room).cloned().unwrap_or_else(|| delivery.person.to_string())
}

/// What the incident still wants of this person: an update must not offer what is done.
fn left_to_answer(answers: AnswerLinks, incident: &Incident, delivery: &Delivery) -> AnswerLinks {
    let AnswerLinks { view, acknowledge, resolve } = answers;
    match incident.status {
        // Somebody has it, and this person was asked to help.
        IncidentStatus::Acknowledged if incident.may_page(&delivery.person) => {
            AnswerLinks { view, acknowledge, resolve }
        }
        IncidentStatus::Triggered => AnswerLinks { view, acknowledge, resolve },
        IncidentStatus::Acknowledged => AnswerLinks { view, acknowledge: None, resolve },
        IncidentStatus::Resolved => AnswerLinks { view, acknowledge: None, resolve: None },
    }
}

fn notified(
    view: View<'_>,
    incident: &Incident,
    event: &Event,
    stored: &[Arc<Alert>],
) -> NotifiedIncident {
    let service = view.directory.services.get(&incident.service);
    let shown = incident.alerts.iter().take(ALERTS_SHOWN_MAX);
    let alerts = shown.map(|id| {
        let stored = stored.iter().find(|alert| alert.id == *id);
        alert(id, view.state.alert(id).or(stored), incident, event)
    });
    NotifiedIncident {
        id: incident.id,
        title: incident.title.clone(),
        status: incident.status.as_str(),
        urgency: incident.urgency,
        priority: incident.priority,
        service: incident.service.clone(),
        service_name: service.map_or_else(|| incident.service.to_string(), |s| s.name.clone()),
        created_at: incident.created_at,
        alerts: alerts.collect(),
        alert_count: u32::try_from(incident.alerts.len()).unwrap_or(u32::MAX),
        answered_by: incident.answered_by.iter().map(|actor| name(view, actor)).collect(),
    }
}

/// As shown.
fn name(view: View<'_>, actor: &Actor) -> String {
    let known = view.directory.people.get(actor.name());
    match (actor, known) {
        (Actor::Person(_), Some(person)) => person.name.clone(),
        _ => actor.name().to_owned(),
    }
}

/// An alert that no longer fires has left the open state: what is known of it, unless the store was asked, is its name.
fn alert(
    id: &AlertId,
    known: Option<&Arc<Alert>>,
    incident: &Incident,
    event: &Event,
) -> NotifiedAlert {
    match known.filter(|alert| alert.incident == Some(incident.id)) {
        Some(alert) => NotifiedAlert {
            id: id.clone(),
            title: alert.title.clone(),
            firing: alert.status == AlertStatus::Firing,
            severity: alert.severity,
            starts_at: alert.starts_at,
        },
        None => NotifiedAlert {
            id: id.clone(),
            title: id.dedup_key.to_string(),
            firing: false,
            severity: event.severity,
            starts_at: incident.created_at,
        },
    }
}
