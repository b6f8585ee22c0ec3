//! Where secrets come from. What is read here is never part of a message.

use super::super::mistake::{Mark, Mistake, quoted};
use super::super::raw::{RawSecret, RawSecretFrom};
use super::super::source::{read_bytes, reason};
use super::Context;
use secrecy::SecretString;

/// Largest file with a secret, in bytes.
const SECRET_MAX_BYTES: u64 = 64 << 10;

/// Whether a secret may stand in the configuration itself.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Literal {
    Allowed,
    Refused,
}

/// Reads a secret, without the line's end after it. What cannot be read is reported.
pub(super) fn secret(
    secret: &RawSecret,
    literal: Literal,
    context: &Context<'_>,
) -> Option<SecretString> {
    let (value, at) = match &secret.from {
        RawSecretFrom::Literal(value) if literal == Literal::Allowed => {
            (Some(value.clone()), secret.at)
        }
        RawSecretFrom::Literal(_) => {
            context.add(
                Mistake::error(secret.at, "a secret must not stand in the configuration")
                    .hint("write `{ env = \"NAME\" }` or `{ file = \"secret.txt\" }`"),
            );
            return None;
        }
        RawSecretFrom::Env(name) => (from_env(name, name.at, context), name.at),
        RawSecretFrom::File(path) => (from_file(path, context), path.at),
    };
    let value = value?;
    let value = value.trim_end_matches(['\r', '\n']);
    if value.is_empty() {
        context.add(
            Mistake::error(at, "expected a secret, got nothing")
                .hint("an empty secret protects nothing"),
        );
        return None;
    }
    Some(SecretString::from(value))
}

fn from_env(name: &str, at: Mark, context: &Context<'_>) -> Option<String> {
    let fine = !name.is_empty() && !name.contains(['=', '\0']);
    let value = if fine { (context.env)(name) } else { None };
    if value.is_none() {
        context.add(
            Mistake::error(at, format!("the environment has no variable {}", quoted(name)))
                .hint("set it where nightbell is started (with systemd: `Environment=` or `EnvironmentFile=`)"),
        );
    }
    value
}

fn from_file(written: &super::super::mistake::At<String>, context: &Context<'_>) -> Option<String> {
    let path = context.path(written);
    let why = match read_bytes(&path, SECRET_MAX_BYTES) {
        Ok(bytes) => match String::from_utf8(bytes) {
            Ok(text) => return Some(text),
            Err(_) => "it is not UTF-8 text".to_owned(),
        },
        Err(error) => reason(&error),
    };
    context.add(
        Mistake::error(written.at, format!("cannot read the secret in {}: {why}", quoted(written)))
            .hint("the path begins at the directory of this file; the user that runs nightbell must be able to read it"),
    );
    None
}
