//! What goes into plugins and comes out of them, in the engine's own words. The wire has types of its own (I10).

pub use super::status::{ChannelStatus, PluginState, PluginStatus, Source, Trouble};
use bytes::Bytes;
use jiff::Timestamp;
use nightbell_core::model::{
    AlertId, Change, DeliveryId, Event, EventId, EventKind, FailureKind, Image, IncidentId,
    IntegrationId, JudgedEvent, Label, Link, PersonId, PluginStamp, Priority, ServiceId, Severity,
    Urgency,
};
pub use nightbell_pack::Kind;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A value of a plugin's state and when it ends.
pub type PluginValue = (Arc<[u8]>, Option<Timestamp>);

/// A plugin inside the binary.
#[derive(Clone, Debug)]
pub struct Shipped {
    /// Its name; the manifest must say the same.
    pub name: String,
    /// The packed component.
    pub bytes: Cow<'static, [u8]>,
}

/// One payload for a parser. Credentials are removed before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payload {
    /// Fresh and unique.
    pub id: String,
    /// Through which integration.
    pub integration: IntegrationId,
    /// Upper case.
    pub method: String,
    /// Without the key; starts with `/`.
    pub path: String,
    /// Without credentials.
    pub query: String,
    /// Lower-case names, without credentials.
    pub headers: Vec<(String, String)>,
    /// Media type, lower case, without parameters.
    pub content_type: String,
    /// Decoded.
    pub body: Bytes,
    /// When it reached the door.
    pub received_at: Timestamp,
    /// Of a mail; empty otherwise.
    pub attachments: Vec<Attachment>,
}

/// A file that came with a mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment {
    /// As the sender named it; may be empty.
    pub name: String,
    /// Media type, lower case, without parameters.
    pub content_type: String,
    /// Decoded.
    pub body: Bytes,
}

/// An event as a parser made it: no id yet, and perhaps no identity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParsedEvent {
    /// What it says.
    pub kind: EventKind,
    /// `None`: the engine derives one.
    pub dedup_key: Option<String>,
    /// One line, at most `limits::TITLE_MAX_BYTES`.
    pub title: String,
    /// The source's claim.
    pub severity: Severity,
    /// When the condition began, by the source.
    pub starts_at: Option<Timestamp>,
    /// When it ends unless it is sent again.
    pub expires_at: Option<Timestamp>,
    /// What is affected.
    pub source: String,
    /// Only http and https.
    pub links: Vec<Link>,
    /// Only http and https.
    pub images: Vec<Image>,
    /// Names and values to match on.
    pub labels: BTreeMap<String, String>,
    /// Valid JSON text, or empty.
    pub details: String,
    /// Names and values to show.
    pub attributes: Vec<Label>,
}

/// What a sender or a caller gets to hear.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// 200 to 599.
    pub status: u16,
    /// A media type without control characters; may be empty.
    pub content_type: String,
    /// As the plugin made it.
    pub body: Bytes,
}

/// What came of a payload.
#[derive(Clone, Debug, PartialEq)]
pub enum ParseOutcome {
    /// Events, perhaps none (a ping).
    Parsed {
        /// In order.
        events: Vec<ParsedEvent>,
        /// `None` leaves it to the engine.
        reply: Option<Reply>,
        /// Parts that were refused, one line each.
        rejected: Vec<String>,
        /// Who parsed it.
        plugin: PluginStamp,
    },
    /// The parser's verdict: the payload is wrong.
    Rejected {
        /// In the parser's words.
        message: String,
        /// `None` leaves it to the engine.
        reply: Option<Reply>,
        /// Who said so.
        plugin: PluginStamp,
    },
    /// Our fault: a trap, a stall, nonsense, or no such parser.
    Failed {
        /// What went wrong.
        message: String,
        /// `None` when there is no such parser.
        plugin: Option<PluginStamp>,
    },
    /// No place for the call within the wait: ask the sender to come again.
    Overloaded,
}

/// A batch after the whole chain.
#[derive(Clone, Debug, Default)]
pub struct JudgedBatch {
    /// One per event, in order.
    pub events: Vec<JudgedEvent>,
    /// State that plugins wrote, in order; to be committed with the batch.
    pub changes: Vec<Change>,
    /// Plugins that failed; their events passed.
    pub failures: Vec<PluginFailure>,
}

/// A plugin failed on something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PluginFailure {
    /// Which version.
    pub plugin: PluginStamp,
    /// What happened, with the first frames of the backtrace.
    pub message: String,
    /// On which event; `None`: on what was left of the batch.
    pub event: Option<EventId>,
}

/// What the notification is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Wake somebody.
    Page,
    /// Keep somebody informed.
    StatusUpdate,
    /// Try an address out.
    Test,
    /// A word about no incident.
    Notice,
}

