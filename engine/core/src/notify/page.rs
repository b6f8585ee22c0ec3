//! Deciding the pages of one person for one phase of an escalation, and taking pages back.

use super::bundle::{delivered_together, shared_by, take_out};
use super::{delivery_id, profile, send};
use crate::model::{
    Change, ContactMethod, Delivery, DeliveryStatus, Draft, Incident, NotPagedReason, PageReason,
    PersonId, Profile, Purpose, TimelineKind, TimerKey,
};
use jiff::SignedDuration;
use std::sync::Arc;

/// How strictly a person's rules are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PageMode {
    /// Only what the person's rules say.
    ByRules,
    /// The rules, and where they say nothing every verified method at once: the fallback is never silence.
    AtAnyRate,
}

/// Decides the pages of `person` in the incident's current phase. Answers whether anybody will be told; why
/// not is in the timeline (I6).
pub fn page(
    draft: &mut Draft<'_>,
    incident: &mut Incident,
    person: &PersonId,
    reason: &PageReason,
    mode: PageMode,
) -> bool {
    let profile = profile(draft.view, person);
    let planned = match plan(&profile, incident, mode) {
        Ok(planned) => planned,
        Err(why) => {
            draft.log_engine(incident, TimelineKind::NotPaged(why));
            return false;
        }
    };
    for (method, rule, delay) in planned {
        let delivery = delivery(draft, incident, person, &method, rule, reason);
        announce(draft, incident, &delivery, delay);
        if delay.is_zero() {
            send(draft, incident, delivery);
        } else {
            later(draft, incident, delivery, delay);
        }
    }
    if !incident.paged.contains(person) {
        incident.paged.push(person.clone());
    }
    true
}

type Planned = (ContactMethod, usize, SignedDuration);

fn plan(
    profile: &Profile,
    incident: &Incident,
    mode: PageMode,
) -> Result<Vec<Planned>, NotPagedReason> {
    let verified: Vec<&ContactMethod> = profile.methods.iter().filter(|m| m.verified).collect();
    if verified.is_empty() {
        return Err(NotPagedReason::NoMethod(profile.person.clone()));
    }
    let mut planned = Vec::new();
    for (place, rule) in profile.rules.iter().enumerate() {
        let method = verified.iter().find(|method| method.id == rule.method);
        if rule.urgency == incident.urgency
            && let Some(method) = method
        {
            planned.push(((*method).clone(), place, rule.delay));
        }
    }
    if planned.is_empty() && mode == PageMode::AtAnyRate {
        let all = verified.iter().enumerate();
        planned = all.map(|(i, m)| ((*m).clone(), 1_000 + i, SignedDuration::ZERO)).collect();
    }
    if planned.is_empty() {
        let (person, urgency) = (profile.person.clone(), incident.urgency);
        return Err(NotPagedReason::NoRule { person, urgency });
    }
    planned.sort_by_key(|(_, place, delay)| (*delay, *place));
    Ok(planned)
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
    Delivery {
        id: delivery_id(incident.id, start, phase, person, &method.id, rule),
        purpose: Purpose::Page,
        incident: incident.id,
        person: person.clone(),
        method: method.id.clone(),
        channel: method.channel.clone(),
        address: method.address.clone(),
        urgency: incident.urgency,
        reason: reason.clone(),
        start,
        phase,
        created_at: draft.now,
        attempts: 0,
        first_attempt_at: None,
        last_error: None,
        tried: Vec::new(),
        bundle: None,
        status: DeliveryStatus::Pending { not_before: draft.now },
    }
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

fn later(
    draft: &mut Draft<'_>,
    incident: &Incident,
    mut delivery: Delivery,
    delay: SignedDuration,
) {
    let due = draft.now.saturating_add(delay).unwrap_or(draft.now);
    delivery.status = DeliveryStatus::Pending { not_before: due };
    let key = TimerKey::Notify { incident: incident.id, delivery: delivery.id.clone() };
    draft.change(Change::PreparedDelivery(Arc::new(delivery)));
    draft.set_timer(key, due);
}

/// Takes back every page of the incident that has not left, alone or with others, in the same commit as what made it
/// unwanted (I12). Updates stay: they tell that it is unwanted. Answers how many there were.
pub fn cancel_pages(draft: &mut Draft<'_>, incident: &mut Incident, reason: &str) -> u32 {
    let state = draft.view.state;
    let mut count = 0;
    for delivery in state.pages_of(incident.id) {
        if let Some(bundle) = shared_by(delivery) {
            let ended = state.paces().ended(bundle);
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
    for prepared in state.prepared_of(incident.id) {
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

fn was_taken(bundle: &Delivery) -> bool {
    matches!(bundle.status, DeliveryStatus::Delivered { .. })
}
