//! Silences and maintenance windows: made, changed, ended; when they begin and end; and which alerts and incidents are to be
//! looked at again because of it.
//!
//! What is held has a timer of its own for the instant at which it is let go. So only a beginning, a change and an end by
//! hand must find what they touch: each such alert or incident gets its timer set to now, and is decided in its own turn. One
//! decision looks at no more than [`SCAN_MAX`] alerts; the timer `Sweep` goes on behind them (I8).

use super::action::not_found;
use super::quiet::HOLDERS_MAX;
use crate::filter;
use crate::model::{
    Alert, AlertId, AlertStatus, Change, Directory, Draft, Edit, IncidentStatus, LengthLimit,
    MaintenanceWindow, Quiet, QuietId, QuietTime, Refusal, Silence, SuppressedBy, TimerKey,
};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeSet;
use std::sync::Arc;

/// How long what has ended can still be read.
const ENDED_KEPT: SignedDuration = SignedDuration::from_hours(24 * 5);
/// Changes of one silence or window that are remembered.
const HISTORY_MAX: usize = 32;
/// Alerts looked at in one decision.
const SCAN_MAX: usize = 10_000;
/// Alerts and incidents that one decision has looked at again.
const TOUCHED_MAX: usize = 1_000;
/// Services and integrations of one maintenance window.
const SCOPE_MAX: usize = 100;

/// Makes a silence or replaces the one of its id.
///
/// # Errors
/// [`Refusal`] when it mutes everything, never holds or lasts too long.
pub(super) fn put_silence(draft: &mut Draft<'_>, silence: &Silence) -> Result<(), Refusal> {
    if silence.matchers.is_empty() {
        return Err(Refusal::Invalid("expected at least one matcher".to_owned()));
    }
    if silence.matchers.iter().all(|matcher| matcher.matches("")) {
        return Err(Refusal::Invalid(
            "expected at least one matcher that does not match the empty text".to_owned(),
        ));
    }
    let limit = draft.view.directory.quiet.silence;
    check_time(&silence.time, draft.now, limit, "[silence]")?;
    let mut silence = silence.clone();
    if let Some(old) = draft.view.state.quiet().silence(&silence.id) {
        let mut changed = time_changes(&old.time, &silence.time);
        changed.extend((old.matchers != silence.matchers).then_some("matchers"));
        changed.extend((old.comment != silence.comment).then_some("comment"));
        silence.created_by.clone_from(&old.created_by);
        silence.created_at = old.created_at;
        silence.history = edited(draft, &old.history, &changed.join(", "));
    }
    keep(draft, &Quiet::Silence(Arc::new(silence)));
    Ok(())
}

/// Plans a maintenance window or replaces the one of its id.
///
/// # Errors
/// [`Refusal`] when it is about nothing or about something unknown, never holds or lasts too long.
pub(super) fn put_window(draft: &mut Draft<'_>, window: &MaintenanceWindow) -> Result<(), Refusal> {
    check_scope(draft.view.directory, window)?;
    let limit = draft.view.directory.quiet.maintenance_window;
    check_time(&window.time, draft.now, limit, "[maintenance_window]")?;
    let mut window = window.clone();
    if let Some(old) = draft.view.state.quiet().window(&window.id) {
        let mut changed = time_changes(&old.time, &window.time);
        changed.extend((old.services != window.services).then_some("services"));
        changed.extend((old.integrations != window.integrations).then_some("integrations"));
        changed.extend((old.comment != window.comment).then_some("comment"));
        window.created_by.clone_from(&old.created_by);
        window.created_at = old.created_at;
        window.history = edited(draft, &old.history, &changed.join(", "));
    }
    keep(draft, &Quiet::MaintenanceWindow(Arc::new(window)));
    Ok(())
}

fn check_scope(directory: &Directory, window: &MaintenanceWindow) -> Result<(), Refusal> {
    let count = window.services.len() + window.integrations.len();
    if !(1..=SCOPE_MAX).contains(&count) {
        return Err(Refusal::Invalid(format!(
            "expected 1 to {SCOPE_MAX} services and integrations, got {count}"
        )));
    }
    let unknown = |what: &str, id: &str| {
        Err(Refusal::Invalid(format!("no {what} `{id}` in the configuration")))
    };
    for id in &window.services {
        if id.as_str() == Directory::BUILT_IN {
            return Err(Refusal::Invalid(
                "expected a service of yours: the engine's own trouble is never hidden".to_owned(),
            ));
        }
        if !directory.services.contains_key(id) {
            return unknown("service", id.as_str());
        }
    }
    for id in &window.integrations {
        if id.as_str() == Directory::BUILT_IN || !directory.integrations.contains_key(id) {
            return unknown("integration", id.as_str());
        }
    }
    Ok(())
}

