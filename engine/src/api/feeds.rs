//! Calendar feeds: secret addresses at which calendar programs read who is on call. Made for one's own duty or for a whole
//! schedule; the address is shown once, and whoever made it revokes it.

use super::auth::{Acting, Caller};
use super::input::{Given, text, unknown};
use super::page::List;
use super::people::whose;
use super::problem::Problem;
use super::refusal::{Refused, submit};
use crate::server::Doors;
use crate::token::mint;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use jiff::Timestamp;
use nightbell_core::model::{
    Action, Actor, Feed as Kind, FeedOf, PersonId, ScheduleId, Token, TokenId, TokenKind,
};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;

/// Longest name, in bytes.
const NAME_MAX_BYTES: usize = 200;
/// Feeds of one person or schedule.
const FEEDS_MAX: usize = 100;

/// A calendar feed, without its secret.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Feed {
    /// The public part.
    id: String,
    /// Of a whole schedule.
    schedule: Option<String>,
    /// Of one person's duty on all schedules.
    person: Option<String>,
    /// What it is for, in its maker's words.
    name: String,
    /// Who made it; null: an admin.
    made_by: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// Where calendar programs read it: shown only in the answer to its creation. Whoever has it sees who is on call.
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
}

fn show(token: &Token, feed: &Kind, url: Option<String>) -> Feed {
    let (schedule, person) = match &feed.of {
        FeedOf::Schedule(id) => (Some(id.to_string()), None),
        FeedOf::Person(id) => (None, Some(id.to_string())),
    };
    Feed {
        id: token.id.to_string(),
        schedule,
        person,
        name: token.name.clone(),
        made_by: feed.made_by.as_ref().map(ToString::to_string),
        created_at: token.created_at,
        url,
    }
}

/// What a feed is for.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewFeed {
    /// What it is for: `calendar on my phone`.
    name: String,
}

fn of_schedule(doors: &Doors, id: &str) -> Result<FeedOf, Problem> {
    let known = doors.door.view(|view| view.directory.schedules.contains_key(id));
    if known { Ok(FeedOf::Schedule(ScheduleId::new(id))) } else { Err(unknown("schedule", id)) }
}

fn of_person(doors: &Doors, id: &str) -> Result<FeedOf, Problem> {
    let known = doors.door.view(|view| view.directory.people.contains_key(id));
    if known { Ok(FeedOf::Person(PersonId::new(id))) } else { Err(unknown("person", id)) }
}

fn all(doors: &Doors, of: &FeedOf) -> List<Feed> {
    let items = doors.door.view(|view| {
        let feeds = view.state.tokens().filter_map(|token| match &token.kind {
            TokenKind::Feed(feed) if feed.of == *of => Some(show(token, feed, None)),
            _ => None,
        });
        feeds.collect()
    });
    List { items, next: None }
}

async fn make(
    doors: &Doors,
    acting: Acting,
    of: FeedOf,
    new: &NewFeed,
) -> Result<(StatusCode, Json<Feed>), Problem> {
    let name = text(&new.name, "name", NAME_MAX_BYTES)?;
    if all(doors, &of).items.len() >= FEEDS_MAX {
        return Err(Problem::conflict(format!("there are {FEEDS_MAX} already; revoke some first")));
    }
    let made_by = match &acting.actor {
        Actor::Person(person) => Some(person.clone()),
        _ => None,
    };
    let feed = Kind { of, made_by };
    let (plain, token) = mint(TokenKind::Feed(feed.clone()), &name, doors.now(), None);
    let url = format!("{}/ical/{plain}.ics", doors.door.plan().public_url);
    let shown = show(&token, &feed, Some(url));
    submit(doors, acting.actor, Action::PutToken(token)).await?;
    Ok((StatusCode::CREATED, Json(shown)))
}

/// Lists the feeds of a schedule, without their secrets.
#[utoipa::path(get, path = "/api/v1/schedules/{id}/feeds", tag = "schedules",
    params(("id" = String, Path)), responses((status = 200, body = List<Feed>), Refused))]
pub(super) async fn list_of_schedule(
    State(doors): State<Arc<Doors>>,
    Path(id): Path<String>,
) -> Result<Json<List<Feed>>, Problem> {
    Ok(Json(all(&doors, &of_schedule(&doors, &id)?)))
}

/// Makes a feed of everybody's duty on a schedule. Its address is in the answer and nowhere else.
#[utoipa::path(post, path = "/api/v1/schedules/{id}/feeds", tag = "schedules",
    params(("id" = String, Path)), request_body = NewFeed,
    responses((status = 201, body = Feed), Refused))]
pub(super) async fn make_for_schedule(
    State(doors): State<Arc<Doors>>,
    Path(id): Path<String>,
    acting: Acting,
    Given(new): Given<NewFeed>,
) -> Result<(StatusCode, Json<Feed>), Problem> {
    let of = of_schedule(&doors, &id)?;
    make(&doors, acting, of, &new).await
}

/// Lists the feeds of a person's duty, without their secrets.
#[utoipa::path(get, path = "/api/v1/people/{id}/feeds", tag = "people",
    params(("id" = String, Path)), responses((status = 200, body = List<Feed>), Refused))]
pub(super) async fn list_of_person(
    State(doors): State<Arc<Doors>>,
    Path(id): Path<String>,
    caller: Caller,
) -> Result<Json<List<Feed>>, Problem> {
    let id = whose(&caller, &id).to_string();
    Ok(Json(all(&doors, &of_person(&doors, &id)?)))
}

/// Makes a feed of one's own duty on all schedules. Its address is in the answer and nowhere else.
#[utoipa::path(post, path = "/api/v1/people/{id}/feeds", tag = "people",
    params(("id" = String, Path)), request_body = NewFeed,
    responses((status = 201, body = Feed), Refused))]
pub(super) async fn make_for_person(
    State(doors): State<Arc<Doors>>,
    Path(id): Path<String>,
    acting: Acting,
    Given(new): Given<NewFeed>,
) -> Result<(StatusCode, Json<Feed>), Problem> {
    let id = whose(&acting.caller, &id).to_string();
    let of = of_person(&doors, &id)?;
    acting.owns(&PersonId::new(&id))?;
    make(&doors, acting, of, &new).await
}

/// Revokes a feed, at once: its address opens nothing any more. For whoever made it, the person whose duty it shows, and
/// admins.
#[utoipa::path(delete, path = "/api/v1/feeds/{id}", tag = "schedules", params(("id" = String, Path)),
    responses((status = 204, description = "It is gone"), Refused))]
pub(super) async fn revoke(
    State(doors): State<Arc<Doors>>,
    Path(id): Path<String>,
    acting: Acting,
) -> Result<StatusCode, Problem> {
    let token = TokenId::new(&id);
    let feed = doors.door.view(|view| match view.state.token(&token).map(|token| &token.kind) {
        Some(TokenKind::Feed(feed)) => Some(feed.clone()),
        _ => None,
    });
    let feed = feed.ok_or_else(|| unknown("feed", &id))?;
    let owners = feed.made_by.iter().chain(match &feed.of {
        FeedOf::Person(person) => Some(person),
        FeedOf::Schedule(_) => None,
    });
    if !acting.caller.is_admin()
        && !owners.into_iter().any(|one| acting.caller.is_self_or_admin(one))
    {
        let detail = "only whoever made this feed, whose duty it shows, and admins may revoke it";
        return Err(Problem::forbidden(detail));
    }
    submit(&doors, acting.actor, Action::RevokeToken(token)).await?;
    Ok(StatusCode::NO_CONTENT)
}
