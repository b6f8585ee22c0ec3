//! What channels asked to see again, by incident.

use super::State;
use crate::model::{IncidentId, Thread};
use std::collections::BTreeMap;
use std::sync::Arc;

impl State {
    /// What the channel asked to see again for this incident and address.
    pub fn thread(
        &self,
        incident: IncidentId,
        channel: &str,
        address: &str,
    ) -> Option<&Arc<Thread>> {
        let threads = self.threads.get(&incident)?;
        threads.get(&(channel.to_owned(), address.to_owned()))
    }

    /// The threads of one incident, by channel and address.
    pub fn threads_of(&self, incident: IncidentId) -> impl Iterator<Item = &Arc<Thread>> {
        self.threads.get(&incident).into_iter().flat_map(BTreeMap::values)
    }

    /// All threads.
    pub fn threads(&self) -> impl Iterator<Item = &Arc<Thread>> {
        self.threads.values().flat_map(BTreeMap::values)
    }
}
