//! Forms of timeline entries.

use super::{disk_enum, disk_struct};
use jiff::{SignedDuration, Timestamp};
use nightbell_core::model::{
    Actor, AlertId, DeliveryId, EventId, IncidentId, MethodId, NotPagedReason, PageReason,
    PersonId, Priority, Target, TimelineEntry, TimelineKind, Urgency, Via,
};

disk_enum!(StoredNotPaged for NotPagedReason {
    NobodyOnCall(target: Target),
    NoMethod(person: PersonId),
    NoRule { person: PersonId, urgency: Urgency },
    UnknownTarget(target: Target),
    AlreadyInStep(person: PersonId),
});

disk_enum!(StoredTimelineKind for TimelineKind {
    Opened { alert: AlertId, event: EventId },
    AlertJoined { alert: AlertId, event: EventId, title: String },
    AlertResolved { alert: AlertId, expired: bool },
    AlertAcknowledged { alert: AlertId },
    UrgencyRaised,
    StepReached { pass: u32, step: usize },
    StepSkipped { pass: u32, step: usize },
    FallbackReached { round: u32 },
    Paged {
        person: PersonId,
        method: MethodId,
        channel: String,
        delivery: DeliveryId,
        reason: PageReason,
        delay: SignedDuration,
    },
    NotPaged(reason: NotPagedReason),
    Delivered {
        delivery: DeliveryId,
        person: PersonId,
        channel: String,
        #[serde(default)]
        problems: Vec<String>,
    },
    Arrived { delivery: DeliveryId, person: PersonId, channel: String },
    Updated {
        delivery: DeliveryId,
        person: PersonId,
        channel: String,
        update: String,
        problems: Vec<String>,
    },
    UpdateFailed {
        delivery: DeliveryId,
        person: PersonId,
        channel: String,
        update: String,
        reason: String,
    },
    AnswerRefused { channel: String, wanted: String, reason: String },
    DeliveryFailed {
        delivery: DeliveryId,
        person: PersonId,
        channel: String,
        reason: String,
        retry_at: Option<Timestamp>,
    },
    PagesCancelled { count: u32, reason: String },
    Acknowledged,
    Snoozed { until: Timestamp },
    Retriggered { reason: String },
    Reassigned { to: Vec<PersonId> },
    EscalatedByHand,
    Paused,
    Resumed,
    Resolved,
    Note { text: String },
    Held {
        person: PersonId,
        method: MethodId,
        channel: String,
        delivery: DeliveryId,
        until: Timestamp,
        reason: String,
    },
    Reopened { alert: AlertId, event: EventId },
    MergedInto { into: IncidentId },
    Merged { from: IncidentId, title: String, alerts: u32 },
    SplitInto { into: IncidentId, alerts: u32 },
    SplitFrom { from: IncidentId, alerts: u32 },
    PriorityChanged { to: Option<Priority> },
    Subscribed { person: PersonId },
    Unsubscribed { person: PersonId },
    StatusUpdate { text: String },
    HeldForBundle {
        delivery: DeliveryId,
        person: PersonId,
        channel: String,
        until: Timestamp,
        sent: u32,
        since: Timestamp,
    },
    DeliveredTogether {
        delivery: DeliveryId,
        person: PersonId,
        channel: String,
        bundle: DeliveryId,
        incidents: u32,
    },
    NewsDecided {
        person: PersonId,
        channel: String,
        update: String,
        held_until: Option<Timestamp>,
    },
    NewsNotTold { person: PersonId, update: String, reason: String },
});

disk_struct!(StoredTimelineEntry for TimelineEntry {
    incident: IncidentId,
    seq: u32,
    at: Timestamp,
    actor: Actor,
    #[serde(default)]
    via: Option<Via>,
    kind: TimelineKind,
});
