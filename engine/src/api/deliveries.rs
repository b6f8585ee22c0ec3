//! Deliveries: the journey of each page, update and notice. Addresses are not shown: they belong to people.

use super::input::{Asked, unknown};
use super::page::{List, Paging};
use super::problem::Problem;
use super::refusal::Refused;
use super::{incidents, words};
use crate::server::Doors;
use axum::Json;
use axum::extract::State;
use jiff::Timestamp;
use nightbell_core::model::{Delivery as Domain, DeliveryStatus, Directory, IncidentId, Purpose};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};

/// One journey of one page, or of one update of an earlier message.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Delivery {
    /// Stable over all attempts: the idempotency key.
    id: String,
    /// `page`, `post` (a page to a room), `status-update`, `notice`, or `bundle`: one message of several pages.
    purpose: &'static str,
    /// Of a status update: what it tells. Of a notice: its kind, such as `handoff`.
    update: Option<String>,
    /// Empty for a notice.
    incident: String,
    /// Null when it goes to a room.
    person: Option<String>,
    /// The room it goes to, which is nobody's.
    room: Option<String>,
    /// The person's contact method; `room` when it goes to a room.
    method: String,
    channel: String,
    /// `high` or `low`.
    urgency: &'static str,
    /// Why this person.
    reason: String,
    /// `pending`, `bundled` (it leaves in one message with others), `delivered`, `failed` or `cancelled`.
    status: &'static str,
    /// The id of the message that a page shares or shared with others.
    bundle: Option<String>,
    /// Of a bundle: the incidents it was made of.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    incidents: Vec<String>,
    /// Of a pending one: not sent before. Of a bundled one: when the message leaves at the latest.
    #[schema(value_type = Option<String>, format = DateTime)]
    not_before: Option<Timestamp>,
    /// When it was delivered, given up or cancelled.
    #[schema(value_type = Option<String>, format = DateTime)]
    ended_at: Option<Timestamp>,
    /// The other side's name for it.
    receipt: Option<String>,
    /// Whether it is known to have arrived, and not only to have been taken.
    arrived: bool,
    /// Why it failed or was cancelled, or what the last attempt failed with.
    error: Option<String>,
    /// Finished attempts.
    attempts: u32,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
}

fn show(delivery: &Domain, directory: &Directory) -> Delivery {
    let (status, not_before, ended_at, receipt, why) = match &delivery.status {
        DeliveryStatus::Pending { not_before } => ("pending", Some(*not_before), None, None, None),
        DeliveryStatus::Bundled { until } => ("bundled", Some(*until), None, None, None),
        DeliveryStatus::Delivered { at, receipt, .. } => {
            ("delivered", None, Some(*at), receipt.clone(), None)
        }
        DeliveryStatus::Failed { at, reason } => {
            ("failed", None, Some(*at), None, Some(reason.clone()))
        }
        DeliveryStatus::Cancelled { at, reason } => {
            ("cancelled", None, Some(*at), None, Some(reason.clone()))
        }
    };
    let (purpose, update) = match &delivery.purpose {
        Purpose::Page => ("page", None),
        Purpose::StatusUpdate { update } => ("status-update", Some(update.clone())),
        // A notice's text is between Nightbell and the person: it may hold a code.
        Purpose::Notice(notice) => ("notice", Some(notice.kind.as_str().to_owned())),
        Purpose::Post { .. } => ("post", None),
        Purpose::Bundle { .. } => ("bundle", None),
    };
    let room = delivery.person.room();
    Delivery {
        id: delivery.id.to_string(),
        purpose,
        update,
        incident: match delivery.incident {
            IncidentId::NONE => String::new(),
            incident => incident.to_string(),
        },
        person: room.is_none().then(|| delivery.person.to_string()),
        room: room.map(|room| room.to_string()),
        method: delivery.method.to_string(),
        channel: delivery.channel.clone(),
        urgency: delivery.urgency.as_str(),
        reason: words::page_reason(&delivery.reason, directory),
        status,
        bundle: delivery.bundle.as_ref().map(ToString::to_string),
        incidents: delivery.about().iter().map(ToString::to_string).collect(),
        not_before,
        ended_at,
        receipt,
        arrived: matches!(delivery.status, DeliveryStatus::Delivered { arrived: true, .. }),
        error: why.or_else(|| delivery.last_error.clone()),
        attempts: delivery.attempts,
        created_at: delivery.created_at,
    }
}

/// Which deliveries.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Which {
    /// An incident's id: its deliveries in any status, oldest first, all of them. Without it: everything that is
    /// still to be sent, by id.
    incident: Option<String>,
    /// At most so many items, 1 to 200; 50 when absent.
    limit: Option<usize>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// Lists deliveries.
#[utoipa::path(get, path = "/api/v1/deliveries", tag = "incidents", params(Which),
    responses((status = 200, body = List<Delivery>), Refused))]
pub(super) async fn list(
    State(doors): State<Arc<Doors>>,
    Asked(which): Asked<Which>,
) -> Result<Json<List<Delivery>>, Problem> {
    let Some(incident) = which.incident else {
        let paging = Paging { limit: which.limit, cursor: which.cursor };
        return doors
            .door
            .view(|view| {
                let all = view.state.deliveries();
                paging.cut(all, |one| one.id.as_str(), |one| show(one, view.directory))
            })
            .map(Json);
    };
    let id = incidents::id_of(&incident)?;
    let store = doors.door.store();
    store.incident(id).await?.ok_or_else(|| unknown("incident", &incident))?;
    let mut all = store.deliveries(id).await?;
    let items = doors.door.view(|view| {
        // Those that wait for a rule's delay or the end of quiet hours.
        let known: BTreeSet<_> = all.iter().map(|one| one.id.clone()).collect();
        let waiting = view.state.prepared_of(id).filter(|one| !known.contains(&one.id));
        all.extend(waiting.cloned());
        all.sort_by_key(|one| one.created_at);
        all.iter().map(|one| show(one, view.directory)).collect()
    });
    Ok(Json(List { items, next: None }))
}
