//! A calendar as absences: every event that takes somebody's time, expanded over two years.
//!
//! What cannot be read is named with its line, and the rest is taken. Bounded: by the body's size, by events, by absences.

use super::event::{Aside, Event};
use super::line::{Line, lines};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;

/// How far ahead events are expanded.
const AHEAD: SignedDuration = SignedDuration::from_hours(24 * 731);
/// Most events of one calendar.
const EVENTS_MAX: usize = 10_000;
/// Most absences of one calendar; the core keeps 500 of a person, of all calendars and by hand.
const ABSENCES_MAX: usize = 400;
/// Most unread lines that are told.
const UNREAD_MAX: usize = 50;

/// A time in which somebody is away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Away {
    /// Which event says so.
    pub uid: String,
    /// From.
    pub starts_at: Timestamp,
    /// Until, exclusive.
    pub ends_at: Timestamp,
    /// In the calendar's words, one line; may be empty.
    pub summary: String,
}

/// Something that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread {
    /// Where, from 1.
    pub line: usize,
    /// Why.
    pub why: String,
}

/// What a calendar holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Read {
    /// Earliest first; those that ended before now are left out.
    pub away: Vec<Away>,
    /// What could not be read, in order.
    pub unread: Vec<Unread>,
    /// Unread beyond those listed.
    pub unread_more: usize,
    /// Events that were called off.
    pub cancelled: usize,
    /// Events that take no time.
    pub transparent: usize,
}

impl Read {
    fn miss(&mut self, line: usize, why: impl Into<String>) {
        if self.unread.len() < UNREAD_MAX {
            self.unread.push(Unread { line, why: why.into() });
        } else {
            self.unread_more += 1;
        }
    }
}

/// Reads a calendar for a person who lives in `home`.
///
/// # Errors
/// When it is no calendar at all.
pub fn read(text: &str, now: Timestamp, home: &TimeZone) -> Result<Read, String> {
    let mut read = Read::default();
    let events = events(text, home, &mut read)?;
    let to = now.saturating_add(AHEAD).unwrap_or(Timestamp::MAX);
    let mut replaced: BTreeMap<&str, Vec<Timestamp>> = BTreeMap::new();
    for event in &events {
        if let Some(at) = event.replaces.as_ref().and_then(|when| when.instant(home)) {
            replaced.entry(&event.uid).or_default().push(at);
        }
    }
    for event in &events {
        match event.aside {
            Some(Aside::Cancelled) => read.cancelled += 1,
            Some(Aside::Transparent) => read.transparent += 1,
            None => {
                let own = match event.replaces {
                    Some(_) => &[][..],
                    None => replaced.get(event.uid.as_str()).map_or(&[][..], Vec::as_slice),
                };
                let spans = event.occurrences(now, to, own, home).into_iter();
                read.away.extend(spans.map(|(starts_at, ends_at)| Away {
                    uid: event.uid.clone(),
                    starts_at,
                    ends_at,
                    summary: event.summary.clone(),
                }));
            }
        }
    }
    read.away.sort_by(|a, b| (a.starts_at, &a.uid).cmp(&(b.starts_at, &b.uid)));
    if let Some(first) = read.away.get(ABSENCES_MAX) {
        let why = format!(
            "expected at most {ABSENCES_MAX} absences; {} from {} on are left out",
            read.away.len() - ABSENCES_MAX,
            first.starts_at
        );
        read.away.truncate(ABSENCES_MAX);
        read.miss(0, why);
    }
    Ok(read)
}

