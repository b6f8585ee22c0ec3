//! A delivery's name: the same page to the same address always has the same one (I4).

use crate::model::{Delivery, DeliveryId, IncidentId, MethodId, NoticeKind, PersonId, Phase};
use std::fmt;
use uuid::Uuid;

/// Namespace of delivery ids; a fixed random UUID of our own.
const NAMESPACE: Uuid = Uuid::from_u128(0x6e69_6768_7462_656c_6c2d_6465_6c69_7665);

/// Longest run of digits that can be an incident's number.
const DIGITS_MAX: usize = 20;

/// Names the page of (incident, start, phase, person, method, rule, again). `rule` is the rule's place in the
/// person's list; fallback methods that no rule names count from 1000. `again` counts the pages that follow the first ones of
/// a phase ([`crate::model::Escalation::again`]).
pub fn delivery_id(
    incident: IncidentId,
    start: u32,
    phase: Phase,
    person: &PersonId,
    method: &MethodId,
    rule: usize,
    again: u32,
) -> DeliveryId {
    let phase = fmt::from_fn(|out| match phase {
        Phase::Assigned => out.write_str("assigned"),
        Phase::Steps { pass, step } => write!(out, "{pass}.{step}"),
        Phase::Fallback { round } => write!(out, "fallback.{round}"),
    });
    // Only where it says something, so that names given before there was such a thing stay what they are.
    let again = fmt::from_fn(|out| match again {
        0 => Ok(()),
        _ => write!(out, "\0again\0{again}"),
    });
    named(incident, &format!("{incident}\0{start}\0{phase}\0{person}\0{method}\0{rule}{again}"))
}

/// Names the page that takes a failed one's place, through the person's next method.
pub fn next_id(failed: &Delivery, method: &MethodId) -> DeliveryId {
    named(failed.incident, &format!("{}\0next\0{method}", failed.id))
}

/// Names the update of a thread that follows the timeline's entry `seq`.
pub fn update_id(incident: IncidentId, channel: &str, address: &str, seq: u32) -> DeliveryId {
    named(incident, &format!("{incident}\0update\0{channel}\0{address}\0{seq}"))
}

/// Names a notice to a person through a method: what `key` stands for is told once.
pub fn notice_id(person: &PersonId, method: &MethodId, kind: NoticeKind, key: &str) -> DeliveryId {
    let kind = kind.as_str();
    named(IncidentId::NONE, &format!("notice\0{kind}\0{person}\0{method}\0{key}"))
}

/// Names the message that several pages share, of which `first` is the first.
pub fn shared_id(incident: IncidentId, first: &DeliveryId) -> DeliveryId {
    named(incident, &format!("bundle\0{first}"))
}

/// `d-<incident>-<hash>`: an answer that knows nothing but the name leads to the incident.
fn named(incident: IncidentId, name: &str) -> DeliveryId {
    let hash = Uuid::new_v5(&NAMESPACE, name.as_bytes());
    DeliveryId::new(format!("d-{incident}-{}", hash.simple()))
}

/// The incident a delivery's name leads to; `None` for names that say nothing of it, as those given before version 2 of the
/// journal's records.
pub fn incident_of(delivery: &DeliveryId) -> Option<IncidentId> {
    let (number, _) = delivery.as_str().strip_prefix("d-")?.split_once('-')?;
    let digits = number.len() <= DIGITS_MAX && number.bytes().all(|byte| byte.is_ascii_digit());
    number.parse().ok().filter(|_| digits).map(IncidentId)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_leads_to_its_incident() {
        let page = delivery_id(IncidentId(17), 1, Phase::Assigned, &"a".into(), &"m".into(), 0, 0);
        let update = update_id(IncidentId(u64::MAX), "slack", "C1", 3);
        assert_eq!(incident_of(&page), Some(IncidentId(17)));
        assert_eq!(incident_of(&update), Some(IncidentId(u64::MAX)));
        for other in
            ["", "d-", "d-1", "d--x", "d-+1-x", "d-99999999999999999999-x", "x-1-y", "d-3f2a"]
        {
            assert_eq!(incident_of(&other.into()), None, "{other}");
        }
    }

    #[test]
    fn i04_each_update_of_each_thread_has_a_name_of_its_own() {
        let id = |channel, address, seq| update_id(IncidentId(1), channel, address, seq);
        assert_eq!(id("slack", "C1", 3), id("slack", "C1", 3));
        let all =
            [id("slack", "C1", 3), id("slack", "C1", 4), id("slack", "C2", 3), id("chat", "C1", 3)];
        let unique: std::collections::BTreeSet<_> = all.iter().collect();
        assert_eq!(unique.len(), all.len());
    }
}
