//! Parser `newrelic`: the webhook of New Relic's workflows and the older one of its notification channels.
//!
//! Both payloads are templates that users edit, so that nearly every field may be missing or have another type: what is
//! there is used, what is unknown stays in the details. A payload whose state is not understood is a trigger.

mod field;
mod issue;
mod violation;

use nightbell_plugin::{NoSettings, ParseError, Parsed, Parser, Payload};
use serde_json::{Map, Value};

nightbell_plugin::export!(parser: NewRelic);

/// The parser.
#[derive(Debug)]
pub struct NewRelic;

/// Fields that only the older payload has.
const LEGACY: [&str; 4] = ["current_state", "incident_id", "condition_name", "incident_url"];
/// Fields of which a workflow's payload keeps at least one.
const WORKFLOW: [&str; 6] = ["id", "issueId", "issueUrl", "title", "state", "priority"];

impl Parser for NewRelic {
    type Settings = NoSettings;

    fn new(_: NoSettings) -> Self {
        Self
    }

    fn parse(&mut self, mut payload: Payload) -> Result<Parsed, ParseError> {
        if payload.body.starts_with(b"\xef\xbb\xbf") {
            payload.body.drain(..3);
        }
        let body: Map<String, Value> = payload.json()?;
        let has = |names: &[&str]| names.iter().any(|name| body.contains_key(*name));
        if has(&LEGACY) {
            Ok(Parsed::of(vec![violation::event(body)]))
        } else if has(&WORKFLOW) {
            Ok(Parsed::of(vec![issue::event(body)]))
        } else {
            Err(ParseError::new(
                "body: expected a New Relic workflow's payload (`id`, `title`, `state`) or a \
                 notification channel's (`incident_id`, `current_state`), got none of their fields",
            ))
        }
    }
}
