//! Absences: when people are not there. Entered by hand, or imported from a calendar whose next import replaces them.

use super::auth::{Acting, Caller};
use super::input::{Asked, Given, text, unknown};
use super::outlook::Amiss;
use super::page::{List, Paging};
use super::people::whose;
use super::problem::Problem;
use super::refusal::{Refused, submit};
use crate::ical;
use crate::server::Doors;
use crate::token::{fresh_id, hex, sha256};
use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use nightbell_core::model::{Absence as Domain, AbsenceId, Action, PersonId};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};

/// Longest summary, and longest name of a calendar, in bytes.
const TEXT_MAX_BYTES: usize = 200;
/// Body of an import, in bytes.
pub(super) const IMPORT_MAX_BYTES: usize = 2 << 20;
/// The source of what was entered by hand.
const MANUAL: &str = "manual";

/// A time in which a person is not there.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Absence {
    id: String,
    person: String,
    #[schema(value_type = String, format = DateTime)]
    starts_at: Timestamp,
    /// Exclusive.
    #[schema(value_type = String, format = DateTime)]
    ends_at: Timestamp,
    /// `manual`, or the name of an imported calendar.
    source: String,
    /// Why; may be empty.
    summary: String,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    created_by: String,
}

fn show(absence: &Domain) -> Absence {
    Absence {
        id: absence.id.to_string(),
        person: absence.person.to_string(),
        starts_at: absence.starts_at,
        ends_at: absence.ends_at,
        source: absence.source.clone(),
        summary: absence.summary.clone(),
        created_at: absence.created_at,
        created_by: absence.created_by.clone(),
    }
}

/// Where a person lives.
fn home(doors: &Doors, id: &str) -> Result<TimeZone, Problem> {
    let zone = doors.door.view(|view| Some(view.directory.people.get(id)?.time_zone.clone()));
    zone.ok_or_else(|| unknown("person", id))
}

/// Lists a person's absences by id, past ones included.
#[utoipa::path(get, path = "/api/v1/people/{id}/absences", tag = "people",
    params(("id" = String, Path), Paging),
    responses((status = 200, body = List<Absence>), Refused))]
pub(super) async fn list(
    State(doors): State<Arc<Doors>>,
    Path(id): Path<String>,
    caller: Caller,
    Asked(paging): Asked<Paging>,
) -> Result<Json<List<Absence>>, Problem> {
    let id = whose(&caller, &id).to_string();
    home(&doors, &id)?;
    let page = doors.door.view(|view| {
        let own = view.state.duty().absences().filter(|absence| absence.person.as_str() == id);
        paging.cut(own, |absence| absence.id.as_str(), |absence| show(absence))
    });
    page.map(Json)
}

/// When, and why.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewAbsence {
    #[schema(value_type = String, format = DateTime)]
    starts_at: Timestamp,
    /// Exclusive, in the future.
    #[schema(value_type = String, format = DateTime)]
    ends_at: Timestamp,
    summary: Option<String>,
}

/// Says that a person is not there.
#[utoipa::path(post, path = "/api/v1/people/{id}/absences", tag = "people",
    params(("id" = String, Path)), request_body = NewAbsence,
    responses((status = 201, body = Absence), Refused))]
pub(super) async fn add(
    State(doors): State<Arc<Doors>>,
    Path(id): Path<String>,
    acting: Acting,
    Given(new): Given<NewAbsence>,
) -> Result<(StatusCode, Json<Absence>), Problem> {
    let id = whose(&acting.caller, &id).to_string();
    home(&doors, &id)?;
    let person = PersonId::new(&id);
    acting.owns(&person)?;
    let summary = match new.summary.as_deref().map(str::trim) {
        None | Some("") => String::new(),
        Some(summary) => text(summary, "summary", TEXT_MAX_BYTES)?,
    };
    let absence = Domain {
        id: AbsenceId::new(fresh_id()),
        person,
        starts_at: new.starts_at,
        ends_at: new.ends_at,
        source: MANUAL.to_owned(),
        summary,
        created_at: doors.now(),
        created_by: acting.actor.name().to_owned(),
    };
    let shown = show(&absence);
    submit(&doors, acting.actor, Action::PutAbsence(absence)).await?;
    Ok((StatusCode::CREATED, Json(shown)))
}

