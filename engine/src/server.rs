//! The server: puts the doors together and listens.
//!
//! `doors` is what all routes share; `frame` is what every request goes through; `health` answers whether we are
//! well; `listen` binds, speaks TLS and stops gracefully. What a door does is said in [`crate::ingest`],
//! [`crate::api`] and [`crate::ui`].

mod doors;
mod frame;
mod health;
mod listen;
mod plugin_metrics;

pub use doors::{Callbacks, Doors, Places, Readiness, Reload};
pub use health::install_metrics;
pub use listen::{Listening, ServerError, bind};

use crate::api::Problem;
use crate::{api, ical, ingest, ui};
use axum::Router;
use axum::http::Uri;
use std::sync::Arc;

/// All routes. `/-/healthy` answers even while the engine starts; everything else is up to its door.
pub fn router(doors: Arc<Doors>) -> Router {
    let routes = Router::new()
        .merge(ingest::routes())
        .merge(api::routes(&doors))
        .merge(ui::answer::routes())
        .merge(ical::routes())
        .merge(health::routes())
        .fallback(no_such_address)
        .method_not_allowed_fallback(no_such_method)
        .with_state(doors);
    frame::around(routes, frame::REQUEST_TIMEOUT)
}

/// The path is not repeated: it may hold a key.
async fn no_such_address(_: Uri) -> Problem {
    Problem::not_found("no such address; see `/api/v1/openapi.json`")
}

async fn no_such_method() -> Problem {
    Problem::method_not_allowed("see the header `allow` for what it takes")
}

#[cfg(test)]
pub(crate) mod fixture;
#[cfg(test)]
mod tests;
