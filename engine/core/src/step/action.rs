//! What somebody wants: a person, an admin's token, or the other side of a channel in a person's name.

use super::{due, duty, status};
use crate::model::{
    Action, Change, ContactMethod, Draft, Incident, IncidentId, IncidentStatus, NotificationRule,
    PersonId, Profile, Refusal, Silence, TimelineKind, TimerKey,
};
use crate::{escalate, incident, notify};
use jiff::Timestamp;
use std::sync::Arc;

/// Longest note, in bytes.
const NOTE_MAX_BYTES: usize = 10_000;
/// Methods or rules of one person.
const PROFILE_MAX: usize = 32;

/// Decides one action.
///
/// # Errors
/// A [`Refusal`] when it was not done; nothing has changed then.
pub(super) fn decide(draft: &mut Draft<'_>, action: &Action) -> Result<(), Refusal> {
    match action {
        Action::Acknowledge(id) => acknowledge(draft, *id, None),
        Action::Snooze { incident, until } => snooze(draft, *incident, *until),
        Action::Resolve(id) => resolve(draft, *id),
        Action::Reassign { incident, to } => reassign(draft, *incident, to),
        Action::Escalate(id) => escalate_now(draft, *id),
        Action::Note { incident, text } => note(draft, *incident, text),
        Action::PutSilence(silence) => put_silence(draft, silence),
        Action::ExpireSilence(id) => {
            let silence = draft.view.state.silence(id).ok_or_else(|| not_found("silence", id))?;
            let mut silence = (**silence).clone();
            silence.ends_at = silence.ends_at.min(draft.now);
            due::apply_silence(draft, &silence);
            Ok(())
        }
        Action::PutMethod { person, method } => put_method(draft, person, method),
        Action::RemoveMethod { person, method } => {
            let mut profile = known_profile(draft, person)?;
            let before = profile.methods.len();
            profile.methods.retain(|known| known.id != *method);
            if profile.methods.len() == before {
                return Err(not_found("contact method", method));
            }
            profile.rules.retain(|rule| rule.method != *method);
            draft.change(Change::Profile(Arc::new(profile)));
            Ok(())
        }
        Action::SetRules { person, rules } => set_rules(draft, person, rules),
        Action::PutToken(token) => {
            draft.change(Change::Token(Arc::new(token.clone())));
            Ok(())
        }
        Action::RevokeToken(id) => {
            draft.view.state.token(id).ok_or_else(|| not_found("token", id))?;
            draft.change(Change::RevokeToken(id.clone()));
            Ok(())
        }
        Action::PutOverride(_)
        | Action::RemoveOverride(_)
        | Action::PutTemporary(_)
        | Action::RemoveTemporary(_)
        | Action::PutAbsence(_)
        | Action::RemoveAbsence(_)
        | Action::ReplaceAbsences { .. } => duty::decide(draft, action),
    }
}

pub(super) fn not_found(what: &'static str, id: &impl ToString) -> Refusal {
    Refusal::NotFound { what, id: id.to_string() }
}

fn open(draft: &Draft<'_>, id: IncidentId) -> Result<Incident, Refusal> {
    let open = draft.view.state.incident(id).ok_or(Refusal::NoOpenIncident(id))?;
    Ok((**open).clone())
}

fn acknowledge(
    draft: &mut Draft<'_>,
    id: IncidentId,
    until: Option<Timestamp>,
) -> Result<(), Refusal> {
    let mut incident = open(draft, id)?;
    status::acknowledge(draft, &mut incident, until);
    escalate::stop(draft, &mut incident, "acknowledged");
    draft.put_incident(incident);
    Ok(())
}

fn snooze(draft: &mut Draft<'_>, id: IncidentId, until: Timestamp) -> Result<(), Refusal> {
    if until <= draft.now {
        return Err(Refusal::Invalid(format!("expected a time in the future, got {until}")));
    }
    acknowledge(draft, id, Some(until))
}

fn resolve(draft: &mut Draft<'_>, id: IncidentId) -> Result<(), Refusal> {
    let mut incident = open(draft, id)?;
    let closing = incident::closing_of(&draft.actor);
    incident::close_alerts(draft, &incident);
    status::resolve(draft, &mut incident, closing);
    escalate::stop(draft, &mut incident, "resolved");
    draft.put_incident(incident);
    Ok(())
}

fn reassign(draft: &mut Draft<'_>, id: IncidentId, to: &[PersonId]) -> Result<(), Refusal> {
    if to.is_empty() {
        return Err(Refusal::Invalid("expected at least one person to reassign to".to_owned()));
    }
    let unknown = to.iter().find(|person| !draft.view.directory.people.contains_key(*person));
    if let Some(person) = unknown {
        return Err(Refusal::NoPerson(person.to_string()));
    }
    let mut incident = open(draft, id)?;
    incident.assigned_to = to.to_vec();
    draft.log(&mut incident, TimelineKind::Reassigned { to: to.to_vec() });
    if incident.status == IncidentStatus::Acknowledged {
        status::retrigger(draft, &mut incident, "handed over");
    }
    escalate::start(draft, &mut incident, "handed over");
    draft.put_incident(incident);
    Ok(())
}

