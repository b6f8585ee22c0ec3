//! The look ahead: gaps, uncovered shifts and people who are on call twice at once within 90 days are told to the fallback
//! people, once, and again a day before they begin (I11).
//!
//! Hours that recur every week (a schedule of office hours has its nights open) are told once and not again: a word a day is
//! no warning.

use super::horizon;
use crate::model::{Amiss, Draft, Foreseen, Notice, NoticeKind, PersonId, ScheduleId, Watch};
use crate::schedule::{self, Calendar, Overlap};
use crate::step::duty_words::{name, span_words};
use crate::{escalate, notify};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use std::collections::BTreeSet;

/// Most that is listed in one notice.
const LISTED_MAX: usize = 10;

/// Subjects: nobody has the time, somebody has it twice.
const FORESEEN: (&str, &str) = ("Shifts that nobody has", "Somebody is on call twice at once");
const SOON: (&str, &str) =
    ("Within a day nobody has a shift", "Within a day somebody is on call twice at once");

/// Tells what is amiss and not told yet, or told and about to begin. Answers when something is to be told again.
pub(super) fn tell(
    draft: &mut Draft<'_>,
    calendar: &Calendar<'_>,
    watch: &mut Watch,
) -> Option<Timestamp> {
    let found = amiss(draft, calendar);
    let zone = draft.view.directory.schedules.get(calendar.id());
    let zone = zone.map_or(TimeZone::UTC, |schedule| schedule.time_zone.clone());
    let soon = draft.now.saturating_add(Watch::REMINDER).unwrap_or(draft.now);
    let (mut kept, mut fresh, mut again) = (Vec::new(), Vec::new(), Vec::new());
    for one in &found {
        let regular = is_regular(one, found.iter().chain(&watch.foreseen), &zone);
        let begins_soon = one.starts_at <= soon;
        let known = watch.foreseen.iter().find(|known| covers(known, one));
        if known.is_none() && may_be_regular(draft, one, &found, &zone) {
            continue;
        }
        let mut one = one.clone();
        match known {
            Some(known) => {
                one.told_at = known.told_at;
                one.starts_at = one.starts_at.min(known.starts_at);
                one.reminded = known.reminded || regular;
                if begins_soon && !one.reminded {
                    one.reminded = true;
                    again.push(one.clone());
                }
            }
            None => {
                one.reminded = begins_soon || regular;
                let before = watch.foreseen.iter();
                if !(regular
                    && before
                        .clone()
                        .any(|known| known.amiss == one.amiss && is_week_apart(known, &one, &zone)))
                {
                    fresh.push(one.clone());
                }
            }
        }
        kept.push(one);
    }
    for (news, subjects) in [(fresh, FORESEEN), (again, SOON)] {
        let (twice, nobody): (Vec<_>, Vec<_>) = news.into_iter().partition(is_twice);
        tell_fallback(draft, calendar.id(), subjects.0, &nobody);
        tell_fallback(draft, calendar.id(), subjects.1, &twice);
    }
    watch.foreseen = kept;
    let waiting = watch.foreseen.iter().filter(|one| !one.reminded);
    waiting.filter_map(|one| one.starts_at.checked_sub(Watch::REMINDER).ok()).min()
}

/// What is amiss from now on, earliest first.
fn amiss(draft: &Draft<'_>, calendar: &Calendar<'_>) -> Vec<Foreseen> {
    let (now, to) = (draft.now, horizon(draft));
    let foreseen = |amiss, starts_at, ends_at| Foreseen {
        amiss,
        starts_at,
        // What reaches the horizon goes on behind it, and is not another one tomorrow.
        ends_at: Some(ends_at).filter(|end| *end < to),
        told_at: now,
        reminded: false,
    };
    let gaps = calendar.gaps(now, to).into_iter();
    let mut found: Vec<Foreseen> = gaps.map(|(from, to)| foreseen(Amiss::Gap, from, to)).collect();
    found.extend(calendar.uncovered(now, to).into_iter().map(|uncovered| {
        let shift = uncovered.shift;
        foreseen(Amiss::Uncovered(shift.person), shift.starts_at, shift.ends_at)
    }));
    found.extend(twice(draft, calendar).into_iter().flat_map(|overlap| {
        let Overlap { person, starts_at, ends_at, schedules } = overlap;
        let others = schedules.into_iter().filter(|other| other > calendar.id());
        others.map(move |other| foreseen(Amiss::Twice(person.clone(), other), starts_at, ends_at))
    }));
    found.sort_by(|a, b| (a.starts_at, &a.amiss).cmp(&(b.starts_at, &b.amiss)));
    found.dedup_by(|next, one| covers(one, next));
    found.truncate(Watch::FORESEEN_MAX);
    found
}

