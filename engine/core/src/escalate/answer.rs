//! Who has answered, whether that is enough, and who was asked to help.
//!
//! A person counts once. An admin's token and a monitor stand for no person: theirs is the whole answer.

use super::{advance, is_known, mode_of, stop, watch};
use crate::incident::note_answer;
use crate::model::{
    Actor, Draft, Incident, IncidentStatus, NotPagedReason, PageReason, PersonId, Refusal,
    Responder, Ringing, Target, TimelineKind, TimerKey,
};
use crate::notify;
use std::sync::Arc;

/// People who can be asked to help with one incident.
const RESPONDERS_MAX: usize = 50;

/// What an acknowledgement means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answered {
    /// The incident is acknowledged: the caller says so.
    Enough,
    /// It counts, and more people are to answer; all that follows is done.
    InPart,
    /// Somebody who was asked to help will; the incident stays whose it is. All that follows is done.
    Helps,
}

/// Counts an acknowledgement by the draft's actor.
pub fn answer(draft: &mut Draft<'_>, incident: &mut Incident) -> Answered {
    let Actor::Person(person) = draft.actor.clone() else { return Answered::Enough };
    match incident.status {
        IncidentStatus::Triggered => count(draft, incident, &person),
        IncidentStatus::Acknowledged => helps(draft, incident, &person),
        IncidentStatus::Resolved => Answered::Enough,
    }
}

fn count(draft: &mut Draft<'_>, incident: &mut Incident, person: &PersonId) -> Answered {
    let again = incident.has_answered(person);
    if !again {
        incident.escalation.answers.push(person.clone());
    }
    let have = u32::try_from(incident.escalation.answers.len()).unwrap_or(u32::MAX);
    let needed = incident.escalation.needed;
    if have >= needed {
        return Answered::Enough;
    }
    if again {
        return Answered::InPart;
    }
    let actor = draft.actor.clone();
    note_answer(incident, &actor);
    draft.log(incident, TimelineKind::AcknowledgedInPart { have, needed });
    notify::cancel_pages_of(draft, incident, person, "they acknowledged");
    set_waiting(incident, person, false);
    let nobody_left = !incident.escalation.ringing.is_empty() && !incident.rings_for_anybody();
    if incident.is_ringing() && nobody_left {
        // All who were told have answered: the next are told now, not after the delay.
        advance(draft, incident);
    }
    Answered::InPart
}

fn helps(draft: &mut Draft<'_>, incident: &mut Incident, person: &PersonId) -> Answered {
    let asked = |one: &Responder| one.waiting && one.person == *person;
    if !incident.responders.iter().any(asked) {
        return Answered::Enough;
    }
    set_waiting(incident, person, false);
    let actor = draft.actor.clone();
    note_answer(incident, &actor);
    draft.log(incident, TimelineKind::Responded);
    notify::cancel_pages_of(draft, incident, person, "they acknowledged");
    Answered::Helps
}

fn set_waiting(incident: &mut Incident, person: &PersonId, waiting: bool) {
    if let Some(one) = incident.responders.iter_mut().find(|one| one.person == *person) {
        one.waiting = waiting;
    }
}

/// Somebody has it: nothing rings, and the policy's timers begin. `before` is what the incident's status was: what others
/// were asked since it was acknowledged first is not taken back.
pub fn hold(draft: &mut Draft<'_>, incident: &mut Incident, before: IncidentStatus) {
    if before == IncidentStatus::Triggered {
        stop(draft, incident, "acknowledged");
    }
    let (timeout, quiet) =
        (TimerKey::AcknowledgeTimeout(incident.id), TimerKey::AutoResolve(incident.id));
    if incident.snoozed_until.is_some() {
        draft.cancel_timer(timeout);
        draft.cancel_timer(quiet);
        return;
    }
    if let Some(after) = incident.policy.acknowledge_timeout {
        let due = draft.now.saturating_add(after).unwrap_or(draft.now);
        draft.set_timer(timeout, due);
    }
    watch::watch(draft, incident);
}

/// Fewer answered than should, and there is nobody else to ring: those who did have it.
pub(super) fn settle(draft: &mut Draft<'_>, incident: &mut Incident) {
    let have = u32::try_from(incident.escalation.answers.len()).unwrap_or(u32::MAX);
    let needed = incident.escalation.needed;
    draft.log_engine(incident, TimelineKind::NobodyElse { have, needed });
    incident.status = IncidentStatus::Acknowledged;
    incident.acknowledged_by =
        incident.escalation.answers.last().map(|last| Arc::from(last.as_str()));
    incident.acknowledged_at = Some(draft.now);
    notify::keep_current(draft, incident, |directory, reader| {
        notify::standing(incident, &Actor::Engine, directory, reader)
    });
    hold(draft, incident, IncidentStatus::Triggered);
}

/// Asks people to help, now and at any rate, whatever the incident's status. While it rings they are part of the ringing: an
/// acknowledgement ends it for them too. Else each is to answer for themselves.
///
/// # Errors
/// `Invalid` when it would be too many.
pub fn add_responders(
    draft: &mut Draft<'_>,
    incident: &mut Incident,
    people: &[PersonId],
) -> Result<(), Refusal> {
    let new = people.iter().filter(|one| !incident.responders.iter().any(|r| r.person == **one));
    if incident.responders.len() + new.count() > RESPONDERS_MAX {
        return Err(Refusal::Invalid(format!("expected at most {RESPONDERS_MAX} responders")));
    }
    draft.log(incident, TimelineKind::RespondersAdded { people: people.to_vec() });
    incident.escalation.again += 1;
    for person in people {
        add(draft, incident, person);
    }
    if incident.is_ringing() {
        watch::repage_later(draft, incident);
    }
    Ok(())
}

fn add(draft: &mut Draft<'_>, incident: &mut Incident, person: &PersonId) {
    let rings = incident.is_ringing();
    let told = incident.escalation.ringing.iter().any(|one| one.person == *person);
    let why_not = if rings && incident.has_answered(person) {
        Some(NotPagedReason::HasAnswered(person.clone()))
    } else if rings && told {
        Some(NotPagedReason::AlreadyInStep(person.clone()))
    } else if !is_known(draft, person) {
        Some(NotPagedReason::UnknownTarget(Target::Person(person.clone())))
    } else {
        None
    };
    if !incident.responders.iter().any(|one| one.person == *person) {
        incident.responders.push(Responder { person: person.clone(), waiting: false });
    }
    if let Some(why) = why_not {
        return draft.log_engine(incident, TimelineKind::NotPaged(why));
    }
    let reason = PageReason::Responder;
    if notify::page(draft, incident, person, &reason, mode_of(&reason)) {
        match rings {
            true => incident.escalation.ringing.push(Ringing { person: person.clone(), reason }),
            false => set_waiting(incident, person, true),
        }
    }
}
