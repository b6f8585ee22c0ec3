//! Plugins' durable state: small values by key, each with its end.

use super::{PluginValue, State};
use std::collections::BTreeMap;
use std::sync::Arc;

impl State {
    pub(super) fn put_plugin_state(
        &mut self,
        plugin: &Arc<str>,
        key: &str,
        value: &Option<PluginValue>,
    ) {
        match value {
            Some(value) => {
                let keys = self.plugin_state.entry(plugin.clone()).or_default();
                keys.insert(key.to_owned(), value.clone());
            }
            None => {
                if let Some(keys) = self.plugin_state.get_mut(plugin) {
                    keys.remove(key);
                    if keys.is_empty() {
                        self.plugin_state.remove(plugin);
                    }
                }
            }
        }
    }

    /// A plugin's durable keys.
    pub fn plugin_state(&self, plugin: &str) -> Option<&BTreeMap<String, PluginValue>> {
        self.plugin_state.get(plugin)
    }

    /// All plugins' durable keys.
    pub fn all_plugin_state(&self) -> impl Iterator<Item = (&Arc<str>, &String, &PluginValue)> {
        self.plugin_state
            .iter()
            .flat_map(|(plugin, keys)| keys.iter().map(move |(key, value)| (plugin, key, value)))
    }
}
