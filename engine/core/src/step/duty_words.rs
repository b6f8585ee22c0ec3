//! Duty in words, for notices: names as the configuration has them, times on the reader's own wall clock.

use crate::model::{Directory, PersonId};
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// As shown: a person's name, or the id of one whom the configuration has lost.
pub(super) fn name(directory: &Directory, person: &PersonId) -> String {
    directory.people.get(person).map_or_else(|| person.to_string(), |known| known.name.clone())
}

/// `from Mon 2 Mar 09:00 to Tue 3 Mar 09:00 (Asia/Tokyo)`; without a beginning only the end and the zone.
pub(super) fn span_words(
    directory: &Directory,
    reader: &PersonId,
    starts_at: Option<Timestamp>,
    ends_at: Timestamp,
) -> String {
    let zone = directory.people.get(reader).map_or(TimeZone::UTC, |known| known.time_zone.clone());
    let clock = |at: Timestamp| at.to_zoned(zone.clone()).strftime("%a %-d %b %H:%M").to_string();
    let place = zone.iana_name().unwrap_or("UTC");
    match starts_at {
        Some(starts_at) => format!("from {} to {} ({place})", clock(starts_at), clock(ends_at)),
        None => format!("{} ({place})", clock(ends_at)),
    }
}
