//! Secrets that a plugin can name but never sees: put into requests after the check, signed with, and masked wherever
//! they might come back. Nothing here prints one.

use super::origin::Origin;
use crate::config::SecretPlan;
use base64::Engine as _;
use hmac::{Hmac, KeyInit, Mac};
use secrecy::ExposeSecret;
use sha1::Sha1;
use sha2::Sha256;
use std::collections::BTreeMap;

const OPEN: &str = "{{secret:";
const CLOSE: &str = "}}";
const MASK: &str = "***";
/// Shorter values are not masked: they would blank out half of every answer and are no secrets.
const MASKED_FROM_BYTES: usize = 6;

/// The secrets of one plugin, by the names it uses.
#[derive(Clone, Debug, Default)]
pub(in crate::plugin) struct Secrets {
    by_name: BTreeMap<String, SecretPlan>,
}

/// With which hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::plugin) enum Algorithm {
    HmacSha256,
    HmacSha1,
}

/// Where a secret is put.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::plugin) enum Spot {
    /// Percent-encoded.
    Url,
    /// As it is.
    Header,
    /// As it is, where `in_body` grants it (ADR 0004): alerts' own text comes here, and whoever can write an
    /// alert must neither fetch a secret with it nor keep a page from being sent. What is not granted stays.
    Body,
}

impl Secrets {
    pub(in crate::plugin) fn new(by_name: BTreeMap<String, SecretPlan>) -> Self {
        Self { by_name }
    }

    pub(in crate::plugin) fn is_empty(&self) -> bool {
        self.by_name.is_empty()
    }

    /// Puts the secrets named in `text` into it, those that may go to `origin`.
    ///
    /// # Errors
    /// In words, when URL or header name a secret that is not granted to this origin.
    pub(in crate::plugin) fn fill(
        &self,
        text: &str,
        origin: &Origin,
        spot: Spot,
    ) -> Result<String, String> {
        let mut filled = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, name, after)) = next_name(rest) {
            filled.push_str(before);
            match self.value_for(name, origin) {
                Ok(_) if spot == Spot::Body && !self.by_name[name].in_body => {
                    filled.extend([OPEN, name, CLOSE]);
                }
                Ok(value) if spot == Spot::Url => filled.push_str(&percent_encoded(value)),
                Ok(value) => filled.push_str(value),
                Err(_) if spot == Spot::Body => filled.extend([OPEN, name, CLOSE]),
                Err(why) => return Err(why),
            }
            rest = after;
        }
        filled.push_str(rest);
        Ok(filled)
    }

    fn value_for(&self, name: &str, origin: &Origin) -> Result<&str, String> {
        let secret = self.by_name.get(name).ok_or_else(|| no_such(name))?;
        if secret.hosts.iter().any(|host| origin.is_host(host)) {
            return Ok(secret.value.expose_secret());
        }
        Err(format!(
            "secret `{name}` is not granted to {origin}: add the host to its `hosts` in the config"
        ))
    }

    /// Takes every secret out of what comes back.
    pub(in crate::plugin) fn mask(&self, text: &str) -> String {
        let mut masked = text.to_owned();
        for form in self.forms() {
            if masked.contains(&form) {
                masked = masked.replace(&form, MASK);
            }
        }
        masked
    }

    /// Takes every secret out of bytes that need not be text.
    pub(in crate::plugin) fn mask_bytes(&self, mut bytes: Vec<u8>) -> Vec<u8> {
        for form in self.forms() {
            bytes = replaced(bytes, form.as_bytes(), MASK.as_bytes());
        }
        bytes
    }

    /// Every way in which a secret may come back, longest first, so that no part of one is left over.
    fn forms(&self) -> Vec<String> {
        let values = self.by_name.values().map(|secret| secret.value.expose_secret());
        let values = values.filter(|value| value.len() >= MASKED_FROM_BYTES);
        let base64 = &base64::engine::general_purpose::STANDARD;
        let mut forms: Vec<String> = values
            .flat_map(|value| [value.to_owned(), percent_encoded(value), base64.encode(value)])
            .collect();
        forms.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        forms.dedup();
        forms
    }

    /// Signs with a secret.
    ///
    /// # Errors
    /// In words, when there is no such secret.
    pub(in crate::plugin) fn sign(
        &self,
        name: &str,
        algorithm: Algorithm,
        data: &[u8],
    ) -> Result<Vec<u8>, String> {
        let key = self.key(name)?;
        Ok(match algorithm {
            Algorithm::HmacSha256 => {
                mac::<Hmac<Sha256>>(&key, data).finalize().into_bytes().to_vec()
            }
            Algorithm::HmacSha1 => mac::<Hmac<Sha1>>(&key, data).finalize().into_bytes().to_vec(),
        })
    }

    /// Checks a signature, in constant time.
    ///
    /// # Errors
    /// In words, when there is no such secret.
    pub(in crate::plugin) fn verify(
        &self,
        name: &str,
        algorithm: Algorithm,
        data: &[u8],
        signature: &[u8],
    ) -> Result<bool, String> {
        let key = self.key(name)?;
        Ok(match algorithm {
            Algorithm::HmacSha256 => {
                mac::<Hmac<Sha256>>(&key, data).verify_slice(signature).is_ok()
            }
            Algorithm::HmacSha1 => mac::<Hmac<Sha1>>(&key, data).verify_slice(signature).is_ok(),
        })
    }

    /// The key's bytes. `whsec_…` is Standard Webhooks' way to write bytes as base64; only the host can undo it,
    /// since the plugin never sees the text.
    fn key(&self, name: &str) -> Result<Vec<u8>, String> {
        let text = self.by_name.get(name).ok_or_else(|| no_such(name))?.value.expose_secret();
        let encoded = text.strip_prefix("whsec_");
        let decoded =
            encoded.and_then(|text| base64::engine::general_purpose::STANDARD.decode(text).ok());
        Ok(decoded.unwrap_or_else(|| text.as_bytes().to_vec()))
    }
}

