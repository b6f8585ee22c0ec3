//! Shift swaps: offered, accepted, declined, withdrawn. Who may do what is decided in the core: persons act for themselves,
//! admins for anybody.

use super::auth::Acting;
use super::input::{Asked, Given, text, unknown};
use super::page::{List, Paging};
use super::problem::Problem;
use super::refusal::{Refused, submit};
use crate::server::Doors;
use crate::token::fresh_id;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use jiff::Timestamp;
use nightbell_core::model::{
    Action, Actor, DutySpan, PersonId, ScheduleId, Swap as Domain, SwapId, SwapStatus,
};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};

/// A span of a schedule.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Span {
    schedule: String,
    #[schema(value_type = String, format = DateTime)]
    starts_at: Timestamp,
    /// Exclusive.
    #[schema(value_type = String, format = DateTime)]
    ends_at: Timestamp,
}

impl Span {
    fn of(span: &DutySpan) -> Self {
        let (starts_at, ends_at) = (span.starts_at, span.ends_at);
        Self { schedule: span.schedule.to_string(), starts_at, ends_at }
    }

    fn read(self) -> DutySpan {
        let (starts_at, ends_at) = (self.starts_at, self.ends_at);
        DutySpan { schedule: ScheduleId::new(self.schedule), starts_at, ends_at }
    }
}

/// An offer of a shift, and what became of it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Swap {
    id: String,
    /// `offered`, `accepted`, `declined`, `withdrawn` or `expired`.
    status: &'static str,
    /// Whose shift it is.
    from: String,
    /// To whom it is offered; null: to anybody.
    to: Option<String>,
    gives: Span,
    /// A shift of `to` that `from` takes in return.
    in_return: Option<Span>,
    note: String,
    /// Then it is over by itself.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
    /// Who took it.
    accepted_by: Option<String>,
    #[schema(value_type = Option<String>, format = DateTime)]
    ended_at: Option<Timestamp>,
    /// The overrides that accepting made, while they are there.
    overrides: Vec<String>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    created_by: String,
}

fn show(swap: &Domain) -> Swap {
    let accepted_by = match &swap.status {
        SwapStatus::Accepted { by, .. } => Some(by.to_string()),
        _ => None,
    };
    let overrides = match accepted_by.is_some() {
        true => [Some(false), swap.in_return.as_ref().map(|_| true)]
            .into_iter()
            .flatten()
            .map(|in_return| swap.override_id(in_return).to_string())
            .collect(),
        false => Vec::new(),
    };
    Swap {
        id: swap.id.to_string(),
        status: swap.status.as_str(),
        from: swap.from.to_string(),
        to: swap.to.as_ref().map(ToString::to_string),
        gives: Span::of(&swap.gives),
        in_return: swap.in_return.as_ref().map(Span::of),
        note: swap.note.clone(),
        expires_at: swap.expires_at,
        accepted_by,
        ended_at: swap.status.ended_at(),
        overrides,
        created_at: swap.created_at,
        created_by: swap.created_by.clone(),
    }
}

/// Which swaps.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Which {
    /// Only those that give or want a shift of this schedule.
    schedule: Option<String>,
    /// Only those that this person offered or took, or may take.
    person: Option<String>,
    /// `offered`, `accepted`, `declined`, `withdrawn` or `expired`.
    status: Option<String>,
    /// At most so many items, 1 to 200; 50 when absent.
    limit: Option<usize>,
    /// `next` of the page before.
    cursor: Option<String>,
}

impl Which {
    fn wants(&self, swap: &Domain) -> bool {
        let of_schedule = |id: &String| {
            let mut spans = swap.in_return.iter().chain([&swap.gives]);
            spans.any(|span| span.schedule.as_str() == id)
        };
        let of_person = |id: &String| {
            let offered = swap.is_open() && swap.to.is_none();
            let took = matches!(&swap.status, SwapStatus::Accepted { by, .. } if by.as_str() == id);
            let mut named = swap.to.iter().chain([&swap.from]);
            offered || took || named.any(|person| person.as_str() == id)
        };
        self.schedule.as_ref().is_none_or(of_schedule)
            && self.person.as_ref().is_none_or(of_person)
            && self.status.as_ref().is_none_or(|status| swap.status.as_str() == status)
    }
}

/// Lists swaps by id: those that wait, and those that ended within 30 days.
#[utoipa::path(get, path = "/api/v1/swaps", tag = "schedules", params(Which),
    responses((status = 200, body = List<Swap>), Refused))]
pub(super) async fn list(
    State(doors): State<Arc<Doors>>,
    Asked(which): Asked<Which>,
) -> Result<Json<List<Swap>>, Problem> {
    let paging = Paging { limit: which.limit, cursor: which.cursor.clone() };
    let page = doors.door.view(|view| {
        let all = view.state.swaps().all().filter(|swap| which.wants(swap));
        paging.cut(all, |swap| swap.id.as_str(), |swap| show(swap))
    });
    page.map(Json)
}

