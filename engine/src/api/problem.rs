//! Errors as the outside sees them: RFC 9457 `application/problem+json`.
//!
//! `type` is stable and made for programs, `title` goes with it, `detail` is for the person who reads it: what was
//! expected, what came, what to do. Nothing private is ever in it.

use crate::limits;
use crate::pipeline::door::DoorClosed;
use crate::store::StoreError;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde::Serialize;
use std::borrow::Cow;
use utoipa::ToSchema;

/// What went wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Problem {
    /// Stable name of the kind of problem: `urn:nightbell:problem:<kind>`.
    #[serde(rename = "type")]
    pub kind: Cow<'static, str>,
    /// The kind in words; the same for every problem of the kind.
    pub title: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// This case in words.
    pub detail: String,
    /// The member of the request that it is about, when it is about one and a form would mark it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<&'static str>,
    /// After how many seconds it may be asked for again; told in `retry-after`.
    #[serde(skip)]
    #[schema(ignore)]
    pub retry_after_s: Option<u64>,
}

impl Problem {
    /// Says which member of the request it is about.
    #[must_use]
    pub fn about(mut self, field: &'static str) -> Self {
        self.field = Some(field);
        self
    }

    /// Says when it may be asked for again.
    #[must_use]
    pub fn again_at(mut self, again_at: Timestamp, now: Timestamp) -> Self {
        let wait = again_at.duration_since(now).as_secs().max(1);
        self.retry_after_s = u64::try_from(wait).ok();
        self
    }
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident, $status:ident, $kind:literal, $title:literal;)*) => {
        impl Problem {
            $($(#[$doc])*
            pub fn $name(detail: impl Into<String>) -> Self {
                Self {
                    kind: Cow::Borrowed(concat!("urn:nightbell:problem:", $kind)),
                    title: $title,
                    status: StatusCode::$status.as_u16(),
                    detail: detail.into(),
                    field: None,
                    retry_after_s: None,
                }
            })*
        }
    };
}

kinds! {
    /// The request cannot be read.
    bad_request, BAD_REQUEST, "bad-request", "The request cannot be read";
    /// No token, or none that is known.
    unauthorized, UNAUTHORIZED, "unauthorized", "A token is needed";
    /// The token may not do this.
    forbidden, FORBIDDEN, "forbidden", "The token may not do this";
    /// Whoever answered is nobody here, or may be anybody.
    stranger, FORBIDDEN, "stranger", "Whoever answered may not act here";
    /// There is no such thing.
    not_found, NOT_FOUND, "not-found", "There is no such thing";
    /// The address does not take this method.
    method_not_allowed, METHOD_NOT_ALLOWED, "method-not-allowed", "The address does not take this method";
    /// It does not fit what is already so.
    conflict, CONFLICT, "conflict", "It does not fit the present state";
    /// A link that worked once.
    gone, GONE, "gone", "It is no longer there";
    /// Too many bytes.
    too_large, PAYLOAD_TOO_LARGE, "too-large", "The body is too large";
    /// A media type or encoding we do not take.
    unsupported, UNSUPPORTED_MEDIA_TYPE, "unsupported", "The body is of a kind that is not taken here";
    /// The request can be read, but a value in it cannot be used.
    invalid, UNPROCESSABLE_ENTITY, "invalid", "A value cannot be used";
    /// It may be asked for again later.
    too_often, TOO_MANY_REQUESTS, "too-often", "It was asked for too often";
    /// Our fault.
    internal, INTERNAL_SERVER_ERROR, "internal", "Something broke inside";
    /// Not now.
    unavailable, SERVICE_UNAVAILABLE, "unavailable", "Not now";
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_vec(&self).unwrap_or_default();
        let mut response = (status, body).into_response();
        let headers = response.headers_mut();
        let media = HeaderValue::from_static("application/problem+json");
        headers.insert(header::CONTENT_TYPE, media);
        if let Some(seconds) = self.retry_after_s {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        } else if status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(limits::RETRY_AFTER_S));
        }
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if status == StatusCode::UNSUPPORTED_MEDIA_TYPE {
            let taken = HeaderValue::from_static("gzip, deflate");
            headers.insert(header::ACCEPT_ENCODING, taken);
        }
        response
    }
}

impl From<DoorClosed> for Problem {
    fn from(closed: DoorClosed) -> Self {
        Self::unavailable(closed.to_string())
    }
}

/// A full disk is for the sender to wait for; everything else is ours, and its details go to the log only.
impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "the store did not answer");
        match error {
            StoreError::Full => Self::unavailable("the engine's disk is full; try again later"),
            StoreError::InUse(_)
            | StoreError::Directory { .. }
            | StoreError::Damaged { .. }
            | StoreError::Failed(_) => {
                Self::internal("the store failed; the engine's log says how")
            }
        }
    }
}
