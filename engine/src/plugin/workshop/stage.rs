//! The outside of a plugin that is tried: a case's script instead of the network, behind the same grants and counts.

use super::super::bounds;
use super::super::grant::Grants;
use super::super::wire::im;
use nightbell_plugin::testing::Host;
use nightbell_plugin::{Header, HttpError, MailError, http, mail};

/// See the module.
pub(in crate::plugin) struct Stage {
    host: Host,
    http: Result<(), String>,
    mail: Result<(), String>,
    sends_left: u32,
}

/// The answer to a guest that sends without end.
const TOO_MANY: &str = "too many requests and mails in one call";

impl Stage {
    pub(super) fn new(host: Host, grants: &Grants) -> Self {
        Self {
            host,
            http: grants.origins.clone().map(drop),
            mail: grants.mail.clone(),
            sends_left: bounds::SENDS_MAX,
        }
    }

    /// The script's answer to a request.
    pub(in crate::plugin) fn http(
        &mut self,
        request: im::http::Request,
    ) -> Result<im::http::Response, im::http::HttpError> {
        self.http.clone().map_err(im::http::HttpError::Denied)?;
        self.count().map_err(im::http::HttpError::Denied)?;
        let header = |header: im::http::Header| Header { name: header.name, value: header.value };
        let answer = self.host.send_http(http::Request {
            method: request.method,
            url: request.url,
            headers: request.headers.into_iter().map(header).collect(),
            body: request.body,
            timeout_ms: request.timeout_ms,
        });
        let header = |header: Header| im::http::Header { name: header.name, value: header.value };
        match answer {
            Ok(response) => Ok(im::http::Response {
                status: response.status,
                headers: response.headers.into_iter().map(header).collect(),
                body: response.body,
            }),
            Err(HttpError::Denied(text)) => Err(im::http::HttpError::Denied(text)),
            Err(HttpError::Invalid(text)) => Err(im::http::HttpError::Invalid(text)),
            Err(HttpError::Timeout(text)) => Err(im::http::HttpError::Timeout(text)),
            Err(HttpError::Connect(text)) => Err(im::http::HttpError::Connect(text)),
            Err(HttpError::TooLarge(text)) => Err(im::http::HttpError::TooLarge(text)),
        }
    }

    /// The script's answer to a mail.
    pub(in crate::plugin) fn mail(
        &mut self,
        message: im::mail::Message,
    ) -> Result<String, im::mail::MailError> {
        self.mail.clone().map_err(im::mail::MailError::Denied)?;
        self.count().map_err(im::mail::MailError::Denied)?;
        let answer = self.host.send_mail(mail::Message {
            subject: message.subject,
            text: message.text,
            html: message.html,
            thread: message.thread,
        });
        answer.map_err(|error| match error {
            MailError::Denied(text) => im::mail::MailError::Denied(text),
            MailError::Invalid(text) => im::mail::MailError::Invalid(text),
            MailError::Transient(text) => im::mail::MailError::Transient(text),
            MailError::Permanent(text) => im::mail::MailError::Permanent(text),
        })
    }

    fn count(&mut self) -> Result<(), String> {
        self.sends_left = self.sends_left.checked_sub(1).ok_or(TOO_MANY)?;
        Ok(())
    }
}
