//! Secrets that a plugin can name but never sees: put into requests after the check, signed with, and masked wherever
//! they might come back. Nothing here prints one.

use super::mask::{Mask, percent_encoded};
use super::origin::Origin;
use crate::config::SecretPlan;
use base64::Engine as _;
use hmac::{Hmac, KeyInit, Mac};
use secrecy::ExposeSecret;
use sha1::Sha1;
use sha2::Sha256;
use std::collections::BTreeMap;

const OPEN: &str = "{{secret:";
/// In a header: base64 of a user name, `:` and the secret, as `authorization: Basic` wants it.
const OPEN_BASIC: &str = "{{basic:";
const CLOSE: &str = "}}";
/// Longest user name, in bytes.
const USER_MAX_BYTES: usize = 128;

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
        while let Some(place) = Place::next(rest, spot) {
            filled.push_str(place.before);
            match spot {
                Spot::Url => {
                    filled.push_str(&percent_encoded(self.value_for(place.inside, origin)?))
                }
                Spot::Header if place.open == OPEN_BASIC => {
                    let (user, name) = user_and_name(place.inside)?;
                    filled.push_str(&basic(user, self.value_for(name, origin)?));
                }
                Spot::Header => filled.push_str(self.value_for(place.inside, origin)?),
                Spot::Body => match self.value_for(place.inside, origin) {
                    Ok(value) if self.by_name[place.inside].in_body => filled.push_str(value),
                    Ok(_) | Err(_) => filled.extend([place.open, place.inside, CLOSE]),
                },
            }
            rest = place.after;
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

    /// What takes every secret out of what comes back, also where it went out as a user's password in `headers`.
    pub(in crate::plugin) fn mask<'t>(&self, headers: impl Iterator<Item = &'t str>) -> Mask {
        let values = self.by_name.values().map(|secret| secret.value.expose_secret());
        let mut passwords = Vec::new();
        for text in headers {
            let mut rest = text;
            while let Some(place) = Place::next(rest, Spot::Header) {
                rest = place.after;
                let named = (place.open == OPEN_BASIC).then(|| user_and_name(place.inside).ok());
                if let Some((user, name)) = named.flatten()
                    && let Some(secret) = self.by_name.get(name)
                {
                    passwords.push(basic(user, secret.value.expose_secret()));
                }
            }
        }
        Mask::new(values, passwords)
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

/// Where a text names a secret.
struct Place<'t> {
    before: &'t str,
    open: &'static str,
    inside: &'t str,
    after: &'t str,
}

impl<'t> Place<'t> {
    /// The next one that means something in this spot.
    fn next(text: &'t str, spot: Spot) -> Option<Self> {
        let forms: &[&'static str] =
            if spot == Spot::Header { &[OPEN, OPEN_BASIC] } else { &[OPEN] };
        let found = forms.iter().filter_map(|open| Some((text.find(*open)?, *open)));
        let (at, open) = found.min()?;
        let (inside, after) = text[at + open.len()..].split_once(CLOSE)?;
        Some(Self { before: &text[..at], open, inside, after })
    }
}

/// Whether a text names a secret in URL or body.
pub(in crate::plugin) fn names_a_secret(text: &str) -> bool {
    Place::next(text, Spot::Url).is_some()
}

/// `USER:NAME`.
fn user_and_name(inside: &str) -> Result<(&str, &str), String> {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_.@".contains(&b);
    inside
        .split_once(':')
        .filter(|(user, _)| (1..=USER_MAX_BYTES).contains(&user.len()) && user.bytes().all(plain))
        .ok_or_else(|| {
            format!(
                "expected `{OPEN_BASIC}USER:NAME{CLOSE}` with a user name of 1 to {USER_MAX_BYTES} letters, digits and \
                 `-_.@`, and the name of a secret"
            )
        })
}

fn basic(user: &str, secret: &str) -> String {
    base64::engine::general_purpose::STANDARD.encode(format!("{user}:{secret}"))
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
    fn a_user_and_a_secret_go_out_as_basic_in_a_header_only() {
        let (secrets, granted) = (secrets(), origin("https://api.example.org"));
        let fill = |text: &str, spot| secrets.fill(text, &granted, spot);
        // base64 of `AC1_x.y-z@h:s3cret/valu:e`.
        let filled = fill("Basic {{basic:AC1_x.y-z@h:token}} {{secret:form}}", Spot::Header);
        assert_eq!(filled.as_deref(), Ok("Basic QUMxX3gueS16QGg6czNjcmV0L3ZhbHU6ZQ== b0dy-s3cret"));
        let text = "https://api.example.org/{{basic:u:token}}";
        assert_eq!(fill(text, Spot::Url).as_deref(), Ok(text), "not in a URL");
        assert_eq!(fill("{{basic:u:form}}", Spot::Body).as_deref(), Ok("{{basic:u:form}}"));
        for (text, why) in [
            ("{{basic:u:nothing}}", "no secret `nothing` is granted"),
            ("{{basic:u:signing}}", "secret `signing` is not granted to https://api.example.org"),
            ("{{basic::token}}", "a user name of 1 to 128 letters"),
            ("{{basic:token}}", "a user name of 1 to 128 letters"),
            ("{{basic:a b:token}}", "a user name of 1 to 128 letters"),
            ("{{basic:ä:token}}", "a user name of 1 to 128 letters"),
        ] {
            let refused = fill(text, Spot::Header).expect_err(text);
            assert!(refused.contains(why) && !refused.contains("s3cret"), "{text}: {refused}");
        }
        assert_eq!(fill("{{basic:u:token}", Spot::Header).as_deref(), Ok("{{basic:u:token}"));
    }

    #[test]
    fn a_basic_password_is_masked_whole_where_it_was_sent() {
        let header = "Basic {{basic:AC1_x.y-z@h:token}}";
        let mask = secrets().mask([header, "Basic {{basic:a b:token}}"].into_iter());
        assert_eq!(mask.text("you sent QUMxX3gueS16QGg6czNjcmV0L3ZhbHU6ZQ=="), "you sent ***");
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
