//! Until when a page must wait for a person's quiet hours.
//!
//! Quiet hours count on the person's own wall clock: a beginning or end in a skipped hour is at the end of the skip, one in a
//! repeated hour at its first occurrence, as with turns of a schedule.

use crate::model::{Breakthrough, QuietHours, Urgency};
use crate::model::{Directory, PersonId, Priority};
use jiff::civil::{Date, DateTime};
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{SignedDuration, Timestamp, ToSpan};

/// Longest wait, whatever the hours say: quiet hours that never end hold nothing longer.
pub const HOLD_MAX: SignedDuration = SignedDuration::from_hours(24 * 7);

/// How loud a page is, to quiet hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Loudness {
    /// Of the incident.
    pub urgency: Urgency,
    /// Of the incident, if it has one.
    pub priority: Option<Priority>,
}

/// What holds a page, and until when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// When it goes out.
    pub until: Timestamp,
    /// The hours that began to hold it.
    pub hours: QuietHours,
}

impl Breakthrough {
    /// Whether it rings all the same.
    pub fn lets(self, page: Loudness) -> bool {
        match self {
            Self::Nothing => false,
            Self::HighUrgency => page.urgency == Urgency::High,
            // P1 is the smallest.
            Self::Priority(least) => page.priority.is_some_and(|priority| priority <= least),
        }
    }
}

/// Answers what holds a page that is due at `at`; `None`: it may ring. Hours that follow on each other hold it to the end of
/// the last, at most [`HOLD_MAX`].
pub fn held(hours: &[QuietHours], zone: &TimeZone, page: Loudness, at: Timestamp) -> Option<Held> {
    let holding: Vec<&QuietHours> =
        hours.iter().filter(|hours| !hours.breakthrough.lets(page)).collect();
    let latest = at.saturating_add(HOLD_MAX).unwrap_or(Timestamp::MAX);
    let mut until = at;
    let mut first = None;
    while until < latest {
        let end = holding.iter().filter_map(|hours| Some((end_at(hours, zone, until)?, *hours)));
        let Some((end, hours)) = end.max_by_key(|(end, _)| *end) else { break };
        first.get_or_insert(hours);
        until = end;
    }
    first.map(|hours| Held { until: until.min(latest), hours: hours.clone() })
}

/// The instants in `[from, to)` at which any of the hours begins or ends, in no order, some perhaps twice.
pub fn edges(
    hours: &[QuietHours],
    zone: &TimeZone,
    from: Timestamp,
    to: Timestamp,
) -> Vec<Timestamp> {
    let mut found = Vec::new();
    let last = to.to_zoned(zone.clone()).date();
    let mut day = from.to_zoned(zone.clone()).date().checked_sub(1.day()).ok();
    while let Some(date) = day.filter(|date| *date <= last) {
        let spans = hours.iter().filter_map(|hours| span(hours, zone, date));
        found.extend(spans.flat_map(|(start, end)| [start, end]));
        day = date.checked_add(1.day()).ok();
    }
    found.retain(|at| from <= *at && *at < to);
    found
}

/// When the hours that hold at `at` end.
fn end_at(hours: &QuietHours, zone: &TimeZone, at: Timestamp) -> Option<Timestamp> {
    let today = at.to_zoned(zone.clone()).date();
    // Those that began yesterday may pass midnight.
    let days = [today.checked_sub(1.day()).ok(), Some(today)];
    let spans = days.into_iter().flatten().filter_map(|date| span(hours, zone, date));
    spans.filter(|(start, end)| *start <= at && at < *end).map(|(_, end)| end).max()
}

/// The hours that begin on a day.
fn span(hours: &QuietHours, zone: &TimeZone, date: Date) -> Option<(Timestamp, Timestamp)> {
    if !hours.days.has(date.weekday()) {
        return None;
    }
    let last = match hours.to > hours.from {
        true => date,
        false => date.checked_add(1.day()).ok()?,
    };
    let start = instant(zone, date.to_datetime(hours.from))?;
    let end = instant(zone, last.to_datetime(hours.to))?;
    (start < end).then_some((start, end))
}

