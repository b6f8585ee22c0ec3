//! Who is on call.

use super::input::{Asked, unknown};
use super::page::{List, Paging};
use super::problem::Problem;
use super::refusal::Refused;
use crate::server::Doors;
use axum::Json;
use axum::extract::State;
use jiff::Timestamp;
use nightbell_core::model::{Schedule, View};
use nightbell_core::schedule;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};

/// One schedule's answer.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Duty {
    schedule: String,
    /// Null when nobody is on call: the fallback is paged then.
    person: Option<String>,
    #[schema(value_type = Option<String>, format = DateTime)]
    starts_at: Option<Timestamp>,
    /// Exclusive.
    #[schema(value_type = Option<String>, format = DateTime)]
    ends_at: Option<Timestamp>,
    /// The layer's name, or `override`.
    layer: Option<String>,
    /// Who is next, within 92 days; null when nobody is.
    next: Option<String>,
}

/// Which schedules, and when.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Which {
    /// A schedule's id; all when absent.
    schedule: Option<String>,
    /// Now when absent.
    #[param(value_type = Option<String>, format = DateTime)]
    at: Option<Timestamp>,
    /// At most so many items, 1 to 200; 50 when absent.
    limit: Option<usize>,
    /// `next` of the page before.
    cursor: Option<String>,
}

fn duty(view: View<'_>, schedule: &Schedule, at: Timestamp) -> Duty {
    let calendar = schedule::calendar(view, &schedule.id);
    let shift = calendar.and_then(|calendar| calendar.on_call(at));
    let ends_at = shift.as_ref().map(|shift| shift.ends_at);
    let next = calendar.and_then(|calendar| calendar.next_after(ends_at.unwrap_or(at)));
    Duty {
        schedule: schedule.id.to_string(),
        person: shift.as_ref().map(|shift| shift.person.to_string()),
        starts_at: shift.as_ref().map(|shift| shift.starts_at),
        ends_at,
        layer: shift.map(|shift| shift.layer().to_owned()),
        next: next.map(|shift| shift.person.to_string()),
    }
}

/// Answers who is on call, per schedule.
#[utoipa::path(get, path = "/api/v1/oncall", tag = "schedules", params(Which),
    responses((status = 200, body = List<Duty>), Refused))]
pub(super) async fn oncall(
    State(doors): State<Arc<Doors>>,
    Asked(which): Asked<Which>,
) -> Result<Json<List<Duty>>, Problem> {
    let at = which.at.unwrap_or_else(|| doors.now());
    let paging = Paging { limit: which.limit, cursor: which.cursor };
    doors
        .door
        .view(|view| {
            let schedules = &view.directory.schedules;
            if let Some(id) = &which.schedule {
                let schedule = schedules.get(id.as_str());
                let schedule = schedule.ok_or_else(|| unknown("schedule", id))?;
                return Ok(List { items: vec![duty(view, schedule, at)], next: None });
            }
            paging.cut(
                schedules.values(),
                |schedule| schedule.id.as_str(),
                |schedule| duty(view, schedule, at),
            )
        })
        .map(Json)
}
