//! What somebody wants: a person, an admin's token, or the other side of a channel in a person's name.

use super::{duty, life, person, status, swap, sweep, watch};
use crate::escalate::Answered;
use crate::model::{
    Action, Change, Draft, Incident, IncidentId, IncidentStatus, PersonId, QuietId, Refusal,
    TimelineKind,
};
use crate::{escalate, incident};
use jiff::Timestamp;
use std::sync::Arc;

/// Longest note, in bytes.
const NOTE_MAX_BYTES: usize = 10_000;

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
        Action::PutMethod { person, method } => person::put_method(draft, person, method),
        Action::RemoveMethod { person, method } => person::remove_method(draft, person, method),
        Action::SetRules { person, rules } => person::set_rules(draft, person, rules),
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
        Action::SendCode { person, method, salt, proof } => {
            person::send_code(draft, person, method, *salt, *proof)
        }
        Action::ConfirmCode { person, method, proof } => {
            person::confirm_code(draft, person, method, proof)
        }
        Action::TestMethod { person, method } => person::test_method(draft, person, method),
        Action::Prefer { person, choices } => person::prefer(draft, person, choices),
        Action::Merge { into, incidents } => life::merge(draft, *into, incidents),
        Action::Split { incident, alerts } => life::split(draft, *incident, alerts),
        Action::SetPriority { incident, priority } => {
            life::set_priority(draft, *incident, *priority)
        }
        Action::Subscribe { incident, person } => life::subscribe(draft, *incident, person),
        Action::Unsubscribe { incident, person } => life::unsubscribe(draft, *incident, person),
        Action::PostUpdate { incident, text } => life::post_update(draft, *incident, text),
        Action::AddResponders { incident, people } => add_responders(draft, *incident, people),
        Action::PutMaintenanceWindow(window) => sweep::put_window(draft, window),
        Action::EndMaintenanceWindow(id) => {
            sweep::end(draft, &QuietId::MaintenanceWindow(id.clone()))
        }
        Action::OfferSwap(offered) => swap::offer(draft, offered),
        Action::AcceptSwap { swap, person } => swap::accept(draft, swap, person),
        Action::DeclineSwap(id) => swap::decline(draft, id),
        Action::WithdrawSwap(id) => swap::withdraw(draft, id),
        Action::SetHandoffWish(wish) => watch::set_wish(draft, wish),
    }
}

pub(super) fn not_found(what: &'static str, id: &impl ToString) -> Refusal {
    Refusal::NotFound { what, id: id.to_string() }
}

pub(super) fn open(draft: &Draft<'_>, id: IncidentId) -> Result<Incident, Refusal> {
    let open = draft.view.state.incident(id).ok_or(Refusal::NoOpenIncident(id))?;
    Ok((**open).clone())
}

fn acknowledge(
    draft: &mut Draft<'_>,
    id: IncidentId,
    until: Option<Timestamp>,
) -> Result<(), Refusal> {
    let mut incident = open(draft, id)?;
    // A person's snooze that is not the last answer wanted counts as one, and no more.
    if escalate::answer(draft, &mut incident) == Answered::Enough {
        let before = incident.status;
        status::acknowledge(draft, &mut incident, until);
        escalate::hold(draft, &mut incident, before);
    }
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
    known_people(draft, to, "to reassign to")?;
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

fn known_people(draft: &Draft<'_>, people: &[PersonId], what: &str) -> Result<(), Refusal> {
    if people.is_empty() {
        return Err(Refusal::Invalid(format!("expected at least one person {what}")));
    }
    let unknown = people.iter().find(|person| !draft.view.directory.people.contains_key(*person));
    unknown.map_or(Ok(()), |person| Err(Refusal::NoPerson(person.to_string())))
}

fn add_responders(
    draft: &mut Draft<'_>,
    id: IncidentId,
    people: &[PersonId],
) -> Result<(), Refusal> {
    known_people(draft, people, "to ask")?;
    let mut incident = open(draft, id)?;
    escalate::add_responders(draft, &mut incident, people)?;
    draft.put_incident(incident);
    Ok(())
}

fn escalate_now(draft: &mut Draft<'_>, id: IncidentId) -> Result<(), Refusal> {
    let mut incident = open(draft, id)?;
    draft.log(&mut incident, TimelineKind::EscalatedByHand);
    if incident.status == IncidentStatus::Acknowledged {
        status::retrigger(draft, &mut incident, "escalated by hand");
    }
    escalate::advance_by_hand(draft, &mut incident);
    draft.put_incident(incident);
    Ok(())
}

fn note(draft: &mut Draft<'_>, id: IncidentId, text: &str) -> Result<(), Refusal> {
    check_text("a note", text)?;
    let mut incident = open(draft, id)?;
    draft.log(&mut incident, TimelineKind::Note { text: text.to_owned() });
    draft.put_incident(incident);
    Ok(())
}

/// A text that somebody wrote.
pub(super) fn check_text(what: &str, text: &str) -> Result<(), Refusal> {
    let got = text.len();
    match got > NOTE_MAX_BYTES || text.trim().is_empty() {
        true => Err(Refusal::Invalid(format!(
            "expected {what} of 1 to {NOTE_MAX_BYTES} bytes, got {got}"
        ))),
        false => Ok(()),
    }
}
