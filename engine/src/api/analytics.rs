//! How incidents went, in numbers. What each means: `docs/reference/analytics.md`.
//!
//! Incidents are read page by page, the newest of the range first, and counted as they come: neither timelines nor
//! deliveries are read, and never more than [`ANALYTICS_INCIDENTS_MAX`] of them.

use super::Problem;
use super::input::Asked;
use super::refusal::Refused;
use crate::limits::{ANALYTICS_INCIDENTS_MAX, PAGE_MAX};
use crate::server::Doors;
use crate::store::IncidentFilter;
use axum::Json;
use axum::extract::State;
use jiff::{SignedDuration, Timestamp};
use nightbell_core::analytics::{Aggregation, By, Report, Row, Spread};
use nightbell_core::model::{Directory, IncidentId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::sync::Semaphore;
use utoipa::{IntoParams, ToSchema};

/// The range when none is asked for.
const RANGE_DEFAULT: SignedDuration = SignedDuration::from_hours(24 * 30);

/// One report at a time is made: several large ones would take the machine from those who are being paged.
static ONE: Semaphore = Semaphore::const_new(1);

/// How times spread. Whole seconds.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Times {
    /// How many there were.
    count: u64,
    mean_seconds: u64,
    /// Half of them do not exceed it.
    p50_seconds: u64,
    /// Nine of ten do not exceed it.
    p90_seconds: u64,
    max_seconds: u64,
}

impl Times {
    fn of(spread: Spread) -> Self {
        Self {
            count: spread.count,
            mean_seconds: spread.mean_s,
            p50_seconds: spread.p50_s,
            p90_seconds: spread.p90_s,
            max_seconds: spread.max_s,
        }
    }
}

/// The numbers of one service, team or person, or of all.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Numbers {
    /// Opened in the range; of a person: about which they were paged or which they acknowledged first.
    incidents: u64,
    /// Of them: want somebody now.
    triggered: u64,
    /// Of them: acknowledged at least once; of a person: by them first.
    acknowledged: u64,
    /// Of them: over, and not merged into another.
    resolved: u64,
    /// Of them: their alerts went on in another one.
    merged: u64,
    /// Of them: went beyond the first step.
    escalated: u64,
    /// Of them: reopened at least once.
    reopened: u64,
    /// How often, all together.
    reopenings: u64,
    /// Pages that left.
    pages: u64,
    /// Of them: of high urgency.
    high_pages: u64,
    /// How often a high page came between 22:00 and 07:00 of the person's own day.
    sleep_interruptions: u64,
    /// From the opening to the first page that left.
    time_to_first_page: Option<Times>,
    /// MTTA: from the opening to the first acknowledgement; of a person: from the first page to them to theirs.
    time_to_acknowledge: Option<Times>,
    /// MTTR: from the opening to the end.
    time_to_resolve: Option<Times>,
}

impl Numbers {
    fn of(row: &Row) -> Self {
        Self {
            incidents: row.incidents,
            triggered: row.triggered,
            acknowledged: row.acknowledged,
            resolved: row.resolved,
            merged: row.merged,
            escalated: row.escalated,
            reopened: row.reopened,
            reopenings: row.reopenings,
            pages: row.pages,
            high_pages: row.high_pages,
            sleep_interruptions: row.sleep_interruptions,
            time_to_first_page: row.to_first_page.map(Times::of),
            time_to_acknowledge: row.to_acknowledge.map(Times::of),
            time_to_resolve: row.to_resolve.map(Times::of),
        }
    }
}

/// One service, team or person.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Item {
    /// Its id; null for services without a team.
    key: Option<String>,
    /// As the configuration has it now; the id where it has it no longer.
    name: Option<String>,
    #[serde(flatten)]
    numbers: Numbers,
}

/// A report.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Analytics {
    #[schema(value_type = String, format = DateTime)]
    from: Timestamp,
    /// Exclusive.
    #[schema(value_type = String, format = DateTime)]
    to: Timestamp,
    /// What the items are: `service`, `team` or `person`.
    by: &'static str,
    /// Whether all incidents of the range were counted; else the newest of them.
    complete: bool,
    /// All incidents, each once.
    total: Numbers,
    /// By key.
    items: Vec<Item>,
}

/// Of which incidents, and one item for each what.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Which {
    /// Opened then or later; 30 days before `to` when absent.
    #[param(value_type = Option<String>, format = DateTime)]
    from: Option<Timestamp>,
    /// Opened before then; now when absent.
    #[param(value_type = Option<String>, format = DateTime)]
    to: Option<Timestamp>,
    /// `service`, `team` or `person`; `service` when absent.
    by: Option<String>,
}

