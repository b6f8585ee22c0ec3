//! Channels: bring one notification to one address, and read the answers that come back.

use serde::de::DeserializeOwned;

use crate::parser::Reply;
use crate::wire::channel::exports::nightbell::plugin::delivery as wire;
use crate::{HttpError, MailError, SecretError};

pub use wire::{
    Alert, Answer, AnswerAction, AnswerLinks, Failure, FailureKind, Incident, Notification,
    Purpose, Receipt, ReceiptState, Request,
};

/// Delivers notifications.
///
/// The engine counts attempts, waits and gives up; a channel tries once per call and says what came of it.
/// Two attempts of one notification have the same `id`: give it to the other side as its idempotency key.
pub trait Channel: Sized {
    /// The operator's settings. [`NoSettings`](crate::NoSettings) when there are none.
    type Settings: DeserializeOwned + Default;

    /// Called once per instance, before the first delivery.
    fn new(settings: Self::Settings) -> Self;

    /// Called once per attempt.
    ///
    /// # Errors
    /// [`Failure`] says whether trying again can help.
    fn deliver(&mut self, notification: Notification) -> Result<Receipt, Failure>;

    /// Called when the other side calls back: a keypad, a button, a delivery receipt. Verify its signature first.
    ///
    /// # Errors
    /// [`Failure`] refuses the request; the default refuses all.
    fn callback(&mut self, request: Request) -> Result<Answer, Failure> {
        let _ = request;
        Err(Failure::permanent("this channel takes no answers"))
    }

    /// Called when a person enters an address: its usual form. The default takes everything as it is.
    ///
    /// # Errors
    /// What is wrong with it, in words for that person: what was expected, what came.
    fn validate(&mut self, address: &str) -> Result<String, String> {
        Ok(address.to_owned())
    }
}

impl Receipt {
    /// The other side has taken the message over.
    #[must_use]
    pub const fn accepted() -> Self {
        Self { state: ReceiptState::Accepted, id: None, thread: None, problems: Vec::new() }
    }

    /// The message has reached its address.
    #[must_use]
    pub const fn delivered() -> Self {
        Self { state: ReceiptState::Delivered, id: None, thread: None, problems: Vec::new() }
    }

    /// The other side's name for the message.
    #[must_use]
    pub fn id(mut self, id: impl Into<String>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// Comes back as `thread` with later notifications of this incident to this address, status updates among them:
    /// a channel that names no thread gets none.
    #[must_use]
    pub fn thread(mut self, thread: impl Into<String>) -> Self {
        self.thread = Some(thread.into());
        self
    }

    /// Notes a part that failed although the message went out, in one line.
    #[must_use]
    pub fn problem(mut self, line: impl Into<String>) -> Self {
        self.problems.push(line.into());
        self
    }
}

impl Failure {
    /// Trying again may help.
    pub fn transient(message: impl Into<String>) -> Self {
        Self::of(FailureKind::Transient, message.into())
    }

    /// Trying again cannot help.
    pub fn permanent(message: impl Into<String>) -> Self {
        Self::of(FailureKind::Permanent, message.into())
    }

    /// The address is wrong or gone; the person should be told.
    pub fn bad_address(message: impl Into<String>) -> Self {
        Self::of(FailureKind::BadAddress, message.into())
    }

    /// Not before this many seconds.
    #[must_use]
    pub fn retry_after_s(mut self, seconds: u32) -> Self {
        self.retry_after_s = Some(seconds);
        self
    }

    const fn of(kind: FailureKind, message: String) -> Self {
        Self { kind, message, retry_after_s: None }
    }
}

/// Timeouts and refused connections are transient; what the host or the grant refuses is permanent.
impl From<HttpError> for Failure {
    fn from(error: HttpError) -> Self {
        let message = format!("http: {}", crate::http::describe(&error));
        match error {
            HttpError::Timeout(_) | HttpError::Connect(_) => Self::transient(message),
            HttpError::Denied(_) | HttpError::Invalid(_) | HttpError::TooLarge(_) => {
                Self::permanent(message)
            }
        }
    }
}

/// What the server refused for now is transient.
impl From<MailError> for Failure {
    fn from(error: MailError) -> Self {
        let message = format!("mail: {}", crate::mail::describe(&error));
        match error {
            MailError::Transient(_) => Self::transient(message),
            MailError::Denied(_) | MailError::Invalid(_) | MailError::Permanent(_) => {
                Self::permanent(message)
            }
        }
    }
}

impl From<SecretError> for Failure {
    fn from(error: SecretError) -> Self {
        let SecretError::Denied(reason) = error;
        Self::permanent(format!("secret: denied: {reason}"))
    }
}

impl Answer {
    /// This action on the delivery that the address was made for, answered with an empty 200.
    #[must_use]
    pub fn new(action: AnswerAction) -> Self {
        Self {
            action,
            delivery: None,
            account: None,
            status: 200,
            content_type: String::new(),
            body: vec![],
        }
    }

    /// Understood, nothing to do.
    #[must_use]
    pub fn nothing() -> Self {
        Self::new(AnswerAction::Nothing)
    }

    /// The delivery meant, when the request names it itself.
    #[must_use]
    pub fn delivery(mut self, id: impl Into<String>) -> Self {
        self.delivery = Some(id.into());
        self
    }

    /// Who answered, as an address of this channel: the engine acts as the person whose verified method it is.
    #[must_use]
    pub fn account(mut self, address: impl Into<String>) -> Self {
        self.account = Some(address.into());
        self
    }

    /// What the other side hears.
    #[must_use]
    pub fn reply(mut self, reply: Reply) -> Self {
        self.status = reply.status;
        self.content_type = reply.content_type;
        self.body = reply.body;
        self
    }
}

impl Request {
    /// The first header of this name, which is given in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|h| h.name == name).map(|h| h.value.as_str())
    }

    /// The pairs of an `application/x-www-form-urlencoded` body, percent-decoded, in order.
    #[must_use]
    pub fn form_pairs(&self) -> Vec<(String, String)> {
        crate::form::pairs(&self.body)
    }

    /// The pairs of the address's query, percent-decoded, in order.
    #[must_use]
    pub fn query_pairs(&self) -> Vec<(String, String)> {
        let query = self.url.split_once('?').map_or("", |(_, query)| query);
        crate::form::pairs(query.as_bytes())
    }
}