fn check_time(
    time: &QuietTime,
    now: Timestamp,
    limit: LengthLimit,
    table: &str,
) -> Result<(), Refusal> {
    let invalid = |why: String| Err(Refusal::Invalid(why));
    let (from, to) = (time.starts_at, time.ends_at);
    if to <= from || to <= now {
        return invalid(format!(
            "expected an end after the start and in the future, got {from} to {to}"
        ));
    }
    let (longest, whole) = (time.longest(), to.duration_since(from));
    if longest > limit.max {
        return invalid(format!(
            "expected at most {} without a pause, as `{table} max` in the configuration says, got {}",
            words(limit.max),
            words(longest)
        ));
    }
    if time.weekly.is_some() && whole > limit.recurring_max {
        return invalid(format!(
            "expected an end at most {} after the start, as `{table} recurring_max` in the configuration says, got {}",
            words(limit.recurring_max),
            words(whole)
        ));
    }
    let from = from.max(now);
    if filter::occurrence(time, from).is_none() && filter::turn_after(time, from).is_none() {
        return invalid(format!(
            "expected a day and hour before the end, but none of them comes before {to}"
        ));
    }
    Ok(())
}

fn words(length: SignedDuration) -> String {
    let (days, rest) = (length.as_hours() / 24, length.as_secs() % 86_400);
    let rest = SignedDuration::from_secs(rest);
    match (days, rest.is_zero()) {
        (0, _) => format!("{rest:#}"),
        (_, true) => format!("{days}d"),
        (_, false) => format!("{days}d {rest:#}"),
    }
}

fn time_changes(old: &QuietTime, new: &QuietTime) -> Vec<&'static str> {
    let mut changed = Vec::new();
    changed.extend((old.starts_at != new.starts_at).then_some("start"));
    changed.extend((old.ends_at != new.ends_at).then_some("end"));
    changed.extend((old.weekly != new.weekly).then_some("days and hours"));
    changed
}

/// The history with one more entry; without any when nothing changed.
fn edited(draft: &Draft<'_>, history: &[Edit], what: &str) -> Vec<Edit> {
    let mut history = history.to_vec();
    if !what.is_empty() {
        let (by, what) = (draft.actor.name().to_owned(), what.to_owned());
        history.push(Edit { at: draft.now, by, what });
    }
    let surplus = history.len().saturating_sub(HISTORY_MAX);
    history.drain(..surplus);
    history
}

/// Ends one now.
///
/// # Errors
/// `NotFound`.
pub(super) fn end(draft: &mut Draft<'_>, id: &QuietId) -> Result<(), Refusal> {
    let ended =
        |time: &QuietTime| QuietTime { ends_at: draft.now.min(time.ends_at), ..time.clone() };
    let quiet = draft.view.state.quiet().get(id);
    let quiet = match &quiet {
        Some(quiet) if quiet.time().ends_at <= draft.now => return Ok(()),
        Some(Quiet::Silence(silence)) => {
            let (time, history) = (ended(&silence.time), edited(draft, &silence.history, "ended"));
            Quiet::Silence(Arc::new(Silence { time, history, ..(**silence).clone() }))
        }
        Some(Quiet::MaintenanceWindow(window)) => {
            let (time, history) = (ended(&window.time), edited(draft, &window.history, "ended"));
            Quiet::MaintenanceWindow(Arc::new(MaintenanceWindow {
                time,
                history,
                ..(**window).clone()
            }))
        }
        None => {
            return Err(match id {
                QuietId::Silence(id) => not_found("silence", id),
                QuietId::MaintenanceWindow(id) => not_found("maintenance window", id),
            });
        }
    };
    keep(draft, &quiet);
    Ok(())
}

