//! Plugins: which run, which do not, and why not.

use super::input::Asked;
use super::page::{List, Paging};
use super::problem::Problem;
use super::refusal::Refused;
use crate::plugin::{Kind, PluginStatus};
use crate::server::Doors;
use axum::Json;
use axum::extract::State;
use nightbell_core::model::PluginStamp;
use serde::Serialize;
use std::sync::Arc;
use utoipa::ToSchema;

/// A plugin's exact version.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Stamp {
    name: String,
    /// Hex of the SHA-256 of its file.
    sha256: String,
}

impl Stamp {
    pub(super) fn of(stamp: &PluginStamp) -> Self {
        Self { name: stamp.name.to_string(), sha256: stamp.sha256.to_string() }
    }
}

/// A plugin.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Plugin {
    name: String,
    version: String,
    description: String,
    /// `parser`, `filter`, `router` or `channel`; null when the file cannot be read.
    kind: Option<&'static str>,
    /// `running`, `shadow`, `disabled`, `failed`, `quarantined` or `waiting-for-grant`.
    state: &'static str,
    /// `shipped` or `directory`.
    source: &'static str,
    /// The file in the plugins directory.
    file: Option<String>,
    /// Hex, of what runs.
    sha256: String,
    /// Why it does not run, or why a newer file does not replace the running one.
    error: Option<String>,
    calls: u64,
    failures: u64,
    /// Its place among filters or routers.
    order: i32,
}

fn show(status: PluginStatus) -> Plugin {
    Plugin {
        name: status.name,
        version: status.version,
        description: status.description,
        kind: status.kind.map(Kind::name),
        state: status.state.as_str(),
        source: status.source.as_str(),
        file: status.file,
        sha256: status.sha256,
        error: status.error,
        calls: status.calls,
        failures: status.failures,
        order: status.order,
    }
}

/// Lists plugins by name.
#[utoipa::path(get, path = "/api/v1/plugins", tag = "plugins", params(Paging),
    responses((status = 200, body = List<Plugin>), Refused))]
pub(super) async fn list(
    State(doors): State<Arc<Doors>>,
    Asked(paging): Asked<Paging>,
) -> Result<Json<List<Plugin>>, Problem> {
    let mut all = doors.plugins.list();
    all.sort_by(|a, b| a.name.cmp(&b.name));
    paging.cut(all.into_iter(), |status| &status.name, show).map(Json)
}
