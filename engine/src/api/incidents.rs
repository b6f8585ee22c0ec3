//! Incidents: lists, one, and what people do with them.

use super::auth::Acting;
use super::duration::Duration;
use super::incident_life::{IncidentLife, merged_into};
use super::input::{Asked, Given, number, unknown};
use super::page::{List, Paging};
use super::refusal::{Refused, submit_via};
use super::standing::{self, Escalation, Next, Responder, escalation, names};
use super::{Problem, plugins::Stamp};
use crate::server::Doors;
use crate::store::IncidentFilter;
use axum::Json;
use axum::extract::{Path, State};
use jiff::Timestamp;
use nightbell_core::model::{
    Action, Alert as Known, AlertId, AlertStatus, Closing, Incident as Domain, IncidentId,
    IncidentStatus, PersonId, ServiceId,
};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};

/// Alerts shown of one incident; `alert_count` has them all.
const ALERTS_SHOWN: usize = 100;

/// What people own: one or more alerts, from triggered to resolved.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Incident {
    id: String,
    /// Counted from 1 in the order of opening.
    number: u64,
    title: String,
    /// `triggered`, `acknowledged` or `resolved`.
    status: &'static str,
    /// Acknowledged until then, then triggered again.
    #[schema(value_type = Option<String>, format = DateTime)]
    snoozed_until: Option<Timestamp>,
    /// `high` or `low`.
    urgency: &'static str,
    /// `P1` to `P5`.
    priority: Option<&'static str>,
    /// The service's id.
    service: String,
    /// Oldest first, at most 100.
    alerts: Vec<Alert>,
    alert_count: usize,
    /// Alerts of the service with this key join while it is open.
    group_key: Option<String>,
    /// Who has it: a person's id, or the name of an admin's token or a monitor.
    acknowledged_by: Option<String>,
    #[schema(value_type = Option<String>, format = DateTime)]
    acknowledged_at: Option<Timestamp>,
    /// Who ended it; null while it is open, and when its alerts ended by themselves.
    resolved_by: Option<String>,
    #[schema(value_type = Option<String>, format = DateTime)]
    resolved_at: Option<Timestamp>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// People it was handed to.
    assigned_to: Vec<String>,
    /// Everybody who was paged, in order of first page.
    paged: Vec<String>,
    escalation: Escalation,
    /// People who were asked to help, in order.
    responders: Vec<Responder>,
    #[serde(flatten)]
    life: IncidentLife,
    /// The event that opened it.
    event: String,
    /// The plugins that judged that event.
    plugins: Vec<Stamp>,
}

/// One condition.
#[derive(Debug, Serialize, ToSchema)]
struct Alert {
    integration: String,
    dedup_key: String,
    /// `firing`, `resolved`, or `moved` to the incident that this one was merged into.
    status: &'static str,
    /// Null when it is not known any more.
    title: Option<String>,
    severity: Option<&'static str>,
    #[schema(value_type = Option<String>, format = DateTime)]
    starts_at: Option<Timestamp>,
    /// How many triggers there were.
    trigger_count: Option<u64>,
    /// Why it pages nobody, if it is kept quiet.
    suppressed: Option<String>,
}

fn alert(id: &AlertId, known: Option<&Arc<Known>>, merged: bool) -> Alert {
    let firing = known.is_some_and(|alert| alert.status == AlertStatus::Firing);
    Alert {
        integration: id.integration.to_string(),
        dedup_key: id.dedup_key.to_string(),
        status: match firing {
            true if merged => "moved",
            true => "firing",
            false => "resolved",
        },
        title: known.map(|alert| alert.title.clone()),
        severity: known.map(|alert| alert.severity.as_str()),
        starts_at: known.map(|alert| alert.starts_at),
        trigger_count: known.map(|alert| alert.trigger_count),
        suppressed: known.and_then(|alert| {
            alert.suppression.as_ref().map(|why| format!("{}: {}", why.by, why.reason))
        }),
    }
}

