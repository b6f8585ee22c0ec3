//! Whose key is this: presented keys are compared by SHA-256, in a time that does not depend on which one fits.

use crate::config::{IntegrationPlan, Plan};
use crate::token::sha256;
use subtle::ConstantTimeEq;

/// Length of every integration key, in characters.
pub(super) const KEY_LEN: usize = 32;

/// Finds the integration a key belongs to. All keys of all integrations are compared every time.
pub(super) fn integration_of<'a>(plan: &'a Plan, key: &[u8]) -> Option<&'a IntegrationPlan> {
    let presented = sha256(key);
    let mut found = None;
    for integration in &plan.integrations {
        for known in &integration.keys_sha256 {
            if bool::from(known.ct_eq(&presented)) {
                found = Some(integration);
            }
        }
    }
    found
}

/// Replaces every occurrence of a key by `***`.
pub(super) fn scrub(bytes: &[u8], key: &[u8]) -> Option<Vec<u8>> {
    if key.is_empty() || bytes.len() < key.len() {
        return None;
    }
    let mut clean = Vec::new();
    let (mut from, mut at) = (0, 0);
    while at + key.len() <= bytes.len() {
        if &bytes[at..at + key.len()] == key {
            clean.extend_from_slice(&bytes[from..at]);
            clean.extend_from_slice(b"***");
            at += key.len();
            from = at;
        } else {
            at += 1;
        }
    }
    if from == 0 {
        return None;
    }
    clean.extend_from_slice(&bytes[from..]);
    Some(clean)
}

/// As [`scrub`], for text.
pub(super) fn scrub_text(text: &str, key: &str) -> String {
    if key.is_empty() { text.to_owned() } else { text.replace(key, "***") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_scrubbed_wherever_it_stands() {
        for (text, clean) in [
            ("", None),
            ("abc", None),
            ("KEY", Some("***")),
            ("KEYKEYx", Some("******x")),
            ("a KEY b KEY", Some("a *** b ***")),
            ("KE", None),
            ("KKEY", Some("K***")),
        ] {
            let got = scrub(text.as_bytes(), b"KEY").map(|b| String::from_utf8(b).expect("text"));
            assert_eq!(got.as_deref(), clean, "{text}");
        }
        assert_eq!(scrub(b"abc", b""), None);
    }
}
