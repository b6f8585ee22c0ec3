//! Forms of schedules, and of what was decided about them at run time.

use super::{Disk, Misfit, disk_enum, disk_struct};
use jiff::Timestamp;
use jiff::civil::{DateTime, Time, Weekday};
use jiff::tz::TimeZone;
use nightbell_core::model::{
    Absence, AbsenceId, Advance, FixedShift, Layer, OnAbsence, Override, OverrideId, PersonId,
    Restriction, Restrictions, Revision, Schedule, ScheduleId, Temporary, TemporaryId, Turn,
    TurnUnit, Weekdays,
};
use std::sync::Arc;

disk_struct!(StoredOverride for Override {
    id: OverrideId,
    schedule: ScheduleId,
    person: PersonId,
    starts_at: Timestamp,
    ends_at: Timestamp,
    created_at: Timestamp,
    created_by: String,
});

disk_struct!(StoredFixedShift for FixedShift {
    person: PersonId,
    starts_at: Timestamp,
    ends_at: Timestamp,
});

disk_struct!(StoredTemporary for Temporary {
    id: TemporaryId,
    schedule: ScheduleId,
    name: String,
    starts_at: Timestamp,
    ends_at: Timestamp,
    shifts: Vec<FixedShift>,
    created_at: Timestamp,
    created_by: String,
});

disk_struct!(StoredAbsence for Absence {
    id: AbsenceId,
    person: PersonId,
    starts_at: Timestamp,
    ends_at: Timestamp,
    source: String,
    summary: String,
    created_at: Timestamp,
    created_by: String,
});

disk_struct!(StoredRevision for Revision {
    schedule: ScheduleId,
    number: u64,
    effective_from: Option<Timestamp>,
    recorded_at: Timestamp,
    definition: Option<Arc<Schedule>>,
});

disk_enum!(StoredOnAbsence for OnAbsence { Show, Next });

disk_struct!(StoredSchedule for Schedule {
    id: ScheduleId,
    name: String,
    time_zone: TimeZone,
    layers: Vec<Layer>,
    effective_from: Option<DateTime>,
    on_absence: OnAbsence,
});

disk_enum!(StoredTurnUnit for TurnUnit { Hours, Days, Weeks, Months });

disk_struct!(StoredTurn for Turn { count: u32, unit: TurnUnit });

disk_enum!(StoredAdvance for Advance { EveryTurn, CoveredTurns });

disk_struct!(StoredLayer for Layer {
    name: Arc<str>,
    time_zone: Option<TimeZone>,
    start: DateTime,
    handoff: Option<DateTime>,
    end: Option<DateTime>,
    turn: Turn,
    advance: Advance,
    restrictions: Restrictions,
    people: Vec<Option<PersonId>>,
});

disk_enum!(StoredRestriction for Restriction {
    Days { days: Weekdays, from: Time, to: Time },
    Week { from: (Weekday, Time), to: (Weekday, Time) },
});

/// As written; what follows from it is worked out again when it is read.
impl Disk for Restrictions {
    type Form = Vec<StoredRestriction>;
    fn to_disk(&self) -> Self::Form {
        self.written().iter().map(Disk::to_disk).collect()
    }
    fn from_disk(form: Self::Form) -> Result<Self, Misfit> {
        Vec::from_disk(form).map(Self::new)
    }
}

/// By IANA name: the rules are those of the program that reads it.
impl Disk for TimeZone {
    type Form = String;
    fn to_disk(&self) -> String {
        self.iana_name().unwrap_or("UTC").to_owned()
    }
    fn from_disk(form: String) -> Result<Self, Misfit> {
        let unknown =
            |_| Misfit::Value { expected: "a time zone's IANA name", found: form.clone() };
        Self::get(&form).map_err(unknown)
    }
}

/// As `mon`.
impl Disk for Weekday {
    type Form = String;
    fn to_disk(&self) -> String {
        let place = self.to_monday_zero_offset().unsigned_abs();
        Weekdays::WORDS[usize::from(place)].to_owned()
    }
    fn from_disk(form: String) -> Result<Self, Misfit> {
        let place = Weekdays::WORDS.iter().position(|word| *word == form);
        place
            .and_then(|place| Self::Monday.cycle_forward().nth(place))
            .ok_or(Misfit::Value { expected: "a day of the week, as `mon`", found: form })
    }
}

impl Disk for Weekdays {
    type Form = Vec<String>;
    fn to_disk(&self) -> Vec<String> {
        self.iter().map(|day| day.to_disk()).collect()
    }
    fn from_disk(form: Vec<String>) -> Result<Self, Misfit> {
        form.into_iter().map(Weekday::from_disk).collect()
    }
}
