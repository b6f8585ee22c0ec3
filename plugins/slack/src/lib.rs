//! Channel `slack`: one thread per incident and address, answered with buttons, updated in place.
//!
//! The first page is a message; later pages are replies to it, and each status update rewrites it and adds a line to
//! the thread. Buttons carry the delivery and come back at the channel's door, checked with Slack's signature; the
//! one who pressed is named by the member id, and the engine knows whose it is. The API has no idempotency key: after
//! a lost answer a page may stand there twice, never not at all.

mod address;
mod api;
mod callback;
mod message;
mod mrkdwn;
mod settings;
mod thread;
mod words;

pub use address::Address;
pub use settings::Settings;

use nightbell_plugin::{Answer, Channel, Failure, Notification, Purpose, Receipt, Request};

use api::Refused;
use message::Message;
use thread::Thread;

nightbell_plugin::export!(channel: Slack);

/// The channel.
#[derive(Debug)]
pub struct Slack {
    settings: Settings,
}

impl Channel for Slack {
    type Settings = Settings;

    fn new(settings: Settings) -> Self {
        Self { settings }
    }

    fn deliver(&mut self, notification: Notification) -> Result<Receipt, Failure> {
        let address: Address = notification.address.parse().map_err(Failure::bad_address)?;
        let thread = notification.thread.as_deref().and_then(Thread::read);
        let delivered = match (notification.purpose, thread) {
            (Purpose::Page, Some(thread)) => self.page_again(&address, &thread, &notification),
            (Purpose::Page, None) => self.page(&address, &notification),
            (Purpose::StatusUpdate, Some(thread)) => self.update(&thread, &notification),
            (Purpose::StatusUpdate | Purpose::Test | Purpose::Notice, _) => {
                self.tell(&address, &notification)
            }
        };
        delivered.map_err(Refused::failure)
    }

    fn callback(&mut self, request: Request) -> Result<Answer, Failure> {
        callback::read(&request)
    }

    fn validate(&mut self, address: &str) -> Result<String, String> {
        address.parse().map(|address: Address| address.to_string())
    }
}

impl Slack {
    /// The incident's first message, which later ones hang on.
    fn page(&self, address: &Address, notification: &Notification) -> Result<Receipt, Refused> {
        let message = Message::page(notification, &notification.id, address.is_private());
        let posted = self.settings.post(&address.to_string(), &message)?;
        let thread = Thread::of(&posted, &notification.id);
        Ok(Receipt::delivered().id(posted.ts).thread(thread.to_string()))
    }

    /// A later page: a reply, with buttons of its own.
    fn page_again(
        &self,
        address: &Address,
        thread: &Thread,
        notification: &Notification,
    ) -> Result<Receipt, Refused> {
        let message = Message::page_again(notification, thread.is_private())
            .reply_to(thread, self.settings.broadcast);
        match self.settings.post(&thread.channel, &message) {
            Ok(posted) => Ok(Receipt::delivered().id(posted.ts).thread(thread.to_string())),
            // Somebody deleted the message. A page does not hang on that.
            Err(refused) if refused.is_gone() => {
                let problem =
                    format!("the earlier message is gone ({refused}): a new one was posted");
                self.page(address, notification).map(|receipt| receipt.problem(problem))
            }
            Err(refused) => Err(refused),
        }
    }

    /// Rewrites the first message and says in the thread what happened. One of both is enough for a receipt.
    fn update(&self, thread: &Thread, notification: &Notification) -> Result<Receipt, Refused> {
        let page = Message::page(notification, &thread.delivery, thread.is_private());
        let rewritten = self.settings.update(thread, &page);
        let line = Message::line(notification).reply_to(thread, false);
        let said = self.settings.post(&thread.channel, &line);
        let receipt = Receipt::delivered().thread(thread.to_string());
        match (rewritten, said) {
            (Ok(()), Ok(posted)) => Ok(receipt.id(posted.ts)),
            (Ok(()), Err(refused)) => {
                Ok(receipt
                    .problem(format!("the line in the thread could not be posted: {refused}")))
            }
            (Err(refused), Ok(posted)) => Ok(receipt
                .id(posted.ts)
                .problem(format!("the first message could not be updated: {refused}"))),
            (Err(refused), Err(_)) => Err(refused),
        }
    }

    /// A message that nothing hangs on.
    fn tell(&self, address: &Address, notification: &Notification) -> Result<Receipt, Refused> {
        let posted = self.settings.post(&address.to_string(), &Message::line(notification))?;
        Ok(Receipt::delivered().id(posted.ts))
    }
}
