//! Posts notifications to a chat room by its incoming address.

use nightbell_plugin::{Channel, Failure, Notification, Receipt, http};
use serde::{Deserialize, Serialize};

/// What the operator can set; the same as in plugin.toml.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    name: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self { name: "Nightbell".to_owned() }
    }
}

/// The plugin.
pub struct Plugin {
    settings: Settings,
}

/// What the chat takes.
#[derive(Serialize)]
struct Message<'a> {
    from: &'a str,
    text: String,
    link: &'a str,
}

impl Channel for Plugin {
    type Settings = Settings;

    fn new(settings: Settings) -> Self {
        Self { settings }
    }

    fn deliver(&mut self, notification: Notification) -> Result<Receipt, Failure> {
        let incident = &notification.incident;
        let message = Message {
            from: &self.settings.name,
            text: format!("#{} {} ({})", incident.number, incident.title, notification.reason),
            link: notification.answers.view.as_deref().unwrap_or_default(),
        };
        // The id is the same for every attempt, so that the other side can tell a repetition.
        let response = http::Request::post(&notification.address)
            .header("idempotency-key", &notification.id)
            .json(&message)
            .send()?;
        match response.status {
            200..=299 => Ok(match response.header("x-message-id") {
                Some(id) => Receipt::accepted().id(id),
                None => Receipt::accepted(),
            }),
            404 | 410 => Err(Failure::bad_address("there is no such room")),
            status => {
                let failure = Failure::transient(format!("the chat answers {status}"));
                Err(match response.header("retry-after").and_then(|seconds| seconds.parse().ok()) {
                    Some(seconds) => failure.retry_after_s(seconds),
                    None => failure,
                })
            }
        }
    }

    fn validate(&mut self, address: &str) -> Result<String, String> {
        let address = address.trim();
        if address.starts_with("https://") {
            return Ok(address.to_owned());
        }
        Err(format!("expected an address that begins with https://, got `{address}`"))
    }
}

nightbell_plugin::export!(channel: Plugin);
