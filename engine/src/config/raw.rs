//! The configuration as written: right types and known keys, places kept, nothing resolved.
//!
//! A value that is missing or of the wrong type is `None` here; it has been reported.

mod ladder;
mod notify;
mod read;

pub(super) use notify::{RawBounds, RawNotify};
pub(super) use read::settings;

use super::mistake::{At, Mark};

/// All files together. What may stand once is a list here, so that a second one can be shown.
#[derive(Default)]
pub(super) struct Raw {
    pub(super) listen: Vec<At<String>>,
    pub(super) public_url: Vec<At<String>>,
    pub(super) data: Vec<At<String>>,
    pub(super) plugins_dir: Vec<At<String>>,
    pub(super) fallback: Vec<At<Vec<At<String>>>>,
    /// Also when its value is of the wrong type.
    pub(super) fallback_is_there: bool,
    pub(super) mail: Vec<RawMail>,
    /// Also when its value is of the wrong type.
    pub(super) mail_is_there: bool,
    pub(super) tls: Vec<RawTls>,
    pub(super) network: Vec<RawNetwork>,
    pub(super) signing: Vec<RawSigning>,
    pub(super) reach: Vec<RawReach>,
    pub(super) silence: Vec<RawLengthLimit>,
    pub(super) maintenance_window: Vec<RawLengthLimit>,
    pub(super) notify: Vec<RawNotify>,
    pub(super) people: Vec<RawPerson>,
    pub(super) schedules: Vec<RawSchedule>,
    pub(super) policies: Vec<RawPolicy>,
    pub(super) services: Vec<RawService>,
    pub(super) teams: Vec<RawTeam>,
    pub(super) rooms: Vec<RawRoom>,
    pub(super) integrations: Vec<RawIntegration>,
    pub(super) plugins: Vec<RawPlugin>,
}

pub(super) struct RawMail {
    pub(super) at: Mark,
    pub(super) server: Option<At<String>>,
    pub(super) from: Option<At<String>>,
    pub(super) tls: Option<At<String>>,
    pub(super) username: Option<At<String>>,
    pub(super) password: Option<RawSecret>,
}

pub(super) struct RawTls {
    pub(super) at: Mark,
    pub(super) certificate: Option<At<String>>,
    pub(super) key: Option<At<String>>,
}

pub(super) struct RawNetwork {
    pub(super) at: Mark,
    pub(super) allow_private: Vec<At<String>>,
}

pub(super) struct RawSigning {
    pub(super) at: Mark,
    pub(super) keys: Vec<At<String>>,
    pub(super) required: Option<At<bool>>,
}

/// What the reachability proof asks.
pub(super) struct RawReach {
    pub(super) at: Mark,
    pub(super) days: Option<i64>,
    pub(super) within: Option<At<String>>,
    pub(super) page: Option<bool>,
}

/// How long a silence or a maintenance window may last.
pub(super) struct RawLengthLimit {
    pub(super) at: Mark,
    pub(super) max: Option<At<String>>,
    pub(super) recurring_max: Option<At<String>>,
}

/// What every named thing has.
pub(super) struct RawName {
    /// The header.
    pub(super) at: Mark,
    pub(super) id: Option<At<String>>,
    pub(super) name: Option<At<String>>,
}

pub(super) struct RawPerson {
    pub(super) name: RawName,
    pub(super) email: Option<At<String>>,
    pub(super) time_zone: Option<At<String>>,
    pub(super) language: Option<At<String>>,
}

pub(super) struct RawSchedule {
    pub(super) name: RawName,
    pub(super) time_zone: Option<At<String>>,
    pub(super) effective_from: Option<At<String>>,
    pub(super) on_absence: Option<At<String>>,
    pub(super) layers: Vec<RawLayer>,
}

pub(super) struct RawLayer {
    pub(super) at: Mark,
    pub(super) name: Option<At<String>>,
    pub(super) start: Option<At<String>>,
    pub(super) end: Option<At<String>>,
    pub(super) turn: Option<At<String>>,
    pub(super) handoff: Option<At<String>>,
    pub(super) time_zone: Option<At<String>>,
    pub(super) advance: Option<At<String>>,
    pub(super) restrict: Option<At<Vec<RawRestriction>>>,
    pub(super) people: Option<At<Vec<At<String>>>>,
}

