//! What people make of incidents besides answering them: merging, splitting, priority, who follows them, how they stand.

use super::Problem;
use super::auth::Acting;
use super::incidents::{self, Incident, act, id_of};
use super::input::Given;
use super::refusal::{Refused, submit_via};
use crate::server::Doors;
use axum::Json;
use axum::extract::{Path, State};
use jiff::Timestamp;
use nightbell_core::model::{
    Action, Actor, AlertId, Closing, Incident as Domain, IncidentId, PersonId, Priority,
};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;

/// What an incident remembers of its life.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct IncidentLife {
    /// People who follow it, by id.
    subscribers: Vec<String>,
    /// When the first page left.
    #[schema(value_type = Option<String>, format = DateTime)]
    first_paged_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    first_acknowledged_at: Option<Timestamp>,
    /// How often it was reopened.
    reopened: u32,
    #[schema(value_type = Option<String>, format = DateTime)]
    reopened_at: Option<Timestamp>,
    /// The number of the incident in which its alerts went on.
    merged_into: Option<u64>,
    /// The numbers of the incidents whose alerts go on in this one.
    merged: Vec<u64>,
    /// The number of the incident it was split from.
    split_from: Option<u64>,
}

impl IncidentLife {
    /// As it is shown.
    pub(super) fn of(incident: &Domain) -> Self {
        let life = &incident.life;
        Self {
            subscribers: incident.subscribers.iter().map(ToString::to_string).collect(),
            first_paged_at: life.first_paged_at,
            first_acknowledged_at: life.first_acknowledged_at,
            reopened: life.reopened,
            reopened_at: life.reopened_at,
            merged_into: merged_into(incident).map(|id| id.0),
            merged: life.merged.iter().map(|id| id.0).collect(),
            split_from: life.split_from.map(|id| id.0),
        }
    }
}

/// Where an incident's alerts went on.
pub(super) fn merged_into(incident: &Domain) -> Option<IncidentId> {
    match &incident.closing {
        Some(Closing::Merged(into)) => Some(*into),
        _ => None,
    }
}

/// Which others.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Merge {
    /// Their numbers, at least one.
    incidents: Vec<u64>,
}

/// Merges others into this incident: their firing alerts go on in it, they end, and their pages with them. It keeps its
/// service, policy and status.
#[utoipa::path(post, path = "/api/v1/incidents/{id}/merge", tag = "incidents",
    params(("id" = String, Path)), request_body = Merge,
    responses((status = 200, body = Incident), Refused))]
pub(super) async fn merge(
    State(doors): State<Arc<Doors>>,
    Path(id): Path<String>,
    acting: Acting,
    Given(merge): Given<Merge>,
) -> Result<Json<Incident>, Problem> {
    let into = id_of(&id)?;
    let incidents = merge.incidents.into_iter().map(IncidentId).collect();
    act(&doors, acting, into, Action::Merge { into, incidents }).await
}

/// Which alerts.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Split {
    /// Firing ones, at least one, and not all that fire.
    alerts: Vec<Named>,
}

/// An alert by its identity.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Named {
    integration: String,
    dedup_key: String,
}

/// Splits alerts off into a new incident, triggered or acknowledged as this one is. Answers the new one.
#[utoipa::path(post, path = "/api/v1/incidents/{id}/split", tag = "incidents",
    params(("id" = String, Path)), request_body = Split,
    responses((status = 200, body = Incident), Refused))]
pub(super) async fn split(
    State(doors): State<Arc<Doors>>,
    Path(id): Path<String>,
    acting: Acting,
    Given(split): Given<Split>,
) -> Result<Json<Incident>, Problem> {
    let incident = id_of(&id)?;
    let named = split.alerts.into_iter().map(|alert| AlertId {
        integration: alert.integration.as_str().into(),
        dedup_key: alert.dedup_key.as_str().into(),
    });
    let alerts: Vec<AlertId> = named.collect();
    let first = alerts.first().cloned();
    submit_via(&doors, acting.actor, acting.via, Action::Split { incident, alerts }).await?;
    let new = doors.door.view(|view| view.state.alert(&first?)?.incident);
    incidents::read(&doors, new.unwrap_or(incident)).await
}

