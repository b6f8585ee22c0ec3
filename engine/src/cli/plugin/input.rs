//! What is a plugin asked in one try? A file's content as a case: a case file, events or a notification as JSON, or the
//! raw bytes of a payload.

use super::super::failure::Failure;
use nightbell_pack::Kind;
use nightbell_plugin::testing::Case;
use serde_json::Value as Json;
use std::io::Read;
use std::path::Path;
use toml::{Table, Value};

/// Largest input, in bytes.
const INPUT_MAX_BYTES: u64 = 16 << 20;

/// What stands beside a raw payload.
#[derive(Clone, Debug, Default)]
pub(super) struct Around {
    pub(super) content_type: Option<String>,
    /// `name: value`.
    pub(super) headers: Vec<String>,
}

/// Reads an input for a plugin of a kind. Settings win over those of a case file.
///
/// # Errors
/// When it cannot be read, or is not what this kind takes.
pub(super) fn case(
    kind: Kind,
    file: &Path,
    around: &Around,
    settings: Option<&Path>,
) -> Result<Case, Failure> {
    let bytes = bounded(file)?;
    let mut table = match kind {
        _ if file.extension().is_some_and(|ending| ending == "toml") => case_file(file, &bytes)?,
        Kind::Parser => payload(&bytes, around)?,
        Kind::Filter | Kind::Router => {
            let events = match json(file, &bytes)? {
                Json::Array(events) => events,
                event => vec![event],
            };
            let events: Result<Vec<Value>, Failure> = events.iter().map(event_of).collect();
            input("events", Value::Array(events?))
        }
        Kind::Channel => input("notification", notification_of(&json(file, &bytes)?)?),
    };
    if let Some(settings) = settings {
        table.insert("settings".to_owned(), Value::Table(settings_of(settings)?));
    }
    // Nothing is compared: one try shows what comes.
    table.remove("expect");
    let text = toml::to_string(&table)
        .map_err(|error| Failure::new(format!("{} has no TOML form: {error}.", file.display())))?;
    Case::read(file, text).map_err(|why| wrong(file, why.trim_end()))
}

fn wrong(file: &Path, why: &str) -> Failure {
    Failure::new(format!("{} cannot be used: {why}.", file.display()))
}

fn bounded(file: &Path) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    std::fs::File::open(file)
        .and_then(|open| open.take(INPUT_MAX_BYTES + 1).read_to_end(&mut bytes))
        .map_err(|error| Failure::new(format!("{} cannot be read: {error}.", file.display())))?;
    if bytes.len() as u64 > INPUT_MAX_BYTES {
        return Err(wrong(file, &format!("it is larger than {} MiB", INPUT_MAX_BYTES >> 20)));
    }
    Ok(bytes)
}

fn case_file(file: &Path, bytes: &[u8]) -> Result<Table, Failure> {
    let text = std::str::from_utf8(bytes).map_err(|_| wrong(file, "it is not UTF-8 text"))?;
    text.parse().map_err(|error: toml::de::Error| wrong(file, error.to_string().trim_end()))
}

fn json(file: &Path, bytes: &[u8]) -> Result<Json, Failure> {
    serde_json::from_slice(bytes).map_err(|error| wrong(file, &format!("expected JSON: {error}")))
}

fn input(name: &str, value: Value) -> Table {
    let input = Table::from_iter([(name.to_owned(), value)]);
    Table::from_iter([("input".to_owned(), Value::Table(input))])
}

/// A raw payload, byte by byte.
fn payload(bytes: &[u8], around: &Around) -> Result<Table, Failure> {
    let mut headers = Table::new();
    for line in &around.headers {
        let Some((name, value)) = line.split_once(':') else {
            return Err(Failure::usage(format!("`--header` expects `name: value`, got `{line}`.")));
        };
        headers.insert(name.trim().to_ascii_lowercase(), value.trim().into());
    }
    let body = match std::str::from_utf8(bytes) {
        Ok(text) => ("body".to_owned(), Value::from(text)),
        Err(_) => {
            let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            ("body_hex".to_owned(), Value::from(hex))
        }
    };
    let is_json = || serde_json::from_slice::<serde::de::IgnoredAny>(bytes).is_ok();
    let content_type = around.content_type.clone();
    let content_type = content_type.or_else(|| is_json().then(|| "application/json".to_owned()));
    let mut input = Table::from_iter([body, ("headers".to_owned(), Value::Table(headers))]);
    input.extend(content_type.map(|value| ("content_type".to_owned(), Value::from(value))));
    Ok(Table::from_iter([("input".to_owned(), Value::Table(input))]))
}

/// An event as the API and JSON plugins write it, in a case's form.
fn event_of(event: &Json) -> Result<Value, Failure> {
    let Json::Object(fields) = event else {
        return Err(Failure::new("The input cannot be used: expected an event, a JSON object."));
    };
    let mut table = Table::new();
    for (key, value) in fields.iter().filter(|(_, value)| !value.is_null()) {
        let value = match key.as_str() {
            "details" => Value::from(match value {
                Json::String(text) => text.clone(),
                value => value.to_string(),
            }),
            "attributes" => pairs(value)?,
            _ => value_of(key, value)?,
        };
        table.insert(key.clone(), value);
    }
    Ok(Value::Table(table))
}

/// Names and values: an object, or a list of `{name, value}`.
fn pairs(value: &Json) -> Result<Value, Failure> {
    let Json::Array(list) = value else { return value_of("attributes", value) };
    let pair = |entry: &Json| {
        let text = |key: &str| entry.get(key)?.as_str().map(str::to_owned);
        Some((text("name")?, Value::from(text("value")?)))
    };
    let table: Option<Table> = list.iter().map(pair).collect();
    table.map(Value::Table).ok_or_else(|| {
        Failure::new("The input cannot be used: attributes: expected an object, or a list of `name` and `value`.")
    })
}

