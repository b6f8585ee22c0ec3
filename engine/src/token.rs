//! API tokens: how they are made, read and checked.
//!
//! A token is `nb_<kind>_<id>_<secret>_<crc32>`: kind `read`, `person`, `admin` or `feed`, a public id of 10 letters and
//! digits, a secret of 43 base62 characters (256 bits), and a CRC-32C in 8 hex digits, by which a mistyped or cut
//! token is known without a look-up. Only the SHA-256 of the whole text is kept; the text is shown once.

use crate::pipeline::door::{Door, DoorClosed};
use jiff::Timestamp;
use nightbell_core::model::{Action, Actor, Input, State, Token, TokenId, TokenKind};
use sha2::{Digest, Sha256};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use subtle::ConstantTimeEq;

const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const ID_LETTERS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
const ID_LEN: usize = 10;
const SECRET_LEN: usize = 43;
/// The file of the first token, in the data directory.
const ADMIN_FILE: &str = "admin.token";

/// Why a text is no valid token. The text itself is never part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenRefused {
    /// It does not look like one, or it is cut or mistyped.
    #[error("expected a token `nb_<kind>_<id>_<secret>_<checksum>`; this text is cut or mistyped")]
    Malformed,
    /// It looks like one but is not known: wrong, revoked, or of another engine.
    #[error("this token is not known here; it may have been revoked")]
    Unknown,
    /// Its time is over.
    #[error("this token has expired; ask an admin for a new one")]
    Expired,
}

/// What went wrong with the first admin token.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// The file cannot be written or read.
    #[error("admin token file {path}: {source}; expected a file this user can read and write")]
    File {
        /// Which.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// The pipeline did not take it.
    #[error("the first admin token was not stored: {0}")]
    Door(#[from] DoorClosed),
}

/// Fresh random bytes from the operating system.
pub(crate) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system has random numbers");
    bytes
}

/// A fresh identity: 32 hex digits.
pub(crate) fn fresh_id() -> String {
    hex(&random::<16>())
}

/// Lower-case hex.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// SHA-256.
pub(crate) fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// Random characters of an alphabet, each equally likely.
fn letters(alphabet: &[u8], len: usize) -> String {
    let fair = (256 / alphabet.len() * alphabet.len()) as u16;
    let mut text = String::with_capacity(len);
    while text.len() < len {
        for byte in random::<64>() {
            if u16::from(byte) < fair && text.len() < len {
                text.push(char::from(alphabet[usize::from(byte) % alphabet.len()]));
            }
        }
    }
    text
}

fn word(kind: &TokenKind) -> &'static str {
    match kind {
        TokenKind::Read => "read",
        TokenKind::Person(_) => "person",
        TokenKind::Admin => "admin",
        TokenKind::Feed(_) => "feed",
    }
}

fn checksum(text: &str) -> String {
    format!("{:08x}", crc32c::crc32c(text.as_bytes()))
}

/// Makes a token: the text to show once, and what is kept of it.
pub fn mint(
    kind: TokenKind,
    name: &str,
    now: Timestamp,
    expires_at: Option<Timestamp>,
) -> (String, Token) {
    let id = letters(ID_LETTERS, ID_LEN);
    let body = format!("nb_{}_{id}_{}", word(&kind), letters(BASE62, SECRET_LEN));
    let plain = format!("{body}_{}", checksum(&body));
    let token = keep(&plain, TokenId::new(&id), kind, name, now, expires_at);
    (plain, token)
}

fn keep(
    plain: &str,
    id: TokenId,
    kind: TokenKind,
    name: &str,
    created_at: Timestamp,
    expires_at: Option<Timestamp>,
) -> Token {
    let sha256 = sha256(plain.as_bytes());
    Token { id, kind, name: name.to_owned(), sha256, created_at, expires_at }
}

/// Reads kind and id of a well-formed token.
fn parse(plain: &str) -> Result<(&str, TokenId), TokenRefused> {
    let malformed = TokenRefused::Malformed;
    let (body, crc) = plain.rsplit_once('_').ok_or(malformed)?;
    let parts: Vec<&str> = body.split('_').collect();
    let [prefix, kind, id, secret] = parts[..] else { return Err(malformed) };
    let alphabetic = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let fits = prefix == "nb"
        && matches!(kind, "read" | "person" | "admin" | "feed")
        && id.len() == ID_LEN
        && secret.len() == SECRET_LEN
        && alphabetic(id)
        && alphabetic(secret)
        && crc == checksum(body);
    if fits { Ok((kind, TokenId::new(id))) } else { Err(malformed) }
}

/// Finds the token that a text is.
///
/// # Errors
/// See [`TokenRefused`].
pub fn verify(plain: &str, state: &State, now: Timestamp) -> Result<Arc<Token>, TokenRefused> {
    let (kind, id) = parse(plain)?;
    let token = state.token(&id).ok_or(TokenRefused::Unknown)?;
    let same: bool = token.sha256.ct_eq(&sha256(plain.as_bytes())).into();
    if !same || kind != word(&token.kind) {
        return Err(TokenRefused::Unknown);
    }
    if token.expires_at.is_some_and(|end| end <= now) {
        return Err(TokenRefused::Expired);
    }
    Ok(token.clone())
}