/// Takes an absence away; one that has begun ends now.
#[utoipa::path(delete, path = "/api/v1/people/{id}/absences/{absence}", tag = "people",
    params(("id" = String, Path), ("absence" = String, Path)),
    responses((status = 204, description = "It is gone"), Refused))]
pub(super) async fn remove(
    State(doors): State<Arc<Doors>>,
    Path((id, absence)): Path<(String, String)>,
    acting: Acting,
) -> Result<StatusCode, Problem> {
    let id = whose(&acting.caller, &id).to_string();
    home(&doors, &id)?;
    acting.owns(&PersonId::new(&id))?;
    let absence = AbsenceId::new(absence);
    doors.door.view(|view| {
        let found = view.state.duty().absence(&absence);
        let found = found.filter(|found| found.person.as_str() == id);
        found.map(drop).ok_or_else(|| unknown("absence", absence.as_str()))
    })?;
    submit(&doors, acting.actor, Action::RemoveAbsence(absence)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Of which calendar.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Source {
    /// The calendar's name, at most 200 bytes; `calendar` when absent. The next import of the same name replaces this one.
    source: Option<String>,
}

/// Something in a calendar that could not be read.
#[derive(Debug, Serialize, ToSchema)]
struct Unread {
    /// Of the file, from 1; 0: of all of it.
    line: usize,
    why: String,
}

/// What an import did.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Imported {
    source: String,
    /// How many absences the calendar has from now on, for two years.
    absences: usize,
    /// Events that were called off.
    cancelled: usize,
    /// Events that take no time.
    transparent: usize,
    /// What could not be read, at most 50; all else was taken.
    unread: Vec<Unread>,
    /// Unread beyond those.
    unread_more: usize,
    /// The person's shifts within 90 days that fall into absences.
    uncovered: Vec<Amiss>,
}

/// Imports a person's absences from an iCalendar file, at most 2 MiB, in place of those of its last import. Every event that
/// takes time is an absence, all-day ones in the person's zone; recurring ones are expanded for two years.
#[utoipa::path(post, path = "/api/v1/people/{id}/absences/import", tag = "people",
    params(("id" = String, Path), Source),
    request_body(content = String, content_type = "text/calendar"),
    responses((status = 200, body = Imported), Refused))]
pub(super) async fn import(
    State(doors): State<Arc<Doors>>,
    Path(id): Path<String>,
    acting: Acting,
    Asked(source): Asked<Source>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Imported>, Problem> {
    let id = whose(&acting.caller, &id).to_string();
    let zone = home(&doors, &id)?;
    let person = PersonId::new(&id);
    acting.owns(&person)?;
    let body = body.map_err(|rejection| Problem::too_large(rejection.body_text()))?;
    let source = text(source.source.as_deref().unwrap_or("calendar"), "source", TEXT_MAX_BYTES)?;
    if source == MANUAL {
        return Err(Problem::invalid(
            "`source`: expected a calendar's name; `manual` is what was entered by hand",
        ));
    }
    let calendar = String::from_utf8_lossy(&body);
    let now = doors.now();
    let read = ical::read(&calendar, now, &zone).map_err(Problem::invalid)?;
    let made_by = acting.actor.name().to_owned();
    let absences: Vec<Domain> = read
        .away
        .iter()
        .map(|away| Domain {
            id: AbsenceId::new(identity(&id, &source, away)),
            person: person.clone(),
            starts_at: away.starts_at,
            ends_at: away.ends_at,
            source: source.clone(),
            summary: away.summary.chars().take(TEXT_MAX_BYTES / 4).collect(),
            created_at: now,
            created_by: made_by.clone(),
        })
        .collect();
    let count = absences.len();
    let action =
        Action::ReplaceAbsences { person: person.clone(), source: source.clone(), absences };
    submit(&doors, acting.actor, action).await?;
    let unread = read.unread.into_iter();
    Ok(Json(Imported {
        source,
        absences: count,
        cancelled: read.cancelled,
        transparent: read.transparent,
        unread: unread.map(|one| Unread { line: one.line, why: one.why }).collect(),
        unread_more: read.unread_more,
        uncovered: Amiss::uncovered_of(&doors, &person, now),
    }))
}

/// The same for the same event from import to import.
fn identity(person: &str, source: &str, away: &ical::Away) -> String {
    let identity = format!("{person}\0{source}\0{}\0{}", away.uid, away.starts_at);
    hex(&sha256(identity.as_bytes()))[..32].to_owned()
}
