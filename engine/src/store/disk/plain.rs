//! Forms of what the domain's values are made of: numbers, texts, times, names, lists.

use super::{Disk, Misfit};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::civil::{DateTime, Time};
use jiff::{SignedDuration, Timestamp};
use nightbell_core::model::{
    AbsenceId, DedupKey, DeliveryId, EventId, IncidentId, IntegrationId, MaintenanceWindowId,
    MethodId, OverrideId, PersonId, PolicyId, RoomId, ScheduleId, ServiceId, SilenceId, SwapId,
    TeamId, TemporaryId, TokenId,
};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Forms that are the value itself. Times are written as RFC 3339, durations as ISO 8601.
macro_rules! plain {
    ($($type:ty),*) => {$(
        impl Disk for $type {
            type Form = $type;
            fn to_disk(&self) -> $type {
                self.clone()
            }
            fn from_disk(form: $type) -> Result<Self, Misfit> {
                Ok(form)
            }
        }
    )*};
}
plain!(bool, u32, u64, String, Timestamp, SignedDuration, BTreeMap<String, String>, DateTime, Time);

macro_rules! text_id {
    ($($type:ty),*) => {$(
        impl Disk for $type {
            type Form = String;
            fn to_disk(&self) -> String {
                self.as_str().to_owned()
            }
            fn from_disk(form: String) -> Result<Self, Misfit> {
                Ok(<$type>::new(form))
            }
        }
    )*};
}
text_id!(
    AbsenceId,
    DedupKey,
    DeliveryId,
    IntegrationId,
    MaintenanceWindowId,
    MethodId,
    OverrideId,
    PersonId,
    PolicyId,
    RoomId,
    ScheduleId,
    ServiceId,
    SilenceId,
    TeamId,
    TemporaryId,
    SwapId,
    TokenId
);

macro_rules! number_id {
    ($($type:ident),*) => {$(
        impl Disk for $type {
            type Form = u64;
            fn to_disk(&self) -> u64 {
                self.0
            }
            fn from_disk(form: u64) -> Result<Self, Misfit> {
                Ok($type(form))
            }
        }
    )*};
}
number_id!(EventId, IncidentId);

impl Disk for usize {
    type Form = u64;
    fn to_disk(&self) -> u64 {
        *self as u64
    }
    fn from_disk(form: u64) -> Result<Self, Misfit> {
        form.try_into().map_err(|_| Misfit::Value {
            expected: "a number this machine can count to",
            found: form.to_string(),
        })
    }
}

impl Disk for Arc<str> {
    type Form = String;
    fn to_disk(&self) -> String {
        self.as_ref().to_owned()
    }
    fn from_disk(form: String) -> Result<Self, Misfit> {
        Ok(form.into())
    }
}

impl Disk for Arc<[u8]> {
    type Form = String;
    fn to_disk(&self) -> String {
        STANDARD.encode(self)
    }
    fn from_disk(form: String) -> Result<Self, Misfit> {
        decode_base64(&form).map(Into::into)
    }
}

impl Disk for [u8; 32] {
    type Form = String;
    fn to_disk(&self) -> String {
        STANDARD.encode(self)
    }
    fn from_disk(form: String) -> Result<Self, Misfit> {
        decode_base64(&form)?
            .try_into()
            .map_err(|_| Misfit::Value { expected: "32 bytes as base64", found: String::new() })
    }
}

// The text may be a plugin's secret or a token's hash: it is not repeated.
fn decode_base64(text: &str) -> Result<Vec<u8>, Misfit> {
    let wrong = |_| Misfit::Value { expected: "base64", found: format!("{} bytes", text.len()) };
    STANDARD.decode(text).map_err(wrong)
}

impl<T: Disk> Disk for Vec<T> {
    type Form = Vec<T::Form>;
    fn to_disk(&self) -> Self::Form {
        self.iter().map(Disk::to_disk).collect()
    }
    fn from_disk(form: Self::Form) -> Result<Self, Misfit> {
        form.into_iter().map(Disk::from_disk).collect()
    }
}

impl<T: Disk> Disk for Option<T> {
    type Form = Option<T::Form>;
    fn to_disk(&self) -> Self::Form {
        self.as_ref().map(Disk::to_disk)
    }
    fn from_disk(form: Self::Form) -> Result<Self, Misfit> {
        form.map(Disk::from_disk).transpose()
    }
}

impl<T: Disk> Disk for Arc<T> {
    type Form = T::Form;
    fn to_disk(&self) -> Self::Form {
        self.as_ref().to_disk()
    }
    fn from_disk(form: Self::Form) -> Result<Self, Misfit> {
        T::from_disk(form).map(Arc::new)
    }
}

impl<A: Disk, B: Disk> Disk for (A, B) {
    type Form = (A::Form, B::Form);
    fn to_disk(&self) -> Self::Form {
        (self.0.to_disk(), self.1.to_disk())
    }
    fn from_disk(form: Self::Form) -> Result<Self, Misfit> {
        Ok((A::from_disk(form.0)?, B::from_disk(form.1)?))
    }
}
