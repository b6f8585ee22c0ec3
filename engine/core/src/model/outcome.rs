//! What was judged of an event, by whom, and what became of it: the stuff of `event explain`.

use super::{Event, EventId, IncidentId, Urgency};
use jiff::Timestamp;
use std::borrow::Cow;
use std::sync::Arc;

/// A plugin's exact version.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PluginStamp {
    /// Its name.
    pub name: Arc<str>,
    /// Hex of the SHA-256 of its file.
    pub sha256: Arc<str>,
}

/// What one plugin said about one event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StageTrace {
    /// `filter` or `route`.
    pub stage: &'static str,
    /// Which plugin.
    pub plugin: PluginStamp,
    /// In a few words: `keep`, `modify title`, `drop: noise`, `service shop`, `failed: trap`.
    pub verdict: Cow<'static, str>,
    /// How long the plugin's call took, over the batch, in microseconds.
    pub batch_us: u64,
    /// How many events were in the batch.
    pub batch_len: u32,
}

/// What the chain of filters came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Go on.
    Pass,
    /// The alert fires but pages nobody.
    Suppress {
        /// In the filter's words.
        reason: String,
        /// Which filter.
        by: Arc<str>,
        /// Until then.
        until: Option<Timestamp>,
    },
    /// No alert changes.
    Drop {
        /// In the filter's words.
        reason: String,
        /// Which filter.
        by: Arc<str>,
    },
}

/// What the routers came to, each field the first opinion on it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RouteDecision {
    /// A service's id; unknown ones are refused by [`crate::route`].
    pub service: Option<String>,
    /// A policy's id instead of the service's.
    pub escalation_policy: Option<String>,
    /// How loud.
    pub urgency: Option<Urgency>,
    /// `P1` to `P5`.
    pub priority: Option<String>,
    /// Which alerts share an incident.
    pub group_key: Option<String>,
}

/// An event after the plugins, before the core.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JudgedEvent {
    /// With every filter's patches. Shared: most events pass as they came.
    pub event: Arc<Event>,
    /// What the filters came to.
    pub verdict: Verdict,
    /// What the routers came to.
    pub decision: RouteDecision,
    /// Each plugin's word.
    pub stages: Vec<StageTrace>,
}

/// What became of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It opened an incident.
    Opened(IncidentId),
    /// Its alert joined an open incident.
    Joined(IncidentId),
    /// Its alert fires already.
    Repeated(Option<IncidentId>),
    /// The alert fires and pages nobody.
    Suppressed {
        /// Why.
        reason: String,
        /// Which filter, silence or maintenance window.
        by: String,
        /// Who made the silence or maintenance window.
        author: Option<String>,
        /// Until when; `None`: until a later event is judged otherwise.
        until: Option<Timestamp>,
    },
    /// A filter dropped it.
    Dropped {
        /// Why.
        reason: String,
        /// Which filter.
        by: String,
    },
    /// A person had resolved this episode.
    ClosedByPerson,
    /// Its alert ended.
    Resolved(Option<IncidentId>),
    /// It acknowledged its incident.
    Acknowledged(IncidentId),
    /// It is recorded and changed nothing; why.
    Recorded(String),
    /// Its alert's incident had ended a moment before, and goes on.
    Reopened(IncidentId),
}

impl Fate {
    /// In a few words.
    pub fn describe(&self) -> String {
        match self {
            Self::Opened(id) => format!("opened incident {id}"),
            Self::Joined(id) => format!("joined incident {id}"),
            Self::Repeated(Some(id)) => format!("repeats an alert of incident {id}"),
            Self::Repeated(None) => "repeats a firing alert".to_owned(),
            Self::Suppressed { reason, by, author, until } => {
                let author = author.as_ref().map(|name| format!(" of {name}")).unwrap_or_default();
                let until = until.map(|at| format!(" until {at}")).unwrap_or_default();
                format!("suppressed by {by}{author}{until}: {reason}")
            }
            Self::Dropped { reason, by } => format!("dropped by {by}: {reason}"),
            Self::ClosedByPerson => "closed by a person before".to_owned(),
            Self::Resolved(Some(id)) => format!("resolved an alert of incident {id}"),
            Self::Resolved(None) => "resolved its alert".to_owned(),
            Self::Acknowledged(id) => format!("acknowledged incident {id}"),
            Self::Recorded(why) => format!("recorded: {why}"),
            Self::Reopened(id) => format!("reopened incident {id}"),
        }
    }
}

/// The record of one event's way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventOutcome {
    /// Which event.
    pub event: EventId,
    /// What became of it.
    pub fate: Fate,
    /// Each plugin's word, then the core's own remarks.
    pub stages: Vec<StageTrace>,
    /// What the core refused of the routers' opinions, and other remarks.
    pub remarks: Vec<String>,
}
