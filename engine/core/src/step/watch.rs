//! What people are told of a schedule without having asked: hand-offs as each person wishes, and ahead of time what will be
//! amiss (I11).
//!
//! One timer a schedule. It is due when something has to be told, at least once a day, and at once when anything about the
//! schedule was decided or configured anew: what to tell is found by comparing what is with what was told, so that neither a
//! restart nor a change of the configuration loses or repeats a word.

mod ahead;
mod handoff;

use crate::model::{Change, Draft, HandoffWish, Refusal, ScheduleId, TimerKey, Watch};
use crate::schedule;
use jiff::SignedDuration;
use std::collections::BTreeSet;
use std::sync::Arc;

/// A schedule is looked at again at least so soon.
const AGAIN: SignedDuration = SignedDuration::from_hours(24);

/// Looks at a schedule, tells what is to be told, and sets the time to look again.
pub(super) fn due(draft: &mut Draft<'_>, key: &TimerKey, id: &ScheduleId) {
    let configured = draft.view.directory.schedules.contains_key(id);
    let calendar = schedule::calendar(draft.view, id).filter(|_| configured);
    let known = draft.view.state.watches().of(id).cloned();
    let Some(calendar) = calendar else {
        draft.change(Change::CancelTimer(key.clone()));
        if known.is_some() {
            draft.change(Change::RemoveWatch(id.clone()));
        }
        return;
    };
    let mut watch = match &known {
        Some(known) => (**known).clone(),
        None => handoff::first_look(draft, &calendar),
    };
    let now = draft.now;
    let handoff = handoff::tell(draft, &calendar, &mut watch);
    let reminder = ahead::tell(draft, &calendar, &mut watch);
    if known.as_deref() != Some(&watch) {
        draft.change(Change::Watch(Arc::new(watch)));
    }
    let again = now.saturating_add(AGAIN).unwrap_or(now);
    let next = [handoff, reminder].into_iter().flatten().filter(|at| *at > now);
    draft.set_timer(key.clone(), next.min().map_or(again, |next| next.min(again)));
}

/// Has every schedule looked at that what was just decided may have changed; after a configuration also those that nobody
/// watches yet.
pub(super) fn look_again(draft: &mut Draft<'_>, configured: bool) {
    let mut touched: BTreeSet<ScheduleId> = BTreeSet::new();
    let all = || draft.view.directory.schedules.keys().cloned();
    let duty = draft.view.state.duty();
    for change in &draft.transition.changes {
        match change {
            Change::Override(over) => drop(touched.insert(over.schedule.clone())),
            Change::RemoveOverride(id) => {
                touched.extend(duty.schedule_override(id).map(|over| over.schedule.clone()));
            }
            Change::Temporary(one) => drop(touched.insert(one.schedule.clone())),
            Change::RemoveTemporary(id) => {
                touched.extend(duty.temporary(id).map(|one| one.schedule.clone()));
            }
            Change::Revision(one) => drop(touched.insert(one.schedule.clone())),
            // Whoever is away may have shifts on any of them, and a wish is about all.
            Change::Absence(_) | Change::RemoveAbsence(_) | Change::HandoffWish(_) => {
                touched.extend(all());
            }
            _ => {}
        }
    }
    if configured {
        let watched = |id: &ScheduleId| draft.view.state.timer(&TimerKey::Watch(id.clone()));
        touched.extend(all().filter(|id| watched(id).is_none()));
    }
    for id in touched {
        draft.set_timer(TimerKey::Watch(id), draft.now);
    }
}

/// Keeps what a person wishes to hear of their shifts.
///
/// # Errors
/// When there is no such person, or the time before a shift cannot be.
pub(super) fn set_wish(draft: &mut Draft<'_>, wish: &HandoffWish) -> Result<(), Refusal> {
    if !draft.view.directory.people.contains_key(&wish.person) {
        return Err(Refusal::NoPerson(wish.person.to_string()));
    }
    let max = HandoffWish::BEFORE_MAX;
    if wish.before.is_some_and(|before| !before.is_positive() || before > max) {
        let days = max.as_hours() / 24;
        return Err(Refusal::Invalid(format!(
            "expected a time before a shift of more than nothing and at most {days} days"
        )));
    }
    draft.change(Change::HandoffWish(Arc::new(wish.clone())));
    Ok(())
}

/// As far ahead as is looked for what is amiss.
fn horizon(draft: &Draft<'_>) -> jiff::Timestamp {
    draft.now.saturating_add(Watch::AHEAD).unwrap_or(draft.now)
}

#[cfg(test)]
mod tests;
