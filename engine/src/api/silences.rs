//! Silences: mute what matches, from here to there or every week. They hide alerts from everybody on call, so that only
//! admins make them.

use super::auth::Admin;
use super::duration::Duration;
use super::input::{Asked, Given, text, unknown};
use super::page::{List, Paging};
use super::preview::Preview;
use super::problem::Problem;
use super::quiet::{self, Edit, Occurrence, Weekly};
use super::refusal::{Refused, submit};
use crate::limits;
use crate::server::Doors;
use crate::token::fresh_id;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use jiff::Timestamp;
use nightbell_core::model::{Action, Actor, Matcher, Quiet, Silence as Domain, SilenceId};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;

/// Matchers of one silence.
const MATCHERS_MAX: usize = 32;
/// Longest matcher or comment, in bytes.
const TEXT_MAX_BYTES: usize = 1_024;

/// Mutes what matches over `[starts_at, ends_at)`, or in it every week.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Silence {
    id: String,
    /// `active`, `pending` or `expired`. What recurs is pending in between.
    status: &'static str,
    /// `team="shop"`; all of them must pass.
    matchers: Vec<String>,
    #[schema(value_type = String, format = DateTime)]
    starts_at: Timestamp,
    /// Exclusive.
    #[schema(value_type = String, format = DateTime)]
    ends_at: Timestamp,
    /// Only then.
    weekly: Option<Weekly>,
    /// The stretch that holds now, or the next one.
    next: Option<Occurrence>,
    created_by: String,
    comment: String,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// Who changed it since, oldest first.
    history: Vec<Edit>,
}

fn show(silence: &Domain, now: Timestamp) -> Silence {
    Silence {
        id: silence.id.to_string(),
        status: quiet::status(&silence.time, now),
        matchers: silence.matchers.iter().map(ToString::to_string).collect(),
        starts_at: silence.time.starts_at,
        ends_at: silence.time.ends_at,
        weekly: silence.time.weekly.as_ref().map(Weekly::of),
        next: quiet::next(&silence.time, now),
        created_by: silence.created_by.clone(),
        comment: silence.comment.clone(),
        created_at: silence.created_at,
        history: quiet::history(&silence.history),
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
            let all = view.state.quiet().silences();
            paging.cut(all, |silence| silence.id.as_str(), |silence| show(silence, now))
        })
        .map(Json)
}

/// What to mute, and until when: exactly one of `ends_at` and `for`; with `weekly` it may be neither, and lasts as long as
/// the configuration allows.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewSilence {
    /// `name=value`, `!=`, `=~` or `!~` on a label, or on `title`, `source`, `severity`, `integration`, `service`,
    /// `dedup_key`. All of them must pass.
    matchers: Vec<String>,
    /// Now when absent; in a replacement, as it was.
    #[schema(value_type = Option<String>, format = DateTime)]
    starts_at: Option<Timestamp>,
    /// Exclusive.
    #[schema(value_type = Option<String>, format = DateTime)]
    ends_at: Option<Timestamp>,
    /// `2h`, or seconds, from the start.
    r#for: Option<Duration>,
    /// Only then.
    weekly: Option<Weekly>,
    /// Why.
    comment: String,
}

/// A silence to be tried. As in a new one, but that it needs no comment, and no end: it begins now and lasts an hour.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PlannedSilence {
    /// As in a new silence.
    matchers: Vec<String>,
    /// Now when absent.
    #[schema(value_type = Option<String>, format = DateTime)]
    starts_at: Option<Timestamp>,
    /// Exclusive.
    #[schema(value_type = Option<String>, format = DateTime)]
    ends_at: Option<Timestamp>,
    /// `2h`, or seconds, from the start.
    r#for: Option<Duration>,
    /// Only then.
    weekly: Option<Weekly>,
    /// How many hours back is looked, 0 to 720; 24 when absent.
    hours: Option<u32>,
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

