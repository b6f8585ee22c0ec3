//! The checked and resolved configuration. Only valid values: whoever holds a `Plan` need not check again.

use ipnet::IpNet;
use jiff::SignedDuration;
use nightbell_core::model::{Directory, IntegrationId};
use secrecy::SecretString;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// Everything the engine is told.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Where the server listens.
    pub listen: SocketAddr,
    /// How the outside reaches it, without a trailing slash; links and callbacks begin with it.
    pub public_url: String,
    /// Certificate and key; `None`: plain HTTP.
    pub tls: Option<TlsPlan>,
    /// The data directory.
    pub data: PathBuf,
    /// The operator's own plugins.
    pub plugins_dir: PathBuf,
    /// People, services, policies, schedules, fallback.
    pub directory: Arc<Directory>,
    /// The keyed ways in.
    pub integrations: Vec<IntegrationPlan>,
    /// Outgoing mail; `None`: the mail channel answers `denied`.
    pub mail: Option<MailPlan>,
    /// Where plugins may connect to.
    pub network: NetworkPlan,
    /// Whose signatures on plugin files count.
    pub signing: SigningPlan,
    /// The operator's word on plugins, by name.
    pub plugins: BTreeMap<String, PluginPlan>,
    /// How far and how soon people must be reachable.
    pub reach: ReachPlan,
    /// Hex of the SHA-256 over all configuration text.
    pub sha256: String,
    /// The files it was read from, the main file first.
    pub files: Vec<PathBuf>,
}

/// What the reachability proof asks when nothing else is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReachPlan {
    /// How many days ahead.
    pub days: u32,
    /// How soon after an incident opens its first page must go out.
    pub within: SignedDuration,
    /// Whether holes are an incident of the built-in service; looked at once a day.
    pub page: bool,
}

impl Default for ReachPlan {
    fn default() -> Self {
        Self { days: 14, within: SignedDuration::from_mins(15), page: false }
    }
}

impl Plan {
    /// Nothing is said but who there is: plain HTTP on loopback, data and plugins under `home`, no way in, no mail, no private
    /// range, no grants, no files. What else a test or a benchmark wants, it puts on top.
    pub fn bare(home: &Path, directory: Directory) -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 7171)),
            public_url: "http://127.0.0.1:7171".to_owned(),
            tls: None,
            data: home.join("data"),
            plugins_dir: home.join("plugins"),
            directory: Arc::new(directory),
            integrations: Vec::new(),
            mail: None,
            network: NetworkPlan::default(),
            signing: SigningPlan::default(),
            plugins: BTreeMap::new(),
            reach: ReachPlan::default(),
            sha256: String::new(),
            files: Vec::new(),
        }
    }
}

/// Certificate chain and private key, PEM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsPlan {
    /// Chain, leaf first.
    pub certificate: PathBuf,
    /// Key.
    pub key: PathBuf,
}

/// A keyed way in.
#[derive(Clone, Debug, PartialEq)]
pub struct IntegrationPlan {
    /// Identity.
    pub id: IntegrationId,
    /// The parser plugin for `/in/{key}`.
    pub parser: String,
    /// SHA-256 of each valid key (one, or two while rotating).
    pub keys_sha256: Vec<[u8; 32]>,
    /// Laid over the parser's own settings.
    pub settings: serde_json::Value,
}

/// How the connection to the mail server is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailTls {
    /// Not at all.
    None,
    /// Upgraded; refused when the server cannot.
    StartTls,
    /// From the first byte.
    Tls,
}

/// The outgoing mail server.
#[derive(Clone, Debug)]
pub struct MailPlan {
    /// Host or address.
    pub host: String,
    /// Port.
    pub port: u16,
    /// Sender.
    pub from: String,
    /// Protection.
    pub tls: MailTls,
    /// Name and password.
    pub login: Option<(String, SecretString)>,
}

/// Where plugins may connect to beyond public addresses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NetworkPlan {
    /// Private ranges that are allowed.
    pub allow_private: Vec<IpNet>,
}

/// Signatures of plugin files.
#[derive(Clone, Debug, Default)]
pub struct SigningPlan {
    /// Whose signatures count.
    pub keys: Vec<SigningKey>,
    /// Whether a file of the plugins directory must have one.
    pub is_required: bool,
}

/// A minisign public key.
#[derive(Clone, Debug)]
pub struct SigningKey {
    /// As minisign shows it: 16 hex digits.
    pub id: String,
    /// The key.
    pub public: minisign_verify::PublicKey,
}

/// A secret and where it may go.
#[derive(Clone, Debug)]
pub struct SecretPlan {
    /// The value.
    pub value: SecretString,
    /// Hosts (`example.org`, `example.org:8443`) whose requests may carry it; empty: sign and verify only.
    pub hosts: Vec<String>,
    /// Whether it may also stand in a request's body, where text from alerts ends up (ADR 0004).
    pub in_body: bool,
}

/// The operator's word on one plugin. What is not said is denied.
#[derive(Clone, Debug, Default)]
pub struct PluginPlan {
    /// Hex of the SHA-256 the file must have.
    pub sha256: Option<String>,
    /// Origins the plugin may connect to: `https://host` or `http://host:port`.
    pub hosts: Vec<String>,
    /// Secrets by the name the plugin uses.
    pub secrets: BTreeMap<String, SecretPlan>,
    /// Whether it may send mail.
    pub mail: bool,
    /// Whether it may keep state.
    pub state: bool,
    /// Use the directory's file although a shipped plugin has this name.
    pub from_directory: bool,
    /// Runs at all; `None`: as the sidecar says, else yes.
    pub enabled: Option<bool>,
    /// Laid over the sidecar's settings.
    pub settings: serde_json::Value,
    /// Order among filters or routers; `None`: as the sidecar says, else 100.
    pub order: Option<i32>,
    /// Linear memory in MiB instead of the manifest's wish.
    pub memory_mib: Option<u32>,
    /// CPU time per call in milliseconds instead of the manifest's wish.
    pub cpu_ms: Option<u32>,
    /// Wall time per call in milliseconds instead of the manifest's wish.
    pub wall_ms: Option<u32>,
    /// How long its first quarantine lasts; `None`: a minute.
    pub rest: Option<Duration>,
    /// Whether its file must be signed; `None`: as for all.
    pub signature_required: Option<bool>,
    /// Whose signatures count; `None`: as for all.
    pub signing_keys: Option<Vec<SigningKey>>,
}
