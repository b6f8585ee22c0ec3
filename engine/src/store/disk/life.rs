//! Forms of what an incident remembers of its own life, and of the door somebody acted through.

use super::{disk_enum, disk_struct};
use jiff::Timestamp;
use nightbell_core::model::{Actor, IncidentId, Life, PagesTo, PersonId, ServiceId, Via};

disk_enum!(StoredVia for Via { Monitor, Link, Channel(name: String), Api, Cli });

disk_struct!(StoredPagesTo for PagesTo {
    person: PersonId,
    first_at: Timestamp,
    pages: u32,
    high: u32,
    sleep_interruptions: u32,
    asleep_at: Option<Timestamp>,
});

disk_struct!(StoredLife for Life {
    first_paged_at: Option<Timestamp>,
    first_acknowledged_at: Option<Timestamp>,
    first_acknowledged_by: Option<Actor>,
    escalated_at: Option<Timestamp>,
    pages: Vec<PagesTo>,
    reopened: u32,
    reopened_at: Option<Timestamp>,
    reopen_until: Option<Timestamp>,
    merged: Vec<IncidentId>,
    absorbed: Vec<(ServiceId, String)>,
    split_from: Option<IncidentId>,
});

/// Incidents of older versions counted nothing.
impl Default for StoredLife {
    fn default() -> Self {
        super::Disk::to_disk(&Life::default())
    }
}
