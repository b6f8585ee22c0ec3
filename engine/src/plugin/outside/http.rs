//! HTTP for channels: only to granted origins, only to allowed addresses, without redirects, bounded in every
//! direction, with secrets put in after the check and masked in what comes back.

use super::mask::Mask;
use super::origin::Origin;
use super::resolve::{PrivateAddress, Resolver};
use super::secret::{Secrets, Spot, names_a_secret};
use crate::plugin::bounds;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, Method, Url};
use std::error::Error;
use std::time::Duration;

/// What a plugin may do with HTTP.
#[derive(Clone, Debug)]
pub(in crate::plugin) struct HttpGrant {
    pub(in crate::plugin) origins: Vec<Origin>,
    pub(in crate::plugin) secrets: Secrets,
}

/// A request as the plugin wrote it.
#[derive(Clone, Debug)]
pub(in crate::plugin) struct Request {
    pub(in crate::plugin) method: String,
    pub(in crate::plugin) url: String,
    pub(in crate::plugin) headers: Vec<(String, String)>,
    pub(in crate::plugin) body: Vec<u8>,
    pub(in crate::plugin) timeout: Duration,
}

/// An answer with the secrets masked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::plugin) struct Response {
    pub(in crate::plugin) status: u16,
    pub(in crate::plugin) headers: Vec<(String, String)>,
    pub(in crate::plugin) body: Vec<u8>,
}

/// Why there is no answer. Texts never hold a secret or more of a URL than its origin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::plugin) enum HttpError {
    Denied(String),
    Invalid(String),
    Timeout(String),
    Connect(String),
    TooLarge(String),
}

/// The one client, whose connections are kept across calls.
pub(in crate::plugin) struct HttpDoor {
    client: Result<Client, String>,
    resolver: Resolver,
}

