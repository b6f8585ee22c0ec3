//! HMAC with a secret that a channel can name but never sees.

pub use crate::wire::imports::nightbell::plugin::secret::Algorithm;
use crate::{SecretError, host};

/// Signs `data` with the secret of this name.
///
/// # Errors
/// [`SecretError::Denied`] when the secret is not granted.
pub fn sign(name: &str, algorithm: Algorithm, data: &[u8]) -> Result<Vec<u8>, SecretError> {
    host::sign(name, algorithm, data)
}

/// Checks a signature in constant time.
///
/// # Errors
/// [`SecretError::Denied`] when the secret is not granted.
pub fn verify(
    name: &str,
    algorithm: Algorithm,
    data: &[u8],
    signature: &[u8],
) -> Result<bool, SecretError> {
    host::verify(name, algorithm, data, signature)
}
