//! The macros of one notification, whatever the way and the spelling in which they came.
//! `$HOSTNAME$` is `HOSTNAME`, `hostname`, `NAGIOS_HOSTNAME` (its environment) or `ICINGA_HOSTNAME`.

use std::collections::BTreeMap;

use nightbell_plugin::{ParseError, Payload};

/// Names in upper case without prefix, to their values.
pub(crate) struct Macros(BTreeMap<String, String>);

impl Macros {
    /// Reads a form or a JSON object; without a content type the body's first character decides.
    pub(crate) fn read(payload: &Payload) -> Result<Self, ParseError> {
        let text = payload.text()?.trim_start();
        if text.is_empty() {
            return Err(ParseError::new(
                "body: expected Nagios macros as a form or a JSON object, it is empty",
            ));
        }
        let is_json = match payload.content_type.as_str() {
            "application/x-www-form-urlencoded" => text.starts_with('{'),
            other => other.ends_with("json") || text.starts_with('{'),
        };
        let pairs = if is_json { json_pairs(payload)? } else { payload.form_pairs() };
        Ok(Self::of(pairs))
    }

    fn of(pairs: Vec<(String, String)>) -> Self {
        let mut macros = BTreeMap::new();
        for (name, value) in pairs {
            let value = value.trim();
            // A macro that Nagios does not know in this notification stays as it was written in the command.
            let unknown = value.len() > 1 && value.starts_with('$') && value.ends_with('$');
            if !value.is_empty() && !unknown {
                macros.entry(plain(&name)).or_insert_with(|| value.to_owned());
            }
        }
        Self(macros)
    }

    /// The value, or empty text when there is none.
    pub(crate) fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }

    pub(crate) fn require(&self, name: &str) -> Result<&str, ParseError> {
        match self.get(name) {
            "" => Err(ParseError::new(format!(
                "{name} is missing: send it as a form field or JSON member, as in {name}=${name}$"
            ))),
            value => Ok(value),
        }
    }

    /// All that have a value, in the order of their names.
    pub(crate) const fn all(&self) -> &BTreeMap<String, String> {
        &self.0
    }
}

fn plain(name: &str) -> String {
    let name = name.trim().trim_matches('$').to_ascii_uppercase();
    let short = name.strip_prefix("NAGIOS_").or_else(|| name.strip_prefix("ICINGA_"));
    short.unwrap_or(&name).to_owned()
}

fn json_pairs(payload: &Payload) -> Result<Vec<(String, String)>, ParseError> {
    use serde_json::Value;
    let object: BTreeMap<String, Value> = payload.json()?;
    let mut pairs = Vec::with_capacity(object.len());
    for (name, value) in object {
        let text = match value {
            Value::String(text) => text,
            Value::Number(number) => number.to_string(),
            Value::Bool(truth) => truth.to_string(),
            Value::Null => continue,
            Value::Array(_) | Value::Object(_) => {
                return Err(ParseError::new(format!(
                    "{name}: expected text or a number, got a list or an object"
                )));
            }
        };
        pairs.push((name, text));
    }
    Ok(pairs)
}