/// An incident as the API shows it.
fn show_one(incident: &Domain, known: &[Arc<Known>], next: Next) -> Incident {
    let alerts = incident.alerts.iter().take(ALERTS_SHOWN);
    let merged = merged_into(incident).is_some();
    let known = |id: &AlertId| known.iter().find(|alert| alert.id == *id);
    Incident {
        id: incident.id.to_string(),
        number: incident.id.0,
        title: incident.title.clone(),
        status: incident.status.as_str(),
        snoozed_until: incident.snoozed_until,
        urgency: incident.urgency.as_str(),
        priority: incident.priority.map(|priority| priority.as_str()),
        service: incident.service.to_string(),
        alerts: alerts.map(|id| alert(id, known(id), merged)).collect(),
        alert_count: incident.alerts.len(),
        group_key: incident.group_key.clone(),
        acknowledged_by: incident.acknowledged_by.as_deref().map(str::to_owned),
        acknowledged_at: incident.acknowledged_at,
        resolved_by: match &incident.closing {
            Some(Closing::Person(person)) => Some(person.to_string()),
            Some(Closing::Admin(name)) => Some(name.clone()),
            Some(Closing::Alerts | Closing::Merged(_) | Closing::Inactivity) | None => None,
        },
        resolved_at: incident.resolved_at,
        created_at: incident.created_at,
        assigned_to: names(&incident.assigned_to),
        paged: names(&incident.paged),
        escalation: escalation(incident, next),
        responders: standing::responders(incident),
        life: IncidentLife::of(incident),
        event: incident.opened_by.to_string(),
        plugins: incident.plugins.iter().map(Stamp::of).collect(),
    }
}

/// Reads the id in a path.
pub(super) fn id_of(text: &str) -> Result<IncidentId, Problem> {
    number(text, "incident").map(IncidentId)
}

/// The incident's alerts that are shown, when all of them are open: the store reads every commit of an incident to find
/// them, and in a storm one commit is about hundreds.
fn open_alerts(doors: &Doors, incident: &Domain) -> Option<Vec<Arc<Known>>> {
    doors.door.view(|view| {
        let shown = incident.alerts.iter().take(ALERTS_SHOWN);
        let open = shown.map(|id| {
            let alert = view.state.alert(id)?;
            (alert.incident == Some(incident.id)).then(|| alert.clone())
        });
        open.collect()
    })
}

async fn with_alerts(doors: &Doors, incident: &Domain) -> Result<Incident, Problem> {
    let alerts = match open_alerts(doors, incident) {
        Some(alerts) => alerts,
        None => doors.door.store().alerts(incident.id).await?,
    };
    let next = Next::of(doors, incident.id);
    Ok(show_one(incident, &alerts, next))
}

pub(super) async fn read(doors: &Doors, id: IncidentId) -> Result<Json<Incident>, Problem> {
    let found = doors.door.store().incident(id).await?;
    let found = found.ok_or_else(|| unknown("incident", &id.to_string()))?;
    with_alerts(doors, &found).await.map(Json)
}

/// Which incidents.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Which {
    /// `triggered`, `acknowledged`, `resolved`, `open` (the first two), or several with commas. All when absent.
    status: Option<String>,
    /// A service's id.
    service: Option<String>,
    /// At most so many items, 1 to 200; 50 when absent.
    limit: Option<usize>,
    /// `next` of the page before.
    cursor: Option<String>,
}

fn statuses(text: &str) -> Result<Vec<IncidentStatus>, Problem> {
    let mut all = Vec::new();
    for word in text.split(',').map(str::trim).filter(|word| !word.is_empty()) {
        match word {
            "triggered" => all.push(IncidentStatus::Triggered),
            "acknowledged" => all.push(IncidentStatus::Acknowledged),
            "resolved" => all.push(IncidentStatus::Resolved),
            "open" => all.extend([IncidentStatus::Triggered, IncidentStatus::Acknowledged]),
            _ => {
                return Err(Problem::bad_request(
                    "`status`: expected `triggered`, `acknowledged`, `resolved` or `open`",
                ));
            }
        }
    }
    Ok(all)
}

/// Lists incidents, newest first.
#[utoipa::path(get, path = "/api/v1/incidents", tag = "incidents", params(Which),
    responses((status = 200, body = List<Incident>), Refused))]
pub(super) async fn list(
    State(doors): State<Arc<Doors>>,
    Asked(which): Asked<Which>,
) -> Result<Json<List<Incident>>, Problem> {
    let paging = Paging { limit: which.limit, cursor: which.cursor };
    let filter = IncidentFilter {
        statuses: statuses(which.status.as_deref().unwrap_or(""))?,
        service: which.service.map(ServiceId::new),
        before: paging.before()?.map(IncidentId),
        limit: paging.limit()?,
    };
    let page = doors.door.store().incidents(filter).await?;
    let next = page.items.last().filter(|_| page.more).map(|last| last.id.to_string());
    let mut items = Vec::with_capacity(page.items.len());
    for incident in &page.items {
        items.push(with_alerts(&doors, incident).await?);
    }
    Ok(Json(List { items, next }))
}

/// Shows one incident, open or resolved.
#[utoipa::path(get, path = "/api/v1/incidents/{id}", tag = "incidents", params(("id" = String, Path)),
    responses((status = 200, body = Incident), Refused))]
pub(super) async fn show(
    State(doors): State<Arc<Doors>>,
    Path(id): Path<String>,
) -> Result<Json<Incident>, Problem> {
    read(&doors, id_of(&id)?).await
}

