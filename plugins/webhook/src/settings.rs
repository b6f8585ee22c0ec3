//! The operator's settings, checked when they are read.

use std::collections::BTreeMap;

use serde::Deserialize;

/// The operator's settings.
#[derive(Clone, Debug, Default, Deserialize, nightbell_plugin::Settings)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Headers to add to every request, such as `{ authorization = "Bearer {{secret:token}}" }`.
    #[setting(type = "table")]
    pub headers: ExtraHeaders,
}

/// Headers that the operator adds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "BTreeMap<String, String>")]
pub struct ExtraHeaders(BTreeMap<String, String>);

/// What the channel or the host writes itself.
const OWN: [&str; 8] = [
    "connection",
    "content-length",
    "content-type",
    "host",
    "transfer-encoding",
    "webhook-id",
    "webhook-signature",
    "webhook-timestamp",
];

impl ExtraHeaders {
    /// Whether there is one of this name, given in lower case.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// Names in lower case and values, in the order of the names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

impl TryFrom<BTreeMap<String, String>> for ExtraHeaders {
    type Error = String;

    fn try_from(headers: BTreeMap<String, String>) -> Result<Self, String> {
        let mut all = BTreeMap::new();
        for (name, value) in headers {
            let token = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
            if name.is_empty() || !name.bytes().all(token) {
                return Err(format!("`{name}` is no header name"));
            }
            if value.chars().any(|c| c.is_control() && c != '\t') {
                // The value may be a secret: only the name is said.
                return Err(format!(
                    "the value of header `{name}` has a line break or another control character"
                ));
            }
            let lower = name.to_ascii_lowercase();
            if OWN.contains(&lower.as_str()) {
                return Err(format!("header `{name}` is written by the channel itself"));
            }
            if all.insert(lower, value).is_some() {
                return Err(format!("header `{name}` is given twice"));
            }
        }
        Ok(Self(all))
    }
}
