//! Whose signatures on plugin files count, and where one is required.

use super::super::mistake::{At, Mark, Mistake, quoted};
use super::super::plan::{SigningKey, SigningPlan};
use super::super::raw::{Raw, RawPlugin};
use super::Context;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use minisign_verify::PublicKey;

/// Bytes of minisign's secret keys.
const SECRET_KEY_BYTES: usize = 158;

/// The word on all plugins of the directory.
pub(super) fn signing(raw: &Raw, context: &Context<'_>) -> SigningPlan {
    let Some(signing) = context.once("[signing]", &raw.signing, |signing| signing.at) else {
        return SigningPlan::default();
    };
    let required = signing.required.as_ref().filter(|required| required.value);
    if let Some(required) = required
        && signing.keys.is_empty()
    {
        no_key(required.at, "add `keys = [\"RW…\"]`: the second line of minisign.pub", context);
    }
    SigningPlan { keys: keys(&signing.keys, context), is_required: required.is_some() }
}

/// The word on one plugin: whether its file must be signed, and by whom.
pub(super) fn of_plugin(
    raw: &Raw,
    plugin: &RawPlugin,
    context: &Context<'_>,
) -> (Option<bool>, Option<Vec<SigningKey>>) {
    let required = plugin.signature.as_ref().and_then(|word| is_required(word, context));
    if let Some(word) = plugin.signature.as_ref().filter(|_| required == Some(true))
        && plugin.signing_keys.as_ref().map_or_else(
            || raw.signing.iter().all(|signing| signing.keys.is_empty()),
            Vec::is_empty,
        )
    {
        let hint = "add `keys = [\"RW…\"]` under `[signing]`, or `signing_keys` here";
        no_key(word.at, hint, context);
    }
    (required, plugin.signing_keys.as_ref().map(|written| keys(written, context)))
}

fn no_key(at: Mark, hint: &str, context: &Context<'_>) {
    context.add(
        Mistake::error(at, "signatures are required, and there is no key to check them with")
            .hint(hint),
    );
}

fn is_required(word: &At<String>, context: &Context<'_>) -> Option<bool> {
    match word.as_str() {
        "required" => Some(true),
        "optional" => Some(false),
        _ => {
            context.add(
                Mistake::error(
                    word.at,
                    format!("expected `required` or `optional`, got {}", quoted(word)),
                )
                .hint("`required` loads only a file that is signed; without, `[signing]` decides"),
            );
            None
        }
    }
}

fn keys(written: &[At<String>], context: &Context<'_>) -> Vec<SigningKey> {
    written.iter().filter_map(|written| key(written, context)).collect()
}

fn key(written: &At<String>, context: &Context<'_>) -> Option<SigningKey> {
    let text = written.trim();
    let read = PublicKey::from_base64(text).ok().zip(signing_key_id(text));
    if let Some((public, id)) = read {
        return Some(SigningKey { id, public });
    }
    let is_secret = STANDARD.decode(text).is_ok_and(|bytes| bytes.len() == SECRET_KEY_BYTES);
    let mistake = if is_secret {
        Mistake::error(written.at, "expected a minisign public key, got a secret key")
            .hint("take it out: who reads this file could sign plugins. Make a new pair with `minisign -G`")
    } else {
        Mistake::error(
            written.at,
            format!(
                "expected a minisign public key of 56 characters, got {}",
                text.chars().count()
            ),
        )
        .hint("it is the second line of minisign.pub and begins with `RW`")
    };
    context.add(mistake);
    None
}

/// The id inside a minisign key or signature in base64, as minisign shows it.
pub fn signing_key_id(base64: &str) -> Option<String> {
    /// Two bytes say which algorithm.
    const ID: std::ops::Range<usize> = 2..10;
    let bytes = STANDARD.decode(base64.trim()).ok()?;
    let id: [u8; 8] = bytes.get(ID)?.try_into().ok()?;
    Some(format!("{:016X}", u64::from_le_bytes(id)))
}
