//! Overrides: "this person takes the duty from here to there". Run-time facts, never configuration.

use super::auth::Acting;
use super::input::{Asked, Given, unknown};
use super::page::{List, Paging};
use super::problem::Problem;
use super::refusal::{Refused, submit};
use crate::server::Doors;
use crate::token::fresh_id;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use jiff::Timestamp;
use nightbell_core::model::{Action, Override as Domain, OverrideId, PersonId, ScheduleId, View};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;

/// An exception that beats every layer.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Override {
    id: String,
    schedule: String,
    person: String,
    #[schema(value_type = String, format = DateTime)]
    starts_at: Timestamp,
    /// Exclusive.
    #[schema(value_type = String, format = DateTime)]
    ends_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    created_by: String,
}

fn show(over: &Domain) -> Override {
    Override {
        id: over.id.to_string(),
        schedule: over.schedule.to_string(),
        person: over.person.to_string(),
        starts_at: over.starts_at,
        ends_at: over.ends_at,
        created_at: over.created_at,
        created_by: over.created_by.clone(),
    }
}

fn known(view: View<'_>, schedule: &str) -> Result<(), Problem> {
    match view.directory.schedules.contains_key(schedule) {
        true => Ok(()),
        false => Err(unknown("schedule", schedule)),
    }
}

/// Lists a schedule's overrides by id, past ones included.
#[utoipa::path(get, path = "/api/v1/schedules/{id}/overrides", tag = "schedules",
    params(("id" = String, Path), Paging),
    responses((status = 200, body = List<Override>), Refused))]
pub(super) async fn list(
    State(doors): State<Arc<Doors>>,
    Path(id): Path<String>,
    Asked(paging): Asked<Paging>,
) -> Result<Json<List<Override>>, Problem> {
    doors
        .door
        .view(|view| {
            known(view, &id)?;
            let own = view.state.duty().overrides().filter(|over| over.schedule.as_str() == id);
            paging.cut(own, |over| over.id.as_str(), |over| show(over))
        })
        .map(Json)
}

/// Who and when.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewOverride {
    /// Who takes the duty.
    person: String,
    #[schema(value_type = String, format = DateTime)]
    starts_at: Timestamp,
    /// Exclusive, in the future.
    #[schema(value_type = String, format = DateTime)]
    ends_at: Timestamp,
}

/// Adds an override. Of two that overlap, the later one holds.
#[utoipa::path(post, path = "/api/v1/schedules/{id}/overrides", tag = "schedules",
    params(("id" = String, Path)), request_body = NewOverride,
    responses((status = 201, body = Override), Refused))]
pub(super) async fn add(
    State(doors): State<Arc<Doors>>,
    Path(id): Path<String>,
    acting: Acting,
    Given(new): Given<NewOverride>,
) -> Result<(StatusCode, Json<Override>), Problem> {
    doors.door.view(|view| known(view, &id))?;
    let over = Domain {
        id: OverrideId::new(fresh_id()),
        schedule: ScheduleId::new(id),
        person: PersonId::new(new.person),
        starts_at: new.starts_at,
        ends_at: new.ends_at,
        created_at: doors.now(),
        created_by: acting.actor.name().to_owned(),
    };
    let shown = show(&over);
    submit(&doors, acting.actor, Action::PutOverride(over)).await?;
    Ok((StatusCode::CREATED, Json(shown)))
}

/// Takes an override away.
#[utoipa::path(delete, path = "/api/v1/schedules/{id}/overrides/{override}", tag = "schedules",
    params(("id" = String, Path), ("override" = String, Path)),
    responses((status = 204, description = "It is gone"), Refused))]
pub(super) async fn remove(
    State(doors): State<Arc<Doors>>,
    Path((id, over)): Path<(String, String)>,
    acting: Acting,
) -> Result<StatusCode, Problem> {
    let over = OverrideId::new(over);
    doors.door.view(|view| {
        known(view, &id)?;
        let found = view.state.duty().schedule_override(&over);
        let found = found.filter(|found| found.schedule.as_str() == id);
        found.map(drop).ok_or_else(|| unknown("override", over.as_str()))
    })?;
    submit(&doors, acting.actor, Action::RemoveOverride(over)).await?;
    Ok(StatusCode::NO_CONTENT)
}