/// A request that has passed every check but the look-up of a name.
#[derive(Debug)]
struct Checked {
    origin: Origin,
    method: Method,
    url: Url,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl HttpDoor {
    pub(in crate::plugin) fn new(resolver: Resolver) -> Self {
        // Set once per process; whoever was first decided the same.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            // A proxy would look names up itself, behind the check.
            .no_proxy()
            .dns_resolver(resolver.clone())
            .connect_timeout(bounds::HTTP_CONNECT_TIMEOUT)
            .pool_idle_timeout(bounds::HTTP_IDLE)
            .build();
        Self { client: client.map_err(|error| describe(&error)), resolver }
    }

    /// Sends a request.
    ///
    /// # Errors
    /// [`HttpError`]; `Denied` before anything leaves.
    pub(in crate::plugin) async fn send(
        &self,
        grant: &HttpGrant,
        request: Request,
    ) -> Result<Response, HttpError> {
        let timeout = request.timeout;
        let mask = grant.secrets.mask(request.headers.iter().map(|(_, value)| value.as_str()));
        let checked = self.check(grant, request)?;
        let origin = checked.origin.clone();
        match tokio::time::timeout(timeout, self.exchange(checked)).await {
            Ok(Ok(response)) => Ok(response.masked(&mask)),
            Ok(Err(error)) => Err(error.masked(&mask)),
            Err(_) => Err(HttpError::Timeout(format!(
                "no answer from {origin} within {} ms",
                timeout.as_millis()
            ))),
        }
    }

    fn check(&self, grant: &HttpGrant, request: Request) -> Result<Checked, HttpError> {
        let (origin, url) = target(grant, &request.url)?;
        self.check_literal(&url)?;
        let method = method(&request.method)?;
        let headers = headers(grant, &request.headers, &origin)?;
        let body = body(grant, request.body, &origin)?;
        Ok(Checked { origin, method, url, headers, body })
    }

    /// The resolver is not asked about addresses, so they are checked here.
    fn check_literal(&self, url: &Url) -> Result<(), HttpError> {
        let host = url.host_str().unwrap_or_default();
        let address = host.trim_start_matches('[').trim_end_matches(']').parse();
        let Ok(address) = address else { return Ok(()) };
        self.resolver.check(host, &[address]).map_err(|error| HttpError::Denied(error.to_string()))
    }

    async fn exchange(&self, checked: Checked) -> Result<Response, HttpError> {
        let client = self
            .client
            .as_ref()
            .map_err(|why| HttpError::Connect(format!("no HTTP client: {why}")))?;
        let request = client.request(checked.method, checked.url).headers(checked.headers);
        let answer = request.body(checked.body).send().await;
        let mut answer = answer.map_err(|error| failed(&error, &checked.origin))?;
        let status = answer.status().as_u16();
        let headers = answer.headers().iter().map(|(name, value)| {
            (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
        });
        let headers = headers.collect();
        let mut body = Vec::new();
        while let Some(part) =
            answer.chunk().await.map_err(|error| failed(&error, &checked.origin))?
        {
            if body.len() + part.len() > bounds::HTTP_RESPONSE_MAX_BYTES {
                let max = bounds::HTTP_RESPONSE_MAX_BYTES;
                return Err(HttpError::TooLarge(format!(
                    "answer of {} has more than {max} bytes",
                    checked.origin
                )));
            }
            body.extend_from_slice(&part);
        }
        Ok(Response { status, headers, body })
    }
}

/// The URL with its secrets, after its origin was checked without them and again with them.
fn target(grant: &HttpGrant, text: &str) -> Result<(Origin, Url), HttpError> {
    let origin_of = |text: &str| {
        let url =
            Url::parse(text).map_err(|error| HttpError::Invalid(format!("not a URL: {error}")))?;
        let origin = Origin::of(&url).map_err(HttpError::Invalid)?;
        Ok::<_, HttpError>((origin, url))
    };
    let (origin, url) = origin_of(text)?;
    if !grant.origins.contains(&origin) {
        return Err(HttpError::Denied(format!(
            "{origin} is not granted: add it to the plugin's `hosts` in the config"
        )));
    }
    if !names_a_secret(text) {
        return Ok((origin, url));
    }
    let filled = grant.secrets.fill(text, &origin, Spot::Url).map_err(HttpError::Denied)?;
    let (origin_after, url) = origin_of(&filled)?;
    if origin_after != origin {
        return Err(HttpError::Denied("a secret cannot be part of a URL's host".to_owned()));
    }
    Ok((origin, url))
}

fn method(text: &str) -> Result<Method, HttpError> {
    match text {
        "GET" | "POST" | "PUT" | "PATCH" | "DELETE" | "HEAD" => Method::from_bytes(text.as_bytes())
            .map_err(|_| HttpError::Invalid("not a method".to_owned())),
        _ => Err(HttpError::Invalid(format!(
            "expected method GET, POST, PUT, PATCH, DELETE or HEAD, got `{}`",
            bounds::cut(text, 32)
        ))),
    }
}

/// What the client itself decides on: framing and connection.
const OWN_HEADERS: [&str; 9] = [
    "host",
    "content-length",
    "transfer-encoding",
    "connection",
    "upgrade",
    "te",
    "trailer",
    "keep-alive",
    "proxy-authorization",
];

fn headers(
    grant: &HttpGrant,
    wanted: &[(String, String)],
    origin: &Origin,
) -> Result<HeaderMap, HttpError> {
    let bytes: usize = wanted.iter().map(|(name, value)| name.len() + value.len()).sum();
    if wanted.len() > bounds::HTTP_HEADERS_MAX || bytes > bounds::HTTP_HEADERS_MAX_BYTES {
        let (max, max_bytes) = (bounds::HTTP_HEADERS_MAX, bounds::HTTP_HEADERS_MAX_BYTES);
        return Err(HttpError::Invalid(format!(
            "expected at most {max} headers of {max_bytes} bytes in all"
        )));
    }
    let mut headers = HeaderMap::new();
    for (name, value) in wanted {
        let shown = bounds::cut(name, 64);
        let name = HeaderName::from_bytes(name.as_bytes())
            .map_err(|_| HttpError::Invalid(format!("`{shown}` is no header name")))?;
        if OWN_HEADERS.contains(&name.as_str()) {
            return Err(HttpError::Invalid(format!("header `{name}` is the host's")));
        }
        let value = grant.secrets.fill(value, origin, Spot::Header).map_err(HttpError::Denied)?;
        let mut value = HeaderValue::from_bytes(value.as_bytes()).map_err(|_| {
            HttpError::Invalid(format!("header `{name}` has a value with control characters"))
        })?;
        value.set_sensitive(true);
        headers.append(name, value);
    }
    Ok(headers)
}

fn body(grant: &HttpGrant, body: Vec<u8>, origin: &Origin) -> Result<Vec<u8>, HttpError> {
    if body.len() > bounds::HTTP_REQUEST_MAX_BYTES {
        let (max, got) = (bounds::HTTP_REQUEST_MAX_BYTES, body.len());
        return Err(HttpError::TooLarge(format!(
            "request body: expected at most {max} bytes, got {got}"
        )));
    }
    match std::str::from_utf8(&body) {
        Ok(text) if names_a_secret(text) => {
            let filled = grant.secrets.fill(text, origin, Spot::Body);
            filled.map(String::into_bytes).map_err(HttpError::Denied)
        }
        Ok(_) | Err(_) => Ok(body),
    }
}

fn failed(error: &reqwest::Error, origin: &Origin) -> HttpError {
    if let Some(refused) = cause_of::<PrivateAddress>(error) {
        return HttpError::Denied(refused.to_string());
    }
    let text = format!("{origin}: {}", describe(error));
    if error.is_timeout() { HttpError::Timeout(text) } else { HttpError::Connect(text) }
}

fn cause_of<'a, E: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a E> {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        cause = error.source();
    }
    None
}

/// The deepest cause: the outer ones repeat the URL, which may hold a secret.
fn describe(error: &reqwest::Error) -> String {
    let mut cause: &dyn Error = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    if error.source().is_none() {
        return "request failed".to_owned();
    }
    bounds::cut(&cause.to_string(), bounds::MESSAGE_MAX_BYTES).to_owned()
}

impl Response {
    fn masked(self, mask: &Mask) -> Self {
        let headers = self.headers.into_iter().map(|(name, value)| (name, mask.text(&value)));
        Self { status: self.status, headers: headers.collect(), body: mask.bytes(self.body) }
    }
}

impl HttpError {
    fn masked(self, mask: &Mask) -> Self {
        match self {
            Self::Denied(text) => Self::Denied(mask.text(&text)),
            Self::Invalid(text) => Self::Invalid(mask.text(&text)),
            Self::Timeout(text) => Self::Timeout(mask.text(&text)),
            Self::Connect(text) => Self::Connect(mask.text(&text)),
            Self::TooLarge(text) => Self::TooLarge(mask.text(&text)),
        }
    }
}

#[cfg(test)]
#[path = "http_tests.rs"]
mod tests;
