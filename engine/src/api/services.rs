//! Services and integrations, as the configuration has them. Keys are never shown.

use super::input::Asked;
use super::page::{List, Paging};
use super::problem::Problem;
use super::refusal::Refused;
use crate::server::Doors;
use axum::Json;
use axum::extract::State;
use nightbell_core::model::Urgency;
use serde::Serialize;
use std::sync::Arc;
use utoipa::ToSchema;

/// What is owned.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Service {
    id: String,
    name: String,
    escalation_policy: String,
    /// `high` or `low`; null: by severity.
    urgency: Option<&'static str>,
}

/// Lists services by id.
#[utoipa::path(get, path = "/api/v1/services", tag = "configuration", params(Paging),
    responses((status = 200, body = List<Service>), Refused))]
pub(super) async fn list(
    State(doors): State<Arc<Doors>>,
    Asked(paging): Asked<Paging>,
) -> Result<Json<List<Service>>, Problem> {
    doors
        .door
        .view(|view| {
            paging.cut(
                view.directory.services.values(),
                |service| service.id.as_str(),
                |service| Service {
                    id: service.id.to_string(),
                    name: service.name.clone(),
                    escalation_policy: service.policy.to_string(),
                    urgency: service.urgency.map(Urgency::as_str),
                },
            )
        })
        .map(Json)
}

/// A keyed way in.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Integration {
    id: String,
    /// Where its events go when no router says otherwise.
    service: String,
    /// The parser of `/in/{key}`; null for the engine's own.
    parser: Option<String>,
    /// How many keys work now.
    keys: usize,
}

/// Lists integrations by id, without their keys.
#[utoipa::path(get, path = "/api/v1/integrations", tag = "configuration", params(Paging),
    responses((status = 200, body = List<Integration>), Refused))]
pub(super) async fn integrations(
    State(doors): State<Arc<Doors>>,
    Asked(paging): Asked<Paging>,
) -> Result<Json<List<Integration>>, Problem> {
    let plan = doors.door.plan();
    let keyed = |id: &str| plan.integrations.iter().find(|one| one.id.as_str() == id);
    paging
        .cut(
            plan.directory.integrations.values(),
            |integration| integration.id.as_str(),
            |integration| {
                let keyed = keyed(integration.id.as_str());
                Integration {
                    id: integration.id.to_string(),
                    service: integration.service.to_string(),
                    parser: keyed.map(|one| one.parser.clone()),
                    keys: keyed.map_or(0, |one| one.keys_sha256.len()),
                }
            },
        )
        .map(Json)
}
