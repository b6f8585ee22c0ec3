//! The way out: the engine's imports in a guest, the fake host of this thread elsewhere.
//! The rest of the crate calls these and never asks where it runs.

#[cfg(not(target_arch = "wasm32"))]
pub(crate) use crate::testing::host::calls::*;

#[cfg(target_arch = "wasm32")]
pub(crate) use guest::*;

#[cfg(target_arch = "wasm32")]
mod guest {
    use crate::wire::imports::nightbell::plugin as wire;

    pub(crate) use wire::config::get as settings;
    pub(crate) use wire::log::log;
    pub(crate) use wire::secret::{sign, verify};
    pub(crate) use wire::state::{delete as state_delete, get as state_get, set as state_set};

    pub(crate) fn http(
        request: wire::http::Request,
    ) -> Result<wire::http::Response, wire::http::HttpError> {
        wire::http::send(&request)
    }

    pub(crate) fn mail(message: wire::mail::Message) -> Result<String, wire::mail::MailError> {
        wire::mail::send(&message)
    }
}
