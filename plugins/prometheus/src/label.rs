//! Labels: reading them, and the identity they give an alert.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::alert::what;

/// Names and values in the order of the names, without empty values: to Prometheus an empty label is none.
pub(crate) type LabelSet = BTreeMap<String, String>;

/// Reads the object under `labels`.
///
/// # Errors
/// One line when it is no object, a value is no text, or no label is left.
pub(crate) fn read(labels: Option<&Value>) -> Result<LabelSet, String> {
    let object = match labels {
        None | Some(Value::Null) => return Err("no `labels`: at least one is needed".to_owned()),
        Some(Value::Object(object)) => object,
        Some(other) => return Err(format!("`labels`: expected an object, got {}", what(other))),
    };
    let mut set = LabelSet::new();
    for (name, value) in object {
        match value {
            Value::String(text) if text.is_empty() => {}
            Value::Null => {}
            Value::String(_) if name.is_empty() => {
                return Err("`labels`: a label has an empty name".to_owned());
            }
            Value::String(text) => {
                set.insert(name.clone(), text.clone());
            }
            other => {
                return Err(format!("label `{name}`: expected a string, got {}", what(other)));
            }
        }
    }
    if set.is_empty() {
        return Err("`labels`: at least one label with a value is needed".to_owned());
    }
    Ok(set)
}

/// Alertmanager's identity of a label set: FNV-1a, 64 bits, over names and values in order, each followed by a
/// byte that UTF-8 never has. 16 hexadecimal digits.
///
/// Source: `LabelSet.Fingerprint` of prometheus/common, so that the key is the one other tools show.
#[must_use]
pub fn fingerprint(labels: &LabelSet) -> String {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut add = |byte: u8| hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    for text in labels.iter().flat_map(|(name, value)| [name, value]) {
        text.bytes().for_each(&mut add);
        add(0xff);
    }
    format!("{hash:016x}")
}

#[cfg(test)]
mod tests {
    use super::{LabelSet, fingerprint, read};
    use serde_json::json;

    fn set(labels: &[(&str, &str)]) -> LabelSet {
        labels.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect()
    }

    #[test]
    fn fingerprints_are_alertmanagers() {
        assert_eq!(fingerprint(&LabelSet::new()), "cbf29ce484222325");
        let labels = [("severity", "page"), ("alertname", "DiskFull"), ("instance", "db1:9100")];
        assert_eq!(fingerprint(&set(&labels)), "b4d6630a68cc0c1c");
    }

    #[test]
    fn a_boundary_between_name_and_value_counts() {
        assert_ne!(fingerprint(&set(&[("ab", "c")])), fingerprint(&set(&[("a", "bc")])));
    }

    #[test]
    fn empty_values_are_no_labels() {
        let labels = json!({ "alertname": "Up", "zone": "", "rack": null });
        assert_eq!(read(Some(&labels)), Ok(set(&[("alertname", "Up")])));
    }

    #[test]
    fn nothing_but_text_is_a_value() {
        assert!(read(None).is_err());
        for wrong in
            [json!({}), json!({ "a": "" }), json!({ "a": 1 }), json!([]), json!({ "": "x" })]
        {
            assert!(read(Some(&wrong)).is_err(), "{wrong}");
        }
    }
}
