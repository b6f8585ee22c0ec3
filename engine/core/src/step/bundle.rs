//! How a try at a message of several pages ended, and what that means for each of them (I7): done, or each person's next
//! method, or each incident's next step.
//!
//! It is tried again as a page is. Its end is passed on in slices: the first one in the same commit, the next ones a moment
//! later, so that a storm's message does not make one commit of ten thousand incidents.

use super::attempt::{elsewhere, log_failure, nobody_left, settle as note_settled};
use super::update::Taken;
use crate::model::{
    Change, Delivery, DeliveryId, DeliveryStatus, Draft, FailureKind, IncidentId, PageReason,
    Phase, Purpose, TimerKey,
};
use crate::notify;
use jiff::SignedDuration;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Pages, or incidents, that learn a message's end in one commit.
const SLICE: usize = 64;
/// Pause between two slices: not none, so that what is due twice at one `now` changes nothing the second time (I9).
const PAUSE: SignedDuration = SignedDuration::from_millis(1);

/// The other side took it. One that nothing was left of by then has nobody to pass that on to.
pub(super) fn delivered(
    draft: &mut Draft<'_>,
    mut bundle: Delivery,
    wanted: bool,
    taken: Taken<'_>,
) {
    let Taken { receipt, arrived, .. } = taken;
    bundle.status = DeliveryStatus::Delivered { at: draft.now, receipt, arrived };
    draft.change(Change::Delivery(Arc::new(bundle.clone())));
    if wanted {
        pass_on(draft, &bundle);
    }
}

/// Once more, or the end.
pub(super) fn failed(
    draft: &mut Draft<'_>,
    mut bundle: Delivery,
    kind: FailureKind,
    message: &str,
) {
    bundle.last_error = Some(message.to_owned());
    if let Some(not_before) = notify::retry_at(&bundle, kind, draft.now) {
        bundle.status = DeliveryStatus::Pending { not_before };
        return draft.change(Change::Delivery(Arc::new(bundle)));
    }
    bundle.status = DeliveryStatus::Failed { at: draft.now, reason: message.to_owned() };
    draft.change(Change::Delivery(Arc::new(bundle.clone())));
    // Its pages know it; which incidents it spoke of is for what comes back later.
    bundle.purpose = Purpose::Bundle { incidents: Vec::new() };
    pass_on(draft, &bundle);
}

/// It was taken and did not arrive: as if it had never been taken.
pub(super) fn came_back(draft: &mut Draft<'_>, mut bundle: Delivery, reason: &str) {
    bundle.last_error = Some(reason.to_owned());
    bundle.status = DeliveryStatus::Failed { at: draft.now, reason: reason.to_owned() };
    draft.change(Change::Delivery(Arc::new(bundle.clone())));
    pass_on(draft, &bundle);
}

/// The next slice is due.
pub(super) fn settle(draft: &mut Draft<'_>, id: &DeliveryId) {
    match draft.view.state.paces().ended(id).cloned() {
        Some(bundle) => pass_on(draft, &bundle),
        None => draft.cancel_timer(TimerKey::PassOn(id.clone())),
    }
}

/// Passes the end on to as many as fit into one commit.
fn pass_on(draft: &mut Draft<'_>, bundle: &Delivery) {
    let state = draft.view.state;
    let mut pages: BTreeMap<IncidentId, Vec<Arc<Delivery>>> = BTreeMap::new();
    let members = state.paces().members(&bundle.id).take(SLICE);
    for page in members.filter_map(|(_, id)| state.delivery(id)) {
        pages.entry(page.incident).or_default().push(page.clone());
    }
    let told: usize = pages.values().map(Vec::len).sum();
    let mut left = state.paces().members_len(&bundle.id) > told;
    if !left {
        let mut others = lost(draft, bundle);
        others.retain(|id| !pages.contains_key(id));
        left = others.len() > SLICE;
        for id in others.into_iter().take(SLICE) {
            lose(draft, id, bundle);
        }
    }
    for (id, pages) in &pages {
        end(draft, *id, pages, bundle);
    }
    let key = TimerKey::PassOn(bundle.id.clone());
    let known = state.paces().ended(&bundle.id);
    if left {
        if known.is_none_or(|known| **known != *bundle) {
            draft.change(Change::BundleEnded(Arc::new(bundle.clone())));
        }
        draft.set_timer(key, draft.now.saturating_add(PAUSE).unwrap_or(draft.now));
    } else if known.is_some() {
        draft.change(Change::ForgetBundle(bundle.id.clone()));
        draft.cancel_timer(key);
    }
}

