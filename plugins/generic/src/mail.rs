//! A mail as a payload: an object of its usual parts, so that a mapping's paths work on mails as on JSON.

use nightbell_plugin::Payload;
use serde_json::{Map, Value, json};

/// Headers with a member of their own, by the names that mappings and guesses use.
const NAMED: [(&str, &str); 5] =
    [("from", "from"), ("to", "to"), ("cc", "cc"), ("date", "date"), ("message-id", "message_id")];
/// Other headers that say something about the matter and not about the way the mail came.
const TELLING: [&str; 4] = ["importance", "priority", "list-id", "auto-submitted"];

/// Whether the engine decoded a mail.
pub(crate) fn is_one(payload: &Payload) -> bool {
    payload.method == "MAIL"
}

/// `subject`, `from`, `to`, `cc`, `date`, `message_id`, `text`, `headers` (those that begin with `x-` among them),
/// `attachments` (name, content type, bytes), and `source`, which is `from`.
pub(crate) fn object(payload: &Payload, text: &str) -> Value {
    let mut fields = Map::new();
    let subject = payload.header("subject").map(str::trim).filter(|subject| !subject.is_empty());
    let first_line = || text.lines().map(str::trim).find(|line| !line.is_empty());
    let title = subject.or_else(first_line).unwrap_or("a mail without subject and text");
    fields.insert("subject".to_owned(), json!(title));
    for (header, name) in NAMED {
        if let Some(value) = payload.header(header) {
            fields.insert(name.to_owned(), json!(value));
        }
    }
    if let Some(from) = payload.header("from") {
        fields.insert("source".to_owned(), json!(from));
    }
    fields.insert("text".to_owned(), json!(text));
    let telling = payload
        .headers
        .iter()
        .filter(|header| header.name.starts_with("x-") || TELLING.contains(&header.name.as_str()));
    let headers: Map<String, Value> =
        telling.map(|header| (header.name.clone(), json!(header.value))).collect();
    if !headers.is_empty() {
        fields.insert("headers".to_owned(), Value::Object(headers));
    }
    let attachments = payload.attachments.iter().map(|file| {
        json!({ "name": file.name, "content_type": file.content_type, "bytes": file.body.len() })
    });
    let attachments: Vec<Value> = attachments.collect();
    if !attachments.is_empty() {
        fields.insert("attachments".to_owned(), Value::Array(attachments));
    }
    Value::Object(fields)
}
