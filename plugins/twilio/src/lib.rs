//! Channel `twilio`: text messages and phone calls, answered with a key, or with a reply.
//!
//! One delivery is one request to Twilio's API. What then becomes of the message or the call comes back at the
//! delivery's own address, and replies by text message at the channel's door; every one of them is checked with
//! Twilio's signature before it means anything. The API has no idempotency key: after a lost answer a message may
//! come twice, never not at all.

mod address;
mod api;
mod callback;
mod reply;
mod settings;
mod signature;
mod sms;
mod twiml;
mod voice;
mod words;

pub use address::{Address, Way};
pub use settings::Settings;

use nightbell_plugin::{Answer, Channel, Failure, Notification, Purpose, Receipt, Request};

nightbell_plugin::export!(channel: Twilio);

/// The channel.
#[derive(Debug)]
pub struct Twilio {
    settings: Settings,
}

impl Channel for Twilio {
    type Settings = Settings;

    fn new(settings: Settings) -> Self {
        Self { settings }
    }

    fn deliver(&mut self, notification: Notification) -> Result<Receipt, Failure> {
        let address: Address = notification.address.parse().map_err(Failure::bad_address)?;
        match (address.way, notification.purpose) {
            (Way::Sms, _) => sms::send(&self.settings, &address.number, &notification),
            (Way::Voice, Purpose::Page | Purpose::Test | Purpose::Notice) => {
                voice::call(&self.settings, &address.number, &notification)
            }
            // Nobody is rung up to hear that there is nothing to do.
            (Way::Voice, Purpose::StatusUpdate) => {
                Err(Failure::permanent("a call is made to wake somebody, not to tell news"))
            }
        }
    }

    fn callback(&mut self, request: Request) -> Result<Answer, Failure> {
        callback::read(&self.settings, &request)
    }

    fn validate(&mut self, address: &str) -> Result<String, String> {
        address.parse().map(|address: Address| address.to_string())
    }
}