/// Pages of one incident end as their message did.
fn end(draft: &mut Draft<'_>, id: IncidentId, pages: &[Arc<Delivery>], bundle: &Delivery) {
    let Some(open) = draft.view.state.incident(id) else { return };
    let mut incident = (**open).clone();
    let DeliveryStatus::Failed { reason, .. } = &bundle.status else {
        for page in pages {
            notify::delivered_together(draft, &mut incident, page, bundle);
        }
        return draft.put_incident(incident);
    };
    for page in pages {
        let mut failed = (**page).clone();
        failed.status = bundle.status.clone();
        (failed.attempts, failed.last_error) = (bundle.attempts, bundle.last_error.clone());
        log_failure(draft, &mut incident, page, reason, None);
        note_settled(&mut incident, &page.id);
        draft.change(Change::Delivery(Arc::new(failed)));
    }
    note_settled(&mut incident, &bundle.id);
    if is_to_room(bundle) {
        return draft.put_incident(incident);
    }
    let ids: Vec<_> = pages.iter().map(|page| page.id.clone()).collect();
    let gone_on = pages.iter().filter(|page| elsewhere(draft, &mut incident, page)).count();
    if let Some(last) = pages.last().filter(|_| gone_on == 0) {
        nobody_left(draft, &mut incident, last, &ids);
    }
    draft.put_incident(incident);
}

/// Incidents that still ring and were told of by a message that came back.
fn lost(draft: &Draft<'_>, bundle: &Delivery) -> Vec<IncidentId> {
    let DeliveryStatus::Failed { .. } = bundle.status else { return Vec::new() };
    let state = draft.view.state;
    let is_lost = |id: &&IncidentId| {
        let open = state.incident(**id);
        open.is_some_and(|open| open.may_page(&bundle.person) && !open.settled.contains(&bundle.id))
    };
    bundle.about().iter().filter(is_lost).copied().take(2 * SLICE + 1).collect()
}

/// A room is nobody: nothing follows when it is not told.
fn is_to_room(bundle: &Delivery) -> bool {
    bundle.person.room().is_some()
}

/// The message that told of one incident came back: its page is no longer at hand, so one is made of the message and of the
/// phase under way. What failed before is what failed for any page of it.
fn lose(draft: &mut Draft<'_>, id: IncidentId, bundle: &Delivery) {
    let Some(open) = draft.view.state.incident(id) else { return };
    let mut incident = (**open).clone();
    let (start, phase) = (incident.escalation.start, incident.escalation.phase);
    let page = Delivery {
        purpose: Purpose::Page,
        incident: id,
        urgency: incident.urgency,
        reason: reason_in(phase, &bundle.reason),
        start,
        phase,
        ..bundle.clone()
    };
    let reason = bundle.last_error.as_deref().unwrap_or_default();
    log_failure(draft, &mut incident, &page, reason, None);
    note_settled(&mut incident, &bundle.id);
    if is_to_room(bundle) {
        return draft.put_incident(incident);
    }
    incident.escalation.reached = incident.escalation.reached.saturating_sub(1);
    if !elsewhere(draft, &mut incident, &page) {
        nobody_left(draft, &mut incident, &page, &[]);
    }
    draft.put_incident(incident);
}

/// Why they are told, if the message's own reason names a step that the incident is not at.
fn reason_in(phase: Phase, told: &PageReason) -> PageReason {
    match (phase, told) {
        (Phase::Fallback { .. }, _) => PageReason::Fallback,
        (Phase::Assigned, _) => PageReason::Assigned,
        (Phase::Steps { step, .. }, PageReason::Step { target, .. }) => {
            PageReason::Step { step, target: target.clone() }
        }
        (Phase::Steps { .. }, other) => other.clone(),
    }
}
