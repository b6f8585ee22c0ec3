//! What happened to an incident, by whom, and why; never edited.

use super::{
    Actor, AlertId, DeliveryId, EventId, IncidentId, MethodId, NotPagedReason, PageReason,
    PersonId, Priority, RoomId, Suppression, Via,
};
use jiff::{SignedDuration, Timestamp};

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TimelineKind {
    /// The incident opened.
    Opened {
        /// The alert that opened it.
        alert: AlertId,
        /// The event that did.
        event: EventId,
    },
    /// An alert joined.
    AlertJoined {
        /// Which.
        alert: AlertId,
        /// By which event.
        event: EventId,
        /// Its title.
        title: String,
    },
    /// An alert ended.
    AlertResolved {
        /// Which.
        alert: AlertId,
        /// Its end was not told but timed out.
        expired: bool,
    },
    /// A monitor acknowledged one of several alerts: noted only.
    AlertAcknowledged {
        /// Which.
        alert: AlertId,
    },
    /// The incident became louder.
    UrgencyRaised,
    /// A step was reached.
    StepReached {
        /// From 1.
        pass: u32,
        /// From 0.
        step: usize,
    },
    /// A step yielded nobody who can be reached.
    StepSkipped {
        /// From 1.
        pass: u32,
        /// From 0.
        step: usize,
    },
    /// The policy is used up or found nobody: the fallback is paged.
    FallbackReached {
        /// From 1.
        round: u32,
    },
    /// A page was decided.
    Paged {
        /// To whom.
        person: PersonId,
        /// Through which of their methods.
        method: MethodId,
        /// On which channel.
        channel: String,
        /// The delivery.
        delivery: DeliveryId,
        /// Why them.
        reason: PageReason,
        /// After how long, by their rules.
        delay: SignedDuration,
    },
    /// Somebody was not paged.
    NotPaged(NotPagedReason),
    /// A page left.
    Delivered {
        /// The delivery.
        delivery: DeliveryId,
        /// To whom.
        person: PersonId,
        /// On which channel.
        channel: String,
        /// Parts that failed although the page went out, one line each.
        problems: Vec<String>,
    },
    /// The other side told later that a page arrived.
    Arrived {
        /// The delivery.
        delivery: DeliveryId,
        /// To whom.
        person: PersonId,
        /// On which channel.
        channel: String,
    },
    /// An earlier message was brought up to date.
    Updated {
        /// The delivery.
        delivery: DeliveryId,
        /// To whom the message had gone.
        person: PersonId,
        /// On which channel.
        channel: String,
        /// What it tells.
        update: String,
        /// Parts that failed although the update went out, one line each.
        problems: Vec<String>,
    },
    /// An earlier message could not be brought up to date; it is not tried again.
    UpdateFailed {
        /// The delivery.
        delivery: DeliveryId,
        /// To whom the message had gone.
        person: PersonId,
        /// On which channel.
        channel: String,
        /// What it should have told.
        update: String,
        /// Why.
        reason: String,
    },
    /// An answer came through a channel and was not followed: nobody may be held to have given it.
    AnswerRefused {
        /// Through which channel.
        channel: String,
        /// What was wanted.
        wanted: String,
        /// Why not.
        reason: String,
    },
    /// A page could not be brought.
    DeliveryFailed {
        /// The delivery.
        delivery: DeliveryId,
        /// To whom.
        person: PersonId,
        /// On which channel.
        channel: String,
        /// Why.
        reason: String,
        /// Whether it is tried again.
        retry_at: Option<Timestamp>,
    },
    /// Pages were taken back before they left.
    PagesCancelled {
        /// How many.
        count: u32,
        /// Why.
        reason: String,
    },
    /// Somebody has it.
    Acknowledged,
    /// Somebody has it and sleeps on it.
    Snoozed {
        /// Until when.
        until: Timestamp,
    },
    /// It wants somebody again.
    Retriggered {
        /// Why.
        reason: String,
    },
    /// It was handed over.
    Reassigned {
        /// To whom.
        to: Vec<PersonId>,
    },
    /// Somebody asked for the next step now.
    EscalatedByHand,
    /// Every firing alert is silenced; as it was written before version 3 of the store's records.
    Paused,
    /// An alert fires that is not silenced; as it was written before version 3 of the store's records.
    Resumed,
    /// It is over.
    Resolved,
    /// Somebody wrote something.
    Note {
        /// What.
        text: String,
    },
    /// A page waits for the end of a person's quiet hours.
    Held {
        /// Whose.
        person: PersonId,
        /// Through which of their methods.
        method: MethodId,
        /// On which channel.
        channel: String,
        /// The delivery.
        delivery: DeliveryId,
        /// When it goes out.
        until: Timestamp,
        /// Which hours, in words.
        reason: String,
    },
    /// A page does not leave by itself: it waits for the end of its lane's window, to leave with others.
    HeldForBundle {
        /// The delivery.
        delivery: DeliveryId,
        /// To whom.
        person: PersonId,
        /// On which channel.
        channel: String,
        /// When it leaves at the latest.
        until: Timestamp,
        /// How many messages left through this method since `since`.
        sent: u32,
        /// When the window began.
        since: Timestamp,
    },
    /// A page left in one message with others.
    DeliveredTogether {
        /// The delivery.
        delivery: DeliveryId,
        /// To whom.
        person: PersonId,
        /// On which channel.
        channel: String,
        /// The message.
        bundle: DeliveryId,
        /// How many incidents it spoke of.
        incidents: u32,
    },
    /// Somebody who knows of the incident or follows it is told how it goes on.
    NewsDecided {
        /// Who.
        person: PersonId,
        /// On which channel.
        channel: String,
        /// What.
        update: String,
        /// When it leaves at the latest, with others, if it does not leave at once.
        held_until: Option<Timestamp>,
    },
    /// Somebody who follows the incident was not told how it goes on.
    NewsNotTold {
        /// Who.
        person: PersonId,
        /// What.
        update: String,
        /// Why not.
        reason: String,
    },
    /// It was over, and an alert of it fires again.
    Reopened {
        /// Which.
        alert: AlertId,
        /// By which event.
        event: EventId,
    },
    /// Its alerts go on in another incident.
    MergedInto {
        /// In which.
        into: IncidentId,
    },
    /// Alerts of another incident go on in this one.
    Merged {
        /// Of which.
        from: IncidentId,
        /// Its title.
        title: String,
        /// How many.
        alerts: u32,
    },
    /// Some of its alerts go on in a new incident.
    SplitInto {
        /// In which.
        into: IncidentId,
        /// How many.
        alerts: u32,
    },
    /// It was made of alerts of another incident.
    SplitFrom {
        /// Of which.
        from: IncidentId,
        /// How many.
        alerts: u32,
    },
    /// Somebody said how important it is.
    PriorityChanged {
        /// `None`: nobody says.
        to: Option<Priority>,
    },
    /// Somebody follows it.
    Subscribed {
        /// Who.
        person: PersonId,
    },
    /// Somebody follows it no longer.
    Unsubscribed {
        /// Who.
        person: PersonId,
    },
    /// Somebody wrote how it stands, for those who know of it.
    StatusUpdate {
        /// In their words.
        text: String,
    },
    /// A step was skipped because its conditions do not hold.
    StepNotMet {
        /// From 1.
        pass: u32,
        /// From 0.
        step: usize,
        /// Which, in words: `the urgency is low, not high`.
        reason: String,
    },
    /// A page to a room was decided.
    Posted {
        /// Which.
        room: RoomId,
        /// On which channel.
        channel: String,
        /// The delivery.
        delivery: DeliveryId,
        /// Why there.
        reason: PageReason,
    },
    /// Somebody acknowledged; more people are to.
    AcknowledgedInPart {
        /// How many did.
        have: u32,
        /// How many are to.
        needed: u32,
    },
    /// Fewer people acknowledged than should, and nobody else is left to ring.
    NobodyElse {
        /// How many did.
        have: u32,
        /// How many should have.
        needed: u32,
    },
    /// Nobody answered yet: the same people are paged again.
    Repaged {
        /// How often in this phase, from 1.
        count: u32,
    },
    /// People were asked to help.
    RespondersAdded {
        /// Who.
        people: Vec<PersonId>,
    },
    /// Somebody who was asked to help will.
    Responded,
    /// Nothing was heard of it for so long that it resolved.
    AutoResolved {
        /// How long.
        after: SignedDuration,
    },
    /// The service's support hours began: the incident became louder.
    UrgencyRaisedByHours,
    /// Every firing alert is kept quiet by intention, or it is by something else than before (I6).
    PausedBy {
        /// By what, each once.
        holders: Vec<Suppression>,
    },
    /// An alert fires that nothing keeps quiet any longer.
    ResumedAfter {
        /// What had kept it quiet.
        holders: Vec<Suppression>,
    },
}

/// One line of the timeline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimelineEntry {
    /// Of which incident.
    pub incident: IncidentId,
    /// From 0, without holes.
    pub seq: u32,
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub actor: Actor,
    /// Through which door; `None` for what Nightbell did itself.
    pub via: Option<Via>,
    /// What.
    pub kind: TimelineKind,
}
