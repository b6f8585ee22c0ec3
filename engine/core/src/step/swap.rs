//! Shift swaps: offered, accepted, declined, withdrawn, expired; and who is told of it.
//!
//! Whose a shift is, is asked when it is offered and again when it is accepted: in between it may have been swapped away,
//! overridden, or lost to another configuration. Accepting makes the overrides in the same commit.

use super::duty;
use super::duty_words::{Reader, SwapFacts, SwapNews, shift, swap as swap_words};
use crate::model::{
    Actor, Change, Draft, DutySpan, Notice, NoticeKind, Override, PersonId, Refusal, Swap, SwapId,
    SwapStatus, TimerKey,
};
use crate::{notify, schedule};
use jiff::SignedDuration;
use std::collections::BTreeSet;
use std::sync::Arc;

/// How far ahead somebody must be on call on a schedule to hear of a shift that is offered to anybody.
const COLLEAGUES_WITHIN: SignedDuration = SignedDuration::from_hours(24 * 92);
/// Most people who are told of a shift that is offered to anybody.
const COLLEAGUES_MAX: usize = 50;

/// Offers a shift.
///
/// # Errors
/// When it is not theirs, lies in the past, or the offer says what cannot be.
pub(super) fn offer(draft: &mut Draft<'_>, offered: &Swap) -> Result<(), Refusal> {
    let mut swap = offered.clone();
    swap.status = SwapStatus::Offered;
    swap.created_at = draft.now;
    only(draft, &swap.from, "only the person whose shift it is and admins may offer it")?;
    check_people(draft, &swap)?;
    check_spans(draft, &swap)?;
    let begins = swap.in_return.iter().chain([&swap.gives]).map(|span| span.starts_at).min();
    swap.expires_at = begins.map_or(swap.expires_at, |begins| swap.expires_at.min(begins));
    if swap.expires_at <= draft.now {
        return Err(Refusal::Invalid("expected a deadline in the future".to_owned()));
    }
    draft.set_timer(TimerKey::Swap(swap.id.clone()), swap.expires_at);
    tell_of_offer(draft, &swap);
    draft.change(Change::Swap(Arc::new(swap)));
    Ok(())
}

fn check_people(draft: &Draft<'_>, swap: &Swap) -> Result<(), Refusal> {
    let known = |person: &PersonId| draft.view.directory.people.contains_key(person);
    if let Some(person) = swap.to.iter().chain([&swap.from]).find(|person| !known(person)) {
        return Err(Refusal::NoPerson(person.to_string()));
    }
    if swap.to.as_ref() == Some(&swap.from) {
        return Err(Refusal::Invalid("expected another person than whose shift it is".to_owned()));
    }
    if swap.in_return.is_some() && swap.to.is_none() {
        return Err(Refusal::Invalid(
            "expected a named person: a shift in return is somebody's".to_owned(),
        ));
    }
    if swap.note.len() > Swap::NOTE_MAX_BYTES {
        let (max, got) = (Swap::NOTE_MAX_BYTES, swap.note.len());
        return Err(Refusal::Invalid(format!("expected a note of at most {max} bytes, got {got}")));
    }
    let swaps = draft.view.state.swaps();
    if let Some(known) = swaps.get(&swap.id) {
        return Err(Refusal::Exists { what: "swap", id: known.id.to_string() });
    }
    if swaps.open_of(&swap.from) >= Swap::OPEN_MAX {
        return Err(Refusal::Conflict(format!(
            "{} has {} open offers already; withdraw one first",
            swap.from,
            Swap::OPEN_MAX
        )));
    }
    Ok(())
}

fn check_spans(draft: &Draft<'_>, swap: &Swap) -> Result<(), Refusal> {
    for span in swap.in_return.iter().chain([&swap.gives]) {
        let length = span.ends_at.duration_since(span.starts_at);
        if !length.is_positive() || length > Swap::SPAN_MAX || span.starts_at <= draft.now {
            let days = Swap::SPAN_MAX.as_hours() / 24;
            return Err(Refusal::Invalid(format!(
                "expected a span in the future of at most {days} days that ends after it starts, got {} to {}",
                span.starts_at, span.ends_at
            )));
        }
    }
    theirs(draft, &swap.from, &swap.gives)?;
    match (&swap.in_return, &swap.to) {
        (Some(span), Some(to)) => theirs(draft, to, span),
        _ => Ok(()),
    }
}