fn instant(zone: &TimeZone, local: DateTime) -> Option<Timestamp> {
    let ambiguous = zone.to_ambiguous_timestamp(local);
    let is_gap = matches!(ambiguous.offset(), AmbiguousOffset::Gap { .. });
    let at = ambiguous.compatible().ok()?;
    if !is_gap {
        return Some(at);
    }
    // It lands behind the skip by as much as `local` lies inside; the skip ends at the latest transition.
    let just_after = at.checked_add(SignedDuration::from_nanos(1)).ok()?;
    zone.preceding(just_after).next().map(|transition| transition.timestamp()).or(Some(at))
}

/// In words, for the timeline: `quiet hours of Alice until 2026-03-03 07:00 JST`.
pub fn words(held: &Held, directory: &Directory, person: &PersonId) -> String {
    let (zone, name) = (directory.zone_of(person), directory.name_of(person.as_str()));
    let until = held.until.to_zoned(zone).strftime("%Y-%m-%d %H:%M %Z");
    let rings = match held.hours.breakthrough {
        Breakthrough::Nothing => "nothing rings then".to_owned(),
        Breakthrough::HighUrgency => "only high urgency rings then".to_owned(),
        Breakthrough::Priority(least) => {
            format!("only {} and higher rings then", least.as_str())
        }
    };
    format!("quiet hours of {name} until {until}: {rings}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::{Weekday, time};

    const LOW: Loudness = Loudness { urgency: Urgency::Low, priority: None };
    const HIGH: Loudness = Loudness { urgency: Urgency::High, priority: None };
    const WEEK: [Weekday; 7] = [
        Weekday::Monday,
        Weekday::Tuesday,
        Weekday::Wednesday,
        Weekday::Thursday,
        Weekday::Friday,
        Weekday::Saturday,
        Weekday::Sunday,
    ];

    fn hours(days: &[Weekday], from: (i8, i8), to: (i8, i8)) -> QuietHours {
        QuietHours {
            days: days.iter().copied().collect(),
            from: time(from.0, from.1, 0, 0),
            to: time(to.0, to.1, 0, 0),
            breakthrough: Breakthrough::HighUrgency,
        }
    }

    fn zone(name: &str) -> TimeZone {
        TimeZone::get(name).expect(name)
    }

    fn until(hours: &[QuietHours], name: &str, page: Loudness, at: &str) -> Option<String> {
        let at = at.parse().expect("an instant");
        held(hours, &zone(name), page, at).map(|held| held.until.to_string())
    }

    #[test]
    fn a_night_passes_midnight_and_ends_where_it_ends() {
        let night = [hours(&WEEK, (22, 0), (7, 0))];
        for (at, end) in [
            ("2026-03-02T12:59:59Z", None),
            ("2026-03-02T13:00:00Z", Some("2026-03-02T22:00:00Z")),
            ("2026-03-02T15:00:00Z", Some("2026-03-02T22:00:00Z")),
            ("2026-03-02T21:59:59Z", Some("2026-03-02T22:00:00Z")),
            ("2026-03-02T22:00:00Z", None),
        ] {
            assert_eq!(until(&night, "Asia/Tokyo", LOW, at).as_deref(), end, "{at}");
        }
        assert_eq!(until(&night, "Asia/Tokyo", HIGH, "2026-03-02T15:00:00Z"), None);
    }

    #[test]
    fn the_day_is_the_one_on_which_the_hours_begin() {
        // Friday 22:00 to Saturday 07:00 in UTC; 2026-03-06 is a Friday.
        let friday = [hours(&[Weekday::Friday], (22, 0), (7, 0))];
        let end = Some("2026-03-07T07:00:00Z".to_owned());
        assert_eq!(until(&friday, "UTC", LOW, "2026-03-07T03:00:00Z"), end);
        assert_eq!(until(&friday, "UTC", LOW, "2026-03-06T03:00:00Z"), None);
        assert_eq!(until(&friday, "UTC", LOW, "2026-03-07T23:00:00Z"), None);
    }

    #[test]
    fn hours_that_follow_on_each_other_hold_to_the_end_of_the_last() {
        let two = [hours(&WEEK, (20, 0), (23, 0)), hours(&WEEK, (22, 0), (6, 0))];
        let end = Some("2026-03-03T06:00:00Z".to_owned());
        assert_eq!(until(&two, "UTC", LOW, "2026-03-02T20:30:00Z"), end);
    }

    #[test]
    fn hours_that_never_end_hold_no_longer_than_the_bound() {
        let always = [hours(&WEEK, (0, 0), (0, 0))];
        let end = Some("2026-03-09T10:00:00Z".to_owned());
        assert_eq!(until(&always, "UTC", LOW, "2026-03-02T10:00:00Z"), end);
    }

    #[test]
    fn what_breaks_through_is_by_urgency_or_by_priority() {
        let p2 = Breakthrough::Priority(Priority::P2);
        let with = |urgency, priority| Loudness { urgency, priority };
        for (breakthrough, page, rings) in [
            (Breakthrough::Nothing, with(Urgency::High, Some(Priority::P1)), false),
            (Breakthrough::HighUrgency, with(Urgency::High, None), true),
            (Breakthrough::HighUrgency, with(Urgency::Low, Some(Priority::P1)), false),
            (p2, with(Urgency::Low, Some(Priority::P1)), true),
            (p2, with(Urgency::Low, Some(Priority::P2)), true),
            (p2, with(Urgency::High, Some(Priority::P3)), false),
            (p2, with(Urgency::High, None), false),
        ] {
            assert_eq!(breakthrough.lets(page), rings, "{breakthrough:?} {page:?}");
        }
    }

    #[test]
    fn skipped_and_repeated_hours_have_a_meaning() {
        // Berlin skips 02:00–03:00 on 2026-03-29 and repeats it on 2026-10-25.
        let early = [hours(&WEEK, (22, 0), (2, 30))];
        let at_the_end_of_the_skip = Some("2026-03-29T01:00:00Z".to_owned());
        assert_eq!(
            until(&early, "Europe/Berlin", LOW, "2026-03-28T23:00:00Z"),
            at_the_end_of_the_skip
        );
        let the_first_time = Some("2026-10-25T00:30:00Z".to_owned());
        assert_eq!(until(&early, "Europe/Berlin", LOW, "2026-10-24T23:00:00Z"), the_first_time);
        // Lord Howe moves by half an hour: 02:00 becomes 02:30 on 2026-10-04.
        let howe = [hours(&WEEK, (22, 0), (2, 15))];
        assert_eq!(
            until(&howe, "Australia/Lord_Howe", LOW, "2026-10-03T14:00:00Z"),
            Some("2026-10-03T15:30:00Z".to_owned())
        );
    }

    #[test]
    fn every_change_of_what_holds_is_at_an_edge() {
        let some = [hours(&WEEK, (22, 0), (7, 0)), hours(&[Weekday::Sunday], (0, 0), (0, 0))];
        let zone = zone("America/St_Johns");
        let from: Timestamp = "2026-03-06T00:00:00Z".parse().expect("an instant");
        let to = from + SignedDuration::from_hours(24 * 5);
        let edges = edges(&some, &zone, from, to);
        let (mut at, mut before) = (from, held(&some, &zone, LOW, from).is_some());
        while at < to {
            let now = held(&some, &zone, LOW, at).is_some();
            assert!(now == before || edges.contains(&at), "{at} is no edge");
            (at, before) = (at + SignedDuration::from_mins(1), now);
        }
        assert!(edges.iter().all(|edge| from <= *edge && *edge < to));
    }
}
