//! Which plugins there are at one moment. A value: a batch holds one registry from its first filter to its last router,
//! and a change makes a new one.

use super::bounds;
use super::installed::Installed;
use super::types::{ChannelStatus, Kind, PluginState, PluginStatus, Source};
use crate::config::Plan;
use jiff::Timestamp;
use nightbell_pack::Outline;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

/// All plugins.
#[derive(Default)]
pub(super) struct Registry {
    pub(super) slots: Vec<Slot>,
    /// In the order of the chain.
    pub(super) filters: Vec<Arc<Installed>>,
    /// In the order of the chain.
    pub(super) routers: Vec<Arc<Installed>>,
    by_name: BTreeMap<(Kind, Arc<str>), Arc<Installed>>,
}

/// Where a plugin comes from, exactly.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Spot {
    Shipped(String),
    /// The file's name in the directory.
    File(String),
}

/// One plugin, whether it runs or not.
#[derive(Clone)]
pub(super) struct Slot {
    pub(super) spot: Spot,
    pub(super) name: String,
    /// What the file says about itself; `None` when it cannot be read.
    pub(super) outline: Option<Arc<Outline>>,
    /// Of the file.
    pub(super) sha256: String,
    /// When nothing runs: why.
    pub(super) idle: PluginState,
    pub(super) error: Option<String>,
    pub(super) running: Option<Arc<Installed>>,
    pub(super) basis: Basis,
}

/// What a slot was decided upon. The same basis need not be decided upon again.
#[derive(Clone)]
pub(super) struct Basis {
    pub(super) sha256: Result<Arc<str>, String>,
    pub(super) sidecar: Option<Result<String, String>>,
    pub(super) signature: Option<Result<String, String>>,
    pub(super) plan: Arc<Plan>,
    /// Decide again from then on in any case.
    pub(super) again_at: Option<Instant>,
}

impl Basis {
    pub(super) fn holds(&self, new: &Self) -> bool {
        self.sha256 == new.sha256
            && self.sidecar == new.sidecar
            && self.signature == new.signature
            && Arc::ptr_eq(&self.plan, &new.plan)
            && self.again_at.is_none_or(|at| Instant::now() < at)
    }
}

impl Spot {
    pub(super) fn source(&self) -> Source {
        match self {
            Self::Shipped(_) => Source::Shipped,
            Self::File(_) => Source::Directory,
        }
    }

    /// What to call a plugin whose manifest cannot be read.
    pub(super) fn stem(&self) -> &str {
        match self {
            Self::Shipped(name) => name,
            Self::File(file) => {
                let stem = Path::new(file).file_stem().and_then(|stem| stem.to_str());
                bounds::cut(stem.unwrap_or(file), bounds::FRAME_MAX_BYTES)
            }
        }
    }
}

impl Registry {
    /// Puts the running ones into their places.
    pub(super) fn new(mut slots: Vec<Slot>) -> Self {
        slots.sort_by(|a, b| a.name.cmp(&b.name));
        let running = || slots.iter().filter_map(|slot| slot.running.clone());
        let chain = |kind| {
            let mut chain: Vec<_> = running().filter(|plugin| plugin.kind() == kind).collect();
            chain.sort_by(|a, b| {
                (a.terms.order, &a.stamp.name).cmp(&(b.terms.order, &b.stamp.name))
            });
            chain
        };
        let by_name = running().map(|plugin| ((plugin.kind(), plugin.stamp.name.clone()), plugin));
        Self {
            filters: chain(Kind::Filter),
            routers: chain(Kind::Router),
            by_name: by_name.collect(),
            slots,
        }
    }

    pub(super) fn get(&self, kind: Kind, name: &str) -> Option<&Arc<Installed>> {
        self.by_name.get(&(kind, Arc::from(name)))
    }

    /// The plugin that runs under this name, of whatever kind.
    pub(super) fn running(&self, name: &str) -> Option<&Arc<Installed>> {
        self.slots
            .iter()
            .filter_map(|slot| slot.running.as_ref())
            .find(|plugin| &*plugin.stamp.name == name)
    }

    /// What a spot came to at the last look.
    pub(super) fn at(&self, spot: &Spot) -> Option<&Slot> {
        self.slots.iter().find(|slot| slot.spot == *spot)
    }

    /// As lists show it, by name.
    pub(super) fn statuses(&self, now: Timestamp) -> Vec<PluginStatus> {
        self.slots.iter().map(|slot| slot.status(now)).collect()
    }

    /// The channels, by name; of two files with one name, the one that runs.
    pub(super) fn channels(&self) -> Vec<ChannelStatus> {
        let mut channels: BTreeMap<&str, &Slot> = BTreeMap::new();
        let is_channel =
            |slot: &&Slot| slot.outline().is_some_and(|outline| outline.kind == Kind::Channel);
        for slot in self.slots.iter().filter(is_channel) {
            let place = channels.entry(&slot.name).or_insert(slot);
            // Of two files with one name: the one that runs, else the one that was not refused for its name.
            let rank = |slot: &Slot| (slot.running.is_none(), slot.idle == PluginState::Disabled);
            if rank(slot) < rank(place) {
                *place = slot;
            }
        }
        channels.into_values().filter_map(Slot::channel).collect()
    }
}

impl Slot {
    /// What runs says about itself, or what the file says.
    pub(super) fn outline(&self) -> Option<&Outline> {
        self.running.as_ref().map(|plugin| &plugin.code.outline).or(self.outline.as_deref())
    }

    pub(super) fn state(&self) -> PluginState {
        match &self.running {
            Some(plugin) if plugin.is_quarantined() => PluginState::Quarantined,
            Some(plugin) if plugin.terms.shadow => PluginState::Shadow,
            Some(_) => PluginState::Running,
            None => self.idle,
        }
    }

    fn channel(&self) -> Option<ChannelStatus> {
        let manifest = &self.outline()?.manifest;
        Some(ChannelStatus {
            name: self.name.clone(),
            description: manifest.description.clone(),
            state: self.state(),
            error: self.error.clone(),
            address: manifest.address.clone(),
            settings: manifest.settings.clone(),
        })
    }
}
