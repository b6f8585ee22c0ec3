//! What a channel is given to say: one delivery with its incident, the event that opened it and where to answer.

use crate::plugin::{AnswerLinks, Notification, NotifiedAlert, NotifiedIncident, Purpose};
use jiff::Timestamp;
use nightbell_core::model::{
    Alert, AlertId, AlertStatus, Delivery, Event, Incident, PageReason, Target, View,
};
use std::sync::Arc;

/// Alerts shown in one notification; how many there are in all is told besides.
const ALERTS_SHOWN_MAX: usize = 20;

/// Composes the notification of one attempt. `None` when the incident is no longer open.
pub(super) fn compose(
    view: View<'_>,
    delivery: &Delivery,
    event: Arc<Event>,
    answers: AnswerLinks,
    now: Timestamp,
) -> Option<Notification> {
    let incident = view.state.incident(delivery.incident)?;
    let person = view.directory.people.get(&delivery.person);
    let thread = view.state.thread(incident.id, &delivery.channel, &delivery.address);
    Some(Notification {
        id: delivery.id.clone(),
        attempt: delivery.attempts + 1,
        purpose: Purpose::Page,
        created_at: delivery.created_at,
        now,
        address: delivery.address.clone(),
        person: delivery.person.clone(),
        person_name: person.map_or_else(|| delivery.person.to_string(), |p| p.name.clone()),
        language: person.map_or_else(|| "en".to_owned(), |p| p.language.clone()),
        reason: reason(delivery, incident),
        incident: notified(view, incident, &event),
        event,
        answers,
        callback_url: None,
        thread: thread.map(str::to_owned),
        update: String::new(),
    })
}

/// Why this person, in words.
pub fn reason(delivery: &Delivery, incident: &Incident) -> String {
    match &delivery.reason {
        PageReason::Step { step, target: Target::Schedule(schedule) } => {
            format!("you are on call for {schedule} (step {} of {})", step + 1, incident.policy.id)
        }
        PageReason::Step { step, target: Target::Person(_) } => {
            format!("you are step {} of {}", step + 1, incident.policy.id)
        }
        PageReason::Fallback => "you are the fallback: nobody else answered".to_owned(),
        PageReason::Assigned => "the incident was handed to you".to_owned(),
    }
}

fn notified(view: View<'_>, incident: &Incident, event: &Event) -> NotifiedIncident {
    let service = view.directory.services.get(&incident.service);
    let shown = incident.alerts.iter().take(ALERTS_SHOWN_MAX);
    let alerts = shown.map(|id| alert(id, view.state.alert(id), incident, event)).collect();
    NotifiedIncident {
        id: incident.id,
        title: incident.title.clone(),
        status: incident.status.as_str(),
        urgency: incident.urgency,
        priority: incident.priority,
        service: incident.service.clone(),
        service_name: service.map_or_else(|| incident.service.to_string(), |s| s.name.clone()),
        created_at: incident.created_at,
        alerts,
        alert_count: u32::try_from(incident.alerts.len()).unwrap_or(u32::MAX),
        answered_by: Vec::new(),
    }
}

/// An alert that no longer fires has left the open state: what is known of it is its name.
fn alert(
    id: &AlertId,
    open: Option<&Arc<Alert>>,
    incident: &Incident,
    event: &Event,
) -> NotifiedAlert {
    let firing =
        open.filter(|a| a.status == AlertStatus::Firing && a.incident == Some(incident.id));
    match firing {
        Some(alert) => NotifiedAlert {
            id: id.clone(),
            title: alert.title.clone(),
            firing: true,
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