/// Keeps it as it is now, and looks again at what it holds or should hold.
fn keep(draft: &mut Draft<'_>, quiet: &Quiet) {
    draft.change(match quiet {
        Quiet::Silence(silence) => Change::Silence(silence.clone()),
        Quiet::MaintenanceWindow(window) => Change::MaintenanceWindow(window.clone()),
    });
    let key = timer(&quiet.id());
    match next_turn(quiet.time(), draft.now) {
        Some(due) => draft.set_timer(key, due),
        None => draft.cancel_timer(key),
    }
    look(draft, &quiet.id(), Some(quiet), None);
}

fn timer(id: &QuietId) -> TimerKey {
    match id {
        QuietId::Silence(id) => TimerKey::Silence(id.clone()),
        QuietId::MaintenanceWindow(id) => TimerKey::MaintenanceWindow(id.clone()),
    }
}

/// When it begins, ends, or may be forgotten. `None`: it may be forgotten now.
fn next_turn(time: &QuietTime, now: Timestamp) -> Option<Timestamp> {
    if let Some(turn) = filter::turn_after(time, now) {
        return Some(turn);
    }
    time.ends_at.checked_add(ENDED_KEPT).ok().filter(|forget_at| now < *forget_at)
}

/// It begins, ends, or may be forgotten.
pub(super) fn turn(draft: &mut Draft<'_>, key: &TimerKey, id: &QuietId) {
    draft.change(Change::CancelTimer(key.clone()));
    let Some(quiet) = draft.view.state.quiet().get(id) else { return };
    let Some(next) = next_turn(quiet.time(), draft.now) else {
        draft.change(match id {
            QuietId::Silence(id) => Change::RemoveSilence(id.clone()),
            QuietId::MaintenanceWindow(id) => Change::RemoveMaintenanceWindow(id.clone()),
        });
        return;
    };
    draft.set_timer(key.clone(), next);
    look(draft, id, Some(&quiet), None);
}

/// Looks at the alerts behind `after`.
pub(super) fn go_on(draft: &mut Draft<'_>, id: &QuietId, after: &AlertId) {
    let quiet = draft.view.state.quiet().get(id);
    look(draft, id, quiet.as_ref(), Some(after));
}

fn look(draft: &mut Draft<'_>, id: &QuietId, quiet: Option<&Quiet>, after: Option<&AlertId>) {
    let state = draft.view.state;
    let holding = quiet.filter(|quiet| filter::occurrence(quiet.time(), draft.now).is_some());
    let mut touched = BTreeSet::new();
    let mut alerts = state.alerts_after(after);
    let mut last = None;
    for alert in alerts.by_ref().take(SCAN_MAX) {
        last = Some(&alert.id);
        // At an end, most of what it held is due by its own timer.
        let is_due = |key: &TimerKey| state.timer(key).is_some_and(|due| due <= draft.now);
        touched.extend(touch(draft, id, holding, alert).filter(|key| !is_due(key)));
        if touched.len() >= TOUCHED_MAX {
            break;
        }
    }
    let more = alerts.next().is_some();
    for key in touched {
        draft.set_timer(key, draft.now);
    }
    if let Some(last) = last.filter(|_| more) {
        let key = TimerKey::Sweep { of: id.clone(), after: last.clone() };
        draft.set_timer(key, draft.now);
    }
}

/// What is to be looked at again because of one alert.
fn touch(
    draft: &Draft<'_>,
    id: &QuietId,
    holding: Option<&Quiet>,
    alert: &Alert,
) -> Option<TimerKey> {
    if alert.status != AlertStatus::Firing {
        return None;
    }
    let by_it = |by: &SuppressedBy| matches!(by, SuppressedBy::Quiet(holder) if holder == id);
    let Some(incident) = alert.incident.and_then(|of| draft.view.state.incident(of)) else {
        let held = alert.suppression.as_ref().is_some_and(|held| by_it(&held.by));
        return held.then(|| TimerKey::Unsuppress(alert.id.clone()));
    };
    if incident.status != IncidentStatus::Triggered {
        return None;
    }
    let paused = incident.escalation.paused_with.is_some();
    let holders = &incident.escalation.paused_by;
    // Of many holders only some are remembered: it may be one of the others.
    let held =
        paused && (holders.len() >= HOLDERS_MAX || holders.iter().any(|holder| by_it(&holder.by)));
    let may_hold = !paused && holding.is_some_and(|quiet| quiet.is_about(alert));
    (held || may_hold).then_some(TimerKey::Settle(incident.id))
}
