//! Keeping earlier messages current: what is told, and to which threads, when an incident changes its status.
//!
//! A channel that returned a `thread` is told of every change of status, once per address. A newer update takes an
//! older one's place. Updates are no pages: nobody is woken by them, nothing follows when one fails, and neither an
//! acknowledgement nor the end of the incident takes them back (I12 speaks of pages).

use super::fresh::{To, about, fresh};
use super::{Reader, update_id};
use crate::model::{
    Change, Delivery, DeliveryStatus, Directory, Draft, Incident, IncidentStatus, PersonId,
    Purpose, Thread, TimerKey,
};
use jiff::SignedDuration;
use std::sync::Arc;

/// How long a resolved incident stays in the open state for what is still on its way about it: an attempt under way may
/// end and return a thread, an update may be tried again.
pub const LINGER: SignedDuration = SignedDuration::from_mins(5);

/// Decides an update of every thread of the incident, which just became what it is. `words` are for whoever reads
/// them.
pub fn keep_current(
    draft: &mut Draft<'_>,
    incident: &Incident,
    words: impl Fn(&Directory, &Reader) -> String,
) {
    let state = draft.view.state;
    for thread in state.threads_of(incident.id) {
        let Some(page) = &thread.page else { continue };
        let update = words(draft.view.directory, &Reader::of(draft, &page.person));
        update_thread(draft, incident, thread, update);
    }
}

/// Decides one update, in the place of those of the same thread that have not left.
pub fn update_thread(draft: &mut Draft<'_>, incident: &Incident, thread: &Thread, update: String) {
    let Some(page) = &thread.page else { return };
    if !is_wanted(draft, incident, thread, &page.person) {
        return;
    }
    let same =
        |other: &&Arc<Delivery>| other.channel == thread.channel && other.address == thread.address;
    let older: Vec<_> = draft.view.state.updates_of(incident.id).filter(same).cloned().collect();
    for older in older {
        let reason = "a newer update takes its place".to_owned();
        let status = DeliveryStatus::Cancelled { at: draft.now, reason };
        draft.change(Change::Delivery(Arc::new(Delivery { status, ..(*older).clone() })));
    }
    let seq = incident.timeline_len;
    let id = update_id(incident.id, &thread.channel, &thread.address, seq);
    let (channel, address) = (thread.channel.as_str(), thread.address.as_str());
    let to = To { person: &page.person, method: &page.method, channel, address };
    let fresh = fresh(id, Purpose::StatusUpdate { update }, &to, draft.now);
    draft.change(Change::Delivery(Arc::new(about(incident, &page.reason, fresh))));
}

/// Whether the person wants to hear on this channel how the incident goes on, or how it ended.
fn is_wanted(draft: &Draft<'_>, incident: &Incident, thread: &Thread, person: &PersonId) -> bool {
    let Some(profile) = draft.view.state.profile(person) else { return true };
    let chosen = profile.preferences.of_channel(&thread.channel);
    match incident.status {
        IncidentStatus::Resolved => chosen.resolve_notices,
        IncidentStatus::Triggered | IncidentStatus::Acknowledged => chosen.status_updates,
    }
}

/// The incident rings again: news of it that has not left is no longer true, and whoever it was for is paged. Messages that
/// are kept current are told by [`keep_current`].
pub fn take_back_news(draft: &mut Draft<'_>, incident: &Incident) {
    let state = draft.view.state;
    let stays = |update: &Arc<Delivery>| {
        state.thread(incident.id, &update.channel, &update.address).is_some()
    };
    for update in state.updates_of(incident.id).filter(|update| !stays(update)) {
        let reason = "it rings again".to_owned();
        let status = DeliveryStatus::Cancelled { at: draft.now, reason };
        draft.change(Change::Delivery(Arc::new(Delivery { status, ..(**update).clone() })));
    }
}

/// Keeps an incident that is about to be resolved in the open state for a while, when anything may still be told about
/// it or be on its way. Must come before the resolved incident itself.
pub fn linger(draft: &mut Draft<'_>, incident: &Incident) {
    let state = draft.view.state;
    let wanted = state.threads_of(incident.id).next().is_some()
        || state.updates_of(incident.id).next().is_some()
        || state.pages_of(incident.id).any(|page| page.is_pending());
    if wanted {
        let until = draft.now.saturating_add(LINGER).unwrap_or(draft.now);
        draft.set_timer(TimerKey::Leave(incident.id), until);
    }
}
