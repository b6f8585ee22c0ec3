//! Words to a person that are about no incident: through which of their methods, and what follows when one fails.
//!
//! A notice is no page: quiet hours and escalation know nothing of it. It is sent at once, tried as often as a page, then
//! through the person's next verified method, unless it is about the very method it goes to.

use super::fresh::{To, fresh};
use super::identity::notice_id;
use super::{profile, retry_at};
use crate::model::{
    Change, ContactMethod, Delivery, DeliveryStatus, Draft, FailureKind, MethodId, Notice,
    PersonId, Profile, Purpose, Urgency, View, is_call,
};
use std::sync::Arc;

/// Tells a person something through the verified method they like best for what can wait. `key` says what it is about:
/// the same key is the same notice (I4). Answers whether there is a method; a person without one cannot be told.
pub fn notice(draft: &mut Draft<'_>, person: &PersonId, key: &str, notice: Notice) -> bool {
    let profile = profile(draft.view, person);
    let Some(method) = best(draft.view, &profile, &[]) else { return false };
    notice_to(draft, person, &method, key, notice);
    true
}

/// As [`notice`], through any method but this one.
pub fn notice_elsewhere(
    draft: &mut Draft<'_>,
    person: &PersonId,
    except: &MethodId,
    key: &str,
    notice: Notice,
) -> bool {
    let profile = profile(draft.view, person);
    let except = [except.clone()];
    let Some(method) = best(draft.view, &profile, &except) else { return false };
    notice_to(draft, person, &method, key, notice);
    true
}

/// As [`notice`], to one method, verified or not.
pub fn notice_to(
    draft: &mut Draft<'_>,
    person: &PersonId,
    method: &ContactMethod,
    key: &str,
    notice: Notice,
) {
    let delivery = delivery(draft, person, method, key, notice);
    draft.change(Change::Delivery(Arc::new(delivery)));
}

fn delivery(
    draft: &Draft<'_>,
    person: &PersonId,
    method: &ContactMethod,
    key: &str,
    notice: Notice,
) -> Delivery {
    let id = notice_id(person, &method.id, notice.kind, key);
    fresh(id, Purpose::Notice(notice), &To::method(person, method), draft.now)
}

/// The verified method that the person's rules for low urgency name first; else the first verified one. One that is marked
/// undeliverable only when there is no other. Never a call: nobody is rung up to hear what can wait.
pub(super) fn best(view: View<'_>, profile: &Profile, tried: &[MethodId]) -> Option<ContactMethod> {
    let mut rules: Vec<_> = profile.rules.iter().collect();
    rules.sort_by_key(|rule| (rule.urgency != Urgency::Low, rule.delay));
    let by_rule = rules.into_iter().map(|rule| &rule.method);
    let order = by_rule.chain(profile.methods.iter().map(|method| &method.id));
    let usable = order.filter_map(|id| {
        let known = profile.methods.iter().find(|method| method.id == *id && method.verified);
        known.filter(|method| !tried.contains(id) && !is_call(&method.address))
    });
    let usable: Vec<&ContactMethod> = usable.collect();
    let works = |method: &&&ContactMethod| {
        view.state.people().undeliverable(&profile.person, method).is_none()
    };
    usable.iter().find(works).or(usable.first()).map(|method| (*method).clone())
}

/// A try failed: once more later, or the person's next method, or the end. The caller has counted the try.
pub fn notice_failed(
    draft: &mut Draft<'_>,
    mut delivery: Delivery,
    kind: FailureKind,
    message: &str,
) {
    delivery.last_error = Some(message.to_owned());
    delivery.status = match retry_at(&delivery, kind, draft.now) {
        Some(not_before) => DeliveryStatus::Pending { not_before },
        None => {
            elsewhere(draft, &delivery);
            DeliveryStatus::Failed { at: draft.now, reason: message.to_owned() }
        }
    };
    draft.change(Change::Delivery(Arc::new(delivery)));
}

fn elsewhere(draft: &mut Draft<'_>, delivery: &Delivery) {
    let Purpose::Notice(notice) = &delivery.purpose else { return };
    if notice.kind.is_about_its_method() {
        return;
    }
    let mut tried = delivery.tried.clone();
    tried.push(delivery.method.clone());
    let profile = profile(draft.view, &delivery.person);
    if let Some(method) = best(draft.view, &profile, &tried) {
        let key = delivery.id.as_str();
        let next = self::delivery(draft, &delivery.person, &method, key, notice.clone());
        draft.change(Change::Delivery(Arc::new(Delivery { tried, ..next })));
    }
}
