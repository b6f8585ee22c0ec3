//! What follows when a try fails: the same method again a few times, then the person's next one (I7).

use super::profile;
use crate::model::{ContactMethod, Delivery, FailureKind, View};
use jiff::{SignedDuration, Timestamp};

/// Tries at one delivery.
pub const ATTEMPTS_MAX: u32 = 3;
/// No try starts later than this after the first.
pub const RETRY_WINDOW: SignedDuration = SignedDuration::from_secs(60);
/// Pause before the second try; it triples with each further one.
const FIRST_PAUSE_MS: i64 = 2_000;

/// When a failed delivery is tried again; `None` when it is given up. `delivery.attempts` counts the try that
/// failed at `now`. The pause is exponential with up to 25 % of jitter taken from the delivery's name, so that
/// many deliveries that fail together do not come back together.
pub fn retry_at(delivery: &Delivery, kind: FailureKind, now: Timestamp) -> Option<Timestamp> {
    let FailureKind::Transient { retry_after_s } = kind else { return None };
    if delivery.attempts >= ATTEMPTS_MAX {
        return None;
    }
    let exponent = delivery.attempts.saturating_sub(1).min(8);
    let pause = FIRST_PAUSE_MS * 3_i64.pow(exponent);
    let pause = pause + pause / 4 * jitter(delivery) / 1_000;
    let wished = i64::from(retry_after_s.unwrap_or(0)).saturating_mul(1_000);
    let at = now.checked_add(SignedDuration::from_millis(pause.max(wished))).ok()?;
    let first = delivery.first_attempt_at.unwrap_or(now);
    (at.duration_since(first) <= RETRY_WINDOW).then_some(at)
}

/// 0 to 1000, spread evenly over names and attempts (FNV-1a).
fn jitter(delivery: &Delivery) -> i64 {
    let bytes = delivery.id.as_str().bytes().chain(delivery.attempts.to_le_bytes());
    let hash = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    (hash % 1_001).cast_signed()
}

/// The person's next verified method that neither was tried for this page nor is on its way already: in the
/// order of their rules for this urgency, then of their methods.
pub fn next_method(view: View<'_>, delivery: &Delivery) -> Option<ContactMethod> {
    let profile = profile(view, &delivery.person);
    let by_rule = profile.rules.iter().filter(|rule| rule.urgency == delivery.urgency);
    let order = by_rule.map(|rule| &rule.method).chain(profile.methods.iter().map(|m| &m.id));
    let same_page = |other: &&std::sync::Arc<Delivery>| {
        other.incident == delivery.incident
            && other.person == delivery.person
            && (other.start, other.phase) == (delivery.start, delivery.phase)
    };
    let under_way = |id: &crate::model::MethodId| {
        let pending = view.state.pages_of(delivery.incident).filter(same_page);
        let prepared = view.state.prepared_of(delivery.incident).filter(same_page);
        pending.chain(prepared).any(|other| other.method == *id && other.id != delivery.id)
    };
    let usable = |id: &crate::model::MethodId| {
        *id != delivery.method && !delivery.tried.contains(id) && !under_way(id)
    };
    let usable = order
        .filter(|id| usable(id))
        .filter_map(|id| profile.methods.iter().find(|method| method.id == *id && method.verified));
    let usable: Vec<&ContactMethod> = usable.collect();
    // One that is marked undeliverable only when there is no other.
    let works = |method: &&&ContactMethod| {
        view.state.people().undeliverable(&profile.person, method).is_none()
    };
    usable.iter().find(works).or(usable.first()).map(|method| (*method).clone())
}
