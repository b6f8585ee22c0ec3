//! Forms of what people decided about how they are told, and of what is known of their methods.

use super::{Disk, disk_enum, disk_struct};
use jiff::civil::Time;
use jiff::{SignedDuration, Timestamp};
use nightbell_core::model::{
    Breakthrough, ChannelPreference, Checks, Code, ContactMethod, DeliveryId, Language,
    MethodCheck, MethodId, NotificationRule, PersonId, Preferences, Priority, Profile, QuietHours,
    TestOutcome, TestPage, Undeliverable, Urgency, Weekdays,
};

disk_struct!(StoredMethod for ContactMethod {
    id: MethodId,
    channel: String,
    address: String,
    verified: bool,
    created_at: Timestamp,
});

disk_struct!(StoredRule for NotificationRule {
    urgency: Urgency,
    method: MethodId,
    delay: SignedDuration,
});

disk_enum!(StoredLanguage for Language { English, Japanese });

disk_enum!(StoredBreakthrough for Breakthrough { Nothing, HighUrgency, Priority(least: Priority) });

disk_struct!(StoredQuietHours for QuietHours {
    days: Weekdays,
    from: Time,
    to: Time,
    breakthrough: Breakthrough,
});

disk_struct!(StoredChannelPreference for ChannelPreference {
    channel: String,
    status_updates: bool,
    resolve_notices: bool,
});

disk_struct!(StoredPreferences for Preferences {
    language: Option<Language>,
    quiet_hours: Vec<QuietHours>,
    channels: Vec<ChannelPreference>,
});

/// Before version 3 nobody could prefer anything.
fn no_preferences() -> StoredPreferences {
    Preferences::default().to_disk()
}

disk_struct!(StoredProfile for Profile {
    person: PersonId,
    methods: Vec<ContactMethod>,
    rules: Vec<NotificationRule>,
    #[serde(default = "no_preferences")]
    preferences: Preferences,
});

disk_struct!(StoredCode for Code {
    salt: [u8; 32],
    proof: [u8; 32],
    expires_at: Timestamp,
    wrong: u32,
});

disk_enum!(StoredTestOutcome for TestOutcome {
    UnderWay,
    Delivered { at: Timestamp },
    Failed { at: Timestamp, reason: String },
});

disk_struct!(StoredTestPage for TestPage {
    delivery: DeliveryId,
    asked_at: Timestamp,
    outcome: TestOutcome,
});

disk_struct!(StoredUndeliverable for Undeliverable { since: Timestamp, reason: String });

disk_struct!(StoredMethodCheck for MethodCheck {
    method: MethodId,
    address: String,
    code: Option<Code>,
    codes_sent: Vec<Timestamp>,
    tests_sent: Vec<Timestamp>,
    test: Option<TestPage>,
    undeliverable: Option<Undeliverable>,
});

disk_struct!(StoredChecks for Checks {
    person: PersonId,
    sent: Vec<Timestamp>,
    methods: Vec<MethodCheck>,
});
