//! What becomes due.

use super::{
    AlertId, DeliveryId, IncidentId, Lane, MaintenanceWindowId, QuietId, ScheduleId, SilenceId,
    SwapId,
};
use jiff::Timestamp;

/// What is due. One key has at most one due time; setting it again moves it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TimerKey {
    /// A notification rule's delay is over: this page goes out.
    Notify {
        /// Of which incident.
        incident: IncidentId,
        /// The page that was prepared.
        delivery: DeliveryId,
    },
    /// Nobody answered the current step.
    Escalate(IncidentId),
    /// The snooze is over.
    Snooze(IncidentId),
    /// The alert was not sent again in time.
    Expire(AlertId),
    /// The filter's suppression is over.
    Unsuppress(AlertId),
    /// A silence begins or ends.
    Silence(SilenceId),
    /// An alert that a person closed may be forgotten.
    Forget(AlertId),
    /// A resolved incident that had messages to bring up to date may leave the open state. While it is set, the incident
    /// and its threads are kept.
    Leave(IncidentId),
    /// The people of the phase under way are paged again.
    Repage(IncidentId),
    /// It was acknowledged for too long.
    AcknowledgeTimeout(IncidentId),
    /// Perhaps nothing was heard of it for long enough.
    AutoResolve(IncidentId),
    /// The service's support hours begin: what waits with low urgency becomes loud.
    SupportHours(IncidentId),
    /// A maintenance window begins or ends.
    MaintenanceWindow(MaintenanceWindowId),
    /// What keeps a paused incident quiet may be over, or may have changed.
    Settle(IncidentId),
    /// A silence or maintenance window changed or began: the alerts behind `after` are still to be looked at.
    Sweep {
        /// Which.
        of: QuietId,
        /// In the order of alerts.
        after: AlertId,
    },
    /// An offered swap is over; one that is over may be forgotten.
    Swap(SwapId),
    /// A schedule is looked at: for a hand-off, and for what will be amiss.
    Watch(ScheduleId),
    /// A lane's window is over: what waits leaves.
    Window(Lane),
    /// More pages are to learn how the message ended that they shared.
    PassOn(DeliveryId),
}

impl TimerKey {
    /// The incident it is about, if it is about one alone.
    pub fn incident(&self) -> Option<IncidentId> {
        match self {
            Self::Notify { incident, .. }
            | Self::Escalate(incident)
            | Self::Snooze(incident)
            | Self::Leave(incident)
            | Self::Repage(incident)
            | Self::AcknowledgeTimeout(incident)
            | Self::AutoResolve(incident)
            | Self::SupportHours(incident)
            | Self::Settle(incident) => Some(*incident),
            Self::Expire(_)
            | Self::Unsuppress(_)
            | Self::Silence(_)
            | Self::Forget(_)
            | Self::MaintenanceWindow(_)
            | Self::Sweep { .. }
            | Self::Swap(_)
            | Self::Watch(_)
            | Self::Window(_)
            | Self::PassOn(_) => None,
        }
    }
}

/// A key and its time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timer {
    /// What.
    pub key: TimerKey,
    /// When.
    pub due: Timestamp,
}
