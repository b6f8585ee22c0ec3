//! Silences and maintenance windows, found by what they are about: an event must not look at all of them.

use crate::model::{
    Alert, IntegrationId, MaintenanceWindow, MaintenanceWindowId, MatchOp, Quiet, QuietId,
    ServiceId, Silence, SilenceId,
};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Silences and maintenance windows: active, future or just ended.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct QuietState {
    silences: BTreeMap<SilenceId, Arc<Silence>>,
    windows: BTreeMap<MaintenanceWindowId, Arc<MaintenanceWindow>>,
    /// Silences by name and value of their first `=` matcher.
    by_value: BTreeMap<String, BTreeMap<String, BTreeSet<SilenceId>>>,
    /// Silences without one.
    by_nothing: BTreeSet<SilenceId>,
    by_service: BTreeMap<ServiceId, BTreeSet<MaintenanceWindowId>>,
    by_integration: BTreeMap<IntegrationId, BTreeSet<MaintenanceWindowId>>,
}

/// An absent field is the empty text, which cannot be looked up: such a matcher is no way in.
fn way_in(silence: &Silence) -> Option<(&str, &str)> {
    let equal = silence.matchers.iter().find(|m| m.op == MatchOp::Equal && !m.value.is_empty())?;
    Some((&equal.name, &equal.value))
}

impl QuietState {
    pub(super) fn put_silence(&mut self, silence: &Arc<Silence>) {
        self.remove_silence(&silence.id);
        let place = match way_in(silence) {
            Some((name, value)) => self
                .by_value
                .entry(name.to_owned())
                .or_default()
                .entry(value.to_owned())
                .or_default(),
            None => &mut self.by_nothing,
        };
        place.insert(silence.id.clone());
        self.silences.insert(silence.id.clone(), silence.clone());
    }

    pub(super) fn remove_silence(&mut self, id: &SilenceId) {
        let Some(silence) = self.silences.remove(id) else { return };
        let Some((name, value)) = way_in(&silence) else {
            self.by_nothing.remove(id);
            return;
        };
        let Some(values) = self.by_value.get_mut(name) else { return };
        take_out(values, value, id);
        if values.is_empty() {
            self.by_value.remove(name);
        }
    }

    pub(super) fn put_window(&mut self, window: &Arc<MaintenanceWindow>) {
        self.remove_window(&window.id);
        for service in &window.services {
            self.by_service.entry(service.clone()).or_default().insert(window.id.clone());
        }
        for integration in &window.integrations {
            self.by_integration.entry(integration.clone()).or_default().insert(window.id.clone());
        }
        self.windows.insert(window.id.clone(), window.clone());
    }

    pub(super) fn remove_window(&mut self, id: &MaintenanceWindowId) {
        let Some(window) = self.windows.remove(id) else { return };
        for service in &window.services {
            take_out(&mut self.by_service, service.as_str(), id);
        }
        for integration in &window.integrations {
            take_out(&mut self.by_integration, integration.as_str(), id);
        }
    }

    /// A silence.
    pub fn silence(&self, id: &SilenceId) -> Option<&Arc<Silence>> {
        self.silences.get(id)
    }

    /// All silences, by id.
    pub fn silences(&self) -> impl Iterator<Item = &Arc<Silence>> {
        self.silences.values()
    }

    /// A maintenance window.
    pub fn window(&self, id: &MaintenanceWindowId) -> Option<&Arc<MaintenanceWindow>> {
        self.windows.get(id)
    }

    /// All maintenance windows, by id.
    pub fn windows(&self) -> impl Iterator<Item = &Arc<MaintenanceWindow>> {
        self.windows.values()
    }

    /// Either, by name.
    pub fn get(&self, id: &QuietId) -> Option<Quiet> {
        match id {
            QuietId::Silence(id) => self.silence(id).cloned().map(Quiet::Silence),
            QuietId::MaintenanceWindow(id) => {
                self.window(id).cloned().map(Quiet::MaintenanceWindow)
            }
        }
    }

    /// Silences that may be about an alert, at whatever time; every one that is is among them.
    pub fn silences_near<'a>(&'a self, alert: &'a Alert) -> impl Iterator<Item = &'a Arc<Silence>> {
        let by_value = self.by_value.iter();
        let by_value =
            by_value.filter_map(|(name, values)| values.get(alert.field(name))).flatten();
        by_value.chain(&self.by_nothing).filter_map(|id| self.silences.get(id))
    }

    /// The maintenance windows that are about an alert, at whatever time; one may come twice.
    pub fn windows_of<'a>(
        &'a self,
        alert: &'a Alert,
    ) -> impl Iterator<Item = &'a Arc<MaintenanceWindow>> {
        let by_service = self.by_service.get(&alert.service).into_iter().flatten();
        let by_integration = self.by_integration.get(&alert.id.integration).into_iter().flatten();
        by_service.chain(by_integration).filter_map(|id| self.windows.get(id))
    }
}

fn take_out<K: Ord + std::borrow::Borrow<str>, I: Ord>(
    map: &mut BTreeMap<K, BTreeSet<I>>,
    key: &str,
    id: &I,
) {
    if let Some(ids) = map.get_mut(key) {
        ids.remove(id);
        if ids.is_empty() {
            map.remove(key);
        }
    }
}
