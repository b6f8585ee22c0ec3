//! Turns a compiled guest into a plugin file, and reads what a plugin file says about itself.
//!
//! A plugin file is one component with its manifest inside, so that a single file can be dropped in. Everything here works
//! on bytes: it never touches the disk, never compiles or runs a guest, and never grants anything.
//!
//! In reading order: [`Kind`] and its world; the [`Manifest`] with its [`Setting`]s and [`AddressForm`]; [`componentize`] and [`pack`] make a file; [`inspect`] reads one.

#![warn(missing_docs)]

mod address;
mod embed;
mod generated;
mod inspect;
mod kind;
mod manifest;
mod pack;
mod setting;

pub use address::{AddressForm, AddressInput, AddressWords};
pub use embed::componentize_by_hand;
pub use generated::GeneratedError;
pub use inspect::{InspectError, Outline, inspect};
pub use kind::{Capability, Interface, Kind};
pub use manifest::{Limits, Manifest, ManifestError};
pub use pack::{Imports, PackError, componentize, pack};
pub use setting::{
    Setting, SettingMistake, SettingType, Settings, check_settings, setting_mistakes,
};

/// The name of the component's custom section that holds the manifest.
pub const SECTION: &str = "nightbell:manifest";

/// The name of a core module's custom section in which an SDK says which settings its code reads.
pub const SETTINGS_SECTION: &str = "nightbell:settings";

/// The most bytes a manifest may have.
pub const MANIFEST_MAX_BYTES: usize = 64 * 1024;
