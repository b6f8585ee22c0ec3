//! Forms of events and of what became of them.

use super::{Disk, Misfit, disk_enum, disk_struct};
use jiff::Timestamp;
use nightbell_core::model::{
    DedupKey, Event, EventId, EventKind, EventOutcome, Fate, Image, IncidentId, IntegrationId,
    Label, Link, PluginStamp, Severity, StageTrace,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

disk_enum!(StoredEventKind for EventKind { Trigger, Acknowledge, Resolve, Change });
disk_enum!(StoredSeverity for Severity { Critical, Error, Warning, Info, Unknown });
disk_struct!(StoredLink for Link { href: String, text: String });
disk_struct!(StoredImage for Image { src: String, href: String, alt: String });
disk_struct!(StoredLabel for Label { name: String, value: String });

/// An event without its id, which is its record's lsn plus its place in the record.
#[derive(Serialize, Deserialize)]
pub(in crate::store) struct EventForm {
    integration: String,
    received_at: Timestamp,
    kind: StoredEventKind,
    dedup_key: String,
    title: String,
    severity: StoredSeverity,
    starts_at: Option<Timestamp>,
    expires_at: Option<Timestamp>,
    source: String,
    links: Vec<StoredLink>,
    images: Vec<StoredImage>,
    labels: BTreeMap<String, String>,
    details: String,
    attributes: Vec<StoredLabel>,
}

impl EventForm {
    pub(super) fn of(event: &Event) -> Self {
        let Event {
            id: _,
            integration,
            received_at,
            kind,
            dedup_key,
            title,
            severity,
            starts_at,
            expires_at,
            source,
            links,
            images,
            labels,
            details,
            attributes,
        } = event;
        Self {
            integration: integration.to_disk(),
            received_at: *received_at,
            kind: kind.to_disk(),
            dedup_key: dedup_key.to_disk(),
            title: title.clone(),
            severity: severity.to_disk(),
            starts_at: *starts_at,
            expires_at: *expires_at,
            source: source.clone(),
            links: links.to_disk(),
            images: images.to_disk(),
            labels: labels.clone(),
            details: details.clone(),
            attributes: attributes.to_disk(),
        }
    }

    pub(super) fn with_id(self, id: EventId) -> Result<Event, Misfit> {
        Ok(Event {
            id,
            integration: IntegrationId::new(self.integration),
            received_at: self.received_at,
            kind: Disk::from_disk(self.kind)?,
            dedup_key: DedupKey::new(self.dedup_key),
            title: self.title,
            severity: Disk::from_disk(self.severity)?,
            starts_at: self.starts_at,
            expires_at: self.expires_at,
            source: self.source,
            links: Disk::from_disk(self.links)?,
            images: Disk::from_disk(self.images)?,
            labels: self.labels,
            details: self.details,
            attributes: Disk::from_disk(self.attributes)?,
        })
    }
}

disk_enum!(StoredFate for Fate {
    Opened(incident: IncidentId),
    Joined(incident: IncidentId),
    Repeated(incident: Option<IncidentId>),
    Suppressed {
        reason: String,
        by: String,
        #[serde(default)]
        author: Option<String>,
        #[serde(default)]
        until: Option<Timestamp>,
    },
    Dropped { reason: String, by: String },
    ClosedByPerson,
    Resolved(incident: Option<IncidentId>),
    Acknowledged(incident: IncidentId),
    Recorded(why: String),
    Reopened(incident: IncidentId),
});

disk_struct!(StoredOutcome for EventOutcome {
    event: EventId,
    fate: Fate,
    stages: Vec<StageTrace>,
    remarks: Vec<String>,
});

/// Stages have fixed names in memory.
#[derive(Serialize, Deserialize)]
pub(in crate::store) struct StoredStage {
    stage: String,
    plugin: <PluginStamp as Disk>::Form,
    verdict: String,
    batch_us: u64,
    batch_len: u32,
}

/// Every stage that is written; one that a later version wrote reads as `other`.
const STAGES: [&str; 5] = ["filter", "route", "parse", "core", "other"];

impl Disk for StageTrace {
    type Form = StoredStage;
    fn to_disk(&self) -> StoredStage {
        let Self { stage, plugin, verdict, batch_us, batch_len } = self;
        StoredStage {
            stage: (*stage).to_owned(),
            plugin: plugin.to_disk(),
            verdict: verdict.to_string(),
            batch_us: *batch_us,
            batch_len: *batch_len,
        }
    }
    fn from_disk(form: StoredStage) -> Result<Self, Misfit> {
        let stage = STAGES.into_iter().find(|stage| *stage == form.stage);
        Ok(Self {
            stage: stage.unwrap_or("other"),
            plugin: Disk::from_disk(form.plugin)?,
            verdict: form.verdict.into(),
            batch_us: form.batch_us,
            batch_len: form.batch_len,
        })
    }
}
