//! How plugins are doing, as lists and reports show it.

use super::signature::Signature;
use super::times::CallTimes;
use super::types::Kind;
use jiff::Timestamp;
use nightbell_core::model::PluginStamp;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Whether a plugin works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PluginState {
    /// It works.
    Running,
    /// It judges beside the others; only what it would have done otherwise is recorded.
    Shadow,
    /// The operator switched it off, or never spoke of a shipped one that needs a grant; `error` then says which.
    Disabled,
    /// It cannot be loaded; `error` says why.
    Failed,
    /// It failed too often and rests.
    Quarantined,
    /// It asks for something that is not granted; `error` says how to grant it.
    WaitingForGrant,
}

impl PluginState {
    /// Whether it is called, or will be when it has rested.
    pub fn runs(self) -> bool {
        matches!(self, Self::Running | Self::Shadow | Self::Quarantined)
    }

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
#[derive(Clone, Debug, PartialEq)]
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
    /// Hex, of the file as it lies there now: another one than `sha256` when it is refused and the version before goes on.
    pub file_sha256: String,
    /// Why it does not run, or why a newer file does not replace the running one.
    pub error: Option<String>,
    /// Calls since this version was loaded.
    pub calls: u64,
    /// Events, payloads and attempts it failed on.
    pub failures: u64,
    /// Its place among filters or routers.
    pub order: i32,
    /// How its calls went, since this version was loaded.
    pub health: Health,
    /// What it may do, and where it works.
    pub terms: TermsStatus,
}

/// How the calls of one version went.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Health {
    /// How long they took.
    pub times: CallTimes,
    /// Failures by cause; only causes there were.
    pub causes: BTreeMap<&'static str, u64>,
    /// The last of them.
    pub last_failure: Option<LastFailure>,
    /// When its quarantine ends at the earliest: the first call after that decides. `None`: it is in none.
    pub quarantined_until: Option<Timestamp>,
    /// Events about which it was of another mind, as a shadow.
    pub differences: u64,
    /// Events it was shown, as a shadow.
    pub judged_in_shadow: u64,
}

/// A failure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastFailure {
    /// When.
    pub at: Timestamp,
    /// The word for its cause.
    pub cause: &'static str,
    /// What happened, with the first frames of the backtrace.
    pub message: String,
}

/// Under which terms a plugin works, or would.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TermsStatus {
    /// Whether nothing comes of what it says.
    pub shadow: bool,
    /// Which events it is shown; empty: all.
    pub scope: Vec<String>,
    /// What it asks for, and whether it has it.
    pub capabilities: Vec<CapabilityStatus>,
    /// Whether somebody signed the file; `None` when it does not run.
    pub signature: Option<Signature>,
    /// The bounds of a call; `None` when nothing is known of it.
    pub limits: Option<LimitsStatus>,
    /// The settings it runs with; null when it does not run.
    pub settings: serde_json::Value,
    /// The settings it knows, as its manifest describes them.
    pub settings_schema: serde_json::Value,
    /// What an address of this channel is, as its manifest describes it.
    pub address: serde_json::Value,
    /// Lines in its log.
    pub log_lines: usize,
}

/// A capability that a plugin asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CapabilityStatus {
    /// Its word in the manifest.
    pub name: &'static str,
    /// Whether it does not run without.
    pub is_required: bool,
    /// `None`: granted. Else why not, and which line would grant it.
    pub denied: Option<String>,
}

/// The bounds of a call in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LimitsStatus {
    /// Linear memory, in MiB.
    pub memory_mib: u32,
    /// CPU time, in milliseconds.
    pub cpu_ms: u32,
    /// Wall time, in milliseconds.
    pub wall_ms: u32,
    /// The first rest after failing too often, in seconds.
    pub rest_s: u64,
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
