//! What people decide about schedules: overrides, temporary schedules, absences.
//!
//! What was is never rewritten: whatever is put holds from the moment it is put, and what has begun is ended and not taken
//! away. What has ended is kept until there is too much of it; then the oldest goes.

use super::action::not_found;
use crate::model::{
    Absence, AbsenceId, Action, Change, Draft, Override, OverrideId, PersonId, Refusal, ScheduleId,
    Temporary, TemporaryId,
};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Overrides of one schedule, and temporary schedules of one schedule.
const EXCEPTIONS_MAX: usize = 1_000;
/// Shifts of one temporary schedule.
const FIXED_SHIFTS_MAX: usize = 400;
/// Absences of one person.
const ABSENCES_MAX: usize = 500;
/// Bytes of a name or a summary.
const TEXT_MAX_BYTES: usize = 500;

/// Decides one of these actions; others are none of its business and change nothing.
pub(super) fn decide(draft: &mut Draft<'_>, action: &Action) -> Result<(), Refusal> {
    match action {
        Action::PutOverride(over) => put_override(draft, over),
        Action::RemoveOverride(id) => remove_override(draft, id),
        Action::PutTemporary(temporary) => put_temporary(draft, temporary),
        Action::RemoveTemporary(id) => remove_temporary(draft, id),
        Action::PutAbsence(absence) => put_absence(draft, absence),
        Action::RemoveAbsence(id) => remove_absence(draft, id),
        Action::ReplaceAbsences { person, source, absences } => {
            replace_absences(draft, person, source, absences)
        }
        _ => Ok(()),
    }
}

fn invalid<T>(message: String) -> Result<T, Refusal> {
    Err(Refusal::Invalid(message))
}

fn known_schedule(draft: &Draft<'_>, id: &ScheduleId) -> Result<(), Refusal> {
    match draft.view.directory.schedules.contains_key(id) {
        true => Ok(()),
        false => Err(Refusal::NoSchedule(id.to_string())),
    }
}

fn known_person(draft: &Draft<'_>, id: &PersonId) -> Result<(), Refusal> {
    match draft.view.directory.people.contains_key(id) {
        true => Ok(()),
        false => Err(Refusal::NoPerson(id.to_string())),
    }
}

fn future_span(draft: &Draft<'_>, starts_at: Timestamp, ends_at: Timestamp) -> Result<(), Refusal> {
    if ends_at <= starts_at || ends_at <= draft.now {
        return invalid(format!(
            "expected an end after the start and in the future, got {starts_at} to {ends_at}"
        ));
    }
    Ok(())
}

/// Later than all of `made`, so that what is put last wins also within one batch.
fn stamp(now: Timestamp, made: impl Iterator<Item = Timestamp>) -> Timestamp {
    let next = |at: Timestamp| at.saturating_add(SignedDuration::from_nanos(1)).unwrap_or(at);
    made.max().map_or(now, |last| next(last).max(now))
}

/// The oldest that have ended and must go so that one more has room. `ends` is sorted.
fn excess(what: &str, max: usize, ends: &[Timestamp], now: Timestamp) -> Result<usize, Refusal> {
    let excess = (ends.len() + 1).saturating_sub(max);
    let ended = ends.partition_point(|end| *end <= now);
    match excess <= ended {
        true => Ok(excess),
        false => invalid(format!("expected at most {max} {what}; take some away first")),
    }
}

pub(super) fn put_override(draft: &mut Draft<'_>, over: &Override) -> Result<(), Refusal> {
    known_schedule(draft, &over.schedule)?;
    known_person(draft, &over.person)?;
    future_span(draft, over.starts_at, over.ends_at)?;
    let duty = draft.view.state.duty();
    if let Some(known) = duty.schedule_override(&over.id) {
        return Err(Refusal::Exists { what: "override", id: known.id.to_string() });
    }
    let own = duty.of(&over.schedule).map_or(&[][..], |facts| facts.overrides());
    let ends: Vec<_> = own.iter().map(|one| one.ends_at).collect();
    let excess = excess("overrides of one schedule", EXCEPTIONS_MAX, &ends, draft.now)?;
    let created_at = stamp(draft.now, own.iter().map(|one| one.created_at));
    for one in &own[..excess] {
        draft.change(Change::RemoveOverride(one.id.clone()));
    }
    draft.change(Change::Override(Arc::new(Override { created_at, ..over.clone() })));
    Ok(())
}