/// Makes sure that somebody can get in: when no admin token is known, one is written to `<data>/admin.token`
/// (mode 0600) and stored. Answers the file's path when it was written. A file that is there already is replaced and
/// never believed: its token may have been revoked.
///
/// # Errors
/// `File` when the file cannot be written, `Door` when the token was not stored.
pub async fn ensure_admin_token(
    door: &Door,
    data: &Path,
    now: Timestamp,
) -> Result<Option<PathBuf>, TokenError> {
    let works = |token: &Arc<Token>| {
        token.kind == TokenKind::Admin && token.expires_at.is_none_or(|end| now < end)
    };
    let known = door.view(|view| view.state.tokens().any(works));
    if known {
        return Ok(None);
    }
    let path = data.join(ADMIN_FILE);
    let failed = |source| TokenError::File { path: path.display().to_string(), source };
    let (plain, token) = mint(TokenKind::Admin, "first admin token", now, None);
    write_private(&path, format!("{plain}\n").as_bytes()).map_err(failed)?;
    let action = Action::PutToken(token);
    door.submit(Input::Action { by: Actor::Engine, via: None, action }).await?;
    Ok(Some(path))
}

/// Writes a file that only this user can read: whole or not at all.
pub(crate) fn write_private(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut fresh = path.as_os_str().to_owned();
    fresh.push(".new");
    let fresh = PathBuf::from(fresh);
    match std::fs::remove_file(&fresh) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&fresh)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    std::fs::rename(&fresh, path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use nightbell_core::model::{Change, PersonId};

    const NOW: &str = "2026-03-02T03:04:05Z";

    fn now() -> Timestamp {
        NOW.parse().expect("a time")
    }

    fn state_with(token: &Token) -> State {
        let mut state = State::default();
        state.apply(&[Change::Token(Arc::new(token.clone()))]);
        state
    }

    #[test]
    fn a_minted_token_is_known_again() {
        for kind in [TokenKind::Read, TokenKind::Person(PersonId::new("alice")), TokenKind::Admin] {
            let (plain, token) = mint(kind.clone(), "ci", now(), None);
            assert!(plain.starts_with(&format!("nb_{}_", word(&kind))));
            let found = verify(&plain, &state_with(&token), now()).expect("known");
            assert_eq!(found.kind, kind);
            assert!(!format!("{token:?}").contains(&plain));
        }
    }

    #[test]
    fn two_tokens_are_never_the_same() {
        let (a, _) = mint(TokenKind::Read, "a", now(), None);
        let (b, _) = mint(TokenKind::Read, "a", now(), None);
        assert_ne!(a, b);
    }

    #[test]
    fn a_mistyped_cut_or_foreign_token_is_refused() {
        let (plain, token) = mint(TokenKind::Admin, "x", now(), None);
        let state = state_with(&token);
        let check = |text: &str, error| {
            assert_eq!(verify(text, &state, now()).err(), Some(error), "{text}");
        };
        for text in ["", "nb", "nb_admin", "nb____", "Bearer x", &plain[1..], &plain[..20]] {
            check(text, TokenRefused::Malformed);
        }
        check(&format!("{plain}\n"), TokenRefused::Malformed);
        check(&plain.to_uppercase(), TokenRefused::Malformed);
        let (other, _) = mint(TokenKind::Admin, "x", now(), None);
        check(&other, TokenRefused::Unknown);
        // The right id with another secret, its checksum put right.
        let body = plain.rsplit_once('_').expect("a checksum").0;
        let forged = format!("{}{}", &body[..body.len() - SECRET_LEN], "0".repeat(SECRET_LEN));
        check(&format!("{forged}_{}", checksum(&forged)), TokenRefused::Unknown);
        // The kind is part of the hash: a read token cannot be renamed.
        let renamed = body.replacen("admin", "read", 1);
        check(&format!("{renamed}_{}", checksum(&renamed)), TokenRefused::Unknown);
    }

    #[test]
    fn a_token_ends_at_its_time_and_not_before() {
        let end: Timestamp = "2026-03-03T00:00:00Z".parse().expect("a time");
        let (plain, token) = mint(TokenKind::Read, "x", now(), Some(end));
        let state = state_with(&token);
        let before = "2026-03-02T23:59:59Z".parse().expect("a time");
        assert!(verify(&plain, &state, before).is_ok());
        assert_eq!(verify(&plain, &state, end).err(), Some(TokenRefused::Expired));
    }

    #[tokio::test]
    async fn the_first_start_writes_an_admin_token_that_works_and_later_ones_do_not() {
        let fixture = crate::server::fixture::Fixture::new();
        let door = &fixture.doors.door;
        let dir = tempfile::tempdir().expect("a directory");
        std::fs::write(dir.path().join(ADMIN_FILE), "one of an earlier life").expect("written");
        let path = ensure_admin_token(door, dir.path(), now()).await.expect("made");
        let path = path.expect("it was the first");
        let text = std::fs::read_to_string(&path).expect("written");
        let found = door.view(|view| verify(text.trim(), view.state, now()));
        assert_eq!(found.expect("known").kind, TokenKind::Admin);
        let again = ensure_admin_token(door, dir.path(), now()).await.expect("nothing to do");
        assert_eq!(again, None);
        let missing = dir.path().join("missing");
        let fresh = crate::server::fixture::Fixture::new();
        let error = ensure_admin_token(&fresh.doors.door, &missing, now()).await;
        assert!(matches!(error, Err(TokenError::File { .. })), "{error:?}");
        let none = fresh.doors.door.view(|view| view.state.tokens().count());
        assert_eq!(none, 0, "no token that nobody can read");
    }

    #[cfg(unix)]
    #[test]
    fn a_private_file_is_private_even_when_it_was_not() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("link.key");
        std::fs::write(&path, "old").expect("written");
        write_private(&path, b"new").expect("written");
        let mode = std::fs::metadata(&path).expect("there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(std::fs::read(&path).expect("read"), b"new");
    }
}
