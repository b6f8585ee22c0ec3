//! Signs a request as Standard Webhooks wants it: `v1,` and the base64 of HMAC-SHA256 over `id.timestamp.body`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use nightbell_plugin::secret::{self, Algorithm};
use nightbell_plugin::{SecretError, log};

/// The name of the secret, as the operator grants it.
const SECRET: &str = "signing";

/// The header's value; `None` when no secret is granted.
pub(crate) fn of(id: &str, seconds: i64, body: &[u8]) -> Option<String> {
    let mut signed = format!("{id}.{seconds}.").into_bytes();
    signed.extend_from_slice(body);
    match secret::sign(SECRET, Algorithm::HmacSha256, &signed) {
        Ok(mac) => Some(format!("v1,{}", STANDARD.encode(mac))),
        Err(SecretError::Denied(reason)) => {
            log::debug(format!("the request is not signed: {reason}"));
            None
        }
    }
}