/// Who is on call here and on a schedule behind this one: each two are looked at once.
fn twice(draft: &Draft<'_>, calendar: &Calendar<'_>) -> Vec<Overlap> {
    let from_here = draft.view.directory.schedules.range(calendar.id().clone()..);
    let calendars = from_here.filter_map(|(id, _)| schedule::calendar(draft.view, id));
    let calendars: Vec<Calendar<'_>> = calendars.collect();
    let mut found = schedule::overlaps(&calendars, draft.now, horizon(draft));
    found.retain(|overlap| overlap.schedules.contains(calendar.id()));
    found
}

fn is_twice(one: &Foreseen) -> bool {
    matches!(one.amiss, Amiss::Twice(..))
}

/// Whether what was told of one says all of the other.
fn covers(known: &Foreseen, one: &Foreseen) -> bool {
    let ends = match (known.ends_at, one.ends_at) {
        (None, _) => true,
        (Some(_), None) => false,
        (Some(known), Some(one)) => one <= known,
    };
    known.amiss == one.amiss && known.starts_at <= one.starts_at && ends
}

/// Whether the same hours are open in the week before or after.
fn is_regular<'a>(
    one: &Foreseen,
    mut all: impl Iterator<Item = &'a Foreseen>,
    zone: &TimeZone,
) -> bool {
    all.any(|other| other.amiss == one.amiss && is_week_apart(other, one, zone))
}

/// Whether it reaches the horizon and may be the hours of the week before, of which only the beginning is seen yet.
fn may_be_regular(draft: &Draft<'_>, one: &Foreseen, all: &[Foreseen], zone: &TimeZone) -> bool {
    let seen = horizon(draft).duration_since(one.starts_at);
    let is_longer = |other: &Foreseen| {
        other.ends_at.is_some_and(|end| seen <= end.duration_since(other.starts_at))
    };
    one.ends_at.is_none()
        && all.iter().any(|other| {
            other.amiss == one.amiss
                && is_longer(other)
                && is_week_on(other.starts_at, one.starts_at, zone)
        })
}

/// Whether one is the other a week earlier or later, on the wall clock.
fn is_week_apart(a: &Foreseen, b: &Foreseen, zone: &TimeZone) -> bool {
    let (Some(a_end), Some(b_end)) = (a.ends_at, b.ends_at) else { return false };
    let (early, late) = if a.starts_at < b.starts_at {
        ((a.starts_at, a_end), (b.starts_at, b_end))
    } else {
        ((b.starts_at, b_end), (a.starts_at, a_end))
    };
    is_week_on(early.0, late.0, zone) && is_week_on(early.1, late.1, zone)
}

fn is_week_on(from: Timestamp, to: Timestamp, zone: &TimeZone) -> bool {
    let local = zone.to_datetime(from).checked_add(1.week());
    local.is_ok_and(|local| local == zone.to_datetime(to))
}

/// Everybody whom the fallback means now.
fn fallback_people(draft: &Draft<'_>) -> BTreeSet<PersonId> {
    let meant = escalate::people_of(draft.view, &draft.view.directory.fallback, draft.now);
    meant.into_iter().map(|(_, person)| person).collect()
}

fn tell_fallback(draft: &mut Draft<'_>, id: &ScheduleId, subject: &str, all: &[Foreseen]) {
    let Some(first) = all.first() else { return };
    let (what, consequence) = match is_twice(first) {
        true => ("twice", "Whoever is on call twice is paged for both."),
        false => ("ahead", "When nobody is on call, the fallback is paged."),
    };
    for person in fallback_people(draft) {
        let mut lines: Vec<String> =
            all.iter().take(LISTED_MAX).map(|one| line(draft, &person, one)).collect();
        if let Some(more) = all.len().checked_sub(LISTED_MAX).filter(|more| *more > 0) {
            lines.push(format!("- and {more} more: `nightbell schedule gaps {id}`"));
        }
        let text = format!(
            "{}\n\n{consequence} `nightbell schedule override add {id}` gives the time to somebody.",
            lines.join("\n")
        );
        let key = format!("{what}/{id}/{}/{}", first.starts_at, draft.now);
        let subject = format!("{subject} on {id}");
        let notice = Notice { kind: NoticeKind::Gap, subject, text };
        notify::notice(draft, &person, &key, notice);
    }
}

fn line(draft: &Draft<'_>, reader: &PersonId, one: &Foreseen) -> String {
    let directory = draft.view.directory;
    let who = match &one.amiss {
        Amiss::Gap => "nobody is on call".to_owned(),
        Amiss::Uncovered(person) => format!("{} is on call and absent", name(directory, person)),
        Amiss::Twice(person, other) => {
            format!("{} is on call here and on {other}", name(directory, person))
        }
    };
    let end = one.ends_at.unwrap_or_else(|| horizon(draft));
    let span = span_words(directory, reader, Some(one.starts_at), end);
    let open = if one.ends_at.is_none() { ", and on" } else { "" };
    format!("- {who} {span}{open}")
}