/// An offer.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewSwap {
    /// Whose shift it is; the caller when absent. Admins must say it.
    from: Option<String>,
    /// To whom; anybody when absent.
    to: Option<String>,
    gives: Span,
    /// A shift of `to` in return.
    in_return: Option<Span>,
    /// For whoever reads the offer.
    note: Option<String>,
    /// When the earlier of the two shifts begins when absent, and at the latest then.
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Timestamp>,
}

/// Who is meant: as said, or whoever calls.
fn whom(acting: &Acting, said: Option<String>, field: &'static str) -> Result<PersonId, Problem> {
    match (said, &acting.actor) {
        (Some(person), _) => Ok(PersonId::new(person)),
        (None, Actor::Person(person)) => Ok(person.clone()),
        (None, _) => Err(Problem::invalid(format!(
            "`{field}`: expected a person's id: an admin's token stands for nobody"
        ))
        .about(field)),
    }
}

/// Offers a shift to one person or to anybody. They are told.
#[utoipa::path(post, path = "/api/v1/swaps", tag = "schedules", request_body = NewSwap,
    responses((status = 201, body = Swap), Refused))]
pub(super) async fn offer(
    State(doors): State<Arc<Doors>>,
    acting: Acting,
    Given(new): Given<NewSwap>,
) -> Result<(StatusCode, Json<Swap>), Problem> {
    let note = match new.note.as_deref().map(str::trim) {
        None | Some("") => String::new(),
        Some(note) => text(note, "note", Domain::NOTE_MAX_BYTES)?,
    };
    let swap = Domain {
        id: SwapId::new(fresh_id()),
        from: whom(&acting, new.from, "from")?,
        to: new.to.map(PersonId::new),
        gives: new.gives.read(),
        in_return: new.in_return.map(Span::read),
        note,
        expires_at: new.expires_at.unwrap_or(Timestamp::MAX),
        created_at: doors.now(),
        created_by: acting.actor.name().to_owned(),
        status: SwapStatus::Offered,
    };
    let id = swap.id.clone();
    submit(&doors, acting.actor, Action::OfferSwap(Box::new(swap))).await?;
    Ok((StatusCode::CREATED, one(&doors, &id)?))
}

fn one(doors: &Doors, id: &SwapId) -> Result<Json<Swap>, Problem> {
    let shown = doors.door.view(|view| view.state.swaps().get(id).map(|swap| show(swap)));
    shown.map(Json).ok_or_else(|| unknown("swap", id.as_str()))
}

/// Shows one swap.
#[utoipa::path(get, path = "/api/v1/swaps/{id}", tag = "schedules", params(("id" = String, Path)),
    responses((status = 200, body = Swap), Refused))]
pub(super) async fn show_one(
    State(doors): State<Arc<Doors>>,
    Path(id): Path<String>,
) -> Result<Json<Swap>, Problem> {
    one(&doors, &SwapId::new(id))
}

/// For whom.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct ForWhom {
    /// Who takes the shift; the caller when absent. For admins whom it was offered to when absent.
    person: Option<String>,
}

/// Takes an offered shift, and gives the one in return: the overrides are made at once.
#[utoipa::path(post, path = "/api/v1/swaps/{id}/accept", tag = "schedules",
    params(("id" = String, Path), ForWhom),
    responses((status = 200, body = Swap), Refused))]
pub(super) async fn accept(
    State(doors): State<Arc<Doors>>,
    Path(id): Path<String>,
    acting: Acting,
    Asked(for_whom): Asked<ForWhom>,
) -> Result<Json<Swap>, Problem> {
    let swap = SwapId::new(id);
    let named = doors.door.view(|view| {
        let known = view.state.swaps().get(&swap);
        known.map(|known| known.to.as_ref().map(ToString::to_string))
    });
    let named = named.ok_or_else(|| unknown("swap", swap.as_str()))?;
    let said = match acting.actor {
        Actor::Person(_) => for_whom.person,
        _ => for_whom.person.or(named),
    };
    let person = whom(&acting, said, "person")?;
    submit(&doors, acting.actor, Action::AcceptSwap { swap: swap.clone(), person }).await?;
    one(&doors, &swap)
}

/// Says no to a shift that was offered to one by name.
#[utoipa::path(post, path = "/api/v1/swaps/{id}/decline", tag = "schedules",
    params(("id" = String, Path)), responses((status = 200, body = Swap), Refused))]
pub(super) async fn decline(
    State(doors): State<Arc<Doors>>,
    Path(id): Path<String>,
    acting: Acting,
) -> Result<Json<Swap>, Problem> {
    let swap = SwapId::new(id);
    submit(&doors, acting.actor, Action::DeclineSwap(swap.clone())).await?;
    one(&doors, &swap)
}

/// Takes an offer back.
#[utoipa::path(post, path = "/api/v1/swaps/{id}/withdraw", tag = "schedules",
    params(("id" = String, Path)), responses((status = 200, body = Swap), Refused))]
pub(super) async fn withdraw(
    State(doors): State<Arc<Doors>>,
    Path(id): Path<String>,
    acting: Acting,
) -> Result<Json<Swap>, Problem> {
    let swap = SwapId::new(id);
    submit(&doors, acting.actor, Action::WithdrawSwap(swap.clone())).await?;
    one(&doors, &swap)
}
