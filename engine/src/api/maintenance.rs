//! Maintenance windows: planned work, during which the alerts of services or integrations fire but page nobody. As with
//! silences, only admins plan them.

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
use nightbell_core::model::{
    Action, Actor, IntegrationId, MaintenanceWindow as Domain, MaintenanceWindowId, Quiet,
    ServiceId,
};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::ToSchema;

/// Longest comment, in bytes.
const TEXT_MAX_BYTES: usize = 1_024;

/// Alerts of these services and integrations page nobody over `[starts_at, ends_at)`, or in it every week.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct MaintenanceWindow {
    id: String,
    /// `active`, `pending` or `expired`. What recurs is pending in between.
    status: &'static str,
    /// All alerts routed to these.
    services: Vec<String>,
    /// All alerts that came in through these.
    integrations: Vec<String>,
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

fn show(window: &Domain, now: Timestamp) -> MaintenanceWindow {
    MaintenanceWindow {
        id: window.id.to_string(),
        status: quiet::status(&window.time, now),
        services: window.services.iter().map(ToString::to_string).collect(),
        integrations: window.integrations.iter().map(ToString::to_string).collect(),
        starts_at: window.time.starts_at,
        ends_at: window.time.ends_at,
        weekly: window.time.weekly.as_ref().map(Weekly::of),
        next: quiet::next(&window.time, now),
        created_by: window.created_by.clone(),
        comment: window.comment.clone(),
        created_at: window.created_at,
        history: quiet::history(&window.history),
    }
}

/// Lists maintenance windows by id, recently ended ones included.
#[utoipa::path(get, path = "/api/v1/maintenance-windows", tag = "maintenance windows", params(Paging),
    responses((status = 200, body = List<MaintenanceWindow>), Refused))]
pub(super) async fn list(
    State(doors): State<Arc<Doors>>,
    Asked(paging): Asked<Paging>,
) -> Result<Json<List<MaintenanceWindow>>, Problem> {
    let now = doors.now();
    doors
        .door
        .view(|view| {
            let all = view.state.quiet().windows();
            paging.cut(all, |window| window.id.as_str(), |window| show(window, now))
        })
        .map(Json)
}

/// What is worked on, and until when: exactly one of `ends_at` and `for`; with `weekly` it may be neither, and lasts as
/// long as the configuration allows.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewMaintenanceWindow {
    /// Services' ids. Together with `integrations` 1 to 100.
    #[serde(default)]
    services: Vec<String>,
    /// Integrations' ids.
    #[serde(default)]
    integrations: Vec<String>,
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

/// A maintenance window to be tried. As in a new one, but that it needs no comment, and no end: it begins now and lasts an
/// hour.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PlannedMaintenanceWindow {
    /// Services' ids.
    #[serde(default)]
    services: Vec<String>,
    /// Integrations' ids.
    #[serde(default)]
    integrations: Vec<String>,
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

fn read(
    doors: &Doors,
    id: MaintenanceWindowId,
    new: &NewMaintenanceWindow,
    by: &Actor,
    start: Timestamp,
) -> Result<Domain, Problem> {
    let asked = quiet::Asked {
        starts_at: new.starts_at,
        ends_at: new.ends_at,
        lasting: new.r#for.as_ref(),
        weekly: new.weekly.as_ref(),
    };
    let limit = doors.door.plan().directory.quiet.maintenance_window;
    let mut services: Vec<ServiceId> = new.services.iter().map(ServiceId::new).collect();
    let mut integrations: Vec<IntegrationId> =
        new.integrations.iter().map(IntegrationId::new).collect();
    services.sort();
    services.dedup();
    integrations.sort();
    integrations.dedup();
    Ok(Domain {
        id,
        services,
        integrations,
        time: asked.read(start, limit)?,
        created_by: by.name().to_owned(),
        comment: text(&new.comment, "comment", TEXT_MAX_BYTES)?,
        created_at: doors.now(),
        history: Vec::new(),
    })
}

/// Plans a maintenance window.
#[utoipa::path(post, path = "/api/v1/maintenance-windows", tag = "maintenance windows",
    request_body = NewMaintenanceWindow, responses((status = 201, body = MaintenanceWindow), Refused))]
