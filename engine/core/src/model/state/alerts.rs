//! Alerts by their ids: found through a table, which is what every event asks, and walked through in order.

use super::digest::digest;
use crate::model::{Alert, AlertId, DedupKey, IntegrationId};
use hashbrown::HashTable;
use hashbrown::hash_table::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::sync::Arc;

/// Alerts by id.
#[derive(Clone, Debug, Default)]
pub(super) struct Alerts {
    by_id: HashTable<Arc<Alert>>,
    /// Their ids in order. An integration stays when its last alert goes: there are as many as were ever configured.
    ids: BTreeMap<IntegrationId, BTreeSet<DedupKey>>,
}

impl Alerts {
    /// Adds or replaces one.
    pub(super) fn put(&mut self, alert: &Arc<Alert>) {
        let id = &alert.id;
        match self.by_id.entry(digest(id), |known| known.id == *id, |known| digest(&known.id)) {
            Entry::Occupied(mut known) => *known.get_mut() = alert.clone(),
            Entry::Vacant(place) => {
                place.insert(alert.clone());
                self.ids.entry(id.integration.clone()).or_default().insert(id.dedup_key.clone());
            }
        }
    }

    /// Lets one go, if it is here.
    pub(super) fn remove(&mut self, id: &AlertId) {
        let Ok(known) = self.by_id.find_entry(digest(id), |known| known.id == *id) else { return };
        known.remove();
        if let Some(ids) = self.ids.get_mut(&id.integration) {
            ids.remove(&id.dedup_key);
        }
    }

    pub(super) fn get(&self, id: &AlertId) -> Option<&Arc<Alert>> {
        self.by_id.find(digest(id), |known| known.id == *id)
    }

    /// All of them, by id.
    pub(super) fn all(&self) -> impl Iterator<Item = &Arc<Alert>> {
        self.of_all(Bound::Unbounded)
    }

    /// Those behind `after`, by id.
    pub(super) fn after(&self, after: &AlertId) -> impl Iterator<Item = &Arc<Alert>> {
        let AlertId { integration, dedup_key } = after;
        let behind = (Bound::Excluded(dedup_key), Bound::Unbounded);
        let of = self.ids.get_key_value(integration).into_iter();
        let same = of.flat_map(move |(of, keys)| {
            keys.range::<DedupKey, _>(behind).filter_map(|key| self.of(of, key))
        });
        same.chain(self.of_all(Bound::Excluded(integration)))
    }

    fn of_all(&self, from: Bound<&IntegrationId>) -> impl Iterator<Item = &Arc<Alert>> {
        let ids = self.ids.range::<IntegrationId, _>((from, Bound::Unbounded));
        ids.flat_map(|(of, keys)| keys.iter().filter_map(|key| self.of(of, key)))
    }

    fn of(&self, integration: &IntegrationId, dedup_key: &DedupKey) -> Option<&Arc<Alert>> {
        self.get(&AlertId { integration: integration.clone(), dedup_key: dedup_key.clone() })
    }
}

/// An integration without alerts says nothing.
impl PartialEq for Alerts {
    fn eq(&self, other: &Self) -> bool {
        self.all().eq(other.all())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{AlertStatus, EventId, Severity, Urgency};
    use jiff::Timestamp;
    use proptest::prelude::*;

    fn id(n: u8) -> AlertId {
        let integration = ["nagios", "prometheus", "unused"][usize::from(n % 3)].into();
        AlertId { integration, dedup_key: format!("{}", n / 3).as_str().into() }
    }

    fn alert(id: AlertId, trigger_count: u64) -> Alert {
        Alert {
            id,
            status: AlertStatus::Firing,
            service: "shop".into(),
            policy: None,
            group_key: None,
            urgency: Urgency::High,
            by_support_hours: false,
            priority: None,
            title: String::new(),
            severity: Severity::Critical,
            labels: BTreeMap::new(),
            source: String::new(),
            starts_at: Timestamp::UNIX_EPOCH,
            first_event: EventId(1),
            last_event: EventId(1),
            last_seen_at: Timestamp::UNIX_EPOCH,
            expires_at: None,
            resolved_at: None,
            trigger_count,
            suppression: None,
            incident: None,
            closed_by_person: false,
        }
    }

    proptest! {
        /// As a sorted map would do it, only slower.
        #[test]
        fn alerts_are_found_and_walked_through_by_id(
            steps in proptest::collection::vec((0..30_u8, 0..3_u64), 0..100), after in 0..30_u8
        ) {
            let (mut alerts, mut plain) = (Alerts::default(), BTreeMap::new());
            for (n, seen) in steps {
                if seen == 0 {
                    alerts.remove(&id(n));
                    plain.remove(&id(n));
                } else {
                    let alert = Arc::new(alert(id(n), seen));
                    alerts.put(&alert);
                    plain.insert(id(n), alert);
                }
            }
            prop_assert!(alerts.all().eq(plain.values()));
            let behind = (Bound::Excluded(id(after)), Bound::Unbounded);
            prop_assert!(alerts.after(&id(after)).eq(plain.range(behind).map(|(_, alert)| alert)));
            for n in 0..30 {
                prop_assert_eq!(alerts.get(&id(n)), plain.get(&id(n)));
            }
        }
    }
}
