//! How a try at telling a room ended. It is tried again as a page is; then it is written down, and nothing follows: a room
//! is nobody.

use super::attempt;
use crate::model::{
    Change, Delivery, DeliveryStatus, Draft, FailureKind, Incident, ReceiptOutcome, TimelineKind,
};
use crate::notify;
use std::sync::Arc;

/// Once more, or written down. The caller has counted the try.
pub(super) fn failed(
    draft: &mut Draft<'_>,
    mut delivery: Delivery,
    kind: FailureKind,
    message: &str,
) {
    delivery.last_error = Some(message.to_owned());
    let retry_at = notify::retry_at(&delivery, kind, draft.now);
    delivery.status = match retry_at {
        Some(not_before) => DeliveryStatus::Pending { not_before },
        None => DeliveryStatus::Failed { at: draft.now, reason: message.to_owned() },
    };
    if let Some(known) = draft.view.state.known_incident(delivery.incident) {
        let mut incident: Incident = (**known).clone();
        attempt::log_failure(draft, &mut incident, &delivery, message, retry_at);
        if retry_at.is_none() {
            attempt::settle(&mut incident, &delivery.id);
        }
        draft.put_incident(incident);
    }
    draft.change(Change::Delivery(Arc::new(delivery)));
}

/// What the other side told later.
pub(super) fn receipt(draft: &mut Draft<'_>, mut delivery: Delivery, outcome: &ReceiptOutcome) {
    let ReceiptOutcome::CameBack { reason } = outcome else {
        let receipt = match &delivery.status {
            DeliveryStatus::Delivered { receipt, .. } => receipt.clone(),
            _ => None,
        };
        let at = draft.now;
        let Some(known) = draft.view.state.known_incident(delivery.incident) else { return };
        let mut incident: Incident = (**known).clone();
        attempt::settle(&mut incident, &delivery.id);
        let line = TimelineKind::Arrived {
            delivery: delivery.id.clone(),
            person: delivery.person.clone(),
            channel: delivery.channel.clone(),
        };
        draft.log_engine(&mut incident, line);
        draft.put_incident(incident);
        delivery.status = DeliveryStatus::Delivered { at, receipt, arrived: true };
        draft.change(Change::Delivery(Arc::new(delivery)));
        return;
    };
    failed(draft, delivery, FailureKind::Permanent, reason);
}
