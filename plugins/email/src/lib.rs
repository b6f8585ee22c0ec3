//! Channel `email`: one mail per notification, in text and HTML, in one thread per incident.
//!
//! Made to be read at 3 in the morning on a phone: what is wrong, one big button, then the rest. Nothing in it is
//! fetched from anywhere, and every text of an event is escaped. The host writes addresses, Message-ID and
//! encodings; this channel never sees the SMTP server.

mod address;
mod html;
mod subject;
mod text;
mod view;
mod words;

use nightbell_plugin::mail::Message;
use nightbell_plugin::{Channel, Failure, NoSettings, Notification, Purpose, Receipt};

use view::View;

nightbell_plugin::export!(channel: Email);

/// The channel.
#[derive(Debug)]
pub struct Email;

impl Channel for Email {
    type Settings = NoSettings;

    fn new(_: NoSettings) -> Self {
        Self
    }

    fn deliver(&mut self, notification: Notification) -> Result<Receipt, Failure> {
        if !notification.address.contains('@') {
            return Err(Failure::bad_address("expected a mail address with an `@`"));
        }
        // What is about no incident stands alone.
        let thread = match notification.purpose {
            Purpose::Notice | Purpose::Test if notification.incident.number == 0 => {
                format!("notice-{}", notification.id)
            }
            _ => format!("incident-{}", notification.incident.id),
        };
        let view = View::of(&notification);
        let mail = Message::new(subject::line(&notification), text::page(&view))
            .html(html::page(&view))
            .thread(thread.as_str());
        let message_id = mail.send()?;
        // No thread for the engine: the mail's is made of the incident, and who was paged by mail gets no status updates.
        Ok(Receipt::accepted().id(message_id))
    }

    fn validate(&mut self, address: &str) -> Result<String, String> {
        address::usual(address)
    }
}
