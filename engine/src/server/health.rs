//! Whether we are well, as Prometheus users expect it: `/-/healthy`, `/-/ready`, `POST /-/reload`, `/metrics`.

use super::doors::{Doors, Readiness};
use super::plugin_metrics;
use crate::api::caller;
use crate::api::{Admin, Problem};
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};
use std::sync::Arc;

/// Upper bounds of histograms, in seconds: from a parser's call to a slow disk.
const SECONDS: [f64; 13] =
    [0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1.0, 5.0];

pub(super) fn routes() -> Router<Arc<Doors>> {
    Router::new()
        .route("/-/healthy", get(healthy))
        .route("/-/ready", get(ready))
        .route("/-/reload", post(reload).put(reload))
        .route("/metrics", get(show_metrics))
}

/// A recorder for this process's metrics and the handle that prints them. `Doors` keeps the handle.
///
/// # Errors
/// When the process has another recorder already.
pub fn install_metrics() -> Result<PrometheusHandle, BuildError> {
    builder()?.install_recorder()
}

fn builder() -> Result<PrometheusBuilder, BuildError> {
    let seconds = Matcher::Suffix("_seconds".to_owned());
    PrometheusBuilder::new().set_buckets_for_metric(seconds, &SECONDS)
}

async fn healthy() -> &'static str {
    "healthy\n"
}

async fn ready(State(doors): State<Arc<Doors>>) -> Response {
    match &*doors.readiness.borrow() {
        Readiness::Ready => "ready\n".into_response(),
        Readiness::Starting => Problem::unavailable("the engine is starting").into_response(),
        Readiness::Failing(why) => Problem::unavailable(why.clone()).into_response(),
    }
}

async fn reload(
    State(doors): State<Arc<Doors>>,
    headers: HeaderMap,
) -> Result<&'static str, Problem> {
    Admin::of(&caller(&doors, &headers)?)?;
    match (doors.reload)().await {
        Ok(()) => Ok("reloaded\n"),
        Err(mistakes) => Err(Problem::invalid(mistakes)),
    }
}

/// Open on loopback, where whoever asks can read the process's memory anyway; elsewhere any token will do.
async fn show_metrics(
    State(doors): State<Arc<Doors>>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    if !doors.door.plan().listen.ip().is_loopback() {
        caller(&doors, &headers)?;
    }
    let media = [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")];
    let plugins = plugin_metrics::render(&doors.plugins.list());
    Ok((media, doors.metrics.render() + &plugins).into_response())
}

#[cfg(test)]
pub(super) fn quiet_metrics() -> PrometheusHandle {
    builder().expect("buckets are given").build_recorder().handle()
}
