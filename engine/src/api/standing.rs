//! Where the ringing of an incident stands, whom it rings and who helps.

use crate::server::Doors;
use jiff::Timestamp;
use nightbell_core::model::{
    Incident as Domain, IncidentId, PersonId, Phase, Suppression, TimerKey,
};
use serde::Serialize;
use utoipa::ToSchema;

/// Where the ringing stands.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Escalation {
    /// The policy as it was when the incident opened.
    policy: String,
    /// `assigned`, `steps` or `fallback`.
    phase: &'static str,
    /// Of the phase `steps`, from 1.
    pass: Option<u32>,
    /// Of the phase `steps`, from 1: the step paged last.
    step: Option<usize>,
    /// Of the phase `fallback`, from 1.
    round: Option<u32>,
    /// Whether it waits because every firing alert is kept quiet by silences or maintenance windows.
    paused: bool,
    /// Which of them, while it waits.
    paused_by: Vec<Holder>,
    /// When the next step is paged unless somebody answers; null while nothing rings.
    #[schema(value_type = Option<String>, format = DateTime)]
    next_at: Option<Timestamp>,
    /// Whom the phase under way told.
    ringing: Vec<String>,
    /// When they are paged again; null when they are not.
    #[schema(value_type = Option<String>, format = DateTime)]
    repage_at: Option<Timestamp>,
    /// How many people must acknowledge.
    needed: u32,
    /// Who has, since it began to ring: with fewer than `needed` it rings on.
    answers: Vec<String>,
    /// When an acknowledged incident rings again unless it is resolved; null when it does not.
    #[schema(value_type = Option<String>, format = DateTime)]
    rings_again_at: Option<Timestamp>,
}

/// When what happens next of itself.
#[derive(Clone, Copy, Default)]
pub(super) struct Next {
    step: Option<Timestamp>,
    repage: Option<Timestamp>,
    again: Option<Timestamp>,
}

/// Somebody who was asked to help.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Responder {
    person: String,
    /// Whether they have not answered yet, while somebody else has the incident.
    waiting: bool,
}

/// A silence or maintenance window that keeps the incident quiet.
#[derive(Debug, Serialize, ToSchema)]
struct Holder {
    /// `silence 01ab…` or `maintenance window 01ab…`.
    by: String,
    /// Who made it.
    author: Option<String>,
    /// Its comment.
    reason: String,
    /// Until when it holds, this time.
    #[schema(value_type = Option<String>, format = DateTime)]
    until: Option<Timestamp>,
}

fn holder(held: &Suppression) -> Holder {
    Holder {
        by: held.by.to_string(),
        author: held.author.clone(),
        reason: held.reason.clone(),
        until: held.until,
    }
}

impl Next {
    /// Of one incident, now.
    pub(super) fn of(doors: &Doors, id: IncidentId) -> Self {
        doors.door.view(|view| Self {
            step: view.state.timer(&TimerKey::Escalate(id)),
            repage: view.state.timer(&TimerKey::Repage(id)),
            again: view.state.timer(&TimerKey::AcknowledgeTimeout(id)),
        })
    }
}

/// Who was asked to help.
pub(super) fn responders(incident: &Domain) -> Vec<Responder> {
    let all = incident.responders.iter();
    all.map(|one| Responder { person: one.person.to_string(), waiting: one.waiting }).collect()
}

/// As the API shows it.
pub(super) fn escalation(incident: &Domain, next: Next) -> Escalation {
    let (phase, pass, step, round) = match incident.escalation.phase {
        Phase::Assigned => ("assigned", None, None, None),
        Phase::Steps { pass, step } => ("steps", Some(pass), Some(step + 1), None),
        Phase::Fallback { round } => ("fallback", None, None, Some(round)),
    };
    let paused = incident.escalation.paused_with.is_some();
    let policy = incident.policy.id.to_string();
    let paused_by = incident.escalation.paused_by.iter().map(holder).collect();
    let ringing = incident.escalation.ringing.iter();
    Escalation {
        policy,
        phase,
        pass,
        step,
        round,
        paused,
        paused_by,
        next_at: next.step,
        ringing: ringing.map(|one| one.person.to_string()).collect(),
        repage_at: next.repage,
        needed: incident.escalation.needed,
        answers: names(&incident.escalation.answers),
        rings_again_at: next.again,
    }
}

/// People's ids.
pub(super) fn names(people: &[PersonId]) -> Vec<String> {
    people.iter().map(ToString::to_string).collect()
}
