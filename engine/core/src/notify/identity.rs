//! A delivery's name: the same page to the same address always has the same one (I4).

use crate::model::{DeliveryId, IncidentId, MethodId, PersonId, Phase};
use uuid::Uuid;

/// Namespace of delivery ids; a fixed random UUID of our own.
const NAMESPACE: Uuid = Uuid::from_u128(0x6e69_6768_7462_656c_6c2d_6465_6c69_7665);

/// Names the page of (incident, start, phase, person, method, rule). `rule` is the rule's place in the
/// person's list; fallback methods that no rule names count from 1000.
pub fn delivery_id(
    incident: IncidentId,
    start: u32,
    phase: Phase,
    person: &PersonId,
    method: &MethodId,
    rule: usize,
) -> DeliveryId {
    let phase = match phase {
        Phase::Assigned => "assigned".to_owned(),
        Phase::Steps { pass, step } => format!("{pass}.{step}"),
        Phase::Fallback { round } => format!("fallback.{round}"),
    };
    let name = format!("{incident}\0{start}\0{phase}\0{person}\0{method}\0{rule}");
    DeliveryId::new(format!("d-{}", Uuid::new_v5(&NAMESPACE, name.as_bytes()).simple()))
}