fn remove_override(draft: &mut Draft<'_>, id: &OverrideId) -> Result<(), Refusal> {
    let known = draft.view.state.duty().schedule_override(id);
    let over = known.ok_or_else(|| not_found("override", id))?;
    let change = match end(draft.now, over.starts_at.max(over.created_at), over.ends_at) {
        End::TakeAway => Change::RemoveOverride(id.clone()),
        End::Keep => return Ok(()),
        End::Now(ends_at) => Change::Override(Arc::new(Override { ends_at, ..(**over).clone() })),
    };
    draft.change(change);
    Ok(())
}

/// How something ends that somebody takes away.
enum End {
    /// It has not begun.
    TakeAway,
    /// It is over.
    Keep,
    /// It has begun.
    Now(Timestamp),
}

fn end(now: Timestamp, starts_at: Timestamp, ends_at: Timestamp) -> End {
    if now <= starts_at {
        End::TakeAway
    } else if ends_at <= now {
        End::Keep
    } else {
        End::Now(now)
    }
}

fn put_temporary(draft: &mut Draft<'_>, temporary: &Temporary) -> Result<(), Refusal> {
    known_schedule(draft, &temporary.schedule)?;
    future_span(draft, temporary.starts_at, temporary.ends_at)?;
    if temporary.shifts.len() > FIXED_SHIFTS_MAX {
        let got = temporary.shifts.len();
        return invalid(format!("expected at most {FIXED_SHIFTS_MAX} shifts, got {got}"));
    }
    if temporary.name.len() > TEXT_MAX_BYTES {
        return invalid(format!("expected a name of at most {TEXT_MAX_BYTES} bytes"));
    }
    let mut free_from = temporary.starts_at;
    for shift in &temporary.shifts {
        known_person(draft, &shift.person)?;
        if shift.starts_at < free_from
            || shift.ends_at <= shift.starts_at
            || temporary.ends_at < shift.ends_at
        {
            return invalid(format!(
                "expected shifts one after the other between {} and {}, got {} to {}",
                temporary.starts_at, temporary.ends_at, shift.starts_at, shift.ends_at
            ));
        }
        free_from = shift.ends_at;
    }
    let duty = draft.view.state.duty();
    if let Some(known) = duty.temporary(&temporary.id) {
        return Err(Refusal::Exists { what: "temporary schedule", id: known.id.to_string() });
    }
    let own = duty.of(&temporary.schedule).map_or(&[][..], |facts| facts.temporaries());
    let ends: Vec<_> = own.iter().map(|one| one.ends_at).collect();
    let excess = excess("temporary schedules of one schedule", EXCEPTIONS_MAX, &ends, draft.now)?;
    let created_at = stamp(draft.now, own.iter().map(|one| one.created_at));
    for one in &own[..excess] {
        draft.change(Change::RemoveTemporary(one.id.clone()));
    }
    draft.change(Change::Temporary(Arc::new(Temporary { created_at, ..temporary.clone() })));
    Ok(())
}

fn remove_temporary(draft: &mut Draft<'_>, id: &TemporaryId) -> Result<(), Refusal> {
    let known = draft.view.state.duty().temporary(id);
    let one = known.ok_or_else(|| not_found("temporary schedule", id))?;
    let change = match end(draft.now, one.starts_at.max(one.created_at), one.ends_at) {
        End::TakeAway => Change::RemoveTemporary(id.clone()),
        End::Keep => return Ok(()),
        End::Now(ends_at) => {
            let mut ended = Temporary { ends_at, ..(**one).clone() };
            ended.shifts.retain(|shift| shift.starts_at < ends_at);
            for shift in &mut ended.shifts {
                shift.ends_at = shift.ends_at.min(ends_at);
            }
            Change::Temporary(Arc::new(ended))
        }
    };
    draft.change(change);
    Ok(())
}

fn put_absence(draft: &mut Draft<'_>, absence: &Absence) -> Result<(), Refusal> {
    known_person(draft, &absence.person)?;
    future_span(draft, absence.starts_at, absence.ends_at)?;
    check_texts(absence)?;
    let duty = draft.view.state.duty();
    if let Some(known) = duty.absence(&absence.id) {
        return Err(Refusal::Exists { what: "absence", id: known.id.to_string() });
    }
    let own = duty.absences_of(&absence.person);
    let ends: Vec<_> = own.iter().map(|one| one.ends_at).collect();
    let excess = excess("absences of one person", ABSENCES_MAX, &ends, draft.now)?;
    for one in &own[..excess] {
        draft.change(Change::RemoveAbsence(one.id.clone()));
    }
    let created_at = draft.now;
    draft.change(Change::Absence(Arc::new(Absence { created_at, ..absence.clone() })));
    Ok(())
}

