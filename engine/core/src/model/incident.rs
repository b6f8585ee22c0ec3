//! What people own: one or more alerts, from triggered to resolved.

use super::{
    Actor, AlertId, DeliveryId, EscalationPolicy, EventId, IncidentId, Life, PageReason, PersonId,
    PluginStamp, ServiceId, SupportHours, Suppression,
};
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;

/// How loudly we notify.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Urgency {
    /// Wake somebody.
    High,
    /// It can wait for waking hours.
    Low,
}

impl Urgency {
    /// The word used in the API and the config.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::High => "high",
            Self::Low => "low",
        }
    }
}

/// A human's (or a router's) decision on importance, `P1` the highest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Priority {
    /// Highest.
    P1,
    /// High.
    P2,
    /// Middle.
    P3,
    /// Low.
    P4,
    /// Lowest.
    P5,
}

impl Priority {
    /// `P1` to `P5`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::P1 => "P1",
            Self::P2 => "P2",
            Self::P3 => "P3",
            Self::P4 => "P4",
            Self::P5 => "P5",
        }
    }

    /// Reads `P1` to `P5` in either case.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::P1, Self::P2, Self::P3, Self::P4, Self::P5]
            .into_iter()
            .find(|priority| priority.as_str().eq_ignore_ascii_case(text))
    }
}

/// Where in its life an incident is. Snoozed is acknowledged with a `snoozed_until`.
///
/// ```text
/// triggered ──ack──▶ acknowledged ──resolve──▶ resolved
///     ▲                   │ (new high urgency, snooze over)
///     └───────────────────┘
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum IncidentStatus {
    /// Somebody must be found.
    Triggered,
    /// Somebody has it.
    Acknowledged,
    /// Over.
    Resolved,
}

impl IncidentStatus {
    /// The word used in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Triggered => "triggered",
            Self::Acknowledged => "acknowledged",
            Self::Resolved => "resolved",
        }
    }
}

/// Which part of the ringing an incident is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// The people it was handed to were paged; the policy's first step comes next.
    Assigned,
    /// Going through the policy: `pass` from 1, `step` from 0 is the step that was paged last.
    Steps {
        /// From 1 to 1 + repeat.
        pass: u32,
        /// Index of the step paged last.
        step: usize,
    },
    /// The policy is used up: the fallback is paged again and again.
    Fallback {
        /// How often the fallback was paged, from 1.
        round: u32,
    },
}

/// Somebody whom the phase under way told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ringing {
    /// Who.
    pub person: PersonId,
    /// Why them.
    pub reason: PageReason,
}

/// Somebody who was asked to help.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Responder {
    /// Who.
    pub person: PersonId,
    /// Whether they are still to answer although the incident does not ring for anybody else.
    pub waiting: bool,
}

/// Where the ringing stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Escalation {
    /// Counts starts from step 1, from 1; part of a delivery's identity.
    pub start: u32,
    /// Steps or fallback.
    pub phase: Phase,
    /// Whether the pass under way has paged anybody.
    pub paged_in_pass: bool,
    /// How many pages of the phase under way were taken by the other side and did not come back.
    pub reached: u32,
    /// Set while every firing alert is silenced: how long the current step still had to run.
    pub paused_with: Option<SignedDuration>,
    /// What keeps it quiet while it is paused, each once; the first ones when there are many.
    pub paused_by: Vec<Suppression>,
    /// Whom the phase under way told, in order.
    pub ringing: Vec<Ringing>,
    /// How often people were paged again in the phase under way, for whatever reason; part of a delivery's identity.
    pub again: u32,
    /// How often the phase under way paged its people again because time had passed.
    pub repaged: u32,
    /// With which place each round robin began: step from 0, place from 0.
    pub places: Vec<(usize, u32)>,
    /// How many people must acknowledge, from 1: what the policy and the steps reached since the start ask for.
    pub needed: u32,
    /// Who acknowledged since the start, each once, in order; fewer than `needed` while the incident is triggered.
    pub answers: Vec<PersonId>,
}

impl Escalation {
    /// Before the first start.
    pub fn new(policy: &EscalationPolicy) -> Self {
        Self {
            start: 0,
            phase: Phase::Steps { pass: 1, step: 0 },
            paged_in_pass: false,
            reached: 0,
            paused_with: None,
            paused_by: Vec::new(),
            ringing: Vec::new(),
            again: 0,
            repaged: 0,
            places: Vec::new(),
            needed: policy.acknowledgements,
            answers: Vec::new(),
        }
    }
}

