//! HTTP to the hosts that the operator has granted, for channels.
//! `{{secret:name}}` in URL, header or body is replaced by the host after the check; the plugin never sees the secret.
//! `{{basic:user:name}}` in a header becomes base64 of `user:` and the secret: see [`Request::basic_auth`].

use serde::Serialize;
use serde::de::DeserializeOwned;

pub use crate::wire::imports::nightbell::plugin::http::{Header, HttpError, Request, Response};
use crate::{event, form, host};

/// As much of an error page as is kept for the operator.
const EXCERPT_MAX_CHARS: usize = 200;

impl Request {
    /// Any method, in upper case.
    pub fn new(method: impl Into<String>, url: impl Into<String>) -> Self {
        Self {
            method: method.into(),
            url: url.into(),
            headers: vec![],
            body: vec![],
            timeout_ms: None,
        }
    }

    /// `GET`.
    pub fn get(url: impl Into<String>) -> Self {
        Self::new("GET", url)
    }

    /// `POST`.
    pub fn post(url: impl Into<String>) -> Self {
        Self::new("POST", url)
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push(Header { name: name.into(), value: value.into() });
        self
    }

    /// The body.
    #[must_use]
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    /// A JSON body with its content type.
    ///
    /// # Panics
    /// When the value cannot be written as JSON (a map whose keys are not text).
    #[must_use]
    pub fn json(self, value: &impl Serialize) -> Self {
        self.header("content-type", "application/json").body(event::to_json(value))
    }

    /// `authorization: Basic` with a secret as the password, which the host puts in: the plugin never sees it. The user
    /// name has letters, digits and `-_.@` only; with any other character the host answers `denied`.
    #[must_use]
    pub fn basic_auth(self, user: &str, secret_name: &str) -> Self {
        self.header("authorization", format!("Basic {{{{basic:{user}:{secret_name}}}}}"))
    }

    /// An `application/x-www-form-urlencoded` body with its content type.
    #[must_use]
    pub fn form(self, pairs: &[(&str, &str)]) -> Self {
        self.header("content-type", "application/x-www-form-urlencoded").body(form::encoded(pairs))
    }

    /// Milliseconds for the whole exchange; the plugin's own limit bounds it.
    #[must_use]
    pub fn timeout_ms(mut self, timeout_ms: u32) -> Self {
        self.timeout_ms = Some(timeout_ms);
        self
    }

    /// Sends it and waits. Redirects are not followed.
    ///
    /// # Errors
    /// [`HttpError`]; any status, also 500, is a response.
    pub fn send(self) -> Result<Response, HttpError> {
        host::http(self)
    }
}

impl Response {
    /// True for 200 to 299.
    #[must_use]
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The first header of this name, in any case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|h| h.name.eq_ignore_ascii_case(name));
        found.map(|h| h.value.as_str())
    }

    /// `Retry-After` in seconds, at most an hour: a longer wait would outlive the incident. A date or anything else is
    /// none, so that the engine's own back-off holds.
    #[must_use]
    pub fn retry_after_s(&self) -> Option<u32> {
        const MAX_S: u32 = 3600;
        let text = self.header("retry-after")?.trim();
        let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        // More digits than a number holds is certainly too long a wait.
        digits.then(|| text.parse().map_or(MAX_S, |seconds: u32| seconds.min(MAX_S)))
    }

    /// The body as JSON.
    ///
    /// # Errors
    /// In words, when it is not JSON or of another shape; the message names the field.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, String> {
        crate::json::read(&self.body)
    }

    /// The first of the body for a message to the operator: one line of at most 200 characters.
    #[must_use]
    pub fn excerpt(&self) -> String {
        let text = self.text();
        let words = text.split(|c: char| c.is_whitespace() || c.is_control());
        let line = words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
        line.chars().take(EXCERPT_MAX_CHARS).collect()
    }

    /// The body as text; what is not UTF-8 becomes U+FFFD.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

pub(crate) fn describe(error: &HttpError) -> String {
    let (what, why) = match error {
        HttpError::Denied(why) => ("denied", why),
        HttpError::Invalid(why) => ("invalid request", why),
        HttpError::Timeout(why) => ("timed out", why),
        HttpError::Connect(why) => ("no connection", why),
        HttpError::TooLarge(why) => ("response too large", why),
    };
    format!("{what}: {why}")
}

#[cfg(test)]
mod tests {
    use super::{Header, Request, Response};

    #[test]
    fn a_form_with_a_basic_password_is_one_request() {
        let request = Request::post("https://api.example.org/x")
            .basic_auth("AC1", "token")
            .form(&[("To", "+81 90"), ("Body", "50 % & more=é")]);
        let headers: Vec<_> =
            request.headers.iter().map(|h| (h.name.as_str(), h.value.as_str())).collect();
        assert_eq!(
            headers,
            [
                ("authorization", "Basic {{basic:AC1:token}}"),
                ("content-type", "application/x-www-form-urlencoded")
            ]
        );
        assert_eq!(
            String::from_utf8(request.body).as_deref(),
            Ok("To=%2B81+90&Body=50+%25+%26+more%3D%C3%A9")
        );
    }

    fn response(retry_after: &str, body: &str) -> Response {
        let header = Header { name: "Retry-After".to_owned(), value: retry_after.to_owned() };
        Response { status: 503, headers: vec![header], body: body.as_bytes().to_vec() }
    }

    #[test]
    fn waits_are_seconds_and_at_most_an_hour() {
        let check = |text: &str, expected: Option<u32>| {
            assert_eq!(response(text, "").retry_after_s(), expected, "{text}");
        };
        check("0", Some(0));
        check(" 120 ", Some(120));
        check("3601", Some(3600));
        check("99999999999999999999999", Some(3600));
        for text in ["", "-1", "+5", "1.5", "Mon, 05 Jan 2026 09:01:00 GMT"] {
            check(text, None);
        }
        assert_eq!(Response { status: 503, headers: vec![], body: vec![] }.retry_after_s(), None);
    }

    #[test]
    fn an_excerpt_is_one_bounded_line() {
        let long = format!("<h1>Oops</h1>\r\n\u{1b}later {}", "x".repeat(1000));
        let excerpt = response("", &long).excerpt();
        assert!(excerpt.starts_with("<h1>Oops</h1> later xx"), "{excerpt}");
        assert_eq!(excerpt.chars().count(), 200);
    }

    #[test]
    fn json_errors_name_the_field() {
        #[derive(Debug, serde::Deserialize)]
        struct Said {
            code: u32,
        }
        let said = response("", r#"{"code": 7, "more": 1}"#).json::<Said>();
        assert_eq!(said.map(|said| said.code), Ok(7));
        let wrong = response("", r#"{"code": "x"}"#).json::<Said>().expect_err("a text");
        assert!(wrong.starts_with("`code`"), "{wrong}");
    }
}
