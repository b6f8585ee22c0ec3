//! Answers that come through a channel: a keypad, a chat button, a receipt. The plugin reads what the other side
//! says; who may do what is decided here, from the delivery the address was made for.

use super::link::LinkError;
use crate::api::Problem;
use crate::ingest::accept::plugin_reply;
use crate::plugin::{AnswerAction, CallbackRequest};
use crate::server::Doors;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use jiff::SignedDuration;
use nightbell_core::model::{
    Action, Actor, Attempt, AttemptResult, Change, Delivery, FailureKind, Input, Reply, TimerKey,
};
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
    let now = doors.now();
    let answering = doors.links.verify(token, now).map_err(|error| match error {
        LinkError::Expired => Problem::gone(error.to_string()),
        LinkError::Forged => Problem::not_found(error.to_string()),
    })?;
    let all = doors.door.store().deliveries(answering.incident).await?;
    let delivery = all.into_iter().find(|one| one.id == answering.delivery);
    let delivery = delivery
        .filter(|one| one.channel == channel && one.person == answering.person)
        .ok_or_else(|| Problem::not_found("this address belongs to no delivery of the channel"))?;
    let (parts, body) = request.into_parts();
    let body = crate::ingest::read_body(&parts.headers, body).await?;
    let query = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    let call = CallbackRequest {
        method: parts.method.as_str().to_owned(),
        url: format!("{}{query}", doors.door.plan().public_url),
        headers: headers(&parts.headers),
        body,
        now,
        delivery: Some(delivery.id.clone()),
    };
    let answer = doors.plugins.callback(channel, call).await.map_err(|failure| {
        tracing::warn!(channel, error = %failure, "a channel could not read an answer");
        match failure.kind {
            FailureKind::Transient { .. } => Problem::unavailable("the channel is not available"),
            FailureKind::Permanent | FailureKind::BadAddress => {
                Problem::bad_request("the channel could not read this answer")
            }
        }
    })?;
    if answer.delivery.is_some_and(|named| named != delivery.id) {
        return Err(Problem::conflict("the answer is about another delivery than this address"));
    }
    act(doors, &delivery, answer.action, answer.changes).await?;
    Ok(plugin_reply(answer.reply))
}

/// What an answer means, in the name of the person the delivery went to.
async fn act(
    doors: &Doors,
    delivery: &Arc<Delivery>,
    action: AnswerAction,
    changes: Vec<Change>,
) -> Result<(), Problem> {
    let id = delivery.incident;
    let by_person = |action| Input::Action { by: Actor::Person(delivery.person.clone()), action };
    let receipt = |result| {
        let started_at = doors.now();
        Input::Attempt(Attempt { delivery: delivery.clone(), started_at, result })
    };
    let input = match action {
        AnswerAction::Acknowledge => by_person(Action::Acknowledge(id)),
        AnswerAction::Resolve => by_person(Action::Resolve(id)),
        AnswerAction::Escalate => by_person(Action::Escalate(id)),
        AnswerAction::Snooze(seconds) => {
            let until = doors.now() + SignedDuration::from_secs(i64::from(seconds));
            by_person(Action::Snooze { incident: id, until })
        }
        // A page that was not known to have left: now it is.
        AnswerAction::Delivered if delivery.is_pending() => {
            receipt(AttemptResult::Delivered { receipt: None, thread: None })
        }
        AnswerAction::Failed(message) if delivery.is_pending() => {
            let kind = FailureKind::Permanent;
            receipt(AttemptResult::Failed { kind, message })
        }
        AnswerAction::Delivered | AnswerAction::Failed(_) | AnswerAction::Nothing => {
            if changes.is_empty() {
                return Ok(());
            }
            // Something must carry what the plugin wrote; a timer that is not due changes nothing (I9).
            Input::Due(TimerKey::Escalate(id))
        }
    };
    match doors.door.submit_with(input, changes).await? {
        Reply::Done => {}
        // The other side pressed a button of an incident that is over: nothing is wrong with that.
        Reply::Refused(refusal) => {
            tracing::info!(incident = %id, %refusal, "an answer changed nothing");
        }
    }
    Ok(())
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
