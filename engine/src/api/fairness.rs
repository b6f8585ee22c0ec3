//! How duty is shared: hours, nights, weekends and pages of each person on a schedule.

use super::analytics;
use super::input::Asked;
use super::page::List;
use super::problem::Problem;
use super::refusal::Refused;
use super::schedules::{Window, bounded, resolve};
use crate::server::Doors;
use axum::Json;
use axum::extract::{Path, State};
use jiff::SignedDuration;
use nightbell_core::analytics::Row;
use nightbell_core::model::{PersonId, Shift, Watch};
use nightbell_core::schedule;
use serde::Serialize;
use std::sync::Arc;
use utoipa::ToSchema;

/// How much duty a person has.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Load {
    person: String,
    /// Stretches without a break.
    shifts: usize,
    /// Hours on call.
    hours: f64,
    /// Of them between 22:00 and 6:00 where the person lives.
    night_hours: f64,
    /// Of them on Saturdays and Sundays where the person lives.
    weekend_hours: f64,
    /// Part of all hours of the schedule, in percent.
    share: f64,
    /// Pages that reached the person about incidents opened in the range, of whatever service; null when there are more
    /// incidents than are counted at once.
    pages: Option<u64>,
    /// Of them: of high urgency, and between 22:00 and 07:00 of the person's own day.
    sleep_interruptions: Option<u64>,
}

/// How often somebody is on call without a break.
fn stretches(shifts: &[Shift], person: &PersonId) -> usize {
    let own = shifts.iter().filter(|shift| shift.person == *person);
    let mut end = None;
    own.filter(|shift| end.replace(shift.ends_at) != Some(shift.starts_at)).count()
}

/// Two decimals are half a minute.
fn hours(length: SignedDuration) -> f64 {
    (length.as_secs_f64() / 36.0).round() / 100.0
}

/// Adds up the duty of each person on a schedule over `[from, to)`, by person: the last 90 days when nothing is said.
#[utoipa::path(get, path = "/api/v1/schedules/{id}/fairness", tag = "schedules",
    params(("id" = String, Path), Window),
    responses((status = 200, body = List<Load>), Refused))]
pub(super) async fn fairness(
    State(doors): State<Arc<Doors>>,
    Path(id): Path<String>,
    Asked(window): Asked<Window>,
) -> Result<Json<List<Load>>, Problem> {
    let now = doors.now();
    let (from, to) = window.read_or(now, (now.saturating_sub(Watch::AHEAD).unwrap_or(now), now))?;
    let snapshot = resolve(&doors, &id)?;
    let pages = analytics::by_person(&doors, from, to).await?;
    let calendar = snapshot.calendar();
    let shifts = calendar.shifts(from, to);
    bounded(shifts.len())?;
    let plan = doors.door.plan();
    let loads = schedule::load(&[calendar], &plan.directory.people, from, to);
    let all: f64 = loads.values().map(|load| load.total.as_secs_f64()).sum();
    let items = loads.into_iter().map(|(person, load)| {
        let paged = pages.as_ref().map(|rows| rows.get(person.as_str()));
        let count = |of: fn(&Row) -> u64| paged.map(|row| row.map_or(0, of));
        Load {
            shifts: stretches(&shifts, &person),
            person: person.to_string(),
            hours: hours(load.total),
            night_hours: hours(load.night),
            weekend_hours: hours(load.weekend),
            share: (load.total.as_secs_f64() / all * 1_000.0).round() / 10.0,
            pages: count(|row| row.pages),
            sleep_interruptions: count(|row| row.sleep_interruptions),
        }
    });
    Ok(Json(List { items: items.collect(), next: None }))
}
