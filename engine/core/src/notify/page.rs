//! Deciding the pages of one person for one phase of an escalation, and taking pages back.

use super::bundle::{delivered_together, shared_by, take_out};
use super::fresh::{To, about, fresh};
use super::quiet_hours::{self, Loudness};
use super::{Ask, Planned, delivery_id, plan, send};
use crate::model::{
    Change, ContactMethod, Delivery, DeliveryStatus, Draft, Incident, IncidentId, PageReason,
    PersonId, Purpose, TimelineKind, TimerKey,
};
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;

/// How strictly a person's rules are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PageMode {
    /// Only what the person's rules say.
    ByRules,
    /// The rules, and where they say nothing every verified method at once: the fallback is never silence. Quiet hours hold
    /// only what is of low urgency.
    AtAnyRate,
}

/// Decides the pages of `person` in the incident's current phase. Answers whether anybody will be told, and not only at the end
/// of their quiet hours; why not is in the timeline (I6).
pub fn page(
    draft: &mut Draft<'_>,
    incident: &mut Incident,
    person: &PersonId,
    reason: &PageReason,
    mode: PageMode,
) -> bool {
    let page = Loudness { urgency: incident.urgency, priority: incident.priority };
    let planned = match plan(draft.view, person, Ask { page, mode, at: draft.now }) {
        Ok(planned) => planned,
        Err(why) => {
            draft.log_engine(incident, TimelineKind::NotPaged(why));
            return false;
        }
    };
    let mut told = false;
    for page in planned {
        let Planned { method, rule, delay, due, held } = page;
        let delivery = delivery(draft, incident, person, &method, rule, reason);
        if let Some(held) = held {
            // The fallback is the end of the line: what waits there is not silence but a known time.
            told |= mode == PageMode::AtAnyRate;
            hold(draft, incident, delivery, &held);
            continue;
        }
        told = true;
        announce(draft, incident, &delivery, delay);
        if delay.is_zero() {
            send(draft, incident, delivery);
        } else {
            later(draft, incident, delivery, due);
        }
    }
    if !told {
        return false;
    }
    if !incident.paged.contains(person) {
        incident.paged.push(person.clone());
    }
    true
}

fn delivery(
    draft: &Draft<'_>,
    incident: &Incident,
    person: &PersonId,
    method: &ContactMethod,
    rule: usize,
    reason: &PageReason,
) -> Delivery {
    let (start, phase) = (incident.escalation.start, incident.escalation.phase);
    let again = incident.escalation.again;
    let id = delivery_id(incident.id, start, phase, person, &method.id, rule, again);
    let to = To::method(person, method);
    about(incident, reason, fresh(id, Purpose::Page, &to, draft.now))
}

fn announce(
    draft: &mut Draft<'_>,
    incident: &mut Incident,
    delivery: &Delivery,
    delay: SignedDuration,
) {
    let kind = TimelineKind::Paged {
        person: delivery.person.clone(),
        method: delivery.method.clone(),
        channel: delivery.channel.clone(),
        delivery: delivery.id.clone(),
        reason: delivery.reason.clone(),
        delay,
    };
    draft.log_engine(incident, kind);
}

/// A page waits for the end of the person's quiet hours; one that waits already is enough.
fn hold(
    draft: &mut Draft<'_>,
    incident: &mut Incident,
    delivery: Delivery,
    held: &quiet_hours::Held,
) {
    if waits_already(draft, &delivery, held.until) {
        return;
    }
    let line = TimelineKind::Held {
        person: delivery.person.clone(),
        method: delivery.method.clone(),
        channel: delivery.channel.clone(),
        delivery: delivery.id.clone(),
        until: held.until,
        reason: quiet_hours::words(held, draft.view.directory, &delivery.person),
    };
    draft.log_engine(incident, line);
    later(draft, incident, delivery, held.until);
}

