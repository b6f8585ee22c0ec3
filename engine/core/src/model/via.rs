//! Through which door somebody acted.

/// Through which door somebody acted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Via {
    /// A monitor's event.
    Monitor,
    /// The link in a message, on the engine's own page.
    Link,
    /// A channel: a key of a telephone, a button in a chat; the channel plugin's name.
    Channel(String),
    /// The API.
    Api,
    /// The command line.
    Cli,
}

impl Via {
    /// In one word: `monitor`, `link`, `channel`, `api`, `cli`.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Monitor => "monitor",
            Self::Link => "link",
            Self::Channel(_) => "channel",
            Self::Api => "api",
            Self::Cli => "cli",
        }
    }
}
