//! The operator's settings, checked when they are read.

use serde::Deserialize;

/// The operator's settings.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Whether a later page of high urgency is shown in the channel too.
    pub broadcast: bool,
    /// Where the API is.
    pub api: Api,
}

impl Default for Settings {
    fn default() -> Self {
        Self { broadcast: true, api: Api("https://slack.com/api".to_owned()) }
    }
}

/// An address of the web, without a slash at the end.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Api(pub String);

impl TryFrom<String> for Api {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        if text.starts_with("https://") || text.starts_with("http://") {
            Ok(Self(text.trim_end_matches('/').to_owned()))
        } else {
            Err("expected an address that begins with https://")
        }
    }
}
