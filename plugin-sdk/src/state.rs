//! A small durable key-value store of the plugin's own, for filters, routers and channels.
//! Writes join the batch's commit; when the call fails there are none. A plugin that uses it must ask for
//! `state` in its manifest. A filter or router then sees its batches one at a time. A channel's calls go on side by side,
//! since each waits for the other side: let each write keys of its own rather than add to one that others read.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{StateError, event, host, json, log};

/// The value of `key`; `None` when there is none or its time is over.
///
/// # Errors
/// [`StateError::Denied`] without the grant.
pub fn get(key: &str) -> Result<Option<Vec<u8>>, StateError> {
    host::state_get(key)
}

/// Sets `key`, for `ttl_s` seconds of event time or until it is deleted.
///
/// # Errors
/// [`StateError::Denied`] without the grant, [`StateError::Quota`] over the plugin's share.
pub fn set(key: &str, value: &[u8], ttl_s: Option<u64>) -> Result<(), StateError> {
    host::state_set(key, value, ttl_s)
}

/// Deletes `key`, if it is there.
///
/// # Errors
/// [`StateError::Denied`] without the grant.
pub fn delete(key: &str) -> Result<(), StateError> {
    host::state_delete(key)
}

/// The value of `key` as [`set_json`] wrote it. What cannot be read (an older version's value) is logged and `None`.
///
/// # Errors
/// [`StateError::Denied`] without the grant.
pub fn get_json<T: DeserializeOwned>(key: &str) -> Result<Option<T>, StateError> {
    let Some(bytes) = get(key)? else { return Ok(None) };
    match json::read(&bytes) {
        Ok(value) => Ok(Some(value)),
        Err(error) => {
            log::warn(format!("state `{key}` is unreadable and taken as absent: {error}"));
            Ok(None)
        }
    }
}

/// Sets `key` to a value as JSON.
///
/// # Errors
/// As [`set`].
///
/// # Panics
/// When the value cannot be written as JSON (a map whose keys are not text).
pub fn set_json(key: &str, value: &impl Serialize, ttl_s: Option<u64>) -> Result<(), StateError> {
    set(key, event::to_json(value).as_bytes(), ttl_s)
}