fn read(
    doors: &Doors,
    id: SilenceId,
    new: &NewSilence,
    by: &Actor,
    start: Timestamp,
) -> Result<Domain, Problem> {
    let asked = quiet::Asked {
        starts_at: new.starts_at,
        ends_at: new.ends_at,
        lasting: new.r#for.as_ref(),
        weekly: new.weekly.as_ref(),
    };
    let limit = doors.door.plan().directory.quiet.silence;
    Ok(Domain {
        id,
        matchers: matchers(&new.matchers)?,
        time: asked.read(start, limit)?,
        created_by: by.name().to_owned(),
        comment: text(&new.comment, "comment", TEXT_MAX_BYTES)?,
        created_at: doors.now(),
        history: Vec::new(),
    })
}

/// Adds a silence.
#[utoipa::path(post, path = "/api/v1/silences", tag = "silences", request_body = NewSilence,
    responses((status = 201, body = Silence), Refused))]
pub(super) async fn add(
    State(doors): State<Arc<Doors>>,
    Admin(actor): Admin,
    Given(new): Given<NewSilence>,
) -> Result<(StatusCode, Json<Silence>), Problem> {
    let kept = doors.door.view(|view| view.state.quiet().silences().count());
    if kept >= limits::SILENCES_MAX {
        return Err(Problem::conflict(format!(
            "expected at most {} silences; end some, they are forgotten later",
            limits::SILENCES_MAX
        )));
    }
    let silence = read(&doors, SilenceId::new(fresh_id()), &new, &actor, doors.now())?;
    let shown = show(&silence, doors.now());
    submit(&doors, actor, Action::PutSilence(silence)).await?;
    Ok((StatusCode::CREATED, Json(shown)))
}

/// Replaces a silence that has not ended. Who made it and when stays; who changed what is kept in its history.
#[utoipa::path(put, path = "/api/v1/silences/{id}", tag = "silences", params(("id" = String, Path)),
    request_body = NewSilence, responses((status = 200, body = Silence), Refused))]
pub(super) async fn replace(
    State(doors): State<Arc<Doors>>,
    Path(id): Path<String>,
    Admin(actor): Admin,
    Given(new): Given<NewSilence>,
) -> Result<Json<Silence>, Problem> {
    let (silence, now) = (SilenceId::new(&id), doors.now());
    let known = doors.door.view(|view| view.state.quiet().silence(&silence).cloned());
    let known = known.ok_or_else(|| unknown("silence", &id))?;
    if known.time.ends_at <= now {
        return Err(Problem::conflict("this silence has ended; add a new one"));
    }
    let changed = read(&doors, silence.clone(), &new, &actor, known.time.starts_at)?;
    submit(&doors, actor, Action::PutSilence(changed)).await?;
    let kept = doors.door.view(|view| view.state.quiet().silence(&silence).cloned());
    kept.map(|kept| Json(show(&kept, now))).ok_or_else(|| unknown("silence", &id))
}

/// Shows what a silence would mute now, and would have muted in the last hours, without making it.
#[utoipa::path(post, path = "/api/v1/silences/preview", tag = "silences", request_body = PlannedSilence,
    responses((status = 200, body = Preview), Refused))]
pub(super) async fn preview(
    State(doors): State<Arc<Doors>>,
    Given(planned): Given<PlannedSilence>,
) -> Result<Json<Preview>, Problem> {
    let PlannedSilence { matchers, starts_at, ends_at, r#for, weekly, hours } = planned;
    let endless = ends_at.is_none() && r#for.is_none() && weekly.is_none();
    let r#for = if endless { Some(Duration::Seconds(3_600)) } else { r#for };
    let comment = "a dry run".to_owned();
    let new = NewSilence { matchers, starts_at, ends_at, r#for, weekly, comment };
    let silence = read(&doors, SilenceId::new(""), &new, &Actor::Engine, doors.now())?;
    super::preview::preview(&doors, &Quiet::Silence(Arc::new(silence)), hours).await.map(Json)
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
    let known = doors.door.view(|view| view.state.quiet().silence(&silence).is_some());
    if !known {
        return Err(unknown("silence", &id));
    }
    submit(&doors, actor, Action::ExpireSilence(silence)).await?;
    Ok(StatusCode::NO_CONTENT)
}
