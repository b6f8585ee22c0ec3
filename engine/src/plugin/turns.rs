//! Whose turn is it? Filters and routers with state judge one batch at a time, in the order in which the batches came.
//! Who certainly will not be asked about a batch is not waited for.

use super::batch::{fits, own_service};
use super::installed::Installed;
use super::registry::Registry;
use nightbell_core::model::{Directory, Event, ServiceId};
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::sync::OwnedMutexGuard;

/// The turns a batch holds, by plugin.
pub(super) struct Turns(BTreeMap<Arc<str>, OwnedMutexGuard<()>>);

impl Turns {
    /// All turns are taken at the start, always in the order of names, so that no batch overtakes another and no two wait
    /// for each other.
    pub(super) async fn take(
        registry: &Registry,
        directory: &Directory,
        events: &[Arc<Event>],
    ) -> Self {
        let mut turns = BTreeMap::new();
        for (name, plugin) in awaited(registry, directory, events) {
            turns.insert(name.clone(), plugin.shelf.turn.clone().lock_owned().await);
        }
        Self(turns)
    }

    /// The batch is past this plugin.
    pub(super) fn pass(&mut self, plugin: &Installed) {
        self.0.remove(&plugin.stamp.name);
    }
}

/// The plugins with state that may be asked about these events, by name. An event out of a plugin's scope may come into
/// it by the patch of a filter before it: behind a filter that is asked, everybody may be.
fn awaited<'r>(
    registry: &'r Registry,
    directory: &Directory,
    events: &[Arc<Event>],
) -> BTreeMap<&'r Arc<str>, &'r Arc<Installed>> {
    let mut awaited = BTreeMap::new();
    let mut may_be_patched = false;
    let filters = registry.filters.iter().map(|plugin| (plugin, true));
    for (plugin, is_filter) in filters.chain(registry.routers.iter().map(|plugin| (plugin, false)))
    {
        let is_shown = |event: &Arc<Event>| {
            let service = own_service(directory, event).map_or("", ServiceId::as_str);
            fits(&plugin.terms.scope, event, service)
        };
        // Looked at in full only where it decides something.
        let patches = is_filter && !plugin.terms.shadow && !may_be_patched;
        if !plugin.keeps_state() && !patches {
            continue;
        }
        let may_be_asked = may_be_patched || events.iter().any(is_shown);
        may_be_patched |= patches && may_be_asked;
        if may_be_asked && plugin.keeps_state() {
            awaited.insert(&plugin.stamp.name, plugin);
        }
    }
    awaited
}
