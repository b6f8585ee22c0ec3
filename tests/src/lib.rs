//! What the tests of the real binary share: an engine in a process of its own, a real mail server, a webhook
//! sink, and the one helper that waits.
//!
//! Tests here keep promises that no single package can. They wait for conditions with a deadline, never for
//! the clock; policies in them use delays of one or two seconds.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop where it is")]

pub mod config;
pub mod engine;
pub mod guest;
pub mod mail;
pub mod sink;
pub mod vendor;
pub mod wait;

pub use config::Config;
pub use engine::{Engine, command};
pub use mail::{Mail, MailServer, python};
pub use sink::Sink;
pub use vendor::{Vendor, printed};
pub use wait::until;

/// Installs the TLS library once for this process.
pub fn init() {
    // A second test in the same process finds it installed already.
    drop(rustls::crypto::ring::default_provider().install_default());
}

/// A loopback port that was free a moment ago.
pub fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

/// The repository's root.
pub fn root() -> std::path::PathBuf {
    let here = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap().to_owned()
}

/// A plugin file with another manifest: the same code under another name or version.
pub fn repack(plugin: &[u8], manifest: &str) -> Vec<u8> {
    nightbell_pack::pack(plugin, manifest, nightbell_pack::Imports::Used).unwrap()
}
