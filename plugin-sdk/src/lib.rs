#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

pub mod packed;

#[cfg(feature = "guest")]
mod channel;
#[cfg(feature = "guest")]
mod encoding;
#[cfg(feature = "guest")]
mod event;
#[cfg(feature = "guest")]
#[doc(hidden)]
#[allow(missing_docs, reason = "called by `export!` alone")]
pub mod export;
#[cfg(feature = "guest")]
mod filter;
#[cfg(feature = "guest")]
mod form;
#[cfg(feature = "guest")]
mod host;
#[cfg(feature = "guest")]
pub mod http;
#[cfg(feature = "guest")]
mod json;
#[cfg(feature = "guest")]
pub mod log;
#[cfg(feature = "guest")]
pub mod mail;
#[cfg(feature = "guest")]
mod parser;
#[cfg(feature = "guest")]
mod router;
#[cfg(feature = "guest")]
pub mod secret;
#[cfg(feature = "guest")]
mod settings;
#[cfg(feature = "guest")]
pub mod state;
#[cfg(all(feature = "guest", not(target_arch = "wasm32")))]
pub mod testing;
#[cfg(feature = "guest")]
#[doc(hidden)]
pub mod wire;

pub use packed::{EventKind, EventRef, Severity};

#[cfg(feature = "guest")]
pub use {
    channel::{
        Alert, Answer, AnswerAction, AnswerLinks, Channel, Failure, FailureKind, Incident,
        Notification, Purpose, Receipt, ReceiptState, Request,
    },
    event::{Event, Image, Label, Link, Timestamp, Urgency},
    filter::{Filter, Patch, Suppression, Verdict},
    http::HttpError,
    mail::MailError,
    parser::{Attachment, Header, ParseError, Parsed, Parser, Payload, Reply},
    router::{Decision, Router},
    settings::NoSettings,
    wire::imports::nightbell::plugin::secret::SecretError,
    wire::imports::nightbell::plugin::state::StateError,
};
