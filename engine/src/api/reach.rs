//! The reachability proof: where, in days to come, an incident of a service would reach nobody in time.

use super::duration::{self, Duration};
use super::input::Asked;
use super::problem::Problem;
use super::refusal::Refused;
use crate::reach::{Days, ReachError, prove, reasons};
use crate::server::Doors;
use axum::Json;
use axum::extract::State;
use jiff::{SignedDuration, Timestamp};
use nightbell_core::model::Urgency;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};

/// Farther ahead nobody plans.
const DAYS_MAX: u32 = 90;
/// A page later than this is no page.
const WITHIN_MAX: SignedDuration = SignedDuration::from_hours(24);

/// What is asked.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Query {
    /// How many days from now on, 1 to 90; absent: as the configuration says, else 14.
    days: Option<u32>,
    /// How soon after an incident opens its first page must go out: `15m`, at most a day; absent: as the configuration says, else 15 minutes.
    within: Option<String>,
    /// `high` or `low`; absent: as loud as a critical event of each service would be.
    urgency: Option<String>,
}

/// A span in which an incident of a service would reach nobody in time.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Hole {
    service: String,
    #[schema(value_type = String, format = DateTime)]
    starts_at: Timestamp,
    /// The end of what was asked when it goes on.
    #[schema(value_type = String, format = DateTime)]
    ends_at: Timestamp,
    /// Who would not be told and why, and who only later or as the fallback; sentences.
    reasons: Vec<String>,
}

/// Every hole.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Reach {
    /// By service, then by time.
    items: Vec<Hole>,
    next: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    starts_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    ends_at: Timestamp,
    /// How soon the first page had to go out.
    within: String,
    /// How many services were looked at.
    services: usize,
    /// False when there was more than is looked at in one answer: ask for fewer days.
    complete: bool,
}

/// Asks, for every service and every instant of the coming days: would an incident that opens then page somebody in time, through a
/// verified method that is not known to fail, under the real schedules, rules, conditions and quiet hours? Names every hole. Silences and
/// maintenance windows are left out.
#[utoipa::path(get, path = "/api/v1/reach", tag = "people", params(Query),
    responses((status = 200, body = Reach), Refused))]
pub(super) async fn reach(
    State(doors): State<Arc<Doors>>,
    Asked(query): Asked<Query>,
) -> Result<Json<Reach>, Problem> {
    let plan = doors.door.plan();
    let days = query.days.unwrap_or(plan.reach.days);
    if !(1..=DAYS_MAX).contains(&days) {
        let detail = format!("`days`: expected 1 to {DAYS_MAX}, got {days}");
        return Err(Problem::invalid(detail).about("days"));
    }
    let within = match &query.within {
        None => plan.reach.within,
        Some(text) => Duration::Text(text.clone()).read("within")?,
    };
    if within > WITHIN_MAX {
        return Err(Problem::invalid("`within`: expected at most a day").about("within"));
    }
    let urgency = match query.urgency.as_deref() {
        None => None,
        Some("high") => Some(Urgency::High),
        Some("low") => Some(Urgency::Low),
        Some(_) => {
            return Err(Problem::invalid("`urgency`: expected `high` or `low`").about("urgency"));
        }
    };
    let from = doors.now();
    let asked = Days { from, days, within, urgency };
    let found = prove(&doors.door, asked).await.map_err(|error| match error {
        ReachError::Busy => Problem::unavailable(error.to_string()),
        ReachError::Failed => Problem::internal(error.to_string()),
    })?;
    let items = found.holes.iter().map(|hole| Hole {
        service: hole.service.to_string(),
        starts_at: hole.from,
        ends_at: hole.to,
        reasons: reasons(hole, &plan.directory),
    });
    let length = SignedDuration::from_hours(24 * i64::from(days));
    Ok(Json(Reach {
        items: items.collect(),
        next: None,
        starts_at: from,
        ends_at: from.saturating_add(length).unwrap_or(Timestamp::MAX),
        within: duration::show(within),
        services: found.services,
        complete: found.complete,
    }))
}
