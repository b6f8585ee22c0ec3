//! Deliveries by their names, and by the incidents they are about: an incident without any costs one look at a number.

use crate::model::{Delivery, DeliveryId, IncidentId};
use std::collections::BTreeMap;
use std::sync::Arc;

type ById = BTreeMap<DeliveryId, Arc<Delivery>>;

/// Deliveries, each in both maps.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Journeys {
    by_id: ById,
    /// Without empty ones.
    of: BTreeMap<IncidentId, ById>,
}

impl Journeys {
    /// Adds or replaces one.
    pub(super) fn put(&mut self, delivery: &Arc<Delivery>) {
        let of = self.of.entry(delivery.incident).or_default();
        of.insert(delivery.id.clone(), delivery.clone());
        self.by_id.insert(delivery.id.clone(), delivery.clone());
    }

    /// Lets one go, if it is here.
    pub(super) fn remove(&mut self, id: &DeliveryId) {
        let Some(delivery) = self.by_id.remove(id) else { return };
        if let Some(of) = self.of.get_mut(&delivery.incident) {
            of.remove(id);
            if of.is_empty() {
                self.of.remove(&delivery.incident);
            }
        }
    }

    pub(super) fn get(&self, id: &DeliveryId) -> Option<&Arc<Delivery>> {
        self.by_id.get(id)
    }

    /// All of them, by name.
    pub(super) fn all(&self) -> impl Iterator<Item = &Arc<Delivery>> {
        self.by_id.values()
    }

    /// Those about one incident, by name.
    pub(super) fn of(&self, incident: IncidentId) -> impl Iterator<Item = &Arc<Delivery>> {
        self.of.get(&incident).into_iter().flat_map(BTreeMap::values)
    }
}