/// Whether a person is on call over all of a span.
fn theirs(draft: &Draft<'_>, person: &PersonId, span: &DutySpan) -> Result<(), Refusal> {
    let Some(calendar) = schedule::calendar(draft.view, &span.schedule) else {
        return Err(Refusal::NoSchedule(span.schedule.to_string()));
    };
    let mut covered = span.starts_at;
    for shift in calendar.shifts(span.starts_at, span.ends_at) {
        if shift.person != *person || shift.starts_at != covered {
            break;
        }
        covered = shift.ends_at;
    }
    if covered >= span.ends_at {
        return Ok(());
    }
    Err(Refusal::Conflict(format!(
        "{person} is not on call on `{}` over all of {} to {}, but only until {covered}",
        span.schedule, span.starts_at, span.ends_at
    )))
}

/// Takes an offered shift, and gives the one in return.
///
/// # Errors
/// When it was offered to somebody else, is over, or a shift is no longer theirs.
pub(super) fn accept(draft: &mut Draft<'_>, id: &SwapId, person: &PersonId) -> Result<(), Refusal> {
    let mut swap = open(draft, id)?;
    only(draft, person, "only the person themself and admins may accept for somebody")?;
    if !draft.view.directory.people.contains_key(person) {
        return Err(Refusal::NoPerson(person.to_string()));
    }
    if swap.to.as_ref().is_some_and(|to| to != person) || swap.from == *person {
        return Err(Refusal::NotTheirs(format!("this shift is not offered to {person}")));
    }
    theirs(draft, &swap.from, &swap.gives)?;
    if let Some(span) = &swap.in_return {
        theirs(draft, person, span)?;
    }
    take_over(draft, &swap, &swap.gives, person, false)?;
    if let Some(span) = &swap.in_return {
        take_over(draft, &swap, span, &swap.from, true)?;
    }
    swap.status = SwapStatus::Accepted { by: person.clone(), at: draft.now };
    tell(draft, &swap, &swap.from, person, "accepted", &SwapNews::Taken);
    tell(draft, &swap, person, &swap.from, "accepted", &SwapNews::Taking);
    over(draft, swap);
    Ok(())
}

fn take_over(
    draft: &mut Draft<'_>,
    swap: &Swap,
    span: &DutySpan,
    person: &PersonId,
    in_return: bool,
) -> Result<(), Refusal> {
    let over = Override {
        id: swap.override_id(in_return),
        schedule: span.schedule.clone(),
        person: person.clone(),
        starts_at: span.starts_at,
        ends_at: span.ends_at,
        created_at: draft.now,
        created_by: draft.actor.name().to_owned(),
    };
    duty::put_override(draft, &over)
}

/// The named person does not want it.
///
/// # Errors
/// When it was not offered to them by name, or is over.
pub(super) fn decline(draft: &mut Draft<'_>, id: &SwapId) -> Result<(), Refusal> {
    let mut swap = open(draft, id)?;
    let Some(to) = swap.to.clone() else {
        return Err(Refusal::Invalid(
            "this shift is offered to anybody: whoever does not want it need not answer".to_owned(),
        ));
    };
    only(draft, &to, "only the person to whom it is offered and admins may decline it")?;
    swap.status = SwapStatus::Declined { at: draft.now };
    tell(draft, &swap, &swap.from, &to, "declined", &SwapNews::Declined);
    over(draft, swap);
    Ok(())
}

/// Whoever offered it takes it back.
///
/// # Errors
/// When it is not theirs, or is over.
pub(super) fn withdraw(draft: &mut Draft<'_>, id: &SwapId) -> Result<(), Refusal> {
    let mut swap = open(draft, id)?;
    only(draft, &swap.from, "only the person who offered it and admins may withdraw it")?;
    swap.status = SwapStatus::Withdrawn { at: draft.now };
    if let Some(to) = &swap.to {
        tell(draft, &swap, to, &swap.from, "withdrawn", &SwapNews::Withdrawn);
    }
    over(draft, swap);
    Ok(())
}

