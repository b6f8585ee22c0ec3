//! Answers as PagerDuty gives them.

use nightbell_plugin::{ParseError, Reply};
use serde::Serialize;

#[derive(Serialize)]
struct Accepted<'a> {
    status: &'a str,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    dedup_key: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    incident_key: Option<&'a str>,
}

#[derive(Serialize)]
struct Refused<'a> {
    status: &'a str,
    message: &'a str,
    errors: &'a [String],
}

const PROCESSED: &str = "Event processed";

/// Events v2: 202, with the key to acknowledge and resolve by.
pub(crate) fn accepted_v2(dedup_key: &str) -> Reply {
    reply(202, PROCESSED, Some(dedup_key), None)
}

/// Change events: 202, no key.
pub(crate) fn accepted_change() -> Reply {
    reply(202, "Change event processed", None, None)
}

/// Events v1: 200, and the key is called `incident_key`.
pub(crate) fn accepted_v1(incident_key: &str) -> Reply {
    reply(200, PROCESSED, None, Some(incident_key))
}

fn reply(status: u16, message: &str, dedup_key: Option<&str>, incident_key: Option<&str>) -> Reply {
    Reply::json(status, &Accepted { status: "success", message, dedup_key, incident_key })
}

/// An object with wrong or missing fields: all of them at once.
pub(crate) fn invalid(errors: Vec<String>) -> ParseError {
    let refused =
        Refused { status: "invalid event", message: "Event object is invalid", errors: &errors };
    ParseError::new(errors.join("; ")).reply(Reply::json(400, &refused))
}

/// No JSON object at all. The sender hears what PagerDuty says; what exactly is wrong stays with the payload.
pub(crate) fn unrecognized(error: ParseError) -> ParseError {
    let refused = Refused {
        status: "Unrecognized object",
        message: "Event object format is unrecognized",
        errors: &["JSON parse error".to_owned()],
    };
    error.reply(Reply::json(400, &refused))
}
