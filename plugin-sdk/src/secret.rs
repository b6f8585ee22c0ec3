//! HMAC with a secret that a channel can name but never sees, and the checks that callbacks need.

pub use crate::wire::imports::nightbell::plugin::secret::Algorithm;
use crate::{SecretError, Timestamp, encoding, host};

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

/// Checks a signature written in hexadecimal digits; anything else is a wrong signature.
///
/// # Errors
/// [`SecretError::Denied`] when the secret is not granted.
pub fn verify_hex(
    name: &str,
    algorithm: Algorithm,
    data: &[u8],
    signature: &str,
) -> Result<bool, SecretError> {
    // An unreadable signature is compared too, so that a missing grant is said whatever came.
    verify(name, algorithm, data, &encoding::from_hex(signature).unwrap_or_default())
}

/// Checks a signature written in standard base64, with its padding or without; anything else is a wrong signature.
///
/// # Errors
/// [`SecretError::Denied`] when the secret is not granted.
pub fn verify_base64(
    name: &str,
    algorithm: Algorithm,
    data: &[u8],
    signature: &str,
) -> Result<bool, SecretError> {
    verify(name, algorithm, data, &encoding::from_base64(signature).unwrap_or_default())
}

/// Whether a signed time, in seconds since the epoch as a header writes it, lies within `tolerance_s` of `now`, before
/// or after. A recorded request that is sent again later is refused with it. What is no number is not recent.
#[must_use]
pub fn is_recent(seconds: &str, now: Timestamp, tolerance_s: u32) -> bool {
    let digits = !seconds.is_empty() && seconds.bytes().all(|b| b.is_ascii_digit());
    let Some(seconds) = seconds.parse::<i64>().ok().filter(|_| digits) else { return false };
    now.div_euclid(1000).abs_diff(seconds) <= u64::from(tolerance_s)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Host;

    // RFC 4231 test case 2 and RFC 2202 test case 2.
    const DATA: &[u8] = b"what do ya want for nothing?";
    const SHA256: &str = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
    const SHA1: &str = "7/zfauXrL6LSdBbV8YTfnCWafHk=";

    #[test]
    fn written_signatures_are_checked() {
        let host = Host::install();
        host.secret("s", "Jefe");
        let hex = |text: &str| verify_hex("s", Algorithm::HmacSha256, DATA, text);
        assert_eq!(hex(SHA256), Ok(true));
        assert_eq!(hex(&SHA256.to_uppercase()), Ok(true));
        for wrong in ["", "5b", "zz", &SHA256[1..], &format!("{SHA256}00")] {
            assert_eq!(hex(wrong), Ok(false), "{wrong}");
        }
        let base64 = |text: &str| verify_base64("s", Algorithm::HmacSha1, DATA, text);
        assert_eq!(base64(SHA1), Ok(true));
        assert_eq!(base64(SHA1.trim_end_matches('=')), Ok(true));
        for wrong in ["", "=", "7", "7/z", "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"] {
            assert_eq!(base64(wrong), Ok(false), "{wrong}");
        }
    }

    #[test]
    fn without_the_grant_nothing_is_right_or_wrong() {
        drop(Host::install());
        assert!(verify_hex("s", Algorithm::HmacSha256, DATA, "not hex").is_err());
        assert!(verify_base64("s", Algorithm::HmacSha1, DATA, "!").is_err());
    }

    #[test]
    fn a_signed_time_is_recent_on_both_sides_of_now() {
        let now = 1_767_603_600_999;
        for (seconds, recent) in [
            ("1767603600", true),
            ("1767603300", true),
            ("1767603299", false),
            ("1767603900", true),
            ("1767603901", false),
        ] {
            assert_eq!(is_recent(seconds, now, 300), recent, "{seconds}");
        }
        for odd in ["", "-1", "+1767603600", "1767603600.0", " 1767603600", "99999999999999999999"]
        {
            assert!(!is_recent(odd, now, 300), "{odd}");
        }
        assert!(!is_recent("0", i64::MAX, 300) && !is_recent("9223372036854775807", i64::MIN, 300));
    }
}
