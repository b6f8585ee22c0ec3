//! Asking people to help with an incident.

use super::auth::Acting;
use super::incidents::{self, Incident};
use super::input::Given;
use super::problem::Problem;
use super::refusal::Refused;
use crate::server::Doors;
use axum::Json;
use axum::extract::{Path, State};
use nightbell_core::model::{Action, PersonId};
use serde::Deserialize;
use std::sync::Arc;
use utoipa::ToSchema;

/// Whom.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Responders {
    /// People's ids.
    people: Vec<String>,
}

/// Pages these people too, whatever the incident's status; nobody is taken away. Answers the incident as it is afterwards.
#[utoipa::path(post, path = "/api/v1/incidents/{id}/responders", tag = "incidents",
    params(("id" = String, Path)), request_body = Responders,
    responses((status = 200, body = Incident), Refused))]
pub(super) async fn add(
    State(doors): State<Arc<Doors>>,
    Path(id): Path<String>,
    acting: Acting,
    Given(responders): Given<Responders>,
) -> Result<Json<Incident>, Problem> {
    let incident = incidents::id_of(&id)?;
    let people = responders.people.into_iter().map(PersonId::new).collect();
    incidents::act(&doors, acting, incident, Action::AddResponders { incident, people }).await
}