pub(super) async fn act(
    doors: &Doors,
    acting: Acting,
    id: IncidentId,
    action: Action,
) -> Result<Json<Incident>, Problem> {
    submit_via(doors, acting.actor, acting.via, action).await?;
    read(doors, id).await
}

/// Acknowledges: the ringing stops. Answers the incident as it is afterwards.
#[utoipa::path(post, path = "/api/v1/incidents/{id}/acknowledge", tag = "incidents",
    params(("id" = String, Path)), responses((status = 200, body = Incident), Refused))]
pub(super) async fn acknowledge(
    State(doors): State<Arc<Doors>>,
    Path(id): Path<String>,
    acting: Acting,
) -> Result<Json<Incident>, Problem> {
    let id = id_of(&id)?;
    act(&doors, acting, id, Action::Acknowledge(id)).await
}

/// Resolves the incident and its alerts.
#[utoipa::path(post, path = "/api/v1/incidents/{id}/resolve", tag = "incidents",
    params(("id" = String, Path)), responses((status = 200, body = Incident), Refused))]
pub(super) async fn resolve(
    State(doors): State<Arc<Doors>>,
    Path(id): Path<String>,
    acting: Acting,
) -> Result<Json<Incident>, Problem> {
    let id = id_of(&id)?;
    act(&doors, acting, id, Action::Resolve(id)).await
}

/// How long; exactly one of the two.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Snooze {
    /// Ring again then.
    #[schema(value_type = Option<String>, format = DateTime)]
    until: Option<Timestamp>,
    /// Ring again after this long: `2h`, or seconds.
    r#for: Option<Duration>,
}

/// Acknowledges until a time, then rings again from step 1.
#[utoipa::path(post, path = "/api/v1/incidents/{id}/snooze", tag = "incidents",
    params(("id" = String, Path)), request_body = Snooze,
    responses((status = 200, body = Incident), Refused))]
pub(super) async fn snooze(
    State(doors): State<Arc<Doors>>,
    Path(id): Path<String>,
    acting: Acting,
    Given(snooze): Given<Snooze>,
) -> Result<Json<Incident>, Problem> {
    let incident = id_of(&id)?;
    let until = match (snooze.until, snooze.r#for) {
        (Some(until), None) => until,
        (None, Some(long)) => {
            let later = doors.now().checked_add(long.read("for")?);
            later.map_err(|_| Problem::invalid("`for`: the time is too far away"))?
        }
        _ => return Err(Problem::invalid("expected either `until` or `for`")),
    };
    act(&doors, acting, incident, Action::Snooze { incident, until }).await
}

/// To whom.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Reassign {
    to: OneOrMany,
}

/// A person's id, or several.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

/// Hands the incident to people and pages them.
#[utoipa::path(post, path = "/api/v1/incidents/{id}/reassign", tag = "incidents",
    params(("id" = String, Path)), request_body = Reassign,
    responses((status = 200, body = Incident), Refused))]
pub(super) async fn reassign(
    State(doors): State<Arc<Doors>>,
    Path(id): Path<String>,
    acting: Acting,
    Given(reassign): Given<Reassign>,
) -> Result<Json<Incident>, Problem> {
    let incident = id_of(&id)?;
    let to = match reassign.to {
        OneOrMany::One(person) => vec![PersonId::new(person)],
        OneOrMany::Many(people) => people.into_iter().map(PersonId::new).collect(),
    };
    act(&doors, acting, incident, Action::Reassign { incident, to }).await
}

/// Goes to the next step now.
#[utoipa::path(post, path = "/api/v1/incidents/{id}/escalate", tag = "incidents",
    params(("id" = String, Path)), responses((status = 200, body = Incident), Refused))]
pub(super) async fn escalate(
    State(doors): State<Arc<Doors>>,
    Path(id): Path<String>,
    acting: Acting,
) -> Result<Json<Incident>, Problem> {
    let id = id_of(&id)?;
    act(&doors, acting, id, Action::Escalate(id)).await
}

/// What to write down.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Note {
    /// At most 10,000 bytes.
    text: String,
}

/// Writes a note into the timeline.
#[utoipa::path(post, path = "/api/v1/incidents/{id}/notes", tag = "incidents",
    params(("id" = String, Path)), request_body = Note,
    responses((status = 200, body = Incident), Refused))]
pub(super) async fn note(
    State(doors): State<Arc<Doors>>,
    Path(id): Path<String>,
    acting: Acting,
    Given(note): Given<Note>,
) -> Result<Json<Incident>, Problem> {
    let incident = id_of(&id)?;
    act(&doors, acting, incident, Action::Note { incident, text: note.text }).await
}
