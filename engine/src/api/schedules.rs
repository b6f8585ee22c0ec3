//! Schedules: which there are, their shifts and their gaps. A gap is where the fallback would be paged.

use super::input::{Asked, unknown};
use super::page::{List, Paging};
use super::problem::Problem;
use super::refusal::Refused;
use crate::server::Doors;
use axum::Json;
use axum::extract::{Path, State};
use jiff::{SignedDuration, Timestamp};
use nightbell_core::model::{Schedule as Domain, ScheduleId, Shift as DutyShift, ShiftSource};
use nightbell_core::schedule::{self, Snapshot};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};

/// Shown when no end is asked for.
const WINDOW: SignedDuration = SignedDuration::from_hours(24 * 28);
/// Longest window.
const WINDOW_MAX: SignedDuration = SignedDuration::from_hours(24 * 366);
/// Most shifts or gaps in one answer.
const ITEMS_MAX: usize = 10_000;

/// A calendar of duty.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Schedule {
    id: String,
    name: String,
    /// IANA name.
    time_zone: String,
    /// Bottom first.
    layers: Vec<Layer>,
}

/// One rotation.
#[derive(Debug, Serialize, ToSchema)]
struct Layer {
    name: String,
    /// In the order of turns; null is an explicit nobody.
    people: Vec<Option<String>>,
}

fn show(schedule: &Domain) -> Schedule {
    let people = |layer: &nightbell_core::model::Layer| {
        layer.people.iter().map(|one| one.as_ref().map(ToString::to_string)).collect()
    };
    let layers = schedule.layers.iter();
    Schedule {
        id: schedule.id.to_string(),
        name: schedule.name.clone(),
        time_zone: schedule.time_zone.iana_name().unwrap_or("UTC").to_owned(),
        layers: layers.map(|l| Layer { name: l.name.to_string(), people: people(l) }).collect(),
    }
}

/// Lists schedules by id.
#[utoipa::path(get, path = "/api/v1/schedules", tag = "schedules", params(Paging),
    responses((status = 200, body = List<Schedule>), Refused))]
pub(super) async fn list(
    State(doors): State<Arc<Doors>>,
    Asked(paging): Asked<Paging>,
) -> Result<Json<List<Schedule>>, Problem> {
    doors
        .door
        .view(|view| {
            let all = view.directory.schedules.values();
            paging.cut(all, |schedule| schedule.id.as_str(), |schedule| show(schedule))
        })
        .map(Json)
}

/// `[from, to)`.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Window {
    /// Now when absent.
    #[param(value_type = Option<String>, format = DateTime)]
    from: Option<Timestamp>,
    /// Exclusive; 28 days after `from` when absent, at most 366 days after it.
    #[param(value_type = Option<String>, format = DateTime)]
    to: Option<Timestamp>,
}

impl Window {
    fn read(&self, now: Timestamp) -> Result<(Timestamp, Timestamp), Problem> {
        self.read_or(now, (now, now.saturating_add(WINDOW).unwrap_or(now)))
    }

    /// As asked; `otherwise` when nothing is, and as long as that when only a beginning is.
    pub(super) fn read_or(
        &self,
        now: Timestamp,
        otherwise: (Timestamp, Timestamp),
    ) -> Result<(Timestamp, Timestamp), Problem> {
        let length = otherwise.1.duration_since(otherwise.0);
        let (from, to) = match (self.from, self.to) {
            (None, None) => otherwise,
            (None, Some(to)) => (now.min(otherwise.0), to),
            (Some(from), None) => (from, from.saturating_add(length).unwrap_or(from)),
            (Some(from), Some(to)) => (from, to),
        };
        if to <= from || to.duration_since(from) > WINDOW_MAX {
            return Err(Problem::bad_request(
                "expected `to` after `from`, and at most 366 days after it",
            ));
        }
        Ok((from, to))
    }
}

