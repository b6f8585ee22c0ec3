//! Forms of changes, and of the run-time facts they carry.

use super::{disk_enum, disk_struct};
use jiff::Timestamp;
use nightbell_core::model::{
    Absence, AbsenceId, Alert, AlertId, Change, Checks, Delivery, DeliveryId, Feed, FeedOf,
    HandoffWish, Incident, IncidentId, Lane, MaintenanceWindow, MaintenanceWindowId, MethodId,
    Override, OverrideId, Pace, PageReason, PersonId, Profile, Revision, RoundRobin, ScheduleId,
    Silence, SilenceId, Swap, SwapId, Temporary, TemporaryId, Thread, ThreadPage, TimerKey, Token,
    TokenId, TokenKind, Watch,
};
use std::sync::Arc;

disk_enum!(StoredFeedOf for FeedOf { Schedule(id: ScheduleId), Person(id: PersonId) });

disk_struct!(StoredFeed for Feed { of: FeedOf, made_by: Option<PersonId> });

disk_enum!(StoredTokenKind for TokenKind { Read, Person(id: PersonId), Admin, Feed(feed: Feed) });

disk_struct!(StoredToken for Token {
    id: TokenId,
    kind: TokenKind,
    name: String,
    sha256: [u8; 32],
    created_at: Timestamp,
    expires_at: Option<Timestamp>,
});

disk_struct!(StoredThreadPage for ThreadPage {
    person: PersonId,
    method: MethodId,
    reason: PageReason,
});

disk_struct!(StoredThread for Thread {
    incident: IncidentId,
    channel: String,
    address: String,
    thread: String,
    #[serde(default)]
    page: Option<ThreadPage>,
});

disk_enum!(StoredChange for Change {
    Alert(alert: Arc<Alert>),
    ForgetAlert(alert: AlertId),
    Incident(incident: Arc<Incident>),
    Delivery(delivery: Arc<Delivery>),
    PreparedDelivery(delivery: Arc<Delivery>),
    SetTimer(timer: TimerKey, due: Timestamp),
    CancelTimer(timer: TimerKey),
    Silence(silence: Arc<Silence>),
    RemoveSilence(silence: SilenceId),
    Override(schedule_override: Arc<Override>),
    RemoveOverride(schedule_override: OverrideId),
    Profile(profile: Arc<Profile>),
    RemoveProfile(person: PersonId),
    Token(token: Arc<Token>),
    RevokeToken(token: TokenId),
    Thread(#[serde(flatten)] thread: Arc<Thread>),
    PluginState { plugin: Arc<str>, key: String, value: Option<(Arc<[u8]>, Option<Timestamp>)> },
    Temporary(temporary: Arc<Temporary>),
    RemoveTemporary(temporary: TemporaryId),
    Absence(absence: Arc<Absence>),
    RemoveAbsence(absence: AbsenceId),
    Revision(#[serde(flatten)] revision: Arc<Revision>),
    RemoveRevision { schedule: ScheduleId, number: u64 },
    Checks(checks: Arc<Checks>),
    RoundRobin(#[serde(flatten)] round_robin: RoundRobin),
    MaintenanceWindow(maintenance_window: Arc<MaintenanceWindow>),
    RemoveMaintenanceWindow(maintenance_window: MaintenanceWindowId),
    Swap(swap: Arc<Swap>),
    ForgetSwap(swap: SwapId),
    Watch(watch: Arc<Watch>),
    RemoveWatch(schedule: ScheduleId),
    HandoffWish(#[serde(flatten)] wish: Arc<HandoffWish>),
    Pace(pace: Arc<Pace>),
    ForgetPace(lane: Lane),
    BundleEnded(delivery: Arc<Delivery>),
    ForgetBundle(delivery: DeliveryId),
});
