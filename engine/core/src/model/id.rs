//! Names of things. Each is a type of its own, so that a person can never be passed for a service.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Arc<str>);
        impl $name {
            /// Wraps a text as it is.
            pub fn new(text: impl AsRef<str>) -> Self {
                Self(Arc::from(text.as_ref()))
            }
            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self::new(text)
            }
        }
        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }
    };
}

text_id!(
    /// A person, as the configuration names them.
    PersonId
);
text_id!(
    /// A service: what is owned.
    ServiceId
);
text_id!(
    /// An integration: a keyed way in.
    IntegrationId
);
text_id!(
    /// An escalation policy.
    PolicyId
);
text_id!(
    /// A schedule.
    ScheduleId
);
text_id!(
    /// A team: people who are told together.
    TeamId
);
text_id!(
    /// A room: an address that belongs to nobody.
    RoomId
);

/// Before a room's id where a person's is expected. No person's id has a colon.
const ROOM: &str = "room:";

impl PersonId {
    /// Who a post to a room is to: nobody. It stands where a delivery names its person.
    pub fn nobody_in(room: &RoomId) -> Self {
        Self::new(format!("{ROOM}{room}"))
    }

    /// The room that it stands for, when it is nobody's id.
    pub fn room(&self) -> Option<RoomId> {
        self.as_str().strip_prefix(ROOM).map(RoomId::new)
    }
}
text_id!(
    /// Identity of a condition inside one integration.
    DedupKey
);
text_id!(
    /// One journey of one page or update on one channel; the idempotency key of all its attempts (I4).
    DeliveryId
);
text_id!(
    /// A contact method of one person; unique within that person.
    MethodId
);
text_id!(
    /// An override of a schedule.
    OverrideId
);
text_id!(
    /// A temporary schedule.
    TemporaryId
);
text_id!(
    /// An absence of a person.
    AbsenceId
);
text_id!(
    /// A silence.
    SilenceId
);
text_id!(
    /// A maintenance window.
    MaintenanceWindowId
);
text_id!(
    /// An API token (its public part).
    TokenId
);
text_id!(
    /// A shift swap.
    SwapId
);

/// An event's place in the journal: unique, never reused, ordered by receipt.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct EventId(pub u64);

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// An incident's number: counted from 1 in the order of opening.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct IncidentId(pub u64);

impl IncidentId {
    /// Of what is about no incident: a notice.
    pub const NONE: Self = Self(0);
}

impl fmt::Display for IncidentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// An alert is (integration, dedup key).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct AlertId {
    /// The way it came in.
    pub integration: IntegrationId,
    /// The condition.
    pub dedup_key: DedupKey,
}

impl fmt::Display for AlertId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.integration, self.dedup_key)
    }
}
