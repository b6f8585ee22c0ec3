//! How a try ended, and what follows: done, once more, the person's next method, the next step (I7).

use crate::model::{
    Attempt, AttemptResult, Change, Delivery, DeliveryStatus, Draft, FailureKind, Incident, Phase,
    TimelineKind,
};
use crate::{escalate, notify};
use jiff::SignedDuration;
use std::sync::Arc;

/// Decides one finished try.
pub(super) fn decide(draft: &mut Draft<'_>, attempt: &Attempt) {
    let known = draft.view.state.delivery(&attempt.delivery.id).cloned();
    let wanted = known.is_some();
    let mut delivery = (*known.unwrap_or_else(|| attempt.delivery.clone())).clone();
    delivery.attempts += 1;
    delivery.first_attempt_at.get_or_insert(attempt.started_at);
    match &attempt.result {
        AttemptResult::Delivered { receipt, thread } => {
            delivered(draft, delivery, receipt.clone(), thread.clone());
        }
        AttemptResult::Failed { kind, message } if wanted => {
            failed(draft, delivery, *kind, message);
        }
        // Cancelled while it was under way, and it failed: the cancellation stands.
        AttemptResult::Failed { .. } => {}
    }
}

/// The try started before anything cancelled it, so it counts even if the page is no longer wanted.
fn delivered(
    draft: &mut Draft<'_>,
    mut delivery: Delivery,
    receipt: Option<String>,
    thread: Option<String>,
) {
    delivery.status = DeliveryStatus::Delivered { at: draft.now, receipt };
    if let Some(open) = draft.view.state.incident(delivery.incident) {
        let mut incident = (**open).clone();
        let same = (incident.escalation.start, incident.escalation.phase)
            == (delivery.start, delivery.phase);
        incident.escalation.reached |= same;
        let kind = TimelineKind::Delivered {
            delivery: delivery.id.clone(),
            person: delivery.person.clone(),
            channel: delivery.channel.clone(),
        };
        draft.log_engine(&mut incident, kind);
        draft.put_incident(incident);
        if let Some(thread) = thread {
            let (channel, address) = (delivery.channel.clone(), delivery.address.clone());
            let incident = delivery.incident;
            draft.change(Change::Thread { incident, channel, address, thread });
        }
    }
    draft.change(Change::Delivery(Arc::new(delivery)));
}

fn failed(draft: &mut Draft<'_>, mut delivery: Delivery, kind: FailureKind, message: &str) {
    delivery.last_error = Some(message.to_owned());
    let retry_at = notify::retry_at(&delivery, kind, draft.now);
    let Some(open) = draft.view.state.incident(delivery.incident) else { return };
    let mut incident = (**open).clone();
    let line = TimelineKind::DeliveryFailed {
        delivery: delivery.id.clone(),
        person: delivery.person.clone(),
        channel: delivery.channel.clone(),
        reason: message.to_owned(),
        retry_at,
    };
    draft.log_engine(&mut incident, line);
    match retry_at {
        Some(not_before) => {
            delivery.status = DeliveryStatus::Pending { not_before };
            draft.change(Change::Delivery(Arc::new(delivery)));
        }
        None => {
            delivery.status = DeliveryStatus::Failed { at: draft.now, reason: message.to_owned() };
            draft.change(Change::Delivery(Arc::new(delivery.clone())));
            give_up(draft, &mut incident, &delivery);
        }
    }
    draft.put_incident(incident);
}

/// The person's next method, also when the next step was reached meanwhile: escalating takes nobody away.
/// Without one, and with nobody else of the phase on the way, the next step at once, or the fallback again soon.
fn give_up(draft: &mut Draft<'_>, incident: &mut Incident, delivery: &Delivery) {
    let same =
        (incident.escalation.start, incident.escalation.phase) == (delivery.start, delivery.phase);
    if !incident.is_ringing() || incident.escalation.start != delivery.start {
        return;
    }
    if let Some(method) = notify::next_method(draft.view, delivery) {
        let mut tried = delivery.tried.clone();
        tried.push(delivery.method.clone());
        let (start, phase) = (delivery.start, delivery.phase);
        // 2000 and up: methods that follow a failure, in order.
        let rule = 2_000 + tried.len();
        let next = Delivery {
            id: notify::delivery_id(incident.id, start, phase, &delivery.person, &method.id, rule),
            method: method.id,
            channel: method.channel,
            address: method.address,
            created_at: draft.now,
            attempts: 0,
            first_attempt_at: None,
            last_error: None,
            tried,
            status: DeliveryStatus::Pending { not_before: draft.now },
            ..delivery.clone()
        };
        let line = TimelineKind::Paged {
            person: next.person.clone(),
            method: next.method.clone(),
            channel: next.channel.clone(),
            delivery: next.id.clone(),
            reason: next.reason.clone(),
            delay: SignedDuration::ZERO,
        };
        draft.log_engine(incident, line);
        draft.change(Change::Delivery(Arc::new(next)));
        return;
    }
    let state = draft.view.state;
    let others = state.deliveries_of(incident.id).any(|other| other.id != delivery.id)
        || state.notify_timers(incident.id).next().is_some();
    if !same || others || incident.escalation.reached {
        return;
    }
    match incident.escalation.phase {
        Phase::Fallback { .. } => escalate::fall_back_soon(draft, incident),
        Phase::Assigned | Phase::Steps { .. } => escalate::advance(draft, incident),
    }
}
