//! How a sender is told what is wrong, in the words its client reads.
//!
//! PagerDuty's clients read `{"status", "message", "errors": [..]}` on a 400 (Alertmanager's decoder wants `errors`
//! to be an array of texts); everybody else gets a problem. Overload is 503 in every dialect: Alertmanager's webhook
//! sender does not come again after a 429.

use super::body::BodyError;
use super::key::KEY_LEN;
use super::normal::raw_key;
use super::scan::{Scan, top_level};
use crate::api::Problem;
use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use nightbell_core::model::IntegrationId;
use serde_json::json;

/// Whose words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    /// RFC 9457.
    Plain,
    /// PagerDuty's events API.
    PagerDuty,
}

impl Dialect {
    /// The dialect of a parser's senders.
    pub(super) fn of(parser: &str) -> Self {
        if parser == "pagerduty" { Self::PagerDuty } else { Self::Plain }
    }

    /// The body could not be read. PagerDuty's clients know 400 for what cannot be decoded.
    pub(super) fn body_error(self, error: &BodyError) -> Response {
        match (self, error) {
            (Self::PagerDuty, BodyError::Damaged(_)) => unrecognized(&error.to_string()),
            _ => body_problem(error).into_response(),
        }
    }

    /// The parser refused the payload and left the words to us.
    pub(super) fn rejected(self, message: &str) -> Response {
        match self {
            Self::Plain => Problem::bad_request(message).into_response(),
            Self::PagerDuty => invalid(message),
        }
    }
}

/// The body as a problem.
pub(super) fn body_problem(error: &BodyError) -> Problem {
    let detail = error.to_string();
    match error {
        BodyError::TooLarge | BodyError::Bomb => Problem::too_large(detail),
        BodyError::Encoding(_) => Problem::unsupported(detail),
        BodyError::Damaged(_) | BodyError::Broken => Problem::bad_request(detail),
    }
}

fn refused(status: &str, message: &str, error: &str) -> Response {
    let body = json!({ "status": status, "message": message, "errors": [error] });
    (StatusCode::BAD_REQUEST, Json(body)).into_response()
}

fn invalid(error: &str) -> Response {
    refused("invalid event", "Event object is invalid", error)
}

fn unrecognized(error: &str) -> Response {
    refused("Unrecognized object", "Event object format is unrecognized", error)
}

/// PagerDuty: no JSON object.
pub(super) fn no_object() -> Response {
    unrecognized("JSON parse error")
}

/// PagerDuty: the body names no key.
pub(super) fn key_missing(member: &str) -> Response {
    invalid(&format!("'{member}' is missing or blank"))
}

/// PagerDuty: no key is that long. The text is PagerDuty's own.
pub(super) fn key_length(member: &str) -> Response {
    invalid(&format!("Length of '{member}' is incorrect (should be {KEY_LEN} characters)"))
}

/// PagerDuty: no integration has this key. 400, since their clients do not come again after it: a wrong key does
/// not become right by waiting.
pub(super) fn key_unknown(member: &str) -> Response {
    invalid(&format!("'{member}' does not belong to any integration"))
}

/// PagerDuty: taken in although its parser failed. Their clients want a `dedup_key` back.
pub(super) fn processed(body: &[u8], integration: &IntegrationId) -> Response {
    let dedup_key = match top_level(body, "dedup_key") {
        Scan::Found { value, .. } if !value.is_empty() => value,
        _ => raw_key(integration).to_string(),
    };
    let body = json!({ "status": "success", "message": "Event processed", "dedup_key": dedup_key });
    (StatusCode::ACCEPTED, Json(body)).into_response()
}
