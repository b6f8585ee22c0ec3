//! Parsers: bytes in, events out, while the sender waits.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::event::{Event, to_json};
use crate::wire::parser::exports::nightbell::plugin::parsing as wire;

pub use crate::wire::imports::nightbell::plugin::http::Header;
pub use wire::{Attachment, ParseError, Parsed, Payload, Reply};

/// Turns a sender's payload into events.
///
/// One instance may see many payloads, but none is promised to see two: what must survive belongs nowhere in a parser.
/// A panic is a trap: the payload then becomes one raw event, so prefer a [`ParseError`], which tells the sender.
pub trait Parser: Sized {
    /// The operator's settings. [`NoSettings`](crate::NoSettings) when there are none.
    type Settings: DeserializeOwned + Default;

    /// Called once per instance, before the first payload.
    fn new(settings: Self::Settings) -> Self;

    /// Called once per payload.
    ///
    /// # Errors
    /// [`ParseError`] is the verdict that the payload is wrong. The sender gets its reply (by default status 400
    /// with the message) and the payload is kept as rejected.
    fn parse(&mut self, payload: Payload) -> Result<Parsed, ParseError>;
}

impl Parsed {
    /// These events, in order.
    #[must_use]
    pub fn of(events: Vec<Event>) -> Self {
        Self { events, reply: None, rejected: vec![] }
    }

    /// No event: a ping, a test of the connection.
    #[must_use]
    pub fn none() -> Self {
        Self::of(vec![])
    }

    /// What the sender hears, instead of the host's own answer.
    #[must_use]
    pub fn reply(mut self, reply: Reply) -> Self {
        self.reply = Some(reply);
        self
    }

    /// Records that a part of the payload was refused, and why, in one line.
    #[must_use]
    pub fn rejected(mut self, line: impl Into<String>) -> Self {
        self.rejected.push(line.into());
        self
    }
}

impl ParseError {
    /// What is wrong with the payload: what was expected, what came, what to do. Never a secret.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), reply: None }
    }

    /// What the sender hears, in its own dialect.
    #[must_use]
    pub fn reply(mut self, reply: Reply) -> Self {
        self.reply = Some(reply);
        self
    }
}

impl Reply {
    /// Any reply.
    pub fn new(status: u16, content_type: impl Into<String>, body: impl Into<Vec<u8>>) -> Self {
        Self { status, content_type: content_type.into(), body: body.into() }
    }

    /// A reply without body.
    #[must_use]
    pub fn empty(status: u16) -> Self {
        Self::new(status, "", Vec::new())
    }

    /// Plain text.
    pub fn text(status: u16, text: impl Into<String>) -> Self {
        Self::new(status, "text/plain; charset=utf-8", text.into())
    }

    /// JSON.
    ///
    /// # Panics
    /// When the value cannot be written as JSON (a map whose keys are not text).
    #[must_use]
    pub fn json(status: u16, value: &impl Serialize) -> Self {
        Self::new(status, "application/json", to_json(value))
    }
}

impl Payload {
    /// The first header of this name, which is given in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|h| h.name == name).map(|h| h.value.as_str())
    }

    /// The body as text.
    ///
    /// # Errors
    /// When it is not UTF-8; the message says at which byte.
    pub fn text(&self) -> Result<&str, ParseError> {
        std::str::from_utf8(&self.body).map_err(|error| {
            let at = error.valid_up_to();
            ParseError::new(format!("body: expected UTF-8 text, byte {at} is something else"))
        })
    }

    /// The body as JSON.
    ///
    /// # Errors
    /// When it is empty, not JSON or of another shape; the message names the field, line and column.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, ParseError> {
        if self.body.is_empty() {
            return Err(ParseError::new("body: expected JSON, it is empty"));
        }
        crate::json::read(&self.body).map_err(|error| ParseError::new(format!("body: {error}")))
    }

    /// The query's pairs, percent-decoded, in order.
    #[must_use]
    pub fn query_pairs(&self) -> Vec<(String, String)> {
        crate::form::pairs(self.query.as_bytes())
    }

    /// The pairs of an `application/x-www-form-urlencoded` body, percent-decoded, in order.
    #[must_use]
    pub fn form_pairs(&self) -> Vec<(String, String)> {
        crate::form::pairs(&self.body)
    }
}
