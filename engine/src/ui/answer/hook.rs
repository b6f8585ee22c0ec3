//! Answers that come through a channel: a keypad, a chat button, a receipt. The plugin reads what the other side says and
//! checks that it was the other side who said it; `act` decides what that may mean.
//!
//! Two kinds of address lead here. One is minted for one delivery and goes out with it. The other is the channel's own
//! door, the same for all its deliveries: there the plugin must name the delivery itself.

use super::act::{self, Through};
use super::link::LinkError;
use crate::api::Problem;
use crate::ingest::accept::plugin_reply;
use crate::plugin::{AnswerAction, CallbackRequest};
use crate::server::Doors;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use nightbell_core::model::{Delivery, DeliveryId, FailureKind};
use nightbell_core::notify;
use std::sync::Arc;

/// Headers a channel sees.
const HEADERS_MAX: usize = 64;

pub(super) async fn receive(
    State(doors): State<Arc<Doors>>,
    Path((channel, token)): Path<(String, String)>,
    request: Request,
) -> Response {
    match read(&doors, &channel, &token, request).await {
        Ok(response) => response,
        Err(problem) => problem.into_response(),
    }
}

async fn read(
    doors: &Doors,
    channel: &str,
    token: &str,
    request: Request,
) -> Result<Response, Problem> {
    let minted = match doors.links.opens(channel, token) {
        true => None,
        false => Some(minted_for(doors, channel, token).await?),
    };
    let call = call(doors, request, minted.as_ref().map(|delivery| delivery.id.clone())).await?;
    let answer = doors.plugins.callback(channel, call).await.map_err(|failure| {
        tracing::warn!(channel, error = %failure, "a channel could not read an answer");
        match failure.kind {
            FailureKind::Transient { .. } => Problem::unavailable("the channel is not available"),
            FailureKind::Permanent | FailureKind::BadAddress => {
                Problem::bad_request("the channel could not read this answer")
            }
        }
    })?;
    let (delivery, through) = match (minted, &answer.delivery) {
        (Some(minted), Some(named)) if *named != minted.id => {
            return Err(Problem::conflict(
                "the answer is about another delivery than this address",
            ));
        }
        (Some(minted), _) => (Some(minted), Through::Delivery),
        (None, Some(named)) => (named_by(doors, channel, named).await?, Through::Channel),
        (None, None) => (None, Through::Channel),
    };
    let reply = answer.reply.clone();
    match delivery {
        Some(delivery) => act::act(doors, &delivery, through, answer).await?,
        None => {
            if answer.action != AnswerAction::Nothing {
                let named = answer.delivery.as_ref().map(DeliveryId::as_str);
                tracing::warn!(
                    channel,
                    delivery = named,
                    wanted = act::word(&answer.action),
                    "an answer at a channel's own door names no delivery of this channel; nothing was done"
                );
            }
            act::keep(doors, None, answer.changes).await?;
        }
    }
    Ok(plugin_reply(reply))
}

/// The delivery that an address was minted for.
async fn minted_for(doors: &Doors, channel: &str, token: &str) -> Result<Arc<Delivery>, Problem> {
    let answering = doors.links.verify(token, doors.now()).map_err(|error| match error {
        LinkError::Expired => Problem::gone(error.to_string()),
        LinkError::Forged => Problem::not_found(error.to_string()),
    })?;
    let all = doors.door.store().deliveries(answering.incident).await?;
    let delivery = all.into_iter().find(|one| one.id == answering.delivery);
    delivery
        .filter(|one| one.channel == channel && one.person == answering.person)
        .ok_or_else(|| Problem::not_found("this address belongs to no delivery of the channel"))
}

/// The delivery of this channel that an answer names.
async fn named_by(
    doors: &Doors,
    channel: &str,
    named: &DeliveryId,
) -> Result<Option<Arc<Delivery>>, Problem> {
    let Some(incident) = notify::incident_of(named) else { return Ok(None) };
    let all = doors.door.store().deliveries(incident).await?;
    Ok(all.into_iter().find(|one| one.id == *named && one.channel == channel))
}

async fn call(
    doors: &Doors,
    request: Request,
    delivery: Option<DeliveryId>,
) -> Result<CallbackRequest, Problem> {
    let (parts, body) = request.into_parts();
    let body = crate::ingest::read_body(&parts.headers, body).await?;
    let query = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    Ok(CallbackRequest {
        method: parts.method.as_str().to_owned(),
        url: format!("{}{query}", doors.door.plan().public_url),
        headers: headers(&parts.headers),
        body,
        now: doors.now(),
        delivery,
    })
}

/// Signatures are in headers, so all are shown but those that speak of other relations of the caller.
fn headers(all: &HeaderMap) -> Vec<(String, String)> {
    let hidden = [header::COOKIE, header::AUTHORIZATION, header::PROXY_AUTHORIZATION];
    all.iter()
        .filter(|(name, _)| !hidden.contains(name))
        .take(HEADERS_MAX)
        .map(|(name, value)| {
            (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
        })
        .collect()
}
