//! One journey of one page, of one status update or of one notice, to one address.

use super::{DeliveryId, IncidentId, MethodId, PersonId, Phase, RoomId, Target, Urgency};
use jiff::Timestamp;

/// Why this person is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PageReason {
    /// A step of the policy named them, or a schedule on which they were on call.
    Step {
        /// From 0.
        step: usize,
        /// The target that led to them.
        target: Target,
    },
    /// The policy was used up or found nobody.
    Fallback,
    /// Somebody handed the incident to them.
    Assigned,
    /// It is about them and no incident: a notice.
    Notice,
    /// Somebody asked them to help.
    Responder,
    /// They know of the incident or follow it: news.
    Follows,
}

/// What a notice is about: what it may cost to miss, and what follows when it fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoticeKind {
    /// A code that proves that an address reaches its owner. Goes to that address only.
    Verification,
    /// The person wants to see whether they can be reached. Goes to that address only.
    Test,
    /// A shift begins, ends, or will.
    Handoff,
    /// A shift is offered, taken or given back.
    Swap,
    /// Hours in which nobody is on call.
    Gap,
    /// One of the person's other methods does not work.
    Undeliverable,
    /// How an incident goes, for somebody who follows it.
    News,
}

impl NoticeKind {
    /// The word used in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Verification => "verification",
            Self::Test => "test",
            Self::Handoff => "handoff",
            Self::Swap => "swap",
            Self::Gap => "gap",
            Self::Undeliverable => "undeliverable",
            Self::News => "news",
        }
    }

    /// Whether it is about the one address it goes to, so that no other can take its place.
    pub fn is_about_its_method(self) -> bool {
        matches!(self, Self::Verification | Self::Test)
    }
}

/// A word to a person that is about no incident, or about one that they only follow: nobody need answer it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// What about.
    pub kind: NoticeKind,
    /// One line.
    pub subject: String,
    /// All of it, in sentences; may have several lines.
    pub text: String,
}

/// What a delivery is for. All share the journey, not the rules: a page rings (I12) and has consequences when it fails (I7);
/// an update tells how the incident stands and has none; a notice goes to the person's next method, and that is all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Purpose {
    /// Somebody must answer.
    #[default]
    Page,
    /// An earlier message is brought up to date.
    StatusUpdate {
        /// What has happened: `acknowledged by Alice`.
        update: String,
    },
    /// A word about no incident.
    Notice(Notice),
    /// A page to a room. It rings nobody, nothing follows when it fails, and nobody can answer it; an acknowledgement takes
    /// it back as it does a page (I12).
    Post {
        /// Which.
        room: RoomId,
    },
    /// Several pages to one address, in one message. Each is a delivery of its own, in status
    /// [`DeliveryStatus::Bundled`], and ends as this one does.
    Bundle {
        /// What the pages were about when the message was decided, each once, ascending.
        incidents: Vec<IncidentId>,
    },
}

/// Where a delivery stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeliveryStatus {
    /// Waits to be sent, not before `not_before`.
    Pending {
        /// Earliest start of the next attempt.
        not_before: Timestamp,
    },
    /// The other side took it.
    Delivered {
        /// When.
        at: Timestamp,
        /// The other side's name for it.
        receipt: Option<String>,
        /// Whether it is known to have arrived, and not only to be on its way.
        arrived: bool,
    },
    /// Given up; the person's next method took over where there was one.
    Failed {
        /// When.
        at: Timestamp,
        /// Why.
        reason: String,
    },
    /// No longer wanted (I12).
    Cancelled {
        /// When.
        at: Timestamp,
        /// Why.
        reason: String,
    },
    /// It goes out in one message with others ([`Delivery::bundle`]), and ends as that one does.
    Bundled {
        /// When that message leaves at the latest.
        until: Timestamp,
    },
}

/// One journey of one page or update to one address. Its id is the idempotency key of every attempt (I4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Of a page: made of person, method, incident, start, step, pass and rule. Of an update: of incident, channel, address
    /// and place in the timeline. Of a notice: of person, method and what it is about. Of a bundle: of its first page. Stable.
    pub id: DeliveryId,
    /// What for.
    pub purpose: Purpose,
    /// What about; [`IncidentId::NONE`] for a notice, for a bundle the first one's.
    pub incident: IncidentId,
    /// To whom; of a post, and of the updates that follow it, [`PersonId::nobody_in`] the room.
    pub person: PersonId,
    /// Through which of their methods.
    pub method: MethodId,
    /// The channel plugin.
    pub channel: String,
    /// In the channel's terms.
    pub address: String,
    /// How loud.
    pub urgency: Urgency,
    /// Why this person.
    pub reason: PageReason,
    /// Which start of the escalation (see [`super::Escalation::start`]).
    pub start: u32,
    /// Which pass and step of it.
    pub phase: Phase,
    /// When it was decided.
    pub created_at: Timestamp,
    /// Finished attempts.
    pub attempts: u32,
    /// When the first attempt started.
    pub first_attempt_at: Option<Timestamp>,
    /// What the last attempt failed with.
    pub last_error: Option<String>,
    /// Methods of this person that failed before this one, for this page.
    pub tried: Vec<MethodId>,
    /// The message it shares or shared with others, if it does.
    pub bundle: Option<DeliveryId>,
    /// Where it stands.
    pub status: DeliveryStatus,
}

impl Delivery {
    /// Whether its end is not known.
    pub fn is_open(&self) -> bool {
        matches!(self.status, DeliveryStatus::Pending { .. } | DeliveryStatus::Bundled { .. })
    }

    /// Whether it may be sent as it is.
    pub fn is_pending(&self) -> bool {
        matches!(self.status, DeliveryStatus::Pending { .. })
    }

    /// Whether it rings somebody, and does not only tell how things stand.
    pub fn is_page(&self) -> bool {
        matches!(self.purpose, Purpose::Page)
    }

    /// Whether it brings an earlier message up to date.
    pub fn is_update(&self) -> bool {
        matches!(self.purpose, Purpose::StatusUpdate { .. })
    }

    /// Whether it is one message of several pages.
    pub fn is_bundle(&self) -> bool {
        matches!(self.purpose, Purpose::Bundle { .. })
    }

    /// Of a message of several pages: the incidents it was made of, ascending. Empty for all others.
    pub fn about(&self) -> &[IncidentId] {
        match &self.purpose {
            Purpose::Bundle { incidents } => incidents,
            Purpose::Page
            | Purpose::StatusUpdate { .. }
            | Purpose::Notice(_)
            | Purpose::Post { .. } => &[],
        }
    }

    /// The word to a person that it carries, if it is one.
    pub fn notice(&self) -> Option<&Notice> {
        match &self.purpose {
            Purpose::Notice(notice) => Some(notice),
            Purpose::Page
            | Purpose::StatusUpdate { .. }
            | Purpose::Post { .. }
            | Purpose::Bundle { .. } => None,
        }
    }

    /// Whether it is a page to a room.
    pub fn is_post(&self) -> bool {
        matches!(self.purpose, Purpose::Post { .. })
    }
}
