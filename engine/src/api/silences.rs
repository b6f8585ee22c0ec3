//! Silences: mute what matches, from here to there. They hide alerts from everybody on call, so that only admins make
//! them.

use super::auth::Admin;
use super::duration::Duration;
use super::input::{Asked, Given, text, unknown};
use super::page::{List, Paging};
use super::problem::Problem;
use super::refusal::{Refused, submit};
use crate::limits;
use crate::server::Doors;
use crate::token::fresh_id;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use jiff::Timestamp;
use nightbell_core::model::{Action, Matcher, Silence as Domain, SilenceId};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;

/// Matchers of one silence.
const MATCHERS_MAX: usize = 32;
/// Longest matcher or comment, in bytes.
const TEXT_MAX_BYTES: usize = 1_024;

/// Mutes what matches over `[starts_at, ends_at)`.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Silence {
    id: String,
    /// `active`, `pending` or `expired`.
    status: &'static str,
    /// `team="shop"`; all of them must pass.
    matchers: Vec<String>,
    #[schema(value_type = String, format = DateTime)]
    starts_at: Timestamp,
    /// Exclusive.
    #[schema(value_type = String, format = DateTime)]
    ends_at: Timestamp,
    created_by: String,
    comment: String,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
}

fn show(silence: &Domain, now: Timestamp) -> Silence {
    Silence {
        id: silence.id.to_string(),
        status: match silence.is_active(now) {
            true => "active",
            false if now < silence.starts_at => "pending",
            false => "expired",
        },
        matchers: silence.matchers.iter().map(ToString::to_string).collect(),
        starts_at: silence.starts_at,
        ends_at: silence.ends_at,
        created_by: silence.created_by.clone(),
        comment: silence.comment.clone(),
        created_at: silence.created_at,
    }
}

/// Lists silences by id, recently ended ones included.
#[utoipa::path(get, path = "/api/v1/silences", tag = "silences", params(Paging),
    responses((status = 200, body = List<Silence>), Refused))]
pub(super) async fn list(
    State(doors): State<Arc<Doors>>,
    Asked(paging): Asked<Paging>,
) -> Result<Json<List<Silence>>, Problem> {
    let now = doors.now();
    doors
        .door
        .view(|view| {
            let all = view.state.silences();
            paging.cut(all, |silence| silence.id.as_str(), |silence| show(silence, now))
        })
        .map(Json)
}

/// What to mute, and until when: exactly one of `ends_at` and `for`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewSilence {
    /// `name=value`, `!=`, `=~` or `!~` on a label, or on `title`, `source`, `severity`, `integration`, `service`,
    /// `dedup_key`. All of them must pass.
    matchers: Vec<String>,
    /// Now when absent.
    #[schema(value_type = Option<String>, format = DateTime)]
    starts_at: Option<Timestamp>,
    /// Exclusive.
    #[schema(value_type = Option<String>, format = DateTime)]
    ends_at: Option<Timestamp>,
    /// `2h`, or seconds, from the start.
    r#for: Option<Duration>,
    /// Why.
    comment: String,
}

fn matchers(new: &[String]) -> Result<Vec<Matcher>, Problem> {
    if new.is_empty() || new.len() > MATCHERS_MAX {
        let got = new.len();
        return Err(Problem::invalid(format!(
            "`matchers`: expected 1 to {MATCHERS_MAX}, got {got}"
        )));
    }
    let read = |written: &String| {
        let written = text(written, "matchers", TEXT_MAX_BYTES)?;
        Matcher::parse(&written).map_err(|error| Problem::invalid(format!("`matchers`: {error}")))
    };
    new.iter().map(read).collect()
}

/// Adds a silence.
#[utoipa::path(post, path = "/api/v1/silences", tag = "silences", request_body = NewSilence,
    responses((status = 201, body = Silence), Refused))]
pub(super) async fn add(
    State(doors): State<Arc<Doors>>,
    Admin(actor): Admin,
    Given(new): Given<NewSilence>,
) -> Result<(StatusCode, Json<Silence>), Problem> {
    let now = doors.now();
    let starts_at = new.starts_at.unwrap_or(now);
    let ends_at = match (new.ends_at, &new.r#for) {
        (Some(ends_at), None) => ends_at,
        (None, Some(long)) => starts_at
            .checked_add(long.read("for")?)
            .map_err(|_| Problem::invalid("`for`: the time is too far away"))?,
        _ => return Err(Problem::invalid("expected either `ends_at` or `for`")),
    };
    let kept = doors.door.view(|view| view.state.silences().count());
    if kept >= limits::SILENCES_MAX {
        return Err(Problem::conflict(format!(
            "expected at most {} silences; end some, they are forgotten later",
            limits::SILENCES_MAX
        )));
    }
    let silence = Domain {
        id: SilenceId::new(fresh_id()),
        matchers: matchers(&new.matchers)?,
        starts_at,
        ends_at,
        created_by: actor.name().to_owned(),
        comment: text(&new.comment, "comment", TEXT_MAX_BYTES)?,
        created_at: now,
    };
    let shown = show(&silence, now);
    submit(&doors, actor, Action::PutSilence(silence)).await?;
    Ok((StatusCode::CREATED, Json(shown)))
}

/// Ends a silence now. What it muted and still fires goes on as if it had just triggered.
#[utoipa::path(delete, path = "/api/v1/silences/{id}", tag = "silences", params(("id" = String, Path)),
    responses((status = 204, description = "It has ended"), Refused))]
pub(super) async fn expire(
    State(doors): State<Arc<Doors>>,
    Path(id): Path<String>,
    Admin(actor): Admin,
) -> Result<StatusCode, Problem> {
    let silence = SilenceId::new(&id);
    let known = doors.door.view(|view| view.state.silence(&silence).is_some());
    if !known {
        return Err(unknown("silence", &id));
    }
    submit(&doors, actor, Action::ExpireSilence(silence)).await?;
    Ok(StatusCode::NO_CONTENT)
}
