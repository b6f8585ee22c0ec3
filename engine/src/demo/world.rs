//! The demo's little company: a configuration as a user would write it, in a directory that goes away.

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// Keys of the three integrations; they live as long as the demo.
pub(super) const NAGIOS_KEY: &str = "demo0nagios0key0demo0nagios0key0";
pub(super) const PROMETHEUS_KEY: &str = "demo0prometheus0key0demo0prom0k0";
pub(super) const NEWRELIC_KEY: &str = "demo0newrelic0key0demo0newrelic0";
/// With which the chat's webhook is signed.
pub(super) const SIGNING: &str = "the-demo-signs-with-this";

/// A directory with `nightbell.toml`, an empty plugin directory and the data to come.
pub(super) struct World {
    dir: TempDir,
}

impl World {
    /// Writes the configuration. `delay` is how long each step of the shop's policy has to answer.
    pub(super) fn build(listen: SocketAddr, mail: SocketAddr, delay: &str) -> io::Result<Self> {
        let dir = tempfile::Builder::new().prefix("nightbell-demo-").tempdir()?;
        std::fs::create_dir(dir.path().join("plugins"))?;
        std::fs::write(dir.path().join("signing.secret"), SIGNING)?;
        std::fs::write(dir.path().join("nightbell.toml"), config(listen, mail, delay))?;
        Ok(Self { dir })
    }

    /// The main configuration file.
    pub(super) fn config(&self) -> PathBuf {
        self.dir.path().join("nightbell.toml")
    }

    /// The directory of everything.
    pub(super) fn path(&self) -> &Path {
        self.dir.path()
    }
}

fn config(listen: SocketAddr, mail: SocketAddr, delay: &str) -> String {
    format!(
        r#"listen     = "{listen}"
public_url = "http://{listen}"
data       = "./data"
plugins    = "./plugins"
fallback   = ["person:carol"]

[mail]
server = "{mail}"
from   = "nightbell@example.org"
tls    = "none"

[network]                       # the demo's chat room is on this machine
allow_private = ["127.0.0.0/8"]

[[person]]
id = "aiko"
name = "Aiko"
email = "aiko@example.org"
time_zone = "Asia/Tokyo"
[[person]]
id = "ben"
name = "Ben"
email = "ben@example.org"
time_zone = "Europe/Berlin"
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
people = ["aiko"]

[[escalation_policy]]
id = "shop"
repeat = 2
[[escalation_policy.step]]
targets = ["schedule:primary"]
delay   = "{delay}"
[[escalation_policy.step]]
targets = ["person:ben"]
delay   = "5m"

[[escalation_policy]]
id = "web"
[[escalation_policy.step]]
targets = ["person:ben"]
delay   = "5m"

[[service]]
id = "shop"
name = "Shop"
escalation_policy = "shop"
[[service]]
id = "web"
name = "Web front"
escalation_policy = "web"

[[integration]]
id = "nagios"
service = "shop"
parser = "nagios"
key = "{NAGIOS_KEY}"
[[integration]]
id = "prometheus"
service = "shop"
parser = "prometheus"
key = "{PROMETHEUS_KEY}"
[[integration]]
id = "newrelic"
service = "shop"
parser = "newrelic"
key = "{NEWRELIC_KEY}"

[plugin.mute]
[[plugin.mute.settings.rules]]
match  = ["alertname=Watchdog"]
action = "drop"
reason = "Watchdog always fires; it only shows that Prometheus lives"

[plugin.by-label]
[plugin.by-label.settings]
group_by = ["alertname", "cluster"]
[[plugin.by-label.settings.rules]]
match   = ["team=web"]
service = "web"

[plugin.webhook]
secrets = {{ signing = {{ file = "./signing.secret" }} }}
"#
    )
}
