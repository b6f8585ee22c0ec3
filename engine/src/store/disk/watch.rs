//! Forms of what was told of schedules, and of what people wish to hear of their shifts.

use super::{disk_enum, disk_struct};
use jiff::{SignedDuration, Timestamp};
use nightbell_core::model::{Amiss, Foreseen, HandoffWish, PersonId, ScheduleId, Watch};

disk_enum!(StoredAmiss for Amiss {
    Gap,
    Uncovered(person: PersonId),
    Twice(person: PersonId, also_on: ScheduleId),
});

disk_struct!(StoredForeseen for Foreseen {
    amiss: Amiss,
    starts_at: Timestamp,
    ends_at: Option<Timestamp>,
    told_at: Timestamp,
    reminded: bool,
});

disk_struct!(StoredWatch for Watch {
    schedule: ScheduleId,
    on_call: Option<PersonId>,
    announced: Vec<(PersonId, Timestamp)>,
    foreseen: Vec<Foreseen>,
});

disk_struct!(StoredHandoffWish for HandoffWish {
    person: PersonId,
    at_start: bool,
    at_end: bool,
    before: Option<SignedDuration>,
});
