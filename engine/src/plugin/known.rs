//! What is known about plugins without running one? For `nightbell check`, which holds settings against it. It reads files and
//! compiles nothing.

use super::candidate::{Outlines, candidates, content};
use super::directory::Directory;
use super::types::Shipped;
use crate::config::{KnownPlugins, KnownSidecar};
use std::path::Path;

/// These shipped plugins, and what lies in a plugins directory. Blocks.
pub fn known(shipped: Vec<Shipped>, plugins_dir: &Path) -> KnownPlugins {
    let shipped: Vec<_> = shipped.into_iter().map(content).collect();
    let listing = Directory::default().look(plugins_dir);
    let plugins = candidates(&shipped, &mut Outlines::new(), &listing);
    let sidecar = |(plugin, text): (&String, &Result<String, String>)| KnownSidecar {
        plugin: plugin.clone(),
        path: plugins_dir.join(format!("{plugin}.toml")),
        text: text.clone(),
    };
    KnownPlugins {
        plugins: plugins.iter().map(|candidate| candidate.known()).collect(),
        sidecars: listing.sidecars.iter().map(sidecar).collect(),
    }
}