fn escalate_now(draft: &mut Draft<'_>, id: IncidentId) -> Result<(), Refusal> {
    let mut incident = open(draft, id)?;
    draft.log(&mut incident, TimelineKind::EscalatedByHand);
    if incident.status == IncidentStatus::Acknowledged {
        status::retrigger(draft, &mut incident, "escalated by hand");
    }
    // Whoever is being told goes on being told: escalating adds people, it takes nobody away.
    incident.escalation.paused_with = None;
    escalate::advance(draft, &mut incident);
    draft.put_incident(incident);
    Ok(())
}

fn note(draft: &mut Draft<'_>, id: IncidentId, text: &str) -> Result<(), Refusal> {
    if text.trim().is_empty() || text.len() > NOTE_MAX_BYTES {
        let got = text.len();
        return Err(Refusal::Invalid(format!(
            "expected a note of 1 to {NOTE_MAX_BYTES} bytes, got {got}"
        )));
    }
    let mut incident = open(draft, id)?;
    draft.log(&mut incident, TimelineKind::Note { text: text.to_owned() });
    draft.put_incident(incident);
    Ok(())
}

fn put_silence(draft: &mut Draft<'_>, silence: &Silence) -> Result<(), Refusal> {
    if silence.matchers.is_empty() {
        return Err(Refusal::Invalid("expected at least one matcher".to_owned()));
    }
    if silence.matchers.iter().all(|matcher| matcher.matches("")) {
        return Err(Refusal::Invalid(
            "expected at least one matcher that does not match the empty text".to_owned(),
        ));
    }
    if silence.ends_at <= silence.starts_at || silence.ends_at <= draft.now {
        return Err(Refusal::Invalid(format!(
            "expected an end after the start and in the future, got {} to {}",
            silence.starts_at, silence.ends_at
        )));
    }
    due::apply_silence(draft, silence);
    Ok(())
}

/// A person's profile to change: their own, or the defaults they leave behind.
fn known_profile(draft: &Draft<'_>, person: &PersonId) -> Result<Profile, Refusal> {
    if !draft.view.directory.people.contains_key(person) {
        return Err(Refusal::NoPerson(person.to_string()));
    }
    Ok(notify::profile(draft.view, person))
}

fn put_method(
    draft: &mut Draft<'_>,
    person: &PersonId,
    method: &ContactMethod,
) -> Result<(), Refusal> {
    let mut profile = known_profile(draft, person)?;
    let same = |known: &&ContactMethod| {
        known.id != method.id && known.channel == method.channel && known.address == method.address
    };
    if let Some(known) = profile.methods.iter().find(same) {
        // A rule on each of two would page the same address twice.
        return Err(Refusal::Exists { what: "contact method", id: known.id.to_string() });
    }
    match profile.methods.iter().position(|known| known.id == method.id) {
        Some(at) => profile.methods[at].clone_from(method),
        None if profile.methods.len() >= PROFILE_MAX => {
            return Err(Refusal::Invalid(format!(
                "expected at most {PROFILE_MAX} contact methods"
            )));
        }
        None => profile.methods.push(method.clone()),
    }
    draft.change(Change::Profile(Arc::new(profile)));
    Ok(())
}

fn set_rules(
    draft: &mut Draft<'_>,
    person: &PersonId,
    rules: &[NotificationRule],
) -> Result<(), Refusal> {
    let mut profile = known_profile(draft, person)?;
    if rules.len() > PROFILE_MAX {
        return Err(Refusal::Invalid(format!("expected at most {PROFILE_MAX} rules")));
    }
    for rule in rules {
        if !profile.methods.iter().any(|method| method.id == rule.method) {
            return Err(not_found("contact method", &rule.method));
        }
        if rule.delay.is_negative() {
            return Err(Refusal::Invalid("expected a delay of zero or more".to_owned()));
        }
    }
    profile.rules = rules.to_vec();
    draft.change(Change::Profile(Arc::new(profile)));
    Ok(())
}

/// Silences are also looked at when their timer is due; see [`due`].
pub(super) fn silence_timer(silence: &Silence, now: Timestamp) -> Option<(TimerKey, Timestamp)> {
    let key = TimerKey::Silence(silence.id.clone());
    if now < silence.starts_at {
        Some((key, silence.starts_at))
    } else if now < silence.ends_at {
        Some((key, silence.ends_at))
    } else {
        let keep = due::ENDED_SILENCE_KEPT;
        silence.ends_at.checked_add(keep).ok().filter(|until| now < *until).map(|at| (key, at))
    }
}
