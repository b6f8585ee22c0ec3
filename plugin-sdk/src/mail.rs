//! Mail through the operator's SMTP server, for channels: only to the notification's own address.

use crate::host;
pub use crate::wire::imports::nightbell::plugin::mail::{MailError, Message};

impl Message {
    /// A plain text mail.
    pub fn new(subject: impl Into<String>, text: impl Into<String>) -> Self {
        Self { subject: subject.into(), text: text.into(), html: None, thread: None }
    }

    /// The same as HTML, for those who read it so.
    #[must_use]
    pub fn html(mut self, html: impl Into<String>) -> Self {
        self.html = Some(html.into());
        self
    }

    /// Stable name of the conversation; mails of one thread are shown together.
    #[must_use]
    pub fn thread(mut self, thread: impl Into<String>) -> Self {
        self.thread = Some(thread.into());
        self
    }

    /// Sends it and answers its Message-ID.
    ///
    /// # Errors
    /// [`MailError`].
    pub fn send(self) -> Result<String, MailError> {
        host::mail(self)
    }
}

pub(crate) fn describe(error: &MailError) -> String {
    let (what, why) = match error {
        MailError::Denied(why) => ("denied", why),
        MailError::Invalid(why) => ("invalid message", why),
        MailError::Transient(why) => ("refused for now", why),
        MailError::Permanent(why) => ("refused", why),
    };
    format!("{what}: {why}")
}
