//! How a try at a status update ended. It is tried again as a page is; then it is written down, and nothing follows.

use crate::model::{
    Change, Delivery, DeliveryStatus, Draft, FailureKind, Incident, Purpose, Thread, TimelineKind,
};
use crate::notify;
use std::sync::Arc;

/// What the other side took: perhaps under another name from now on.
pub(super) struct Taken<'a> {
    pub(super) receipt: Option<String>,
    pub(super) thread: Option<&'a str>,
    pub(super) arrived: bool,
    pub(super) problems: &'a [String],
}

/// The message is current. One that a newer update replaced while it was under way says so in the record only.
pub(super) fn delivered(
    draft: &mut Draft<'_>,
    mut delivery: Delivery,
    wanted: bool,
    taken: Taken<'_>,
) {
    let Taken { receipt, thread, arrived, problems } = taken;
    delivery.status = DeliveryStatus::Delivered { at: draft.now, receipt, arrived };
    if wanted {
        log(draft, &delivery, |delivery, update| TimelineKind::Updated {
            delivery: delivery.id.clone(),
            person: delivery.person.clone(),
            channel: delivery.channel.clone(),
            update,
            problems: problems.to_vec(),
        });
    }
    let (channel, address) = (&delivery.channel, &delivery.address);
    let known = draft.view.state.thread(delivery.incident, channel, address).cloned();
    if let (Some(known), Some(text)) = (known, thread)
        && known.thread != text
    {
        let thread = Thread { thread: text.to_owned(), ..(*known).clone() };
        draft.change(Change::Thread(Arc::new(thread)));
    }
    draft.change(Change::Delivery(Arc::new(delivery)));
}

/// Once more, or written down.
pub(super) fn failed(
    draft: &mut Draft<'_>,
    mut delivery: Delivery,
    kind: FailureKind,
    message: &str,
) {
    delivery.last_error = Some(message.to_owned());
    delivery.status = match notify::retry_at(&delivery, kind, draft.now) {
        Some(not_before) => DeliveryStatus::Pending { not_before },
        None => {
            let reason = message.to_owned();
            log(draft, &delivery, |delivery, update| TimelineKind::UpdateFailed {
                delivery: delivery.id.clone(),
                person: delivery.person.clone(),
                channel: delivery.channel.clone(),
                update,
                reason,
            });
            DeliveryStatus::Failed { at: draft.now, reason: message.to_owned() }
        }
    };
    draft.change(Change::Delivery(Arc::new(delivery)));
}

fn log(
    draft: &mut Draft<'_>,
    delivery: &Delivery,
    line: impl FnOnce(&Delivery, String) -> TimelineKind,
) {
    let Some(known) = draft.view.state.known_incident(delivery.incident) else { return };
    let mut incident: Incident = (**known).clone();
    let update = match &delivery.purpose {
        Purpose::StatusUpdate { update } => update.clone(),
        Purpose::Page | Purpose::Notice(_) | Purpose::Post { .. } | Purpose::Bundle { .. } => {
            String::new()
        }
    };
    draft.log_engine(&mut incident, line(delivery, update));
    draft.put_incident(incident);
}
