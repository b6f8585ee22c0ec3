//! A configuration for one test, written to a directory of its own.

use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// The integration key that test configurations use.
pub const KEY: &str = "0123456789abcdef0123456789abcdef";
/// A second one, for a Prometheus integration.
pub const PROMETHEUS_KEY: &str = "fedcba9876543210fedcba9876543210";
/// A third one, for the generic parser.
pub const GENERIC_KEY: &str = "00112233445566778899aabbccddeeff";

/// A directory with `nightbell.toml`, plugins and data.
pub struct Config {
    dir: TempDir,
    /// Where the engine listens.
    pub port: u16,
    text: String,
    certificate: Option<PathBuf>,
}

impl Config {
    /// Alice is on call, bob is the second step after `delay`, carol the fallback. Mail goes to `smtp_port`.
    pub fn two_steps(smtp_port: u16, delay: &str) -> Self {
        let port = crate::free_port();
        let text = format!(
            r#"
listen     = "127.0.0.1:{port}"
public_url = "http://127.0.0.1:{port}"
data       = "./data"
plugins    = "./plugins"
fallback   = ["person:carol"]

[mail]
server = "127.0.0.1:{smtp_port}"
from   = "nightbell@example.org"
tls    = "none"

[network]
allow_private = ["127.0.0.0/8"]

[[person]]
id = "alice"
name = "Alice"
email = "alice@example.org"
[[person]]
id = "bob"
name = "Bob"
email = "bob@example.org"
[[person]]
id = "carol"
name = "Carol"
email = "carol@example.org"

[[schedule]]
id = "primary"
time_zone = "Asia/Tokyo"
[[schedule.layer]]
start  = "2026-01-05T09:00"
turn   = "1 week"
people = ["alice"]

[[escalation_policy]]
id = "shop"
repeat = 2
[[escalation_policy.step]]
targets = ["schedule:primary"]
delay   = "{delay}"
[[escalation_policy.step]]
targets = ["person:bob"]
delay   = "{delay}"

[[service]]
id = "shop"
escalation_policy = "shop"

[[integration]]
id      = "nagios"
service = "shop"
parser  = "nagios"
key     = "{KEY}"
[[integration]]
id      = "prometheus"
service = "shop"
parser  = "prometheus"
key     = "{PROMETHEUS_KEY}"
[[integration]]
id      = "generic"
service = "shop"
parser  = "generic"
key     = "{GENERIC_KEY}"
"#
        );
        let dir = TempDir::new().unwrap();
        std::fs::create_dir(dir.path().join("plugins")).unwrap();
        let config = Self { dir, port, text, certificate: None };
        config.write();
        config
    }

    /// A copy of an example, on a free port and with mail going to `smtp_port`.
    pub fn example(name: &str, smtp_port: u16) -> Self {
        let port = crate::free_port();
        let dir = TempDir::new().unwrap();
        let from = crate::root().join("examples").join(name);
        copy(&from, dir.path());
        let text = std::fs::read_to_string(from.join("nightbell.toml")).unwrap();
        let config = Self { dir, port, text, certificate: None };
        config
            .replace("127.0.0.1:7171", &format!("127.0.0.1:{port}"))
            .replace("127.0.0.1:2525", &format!("127.0.0.1:{smtp_port}"))
    }

    /// Reached by TLS, with this certificate.
    #[must_use]
    pub fn with_tls(mut self, certificate: &Path) -> Self {
        self.certificate = Some(certificate.to_owned());
        self
    }

    /// The certificate that clients trust.
    pub fn certificate(&self) -> Option<&Path> {
        self.certificate.as_deref()
    }

    /// Adds tables at the end.
    #[must_use]
    pub fn with(mut self, more: &str) -> Self {
        self.text.push_str(more);
        self.write();
        self
    }

    /// Replaces text that must be there.
    #[must_use]
    pub fn replace(mut self, from: &str, to: &str) -> Self {
        assert!(self.text.contains(from), "the configuration has no `{from}`");
        self.text = self.text.replace(from, to);
        self.write();
        self
    }

    fn write(&self) {
        std::fs::write(self.file(), &self.text).unwrap();
    }

    /// The main file.
    pub fn file(&self) -> PathBuf {
        self.dir.path().join("nightbell.toml")
    }

    /// The directory of everything.
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// The data directory.
    pub fn data(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    /// The operator's plugins.
    pub fn plugins(&self) -> PathBuf {
        self.dir.path().join("plugins")
    }

    /// How the engine is reached.
    pub fn url(&self, path: &str) -> String {
        match self.certificate {
            None => format!("http://127.0.0.1:{}{path}", self.port),
            Some(_) => format!("https://localhost:{}{path}", self.port),
        }
    }
}

/// Copies a folder's files and folders, without what a run leaves behind.
fn copy(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        match entry.path().is_dir() {
            true if entry.file_name() == "data" => {}
            true => {
                std::fs::create_dir(&target).unwrap();
                copy(&entry.path(), &target);
            }
            false => {
                std::fs::copy(entry.path(), target).unwrap();
            }
        }
    }
}
