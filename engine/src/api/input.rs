//! What requests carry, with problems in our own words when it does not fit.

use super::Problem;
use axum::Json;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{FromRequest, FromRequestParts, Query, Request};
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

/// A JSON body.
#[derive(Clone, Copy, Debug)]
pub(super) struct Given<T>(pub(super) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Given<T> {
    type Rejection = Problem;
    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        match Json::<T>::from_request(request, state).await {
            Ok(Json(value)) => Ok(Self(value)),
            Err(rejection) => Err(of_json(&rejection)),
        }
    }
}

fn of_json(rejection: &JsonRejection) -> Problem {
    let detail = rejection.body_text();
    match rejection.status().as_u16() {
        413 => Problem::too_large(detail),
        415 => Problem::unsupported("expected `content-type: application/json`"),
        422 => Problem::invalid(detail),
        _ => Problem::bad_request(detail),
    }
}

/// The query.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked<T>(pub(super) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Asked<T> {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let query = Query::<T>::from_request_parts(parts, state).await;
        query
            .map(|Query(value)| Self(value))
            .map_err(|rejection: QueryRejection| Problem::bad_request(rejection.body_text()))
    }
}

/// A number in a path; anything else names nothing.
pub(super) fn number(text: &str, what: &str) -> Result<u64, Problem> {
    text.parse().map_err(|_| unknown(what, text))
}

/// 404 for something named in a path.
pub(super) fn unknown(what: &str, id: &str) -> Problem {
    let id = id.get(..id.floor_char_boundary(100)).unwrap_or_default();
    Problem::not_found(format!("no {what} `{}`", id.replace(char::is_control, " ")))
}

/// A text of 1 to `max` bytes without control characters.
pub(super) fn text(value: &str, what: &str, max: usize) -> Result<String, Problem> {
    let value = value.trim();
    if value.is_empty() || value.len() > max || value.chars().any(char::is_control) {
        return Err(Problem::invalid(format!(
            "`{what}`: expected 1 to {max} bytes on one line, got {}",
            value.len()
        )));
    }
    Ok(value.to_owned())
}
