//! What a decision looks at, and what it changes.

use super::{
    Absence, AbsenceId, Alert, AlertId, Checks, Delivery, DeliveryId, Directory, EventOutcome,
    HandoffWish, Incident, Lane, MaintenanceWindow, MaintenanceWindowId, Override, OverrideId,
    Pace, PersonId, Profile, Reply, Revision, RoundRobin, ScheduleId, Silence, SilenceId, State,
    Swap, SwapId, Temporary, TemporaryId, Thread, TimelineEntry, TimerKey, Token, TokenId, Watch,
};
use jiff::Timestamp;
use std::sync::Arc;

/// What a decision may look at: the configuration and what is open, including what earlier inputs of the
/// same batch changed.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    /// People, services, policies, schedules.
    pub directory: &'a Directory,
    /// What is open.
    pub state: &'a State,
}

/// One value that replaces what was there under its key.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// An alert, firing or resolved.
    Alert(Arc<Alert>),
    /// An alert is forgotten.
    ForgetAlert(AlertId),
    /// An incident, open or resolved.
    Incident(Arc<Incident>),
    /// A delivery in any status.
    Delivery(Arc<Delivery>),
    /// A page prepared for later: it becomes pending when its `Notify` timer is due.
    PreparedDelivery(Arc<Delivery>),
    /// A timer is set or moved.
    SetTimer(TimerKey, Timestamp),
    /// A timer is taken away.
    CancelTimer(TimerKey),
    /// A silence.
    Silence(Arc<Silence>),
    /// A silence is forgotten.
    RemoveSilence(SilenceId),
    /// An override.
    Override(Arc<Override>),
    /// An override is taken away.
    RemoveOverride(OverrideId),
    /// A person's methods and rules.
    Profile(Arc<Profile>),
    /// A person's own choices are gone: the configuration's defaults hold.
    RemoveProfile(PersonId),
    /// A token.
    Token(Arc<Token>),
    /// A token is revoked.
    RevokeToken(TokenId),
    /// What a channel wants to see again in later messages of this incident to this address.
    Thread(Arc<Thread>),
    /// One key of a plugin's durable state; `None` deletes it.
    PluginState {
        /// Whose.
        plugin: Arc<str>,
        /// Which key.
        key: String,
        /// The value, and when it ends.
        value: Option<(Arc<[u8]>, Option<Timestamp>)>,
    },
    /// A temporary schedule.
    Temporary(Arc<Temporary>),
    /// A temporary schedule is taken away.
    RemoveTemporary(TemporaryId),
    /// A person's absence.
    Absence(Arc<Absence>),
    /// An absence is taken away.
    RemoveAbsence(AbsenceId),
    /// A definition of a schedule.
    Revision(Arc<Revision>),
    /// A definition is forgotten.
    RemoveRevision {
        /// Of which schedule.
        schedule: ScheduleId,
        /// Which.
        number: u64,
    },
    /// What is known of a person's methods.
    Checks(Arc<Checks>),
    /// Where a step's round robin stands.
    RoundRobin(RoundRobin),
    /// A maintenance window.
    MaintenanceWindow(Arc<MaintenanceWindow>),
    /// A maintenance window is forgotten.
    RemoveMaintenanceWindow(MaintenanceWindowId),
    /// A shift swap.
    Swap(Arc<Swap>),
    /// A swap that has been over for long is forgotten.
    ForgetSwap(SwapId),
    /// What was told of a schedule.
    Watch(Arc<Watch>),
    /// The schedule is gone.
    RemoveWatch(ScheduleId),
    /// What a person wishes to hear of their shifts.
    HandoffWish(Arc<HandoffWish>),
    /// A lane's open window.
    Pace(Arc<Pace>),
    /// A lane was quiet for long enough.
    ForgetPace(Lane),
    /// How a message ended that pages share, while some are still to learn it.
    BundleEnded(Arc<Delivery>),
    /// All of them have.
    ForgetBundle(DeliveryId),
}

/// What one input changes: whole values, timeline, outcome, answer. Empty when nothing does.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Transition {
    /// In order; a later change of the same key wins.
    pub changes: Vec<Change>,
    /// In order.
    pub timeline: Vec<TimelineEntry>,
    /// For an event: what became of it.
    pub outcome: Option<EventOutcome>,
    /// For an action: the answer.
    pub reply: Reply,
}

impl Transition {
    /// Whether nothing changes.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty() && self.timeline.is_empty()
    }
}
