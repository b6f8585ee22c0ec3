//! Forms of changes, and of the run-time facts they carry.

use super::{Disk, Misfit, disk_enum, disk_struct};
use jiff::Timestamp;
use nightbell_core::model::{
    Absence, AbsenceId, Alert, AlertId, Change, Checks, Delivery, DeliveryId, Incident, IncidentId,
    Lane, MatchOp, Matcher, MethodId, Override, OverrideId, Pace, PageReason, PersonId, Profile,
    Revision, RoundRobin, ScheduleId, Silence, SilenceId, Temporary, TemporaryId, Thread,
    ThreadPage, TimerKey, Token, TokenId, TokenKind,
};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

disk_enum!(StoredMatchOp for MatchOp { Equal, NotEqual, Regex, NotRegex });

/// A matcher is compiled again when it is read.
#[derive(Serialize, Deserialize)]
pub(in crate::store) struct StoredMatcher {
    name: String,
    op: StoredMatchOp,
    value: String,
}

impl Disk for Matcher {
    type Form = StoredMatcher;
    fn to_disk(&self) -> StoredMatcher {
        StoredMatcher { name: self.name.clone(), op: self.op.to_disk(), value: self.value.clone() }
    }
    fn from_disk(form: StoredMatcher) -> Result<Self, Misfit> {
        Self::new(&form.name, Disk::from_disk(form.op)?, &form.value)
            .map_err(|error| Misfit::Value { expected: "a matcher", found: error.to_string() })
    }
}

disk_struct!(StoredSilence for Silence {
    id: SilenceId,
    matchers: Vec<Matcher>,
    starts_at: Timestamp,
    ends_at: Timestamp,
    created_by: String,
    comment: String,
    created_at: Timestamp,
});

disk_enum!(StoredTokenKind for TokenKind { Read, Person(id: PersonId), Admin });

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
    Pace(pace: Arc<Pace>),
    ForgetPace(lane: Lane),
    BundleEnded(delivery: Arc<Delivery>),
    ForgetBundle(delivery: DeliveryId),
});
