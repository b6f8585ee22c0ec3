//! Reads values out of the API's JSON for showing. What is not there is empty: a command shows what it gets, from an older
//! or newer server too. Pure.

use jiff::Timestamp;
use serde_json::Value;

/// The value at a path of keys, `a.b`; null when there is none.
pub(super) fn at<'v>(value: &'v Value, path: &str) -> &'v Value {
    path.split('.').fold(value, |value, key| &value[key])
}

/// The value at a path as text: text as it is, numbers and booleans as written, a thing by its name or id, else empty.
pub(super) fn text(value: &Value, path: &str) -> String {
    plain(at(value, path))
}

/// A value as text, as [`text`] has it.
pub(super) fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Bool(_) | Value::Number(_) => value.to_string(),
        Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(", "),
        Value::Object(thing) => {
            let named = ["name", "id"].into_iter().find_map(|key| thing.get(key));
            named.map_or_else(|| value.to_string(), plain)
        }
    }
}

/// The first of several paths that says something.
pub(super) fn first(value: &Value, paths: &[&str]) -> String {
    paths.iter().map(|path| text(value, path)).find(|text| !text.is_empty()).unwrap_or_default()
}

/// The time at a path.
pub(super) fn time(value: &Value, path: &str) -> Option<Timestamp> {
    at(value, path).as_str()?.parse().ok()
}

/// The items at a path; none when it is no list.
pub(super) fn list<'v>(value: &'v Value, path: &str) -> &'v [Value] {
    at(value, path).as_array().map_or(&[], Vec::as_slice)
}

/// The items of a list as the API answers it.
pub(super) fn items(value: &Value) -> &[Value] {
    list(value, "items")
}

/// Names and values of an object as `name=value`, in order.
pub(super) fn pairs(value: &Value) -> Vec<(String, String)> {
    let object = value.as_object().into_iter().flatten();
    object.map(|(name, value)| (name.clone(), plain(value))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_not_there_is_empty() {
        let value = json!({"a": {"b": 1}, "person": {"id": "bob", "name": "Bob"}, "t": "2026-03-02T00:44:00Z"});
        assert_eq!(text(&value, "a.b"), "1");
        assert_eq!(text(&value, "a.c.d"), "");
        assert_eq!(text(&value, "person"), "Bob");
        assert_eq!(first(&value, &["x", "a.b"]), "1");
        assert!(time(&value, "t").is_some());
        assert!(time(&value, "a").is_none());
        assert!(items(&value).is_empty());
    }
}
