//! HTTP to the hosts that the operator has granted, for channels.
//! `{{secret:name}}` in URL, header or body is replaced by the host after the check; the plugin never sees the secret.
//! `{{basic:user:name}}` in a header becomes base64 of `user:` and the secret: see [`Request::basic_auth`].

use serde::Serialize;

pub use crate::wire::imports::nightbell::plugin::http::{Header, HttpError, Request, Response};
use crate::{event, form, host};

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
    use super::Request;

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
}
