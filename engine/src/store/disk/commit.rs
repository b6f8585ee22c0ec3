//! Forms of commits and of what they were decided upon.

use super::{disk_enum, disk_struct};
use crate::store::{Commit, InputRecord};
use jiff::Timestamp;
use nightbell_core::model::{
    Actor, Change, EventId, EventOutcome, PluginStamp, TimelineEntry, TimerKey,
};

disk_enum!(StoredInput for InputRecord {
    Events { first: EventId, last: EventId },
    Action { by: Actor, what: String },
    Attempt { delivery: String, result: String },
    Due(timer: TimerKey),
    Config { sha256: String },
    PluginFailure { plugin: PluginStamp, message: String },
});

disk_struct!(StoredCommit for Commit {
    now: Timestamp,
    inputs: Vec<InputRecord>,
    cursor: EventId,
    outcomes: Vec<EventOutcome>,
    changes: Vec<Change>,
    timeline: Vec<TimelineEntry>,
});