fn notification_of(notification: &Json) -> Result<Value, Failure> {
    let Json::Object(fields) = notification else {
        return Err(Failure::new(
            "The input cannot be used: expected a notification, a JSON object.",
        ));
    };
    let mut table = Table::new();
    for (key, value) in fields.iter().filter(|(_, value)| !value.is_null()) {
        let value = if key == "event" { event_of(value)? } else { value_of(key, value)? };
        table.insert(key.clone(), value);
    }
    Ok(Value::Table(table))
}

/// JSON as TOML. Instants (`…_at`, `now`) may be milliseconds or text.
fn value_of(key: &str, value: &Json) -> Result<Value, Failure> {
    let is_instant = key.ends_with("_at") || key == "now";
    Ok(match value {
        Json::Number(ms) if is_instant => instant(key, jiff_text(ms.as_i64()))?,
        Json::String(text) if is_instant => instant(key, Some(text.clone()))?,
        Json::Null => Value::from(""),
        Json::Bool(truth) => Value::from(*truth),
        Json::String(text) => Value::from(text.as_str()),
        Json::Number(number) => match number.as_i64() {
            Some(whole) => Value::from(whole),
            None => Value::from(number.as_f64().unwrap_or(f64::NAN)),
        },
        Json::Array(list) => {
            Value::Array(list.iter().map(|value| value_of("", value)).collect::<Result<_, _>>()?)
        }
        Json::Object(fields) => {
            let fields = fields.iter().filter(|(_, value)| !value.is_null());
            let table: Result<Table, Failure> =
                fields.map(|(key, value)| Ok((key.clone(), value_of(key, value)?))).collect();
            Value::Table(table?)
        }
    })
}

fn jiff_text(ms: Option<i64>) -> Option<String> {
    Some(jiff::Timestamp::from_millisecond(ms?).ok()?.to_string())
}

fn instant(key: &str, text: Option<String>) -> Result<Value, Failure> {
    let at = text.as_deref().and_then(|text| text.parse::<toml::value::Datetime>().ok());
    at.filter(|at| at.offset.is_some()).map(Value::Datetime).ok_or_else(|| {
        Failure::new(format!(
            "The input cannot be used: {key}: expected milliseconds, or an instant like `2026-01-05T09:00:00Z`."
        ))
    })
}

/// Settings as JSON or TOML.
pub(super) fn settings_of(file: &Path) -> Result<Table, Failure> {
    let bytes = bounded(file)?;
    if file.extension().is_some_and(|ending| ending == "toml") {
        return case_file(file, &bytes);
    }
    match value_of("", &json(file, &bytes)?)? {
        Value::Table(table) => Ok(table),
        _ => Err(wrong(file, "expected a JSON object of settings")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(kind: Kind, name: &str, content: &[u8]) -> Result<Case, Failure> {
        let dir = tempfile::tempdir().expect("a directory");
        let file = dir.path().join(name);
        std::fs::write(&file, content).expect("written");
        case(kind, &file, &Around::default(), None)
    }

    #[test]
    fn events_are_read_as_the_api_writes_them() {
        let text = br#"[{"title":"t","severity":"error","labels":{"team":"a"},"details":{"a":[1]},
            "attributes":[{"name":"n","value":"v"}],"received_at":1767603600000,"starts_at":"2026-01-05T09:00:00Z",
            "expires_at":null}]"#;
        let case = read(Kind::Filter, "events.json", text).expect("a case");
        let batch = case.batch().expect("events");
        let batch = batch.batch();
        let event = batch.get(0).expect("one");
        assert_eq!((event.title(), event.label("team")), ("t", Some("a")));
        assert_eq!((event.details(), event.attribute("n")), ("{\"a\":[1]}", Some("v")));
        assert_eq!(
            (event.received_at_ms(), event.starts_at_ms()),
            (1_767_603_600_000, Some(1_767_603_600_000))
        );
        assert_eq!(event.expires_at_ms(), None);
    }

    #[test]
    fn a_payload_is_taken_byte_by_byte() {
        let case = read(Kind::Parser, "x.bin", b"\xff\x00a").expect("a case");
        assert_eq!(case.payload().expect("a payload").body, b"\xff\x00a");
        let case = read(Kind::Parser, "x.json", b"{}").expect("a case");
        assert_eq!(case.payload().expect("a payload").content_type, "application/json");
    }

    #[test]
    fn what_cannot_be_used_is_said() {
        for (kind, name, text, expected) in [
            (Kind::Filter, "x.json", "{", "expected JSON"),
            (Kind::Filter, "x.json", "[1]", "expected an event"),
            (Kind::Router, "x.json", "{\"titel\":\"x\"}", "titel"),
            (Kind::Channel, "x.json", "[]", "expected a notification"),
            (
                Kind::Filter,
                "x.json",
                "{\"received_at\":\"noon\"}",
                "received_at: expected milliseconds",
            ),
            (Kind::Channel, "x.toml", "input = 1", "expected a map"),
        ] {
            let failure = match read(kind, name, text.as_bytes()) {
                Err(failure) => failure.message,
                Ok(case) => match kind {
                    Kind::Channel => case.channel().expect_err("refused"),
                    _ => case.batch().map(drop).expect_err("refused"),
                },
            };
            assert!(failure.contains(expected), "{text}: {failure}");
        }
    }
}
