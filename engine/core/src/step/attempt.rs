//! How a try ended, and what follows: done, once more, the person's next method, the next step (I7).

use super::bundle;
use super::person;
use super::post;
use super::update::{self, Taken};
use crate::model::{
    Actor, Attempt, AttemptResult, Change, Delivery, DeliveryId, DeliveryStatus, Draft,
    FailureKind, Incident, IncidentStatus, Phase, Purpose, Thread, ThreadPage, TimelineKind,
};
use crate::{escalate, incident, notify};
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;

/// Pages of one incident whose end is remembered.
const SETTLED_MAX: usize = 64;

/// Decides one finished try.
pub(super) fn decide(draft: &mut Draft<'_>, attempt: &Attempt) {
    let known = draft.view.state.delivery(&attempt.delivery.id).cloned();
    let wanted = known.is_some();
    let mut delivery = (*known.unwrap_or_else(|| attempt.delivery.clone())).clone();
    delivery.attempts += 1;
    delivery.first_attempt_at.get_or_insert(attempt.started_at);
    match &attempt.result {
        AttemptResult::Delivered { receipt, thread, arrived, problems } => {
            let (receipt, thread) = (receipt.clone(), thread.as_deref());
            let taken = Taken { receipt, thread, arrived: *arrived, problems };
            match delivery.purpose {
                Purpose::Page | Purpose::Post { .. } => delivered(draft, delivery, taken),
                Purpose::StatusUpdate { .. } => update::delivered(draft, delivery, wanted, taken),
                Purpose::Notice(_) => notice_delivered(draft, delivery, taken),
                Purpose::Bundle { .. } => bundle::delivered(draft, delivery, wanted, taken),
            }
        }
        AttemptResult::Failed { kind, message } if wanted => match delivery.purpose {
            Purpose::Page => failed(draft, delivery, *kind, message),
            Purpose::StatusUpdate { .. } => update::failed(draft, delivery, *kind, message),
            Purpose::Notice(_) => notify::notice_failed(draft, delivery, *kind, message),
            Purpose::Bundle { .. } => bundle::failed(draft, delivery, *kind, message),
            Purpose::Post { .. } => post::failed(draft, delivery, *kind, message),
        },
        // Cancelled while it was under way, and it failed: the cancellation stands.
        AttemptResult::Failed { .. } => {}
    }
    person::learn_of(draft, &attempt.delivery, &attempt.result);
}

/// The try started before anything cancelled it, so it counts even if the page is no longer wanted.
fn delivered(draft: &mut Draft<'_>, mut delivery: Delivery, taken: Taken<'_>) {
    let Taken { receipt, thread, arrived, problems } = taken;
    delivery.status = DeliveryStatus::Delivered { at: draft.now, receipt, arrived };
    let Some(known) = draft.view.state.known_incident(delivery.incident) else {
        draft.change(Change::Delivery(Arc::new(delivery)));
        return;
    };
    let mut incident = (**known).clone();
    // Else a receipt was quicker than this result, and knows more.
    if !incident.settled.contains(&delivery.id) {
        let counts = delivery.is_page() && is_of_phase(&incident, &delivery);
        incident.escalation.reached += u32::from(counts);
        if delivery.is_page() {
            notify::knows(&mut incident, &delivery.person);
            incident::count_page(draft, &mut incident, &delivery);
        }
        let kind = TimelineKind::Delivered {
            delivery: delivery.id.clone(),
            person: delivery.person.clone(),
            channel: delivery.channel.clone(),
            problems: problems.to_vec(),
        };
        draft.log_engine(&mut incident, kind);
        draft.put_incident(incident.clone());
        draft.change(Change::Delivery(Arc::new(delivery.clone())));
    }
    if let Some(thread) = thread {
        keep_thread(draft, &incident, &delivery, thread);
    }
}

fn notice_delivered(draft: &mut Draft<'_>, mut delivery: Delivery, taken: Taken<'_>) {
    let Taken { receipt, arrived, .. } = taken;
    delivery.status = DeliveryStatus::Delivered { at: draft.now, receipt, arrived };
    draft.change(Change::Delivery(Arc::new(delivery)));
}

/// Keeps what the channel wants to see again. When the incident was answered while the page was under way, the message
/// that just arrived shows what is no longer true: nobody knew of the thread then, so it is told now.
fn keep_thread(draft: &mut Draft<'_>, incident: &Incident, delivery: &Delivery, text: &str) {
    let (channel, address) = (delivery.channel.clone(), delivery.address.clone());
    let page = ThreadPage {
        person: delivery.person.clone(),
        method: delivery.method.clone(),
        reason: delivery.reason.clone(),
    };
    let text = text.to_owned();
    let thread = Thread { incident: incident.id, channel, address, thread: text, page: Some(page) };
    draft.change(Change::Thread(Arc::new(thread.clone())));
    if incident.status == IncidentStatus::Triggered {
        return;
    }
    let directory = draft.view.directory;
    let reader = notify::Reader::of(draft, &delivery.person);
    let standing = notify::standing(incident, &Actor::Engine, directory, &reader);
    // Another one to this address may be on its way: what somebody wrote does not say how the incident stands.
    let is_told = draft.view.state.updates_of(incident.id).any(|other| {
        let text = match &other.purpose {
            Purpose::StatusUpdate { update } => update,
            _ => return false,
        };
        (&other.channel, &other.address) == (&thread.channel, &thread.address) && *text == standing
    });
    if !is_told {
        notify::update_thread(draft, incident, &thread, standing);
    }
}