fn check_texts(absence: &Absence) -> Result<(), Refusal> {
    if absence.source.is_empty() || absence.source.len() > TEXT_MAX_BYTES {
        return invalid(format!("expected a source of 1 to {TEXT_MAX_BYTES} bytes"));
    }
    if absence.summary.len() > TEXT_MAX_BYTES {
        return invalid(format!("expected a summary of at most {TEXT_MAX_BYTES} bytes"));
    }
    Ok(())
}

fn remove_absence(draft: &mut Draft<'_>, id: &AbsenceId) -> Result<(), Refusal> {
    let known = draft.view.state.duty().absence(id);
    let absence = known.ok_or_else(|| not_found("absence", id))?.clone();
    end_absence(draft, &absence);
    Ok(())
}

fn end_absence(draft: &mut Draft<'_>, absence: &Absence) {
    match end(draft.now, absence.starts_at.max(absence.created_at), absence.ends_at) {
        End::TakeAway => draft.change(Change::RemoveAbsence(absence.id.clone())),
        End::Keep => {}
        End::Now(ends_at) => {
            let ended = Absence { ends_at, ..absence.clone() };
            draft.change(Change::Absence(Arc::new(ended)));
        }
    }
}

/// What is the same stays, what is gone ends, what is new or different holds from now on; the part of it that was
/// is kept under another id.
fn replace_absences(
    draft: &mut Draft<'_>,
    person: &PersonId,
    source: &str,
    absences: &[Absence],
) -> Result<(), Refusal> {
    known_person(draft, person)?;
    let now = draft.now;
    let mut wanted = BTreeMap::new();
    for absence in absences.iter().filter(|absence| now < absence.ends_at) {
        check_texts(absence)?;
        if absence.person != *person || absence.source != source {
            return invalid(format!("expected absences of {person} from {source} alone"));
        }
        if absence.ends_at <= absence.starts_at {
            return invalid(format!(
                "expected an end after the start, got {} to {}",
                absence.starts_at, absence.ends_at
            ));
        }
        wanted.insert(&absence.id, absence);
    }
    let duty = draft.view.state.duty().clone();
    let known = duty.absences_of(person);
    let others = known.iter().filter(|one| one.source != source && now < one.ends_at).count();
    if others + wanted.len() > ABSENCES_MAX {
        let got = others + wanted.len();
        return invalid(format!("expected at most {ABSENCES_MAX} absences of {person}, got {got}"));
    }
    let is_taken = |id: &&AbsenceId| {
        duty.absence(id).is_some_and(|one| one.person != *person || one.source != source)
    };
    if let Some(id) = wanted.keys().copied().find(is_taken) {
        return Err(Refusal::Exists { what: "absence", id: id.to_string() });
    }
    for one in known.iter().filter(|one| one.source == source) {
        match wanted.get(&one.id) {
            Some(same) if is_same(one, same) => drop(wanted.remove(&one.id)),
            Some(_) => keep_past(draft, one),
            None => end_absence(draft, one),
        }
    }
    for absence in wanted.into_values() {
        let absence = Absence { created_at: now, ..absence.clone() };
        draft.change(Change::Absence(Arc::new(absence)));
    }
    forget_oldest(draft, person, known);
    Ok(())
}

fn is_same(known: &Absence, wanted: &Absence) -> bool {
    (known.starts_at, known.ends_at, &known.summary)
        == (wanted.starts_at, wanted.ends_at, &wanted.summary)
}

/// Keeps what was of an absence that is about to be replaced.
fn keep_past(draft: &mut Draft<'_>, absence: &Absence) {
    let now = draft.now;
    let ends_at = absence.ends_at.min(now);
    if absence.starts_at.max(absence.created_at) < ends_at {
        let id = AbsenceId::new(format!("{}~{}", absence.id, now.as_second()));
        let past = Absence { id, ends_at, ..absence.clone() };
        draft.change(Change::Absence(Arc::new(past)));
    }
}

/// Ended absences beyond the bound go, oldest first.
fn forget_oldest(draft: &mut Draft<'_>, person: &PersonId, known: &[Arc<Absence>]) {
    let put = |change: &&Change| matches!(change, Change::Absence(one) if one.person == *person);
    let put = draft.transition.changes.iter().filter(put).count();
    let excess = (known.len() + put).saturating_sub(ABSENCES_MAX);
    let ended = known.iter().filter(|one| one.ends_at <= draft.now).take(excess);
    let gone: Vec<_> = ended.map(|one| one.id.clone()).collect();
    for id in gone {
        draft.change(Change::RemoveAbsence(id));
    }
}