fn by(word: Option<&str>) -> Result<(By, &'static str), Problem> {
    match word {
        None | Some("service") => Ok((By::Service, "service")),
        Some("team") => Ok((By::Team, "team")),
        Some("person") => Ok((By::Person, "person")),
        Some(_) => Err(Problem::bad_request("`by`: expected `service`, `team` or `person`")),
    }
}

/// Tells how the incidents of a range went: per service, team or person, and all together.
#[utoipa::path(get, path = "/api/v1/analytics", tag = "analytics", params(Which),
    responses((status = 200, body = Analytics), Refused))]
pub(super) async fn analytics(
    State(doors): State<Arc<Doors>>,
    Asked(which): Asked<Which>,
) -> Result<Json<Analytics>, Problem> {
    let (by, word) = by(which.by.as_deref())?;
    let to = which.to.unwrap_or_else(|| doors.now());
    let from = match which.from {
        Some(from) => from,
        None => to.checked_sub(RANGE_DEFAULT).unwrap_or(Timestamp::MIN),
    };
    if from >= to {
        return Err(Problem::bad_request(format!(
            "expected `from` before `to`, got {from} to {to}"
        )));
    }
    let plan = doors.door.plan();
    let (report, complete) = report(&doors, &plan.directory, by, (from, to)).await?;
    let items = report.rows.iter().map(|(key, row)| Item {
        name: key.as_deref().map(|key| name(&plan.directory, by, key)),
        key: key.clone(),
        numbers: Numbers::of(row),
    });
    let (total, items) = (Numbers::of(&report.total), items.collect());
    Ok(Json(Analytics { from, to, by: word, complete, total, items }))
}

/// The rows of all who were paged or acknowledged about incidents opened in `[from, to)`; `None` when there are more
/// incidents than are counted at once.
pub(super) async fn by_person(
    doors: &Doors,
    from: Timestamp,
    to: Timestamp,
) -> Result<Option<BTreeMap<String, Row>>, Problem> {
    let plan = doors.door.plan();
    let (report, complete) = report(doors, &plan.directory, By::Person, (from, to)).await?;
    let rows = report.rows.into_iter().filter_map(|(person, row)| Some((person?, row)));
    Ok(complete.then(|| rows.collect()))
}

/// Answers also whether all incidents of the range were counted.
async fn report(
    doors: &Doors,
    directory: &Directory,
    by: By,
    (from, to): (Timestamp, Timestamp),
) -> Result<(Report, bool), Problem> {
    let _turn = ONE.acquire().await;
    let mut aggregation = Aggregation::new(directory, by);
    let complete = gather(doors, from, to, &mut aggregation).await?;
    Ok((aggregation.finish(), complete))
}

fn name(directory: &Directory, by: By, key: &str) -> String {
    let known = match by {
        By::Service => directory.services.get(key).map(|service| &service.name),
        By::Team => directory.teams.get(key).map(|team| &team.name),
        By::Person => directory.people.get(key).map(|person| &person.name),
    };
    known.map_or_else(|| key.to_owned(), Clone::clone)
}

/// Counts the incidents of a range. Answers whether it counted all.
async fn gather(
    doors: &Doors,
    from: Timestamp,
    to: Timestamp,
    aggregation: &mut Aggregation<'_>,
) -> Result<bool, Problem> {
    let store = doors.door.store();
    let mut before = first_at(doors, to).await?;
    loop {
        let filter = IncidentFilter { before: Some(before), limit: PAGE_MAX, ..Default::default() };
        let page = store.incidents(filter).await?;
        for incident in &page.items {
            if incident.created_at < from {
                return Ok(true);
            }
            if aggregation.len() == ANALYTICS_INCIDENTS_MAX {
                return Ok(false);
            }
            if incident.created_at < to {
                aggregation.add(incident);
            }
            before = incident.id;
        }
        if !page.more {
            return Ok(true);
        }
    }
}

/// The first incident that opened at `to` or later, or the number that the next one gets. Numbers are given in the order
/// of opening; one that is not known any more is older than any that is.
async fn first_at(doors: &Doors, to: Timestamp) -> Result<IncidentId, Problem> {
    let (mut low, mut high) = (1, doors.door.view(|view| view.state.next_incident().0));
    while low < high {
        let middle = low + (high - low) / 2;
        let known = doors.door.store().incident(IncidentId(middle)).await?;
        match known.is_some_and(|incident| incident.created_at >= to) {
            true => high = middle,
            false => low = middle + 1,
        }
    }
    Ok(IncidentId(low))
}
