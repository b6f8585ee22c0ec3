//! Pages that share one message: how it leaves, how each of them ends as it does, and when nothing in it is wanted any more.
//!
//! A message of several pages is a delivery of its own, with its own name for all its attempts (I4). Its pages keep theirs:
//! what is told of them stays told incident by incident (I6). How it ended is passed on to them in slices, so that ten
//! thousand of them never make one commit.

use super::identity::{incident_of, shared_id};
use crate::model::{
    Change, Delivery, DeliveryId, DeliveryStatus, Draft, Incident, IncidentId, MethodId, Purpose,
    TimelineKind,
};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Methods that failed before, remembered of all pages of a message together.
const TRIED_MAX: usize = 32;

/// Names the message that begins with a page.
pub(super) fn bundle_id(first: &Delivery) -> DeliveryId {
    shared_id(first.incident, &first.id)
}

/// Sends what waits under this name: one page as itself, several as one message. Answers whether anything left.
pub(super) fn leave(draft: &mut Draft<'_>, bundle: &DeliveryId) -> bool {
    let state = draft.view.state;
    let members = state.paces().members(bundle).filter_map(|(_, id)| state.delivery(id));
    let members: Vec<_> = members.cloned().collect();
    let status = DeliveryStatus::Pending { not_before: draft.now };
    let delivery = match members.as_slice() {
        [] => return false,
        [one] => Delivery { bundle: None, status, ..(**one).clone() },
        [first, .., newest] => Delivery {
            id: bundle.clone(),
            purpose: Purpose::Bundle { incidents: incidents(&members) },
            incident: incident_of(bundle).unwrap_or(first.incident),
            created_at: draft.now,
            attempts: 0,
            first_attempt_at: None,
            last_error: None,
            tried: tried(&members),
            bundle: None,
            status,
            // The newest knows the method's present address.
            ..(**newest).clone()
        },
    };
    draft.change(Change::Delivery(Arc::new(delivery)));
    true
}

fn incidents(members: &[Arc<Delivery>]) -> Vec<IncidentId> {
    let all: BTreeSet<_> = members.iter().map(|member| member.incident).collect();
    all.into_iter().collect()
}

fn tried(members: &[Arc<Delivery>]) -> Vec<MethodId> {
    let all: BTreeSet<_> = members.iter().flat_map(|member| &member.tried).collect();
    all.into_iter().take(TRIED_MAX).cloned().collect()
}

/// The message that a page shares whose end is not known.
pub fn shared_by(page: &Delivery) -> Option<&DeliveryId> {
    match page.status {
        DeliveryStatus::Bundled { .. } => page.bundle.as_ref(),
        _ => None,
    }
}

/// A page was taken by the other side in the message it shared. The caller keeps the incident.
pub fn delivered_together(
    draft: &mut Draft<'_>,
    incident: &mut Incident,
    page: &Delivery,
    bundle: &Delivery,
) {
    // A room is nobody: a post to it reaches no one.
    if page.is_page() {
        let of_phase =
            (incident.escalation.start, incident.escalation.phase) == (page.start, page.phase);
        incident.escalation.reached += u32::from(of_phase);
        super::knows(incident, &page.person);
        let zone = draft.view.directory.zone_of(&page.person);
        let rings = bundle.about().first() == Some(&incident.id);
        incident.life.count_page(&page.person, &zone, page.urgency, draft.now, rings);
    }
    let incidents = u32::try_from(bundle.about().len()).unwrap_or(u32::MAX);
    let line = TimelineKind::DeliveredTogether {
        delivery: page.id.clone(),
        person: page.person.clone(),
        channel: page.channel.clone(),
        bundle: bundle.id.clone(),
        incidents,
    };
    draft.log_engine(incident, line);
    let (attempts, first_attempt_at) = (bundle.attempts, bundle.first_attempt_at);
    let status = bundle.status.clone();
    let page = Delivery { status, attempts, first_attempt_at, ..page.clone() };
    draft.change(Change::Delivery(Arc::new(page)));
}

/// A page leaves the message it shares, since it is no longer wanted. A message that nothing is left of is taken back (I12).
pub(super) fn take_out(draft: &mut Draft<'_>, bundle: &DeliveryId) {
    let state = draft.view.state;
    let gone = draft.taken_out.entry(bundle.clone()).or_default();
    *gone += 1;
    let is_empty = *gone >= state.paces().members_len(bundle);
    if let Some(message) = state.delivery(bundle).filter(|_| is_empty) {
        let reason = "nothing in it is wanted any more".to_owned();
        let status = DeliveryStatus::Cancelled { at: draft.now, reason };
        draft.change(Change::Delivery(Arc::new(Delivery { status, ..(**message).clone() })));
    }
}
