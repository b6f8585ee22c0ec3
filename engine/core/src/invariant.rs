//! What must hold after every transition, as a list of what does not.

use crate::model::{AlertStatus, Delivery, Incident, IncidentStatus, State, TimerKey, Waiting};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Checks a state. Empty when all is well; else one line per violation. Linear in what is open: for tests,
/// simulation and debug builds.
pub fn violations(state: &State) -> Vec<String> {
    let mut found = Vec::new();
    incidents(state, &mut found);
    ladder(state, &mut found);
    alerts(state, &mut found);
    pages(state, &mut found);
    bundles(state, &mut found);
    updates(state, &mut found);
    leaving(state, &mut found);
    found
}

fn incidents(state: &State, found: &mut Vec<String>) {
    for incident in state.incidents() {
        let id = incident.id;
        let rings = state.timer(&TimerKey::Escalate(id)).is_some();
        if incident.is_ringing() != rings {
            found.push(format!(
                "incident {id}: ringing {} but escalation timer {rings}: the bell keeps ringing until somebody answers",
                incident.is_ringing()
            ));
        }
        let snoozed = state.timer(&TimerKey::Snooze(id)).is_some();
        if incident.snoozed_until.is_some() != snoozed {
            found.push(format!(
                "incident {id}: snoozed without a timer or a timer without a snooze"
            ));
        }
        let paused = incident.escalation.paused_with.is_some();
        if paused && state.timer(&TimerKey::Settle(id)).is_none() {
            found
                .push(format!("incident {id}: paused, and nothing looks whether it still must be"));
        }
        if paused == incident.escalation.paused_by.is_empty() {
            found.push(format!(
                "incident {id}: paused by nothing, or by something and goes on (I6)"
            ));
        }
        let firing = incident.alerts.iter().filter_map(|alert| state.alert(alert));
        let firing = firing.filter(|a| a.status == AlertStatus::Firing && a.incident == Some(id));
        if firing.count() == 0 {
            found.push(format!("incident {id}: open without a firing alert"));
        }
        if incident.status == IncidentStatus::Acknowledged && incident.acknowledged_by.is_none() {
            found.push(format!("incident {id}: acknowledged by nobody"));
        }
    }
}

/// Each timer of an escalation is set exactly while it has a reason.
fn ladder(state: &State, found: &mut Vec<String>) {
    for incident in state.incidents() {
        for (key, wanted, why) in reasons(incident) {
            if state.timer(&key).is_some() != wanted {
                let is = if wanted { "no timer" } else { "a timer" };
                found.push(format!("incident {}: {is}, {why}", incident.id));
            }
        }
        let escalation = &incident.escalation;
        let enough = escalation.answers.len() >= escalation.needed as usize;
        if incident.status == IncidentStatus::Triggered && enough {
            found.push(format!("incident {}: enough have answered, and it rings", incident.id));
        }
        let waiting = incident.responders.iter().any(|responder| responder.waiting);
        if incident.is_ringing() && waiting {
            found.push(format!("incident {}: rings, and somebody waits beside it", incident.id));
        }
    }
    for timer in state.timers() {
        let (TimerKey::Repage(id)
        | TimerKey::AcknowledgeTimeout(id)
        | TimerKey::AutoResolve(id)
        | TimerKey::SupportHours(id)) = &timer.key
        else {
            continue;
        };
        if state.incident(*id).is_none() {
            found.push(format!("incident {id}: not open, and its timer {:?} is", timer.key));
        }
    }
}

