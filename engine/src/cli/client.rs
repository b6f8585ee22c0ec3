//! Talks HTTP to a server: JSON in, JSON out, and failures in words that say what to do.
//!
//! Every call is bounded in time and size. Redirects are not followed: a token goes nowhere but to the named server.

use super::failure::Failure;
use super::json;
use super::look::safe;
use reqwest::{Certificate, Method, RequestBuilder, Url, redirect};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use std::net::IpAddr;
use std::path::Path;
use std::time::Duration;

/// How long a call may take.
const CALL_MAX: Duration = Duration::from_secs(30);
/// How long it may take to connect.
const CONNECT_MAX: Duration = Duration::from_secs(5);
/// Largest answer, in bytes.
const ANSWER_MAX_BYTES: usize = 32 << 20;

/// An answer: the text as it came, and what it says.
#[derive(Clone, Debug, Default)]
pub(super) struct Answer {
    /// As it came.
    pub(super) text: String,
    /// Null when it is no JSON.
    pub(super) json: Value,
}

/// A server and a token for it.
pub(super) struct Client {
    http: reqwest::Client,
    server: Url,
    token: Option<SecretString>,
}

impl Client {
    /// A client; connects at the first call.
    ///
    /// # Errors
    /// When the authority's file cannot be used.
    pub(super) fn new(
        server: Url,
        token: Option<SecretString>,
        ca: Option<&Path>,
    ) -> Result<Self, Failure> {
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("nightbell-cli/", env!("CARGO_PKG_VERSION")))
            .redirect(redirect::Policy::none())
            .timeout(CALL_MAX)
            .connect_timeout(CONNECT_MAX);
        if is_local(&server) {
            builder = builder.no_proxy();
        }
        let certificates = ca.map(authority).transpose()?.unwrap_or_default();
        builder = match server.scheme() {
            "https" => builder.tls_certs_merge(certificates),
            // Plain HTTP must work on a machine that has no certificates installed.
            _ => builder.tls_certs_only(certificates),
        };
        let http = builder.build().map_err(|error| {
            Failure::new(format!("TLS cannot be set up: {}.", cause(&error)))
                .hint("install the system's ca-certificates, or name your authority with `--ca`")
        })?;
        Ok(Self { http, server, token })
    }

    /// The server, without a trailing slash.
    pub(super) fn server(&self) -> &str {
        self.server.as_str().trim_end_matches('/')
    }

    /// Reads.
    ///
    /// # Errors
    /// See [`Failure`]: the server is away, refuses or answers nonsense.
    pub(super) async fn get(
        &self,
        path: &[&str],
        query: &[(&str, String)],
    ) -> Result<Answer, Failure> {
        let mut url = self.url(path);
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        self.call(self.http.get(url)).await
    }

    /// Asks for a change.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub(super) async fn send(
        &self,
        method: Method,
        path: &[&str],
        body: &Value,
    ) -> Result<Answer, Failure> {
        let request = self.http.request(method, self.url(path));
        let request = if body.is_null() { request } else { request.json(body) };
        self.call(request).await
    }

    /// Asks for a change with `POST`.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub(super) async fn post(&self, path: &[&str], body: &Value) -> Result<Answer, Failure> {
        self.send(Method::POST, path, body).await
    }

    /// Posts with a query, and a calendar file when there is one.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub(super) async fn post_file(
        &self,
        path: &[&str],
        query: &[(&str, String)],
        calendar: Option<Vec<u8>>,
    ) -> Result<Answer, Failure> {
        let mut url = self.url(path);
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        let request = self.http.post(url);
        let request = match calendar {
            Some(body) => request.header("content-type", "text/calendar").body(body),
            None => request,
        };
        self.call(request).await
    }

    /// Takes something away.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub(super) async fn delete(&self, path: &[&str]) -> Result<Answer, Failure> {
        self.send(Method::DELETE, path, &Value::Null).await
    }

    /// Brings a body to a monitor's door, as a monitor does: without the token.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub(super) async fn deliver(
        &self,
        path: &[&str],
        body: Vec<u8>,
        content_type: &str,
    ) -> Result<Answer, Failure> {
        let url = self.rooted(path);
        let request = self.http.post(url).header("content-type", content_type).body(body);
        let (status, answer) = self.exchange(request).await?;
        judge(status, answer, Door::Monitor, self.server())
    }

    /// Asks a door outside the API whether all is well; the status and the words it answers.
    ///
    /// # Errors
    /// When the server is away.
    pub(super) async fn probe(&self, path: &[&str]) -> Result<(u16, String), Failure> {
        let (status, answer) = self.exchange(self.http.get(self.rooted(path))).await?;
        Ok((status, answer.text))
    }

    fn url(&self, path: &[&str]) -> Url {
        let path: Vec<&str> = ["api", "v1"].into_iter().chain(path.iter().copied()).collect();
        self.rooted(&path)
    }

    /// Each part is one segment: what is in it cannot lead elsewhere.
    fn rooted(&self, path: &[&str]) -> Url {
        let mut url = self.server.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path);
        }
        url
    }

    async fn call(&self, request: RequestBuilder) -> Result<Answer, Failure> {
        let request = match &self.token {
            Some(token) => request.bearer_auth(token.expose_secret()),
            None => request,
        };
        let (status, answer) = self.exchange(request).await?;
        judge(status, answer, Door::Api { token: self.token.is_some() }, self.server())
    }

    async fn exchange(&self, request: RequestBuilder) -> Result<(u16, Answer), Failure> {
        let away = |error: reqwest::Error| unreachable(&error, self.server());
        let mut response = request.send().await.map_err(away)?;
        let status = response.status().as_u16();
        let mut body = Vec::new();
        while let Some(part) = response.chunk().await.map_err(away)? {
            body.extend_from_slice(&part);
            if body.len() > ANSWER_MAX_BYTES {
                let most = ANSWER_MAX_BYTES >> 20;
                return Err(Failure::new(format!("The answer is larger than {most} MiB."))
                    .hint("ask for less with `--limit`"));
            }
        }
        let text = String::from_utf8_lossy(&body).into_owned();
        let json = serde_json::from_str(&text).unwrap_or_default();
        Ok((status, Answer { text, json }))
    }
}

