//! People, how they can be reached, and what they decided about it.

use super::{MethodId, PersonId, Preferences, Urgency};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};

/// A person, as the configuration has them.
#[derive(Clone, Debug, PartialEq)]
pub struct Person {
    /// Identity.
    pub id: PersonId,
    /// As shown.
    pub name: String,
    /// Becomes a verified contact method until the person changes it.
    pub email: Option<String>,
    /// Where the person lives.
    pub time_zone: TimeZone,
    /// BCP 47; the person's own choice goes before it.
    pub language: String,
}

/// An address on one channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContactMethod {
    /// Unique within the person.
    pub id: MethodId,
    /// The channel plugin that reaches it.
    pub channel: String,
    /// In the channel's own terms: a mail address, a URL, a number.
    pub address: String,
    /// Only verified methods are used.
    pub verified: bool,
    /// When it was added.
    pub created_at: Timestamp,
}

/// "For this urgency, through this method, after this long."
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotificationRule {
    /// Which incidents.
    pub urgency: Urgency,
    /// Through what.
    pub method: MethodId,
    /// How long after the person's turn in the escalation came.
    pub delay: SignedDuration,
}

/// What a person decided at run time. A person without a profile has the defaults of the configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// Whose.
    pub person: PersonId,
    /// In order of preference.
    pub methods: Vec<ContactMethod>,
    /// In the person's order.
    pub rules: Vec<NotificationRule>,
    /// How they want to be told.
    pub preferences: Preferences,
}
