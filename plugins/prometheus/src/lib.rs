//! Parser `prometheus`: what Prometheus posts to an Alertmanager, and the webhooks of Alertmanager and Grafana.
//!
//! Two doors, one identity: an array of alerts (API v2) and an object with `alerts` (webhook version 4, Grafana's
//! version 1) give the same dedup key for the same labels, so that a condition seen through both is one alert.
//! It never refuses a good alert because of a bad neighbour.

mod alert;
mod dialect;
mod duration;
mod event;
mod label;
mod webhook;

pub use alert::{Alert, Door};
pub use duration::Span;
pub use label::fingerprint;

use nightbell_plugin::{ParseError, Parsed, Parser, Payload, Timestamp};
use serde::Deserialize;
use serde_json::Value;

nightbell_plugin::export!(parser: Prometheus);

/// The operator's settings.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// How long an alert posted without `endsAt` fires unless it is sent again. Default `5m`, as in Alertmanager.
    pub resolve_timeout: Span,
}

/// The parser.
#[derive(Debug)]
pub struct Prometheus {
    resolve_timeout_ms: i64,
}

impl Parser for Prometheus {
    type Settings = Settings;

    fn new(settings: Settings) -> Self {
        Self { resolve_timeout_ms: settings.resolve_timeout.as_ms() }
    }

    fn parse(&mut self, mut payload: Payload) -> Result<Parsed, ParseError> {
        if payload.body.starts_with(b"\xef\xbb\xbf") {
            payload.body.drain(..3);
        }
        let posted = payload.path.trim_end_matches('/').ends_with("/api/v2/alerts");
        let body: Value = payload.json().map_err(dialect::refuse)?;
        match body {
            Value::Array(alerts) => self.post(alerts, payload.received_at),
            Value::Object(hook) if !posted => webhook::read(hook),
            other => Err(dialect::refuse(ParseError::new(format!(
                "body: expected an array of alerts{}, got {}",
                if posted { "" } else { " or an object with `alerts`" },
                alert::what(&other),
            )))),
        }
    }
}

impl Prometheus {
    /// Alertmanager's `POST /api/v2/alerts`.
    fn post(&self, alerts: Vec<Value>, now: Timestamp) -> Result<Parsed, ParseError> {
        let door = Door::Post { now, resolve_timeout_ms: self.resolve_timeout_ms };
        let (events, rejected) = event::of_all(alerts, &door);
        dialect::answer(events, rejected)
    }
}
