//! What the other side tells later about a message it had taken: it arrived, or it came back (I7). Told twice, it counts
//! once.

use super::update::Taken;
use super::{attempt, bundle, person, post, update};
use crate::model::{
    Change, Delivery, DeliveryStatus, Draft, FailureKind, LateReceipt, Purpose, ReceiptOutcome,
    RefusedAnswer, TimelineKind,
};
use crate::{incident, notify};
use std::sync::Arc;

/// Refused answers that one incident's timeline shows.
const REFUSED_SHOWN_MAX: u32 = 20;

/// Decides one late receipt.
pub(super) fn decide(draft: &mut Draft<'_>, receipt: &LateReceipt) {
    let known = draft.view.state.delivery(&receipt.delivery.id).cloned();
    let under_way = known.is_some();
    let delivery = (*known.unwrap_or_else(|| receipt.delivery.clone())).clone();
    let open_ended = match &delivery.status {
        DeliveryStatus::Pending { .. } => true,
        DeliveryStatus::Delivered { arrived, .. } => !arrived,
        DeliveryStatus::Failed { .. }
        | DeliveryStatus::Cancelled { .. }
        // No message of this name was ever sent.
        | DeliveryStatus::Bundled { .. } => false,
    };
    let incident = draft.view.state.known_incident(delivery.incident);
    let settled = incident.is_some_and(|incident| incident.settled.contains(&delivery.id));
    if !open_ended || settled {
        return;
    }
    if delivery.notice().is_some() {
        return of_notice(draft, delivery, &receipt.outcome, under_way);
    }
    if delivery.is_post() {
        let delivery = if under_way { tried(draft, delivery) } else { delivery };
        return post::receipt(draft, delivery, &receipt.outcome);
    }
    if let Purpose::Bundle { .. } = delivery.purpose {
        return of_bundle(draft, delivery, &receipt.outcome, under_way);
    }
    match (&receipt.outcome, delivery.is_page()) {
        (ReceiptOutcome::Arrived, true) => arrived(draft, delivery, under_way),
        (ReceiptOutcome::CameBack { reason }, true) if under_way => {
            attempt::failed(draft, tried(draft, delivery), FailureKind::Permanent, reason);
        }
        (ReceiptOutcome::CameBack { reason }, true) => came_back(draft, delivery, reason),
        (ReceiptOutcome::Arrived, false) => {
            let status = arrived_now(draft, &delivery);
            draft.change(Change::Delivery(Arc::new(Delivery { status, ..delivery })));
        }
        (ReceiptOutcome::CameBack { reason }, false) => {
            update::failed(draft, delivery, FailureKind::Permanent, reason);
        }
    }
}

/// A message of several pages: what becomes of it becomes of each of them.
fn of_bundle(draft: &mut Draft<'_>, delivery: Delivery, outcome: &ReceiptOutcome, under_way: bool) {
    match (outcome, under_way) {
        (ReceiptOutcome::Arrived, true) => {
            let taken = Taken { receipt: None, thread: None, arrived: true, problems: &[] };
            bundle::delivered(draft, tried(draft, delivery), true, taken);
        }
        (ReceiptOutcome::Arrived, false) => {
            let status = arrived_now(draft, &delivery);
            draft.change(Change::Delivery(Arc::new(Delivery { status, ..delivery })));
        }
        (ReceiptOutcome::CameBack { reason }, true) => {
            bundle::failed(draft, tried(draft, delivery), FailureKind::Permanent, reason);
        }
        (ReceiptOutcome::CameBack { reason }, false) => bundle::came_back(draft, delivery, reason),
    }
}

/// The receipt was quicker than the result of the attempt it tells of: that attempt counts.
fn tried(draft: &Draft<'_>, mut delivery: Delivery) -> Delivery {
    delivery.attempts += 1;
    delivery.first_attempt_at.get_or_insert(draft.now);
    delivery
}

fn arrived_now(draft: &Draft<'_>, delivery: &Delivery) -> DeliveryStatus {
    let receipt = match &delivery.status {
        DeliveryStatus::Delivered { receipt, .. } => receipt.clone(),
        _ => None,
    };
    DeliveryStatus::Delivered { at: draft.now, receipt, arrived: true }
}

fn arrived(draft: &mut Draft<'_>, delivery: Delivery, under_way: bool) {
    let mut delivery = if under_way { tried(draft, delivery) } else { delivery };
    delivery.status = arrived_now(draft, &delivery);
    if let Some(known) = draft.view.state.known_incident(delivery.incident) {
        let mut incident = (**known).clone();
        if under_way {
            incident.escalation.reached += u32::from(attempt::is_of_phase(&incident, &delivery));
            incident::count_page(draft, &mut incident, &delivery);
        }
        notify::knows(&mut incident, &delivery.person);
        attempt::settle(&mut incident, &delivery.id);
        let line = TimelineKind::Arrived {
            delivery: delivery.id.clone(),
            person: delivery.person.clone(),
            channel: delivery.channel.clone(),
        };
        draft.log_engine(&mut incident, line);
        draft.put_incident(incident);
    }
    draft.change(Change::Delivery(Arc::new(delivery)));
}

fn of_notice(draft: &mut Draft<'_>, delivery: Delivery, outcome: &ReceiptOutcome, under_way: bool) {
    let delivery = if under_way { tried(draft, delivery) } else { delivery };
    let told = delivery.clone();
    match outcome {
        ReceiptOutcome::Arrived => {
            let status = arrived_now(draft, &delivery);
            draft.change(Change::Delivery(Arc::new(Delivery { status, ..delivery })));
        }
        ReceiptOutcome::CameBack { reason } => {
            notify::notice_failed(draft, delivery, FailureKind::Permanent, reason);
        }
    }
    person::learn_of_test(draft, &told);
}

/// It was taken and did not arrive: as if it had never been taken.
fn came_back(draft: &mut Draft<'_>, mut delivery: Delivery, reason: &str) {
    delivery.last_error = Some(reason.to_owned());
    delivery.status = DeliveryStatus::Failed { at: draft.now, reason: reason.to_owned() };
    draft.change(Change::Delivery(Arc::new(delivery.clone())));
    let Some(known) = draft.view.state.known_incident(delivery.incident) else { return };
    let mut incident = (**known).clone();
    if attempt::is_of_phase(&incident, &delivery) {
        incident.escalation.reached = incident.escalation.reached.saturating_sub(1);
    }
    attempt::log_failure(draft, &mut incident, &delivery, reason, None);
    attempt::settle(&mut incident, &delivery.id);
    attempt::give_up(draft, &mut incident, &delivery);
    draft.put_incident(incident);
}

/// Shows that somebody answered in vain, so that they can be told why. Bounded: whoever can press a button could fill the
/// timeline otherwise.
pub(super) fn refuse(draft: &mut Draft<'_>, answer: &RefusedAnswer) {
    let Some(open) = draft.view.state.incident(answer.incident) else { return };
    if open.answers_refused >= REFUSED_SHOWN_MAX {
        return;
    }
    let mut incident = (**open).clone();
    incident.answers_refused += 1;
    let line = TimelineKind::AnswerRefused {
        channel: answer.channel.clone(),
        wanted: answer.wanted.clone(),
        reason: answer.reason.clone(),
    };
    draft.log_engine(&mut incident, line);
    draft.put_incident(incident);
}