/// How important.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SetPriority {
    /// `P1` to `P5`; null takes it away.
    #[schema(required = true)]
    priority: Option<String>,
}

/// Says how important the incident is. Nobody is paged for it.
#[utoipa::path(post, path = "/api/v1/incidents/{id}/priority", tag = "incidents",
    params(("id" = String, Path)), request_body = SetPriority,
    responses((status = 200, body = Incident), Refused))]
pub(super) async fn priority(
    State(doors): State<Arc<Doors>>,
    Path(id): Path<String>,
    acting: Acting,
    Given(set): Given<SetPriority>,
) -> Result<Json<Incident>, Problem> {
    let incident = id_of(&id)?;
    let read = |text: &String| {
        Priority::parse(text)
            .ok_or_else(|| Problem::invalid("`priority`: expected `P1` to `P5`, or null"))
    };
    let priority = set.priority.as_ref().map(read).transpose()?;
    act(&doors, acting, incident, Action::SetPriority { incident, priority }).await
}

/// Who.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Subscriber {
    /// A person's id; when absent, the one whose token it is.
    person: Option<String>,
}

/// Lets a person follow the incident: they are told how it goes on, and are not paged for that. People do so for
/// themselves, admins for anybody.
#[utoipa::path(post, path = "/api/v1/incidents/{id}/subscribers", tag = "incidents",
    params(("id" = String, Path)), request_body = Subscriber,
    responses((status = 200, body = Incident), Refused))]
pub(super) async fn subscribe(
    State(doors): State<Arc<Doors>>,
    Path(id): Path<String>,
    acting: Acting,
    Given(subscriber): Given<Subscriber>,
) -> Result<Json<Incident>, Problem> {
    let incident = id_of(&id)?;
    let person = match (subscriber.person, &acting.actor) {
        (Some(person), _) => PersonId::new(person),
        (None, Actor::Person(own)) => own.clone(),
        (None, _) => return Err(Problem::invalid("expected `person`: this token is nobody's own")),
    };
    themself(&acting, &person)?;
    act(&doors, acting, incident, Action::Subscribe { incident, person }).await
}

/// Lets a person follow the incident no longer.
#[utoipa::path(delete, path = "/api/v1/incidents/{id}/subscribers/{person}", tag = "incidents",
    params(("id" = String, Path), ("person" = String, Path)),
    responses((status = 200, body = Incident), Refused))]
pub(super) async fn unsubscribe(
    State(doors): State<Arc<Doors>>,
    Path((id, person)): Path<(String, String)>,
    acting: Acting,
) -> Result<Json<Incident>, Problem> {
    let (incident, person) = (id_of(&id)?, PersonId::new(person));
    themself(&acting, &person)?;
    act(&doors, acting, incident, Action::Unsubscribe { incident, person }).await
}

fn themself(acting: &Acting, person: &PersonId) -> Result<(), Problem> {
    if acting.caller.is_self_or_admin(person) {
        return Ok(());
    }
    Err(Problem::forbidden("people say for themselves what they follow, and admins for anybody"))
}

/// How it stands.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Update {
    /// At most 10,000 bytes.
    text: String,
}

/// Tells those who were paged and those who follow the incident how it stands, and writes it into the timeline.
#[utoipa::path(post, path = "/api/v1/incidents/{id}/updates", tag = "incidents",
    params(("id" = String, Path)), request_body = Update,
    responses((status = 200, body = Incident), Refused))]
pub(super) async fn update(
    State(doors): State<Arc<Doors>>,
    Path(id): Path<String>,
    acting: Acting,
    Given(update): Given<Update>,
) -> Result<Json<Incident>, Problem> {
    let incident = id_of(&id)?;
    act(&doors, acting, incident, Action::PostUpdate { incident, text: update.text }).await
}
