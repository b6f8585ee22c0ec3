//! What of a request's envelope is handed on: bounded, and without credentials.

use crate::store::Header;
use axum::http::{HeaderMap, header};

/// Headers handed on.
const HEADERS_MAX: usize = 64;
/// Names and values of all headers handed on, in bytes.
pub(super) const HEADERS_MAX_BYTES: usize = 16 << 10;
/// Query handed on, in bytes.
const QUERY_MAX_BYTES: usize = 4 << 10;
/// Path handed on, in bytes.
const PATH_MAX_BYTES: usize = 2 << 10;

/// Parts of names that carry credentials.
const SECRET_PARTS: [&str; 10] = [
    "auth",
    "cookie",
    "token",
    "secret",
    "passw",
    "api-key",
    "api_key",
    "apikey",
    "credential",
    "session",
];
/// Whole names that do.
const SECRET_NAMES: [&str; 5] =
    ["key", "routing_key", "service_key", "integration_key", "genie_key"];

fn is_secret(name: &str) -> bool {
    SECRET_NAMES.contains(&name) || SECRET_PARTS.iter().any(|part| name.contains(part))
}

/// `x-…-key`, whatever stands between.
fn is_key(name: &str) -> bool {
    name.starts_with("x-") && name.ends_with("-key")
}

/// The headers to hand on, in order of arrival; names are lower case already. What is beyond the bounds is left out.
pub(super) fn headers(headers: &HeaderMap) -> Vec<Header> {
    let mut left = HEADERS_MAX_BYTES;
    let mut kept = Vec::new();
    for (name, value) in headers {
        let name = name.as_str();
        let size = name.len() + value.len();
        if is_secret(name) || is_key(name) || value.is_sensitive() || size > left {
            continue;
        }
        if kept.len() == HEADERS_MAX {
            break;
        }
        left -= size;
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        kept.push(Header { name: name.to_owned(), value });
    }
    kept
}

/// A mail's headers to hand on, by the same rules; names are lower case already.
pub(super) fn mail_headers(all: impl Iterator<Item = (String, String)>) -> Vec<(String, String)> {
    let mut left = HEADERS_MAX_BYTES;
    let kept = all.filter(|(name, value)| {
        let size = name.len() + value.len();
        let fits = !is_secret(name) && !is_key(name) && size <= left;
        left -= if fits { size } else { 0 };
        fits
    });
    kept.take(HEADERS_MAX).collect()
}

/// The query with the values of secret-looking names replaced by `***`.
pub(super) fn query(query: &str) -> String {
    let query = cut(query, QUERY_MAX_BYTES);
    let pairs = query.split('&').map(|pair| match pair.split_once('=') {
        Some((name, _)) if is_secret(&name.to_ascii_lowercase()) => format!("{name}=***"),
        _ => pair.to_owned(),
    });
    pairs.collect::<Vec<_>>().join("&")
}

/// The path, as the sender wrote it.
pub(super) fn path(path: &str) -> String {
    cut(path, PATH_MAX_BYTES).to_owned()
}

/// The media type without parameters, lower case; empty when there is none.
pub(super) fn content_type(headers: &HeaderMap) -> String {
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let media = value.and_then(|value| value.split(';').next()).unwrap_or_default();
    cut(media.trim(), 256).to_ascii_lowercase()
}

/// At most `max` bytes of a text, cut at a character.
pub(super) fn cut(text: &str, max: usize) -> &str {
    &text[..text.floor_char_boundary(max)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::{HeaderName, HeaderValue};

    #[test]
    fn credentials_are_left_out() {
        let mut all = HeaderMap::new();
        for (name, value) in [
            ("Authorization", "Bearer s"),
            ("cookie", "s"),
            ("x-api-key", "s"),
            ("x-routing-key", "s"),
            ("x-auth-token", "s"),
            ("proxy-authorization", "s"),
            ("user-agent", "Prometheus/2.42.0"),
            ("x-dedup", "d"),
        ] {
            let name: HeaderName = name.parse().expect("a name");
            all.insert(name, HeaderValue::from_static(value));
        }
        let kept: Vec<String> = headers(&all).into_iter().map(|header| header.name).collect();
        assert_eq!(kept, ["user-agent", "x-dedup"]);
        assert_eq!(
            query("a=1&Token=s&api_key=s&dedup_key=d&key=s&x"),
            "a=1&Token=***&api_key=***&dedup_key=d&key=***&x"
        );
        assert_eq!(query(""), "");
    }

    #[test]
    fn a_flood_of_headers_is_bounded() {
        let mut all = HeaderMap::new();
        for i in 0..500 {
            let name: HeaderName = format!("x-{i}").parse().expect("a name");
            all.insert(name, "v".repeat(300).parse().expect("a value"));
        }
        let kept = headers(&all);
        assert!(kept.len() <= HEADERS_MAX);
        let size: usize = kept.iter().map(|header| header.name.len() + header.value.len()).sum();
        assert!(size <= HEADERS_MAX_BYTES);
    }

    #[test]
    fn the_media_type_stands_alone() {
        let mut all = HeaderMap::new();
        assert_eq!(content_type(&all), "");
        all.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("Application/JSON; charset=utf-16"),
        );
        assert_eq!(content_type(&all), "application/json");
    }
}