/// Whether this person is to be told through this method at or before `until`, by a page of an earlier step or round.
fn waits_already(draft: &Draft<'_>, page: &Delivery, until: Timestamp) -> bool {
    let same = |other: &Delivery| {
        let due = match other.status {
            DeliveryStatus::Pending { not_before } => not_before,
            _ => return false,
        };
        (other.incident, other.start) == (page.incident, page.start)
            && (&other.person, &other.method) == (&page.person, &page.method)
            && draft.now < due
            && due <= until
    };
    unsent(draft, page.incident).prepared.iter().any(|other| same(other))
}

fn later(draft: &mut Draft<'_>, incident: &Incident, mut delivery: Delivery, due: Timestamp) {
    delivery.status = DeliveryStatus::Pending { not_before: due };
    let key = TimerKey::Notify { incident: incident.id, delivery: delivery.id.clone() };
    draft.change(Change::PreparedDelivery(Arc::new(delivery)));
    draft.set_timer(key, due);
}

/// Takes back every page of the incident that has not left, alone or with others, in the same commit as what made it
/// unwanted (I12). Updates stay: they tell that it is unwanted. Answers how many there were.
pub fn cancel_pages(draft: &mut Draft<'_>, incident: &mut Incident, reason: &str) -> u32 {
    cancel(draft, incident, reason, |_| true)
}

/// As [`cancel_pages`], of one person.
pub fn cancel_pages_of(
    draft: &mut Draft<'_>,
    incident: &mut Incident,
    person: &PersonId,
    reason: &str,
) -> u32 {
    cancel(draft, incident, reason, |delivery| delivery.person == *person)
}

fn cancel(
    draft: &mut Draft<'_>,
    incident: &mut Incident,
    reason: &str,
    which: impl Fn(&Delivery) -> bool,
) -> u32 {
    let mut count = 0;
    let Unsent { pages, prepared } = unsent(draft, incident.id);
    for delivery in pages.iter().filter(|one| which(one)) {
        if let Some(bundle) = shared_by(delivery) {
            let ended = draft.view.state.paces().ended(bundle);
            if let Some(bundle) = ended.filter(|bundle| was_taken(bundle)) {
                // It has left; only the word of it had not come here.
                delivered_together(draft, incident, delivery, bundle);
                continue;
            }
            take_out(draft, bundle);
        }
        let mut cancelled = (**delivery).clone();
        cancelled.status = DeliveryStatus::Cancelled { at: draft.now, reason: reason.to_owned() };
        draft.change(Change::Delivery(Arc::new(cancelled)));
        count += 1;
    }
    for prepared in prepared.iter().filter(|one| which(one)) {
        let (incident, delivery) = (incident.id, prepared.id.clone());
        draft.change(Change::CancelTimer(TimerKey::Notify { incident, delivery }));
        count += 1;
    }
    if count > 0 {
        draft.log_engine(
            incident,
            TimelineKind::PagesCancelled { count, reason: reason.to_owned() },
        );
    }
    count
}

/// What has not left of one incident: pages and posts, and pages that wait for their rule's delay.
struct Unsent {
    pages: Vec<Arc<Delivery>>,
    prepared: Vec<Arc<Delivery>>,
}

/// As the draft leaves it so far: one decision may take back what it has itself just decided, and must not take back twice
/// what it has taken back already.
fn unsent(draft: &Draft<'_>, id: IncidentId) -> Unsent {
    let state = draft.view.state;
    let pages = state.pages_of(id).chain(state.posts_of(id)).cloned().collect();
    let mut unsent = Unsent { pages, prepared: state.prepared_of(id).cloned().collect() };
    for change in &draft.transition.changes {
        match change {
            Change::Delivery(one) if one.incident == id && (one.is_page() || one.is_post()) => {
                unsent.pages.retain(|known| known.id != one.id);
                unsent.pages.extend(one.is_open().then(|| one.clone()));
            }
            Change::PreparedDelivery(one) if one.incident == id => {
                unsent.prepared.push(one.clone());
            }
            Change::CancelTimer(TimerKey::Notify { incident, delivery }) if *incident == id => {
                unsent.prepared.retain(|known| known.id != *delivery);
            }
            _ => {}
        }
    }
    unsent
}

fn was_taken(bundle: &Delivery) -> bool {
    matches!(bundle.status, DeliveryStatus::Delivered { .. })
}
