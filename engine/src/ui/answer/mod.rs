//! Answering a page without logging in: the signed link in a notification, and answers that come through a channel.
//!
//! `link` makes and checks tokens; `page` shows the incident and takes the two buttons; `hook` hands what a channel's
//! other side says to its plugin, and `act` does what that means in somebody's name. GET and HEAD show; only POST acts, since mail scanners open links before people do.

mod act;
mod code;
mod hook;
mod link;
mod page;
mod several;
mod sheet;
mod sheet_words;
mod words;

pub use code::CodeFor;
pub use link::{AnswerLinks, Answering, LinkError, LinkKeyError};

use crate::server::Doors;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};
use std::sync::Arc;

/// Body of a form with one button, in bytes.
const FORM_MAX_BYTES: usize = 4 << 10;

/// The routes for answers.
pub fn routes() -> Router<Arc<Doors>> {
    Router::new()
        .route("/answer/{token}", get(page::show).post(page::act))
        .layer(DefaultBodyLimit::max(FORM_MAX_BYTES))
        .route("/hooks/{channel}/{token}", post(hook::receive))
        .route("/assets/style.css", get(page::style))
}

#[cfg(test)]
mod tests;
