//! Temporary schedules: fixed shifts that replace all layers of a schedule for a while.

use super::auth::Acting;
use super::input::{Asked, Given, text, unknown};
use super::page::{List, Paging};
use super::problem::Problem;
use super::refusal::{Refused, submit};
use crate::server::Doors;
use crate::token::fresh_id;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use jiff::Timestamp;
use nightbell_core::model::{
    Action, FixedShift, PersonId, ScheduleId, Temporary as Domain, TemporaryId, View,
};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;

/// Longest name, in bytes.
const NAME_MAX_BYTES: usize = 200;

/// One shift of a temporary schedule.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TemporaryShift {
    person: String,
    #[schema(value_type = String, format = DateTime)]
    starts_at: Timestamp,
    /// Exclusive.
    #[schema(value_type = String, format = DateTime)]
    ends_at: Timestamp,
}

/// Fixed shifts that replace all layers over a span.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Temporary {
    id: String,
    schedule: String,
    /// Why.
    name: String,
    #[schema(value_type = String, format = DateTime)]
    starts_at: Timestamp,
    /// Exclusive.
    #[schema(value_type = String, format = DateTime)]
    ends_at: Timestamp,
    /// What none of them covers is a gap.
    shifts: Vec<TemporaryShift>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    created_by: String,
}

fn show(one: &Domain) -> Temporary {
    let shift = |shift: &FixedShift| TemporaryShift {
        person: shift.person.to_string(),
        starts_at: shift.starts_at,
        ends_at: shift.ends_at,
    };
    Temporary {
        id: one.id.to_string(),
        schedule: one.schedule.to_string(),
        name: one.name.clone(),
        starts_at: one.starts_at,
        ends_at: one.ends_at,
        shifts: one.shifts.iter().map(shift).collect(),
        created_at: one.created_at,
        created_by: one.created_by.clone(),
    }
}

fn known(view: View<'_>, schedule: &str) -> Result<(), Problem> {
    match view.directory.schedules.contains_key(schedule) {
        true => Ok(()),
        false => Err(unknown("schedule", schedule)),
    }
}

/// Lists a schedule's temporary schedules by id, past ones included.
#[utoipa::path(get, path = "/api/v1/schedules/{id}/temporaries", tag = "schedules",
    params(("id" = String, Path), Paging),
    responses((status = 200, body = List<Temporary>), Refused))]
pub(super) async fn list(
    State(doors): State<Arc<Doors>>,
    Path(id): Path<String>,
    Asked(paging): Asked<Paging>,
) -> Result<Json<List<Temporary>>, Problem> {
    let page = doors.door.view(|view| {
        known(view, &id)?;
        let own = view.state.duty().temporaries().filter(|one| one.schedule.as_str() == id);
        paging.cut(own, |one| one.id.as_str(), |one| show(one))
    });
    page.map(Json)
}

/// What replaces the layers, and when.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewTemporary {
    /// Why: `Christmas`.
    name: String,
    #[schema(value_type = String, format = DateTime)]
    starts_at: Timestamp,
    /// Exclusive, in the future.
    #[schema(value_type = String, format = DateTime)]
    ends_at: Timestamp,
    /// One after the other, within the span; what none of them covers is a gap.
    shifts: Vec<TemporaryShift>,
}

/// Replaces all layers of a schedule for a while. Overrides beat it; of two that overlap, the later one holds.
#[utoipa::path(post, path = "/api/v1/schedules/{id}/temporaries", tag = "schedules",
    params(("id" = String, Path)), request_body = NewTemporary,
    responses((status = 201, body = Temporary), Refused))]
pub(super) async fn add(
    State(doors): State<Arc<Doors>>,
    Path(id): Path<String>,
    acting: Acting,
    Given(new): Given<NewTemporary>,
) -> Result<(StatusCode, Json<Temporary>), Problem> {
    doors.door.view(|view| known(view, &id))?;
    let shifts = new.shifts.into_iter().map(|shift| FixedShift {
        person: PersonId::new(shift.person),
        starts_at: shift.starts_at,
        ends_at: shift.ends_at,
    });
    let one = Domain {
        id: TemporaryId::new(fresh_id()),
        schedule: ScheduleId::new(id),
        name: text(&new.name, "name", NAME_MAX_BYTES)?,
        starts_at: new.starts_at,
        ends_at: new.ends_at,
        shifts: shifts.collect(),
        created_at: doors.now(),
        created_by: acting.actor.name().to_owned(),
    };
    let shown = show(&one);
    submit(&doors, acting.actor, Action::PutTemporary(one)).await?;
    Ok((StatusCode::CREATED, Json(shown)))
}

/// Takes a temporary schedule away; one that has begun ends now.
#[utoipa::path(delete, path = "/api/v1/schedules/{id}/temporaries/{temporary}", tag = "schedules",
    params(("id" = String, Path), ("temporary" = String, Path)),
    responses((status = 204, description = "The layers hold again"), Refused))]
pub(super) async fn remove(
    State(doors): State<Arc<Doors>>,
    Path((id, temporary)): Path<(String, String)>,
    acting: Acting,
) -> Result<StatusCode, Problem> {
    let temporary = TemporaryId::new(temporary);
    doors.door.view(|view| {
        known(view, &id)?;
        let found = view.state.duty().temporary(&temporary);
        let found = found.filter(|found| found.schedule.as_str() == id);
        found.map(drop).ok_or_else(|| unknown("temporary schedule", temporary.as_str()))
    })?;
    submit(&doors, acting.actor, Action::RemoveTemporary(temporary)).await?;
    Ok(StatusCode::NO_CONTENT)
}
