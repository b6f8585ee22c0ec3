//! What a person wants to hear of their own shifts.

use super::auth::{Acting, Caller};
use super::duration::{self, Duration};
use super::input::{Given, unknown};
use super::people::whose;
use super::problem::Problem;
use super::refusal::{Refused, submit};
use crate::server::Doors;
use axum::Json;
use axum::extract::{Path, State};
use nightbell_core::model::{Action, HandoffWish, PersonId};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;

/// When a person is told of their own shifts.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct HandoffNotices {
    /// When a shift begins; true unless the person said otherwise.
    at_start: bool,
    /// When a shift ends.
    at_end: bool,
    /// So long before it begins: `30m`; null: not.
    before: Option<String>,
}

fn show(wish: &HandoffWish) -> HandoffNotices {
    let before = wish.before.map(duration::show);
    HandoffNotices { at_start: wish.at_start, at_end: wish.at_end, before }
}

/// Shows what a person hears of their own shifts.
#[utoipa::path(get, path = "/api/v1/people/{id}/handoff-notices", tag = "people",
    params(("id" = String, Path)), responses((status = 200, body = HandoffNotices), Refused))]
pub(super) async fn show_wish(
    State(doors): State<Arc<Doors>>,
    Path(id): Path<String>,
    caller: Caller,
) -> Result<Json<HandoffNotices>, Problem> {
    let id = whose(&caller, &id).to_string();
    let wish = doors.door.view(|view| {
        let known = view.directory.people.contains_key(id.as_str());
        known.then(|| view.state.watches().wish(&PersonId::new(&id)))
    });
    wish.map(|wish| Json(show(&wish))).ok_or_else(|| unknown("person", &id))
}

/// What somebody wishes to hear.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Wish {
    /// When a shift begins.
    at_start: bool,
    /// When a shift ends.
    at_end: bool,
    /// So long before it begins, at most 7 days; not when absent.
    before: Option<Duration>,
}

/// Replaces what a person hears of their own shifts.
#[utoipa::path(put, path = "/api/v1/people/{id}/handoff-notices", tag = "people",
    params(("id" = String, Path)), request_body = Wish,
    responses((status = 200, body = HandoffNotices), Refused))]
pub(super) async fn set_wish(
    State(doors): State<Arc<Doors>>,
    Path(id): Path<String>,
    acting: Acting,
    Given(new): Given<Wish>,
) -> Result<Json<HandoffNotices>, Problem> {
    let id = whose(&acting.caller, &id).to_string();
    let person = PersonId::new(&id);
    if !doors.door.view(|view| view.directory.people.contains_key(id.as_str())) {
        return Err(unknown("person", &id));
    }
    acting.owns(&person)?;
    let before = new.before.map(|before| before.read("before")).transpose()?;
    let wish = HandoffWish { person, at_start: new.at_start, at_end: new.at_end, before };
    let shown = show(&wish);
    submit(&doors, acting.actor, Action::SetHandoffWish(wish)).await?;
    Ok(Json(shown))
}
