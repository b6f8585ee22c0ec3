//! The host's functions as guests call them. Each counts the call, checks the grant and answers in wire types;
//! what it does lies in `state`, `logbook` and `outside`.

use super::context::Context;
use super::logbook::LogLevel;
use super::outside::http::{HttpError, Request};
use super::outside::mail::{Draft, MailError};
use super::outside::secret::Algorithm;
use super::wire::im;
use std::time::Duration;

impl im::types::Host for Context {}

impl im::log::Host for Context {
    fn log(&mut self, level: im::log::Level, message: String) -> wasmtime::Result<()> {
        self.count_call()?;
        let level = match level {
            im::log::Level::Debug => LogLevel::Debug,
            im::log::Level::Info => LogLevel::Info,
            im::log::Level::Warn => LogLevel::Warn,
            im::log::Level::Error => LogLevel::Error,
        };
        self.pen.write(level, &message);
        Ok(())
    }
}

impl im::config::Host for Context {
    fn get(&mut self) -> wasmtime::Result<String> {
        self.count_call()?;
        Ok(self.settings.to_string())
    }
}

impl im::state::Host for Context {
    fn get(
        &mut self,
        key: String,
    ) -> wasmtime::Result<Result<Option<Vec<u8>>, im::state::StateError>> {
        self.count_call()?;
        let overlay = self.state.as_ref();
        Ok(overlay
            .map(|overlay| overlay.get(&key))
            .map_err(|why| im::state::StateError::Denied(why.clone())))
    }

    fn set(
        &mut self,
        key: String,
        value: Vec<u8>,
        ttl_s: Option<u64>,
    ) -> wasmtime::Result<Result<(), im::state::StateError>> {
        self.count_call()?;
        Ok(match &mut self.state {
            Ok(overlay) => overlay.set(key, &value, ttl_s).map_err(im::state::StateError::Quota),
            Err(why) => Err(im::state::StateError::Denied(why.clone())),
        })
    }

    fn delete(&mut self, key: String) -> wasmtime::Result<Result<(), im::state::StateError>> {
        self.count_call()?;
        Ok(match &mut self.state {
            Ok(overlay) => {
                overlay.delete(key);
                Ok(())
            }
            Err(why) => Err(im::state::StateError::Denied(why.clone())),
        })
    }
}

/// The answer to a guest that has no way outside in this call.
const NO_WAY_OUT: &str = "only a channel can reach the outside";
/// The answer to a guest that sends without end.
const TOO_MANY: &str = "too many requests and mails in one call";

impl im::http::Host for Context {
    async fn send(
        &mut self,
        request: im::http::Request,
    ) -> wasmtime::Result<Result<im::http::Response, im::http::HttpError>> {
        self.count_call()?;
        if let Some(stage) = &mut self.stage {
            return Ok(stage.http(request));
        }
        let denied = |why: &str| Ok(Err(im::http::HttpError::Denied(why.to_owned())));
        let Some(outside) = &mut self.outside else { return denied(NO_WAY_OUT) };
        let Some(left) = outside.count_send() else { return denied(TOO_MANY) };
        let grant = match &outside.http {
            Ok(grant) => grant.clone(),
            Err(why) => return denied(why),
        };
        let wish = request.timeout_ms.map(|ms| Duration::from_millis(u64::from(ms)));
        let request = Request {
            method: request.method,
            url: request.url,
            headers: request
                .headers
                .into_iter()
                .map(|header| (header.name, header.value))
                .collect(),
            body: request.body,
            timeout: wish.map_or(left, |wish| wish.min(left)),
        };
        let doors = outside.doors.clone();
        Ok(match doors.http.send(&grant, request).await {
            Ok(response) => {
                let headers = response.headers.into_iter();
                let headers =
                    headers.map(|(name, value)| im::http::Header { name, value }).collect();
                Ok(im::http::Response { status: response.status, headers, body: response.body })
            }
            Err(HttpError::Denied(text)) => Err(im::http::HttpError::Denied(text)),
            Err(HttpError::Invalid(text)) => Err(im::http::HttpError::Invalid(text)),
            Err(HttpError::Timeout(text)) => Err(im::http::HttpError::Timeout(text)),
            Err(HttpError::Connect(text)) => Err(im::http::HttpError::Connect(text)),
            Err(HttpError::TooLarge(text)) => Err(im::http::HttpError::TooLarge(text)),
        })
    }
}

impl im::mail::Host for Context {
    async fn send(
        &mut self,
        message: im::mail::Message,
    ) -> wasmtime::Result<Result<String, im::mail::MailError>> {
        self.count_call()?;
        if let Some(stage) = &mut self.stage {
            return Ok(stage.mail(message));
        }
        let denied = |why: &str| Ok(Err(im::mail::MailError::Denied(why.to_owned())));
        let Some(outside) = &mut self.outside else { return denied(NO_WAY_OUT) };
        let Some(left) = outside.count_send() else { return denied(TOO_MANY) };
        let (plan, envelope) = match &mut outside.mail {
            Ok((plan, envelope)) => {
                let this = envelope.clone();
                envelope.nth += 1;
                (plan.clone(), this)
            }
            Err(why) => return denied(why),
        };
        let draft = Draft {
            subject: message.subject,
            text: message.text,
            html: message.html,
            thread: message.thread,
        };
        let doors = outside.doors.clone();
        let sent =
            tokio::time::timeout(left, doors.mail.send(plan.as_ref(), &envelope, draft)).await;
        let late = |_| {
            MailError::Transient(format!(
                "no answer from the mail server within {} ms",
                left.as_millis()
            ))
        };
        Ok(sent.map_err(late).flatten().map_err(|error| match error {
            MailError::Denied(text) => im::mail::MailError::Denied(text),
            MailError::Invalid(text) => im::mail::MailError::Invalid(text),
            MailError::Transient(text) => im::mail::MailError::Transient(text),
            MailError::Permanent(text) => im::mail::MailError::Permanent(text),
        }))
    }
}

fn algorithm(wire: im::secret::Algorithm) -> Algorithm {
    match wire {
        im::secret::Algorithm::HmacSha256 => Algorithm::HmacSha256,
        im::secret::Algorithm::HmacSha1 => Algorithm::HmacSha1,
    }
}

impl im::secret::Host for Context {
    fn sign(
        &mut self,
        name: String,
        wanted: im::secret::Algorithm,
        data: Vec<u8>,
    ) -> wasmtime::Result<Result<Vec<u8>, im::secret::SecretError>> {
        self.count_call()?;
        let secrets = self.grants.secrets.as_ref().map_err(Clone::clone);
        let signed = secrets.and_then(|secrets| secrets.sign(&name, algorithm(wanted), &data));
        Ok(signed.map_err(im::secret::SecretError::Denied))
    }

    fn verify(
        &mut self,
        name: String,
        wanted: im::secret::Algorithm,
        data: Vec<u8>,
        signature: Vec<u8>,
    ) -> wasmtime::Result<Result<bool, im::secret::SecretError>> {
        self.count_call()?;
        let secrets = self.grants.secrets.as_ref().map_err(Clone::clone);
        let verified =
            secrets.and_then(|secrets| secrets.verify(&name, algorithm(wanted), &data, &signature));
        Ok(verified.map_err(im::secret::SecretError::Denied))
    }
}
