//! What every request goes through: an id, a log line without secrets, a time limit, security headers, and 500
//! instead of a panic.

use crate::api::Problem;
use crate::token::fresh_id;
use axum::Router;
use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use std::any::Any;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use tower_http::catch_panic::CatchPanicLayer;
use tracing::Instrument;

/// A request and its answer take at most this long.
pub(super) const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);
/// Requests under way at once; each holds at most one body (I8).
const REQUESTS_MAX: usize = 1_024;
/// In every answer, and in the log.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Puts the frame around all routes.
pub(super) fn around(routes: Router, limit: Duration) -> Router {
    let places = Arc::new(Semaphore::new(REQUESTS_MAX));
    routes
        .layer(CatchPanicLayer::custom(panicked))
        .layer(middleware::from_fn(move |request, next| {
            limited(places.clone(), limit, request, next)
        }))
        .layer(middleware::from_fn(traced))
}

/// What panicked is in the log, by the panic hook; the sender hears that it was our fault.
fn panicked(_: Box<dyn Any + Send + 'static>) -> Response {
    tracing::error!("a request panicked");
    Problem::internal("a bug of the engine; its log says where").into_response()
}

async fn limited(
    places: Arc<Semaphore>,
    limit: Duration,
    request: Request,
    next: Next,
) -> Response {
    let Ok(_place) = places.try_acquire() else {
        return Problem::unavailable("too many requests at once; nothing was done").into_response();
    };
    match tokio::time::timeout(limit, next.run(request)).await {
        Ok(response) => response,
        Err(_) => {
            let seconds = limit.as_secs();
            let detail = format!("no answer within {seconds} s; whether it was done is not known");
            Problem::unavailable(detail).into_response()
        }
    }
}

/// Logs the route, never the path: paths hold keys and tokens.
async fn traced(request: Request, next: Next) -> Response {
    let id = fresh_id();
    let route = request.extensions().get::<MatchedPath>();
    let route = route.map_or_else(|| "unmatched".to_owned(), |path| path.as_str().to_owned());
    let span = tracing::info_span!("request", id = %id, method = %request.method(), route);
    let mut response = next.run(request).instrument(span.clone()).await;
    let status = response.status().as_u16();
    span.in_scope(|| tracing::debug!(status, "answered"));
    metrics::counter!(
        "nightbell_http_responses_total", "route" => route, "status" => status.to_string()
    )
    .increment(1);
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    secure(&mut response);
    response
}

/// A page sets its own policy; whatever does not is no page, and no browser shall make it one.
fn secure(response: &mut Response) {
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'; sandbox"),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ] {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
}