fn is_local(server: &Url) -> bool {
    let host = server.host_str().unwrap_or_default().trim_matches(['[', ']']);
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn authority(path: &Path) -> Result<Vec<Certificate>, Failure> {
    let shown = path.display();
    let refused = |why: String| {
        Failure::new(format!("The authority's file {shown} cannot be used: {why}."))
            .hint("`--ca` takes a PEM file that begins with -----BEGIN CERTIFICATE-----")
    };
    let bytes = std::fs::read(path).map_err(|error| refused(error.to_string()))?;
    let found = Certificate::from_pem_bundle(&bytes).map_err(|error| refused(cause(&error)))?;
    if found.is_empty() {
        Err(refused("there is no certificate in it".to_owned()))
    } else {
        Ok(found)
    }
}

/// The innermost reason, which says most.
fn cause(error: &dyn std::error::Error) -> String {
    let mut inner = error;
    while let Some(source) = inner.source() {
        inner = source;
    }
    inner.to_string()
}

fn unreachable(error: &reqwest::Error, server: &str) -> Failure {
    let why = cause(error);
    if error.is_timeout() {
        return Failure::new(format!("The server at {server} did not answer in time."))
            .hint("is it overloaded, or something between? `nightbell doctor` looks closer");
    }
    let failure = Failure::new(format!("The server at {server} cannot be reached: {why}."));
    if why.contains("certificate") {
        return failure
            .hint("is its certificate signed by a private authority? Name it with `--ca FILE`");
    }
    failure.hint(format!(
        "is `nightbell serve` running at {server}? Name another server with `--server` or NIGHTBELL_SERVER"
    ))
}

/// Whose words an answer is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Door {
    /// Ours; whether a token was sent.
    Api { token: bool },
    /// A monitor's own dialect.
    Monitor,
}

fn judge(status: u16, answer: Answer, door: Door, server: &str) -> Result<Answer, Failure> {
    if (200..=299).contains(&status) {
        if answer.json.is_null() && !answer.text.trim().is_empty() && door != Door::Monitor {
            return Err(Failure::new(format!("The server at {server} did not answer with JSON."))
                .hint("is that a Nightbell server? Check `--server`"));
        }
        return Ok(answer);
    }
    let failure = match (status, door) {
        (401, Door::Api { token: false }) => {
            Failure::new(format!("The server at {server} wants a token."))
        }
        _ => Failure::new(told(status, &answer)),
    };
    Err(match (status, door) {
        (300..=399, _) => Failure::new(format!("The server at {server} sends us elsewhere."))
            .hint("name its final address with `--server`: a token is not sent on"),
        (401, Door::Api { token: false }) => failure.hint(
            "pass `--token` or set NIGHTBELL_TOKEN; the first admin token is in <data>/admin.token (`--config` finds it)",
        ),
        (401, Door::Api { token: true }) => failure.hint(
            "the token is wrong, expired or revoked, or of another server; an admin makes one with `nightbell token create`",
        ),
        (403, _) => failure.hint("use a token of a person or an admin that may do this"),
        (401 | 404, Door::Monitor) => {
            failure.hint("check the integration's key: 32 characters, as in the configuration")
        }
        (404, Door::Api { .. }) => failure.hint("the matching `list` command shows what there is"),
        (429 | 503, _) => failure.hint("try again in a few seconds"),
        (500..=599, _) => failure.hint("the server's log says more"),
        _ => failure,
    })
}

