//! Forms of silences, maintenance windows and the times they share.

use super::{Disk, Misfit, disk_enum, disk_struct};
use jiff::Timestamp;
use jiff::civil::Time;
use jiff::tz::TimeZone;
use nightbell_core::model::{
    Edit, IntegrationId, MaintenanceWindow, MaintenanceWindowId, MatchOp, Matcher, QuietId,
    QuietTime, ServiceId, Silence, SilenceId, SuppressedBy, Suppression, Weekly,
};
use serde::{Deserialize, Serialize};

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

/// A zone by its name; its rules are those of the program that reads it.
#[derive(Serialize, Deserialize)]
pub(in crate::store) struct StoredWeekly {
    days: Vec<String>,
    from: Time,
    to: Time,
    time_zone: String,
}

impl Disk for Weekly {
    type Form = StoredWeekly;
    fn to_disk(&self) -> StoredWeekly {
        let (days, time_zone) = (self.days.to_disk(), self.zone().to_owned());
        StoredWeekly { days, from: self.from, to: self.to, time_zone }
    }
    fn from_disk(form: StoredWeekly) -> Result<Self, Misfit> {
        let time_zone = TimeZone::get(&form.time_zone)
            .map_err(|_| Misfit::Value { expected: "a time zone", found: form.time_zone })?;
        let days = Disk::from_disk(form.days)?;
        Ok(Self { days, from: form.from, to: form.to, time_zone })
    }
}

disk_struct!(StoredQuietTime for QuietTime {
    starts_at: Timestamp,
    ends_at: Timestamp,
    #[serde(default)]
    weekly: Option<Weekly>,
});

disk_struct!(StoredEdit for Edit { at: Timestamp, by: String, what: String });

disk_struct!(StoredSilence for Silence {
    id: SilenceId,
    matchers: Vec<Matcher>,
    #[serde(flatten)]
    time: QuietTime,
    created_by: String,
    comment: String,
    created_at: Timestamp,
    #[serde(default)]
    history: Vec<Edit>,
});

disk_struct!(StoredMaintenanceWindow for MaintenanceWindow {
    id: MaintenanceWindowId,
    services: Vec<ServiceId>,
    integrations: Vec<IntegrationId>,
    #[serde(flatten)]
    time: QuietTime,
    created_by: String,
    comment: String,
    created_at: Timestamp,
    #[serde(default)]
    history: Vec<Edit>,
});

disk_enum!(StoredQuietId for QuietId {
    Silence(silence: SilenceId),
    MaintenanceWindow(maintenance_window: MaintenanceWindowId),
});

/// As `filter mute`, `silence s1`, `maintenance window m1`.
impl Disk for SuppressedBy {
    type Form = String;
    fn to_disk(&self) -> String {
        self.to_string()
    }
    fn from_disk(form: String) -> Result<Self, Misfit> {
        Self::parse(&form).ok_or(Misfit::Value {
            expected: "a filter, a silence or a maintenance window",
            found: form,
        })
    }
}

disk_struct!(StoredSuppression for Suppression {
    reason: String,
    by: SuppressedBy,
    #[serde(default)]
    author: Option<String>,
    until: Option<Timestamp>,
});