/// Hours in which a layer covers.
pub(super) struct RawRestriction {
    pub(super) at: Mark,
    pub(super) days: Option<At<Vec<At<String>>>>,
    pub(super) from: Option<At<String>>,
    pub(super) to: Option<At<String>>,
}

pub(super) struct RawPolicy {
    pub(super) name: RawName,
    pub(super) repeat: u32,
    pub(super) acknowledgements: Option<u32>,
    pub(super) acknowledge_timeout: Option<At<String>>,
    pub(super) resolve_after: Option<At<String>>,
    pub(super) repage: Option<At<Vec<At<String>>>>,
    pub(super) steps: Vec<RawStep>,
}

pub(super) struct RawStep {
    pub(super) targets: Option<At<Vec<At<String>>>>,
    pub(super) delay: Option<At<String>>,
    pub(super) strategy: Option<At<String>>,
    pub(super) acknowledgements: Option<u32>,
    pub(super) when: Option<RawWhen>,
}

/// Conditions of a step.
pub(super) struct RawWhen {
    pub(super) urgency: Option<At<String>>,
    pub(super) priority: Option<At<Vec<At<String>>>>,
    pub(super) support_hours: Option<At<String>>,
    pub(super) hours: Option<RawHours>,
    pub(super) alerts: Option<u32>,
}

/// Hours of the week.
pub(super) struct RawHours {
    pub(super) time_zone: Option<At<String>>,
    pub(super) windows: Option<At<Vec<At<String>>>>,
}

pub(super) struct RawSupportHours {
    pub(super) hours: RawHours,
    pub(super) inside: Option<At<String>>,
    pub(super) outside: Option<At<String>>,
}

pub(super) struct RawTeam {
    pub(super) name: RawName,
    pub(super) members: Option<At<Vec<At<String>>>>,
}

pub(super) struct RawRoom {
    pub(super) name: RawName,
    pub(super) channel: Option<At<String>>,
    pub(super) address: Option<RawSecret>,
}

pub(super) struct RawService {
    pub(super) name: RawName,
    pub(super) policy: Option<At<String>>,
    pub(super) urgency: Option<At<String>>,
    pub(super) support_hours: Option<RawSupportHours>,
    pub(super) team: Option<At<String>>,
    pub(super) reopen_within: Option<At<String>>,
    pub(super) subscribers: Option<At<Vec<At<String>>>>,
}

pub(super) struct RawIntegration {
    pub(super) name: RawName,
    pub(super) service: Option<At<String>>,
    pub(super) parser: Option<At<String>>,
    pub(super) keys: Vec<RawSecret>,
    pub(super) settings: Option<RawSettings>,
}

/// What is written for a plugin: its own words, which the configuration does not know.
pub(super) struct RawSettings {
    pub(super) at: Mark,
    pub(super) value: serde_json::Value,
    /// Each setting's name and where its value stands.
    pub(super) entries: Vec<(At<String>, Mark)>,
}

/// A secret as written.
#[derive(Clone)]
pub(super) struct RawSecret {
    pub(super) at: Mark,
    pub(super) from: RawSecretFrom,
}

#[derive(Clone)]
pub(super) enum RawSecretFrom {
    /// The value itself; only integration keys may be written so.
    Literal(String),
    /// `{ env = "X" }`
    Env(At<String>),
    /// `{ file = "…" }`
    File(At<String>),
}

pub(super) struct RawPlugin {
    pub(super) name: At<String>,
    pub(super) sha256: Option<At<String>>,
    pub(super) hosts: Vec<At<String>>,
    pub(super) secrets: Vec<WrittenSecret>,
    pub(super) mail: bool,
    pub(super) state: bool,
    pub(super) from: Option<At<String>>,
    pub(super) enabled: Option<bool>,
    pub(super) settings: Option<RawSettings>,
    pub(super) order: Option<i64>,
    pub(super) memory_mib: Option<i64>,
    pub(super) cpu_ms: Option<i64>,
    pub(super) wall_ms: Option<i64>,
    pub(super) rest: Option<At<String>>,
    pub(super) signature: Option<At<String>>,
    /// `None` when there is no such key.
    pub(super) signing_keys: Option<Vec<At<String>>>,
}

/// A plugin's secret.
pub(super) struct WrittenSecret {
    pub(super) name: At<String>,
    pub(super) from: RawSecret,
    pub(super) hosts: Vec<At<String>>,
    pub(super) in_body: bool,
}