/// All events, those that cannot be read told and left out.
fn events(text: &str, home: &TimeZone, read: &mut Read) -> Result<Vec<Event>, String> {
    let no_calendar = "expected a calendar that begins with `BEGIN:VCALENDAR`";
    let mut lines = lines(text).peekable();
    match lines.next() {
        Some(Ok(line)) if line.name == "BEGIN" && line.is("VCALENDAR") => {}
        _ => return Err(no_calendar.to_owned()),
    }
    let mut events = Vec::new();
    let mut open: Option<(usize, Vec<Line>)> = None;
    // Alarms and the like inside an event have times of their own.
    let mut depth = 0_usize;
    for line in lines {
        let line = match line {
            Ok(line) => line,
            Err(number) => {
                read.miss(number, "expected `NAME:value`");
                continue;
            }
        };
        match line.name.as_str() {
            "BEGIN" if open.is_none() && line.is("VEVENT") => {
                open = Some((line.number, Vec::new()))
            }
            "BEGIN" if open.is_some() => depth += 1,
            "END" if depth > 0 => depth -= 1,
            "END" if line.is("VEVENT") => {
                let Some((begins, own)) = open.take() else { continue };
                if events.len() == EVENTS_MAX {
                    read.miss(
                        begins,
                        format!("expected at most {EVENTS_MAX} events; the rest is left out"),
                    );
                    return Ok(events);
                }
                match Event::of(begins, &own, home) {
                    Ok(event) => events.push(event),
                    Err((line, why)) => read.miss(line, why),
                }
            }
            _ => {
                if let Some((_, own)) = open.as_mut().filter(|_| depth == 0) {
                    own.push(line);
                }
            }
        }
    }
    if let Some((begins, _)) = open {
        read.miss(begins, "an event that does not end: the calendar is cut");
    }
    Ok(events)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        "2026-03-02T12:00:00Z".parse().expect("a time")
    }

    fn berlin() -> TimeZone {
        TimeZone::get("Europe/Berlin").expect("a zone")
    }

    fn calendar(events: &[&str]) -> String {
        let events: Vec<String> =
            events.iter().map(|event| format!("BEGIN:VEVENT\n{event}\nEND:VEVENT\n")).collect();
        format!("BEGIN:VCALENDAR\nVERSION:2.0\n{}END:VCALENDAR\n", events.concat())
    }

    fn away(events: &[&str]) -> Vec<String> {
        let read = read(&calendar(events), now(), &berlin()).expect("a calendar");
        assert_eq!(read.unread, [], "{events:?}");
        let span = |away: &Away| format!("{} {} {}", away.starts_at, away.ends_at, away.summary);
        read.away.iter().map(span).collect()
    }

    #[test]
    fn a_day_off_is_a_day_where_the_person_lives() {
        let got = away(&[
            "UID:1\nSUMMARY:Leave\\, at last\nDTSTART;VALUE=DATE:20260328\nDTEND;VALUE=DATE:20260330",
        ]);
        // Two days, of which the second is an hour short.
        assert_eq!(got, ["2026-03-27T23:00:00Z 2026-03-29T22:00:00Z Leave, at last"]);
        let got = away(&["UID:1\nDTSTART;VALUE=DATE:20260401"]);
        assert_eq!(got, ["2026-03-31T22:00:00Z 2026-04-01T22:00:00Z "], "one day without an end");
    }

    #[test]
    fn a_rule_is_expanded_without_its_exceptions_and_with_its_moves() {
        let weekly = "UID:w\nSUMMARY:Kids\nDTSTART;TZID=Europe/Berlin:20260304T150000\nDURATION:PT2H\nRRULE:FREQ=WEEKLY;COUNT=5\nEXDATE;TZID=Europe/Berlin:20260311T150000";
        let moved = "UID:w\nSUMMARY:Kids, later\nRECURRENCE-ID;TZID=Europe/Berlin:20260318T150000\nDTSTART;TZID=Europe/Berlin:20260318T180000\nDURATION:PT2H";
        let off = "UID:w\nSTATUS:CANCELLED\nRECURRENCE-ID;TZID=Europe/Berlin:20260325T150000\nDTSTART;TZID=Europe/Berlin:20260325T150000";
        assert_eq!(
            away(&[weekly, moved, off]),
            [
                "2026-03-04T14:00:00Z 2026-03-04T16:00:00Z Kids",
                "2026-03-18T17:00:00Z 2026-03-18T19:00:00Z Kids, later",
                "2026-04-01T13:00:00Z 2026-04-01T15:00:00Z Kids",
            ]
        );
    }

    #[test]
    fn what_takes_no_time_is_left_out_and_counted() {
        let text = calendar(&[
            "UID:1\nSTATUS:cancelled\nDTSTART:20260401T090000Z\nDTEND:20260401T100000Z",
            "UID:2\nTRANSP:TRANSPARENT\nDTSTART:20260401T090000Z\nDTEND:20260401T100000Z",
            "UID:3\nX-MICROSOFT-CDO-BUSYSTATUS:FREE\nDTSTART:20260401T090000Z\nDTEND:20260401T100000Z",
            "UID:4\nDTSTART:20260401T090000Z",
            "UID:5\nDTSTART:20250401T090000Z\nDTEND:20250401T100000Z",
        ]);
        let read = read(&text, now(), &berlin()).expect("a calendar");
        assert_eq!((read.away.len(), read.cancelled, read.transparent), (0, 1, 2));
        assert_eq!(read.unread, []);
    }

    #[test]
    fn what_cannot_be_read_is_named_by_its_line_and_the_rest_is_taken() {
        let text = calendar(&[
            "UID:1\nDTSTART:yesterday",
            "UID:2\nDTSTART:20260401T090000Z\nDTEND:20260401T100000Z\nRRULE:FREQ=SECONDLY",
            "UID:3\nSUMMARY:x\nthis is no line\nDTSTART;TZID=Mars/Olympus:20260401T090000",
            "UID:4",
            "UID:5\nDTSTART:20260401T090000Z\nDTEND:20260401T080000Z",
            "UID:6\nDTSTART:20260401T090000Z\nDTEND:20260401T100000Z\nBEGIN:VALARM\nDTSTART:nonsense\nEND:VALARM",
        ]);
        let text = format!("{text}BEGIN:VEVENT\nDTSTART:20260401T090000Z\n");
        let read = read(&text, now(), &berlin()).expect("a calendar");
        assert_eq!(read.away.len(), 1, "{read:?}");
        let told: Vec<_> = read
            .unread
            .iter()
            .map(|unread| (unread.line, &unread.why[..20.min(unread.why.len())]))
            .collect();
        assert_eq!(
            told,
            [
                (5, "expected a day such "),
                (11, "the part `FREQ=SECON"),
                (16, "expected `NAME:value"),
                (17, "expected a time zone"),
                (19, "an event without DTS"),
                (25, "expected an end that"),
                (36, "an event that does n"),
            ]
        );
    }

    #[test]
    fn a_web_page_is_no_calendar_and_a_flood_is_cut() {
        for text in ["", "<html></html>", "BEGIN:VCARD\nEND:VCARD"] {
            assert!(read(text, now(), &berlin()).is_err(), "{text}");
        }
        let daily = "DTSTART:20260301T090000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY";
        let read = read(&calendar(&[daily, daily, daily]), now(), &berlin()).expect("a calendar");
        assert_eq!((read.away.len(), read.unread.len()), (ABSENCES_MAX, 1));
        assert!(read.unread[0].why.contains("are left out"), "{:?}", read.unread);
    }
}
