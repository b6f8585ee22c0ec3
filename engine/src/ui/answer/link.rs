//! Tokens in addresses; signed, so that nothing has to be kept of them.
//!
//! - For one delivery, one incident, one person, until a time: `base64url(payload) "." base64url(HMAC-SHA256)`; the payload
//!   begins with its version.
//! - For one channel's own door, without an end: `base64url(HMAC-SHA256(channel))`. It is written once into the other side's
//!   settings, so it must not change by itself; it is taken back by replacing the key.
//!
//! The key is `<data>/link.key`, 32 random bytes, readable by the engine's user only, and part of the backup: without it
//! every link in flight is dead and every channel's door has another address.

use crate::limits;
use crate::token::{random, write_private};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use jiff::{SignedDuration, Timestamp};
use nightbell_core::model::{DeliveryId, IncidentId, PersonId};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use std::io::ErrorKind;
use std::path::Path;

const KEY_FILE: &str = "link.key";
const VERSION: u8 = 1;
/// Longest token that is looked at.
const TOKEN_MAX_BYTES: usize = 1_024;
/// Keeps the signatures of links apart from any others made with the same key.
const LINK_PURPOSE: &[u8] = b"nightbell answer\0";
/// As above, of channels' own doors.
const CHANNEL_PURPOSE: &[u8] = b"nightbell channel door 1\0";

/// Who may answer what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answering {
    /// The delivery the link was in.
    pub delivery: DeliveryId,
    /// Its incident.
    pub incident: IncidentId,
    /// The person it went to.
    pub person: PersonId,
}

/// Why a token does not work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    /// It was not made here, or it was changed.
    #[error("this link is not known here; it may be cut")]
    Forged,
    /// Its time is over.
    #[error("this link has expired")]
    Expired,
}

/// Why the key cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LinkKeyError {
    /// It cannot be read or written.
    #[error("link key {path}: {source}; expected a file this user can read and write")]
    File {
        /// Which.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// It has another length.
    #[error(
        "link key {path}: expected 32 bytes, got {got}; restore it from a backup, or remove it to make another (links already sent will stop working)"
    )]
    Length {
        /// Which.
        path: String,
        /// How long it is.
        got: usize,
    },
}

#[derive(Serialize, Deserialize)]
struct WireV1<'a> {
    delivery: &'a str,
    incident: u64,
    person: &'a str,
    /// Unix time in seconds.
    expires_at: i64,
}

/// Makes and checks answer tokens.
pub struct AnswerLinks {
    key: [u8; 32],
}

impl std::fmt::Debug for AnswerLinks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AnswerLinks(***)")
    }
}

