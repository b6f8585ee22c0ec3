//! A feed of duty as a calendar that other programs subscribe to.

use jiff::Timestamp;
use std::fmt::Write as _;

/// Longest line, in bytes, without its end.
const LINE_MAX_BYTES: usize = 75;

/// One shift.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The same for the same shift, for ever.
    pub uid: String,
    /// From.
    pub starts_at: Timestamp,
    /// Until, exclusive.
    pub ends_at: Timestamp,
    /// One line.
    pub summary: String,
    /// May have several lines.
    pub description: String,
}

/// A calendar of shifts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Feed {
    /// As shown in the reader's list of calendars.
    pub name: String,
    /// When what it says was found out: part of every entry.
    pub stamp: Timestamp,
    /// Earliest first.
    pub entries: Vec<Entry>,
}

/// Writes a feed. The same feed is the same text.
pub fn write(feed: &Feed) -> String {
    let mut text = String::new();
    let mut line = |name: &str, value: &str| fold(&mut text, &format!("{name}:{value}"));
    line("BEGIN", "VCALENDAR");
    line("VERSION", "2.0");
    line("PRODID", "-//Nightbell//On call//EN");
    line("CALSCALE", "GREGORIAN");
    line("METHOD", "PUBLISH");
    line("NAME", &escaped(&feed.name));
    line("X-WR-CALNAME", &escaped(&feed.name));
    line("REFRESH-INTERVAL;VALUE=DURATION", "PT1H");
    line("X-PUBLISHED-TTL", "PT1H");
    for entry in &feed.entries {
        line("BEGIN", "VEVENT");
        line("UID", &escaped(&entry.uid));
        line("DTSTAMP", &utc(feed.stamp));
        line("DTSTART", &utc(entry.starts_at));
        line("DTEND", &utc(entry.ends_at));
        line("SUMMARY", &escaped(&entry.summary));
        if !entry.description.is_empty() {
            line("DESCRIPTION", &escaped(&entry.description));
        }
        // Being on call is no meeting: the day stays free for others to plan.
        line("TRANSP", "TRANSPARENT");
        line("END", "VEVENT");
    }
    line("END", "VCALENDAR");
    text
}

fn utc(at: Timestamp) -> String {
    at.strftime("%Y%m%dT%H%M%SZ").to_string()
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '\\' | ';' | ',' => escaped.extend(['\\', letter]),
            '\n' => escaped.push_str("\\n"),
            _ if letter.is_control() => {}
            _ => escaped.push(letter),
        }
    }
    escaped
}

/// Adds a line, folded where it is too long, never inside a letter.
fn fold(text: &mut String, line: &str) {
    let mut room = LINE_MAX_BYTES;
    for letter in line.chars() {
        if letter.len_utf8() > room {
            text.push_str("\r\n ");
            room = LINE_MAX_BYTES - 1;
        }
        let _ = text.write_char(letter);
        room -= letter.len_utf8();
    }
    text.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn feed(summary: &str) -> Feed {
        let at = |text: &str| text.parse().expect("a time");
        let entry = Entry {
            uid: "u@nightbell".to_owned(),
            starts_at: at("2026-03-02T09:00:00Z"),
            ends_at: at("2026-03-03T09:00:00Z"),
            summary: summary.to_owned(),
            description: "one\ntwo".to_owned(),
        };
        Feed { name: "On call".to_owned(), stamp: at("2026-03-02T00:00:00Z"), entries: vec![entry] }
    }

    #[test]
    fn a_feed_has_the_lines_that_calendars_need() {
        let text = write(&feed("Alice: a, b; c\\d"));
        for line in [
            "BEGIN:VCALENDAR",
            "VERSION:2.0",
            "UID:u@nightbell",
            "DTSTART:20260302T090000Z",
            "DTEND:20260303T090000Z",
            "DTSTAMP:20260302T000000Z",
            "SUMMARY:Alice: a\\, b\\; c\\\\d",
            "DESCRIPTION:one\\ntwo",
            "END:VCALENDAR",
        ] {
            assert!(text.contains(&format!("{line}\r\n")), "{line} in\n{text}");
        }
    }

    #[test]
    fn long_lines_are_folded_between_letters_and_read_back() {
        let summary = "当番 ".repeat(40) + "x";
        let text = write(&feed(&summary));
        assert!(text.split("\r\n").all(|line| line.len() <= LINE_MAX_BYTES), "{text}");
        let read = super::super::line::lines(&text).filter_map(Result::ok);
        let found = read.into_iter().find(|line| line.name == "SUMMARY").expect("there");
        assert_eq!(found.text(), summary);
    }

    #[test]
    fn a_name_cannot_add_lines() {
        let text = write(&feed("a\r\nEND:VCALENDAR"));
        assert_eq!(text.matches("\r\nEND:VCALENDAR\r\n").count(), 1, "{text}");
    }
}
