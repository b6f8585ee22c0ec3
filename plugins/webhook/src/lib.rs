//! Channel `webhook`: posts the whole notification as JSON to the contact method's address.
//!
//! The headers are those of Standard Webhooks (standardwebhooks.com): the receiver recognises a repeated attempt by
//! `webhook-id` and checks `webhook-signature`. The secret `signing` stays with the host; without its grant the post is
//! unsigned. One attempt is one request: waiting and trying again is the engine's work.

mod address;
mod body;
mod outcome;
mod settings;
mod signature;

pub use settings::{ExtraHeaders, Settings};

use nightbell_plugin::http::Request;
use nightbell_plugin::{Channel, Failure, Notification, Receipt};

nightbell_plugin::export!(channel: Webhook);

/// As long as one exchange may take; the host's limit for the whole call is a little above.
const TIMEOUT_MS: u32 = 10_000;

/// The channel.
#[derive(Debug)]
pub struct Webhook {
    headers: ExtraHeaders,
}

impl Channel for Webhook {
    type Settings = Settings;

    fn new(settings: Settings) -> Self {
        Self { headers: settings.headers }
    }

    fn deliver(&mut self, notification: Notification) -> Result<Receipt, Failure> {
        let url = notification.address.trim();
        if !is_web(url) {
            return Err(Failure::bad_address(
                "expected an address that begins with http:// or https://",
            ));
        }
        let body = body::json(&notification);
        let seconds = notification.now.div_euclid(1000);
        let mut request = Request::post(url)
            .header("content-type", "application/json")
            .header("webhook-id", notification.id.as_str())
            .header("webhook-timestamp", seconds.to_string())
            .timeout_ms(TIMEOUT_MS);
        if !self.headers.has("user-agent") {
            request = request.header("user-agent", "Nightbell/1");
        }
        for (name, value) in self.headers.iter() {
            request = request.header(name, value);
        }
        if let Some(signature) = signature::of(&notification.id, seconds, body.as_bytes()) {
            request = request.header("webhook-signature", signature);
        }
        outcome::of(&request.body(body).send()?)
    }

    fn validate(&mut self, address: &str) -> Result<String, String> {
        address::usual(address)
    }
}

fn is_web(url: &str) -> bool {
    let scheme = |scheme: &str| {
        url.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme))
            && url.len() > scheme.len()
    };
    scheme("https://") || scheme("http://")
}
