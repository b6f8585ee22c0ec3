//! What takes secrets out of what comes back from the outside, in every form in which they may come back.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};

const MASK: &str = "***";
/// Shorter values are not masked: they would blank out half of every answer and are no secrets.
const MASKED_FROM_BYTES: usize = 6;

/// The forms of some secrets. Neither printed nor kept longer than one exchange.
pub(in crate::plugin) struct Mask {
    /// Longest first, so that no part of one is left over.
    forms: Vec<String>,
}

impl Mask {
    /// For these secrets, and for texts made of them.
    pub(super) fn new<'s>(values: impl Iterator<Item = &'s str>, made: Vec<String>) -> Self {
        let values = values.filter(|value| value.len() >= MASKED_FROM_BYTES);
        let mut forms: Vec<String> = values
            .flat_map(|value| {
                let plain = [value.to_owned(), percent_encoded(value), STANDARD.encode(value)];
                plain.into_iter().chain((0..3).map(|before| inside_base64(value, before)))
            })
            .chain(made)
            .collect();
        forms.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        forms.dedup();
        Self { forms }
    }

    /// A text without them.
    pub(super) fn text(&self, text: &str) -> String {
        let mut masked = text.to_owned();
        for form in &self.forms {
            if masked.contains(form) {
                masked = masked.replace(form, MASK);
            }
        }
        masked
    }

    /// Bytes that need not be text, without them.
    pub(super) fn bytes(&self, mut bytes: Vec<u8>) -> Vec<u8> {
        for form in &self.forms {
            bytes = replaced(bytes, form.as_bytes(), MASK.as_bytes());
        }
        bytes
    }
}

/// The part of a longer text's base64 that depends on the secret alone, when `before` bytes (modulo 3) stand before it:
/// `Basic` credentials of whatever user have it, and so has a whole message that somebody encoded.
fn inside_base64(value: &str, before: usize) -> String {
    let encoded = STANDARD_NO_PAD.encode([&[0; 2][..before], value.as_bytes()].concat());
    let (first, end) = ((before * 8).div_ceil(6), (before + value.len()) * 8 / 6);
    encoded[first..end].to_owned()
}

/// Everything but unreserved characters and `:`, which some services have in their tokens and paths allow.
pub(super) fn percent_encoded(value: &str) -> String {
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

    fn mask() -> Mask {
        Mask::new(["s3cret/valu:e", "short"].into_iter(), vec!["c2hvcnQ=".to_owned()])
    }

    #[test]
    fn secrets_are_masked_in_every_form() {
        let text = "got s3cret/valu:e, s3cret%2Fvalu:e and czNjcmV0L3ZhbHU6ZQ==, short, c2hvcnQ=";
        assert_eq!(mask().text(text), "got ***, *** and ***, short, ***");
        assert_eq!(mask().bytes(b"\xff s3cret/valu:e \xff".to_vec()), b"\xff *** \xff");
        assert_eq!(mask().bytes(b"nothing".to_vec()), b"nothing");
    }

    #[test]
    fn secrets_are_masked_inside_longer_base64() {
        for around in ["", "a", "ab", "abc", "user:", "{\"token\":\""] {
            let encoded = STANDARD.encode(format!("{around}s3cret/valu:e and more"));
            let masked = mask().text(&encoded);
            let parts: Vec<&str> = masked.split("***").collect();
            let [before, after] = parts[..] else { panic!("{encoded} became {masked}") };
            let left = before.len() * 6 / 8;
            assert!(left <= around.len() + 1, "{masked}");
            assert!(after.len() >= " and more".len() * 8 / 6, "{masked}");
        }
    }
}