fn mac<M: Mac + KeyInit>(key: &[u8], data: &[u8]) -> M {
    let mut mac = <M as KeyInit>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(data);
    mac
}

fn no_such(name: &str) -> String {
    format!("no secret `{name}` is granted: add it to the plugin's `secrets` in the config")
}

/// What is before the next named secret, its name, and what is after it.
fn next_name(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once(OPEN)?;
    let (name, after) = rest.split_once(CLOSE)?;
    Some((before, name, after))
}

/// Whether a text names a secret at all.
pub(in crate::plugin) fn names_a_secret(text: &str) -> bool {
    next_name(text).is_some()
}

/// Everything but unreserved characters and `:`, which some services have in their tokens and paths allow.
fn percent_encoded(value: &str) -> String {
    let mut encoded = String::with_capacity(value.len());
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~:".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

fn replaced(bytes: Vec<u8>, find: &[u8], with: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = &bytes[..];
    while let Some(at) = rest.windows(find.len()).position(|window| window == find) {
        out.extend_from_slice(&rest[..at]);
        out.extend_from_slice(with);
        rest = &rest[at + find.len()..];
    }
    if out.is_empty() && rest.len() == bytes.len() {
        return bytes;
    }
    out.extend_from_slice(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secrets() -> Secrets {
        let secret = |value: &str, hosts: &[&str]| SecretPlan {
            value: value.to_owned().into(),
            hosts: hosts.iter().map(|host| (*host).to_owned()).collect(),
            in_body: false,
        };
        let in_body = SecretPlan { in_body: true, ..secret("b0dy-s3cret", &["api.example.org"]) };
        Secrets::new(BTreeMap::from([
            ("form".to_owned(), in_body),
            ("token".to_owned(), secret("s3cret/valu:e", &["api.example.org"])),
            ("signing".to_owned(), secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", &[])),
        ]))
    }

    fn origin(text: &str) -> Origin {
        Origin::parse(text).expect(text)
    }

    #[test]
    fn a_secret_goes_only_where_it_is_granted() {
        let (secrets, granted) = (secrets(), origin("https://api.example.org"));
        let text = "a {{secret:token}} b {{secret:token}}";
        assert_eq!(
            secrets.fill(text, &granted, Spot::Header).expect("granted"),
            "a s3cret/valu:e b s3cret/valu:e"
        );
        assert_eq!(
            secrets.fill("/x/{{secret:token}}", &granted, Spot::Url).expect("granted"),
            "/x/s3cret%2Fvalu:e"
        );
        for (text, to) in [
            ("{{secret:token}}", "https://evil.example"),
            ("{{secret:token}}", "https://api.example.org:8443"),
            ("{{secret:signing}}", "https://api.example.org"),
            ("{{secret:nothing}}", "https://api.example.org"),
        ] {
            let refused = secrets.fill(text, &origin(to), Spot::Header).expect_err(text);
            assert!(!refused.contains("s3cret") && !refused.contains("whsec"), "{refused}");
            assert_eq!(secrets.fill(text, &origin(to), Spot::Body).as_deref(), Ok(text));
        }
    }

    #[test]
    fn i13_an_alerts_text_fetches_no_secret_into_a_body() {
        let (secrets, granted) = (secrets(), origin("https://api.example.org"));
        let text = "title: {{secret:token}}, key={{secret:form}}";
        assert_eq!(
            secrets.fill(text, &granted, Spot::Body).as_deref(),
            Ok("title: {{secret:token}}, key=b0dy-s3cret")
        );
        let elsewhere = origin("https://evil.example");
        assert_eq!(secrets.fill(text, &elsewhere, Spot::Body).as_deref(), Ok(text));
    }

    #[test]
    fn a_half_written_name_is_text() {
        for text in ["{{secret:", "{{secret:token}", "{{ secret:token}}", "{{secret"] {
            assert!(!names_a_secret(text), "{text}");
            assert_eq!(
                secrets().fill(text, &origin("https://api.example.org"), Spot::Url).as_deref(),
                Ok(text)
            );
        }
    }

    #[test]
    fn secrets_are_masked_in_every_form() {
        let secrets = secrets();
        let text = "got s3cret/valu:e, s3cret%2Fvalu:e and czNjcmV0L3ZhbHU6ZQ==";
        assert_eq!(secrets.mask(text), "got ***, *** and ***");
        assert_eq!(secrets.mask_bytes(b"\xff s3cret/valu:e \xff".to_vec()), b"\xff *** \xff");
        assert_eq!(secrets.mask_bytes(b"nothing".to_vec()), b"nothing");
    }

    #[test]
    fn signatures_are_those_of_the_published_vectors() {
        // Standard Webhooks' own example.
        let secrets = secrets();
        let data = br#"msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330.{"test": 2432232314}"#;
        let signature = secrets.sign("signing", Algorithm::HmacSha256, data).expect("granted");
        let encoded = base64::engine::general_purpose::STANDARD.encode(&signature);
        assert_eq!(encoded, "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
        assert_eq!(secrets.verify("signing", Algorithm::HmacSha256, data, &signature), Ok(true));
        assert_eq!(
            secrets.verify("signing", Algorithm::HmacSha256, b"other", &signature),
            Ok(false)
        );
        assert_eq!(
            secrets.verify("signing", Algorithm::HmacSha256, data, &signature[1..]),
            Ok(false)
        );
        assert!(secrets.sign("nothing", Algorithm::HmacSha1, data).is_err());
        assert_eq!(secrets.sign("token", Algorithm::HmacSha1, data).expect("granted").len(), 20);
    }
}
