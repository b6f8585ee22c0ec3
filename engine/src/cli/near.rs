//! What the command line reads of a configuration beside it: where the server is, and where its data lies.
//!
//! Deliberately less than [`crate::config`]: a person who reads incidents need not have the server's secrets in their
//! environment, and a mistake in a rotation must not keep them from acknowledging. `check` is for mistakes.

use super::failure::Failure;
use crate::config;
use std::path::{Path, PathBuf};
use toml::{Table, Value};

/// Where a server listens when nothing is said.
pub(super) const DEFAULT_SERVER: &str = "http://127.0.0.1:7171";

/// Largest configuration file that is looked at, in bytes.
const FILE_MAX_BYTES: u64 = 4 << 20;

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Near {
    /// How people reach the server.
    pub(super) public_url: String,
    /// How it is reached from this machine.
    pub(super) listen_url: String,
    /// The data directory.
    pub(super) data: PathBuf,
    /// The operator's own plugins.
    pub(super) plugins: PathBuf,
    path: PathBuf,
}

impl Near {
    /// Reads the main file at `path`.
    ///
    /// # Errors
    /// When it cannot be read, or is not TOML.
    pub(super) fn read(path: &Path) -> Result<Self, Failure> {
        let table = read_table(path)?;
        let base = path.parent().unwrap_or(Path::new(""));
        let text = |key: &str| table.get(key).and_then(Value::as_str);
        let scheme = if table.contains_key("tls") { "https" } else { "http" };
        let listen = text("listen").map_or("127.0.0.1:7171", str::trim);
        let listen_url = format!("{scheme}://{}", reachable(listen));
        let public_url = text("public_url").map(|url| url.trim_end_matches('/').to_owned());
        Ok(Self {
            public_url: public_url.unwrap_or_else(|| listen_url.clone()),
            listen_url,
            data: base.join(text("data").unwrap_or("data")),
            plugins: base.join(text("plugins").unwrap_or("plugins")),
            path: path.to_owned(),
        })
    }

    /// The key of an integration: the first when it has two.
    ///
    /// # Errors
    /// When there is no such integration, or its key is not to be had here.
    pub(super) fn key(&self, integration: &str) -> Result<String, Failure> {
        for path in config::files(&self.path) {
            let table = read_table(&path)?;
            let base = path.parent().unwrap_or(Path::new("")).to_owned();
            for found in table.get("integration").and_then(Value::as_array).into_iter().flatten() {
                if found.get("id").and_then(Value::as_str) == Some(integration) {
                    let keys = found.get("keys").and_then(Value::as_array);
                    let key = found.get("key").or_else(|| keys.and_then(|keys| keys.first()));
                    return key.and_then(|key| secret(key, &base)).ok_or_else(|| {
                        Failure::new(format!(
                            "The key of integration `{integration}` cannot be read here."
                        ))
                        .hint("set its environment variable, or pass `--key`")
                    });
                }
            }
        }
        let path = self.path.display();
        Err(Failure::new(format!("There is no integration `{integration}` in {path}."))
            .hint("`nightbell check` tells how many there are; or pass `--key`"))
    }
}

/// An address to listen at as one to connect to.
fn reachable(listen: &str) -> String {
    match listen.rsplit_once(':') {
        Some(("0.0.0.0", port)) => format!("127.0.0.1:{port}"),
        Some(("[::]", port)) => format!("[::1]:{port}"),
        _ => listen.to_owned(),
    }
}

/// A literal, `{ env = "X" }` or `{ file = "…" }`.
#[allow(
    clippy::disallowed_methods,
    reason = "a key that the configuration keeps in the environment"
)]
fn secret(value: &Value, base: &Path) -> Option<String> {
    if let Some(text) = value.as_str() {
        return Some(text.to_owned());
    }
    let part = |key: &str| value.get(key).and_then(Value::as_str);
    if let Some(name) = part("env") {
        return std::env::var(name).ok();
    }
    let text = bounded(&base.join(part("file")?)).ok()?;
    Some(text.trim().to_owned())
}

fn read_table(path: &Path) -> Result<Table, Failure> {
    let shown = path.display();
    let text = bounded(path).map_err(|error| {
        Failure::new(format!("The configuration {shown} cannot be read: {error}."))
            .hint("name another with `--config`, or the server itself with `--server`")
    })?;
    text.parse().map_err(|_| {
        Failure::new(format!("The configuration {shown} is not TOML."))
            .hint(format!("`nightbell check --config {shown}` says where"))
    })
}

/// Reads a file of text of a bounded size.
fn bounded(path: &Path) -> std::io::Result<String> {
    use std::io::Read as _;
    let mut text = String::new();
    std::fs::File::open(path)?.take(FILE_MAX_BYTES).read_to_string(&mut text)?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(text: &str) -> (tempfile::TempDir, Near) {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("nightbell.toml");
        std::fs::write(&path, text).expect("written");
        let near = Near::read(&path).expect("readable");
        (dir, near)
    }

    #[test]
    fn an_empty_configuration_means_the_defaults() {
        let (dir, near) = near("");
        assert_eq!(near.public_url, DEFAULT_SERVER);
        assert_eq!(near.data, dir.path().join("data"));
    }

    #[test]
    fn the_public_address_and_the_one_for_this_machine_may_differ() {
        let (_dir, near) =
            near("listen = \"0.0.0.0:80\"\npublic_url = \"https://bell.example.org/\"");
        assert_eq!(near.public_url, "https://bell.example.org");
        assert_eq!(near.listen_url, "http://127.0.0.1:80");
    }

    #[test]
    fn an_integrations_key_is_found_in_conf_d_too() {
        let (dir, near) = near("");
        std::fs::create_dir(dir.path().join("conf.d")).expect("made");
        std::fs::write(dir.path().join("conf.d/secret"), "fedcba9876543210fedcba9876543210\n")
            .expect("written");
        let text = "[[integration]]\nid = \"a\"\nkey = \"0123456789abcdef0123456789abcdef\"\n\
            [[integration]]\nid = \"b\"\nkeys = [{ file = \"secret\" }]\n\
            [[integration]]\nid = \"c\"\nkey = { env = \"NIGHTBELL_TEST_NO_SUCH_VARIABLE\" }\n";
        std::fs::write(dir.path().join("conf.d/in.toml"), text).expect("written");
        assert_eq!(near.key("a").as_deref(), Ok("0123456789abcdef0123456789abcdef"));
        assert_eq!(near.key("b").as_deref(), Ok("fedcba9876543210fedcba9876543210"));
        let refused = near.key("c").expect_err("not set");
        assert!(refused.message.contains("`c`"), "{refused}");
        assert!(near.key("d").expect_err("unknown").message.contains("no integration `d`"));
    }
}
