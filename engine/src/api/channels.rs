//! Channels: what an operator tells the other side about them.

use super::auth::Admin;
use super::input::unknown;
use super::problem::Problem;
use super::refusal::Refused;
use crate::plugin::Kind;
use crate::server::Doors;
use axum::Json;
use axum::extract::{Path, State};
use serde::Serialize;
use std::sync::Arc;
use utoipa::ToSchema;

/// A channel's own door.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Hook {
    /// Where the other side may send answers about any delivery of the channel. It stays the same until `link.key` is
    /// replaced; whoever knows it can talk to the channel's plugin.
    url: String,
}

/// Shows the address of a channel's own door, to be written into the other side's settings. Admins only.
#[utoipa::path(get, path = "/api/v1/channels/{name}/hook", tag = "plugins",
    params(("name" = String, Path)), responses((status = 200, body = Hook), Refused))]
pub(super) async fn hook(
    State(doors): State<Arc<Doors>>,
    _: Admin,
    Path(name): Path<String>,
) -> Result<Json<Hook>, Problem> {
    let all = doors.plugins.list();
    let known = all.iter().any(|one| one.name == name && one.kind == Some(Kind::Channel));
    if !known {
        return Err(unknown("channel", &name));
    }
    let url = doors.links.channel_url(&doors.door.plan().public_url, &name);
    Ok(Json(Hook { url }))
}