pub(super) async fn add(
    State(doors): State<Arc<Doors>>,
    Admin(actor): Admin,
    Given(new): Given<NewMaintenanceWindow>,
) -> Result<(StatusCode, Json<MaintenanceWindow>), Problem> {
    let kept = doors.door.view(|view| view.state.quiet().windows().count());
    if kept >= limits::MAINTENANCE_WINDOWS_MAX {
        return Err(Problem::conflict(format!(
            "expected at most {} maintenance windows; end some, they are forgotten later",
            limits::MAINTENANCE_WINDOWS_MAX
        )));
    }
    let id = MaintenanceWindowId::new(fresh_id());
    let window = read(&doors, id, &new, &actor, doors.now())?;
    let shown = show(&window, doors.now());
    submit(&doors, actor, Action::PutMaintenanceWindow(window)).await?;
    Ok((StatusCode::CREATED, Json(shown)))
}

/// Replaces a maintenance window that has not ended. Who planned it and when stays; who changed what is kept in its history.
#[utoipa::path(put, path = "/api/v1/maintenance-windows/{id}", tag = "maintenance windows",
    params(("id" = String, Path)), request_body = NewMaintenanceWindow,
    responses((status = 200, body = MaintenanceWindow), Refused))]
pub(super) async fn replace(
    State(doors): State<Arc<Doors>>,
    Path(id): Path<String>,
    Admin(actor): Admin,
    Given(new): Given<NewMaintenanceWindow>,
) -> Result<Json<MaintenanceWindow>, Problem> {
    let (window, now) = (MaintenanceWindowId::new(&id), doors.now());
    let known = doors.door.view(|view| view.state.quiet().window(&window).cloned());
    let known = known.ok_or_else(|| unknown("maintenance window", &id))?;
    if known.time.ends_at <= now {
        return Err(Problem::conflict("this maintenance window has ended; add a new one"));
    }
    let changed = read(&doors, window.clone(), &new, &actor, known.time.starts_at)?;
    submit(&doors, actor, Action::PutMaintenanceWindow(changed)).await?;
    let kept = doors.door.view(|view| view.state.quiet().window(&window).cloned());
    kept.map(|kept| Json(show(&kept, now))).ok_or_else(|| unknown("maintenance window", &id))
}

/// Shows what a maintenance window would mute now, and would have muted in the last hours, without planning it.
#[utoipa::path(post, path = "/api/v1/maintenance-windows/preview", tag = "maintenance windows",
    request_body = PlannedMaintenanceWindow, responses((status = 200, body = Preview), Refused))]
pub(super) async fn preview(
    State(doors): State<Arc<Doors>>,
    Given(planned): Given<PlannedMaintenanceWindow>,
) -> Result<Json<Preview>, Problem> {
    let PlannedMaintenanceWindow {
        services,
        integrations,
        starts_at,
        ends_at,
        r#for,
        weekly,
        hours,
    } = planned;
    let endless = ends_at.is_none() && r#for.is_none() && weekly.is_none();
    let r#for = if endless { Some(Duration::Seconds(3_600)) } else { r#for };
    let comment = "a dry run".to_owned();
    let new =
        NewMaintenanceWindow { services, integrations, starts_at, ends_at, r#for, weekly, comment };
    let id = MaintenanceWindowId::new("");
    let window = read(&doors, id, &new, &Actor::Engine, doors.now())?;
    super::preview::preview(&doors, &Quiet::MaintenanceWindow(Arc::new(window)), hours)
        .await
        .map(Json)
}

/// Ends a maintenance window now. What still fires goes on as if it had just triggered.
#[utoipa::path(delete, path = "/api/v1/maintenance-windows/{id}", tag = "maintenance windows",
    params(("id" = String, Path)), responses((status = 204, description = "It has ended"), Refused))]
pub(super) async fn end(
    State(doors): State<Arc<Doors>>,
    Path(id): Path<String>,
    Admin(actor): Admin,
) -> Result<StatusCode, Problem> {
    let window = MaintenanceWindowId::new(&id);
    let known = doors.door.view(|view| view.state.quiet().window(&window).is_some());
    if !known {
        return Err(unknown("maintenance window", &id));
    }
    submit(&doors, actor, Action::EndMaintenanceWindow(window)).await?;
    Ok(StatusCode::NO_CONTENT)
}
