//! Whether a request is Twilio's: `X-Twilio-Signature` is the base64 of HMAC-SHA1, with the account's auth token, over
//! the address that was called and every form field, sorted.

use nightbell_plugin::secret::{self, Algorithm};
use nightbell_plugin::{Failure, Request};

/// The name of the secret, as the operator grants it.
const SECRET: &str = "auth_token";

/// Passes when the signature is right.
///
/// # Errors
/// A permanent [`Failure`]: whoever sent it is not heard.
pub(crate) fn check(request: &Request, pairs: &[(String, String)]) -> Result<(), Failure> {
    let Some(signature) = request.header("x-twilio-signature") else {
        return Err(Failure::permanent("expected the header `X-Twilio-Signature`, there is none"));
    };
    let mut fields: Vec<&(String, String)> = pairs.iter().collect();
    fields.sort();
    // A field that comes twice with one value is signed once.
    fields.dedup();
    for url in spellings(&request.url) {
        let mut signed = url;
        for (name, value) in &fields {
            signed.push_str(name);
            signed.push_str(value);
        }
        if secret::verify_base64(SECRET, Algorithm::HmacSha1, signed.as_bytes(), signature)? {
            return Ok(());
        }
    }
    Err(Failure::permanent(
        "the signature is wrong: it does not fit this address, these fields and the secret `auth_token`; \
         behind a proxy, check that `public_url` is the address that Twilio calls",
    ))
}

/// Twilio signs the address with the port or without it, when it is the scheme's own.
fn spellings(url: &str) -> Vec<String> {
    let mut all = vec![url.to_owned()];
    let Some((scheme, rest)) = url.split_once("://") else { return all };
    let port = if scheme == "https" { ":443" } else { ":80" };
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (host, path) = rest.split_at(end);
    match host.strip_suffix(port) {
        Some(bare) => all.push(format!("{scheme}://{bare}{path}")),
        None if host.rsplit(']').next().is_some_and(|tail| !tail.contains(':')) => {
            all.push(format!("{scheme}://{host}{port}{path}"));
        }
        None => {}
    }
    all
}

#[cfg(test)]
mod tests {
    use super::spellings;

    #[test]
    fn the_schemes_own_port_may_be_said_or_not() {
        let check = |url: &str, other: Option<&str>| {
            let mut expected = vec![url];
            expected.extend(other);
            assert_eq!(spellings(url), expected);
        };
        check("https://a.example/x?y=:443", Some("https://a.example:443/x?y=:443"));
        check("https://a.example:443/x", Some("https://a.example/x"));
        check("http://a.example?x", Some("http://a.example:80?x"));
        check("http://127.0.0.1:8080/x", None);
        check("http://[::1]/x", Some("http://[::1]:80/x"));
        check("http://[::1]:8080/x", None);
        check("nonsense", None);
    }
}