fn reasons(incident: &Incident) -> [(TimerKey, bool, &'static str); 3] {
    let (id, policy) = (incident.id, &incident.policy);
    let awake = incident.snoozed_until.is_none();
    let held = incident.status == IncidentStatus::Acknowledged && awake;
    let rings = incident.is_ringing() && !policy.repage.is_empty() && incident.rings_for_anybody();
    [
        (TimerKey::Repage(id), rings, "to page its people again"),
        (
            TimerKey::AcknowledgeTimeout(id),
            held && policy.acknowledge_timeout.is_some(),
            "to wake up from its acknowledgement",
        ),
        (
            TimerKey::AutoResolve(id),
            awake && policy.resolve_after.is_some(),
            "to resolve for want of news",
        ),
    ]
}

fn alerts(state: &State, found: &mut Vec<String>) {
    for alert in state.alerts().filter(|alert| alert.status == AlertStatus::Firing) {
        match alert.incident {
            None if alert.suppression.is_none() => {
                found.push(format!(
                    "alert {}: fires, is not suppressed and has no incident",
                    alert.id
                ));
            }
            Some(id) if !state.incident(id).is_some_and(|i| i.alerts.contains(&alert.id)) => {
                found.push(format!(
                    "alert {}: fires in incident {id}, which does not own it",
                    alert.id
                ));
            }
            None | Some(_) => {}
        }
        if alert.expires_at.is_some() != state.timer(&TimerKey::Expire(alert.id.clone())).is_some()
        {
            found.push(format!("alert {}: expiry and timer differ", alert.id));
        }
    }
}

fn pages(state: &State, found: &mut Vec<String>) {
    let is_page = |delivery: &&Arc<Delivery>| delivery.is_page() || delivery.is_post();
    let pages = state.deliveries().filter(is_page);
    for delivery in pages.chain(state.all_prepared()) {
        let incident = state.incident(delivery.incident);
        if !incident.is_some_and(|incident| incident.may_page(&delivery.person)) {
            found.push(format!(
                "delivery {}: would go out although incident {} does not ring (I12)",
                delivery.id, delivery.incident
            ));
        }
    }
    for delivery in state.all_prepared() {
        let key = TimerKey::Notify { incident: delivery.incident, delivery: delivery.id.clone() };
        if state.timer(&key).is_none() {
            found.push(format!("delivery {}: prepared without a timer", delivery.id));
        }
    }
}

/// What is held leaves: each page that shares a message waits for a window's end, for the message's own, or for the word of it.
fn bundles(state: &State, found: &mut Vec<String>) {
    let paces = state.paces();
    let mut leaving = BTreeSet::new();
    for pace in paces.all() {
        if state.timer(&TimerKey::Window(pace.lane.clone())).is_none() {
            found.push(format!("lane {:?}: a window without an end", pace.lane));
        }
        if let Waiting::Pages { bundle, .. } = &pace.waiting {
            leaving.insert(bundle);
        }
    }
    for bundle in paces.bundles() {
        let on_its_way = state.delivery(bundle).is_some_and(|message| message.is_pending());
        if !leaving.contains(bundle) && !on_its_way && paces.ended(bundle).is_none() {
            found.push(format!("bundle {bundle}: holds pages and never leaves (I7)"));
        }
    }
    for message in state.deliveries() {
        if message.is_bundle() && paces.members_len(&message.id) == 0 {
            found.push(format!("bundle {}: would go out with nothing in it (I12)", message.id));
        }
    }
    for ended in paces.all_ended() {
        if state.timer(&TimerKey::PassOn(ended.id.clone())).is_none() {
            found.push(format!("bundle {}: ended, and its pages never learn it", ended.id));
        }
    }
}

/// An update is of an incident that is known, and the only one of it to its address.
fn updates(state: &State, found: &mut Vec<String>) {
    let mut seen = BTreeSet::new();
    for update in state.deliveries().filter(|delivery| delivery.is_update()) {
        let (incident, channel, address) = (update.incident, &update.channel, &update.address);
        if state.known_incident(incident).is_none() {
            found.push(format!("update {}: incident {incident} is not known", update.id));
        }
        if !seen.insert((incident, channel, address)) {
            found.push(format!("update {}: not the only one of its thread", update.id));
        }
    }
}

fn leaving(state: &State, found: &mut Vec<String>) {
    for incident in state.leaving() {
        let id = incident.id;
        if incident.is_open() || state.incident(id).is_some() {
            found.push(format!("incident {id}: open and about to leave at once"));
        }
        if state.timer(&TimerKey::Leave(id)).is_none() {
            found.push(format!("incident {id}: resolved, and kept without an end"));
        }
    }
    for thread in state.threads() {
        if state.known_incident(thread.incident).is_none() {
            found.push(format!("incident {}: gone, and its threads are not", thread.incident));
        }
    }
}