/// Once more later, or the end of this delivery and what follows from it.
pub(super) fn failed(
    draft: &mut Draft<'_>,
    mut delivery: Delivery,
    kind: FailureKind,
    message: &str,
) {
    delivery.last_error = Some(message.to_owned());
    let retry_at = notify::retry_at(&delivery, kind, draft.now);
    let Some(open) = draft.view.state.incident(delivery.incident) else { return };
    let mut incident = (**open).clone();
    log_failure(draft, &mut incident, &delivery, message, retry_at);
    match retry_at {
        Some(not_before) => {
            delivery.status = DeliveryStatus::Pending { not_before };
            draft.change(Change::Delivery(Arc::new(delivery)));
        }
        None => {
            delivery.status = DeliveryStatus::Failed { at: draft.now, reason: message.to_owned() };
            draft.change(Change::Delivery(Arc::new(delivery.clone())));
            settle(&mut incident, &delivery.id);
            give_up(draft, &mut incident, &delivery);
        }
    }
    draft.put_incident(incident);
}

pub(super) fn log_failure(
    draft: &mut Draft<'_>,
    incident: &mut Incident,
    delivery: &Delivery,
    reason: &str,
    retry_at: Option<Timestamp>,
) {
    let line = TimelineKind::DeliveryFailed {
        delivery: delivery.id.clone(),
        person: delivery.person.clone(),
        channel: delivery.channel.clone(),
        reason: reason.to_owned(),
        retry_at,
    };
    draft.log_engine(incident, line);
}

/// Remembers that a page's end is known, whatever is told of it from now on.
pub(super) fn settle(incident: &mut Incident, page: &DeliveryId) {
    if incident.settled.len() >= SETTLED_MAX {
        incident.settled.remove(0);
    }
    incident.settled.push(page.clone());
}

/// Whether a page belongs to the phase that is under way.
pub(super) fn is_of_phase(incident: &Incident, page: &Delivery) -> bool {
    (incident.escalation.start, incident.escalation.phase) == (page.start, page.phase)
}

/// The person's next method; without one, and with nobody else of the phase on the way, the next step at once, or the
/// fallback again soon.
pub(super) fn give_up(draft: &mut Draft<'_>, incident: &mut Incident, delivery: &Delivery) {
    if !elsewhere(draft, incident, delivery) {
        nobody_left(draft, incident, delivery, std::slice::from_ref(&delivery.id));
    }
}

/// Whether what follows when a page fails may still follow.
fn is_current(incident: &Incident, page: &Delivery) -> bool {
    incident.may_page(&page.person) && incident.escalation.start == page.start
}

/// Pages the person through their next method, also when the next step was reached meanwhile: escalating takes nobody away.
/// Answers whether there is one.
pub(super) fn elsewhere(
    draft: &mut Draft<'_>,
    incident: &mut Incident,
    delivery: &Delivery,
) -> bool {
    if !is_current(incident, delivery) {
        return false;
    }
    if incident.has_answered(&delivery.person) {
        return false;
    }
    let Some(method) = notify::next_method(draft.view, delivery) else { return false };
    let mut tried = delivery.tried.clone();
    tried.push(delivery.method.clone());
    let next = Delivery {
        id: notify::next_id(delivery, &method.id),
        method: method.id,
        channel: method.channel,
        address: method.address,
        created_at: draft.now,
        attempts: 0,
        first_attempt_at: None,
        last_error: None,
        tried,
        bundle: None,
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
    notify::send(draft, incident, next);
    true
}

/// A page failed for good, and its person has no further method: when nobody else of the phase is being told, whoever is next
/// is paged. `gone` are pages that the view still shows as on their way.
pub(super) fn nobody_left(
    draft: &mut Draft<'_>,
    incident: &mut Incident,
    delivery: &Delivery,
    gone: &[DeliveryId],
) {
    let state = draft.view.state;
    let others = state.pages_of(incident.id).any(|other| !gone.contains(&other.id))
        || state.prepared_of(incident.id).next().is_some();
    let same = is_current(incident, delivery) && is_of_phase(incident, delivery);
    if !incident.is_ringing() || !same || others || incident.escalation.reached > 0 {
        return;
    }
    match incident.escalation.phase {
        Phase::Fallback { .. } => escalate::fall_back_soon(draft, incident),
        Phase::Assigned | Phase::Steps { .. } => escalate::advance(draft, incident),
    }
}
