//! Submitting a change, and what a refusal is called outside.

use super::Problem;
use crate::server::Doors;
use nightbell_core::model::{Action, Actor, Input, Refusal, Reply, Via};
use std::collections::BTreeMap;
use utoipa::openapi::{Content, Ref, RefOr, Response, ResponseBuilder};

/// Asks for an action and answers once it is durable.
///
/// # Errors
/// 403 for what is somebody else's to do, 404 for what does not exist, 409 for an incident that is resolved and for what there is already, 422 for a value
/// that cannot be used, 429 for what was asked for too often, 503 when the engine is too busy.
pub(super) async fn submit(doors: &Doors, by: Actor, action: Action) -> Result<(), Problem> {
    submit_via(doors, by, Via::Api, action).await
}

/// As [`submit`], when it is known through which door.
///
/// # Errors
/// As [`submit`].
pub(super) async fn submit_via(
    doors: &Doors,
    by: Actor,
    via: Via,
    action: Action,
) -> Result<(), Problem> {
    match doors.door.submit(Input::Action { by, via: Some(via), action }).await? {
        Reply::Done => Ok(()),
        Reply::Refused(refusal) => Err(problem(doors, refusal).await),
    }
}

async fn problem(doors: &Doors, refusal: Refusal) -> Problem {
    match refusal {
        Refusal::NoOpenIncident(id) => match doors.door.store().incident(id).await {
            Ok(Some(_)) => Problem::conflict(format!("incident {id} is resolved")),
            Ok(None) => Problem::not_found(format!("no incident `{id}`")),
            Err(error) => error.into(),
        },
        Refusal::NotFound { .. } => Problem::not_found(refusal.to_string()),
        Refusal::TooOften { again_at, .. } => {
            Problem::too_often(refusal.to_string()).again_at(again_at, doors.now())
        }
        Refusal::NoCode => Problem::conflict(refusal.to_string()),
        Refusal::WrongCode { .. } => Problem::invalid(refusal.to_string()).about("code"),
        Refusal::Exists { .. } | Refusal::Conflict(_) => Problem::conflict(refusal.to_string()),
        Refusal::NotTheirs(_) => Problem::forbidden(refusal.to_string()),
        // What is in the path was looked up before: these come from the body.
        Refusal::NoPerson(_) | Refusal::NoSchedule(_) | Refusal::Invalid(_) => {
            Problem::invalid(refusal.to_string())
        }
    }
}

/// In the description: every route may answer a problem.
pub(super) struct Refused;

impl utoipa::IntoResponses for Refused {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let schema = RefOr::Ref(Ref::from_schema_name("Problem"));
        let content = Content::new(Some(schema));
        let response = ResponseBuilder::new()
            .description("What went wrong")
            .content("application/problem+json", content)
            .build();
        BTreeMap::from([("default".to_owned(), response.into())])
    }
}
