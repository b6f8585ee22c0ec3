//! What domain values look like in a journal record and in an index value (I10).
//!
//! Each domain type has a form of its own here, so that renaming a field in the core breaks this module and
//! not the data directories out there. A form may grow by a field with a default; anything else, a new variant too, is
//! a new version of the record. Forms know no journal and no index.

mod action;
mod arrival;
mod change;
mod commit;
mod duty;
mod event;
mod incident;
mod ladder;
mod life;
mod pace;
mod people;
mod plain;
mod quiet;
mod record;
mod swap;
#[cfg(test)]
mod tests;
mod timeline;
mod watch;

pub(super) use record::{
    ARRIVAL, COMMIT, COMMIT_VERSION, UNPARSED, decode_arrival, decode_commit, draft_of_arrival,
    draft_of_commit,
};

use serde::Serialize;
use serde::de::DeserializeOwned;

/// Why a form is no value.
#[derive(Debug, thiserror::Error)]
pub(super) enum Misfit {
    /// It is not even a form.
    #[error("expected {what}, found text that is not: {source}")]
    Json {
        /// Of what.
        what: &'static str,
        /// The parser's word.
        source: serde_json::Error,
    },
    /// A value is out of its range.
    #[error("expected {expected}, found `{found}`")]
    Value {
        /// What would have fitted.
        expected: &'static str,
        /// What was there.
        found: String,
    },
    /// A version of the record that this program does not know.
    #[error("record version {0} is not known; it was written by another version of nightbell")]
    Version(u8),
    /// The payload's parts do not add up.
    #[error("the record's parts do not add up")]
    Parts,
}

/// A domain value that has a form on disk. `from_disk(to_disk(x)) == x`.
pub(super) trait Disk: Sized {
    /// What is written.
    type Form: Serialize + DeserializeOwned;
    /// Makes the form.
    fn to_disk(&self) -> Self::Form;
    /// Reads it back.
    fn from_disk(form: Self::Form) -> Result<Self, Misfit>;
}

/// Declares the form of a struct: the fields as they are named on disk. Every field must be there, but one with
/// `#[serde(default)]`, which an older record lacks.
macro_rules! disk_struct {
    ($name:ident for $domain:ty { $($(#[$attribute:meta])* $field:ident : $type:ty),* $(,)? }) => {
        #[derive(serde::Serialize, serde::Deserialize)]
        pub(in crate::store) struct $name {
            $($(#[$attribute])* $field: <$type as $crate::store::disk::Disk>::Form),*
        }
        impl $crate::store::disk::Disk for $domain {
            type Form = $name;
            fn to_disk(&self) -> $name {
                let Self { $($field),* } = self;
                $name { $($field: $crate::store::disk::Disk::to_disk($field)),* }
            }
            fn from_disk(form: $name) -> Result<Self, $crate::store::disk::Misfit> {
                Ok(Self { $($field: $crate::store::disk::Disk::from_disk(form.$field)?),* })
            }
        }
    };
}

/// Declares the form of an enum. Items of tuple variants get names, so that the text explains itself.
macro_rules! disk_enum {
    ($name:ident for $domain:ty {
        $($variant:ident
            $(($($(#[$item_attribute:meta])* $item:ident : $itype:ty),* $(,)?))?
            $({$($(#[$attribute:meta])* $field:ident : $ftype:ty),* $(,)?})?
        ),* $(,)?
    }) => {
        #[derive(serde::Serialize, serde::Deserialize)]
        #[serde(rename_all = "snake_case")]
        #[allow(clippy::large_enum_variant, reason = "a form lives as long as it is converted")]
        pub(in crate::store) enum $name {
            $($variant
                $({$($(#[$item_attribute])* $item: <$itype as $crate::store::disk::Disk>::Form),*})?
                $({$($(#[$attribute])* $field: <$ftype as $crate::store::disk::Disk>::Form),*})?
            ),*
        }
        impl $crate::store::disk::Disk for $domain {
            type Form = $name;
            fn to_disk(&self) -> $name {
                match self {
                    $(Self::$variant $(($($item),*))? $({$($field),*})? => $name::$variant
                        $({$($item: $crate::store::disk::Disk::to_disk($item)),*})?
                        $({$($field: $crate::store::disk::Disk::to_disk($field)),*})?
                    ),*
                }
            }
            fn from_disk(form: $name) -> Result<Self, $crate::store::disk::Misfit> {
                Ok(match form {
                    $($name::$variant $({$($item),*})? $({$($field),*})? => Self::$variant
                        $(($($crate::store::disk::Disk::from_disk($item)?),*))?
                        $({$($field: $crate::store::disk::Disk::from_disk($field)?),*})?
                    ),*
                })
            }
        }
    };
}
use {disk_enum, disk_struct};

/// A value as text.
pub(super) fn to_json<T: Disk>(value: &T) -> Vec<u8> {
    serde_json::to_vec(&value.to_disk()).expect("forms have text keys and no failing parts")
}

/// Text as a value; `what` names it in the error.
pub(super) fn from_json<T: Disk>(what: &'static str, text: &[u8]) -> Result<T, Misfit> {
    let form = serde_json::from_slice(text).map_err(|source| Misfit::Json { what, source })?;
    T::from_disk(form)
}
