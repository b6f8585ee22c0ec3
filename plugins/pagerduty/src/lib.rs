//! Parser `pagerduty`: PagerDuty's Events API v2, its change events and the old v1, by the path they came in on.
//!
//! Clients of that API change only the host. So it is liberal in what it takes (unknown fields, a payload on a
//! resolve, `payload: null`) and answers to the letter: the same statuses, the same fields, `errors` as a list of strings
//! with all problems at once. Keys are the host's matter: `routing_key` and `service_key` are not looked at.

mod change;
mod dialect;
mod field;
mod v1;
mod v2;

use nightbell_plugin::{NoSettings, ParseError, Parsed, Parser, Payload};
use serde_json::{Map, Value};

nightbell_plugin::export!(parser: PagerDuty);

/// The parser.
#[derive(Debug)]
pub struct PagerDuty;

/// The three dialects.
enum Door {
    V2,
    Change,
    V1,
}

impl Parser for PagerDuty {
    type Settings = NoSettings;

    fn new(_: NoSettings) -> Self {
        Self
    }

    fn parse(&mut self, mut payload: Payload) -> Result<Parsed, ParseError> {
        if payload.body.starts_with(b"\xef\xbb\xbf") {
            payload.body.drain(..3);
        }
        let body: Map<String, Value> = payload.json().map_err(dialect::unrecognized)?;
        match door(&payload.path, &body) {
            Door::V2 => v2::read(body, payload.id),
            Door::Change => change::read(body),
            Door::V1 => v1::read(body, payload.id),
        }
    }
}

/// The path decides; on an integration's plain address, the field that only v1 has.
fn door(path: &str, body: &Map<String, Value>) -> Door {
    let path = path.trim_end_matches('/');
    if path.ends_with("/change/enqueue") {
        Door::Change
    } else if path.ends_with("/enqueue") {
        Door::V2
    } else if path.ends_with("/create_event.json") || body.contains_key("event_type") {
        Door::V1
    } else {
        Door::V2
    }
}
