//! One alert of a payload, checked: what it is about, whether it fires, and when.

use nightbell_plugin::Timestamp;
use serde_json::{Map, Value};

use crate::label::{self, LabelSet};

/// The way in, which decides what an alert's times mean.
#[derive(Clone, Copy, Debug)]
pub enum Door {
    /// `POST /api/v2/alerts`: an alert fires until its `endsAt`.
    Post {
        /// When the engine received it, in milliseconds.
        now: Timestamp,
        /// For an alert without `endsAt`.
        resolve_timeout_ms: i64,
    },
    /// A webhook: an alert fires until another one says `resolved`.
    Webhook {
        /// The payload's own status, for alerts without one.
        resolved: bool,
    },
}

/// One alert.
#[derive(Debug)]
pub struct Alert {
    /// Never empty.
    pub labels: LabelSet,
    /// Names and texts, in the order of the names; none is empty.
    pub annotations: Vec<(String, String)>,
    /// False when the condition is over.
    pub firing: bool,
    /// When the condition began, in milliseconds.
    pub starts_at: Option<Timestamp>,
    /// When it ends by itself unless it is sent again, in milliseconds.
    pub expires_at: Option<Timestamp>,
}

impl Alert {
    /// Reads one alert.
    ///
    /// # Errors
    /// One line saying which field is wrong.
    pub fn read(alert: &Map<String, Value>, door: &Door) -> Result<Self, String> {
        let labels = label::read(alert.get("labels"))?;
        let starts_at = time(alert, "startsAt")?;
        let ends_at = time(alert, "endsAt")?;
        if let (Some(start), Some(end)) = (starts_at, ends_at)
            && end < start
        {
            return Err("`endsAt` is before `startsAt`".to_owned());
        }
        let (firing, expires_at) = match *door {
            Door::Post { now, resolve_timeout_ms } => match ends_at {
                Some(end) if end <= now => (false, None),
                Some(end) => (true, Some(end)),
                None => (true, Some(now.saturating_add(resolve_timeout_ms))),
            },
            Door::Webhook { resolved } => (!status(alert)?.unwrap_or(resolved), None),
        };
        let annotations = annotations(alert.get("annotations"))?;
        Ok(Self { labels, annotations, firing, starts_at, expires_at })
    }

    /// The annotation of this name.
    #[must_use]
    pub fn annotation(&self, name: &str) -> Option<&str> {
        self.annotations.iter().find(|(n, _)| n == name).map(|(_, text)| text.as_str())
    }
}

/// Whether a `status` says that the condition is over; `None` when there is none.
pub(crate) fn status(object: &Map<String, Value>) -> Result<Option<bool>, String> {
    match object.get("status") {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if text == "firing" => Ok(Some(false)),
        Some(Value::String(text)) if text == "resolved" => Ok(Some(true)),
        Some(_) => Err("`status`: expected `firing` or `resolved`, got something else".to_owned()),
    }
}

/// What a value is, for an error: never the value itself, which may be long or private.
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

/// An instant; `None` when it is absent, empty, or the zero time of Go, with which amtool says "unset".
fn time(alert: &Map<String, Value>, field: &str) -> Result<Option<Timestamp>, String> {
    let text = match alert.get(field) {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::String(text)) if text.is_empty() => return Ok(None),
        Some(Value::String(text)) => text,
        Some(other) => return Err(format!("`{field}`: expected a time, got {}", what(other))),
    };
    let zero = jiff::civil::date(1, 1, 1);
    let at: jiff::Timestamp = text
        .parse()
        .map_err(|_| format!("`{field}`: expected a time such as `2026-01-05T09:00:00Z`"))?;
    let unset = jiff::tz::Offset::UTC.to_datetime(at).date() == zero;
    Ok((!unset).then(|| at.as_millisecond()))
}

/// Annotations are for people, so that a number or a list is shown rather than refused.
fn annotations(annotations: Option<&Value>) -> Result<Vec<(String, String)>, String> {
    let object = match annotations {
        None | Some(Value::Null) => return Ok(vec![]),
        Some(Value::Object(object)) => object,
        Some(other) => {
            return Err(format!("`annotations`: expected an object, got {}", what(other)));
        }
    };
    let text = |value: &Value| match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let all = object.iter().map(|(name, value)| (name.clone(), text(value)));
    Ok(all.filter(|(_, text)| !text.is_empty()).collect())
}
