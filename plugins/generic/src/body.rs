//! What kind of body came: JSON, a form, or text. The media type is believed only as far as the body agrees,
//! since `curl -d '{…}'` calls everything a form.

use nightbell_plugin::{ParseError, Payload};
use serde_json::{Map, Value};

/// A body that has been read.
#[derive(Debug)]
pub(crate) enum Body {
    /// A JSON object or array; a form is an object of its fields.
    Json(Value),
    /// Anything else, not empty.
    Text(String),
}

/// Reads a body.
///
/// # Errors
/// When it is empty, not UTF-8, or called JSON and is not.
pub(crate) fn read(payload: &Payload) -> Result<Body, ParseError> {
    let text = payload.text()?;
    let trimmed = text.trim();
    if trimmed.is_empty() {
        return Err(ParseError::new("body: expected JSON, a form or text, it is empty"));
    }
    let media = payload.content_type.as_str();
    if media == "application/json" || media.ends_with("+json") || media == "text/json" {
        return json(payload.json()?);
    }
    if trimmed.starts_with(['{', '['])
        && let Ok(value) = payload.json::<Value>()
    {
        return json(value);
    }
    if media == "application/x-www-form-urlencoded" && trimmed.contains('=') {
        return Ok(Body::Json(form(payload.form_pairs())));
    }
    Ok(Body::Text(text.to_owned()))
}

fn json(value: Value) -> Result<Body, ParseError> {
    match value {
        Value::Object(_) | Value::Array(_) => Ok(Body::Json(value)),
        other => Err(ParseError::new(format!(
            "body: expected an object or an array of objects, got {}",
            what(&other)
        ))),
    }
}

/// A form as an object; a name given several times has a list. Some senders put one JSON document in `payload`.
fn form(pairs: Vec<(String, String)>) -> Value {
    if let [(name, text)] = pairs.as_slice()
        && name == "payload"
        && let Ok(value @ (Value::Object(_) | Value::Array(_))) = serde_json::from_str(text)
    {
        return value;
    }
    let mut fields = Map::new();
    for (name, text) in pairs {
        let text = Value::String(text);
        match fields.get_mut(&name) {
            None => {
                fields.insert(name, text);
            }
            Some(Value::Array(all)) => all.push(text),
            Some(first) => {
                let all = vec![first.take(), text];
                *first = Value::Array(all);
            }
        }
    }
    Value::Object(fields)
}

/// What a value is, for an error: never the value itself.
pub(crate) fn what(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}
