//! Who is on call.

use super::input::{Asked, unknown};
use super::page::{List, Paging};
use super::problem::Problem;
use super::refusal::Refused;
use crate::server::Doors;
use axum::Json;
use axum::extract::State;
use jiff::Timestamp;
use nightbell_core::model::{EscalationPolicy, PersonId, ScheduleId, Target, View};
use nightbell_core::{escalate, schedule};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};

/// One schedule's answer, or one target's of a policy.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Duty {
    /// Null for a person whom a policy names.
    schedule: Option<String>,
    /// Null when nobody is on call: the fallback is paged then.
    person: Option<String>,
    #[schema(value_type = Option<String>, format = DateTime)]
    starts_at: Option<Timestamp>,
    /// Exclusive; null for a person whom a policy names.
    #[schema(value_type = Option<String>, format = DateTime)]
    ends_at: Option<Timestamp>,
    /// The layer's name, `override` or `temporary`.
    layer: Option<String>,
    /// Who is next, within 92 days; null when nobody is.
    next: Option<String>,
    /// The service that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    service: Option<String>,
    /// The policy that was asked for, or the service's.
    #[serde(skip_serializing_if = "Option::is_none")]
    policy: Option<String>,
    /// Which step of it, from 1; absent for the fallback, whom a policy without steps pages.
    #[serde(skip_serializing_if = "Option::is_none")]
    step: Option<usize>,
}

/// Whom to ask for, and when: of `schedule`, `policy` and `service` at most one.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Which {
    /// A schedule's id; all when nothing is said.
    schedule: Option<String>,
    /// An escalation policy's id: everybody whom its steps lead to.
    policy: Option<String>,
    /// A service's id: as its policy.
    service: Option<String>,
    /// Now when absent.
    #[param(value_type = Option<String>, format = DateTime)]
    at: Option<Timestamp>,
    /// At most so many items, 1 to 200; 50 when absent.
    limit: Option<usize>,
    /// `next` of the page before.
    cursor: Option<String>,
}

fn duty(view: View<'_>, schedule: &ScheduleId, at: Timestamp) -> Duty {
    let calendar = schedule::calendar(view, schedule);
    let shift = calendar.and_then(|calendar| calendar.on_call(at));
    let ends_at = shift.as_ref().map(|shift| shift.ends_at);
    let next = calendar.and_then(|calendar| calendar.next_after(ends_at.unwrap_or(at)));
    Duty {
        schedule: Some(schedule.to_string()),
        person: shift.as_ref().map(|shift| shift.person.to_string()),
        starts_at: shift.as_ref().map(|shift| shift.starts_at),
        ends_at,
        layer: shift.map(|shift| shift.layer().to_owned()),
        next: next.map(|shift| shift.person.to_string()),
        service: None,
        policy: None,
        step: None,
    }
}

fn named(person: &PersonId) -> Duty {
    Duty {
        schedule: None,
        person: Some(person.to_string()),
        starts_at: None,
        ends_at: None,
        layer: None,
        next: None,
        service: None,
        policy: None,
        step: None,
    }
}

/// Whom a target means. A room is nobody, and a team without members, too.
fn target(view: View<'_>, target: &Target, at: Timestamp) -> Vec<Duty> {
    match target {
        Target::Schedule(id) => vec![duty(view, id, at)],
        Target::Person(_) | Target::Next(_) | Target::Team(_) | Target::Room(_) => {
            let meant = escalate::people_of(view, std::slice::from_ref(target), at);
            meant.iter().map(|(_, person)| named(person)).collect()
        }
    }
}

/// Everybody whom a policy leads to, step by step; of one without steps the fallback.
fn ladder(view: View<'_>, policy: &EscalationPolicy, at: Timestamp) -> Vec<Duty> {
    let steps = policy.steps.iter().enumerate();
    let told = steps
        .flat_map(|(place, step)| step.targets.iter().map(move |target| (Some(place + 1), target)));
    let fallback = view.directory.fallback.iter().map(|target| (None, target));
    let whole: Vec<_> = if policy.steps.is_empty() { fallback.collect() } else { told.collect() };
    let policy = policy.id.to_string();
    let of = |(step, one)| {
        let all = target(view, one, at).into_iter();
        all.map(move |duty| (step, duty)).collect::<Vec<_>>()
    };
    let told = whole.into_iter().flat_map(of);
    told.map(|(step, duty)| Duty { policy: Some(policy.clone()), step, ..duty }).collect()
}

fn of_policy(view: View<'_>, id: &str, at: Timestamp) -> Result<Vec<Duty>, Problem> {
    let policy = view.directory.policies.get(id).ok_or_else(|| unknown("escalation policy", id))?;
    Ok(ladder(view, policy, at))
}

fn of_service(view: View<'_>, id: &str, at: Timestamp) -> Result<Vec<Duty>, Problem> {
    let service = view.directory.services.get(id).ok_or_else(|| unknown("service", id))?;
    let all = of_policy(view, service.policy.as_str(), at)?.into_iter();
    Ok(all.map(|duty| Duty { service: Some(id.to_owned()), ..duty }).collect())
}

/// Answers who is on call: per schedule, or step by step for a policy or a service.
#[utoipa::path(get, path = "/api/v1/oncall", tag = "schedules", params(Which),
    responses((status = 200, body = List<Duty>), Refused))]
pub(super) async fn oncall(
    State(doors): State<Arc<Doors>>,
    Asked(which): Asked<Which>,
) -> Result<Json<List<Duty>>, Problem> {
    let at = which.at.unwrap_or_else(|| doors.now());
    let paging = Paging { limit: which.limit, cursor: which.cursor };
    let whole = |items| List { items, next: None };
    let found = doors.door.view(|view| {
        let schedules = &view.directory.schedules;
        match (&which.schedule, &which.policy, &which.service) {
            (None, None, None) => {
                paging.cut(schedules.keys(), |id| id.as_str(), |id| duty(view, id, at))
            }
            (Some(id), None, None) => {
                let (id, _) =
                    schedules.get_key_value(id.as_str()).ok_or_else(|| unknown("schedule", id))?;
                Ok(whole(vec![duty(view, id, at)]))
            }
            (None, Some(id), None) => of_policy(view, id, at).map(whole),
            (None, None, Some(id)) => of_service(view, id, at).map(whole),
            _ => Err(Problem::bad_request(
                "expected at most one of `schedule`, `policy` and `service`",
            )),
        }
    });
    found.map(Json)
}
