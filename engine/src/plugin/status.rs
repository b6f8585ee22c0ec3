//! How plugins are doing, as lists and reports show it.

use super::types::Kind;
use nightbell_core::model::PluginStamp;
use nightbell_pack::{AddressForm, Settings};
use std::sync::Arc;

/// Whether a plugin works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PluginState {
    /// It works.
    Running,
    /// It judges beside the others; only what it would have done otherwise is recorded.
    Shadow,
    /// The operator switched it off.
    Disabled,
    /// It cannot be loaded; `error` says why.
    Failed,
    /// It failed too often and rests.
    Quarantined,
    /// It asks for something that is not granted; `error` says how to grant it.
    WaitingForGrant,
}

impl PluginState {
    /// The word used in API and CLI.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Shadow => "shadow",
            Self::Disabled => "disabled",
            Self::Failed => "failed",
            Self::Quarantined => "quarantined",
            Self::WaitingForGrant => "waiting-for-grant",
        }
    }
}

/// Where a plugin comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// Inside the binary.
    Shipped,
    /// The operator's directory.
    Directory,
}

impl Source {
    /// The word used in API and CLI.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Shipped => "shipped",
            Self::Directory => "directory",
        }
    }
}

/// A plugin, as lists show it. What is not known of a broken file is empty or `None`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PluginStatus {
    /// Its name; of an unreadable file, the file's.
    pub name: String,
    /// By its manifest.
    pub version: String,
    /// By its manifest.
    pub description: String,
    /// By its exports.
    pub kind: Option<Kind>,
    /// Whether it works.
    pub state: PluginState,
    /// Where from.
    pub source: Source,
    /// The file in the directory.
    pub file: Option<String>,
    /// Hex, of what runs; of what was refused when nothing runs.
    pub sha256: String,
    /// Why it does not run, or why a newer file does not replace the running one.
    pub error: Option<String>,
    /// Calls since it was loaded.
    pub calls: u64,
    /// Of these, failed.
    pub failures: u64,
    /// Its place among filters or routers.
    pub order: i32,
}

/// A channel, as somebody who enters an address sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelStatus {
    /// Its name; of an unreadable file, there is none.
    pub name: String,
    /// By its manifest.
    pub description: String,
    /// Whether it works.
    pub state: PluginState,
    /// Why it does not.
    pub error: Option<String>,
    /// How a person is asked for an address; `None` when the manifest does not say.
    pub address: Option<AddressForm>,
    /// What the operator can set.
    pub settings: Settings,
}

/// Trouble of the engine itself, for an incident of the built-in service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// A plugin failed too often and rests.
    Quarantined {
        /// Which.
        plugin: PluginStamp,
        /// Its last failure.
        message: String,
    },
    /// It works again, was replaced or taken away.
    Recovered {
        /// Which name.
        plugin: Arc<str>,
    },
}
