//! The outside as channels reach it: HTTP and mail. Every door checks the operator's grant before it acts.
//! Everything here works without a guest, so that it is tested without one.

pub(super) mod address;
pub(super) mod http;
pub(super) mod mail;
mod mask;
pub(super) mod origin;
pub(super) mod resolve;
pub(super) mod secret;