/// An alert as a channel shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotifiedAlert {
    /// Identity.
    pub id: AlertId,
    /// One line.
    pub title: String,
    /// Whether it still holds.
    pub firing: bool,
    /// The source's claim.
    pub severity: Severity,
    /// When it began.
    pub starts_at: Timestamp,
}

/// An incident as a channel shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotifiedIncident {
    /// Identity and number.
    pub id: IncidentId,
    /// One line.
    pub title: String,
    /// `triggered`, `acknowledged` or `resolved`.
    pub status: &'static str,
    /// How loudly we notify.
    pub urgency: Urgency,
    /// How important people say it is.
    pub priority: Option<Priority>,
    /// Whose it is.
    pub service: ServiceId,
    /// As shown.
    pub service_name: String,
    /// When it opened.
    pub created_at: Timestamp,
    /// Oldest first; bounded by the caller.
    pub alerts: Vec<NotifiedAlert>,
    /// How many there are in all.
    pub alert_count: u32,
    /// Names of those who acknowledged it or resolved it, first to last.
    pub answered_by: Vec<String>,
}

/// Addresses for the person of this delivery alone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AnswerLinks {
    /// Shows the incident.
    pub view: Option<String>,
    /// Asks, then acknowledges.
    pub acknowledge: Option<String>,
    /// Asks, then resolves.
    pub resolve: Option<String>,
}

/// One attempt at one delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notification {
    /// Stable over all attempts (I4).
    pub id: DeliveryId,
    /// From 1.
    pub attempt: u32,
    /// What for.
    pub purpose: Purpose,
    /// When the delivery was decided.
    pub created_at: Timestamp,
    /// When this attempt starts.
    pub now: Timestamp,
    /// In the channel's terms.
    pub address: String,
    /// To whom.
    pub person: PersonId,
    /// As shown.
    pub person_name: String,
    /// BCP 47.
    pub language: String,
    /// Why this person.
    pub reason: String,
    /// What about.
    pub incident: NotifiedIncident,
    /// The event that opened the incident.
    pub event: Arc<Event>,
    /// Where to answer.
    pub answers: AnswerLinks,
    /// Where the other side may answer.
    pub callback_url: Option<String>,
    /// What the channel returned for this incident and address before.
    pub thread: Option<String>,
    /// What has happened, for a status update; all it says, for a notice or a test; empty for a page.
    pub update: String,
}

/// The other side took it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// Whether it is known to have arrived, and not only to be on its way.
    pub delivered: bool,
    /// The other side's name for the message.
    pub id: Option<String>,
    /// To be given back with later notifications of this incident and address.
    pub thread: Option<String>,
    /// Parts that failed although the message went out, one line each.
    pub problems: Vec<String>,
}

/// The other side did not take it, or the channel failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    /// Whether to try again.
    pub kind: FailureKind,
    /// In the channel's words, without secrets.
    pub message: String,
}

impl Failure {
    /// It may help to try again.
    pub(super) fn transient(message: impl Into<String>) -> Self {
        Self { kind: FailureKind::Transient { retry_after_s: None }, message: message.into() }
    }
}

/// How an attempt ended.
#[derive(Clone, Debug)]
pub struct Delivered {
    /// The channel's word.
    pub result: Result<Receipt, Failure>,
    /// State that the channel wrote, to be committed with the result.
    pub changes: Vec<Change>,
    /// `None` when there is no such channel.
    pub plugin: Option<PluginStamp>,
}

/// An answer from the outside, for a channel to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallbackRequest {
    /// Upper case.
    pub method: String,
    /// As the other side saw it.
    pub url: String,
    /// Lower-case names.
    pub headers: Vec<(String, String)>,
    /// Raw: signatures cover it.
    pub body: Bytes,
    /// When it came.
    pub now: Timestamp,
    /// The delivery the address was made for; `None` for the channel's own door.
    pub delivery: Option<DeliveryId>,
}

/// What an answer wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AnswerAction {
    /// I have it.
    Acknowledge,
    /// It is over.
    Resolve,
    /// Next step, now.
    Escalate,
    /// The message arrived.
    Delivered,
    /// The message did not arrive; why.
    Failed(String),
    /// I have it for so many seconds.
    Snooze(u32),
    /// Nothing to do.
    Nothing,
}

/// What a channel read from an answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// What is wanted.
    pub action: AnswerAction,
    /// The delivery meant, when the request names it itself.
    pub delivery: Option<DeliveryId>,
    /// Who answered, as an address of the channel, when the request says so.
    pub account: Option<String>,
    /// What the caller gets to hear.
    pub reply: Reply,
    /// State that the channel wrote, to be committed with the answer.
    pub changes: Vec<Change>,
}