/// The deadline of an offer, or the end of its memory.
pub(super) fn due(draft: &mut Draft<'_>, key: &TimerKey, id: &SwapId) {
    let Some(swap) = draft.view.state.swaps().get(id).cloned() else {
        draft.change(Change::CancelTimer(key.clone()));
        return;
    };
    if !swap.is_open() {
        draft.change(Change::CancelTimer(key.clone()));
        draft.change(Change::ForgetSwap(id.clone()));
        return;
    }
    let mut swap = (*swap).clone();
    swap.status = SwapStatus::Expired { at: draft.now };
    tell(draft, &swap, &swap.from, &swap.from, "expired", &SwapNews::Expired);
    over(draft, swap);
}

/// Keeps a swap that has just ended, for as long as it can be read.
fn over(draft: &mut Draft<'_>, swap: Swap) {
    let until = draft.now.saturating_add(Swap::KEPT).unwrap_or(draft.now);
    draft.set_timer(TimerKey::Swap(swap.id.clone()), until);
    draft.change(Change::Swap(Arc::new(swap)));
}

fn open(draft: &Draft<'_>, id: &SwapId) -> Result<Swap, Refusal> {
    let swap = draft.view.state.swaps().get(id);
    let swap = swap.ok_or_else(|| Refusal::NotFound { what: "swap", id: id.to_string() })?;
    if !swap.is_open() {
        let status = swap.status.as_str();
        return Err(Refusal::Conflict(format!("this swap is {status} already")));
    }
    if swap.expires_at <= draft.now {
        return Err(Refusal::Conflict("this swap has just expired".to_owned()));
    }
    Ok((**swap).clone())
}

/// Persons act for themselves; admins for anybody.
fn only(draft: &Draft<'_>, person: &PersonId, otherwise: &str) -> Result<(), Refusal> {
    match &draft.actor {
        Actor::Admin(_) | Actor::Engine => Ok(()),
        Actor::Person(actor) if actor == person => Ok(()),
        Actor::Person(_) | Actor::Monitor(_) => Err(Refusal::NotTheirs(otherwise.to_owned())),
    }
}

fn tell_of_offer(draft: &mut Draft<'_>, swap: &Swap) {
    let people = match &swap.to {
        Some(to) => vec![to.clone()],
        None => colleagues(draft, swap).into_iter().collect(),
    };
    for person in people {
        let until = Reader::of(draft, &person).instant(swap.expires_at);
        let news = SwapNews::Offered { until, id: swap.id.as_str(), note: &swap.note };
        tell(draft, swap, &person, &swap.from, "offered", &news);
    }
}

/// Whoever is on call on the same schedule before long, but for the one whose shift it is.
fn colleagues(draft: &Draft<'_>, swap: &Swap) -> BTreeSet<PersonId> {
    let to = draft.now.saturating_add(COLLEAGUES_WITHIN).unwrap_or(draft.now);
    let calendar = schedule::calendar(draft.view, &swap.gives.schedule);
    let shifts = calendar.map(|calendar| calendar.shifts(draft.now, to)).unwrap_or_default();
    let people: BTreeSet<PersonId> =
        shifts.into_iter().map(|shift| shift.person).filter(|one| *one != swap.from).collect();
    people.into_iter().take(COLLEAGUES_MAX).collect()
}

/// Tells a person how a swap stands and what `who` did about it, unless it is their own doing.
fn tell(
    draft: &mut Draft<'_>,
    swap: &Swap,
    person: &PersonId,
    who: &PersonId,
    what: &str,
    news: &SwapNews<'_>,
) {
    if draft.actor == Actor::Person(person.clone()) {
        return;
    }
    let reader = Reader::of(draft, person);
    let words_of = |span: &DutySpan| shift(&reader, &span.schedule, span.starts_at, span.ends_at);
    let (span, back) = (words_of(&swap.gives), swap.in_return.as_ref().map(words_of));
    let (span, back) = (span.as_str(), back.as_deref());
    let facts = SwapFacts {
        who: draft.view.directory.name_of(who.as_str()),
        schedule: &swap.gives.schedule,
        span,
        back,
    };
    let (subject, text) = swap_words(reader.language, news, &facts);
    let notice = Notice { kind: NoticeKind::Swap, subject, text };
    notify::notice(draft, person, &format!("swap/{}/{what}", swap.id), notice);
}

#[cfg(test)]
pub(super) mod tests;
