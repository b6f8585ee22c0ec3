//! One `VEVENT`: its lines gathered, and what they mean.

use super::line::Line;
use super::rule::Rule;
use super::when::{Length, When};
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// Why an event is no absence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Aside {
    /// It was called off.
    Cancelled,
    /// It takes no time.
    Transparent,
}

/// An event, read but not expanded.
#[derive(Clone, Debug)]
pub(super) struct Event {
    /// Its name among events; made of its line when it has none.
    pub(super) uid: String,
    /// What it says of itself, on one line.
    pub(super) summary: String,
    /// Which occurrence of another event of the same uid it replaces.
    pub(super) replaces: Option<When>,
    pub(super) aside: Option<Aside>,
    start: When,
    length: Length,
    rule: Option<Rule>,
    more: Vec<When>,
    except: Vec<When>,
}

/// Longest summary that is kept, in characters.
const SUMMARY_MAX: usize = 200;

impl Event {
    /// Makes an event of the lines between its `BEGIN` and its `END`.
    ///
    /// # Errors
    /// The line that cannot be read, and why.
    pub(super) fn of(
        begins: usize,
        lines: &[Line],
        home: &TimeZone,
    ) -> Result<Self, (usize, String)> {
        let find = |name: &str| lines.iter().find(|line| line.name == name);
        let when = |line: &Line| When::read(line, &line.value).map_err(|why| (line.number, why));
        let start = find("DTSTART").ok_or((begins, "an event without DTSTART".to_owned()))?;
        let start = when(start)?;
        let length = match (find("DTEND"), find("DURATION")) {
            (Some(line), _) => {
                Length::between(&start, &when(line)?, home).map_err(|why| (line.number, why))?
            }
            (None, Some(line)) => Length::read(&line.value).map_err(|why| (line.number, why))?,
            (None, None) => Length::of_nothing(&start),
        };
        let rules: Vec<&Line> = lines.iter().filter(|line| line.name == "RRULE").collect();
        if let [_, second, ..] = rules[..] {
            return Err((second.number, "an event with two rules".to_owned()));
        }
        let rule = rules
            .first()
            .map(|line| Rule::read(&line.value, home).map_err(|why| (line.number, why)));
        let uid =
            find("UID").map(|line| line.value.trim().to_owned()).filter(|uid| !uid.is_empty());
        let summary = find("SUMMARY").map(Line::text).unwrap_or_default();
        Ok(Self {
            uid: uid.unwrap_or_else(|| format!("line {begins}")),
            summary: summary
                .split_whitespace()
                .collect::<Vec<_>>()
                .join(" ")
                .chars()
                .filter(|c| !c.is_control())
                .take(SUMMARY_MAX)
                .collect(),
            replaces: find("RECURRENCE-ID").map(when).transpose()?,
            aside: aside(lines),
            length,
            rule: rule.transpose()?,
            more: list(lines, "RDATE")?,
            except: list(lines, "EXDATE")?,
            start,
        })
    }

    /// Its occurrences that end after `from` and begin before `to`, earliest first: start and end. Those that begin when
    /// `replaced` says are left out.
    pub(super) fn occurrences(
        &self,
        from: Timestamp,
        to: Timestamp,
        replaced: &[Timestamp],
        home: &TimeZone,
    ) -> Vec<(Timestamp, Timestamp)> {
        let last = to.to_zoned(home.clone()).date().saturating_add(jiff::Span::new().days(1));
        let dates = match &self.rule {
            Some(rule) => rule.dates(&self.start, last, home),
            None => vec![self.start.date()],
        };
        let starts = dates.into_iter().map(|date| self.start.on(date));
        let starts = starts.chain(self.more.iter().cloned());
        let mut found: Vec<(Timestamp, Timestamp)> = starts
            .filter(|start| !self.is_excepted(start, home))
            .filter_map(|start| Some((start.instant(home)?, start.after(self.length, home)?)))
            .filter(|(start, end)| start < end && from < *end && *start < to)
            .filter(|(start, _)| !replaced.contains(start))
            .collect();
        found.sort_unstable();
        found.dedup();
        found
    }

    fn is_excepted(&self, start: &When, home: &TimeZone) -> bool {
        let same = |except: &When| match except {
            // A day takes out whatever begins on it.
            When::Day(day) => start.date() == *day,
            When::Time(..) => except.instant(home) == start.instant(home),
        };
        self.except.iter().any(same)
    }
}

fn aside(lines: &[Line]) -> Option<Aside> {
    let says = |name: &str, word: &str| lines.iter().any(|line| line.name == name && line.is(word));
    if says("STATUS", "CANCELLED") {
        return Some(Aside::Cancelled);
    }
    let free = says("TRANSP", "TRANSPARENT") || says("X-MICROSOFT-CDO-BUSYSTATUS", "FREE");
    free.then_some(Aside::Transparent)
}

/// All times of a property that may be there several times, with several values each.
fn list(lines: &[Line], name: &str) -> Result<Vec<When>, (usize, String)> {
    let mut all = Vec::new();
    for line in lines.iter().filter(|line| line.name == name) {
        for value in line.value.split(',') {
            all.push(When::read(line, value).map_err(|why| (line.number, why))?);
        }
    }
    Ok(all)
}
