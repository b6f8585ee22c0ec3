//! Change events: `POST /v2/change/enqueue`. They never page.

use nightbell_plugin::{EventKind, ParseError, Parsed};
use serde_json::{Map, Value};

use crate::dialect;
use crate::field::{event, missing, text, with_details, with_links, with_time};

/// Reads one change.
///
/// # Errors
/// When it has no summary.
pub(crate) fn read(body: Map<String, Value>) -> Result<Parsed, ParseError> {
    let Some(payload) = body.get("payload").and_then(Value::as_object) else {
        return Err(dialect::invalid(vec![missing("payload")]));
    };
    let Some(summary) = text(payload, "summary") else {
        return Err(dialect::invalid(vec![missing("payload.summary")]));
    };
    let event =
        event(EventKind::Change, &summary).source(text(payload, "source").unwrap_or_default());
    let event = with_links(with_time(event, text(payload, "timestamp")), &body);
    let event = with_details(event, payload.get("custom_details"));
    Ok(Parsed::of(vec![event]).reply(dialect::accepted_change()))
}
