//! How the engine is, in a few numbers.

use super::problem::Problem;
use super::refusal::Refused;
use crate::plugin::PluginState;
use crate::server::{Doors, Readiness};
use axum::Json;
use axum::extract::State;
use jiff::Timestamp;
use nightbell_core::model::IncidentStatus;
use serde::Serialize;
use std::sync::Arc;
use utoipa::ToSchema;

/// The engine now.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Status {
    version: &'static str,
    /// Whether it takes events and decides; why not is in `error`.
    ready: bool,
    error: Option<String>,
    /// Open incidents nobody has.
    triggered: usize,
    /// Open incidents somebody has.
    acknowledged: usize,
    /// Pages still to be sent.
    pending_deliveries: usize,
    /// Journal positions not decided yet.
    backlog: u64,
    plugins_running: usize,
    /// Plugins that should run and do not.
    plugins_in_trouble: usize,
    /// Times within 90 days in which a schedule has nobody on call, or somebody who is absent.
    gaps_ahead: usize,
    /// When the next of them begins, or the one under way began.
    #[schema(value_type = Option<String>, format = DateTime)]
    next_gap_at: Option<Timestamp>,
    /// Hex of the SHA-256 over the configuration in force.
    config_sha256: String,
}

/// Answers how the engine is.
#[utoipa::path(get, path = "/api/v1/status", tag = "engine",
    responses((status = 200, body = Status), Refused))]
pub(super) async fn status(State(doors): State<Arc<Doors>>) -> Result<Json<Status>, Problem> {
    let (ready, error) = match &*doors.readiness.borrow() {
        Readiness::Ready => (true, None),
        Readiness::Starting => (false, Some("starting".to_owned())),
        Readiness::Failing(why) => (false, Some(why.clone())),
    };
    let plugins = doors.plugins.list();
    let in_state = |wanted: &[PluginState]| {
        plugins.iter().filter(|plugin| wanted.contains(&plugin.state)).count()
    };
    let appended = doors.door.store().appended().borrow().0;
    let (gaps_ahead, next_gap_at) = doors.door.view(|view| {
        let watches = view.state.watches().all();
        let foreseen = watches.flat_map(|watch| watch.foreseen.iter());
        let starts: Vec<Timestamp> = foreseen.map(|one| one.starts_at).collect();
        (starts.len(), starts.into_iter().min())
    });
    let (open, triggered, pending_deliveries) = doors.door.view(|view| {
        let triggered =
            view.state.incidents().filter(|one| one.status == IncidentStatus::Triggered).count();
        (view.state.incidents().count(), triggered, view.state.deliveries().count())
    });
    Ok(Json(Status {
        version: env!("CARGO_PKG_VERSION"),
        ready,
        error,
        triggered,
        acknowledged: open - triggered,
        pending_deliveries,
        backlog: appended.saturating_sub(doors.door.cursor().0),
        plugins_running: in_state(&[PluginState::Running, PluginState::Shadow]),
        plugins_in_trouble: in_state(&[
            PluginState::Failed,
            PluginState::Quarantined,
            PluginState::WaitingForGrant,
        ]),
        gaps_ahead,
        next_gap_at,
        config_sha256: doors.door.plan().sha256.clone(),
    }))
}
