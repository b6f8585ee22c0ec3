//! Lanes with an open window, and the pages that go out in one message with others.

use crate::model::{Change, Delivery, DeliveryId, DeliveryStatus, IncidentId, Lane, Pace};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

impl super::State {
    /// Lanes with an open window, and who shares which message.
    pub fn paces(&self) -> &Paces {
        &self.paces
    }
}

/// See the module.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Paces {
    paces: BTreeMap<Lane, Arc<Pace>>,
    /// Derived from the deliveries: which pages share which message.
    members: BTreeMap<DeliveryId, BTreeSet<(IncidentId, DeliveryId)>>,
    ended: BTreeMap<DeliveryId, Arc<Delivery>>,
}

impl Paces {
    /// Applies a change of this area; others change nothing.
    pub(super) fn apply(&mut self, change: &Change) {
        match change {
            Change::Pace(pace) => drop(self.paces.insert(pace.lane.clone(), pace.clone())),
            Change::ForgetPace(lane) => drop(self.paces.remove(lane)),
            Change::BundleEnded(bundle) => {
                self.ended.insert(bundle.id.clone(), bundle.clone());
            }
            Change::ForgetBundle(id) => drop(self.ended.remove(id)),
            _ => {}
        }
    }

    /// A delivery becomes `now` what it was `before`: keeps track of who shares a message.
    pub(super) fn moved(&mut self, before: Option<&Delivery>, now: &Delivery) {
        let shared = |delivery: &Delivery| match delivery.status {
            DeliveryStatus::Bundled { .. } => delivery.bundle.clone(),
            _ => None,
        };
        let key = (now.incident, now.id.clone());
        if let Some(bundle) = before.and_then(shared)
            && let Some(members) = self.members.get_mut(&bundle)
        {
            members.remove(&key);
            if members.is_empty() {
                self.members.remove(&bundle);
            }
        }
        if let Some(bundle) = shared(now) {
            self.members.entry(bundle).or_default().insert(key);
        }
    }

    /// A lane's open window.
    pub fn pace(&self, lane: &Lane) -> Option<&Arc<Pace>> {
        self.paces.get(lane)
    }

    /// All lanes with an open window.
    pub fn all(&self) -> impl Iterator<Item = &Arc<Pace>> {
        self.paces.values()
    }

    /// The pages that share a message and whose end is not known, by incident.
    pub fn members(
        &self,
        bundle: &DeliveryId,
    ) -> impl DoubleEndedIterator<Item = &(IncidentId, DeliveryId)> {
        self.members.get(bundle).into_iter().flatten()
    }

    /// How many they are.
    pub fn members_len(&self, bundle: &DeliveryId) -> usize {
        self.members.get(bundle).map_or(0, BTreeSet::len)
    }

    /// All shared messages that still have such pages.
    pub fn bundles(&self) -> impl Iterator<Item = &DeliveryId> {
        self.members.keys()
    }

    /// A shared message whose end is known, while some of its pages are still to learn it.
    pub fn ended(&self, bundle: &DeliveryId) -> Option<&Arc<Delivery>> {
        self.ended.get(bundle)
    }

    /// All of them.
    pub fn all_ended(&self) -> impl Iterator<Item = &Arc<Delivery>> {
        self.ended.values()
    }
}
