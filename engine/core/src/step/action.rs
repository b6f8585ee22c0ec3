//! What somebody wants: a person, an admin's token, or the other side of a channel in a person's name.

use super::{status, sweep};
use crate::model::{
    Action, Change, ContactMethod, Draft, Incident, IncidentId, IncidentStatus, NotificationRule,
    Override, PersonId, Profile, QuietId, Refusal, TimelineKind,
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
        Action::PutSilence(silence) => sweep::put_silence(draft, silence),
        Action::ExpireSilence(id) => sweep::end(draft, &QuietId::Silence(id.clone())),
        Action::PutOverride(over) => put_override(draft, over),
        Action::RemoveOverride(id) => {
            let known = draft.view.state.schedule_override(id);
            known.ok_or_else(|| not_found("override", id))?;
            draft.change(Change::RemoveOverride(id.clone()));
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
        Action::PutMaintenanceWindow(window) => sweep::put_window(draft, window),
        Action::EndMaintenanceWindow(id) => {
            sweep::end(draft, &QuietId::MaintenanceWindow(id.clone()))
        }
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
    escalate::unpause(draft, &mut incident);
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

fn put_override(draft: &mut Draft<'_>, over: &Override) -> Result<(), Refusal> {
    let directory = draft.view.directory;
    if !directory.schedules.contains_key(&over.schedule) {
        return Err(Refusal::NoSchedule(over.schedule.to_string()));
    }
    if !directory.people.contains_key(&over.person) {
        return Err(Refusal::NoPerson(over.person.to_string()));
    }
    if over.ends_at <= over.starts_at || over.ends_at <= draft.now {
        return Err(Refusal::Invalid(format!(
            "expected an end after the start and in the future, got {} to {}",
            over.starts_at, over.ends_at
        )));
    }
    draft.change(Change::Override(Arc::new(over.clone())));
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