/// Somebody's duty.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Shift {
    person: String,
    #[schema(value_type = String, format = DateTime)]
    starts_at: Timestamp,
    /// Exclusive.
    #[schema(value_type = String, format = DateTime)]
    ends_at: Timestamp,
    /// The layer's name, `override` or `temporary`.
    layer: String,
    /// `layer`, `override` or `temporary`.
    source: &'static str,
    /// Which override or temporary schedule it comes from.
    source_id: Option<String>,
    /// Whose turn it would be, were they there.
    instead_of: Option<String>,
    /// Whether the person is absent during any of it.
    absent: bool,
}

fn shown(shift: &DutyShift, absent: bool) -> Shift {
    let (source, source_id) = match &shift.source {
        ShiftSource::Layer(_) => ("layer", None),
        ShiftSource::Override(id) => ("override", Some(id.to_string())),
        ShiftSource::Temporary(id) => ("temporary", Some(id.to_string())),
    };
    Shift {
        person: shift.person.to_string(),
        starts_at: shift.starts_at,
        ends_at: shift.ends_at,
        layer: shift.layer().to_owned(),
        source,
        source_id,
        instead_of: shift.instead_of.as_ref().map(ToString::to_string),
        absent,
    }
}

/// Nobody's duty.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Gap {
    #[schema(value_type = String, format = DateTime)]
    starts_at: Timestamp,
    /// Exclusive.
    #[schema(value_type = String, format = DateTime)]
    ends_at: Timestamp,
}

/// A schedule with everything about it as it is now; the shared state is not held while it computes.
pub(super) fn resolve(doors: &Doors, id: &str) -> Result<Snapshot, Problem> {
    let snapshot = doors.door.view(|view| schedule::snapshot(view, &ScheduleId::new(id)));
    snapshot.ok_or_else(|| unknown("schedule", id))
}

/// Lists a schedule's shifts over `[from, to)`, earliest first, cut to it.
#[utoipa::path(get, path = "/api/v1/schedules/{id}/shifts", tag = "schedules",
    params(("id" = String, Path), Window),
    responses((status = 200, body = List<Shift>), Refused))]
pub(super) async fn shifts(
    State(doors): State<Arc<Doors>>,
    Path(id): Path<String>,
    Asked(window): Asked<Window>,
) -> Result<Json<List<Shift>>, Problem> {
    let (from, to) = window.read(doors.now())?;
    let snapshot = resolve(&doors, &id)?;
    let calendar = snapshot.calendar();
    let all = calendar.shifts(from, to);
    bounded(all.len())?;
    let uncovered = calendar.uncovered(from, to);
    let is_absent = |shift: &DutyShift| {
        uncovered.iter().any(|one| {
            one.shift.person == shift.person
                && one.shift.starts_at < shift.ends_at
                && shift.starts_at < one.shift.ends_at
        })
    };
    let items = all.iter().map(|shift| shown(shift, is_absent(shift)));
    Ok(Json(List { items: items.collect(), next: None }))
}

/// Lists the spans of `[from, to)` in which nobody is on call, earliest first.
#[utoipa::path(get, path = "/api/v1/schedules/{id}/gaps", tag = "schedules",
    params(("id" = String, Path), Window),
    responses((status = 200, body = List<Gap>), Refused))]
pub(super) async fn gaps(
    State(doors): State<Arc<Doors>>,
    Path(id): Path<String>,
    Asked(window): Asked<Window>,
) -> Result<Json<List<Gap>>, Problem> {
    let (from, to) = window.read(doors.now())?;
    let all = resolve(&doors, &id)?.calendar().gaps(from, to);
    bounded(all.len())?;
    let items = all.into_iter().map(|(starts_at, ends_at)| Gap { starts_at, ends_at });
    Ok(Json(List { items: items.collect(), next: None }))
}

pub(super) fn bounded(len: usize) -> Result<(), Problem> {
    if len <= ITEMS_MAX {
        return Ok(());
    }
    let detail = format!("expected at most {ITEMS_MAX} items, got {len}; ask for less time");
    Err(Problem::bad_request(detail))
}
