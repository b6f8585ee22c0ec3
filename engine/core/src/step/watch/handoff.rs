//! Hand-offs: who took over, who was relieved, and whose shift begins before long.

use crate::model::{Draft, HandoffWish, Notice, NoticeKind, PersonId, Shift, Watch};
use crate::notify;
use crate::schedule::Calendar;
use crate::step::duty_words::Reader;
use jiff::{SignedDuration, Timestamp};

/// Announcements are looked for so far ahead: the longest wish, and the longest time until the next look.
const WITHIN: SignedDuration = SignedDuration::from_hours(24 * 8);

/// A schedule that nobody has watched yet: whoever is on call now has known it for long.
pub(super) fn first_look(draft: &Draft<'_>, calendar: &Calendar<'_>) -> Watch {
    Watch {
        schedule: calendar.id().clone(),
        on_call: calendar.on_call(draft.now).map(|shift| shift.person),
        announced: Vec::new(),
        foreseen: Vec::new(),
    }
}

/// Tells of the hand-off since the last look, and of shifts that begin before long. Answers when there is something to
/// tell again.
pub(super) fn tell(
    draft: &mut Draft<'_>,
    calendar: &Calendar<'_>,
    watch: &mut Watch,
) -> Option<Timestamp> {
    let now = draft.now;
    let shift = calendar.on_call(now);
    let person = shift.as_ref().map(|shift| shift.person.clone());
    if watch.on_call != person {
        if let Some(before) = &watch.on_call {
            relieved(draft, watch, before, person.as_ref());
        }
        if let Some(shift) = &shift {
            begins(draft, calendar, shift);
        }
        watch.on_call = person;
    }
    let announcement = announce(draft, calendar, watch);
    let change = match &shift {
        Some(shift) => Some(shift.ends_at),
        None => calendar.next_after(now).map(|shift| shift.starts_at),
    };
    [announcement, change].into_iter().flatten().min()
}

fn wish(draft: &Draft<'_>, person: &PersonId) -> HandoffWish {
    draft.view.state.watches().wish(person)
}

/// Until when somebody is on call without a break, whatever their shifts come from.
fn run_end(calendar: &Calendar<'_>, shift: &Shift) -> Timestamp {
    let to = shift.ends_at.saturating_add(Watch::AHEAD).unwrap_or(shift.ends_at);
    let mut end = shift.ends_at;
    for next in calendar.shifts(shift.ends_at, to) {
        if next.person != shift.person || next.starts_at != end {
            break;
        }
        end = next.ends_at;
    }
    end
}

fn begins(draft: &mut Draft<'_>, calendar: &Calendar<'_>, shift: &Shift) {
    if !wish(draft, &shift.person).at_start {
        return;
    }
    let (person, schedule) = (&shift.person, calendar.id());
    let end = run_end(calendar, shift);
    let next = calendar.next_after(end).map(|next| next.person);
    let notice = handoff(Reader::of(draft, person).begins(schedule, end, next.as_ref()));
    // Two hand-offs to one person at one second are one.
    let key = format!("handoff/{schedule}/start/{}", draft.now.as_second());
    notify::notice(draft, person, &key, notice);
}

fn relieved(draft: &mut Draft<'_>, watch: &Watch, person: &PersonId, by: Option<&PersonId>) {
    if !wish(draft, person).at_end || !draft.view.directory.people.contains_key(person) {
        return;
    }
    let schedule = &watch.schedule;
    let notice = handoff(Reader::of(draft, person).relieved(schedule, by));
    let key = format!("handoff/{schedule}/end/{}", draft.now.as_second());
    notify::notice(draft, person, &key, notice);
}

/// Announces shifts to those who wish it so long before. Answers when the next one is to be announced.
fn announce(
    draft: &mut Draft<'_>,
    calendar: &Calendar<'_>,
    watch: &mut Watch,
) -> Option<Timestamp> {
    let now = draft.now;
    watch.announced.retain(|(_, starts_at)| *starts_at > now);
    if !draft.view.state.watches().wishes().any(|wish| wish.before.is_some()) {
        return None;
    }
    let to = now.saturating_add(WITHIN).unwrap_or(now);
    let mut next: Option<Timestamp> = None;
    for shift in to_come(calendar.shifts(now, to), now) {
        let Some(before) = wish(draft, &shift.person).before else { continue };
        let at = shift.starts_at.saturating_sub(before).unwrap_or(now);
        let key = (shift.person.clone(), shift.starts_at);
        if at > now {
            next = Some(next.map_or(at, |next| next.min(at)));
        } else if !watch.announced.contains(&key) {
            soon(draft, calendar, &shift);
            watch.announced.push(key);
        }
    }
    next
}

/// The first shift of each run of one person that begins after `now`.
fn to_come(shifts: Vec<Shift>, now: Timestamp) -> Vec<Shift> {
    let mut before: Option<(PersonId, Timestamp)> = None;
    let mut first = Vec::new();
    for shift in shifts {
        let goes_on = before
            .as_ref()
            .is_some_and(|(person, end)| *person == shift.person && *end == shift.starts_at);
        before = Some((shift.person.clone(), shift.ends_at));
        if !goes_on && shift.starts_at > now {
            first.push(shift);
        }
    }
    first
}

fn soon(draft: &mut Draft<'_>, calendar: &Calendar<'_>, shift: &Shift) {
    let (person, schedule) = (&shift.person, calendar.id());
    let end = run_end(calendar, shift);
    let notice = handoff(Reader::of(draft, person).soon(schedule, shift.starts_at, end));
    let key = format!("handoff/{schedule}/soon/{}", shift.starts_at);
    notify::notice(draft, person, &key, notice);
}

fn handoff((subject, text): (String, String)) -> Notice {
    Notice { kind: NoticeKind::Handoff, subject, text }
}
