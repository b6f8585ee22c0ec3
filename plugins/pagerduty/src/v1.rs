//! Events API v1: `POST /generic/2010-04-15/create_event.json`, still spoken by old Nagios and Zabbix scripts.

use nightbell_plugin::{EventKind, ParseError, Parsed};
use serde_json::{Map, Value};

use crate::dialect;
use crate::field::{
    action, event, key, missing, objects, text, with_client, with_details, with_image, with_link,
};

/// Reads one event; `fresh` is the key of a trigger that names none. v1 knows no severity.
///
/// # Errors
/// All that is wrong with it.
pub(crate) fn read(body: Map<String, Value>, fresh: String) -> Result<Parsed, ParseError> {
    let mut problems = vec![];
    let kind = action(&body, "event_type", &mut problems);
    let triggers = kind.unwrap_or(EventKind::Trigger) == EventKind::Trigger;
    let incident_key = key(&body, "incident_key", triggers.then_some(fresh), &mut problems);
    let description = text(&body, "description");
    if triggers && description.is_none() {
        problems.push(missing("description"));
    }
    let (Some(kind), true) = (kind, problems.is_empty()) else {
        return Err(dialect::invalid(problems));
    };
    let description = description.unwrap_or_else(|| incident_key.clone());
    let mut event = event(kind, &description).dedup_key(incident_key.as_str());
    event = with_client(event, &body);
    for context in objects(&body, "contexts") {
        event = match text(context, "type").as_deref() {
            Some("image") => with_image(event, context),
            _ => with_link(event, context),
        };
    }
    event = with_details(event, body.get("details"));
    Ok(Parsed::of(vec![event]).reply(dialect::accepted_v1(&incident_key)))
}
