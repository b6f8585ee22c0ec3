//! Lines for the operator's log. The host names the plugin and limits the rate. Never log a secret or a whole payload.

use crate::host;
pub use crate::wire::imports::nightbell::plugin::log::Level;

/// For whoever develops the plugin.
pub fn debug(message: impl AsRef<str>) {
    host::log(Level::Debug, message.as_ref());
}

/// What an operator may want to know.
pub fn info(message: impl AsRef<str>) {
    host::log(Level::Info, message.as_ref());
}

/// Something was wrong and the plugin coped.
pub fn warn(message: impl AsRef<str>) {
    host::log(Level::Warn, message.as_ref());
}

/// A human must look.
pub fn error(message: impl AsRef<str>) {
    host::log(Level::Error, message.as_ref());
}
