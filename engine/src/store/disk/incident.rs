//! Forms of alerts, incidents, policies and deliveries.

use super::{disk_enum, disk_struct};
use jiff::{SignedDuration, Timestamp};
use nightbell_core::model::{
    Actor, Alert, AlertId, AlertStatus, Closing, Delivery, DeliveryId, DeliveryStatus, Escalation,
    EscalationPolicy, EventId, Incident, IncidentId, IncidentStatus, Life, MethodId, Notice,
    NoticeKind, PageReason, PersonId, Phase, PluginStamp, Priority, Purpose, Responder, Ringing,
    RoomId, ServiceId, Severity, SupportHours, Suppression, Target, Urgency,
};
use serde::{Deserialize, Deserializer};
use std::collections::BTreeMap;
use std::sync::Arc;

disk_enum!(StoredUrgency for Urgency { High, Low });
disk_enum!(StoredPriority for Priority { P1, P2, P3, P4, P5 });
disk_enum!(StoredAlertStatus for AlertStatus { Firing, Resolved });
disk_enum!(StoredIncidentStatus for IncidentStatus { Triggered, Acknowledged, Resolved });

disk_struct!(StoredAlert for Alert {
    id: AlertId,
    status: AlertStatus,
    service: ServiceId,
    policy: Option<Arc<EscalationPolicy>>,
    group_key: Option<String>,
    urgency: Urgency,
    priority: Option<Priority>,
    title: String,
    severity: Severity,
    labels: BTreeMap<String, String>,
    source: String,
    starts_at: Timestamp,
    first_event: EventId,
    last_event: EventId,
    last_seen_at: Timestamp,
    expires_at: Option<Timestamp>,
    resolved_at: Option<Timestamp>,
    trigger_count: u64,
    suppression: Option<Suppression>,
    incident: Option<IncidentId>,
    #[serde(default)]
    by_support_hours: bool,
    closed_by_person: bool,
});

disk_enum!(StoredPhase for Phase {
    Assigned,
    Steps { pass: u32, step: usize },
    Fallback { round: u32 },
});

disk_struct!(StoredEscalation for Escalation {
    start: u32,
    phase: Phase,
    paged_in_pass: bool,
    #[serde(deserialize_with = "count_or_flag")]
    reached: u32,
    paused_with: Option<SignedDuration>,
    #[serde(default)]
    paused_by: Vec<Suppression>,
    #[serde(default)]
    ringing: Vec<Ringing>,
    #[serde(default)]
    again: u32,
    #[serde(default)]
    repaged: u32,
    #[serde(default)]
    places: Vec<(usize, u32)>,
    #[serde(default = "one")]
    needed: u32,
    #[serde(default)]
    answers: Vec<PersonId>,
});

fn one() -> u32 {
    1
}

/// Version 1 wrote whether, later ones write how many.
fn count_or_flag<'de, D: Deserializer<'de>>(form: D) -> Result<u32, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Form {
        Count(u32),
        Flag(bool),
    }
    Ok(match Form::deserialize(form)? {
        Form::Count(count) => count,
        Form::Flag(flag) => u32::from(flag),
    })
}

disk_enum!(StoredClosing for Closing {
    Alerts,
    Person(id: PersonId),
    Admin(name: String),
    Merged(into: IncidentId),
    Inactivity,
});

disk_struct!(StoredIncident for Incident {
    id: IncidentId,
    title: String,
    service: ServiceId,
    urgency: Urgency,
    priority: Option<Priority>,
    status: IncidentStatus,
    snoozed_until: Option<Timestamp>,
    group_key: Option<String>,
    alerts: Vec<AlertId>,
    opened_by: EventId,
    created_at: Timestamp,
    acknowledged_by: Option<Arc<str>>,
    acknowledged_at: Option<Timestamp>,
    resolved_at: Option<Timestamp>,
    closing: Option<Closing>,
    #[serde(default)]
    life: Life,
    #[serde(default)]
    subscribers: Vec<PersonId>,
    assigned_to: Vec<PersonId>,
    policy: Arc<EscalationPolicy>,
    plugins: Vec<PluginStamp>,
    escalation: Escalation,
    paged: Vec<PersonId>,
    #[serde(default)]
    told: Vec<PersonId>,
    #[serde(default)]
    answered_by: Vec<Actor>,
    #[serde(default)]
    settled: Vec<DeliveryId>,
    #[serde(default)]
    answers_refused: u32,
    #[serde(default)]
    responders: Vec<Responder>,
    #[serde(default)]
    support_hours: Option<Arc<SupportHours>>,
    #[serde(default)]
    touched_at: Option<Timestamp>,
    timeline_len: u32,
    version: u64,
});

disk_enum!(StoredPageReason for PageReason {
    Step { step: usize, target: Target },
    Fallback,
    Assigned,
    Notice,
    Responder,
    Follows,
});

disk_enum!(StoredNoticeKind for NoticeKind {
    Verification,
    Test,
    Handoff,
    Swap,
    Gap,
    Undeliverable,
    News,
});

disk_struct!(StoredNotice for Notice { kind: NoticeKind, subject: String, text: String });

disk_enum!(StoredDeliveryStatus for DeliveryStatus {
    Pending { not_before: Timestamp },
    Delivered {
        at: Timestamp,
        receipt: Option<String>,
        #[serde(default)]
        arrived: bool,
    },
    Failed { at: Timestamp, reason: String },
    Cancelled { at: Timestamp, reason: String },
    Bundled { until: Timestamp },
});

disk_enum!(StoredPurpose for Purpose {
    Page,
    StatusUpdate { update: String },
    Notice(notice: Notice),
    Post { room: RoomId },
    Bundle { incidents: Vec<IncidentId> },
});

/// Every delivery of version 1 was a page.
fn page() -> StoredPurpose {
    StoredPurpose::Page {}
}

disk_struct!(StoredDelivery for Delivery {
    id: DeliveryId,
    #[serde(default = "page")]
    purpose: Purpose,
    incident: IncidentId,
    person: PersonId,
    method: MethodId,
    channel: String,
    address: String,
    urgency: Urgency,
    reason: PageReason,
    start: u32,
    phase: Phase,
    created_at: Timestamp,
    attempts: u32,
    first_attempt_at: Option<Timestamp>,
    last_error: Option<String>,
    tried: Vec<MethodId>,
    #[serde(default)]
    bundle: Option<DeliveryId>,
    status: DeliveryStatus,
});