/// What the server says about its refusal, as a sentence.
fn told(status: u16, answer: &Answer) -> String {
    let said = json::first(&answer.json, &["detail", "errors", "message", "title", "error"]);
    let said = match (said.is_empty(), &answer.json) {
        (false, _) => said,
        (true, Value::String(text)) => text.clone(),
        (true, Value::Null) => {
            answer.text.lines().next().unwrap_or_default().chars().take(200).collect()
        }
        (true, _) => String::new(),
    };
    match said.trim() {
        "" => format!("The server refused with status {status}."),
        said => sentence(&safe(said)),
    }
}

/// A text with a capital first letter and a full stop.
fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    let first: String = chars.next().into_iter().flat_map(char::to_uppercase).collect();
    let stop = if text.ends_with(['.', '!', '?']) { "" } else { "." };
    format!("{first}{}{stop}", chars.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(status: u16, body: &str, door: Door) -> Failure {
        let json = serde_json::from_str(body).unwrap_or_default();
        let answer = Answer { text: body.to_owned(), json };
        judge(status, answer, door, "http://x").expect_err("a refusal")
    }

    #[test]
    fn a_problem_is_told_in_the_servers_words_with_a_hint() {
        let api = Door::Api { token: true };
        for (status, body, door, message, hint) in [
            (
                401,
                r#"{"title":"A token is needed","detail":"expected `authorization`"}"#,
                Door::Api { token: false },
                "The server at http://x wants a token.",
                "NIGHTBELL_TOKEN",
            ),
            (
                401,
                r#"{"detail":"the token is not known"}"#,
                api,
                "The token is not known.",
                "token create",
            ),
            (
                403,
                r#"{"detail":"this needs a token of an admin"}"#,
                api,
                "This needs a token of an admin.",
                "may do this",
            ),
            (404, r#"{"detail":"no incident `9`"}"#, api, "No incident `9`.", "`list`"),
            (
                400,
                r#"{"status":"invalid event","message":"Event object is invalid","errors":["'severity' is missing","x"]}"#,
                Door::Monitor,
                "'severity' is missing, x.",
                "",
            ),
            (400, r#""unexpected end of JSON""#, Door::Monitor, "Unexpected end of JSON.", ""),
            (
                404,
                r#"{"detail":"no integration has this key"}"#,
                Door::Monitor,
                "No integration has this key.",
                "32 characters",
            ),
            (503, "", api, "The server refused with status 503.", "again"),
            (502, "<html>\u{1b}[1m", api, "<html>\u{fffd}[1m.", "log"),
            (308, "", api, "The server at http://x sends us elsewhere.", "--server"),
            (200, "<html>", api, "The server at http://x did not answer with JSON.", "--server"),
        ] {
            let failure = check(status, body, door);
            assert_eq!(failure.message, message, "{status} {body}");
            let got = failure.hint.unwrap_or_default();
            assert_eq!(got.is_empty(), hint.is_empty(), "{got}");
            assert!(got.contains(hint), "{got}");
        }
    }

    #[test]
    fn what_is_in_a_segment_stays_in_it() {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let server = Url::parse("http://127.0.0.1:1/base/").expect("a url");
        let client = Client::new(server, None, None).expect("a client");
        assert_eq!(
            client.url(&["schedules", "a/../b?c", "gaps"]).as_str(),
            "http://127.0.0.1:1/base/api/v1/schedules/a%2F..%2Fb%3Fc/gaps"
        );
    }

    #[tokio::test]
    async fn a_server_that_is_away_is_named() {
        let _ = rustls::crypto::ring::default_provider().install_default();
        // A port that was free a moment ago and that nobody listens on.
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let server = format!("http://{}", listener.local_addr().expect("an address"));
        drop(listener);
        let client =
            Client::new(Url::parse(&server).expect("a url"), None, None).expect("a client");
        let failure = client.get(&["status"], &[]).await.expect_err("nobody there");
        assert!(failure.message.starts_with(&format!("The server at {server} cannot be reached")));
        assert!(failure.hint.unwrap_or_default().contains("`nightbell serve` running"));
    }
}