impl AnswerLinks {
    /// Reads the key from the data directory; makes one on first start.
    ///
    /// # Errors
    /// `File` when it cannot be read or written, `Length` when it is no key.
    pub fn load(data: &Path) -> Result<Self, LinkKeyError> {
        let path = data.join(KEY_FILE);
        let shown = path.display().to_string();
        match std::fs::read(&path) {
            Ok(bytes) => {
                let got = bytes.len();
                let key = bytes.try_into();
                let key = key.map_err(|_| LinkKeyError::Length { path: shown, got })?;
                Ok(Self { key })
            }
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let key = random::<32>();
                let failed = |source| LinkKeyError::File { path: shown, source };
                write_private(&path, &key).map_err(failed)?;
                Ok(Self { key })
            }
            Err(source) => Err(LinkKeyError::File { path: shown, source }),
        }
    }

    /// With this key.
    #[cfg(test)]
    pub(super) fn of(key: [u8; 32]) -> Self {
        Self { key }
    }

    /// Makes a token that works for `limits::ANSWER_LINK_TTL` from `now`.
    pub fn mint(&self, answering: &Answering, now: Timestamp) -> String {
        let ttl = SignedDuration::try_from(limits::ANSWER_LINK_TTL).unwrap_or_default();
        let wire = WireV1 {
            delivery: answering.delivery.as_str(),
            incident: answering.incident.0,
            person: answering.person.as_str(),
            expires_at: now.as_second().saturating_add(ttl.as_secs()),
        };
        let payload = postcard::to_extend(&wire, vec![VERSION])
            .expect("texts and numbers always encode into memory");
        let signature = self.mac(LINK_PURPOSE, &payload).finalize().into_bytes();
        format!("{}.{}", URL_SAFE_NO_PAD.encode(&payload), URL_SAFE_NO_PAD.encode(signature))
    }

    /// The address of the answer page under `public_url`, with a fresh token.
    pub fn url(&self, public_url: &str, answering: &Answering, now: Timestamp) -> String {
        format!("{public_url}/answer/{}", self.mint(answering, now))
    }

    /// Where the other side of a channel may answer for one delivery, with a fresh token.
    pub fn callback_url(
        &self,
        public_url: &str,
        channel: &str,
        answering: &Answering,
        now: Timestamp,
    ) -> String {
        format!("{public_url}/hooks/{channel}/{}", self.mint(answering, now))
    }

    /// The address of a channel's own door: always the same until the key is replaced.
    pub fn channel_url(&self, public_url: &str, channel: &str) -> String {
        let signature = self.mac(CHANNEL_PURPOSE, channel.as_bytes()).finalize().into_bytes();
        format!("{public_url}/hooks/{channel}/{}", URL_SAFE_NO_PAD.encode(signature))
    }

    /// Whether a token opens the channel's own door. Compares in constant time.
    pub fn opens(&self, channel: &str, token: &str) -> bool {
        if token.len() > TOKEN_MAX_BYTES {
            return false;
        }
        let Ok(signature) = URL_SAFE_NO_PAD.decode(token) else { return false };
        self.mac(CHANNEL_PURPOSE, channel.as_bytes()).verify_slice(&signature).is_ok()
    }

    /// Reads a token.
    ///
    /// # Errors
    /// See [`LinkError`].
    pub fn verify(&self, token: &str, now: Timestamp) -> Result<Answering, LinkError> {
        if token.len() > TOKEN_MAX_BYTES {
            return Err(LinkError::Forged);
        }
        let (payload, signature) = token.split_once('.').ok_or(LinkError::Forged)?;
        let decode = |text| URL_SAFE_NO_PAD.decode(text).map_err(|_| LinkError::Forged);
        let (payload, signature) = (decode(payload)?, decode(signature)?);
        self.mac(LINK_PURPOSE, &payload).verify_slice(&signature).map_err(|_| LinkError::Forged)?;
        let Some((&VERSION, wire)) = payload.split_first() else { return Err(LinkError::Forged) };
        let wire: WireV1<'_> = postcard::from_bytes(wire).map_err(|_| LinkError::Forged)?;
        if wire.expires_at <= now.as_second() {
            return Err(LinkError::Expired);
        }
        Ok(Answering {
            delivery: DeliveryId::new(wire.delivery),
            incident: IncidentId(wire.incident),
            person: PersonId::new(wire.person),
        })
    }

    pub(super) fn mac(&self, purpose: &[u8], payload: &[u8]) -> Hmac<Sha256> {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(&self.key).expect("HMAC takes keys of any length");
        mac.update(purpose);
        mac.update(payload);
        mac
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn links() -> AnswerLinks {
        AnswerLinks { key: [7; 32] }
    }

    fn answering() -> Answering {
        Answering { delivery: "d-1".into(), incident: IncidentId(17), person: "alice".into() }
    }

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a time")
    }

    #[test]
    fn a_link_works_for_its_time_and_no_longer() {
        let token = links().mint(&answering(), at("2026-03-02T03:00:00Z"));
        for (now, wanted) in [
            ("2026-03-02T03:00:00Z", Ok(answering())),
            ("2026-03-03T02:59:59Z", Ok(answering())),
            ("2026-03-03T03:00:00Z", Err(LinkError::Expired)),
        ] {
            assert_eq!(links().verify(&token, at(now)), wanted, "{now}");
        }
    }

    #[test]
    fn every_changed_character_is_noticed() {
        let now = at("2026-03-02T03:00:00Z");
        let token = links().mint(&answering(), now);
        for i in 0..token.len() {
            let mut changed = token.clone().into_bytes();
            changed[i] = if changed[i] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).expect("text");
            assert_eq!(links().verify(&changed, now), Err(LinkError::Forged), "at {i}");
        }
        for end in 0..token.len() {
            assert_eq!(links().verify(&token[..end], now), Err(LinkError::Forged));
        }
        let other = AnswerLinks { key: [8; 32] };
        assert_eq!(other.verify(&token, now), Err(LinkError::Forged));
    }

    #[test]
    fn a_channels_door_opens_for_its_own_token_alone() {
        let url = links().channel_url("https://bell.example.org", "slack");
        let token = url.strip_prefix("https://bell.example.org/hooks/slack/").expect("its address");
        assert_eq!(url, links().channel_url("https://bell.example.org", "slack"), "stable");
        assert!(links().opens("slack", token));
        assert!(!links().opens("twilio", token), "another channel's");
        assert!(!AnswerLinks { key: [8; 32] }.opens("slack", token), "the key was replaced");
        for i in 0..token.len() {
            let mut changed = token.to_owned().into_bytes();
            changed[i] = if changed[i] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).expect("text");
            assert!(!links().opens("slack", &changed), "at {i}");
            assert!(!links().opens("slack", &token[..i]), "cut at {i}");
        }
        assert!(!links().opens("slack", &"A".repeat(TOKEN_MAX_BYTES + 1)));
    }

    #[test]
    fn a_link_is_no_door_and_a_door_is_no_link() {
        let now = at("2026-03-02T03:00:00Z");
        let link = links().mint(&answering(), now);
        assert!(!links().opens("slack", &link));
        let url = links().channel_url("", "slack");
        let door = url.rsplit('/').next().expect("a token");
        assert_eq!(links().verify(door, now), Err(LinkError::Forged));
        // The channel's name signed as a link's payload, were the purposes not apart.
        let forged = format!("{}.{door}", URL_SAFE_NO_PAD.encode("slack"));
        assert_eq!(links().verify(&forged, now), Err(LinkError::Forged));
    }

    #[test]
    fn the_key_is_made_once_and_kept() {
        let dir = tempfile::tempdir().expect("a directory");
        let now = at("2026-03-02T03:00:00Z");
        let first = AnswerLinks::load(dir.path()).expect("made");
        let again = AnswerLinks::load(dir.path()).expect("read");
        assert!(again.verify(&first.mint(&answering(), now), now).is_ok());
        std::fs::write(dir.path().join(KEY_FILE), "short").expect("written");
        let error = AnswerLinks::load(dir.path()).expect_err("too short").to_string();
        assert!(error.contains("expected 32 bytes, got 5"), "{error}");
    }
}