/// How an incident ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Closing {
    /// Its last alert ended.
    Alerts,
    /// A person ended it.
    Person(PersonId),
    /// An admin's token ended it.
    Admin(String),
    /// Nothing was heard of it for as long as its policy says.
    Inactivity,
    /// Its alerts went on in another one.
    Merged(IncidentId),
}

/// What people own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Incident {
    /// Identity and number.
    pub id: IncidentId,
    /// One line, from the alert that opened it.
    pub title: String,
    /// Whose it is.
    pub service: ServiceId,
    /// How loudly we notify.
    pub urgency: Urgency,
    /// How important people say it is.
    pub priority: Option<Priority>,
    /// Where in its life.
    pub status: IncidentStatus,
    /// Acknowledged until then.
    pub snoozed_until: Option<Timestamp>,
    /// Alerts of the service with this key join while it is open.
    pub group_key: Option<String>,
    /// Its alerts, oldest first.
    pub alerts: Vec<AlertId>,
    /// The event that opened it.
    pub opened_by: EventId,
    /// When it opened.
    pub created_at: Timestamp,
    /// Who has it, and since when.
    pub acknowledged_by: Option<Arc<str>>,
    /// Since when somebody has it.
    pub acknowledged_at: Option<Timestamp>,
    /// When it ended.
    pub resolved_at: Option<Timestamp>,
    /// How it ended.
    pub closing: Option<Closing>,
    /// What it remembers of its own life.
    pub life: Life,
    /// People who follow it, each once, in order: told how it goes on, never paged for that.
    pub subscribers: Vec<PersonId>,
    /// People it was handed to instead of the policy's first step.
    pub assigned_to: Vec<PersonId>,
    /// The policy as it was when the incident opened (I5).
    pub policy: Arc<EscalationPolicy>,
    /// The plugins that judged the opening event (I5).
    pub plugins: Vec<PluginStamp>,
    /// Where the ringing stands.
    pub escalation: Escalation,
    /// Everybody who was paged, in order of first page.
    pub paged: Vec<PersonId>,
    /// People who know of it, because the other side took a page to them, in that order.
    pub told: Vec<PersonId>,
    /// People and admins who acknowledged or resolved it, each once, in order of their latest answer.
    pub answered_by: Vec<Actor>,
    /// Pages whose end is known for sure, latest last: a receipt that is told again changes nothing.
    pub settled: Vec<DeliveryId>,
    /// Answers that were refused so far.
    pub answers_refused: u32,
    /// People who were asked to help, each once, in order.
    pub responders: Vec<Responder>,
    /// The service's support hours as they were when it opened (I5).
    pub support_hours: Option<Arc<SupportHours>>,
    /// When somebody or something but Nightbell itself last changed it; `None`: never since it opened.
    pub touched_at: Option<Timestamp>,
    /// How many timeline entries there are; the next entry's number.
    pub timeline_len: u32,
    /// Counts changes.
    pub version: u64,
}

impl Incident {
    /// Whether it still wants somebody's attention or care.
    pub fn is_open(&self) -> bool {
        self.status != IncidentStatus::Resolved
    }

    /// The services and group keys whose alerts join it while it is open.
    pub fn groups(&self) -> impl Iterator<Item = (ServiceId, String)> + '_ {
        let own = self.group_key.iter().map(|key| (self.service.clone(), key.clone()));
        own.chain(self.life.absorbed.iter().cloned())
    }

    /// Whether it looks for somebody now: pages may go out for it (I12).
    pub fn is_ringing(&self) -> bool {
        self.status == IncidentStatus::Triggered && self.escalation.paused_with.is_none()
    }

    /// Whether pages may go out to this person (I12): it rings, or it is open and they were asked to help since it last rang.
    pub fn may_page(&self, person: &PersonId) -> bool {
        let asked = |one: &Responder| one.waiting && one.person == *person;
        self.is_ringing() || (self.is_open() && self.responders.iter().any(asked))
    }

    /// Whether this person acknowledged since it last began to ring.
    pub fn has_answered(&self, person: &PersonId) -> bool {
        self.escalation.answers.contains(person)
    }

    /// Whether anybody whom the phase under way told has not answered.
    pub fn rings_for_anybody(&self) -> bool {
        self.escalation.ringing.iter().any(|one| !self.has_answered(&one.person))
    }
}
