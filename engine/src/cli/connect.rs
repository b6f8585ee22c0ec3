//! Which server a command talks to, and with which token.
//!
//! A token found in a data directory is sent only to the server of that configuration, never to another one named with
//! `--server`.

use super::client::Client;
use super::failure::Failure;
use super::near::{DEFAULT_SERVER, Near};
use clap::Args;
use reqwest::Url;
use secrecy::SecretString;
use std::fmt;
use std::path::{Path, PathBuf};

/// The configuration that is looked at when none is named.
const DEFAULT_CONFIG: &str = "nightbell.toml";
/// Where the first admin token lies in the data directory.
const TOKEN_FILE: &str = "admin.token";

/// How to reach the server.
#[derive(Args, Clone, Default)]
#[command(next_help_heading = "Connection")]
pub(super) struct Connection {
    /// The server [default: the configuration's `public_url`, else http://127.0.0.1:7171]
    #[arg(long, value_name = "URL", env = "NIGHTBELL_SERVER", global = true)]
    pub(super) server: Option<String>,

    /// An API token [default: `admin.token` in the configuration's data directory]
    #[arg(
        long,
        value_name = "TOKEN",
        env = "NIGHTBELL_TOKEN",
        hide_env_values = true,
        global = true
    )]
    pub(super) token: Option<String>,

    /// A PEM file with the certificates of a private authority to trust
    #[arg(long, value_name = "FILE", env = "NIGHTBELL_CA", global = true)]
    pub(super) ca: Option<PathBuf>,

    /// The configuration to find server and token by [default: nightbell.toml, when there is one]
    #[arg(long, value_name = "FILE", env = "NIGHTBELL_CONFIG", global = true)]
    pub(super) config: Option<PathBuf>,
}

/// Without the token.
impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let token = self.token.as_ref().map(|_| "***");
        let Self { server, ca, config, .. } = self;
        f.debug_struct("Connection")
            .field("server", server)
            .field("token", &token)
            .field("ca", ca)
            .field("config", config)
            .finish()
    }
}

impl Connection {
    /// The configuration that is meant: named, or there by default.
    ///
    /// # Errors
    /// When a named one cannot be read.
    pub(super) fn near(&self) -> Result<Option<Near>, Failure> {
        match &self.config {
            Some(path) => Near::read(path).map(Some),
            None if Path::new(DEFAULT_CONFIG).is_file() => {
                Ok(Near::read(Path::new(DEFAULT_CONFIG)).ok())
            }
            None => Ok(None),
        }
    }

    /// A client for the server.
    ///
    /// # Errors
    /// When the address, the authority's file or a named configuration is no good.
    pub(super) fn open(&self) -> Result<Client, Failure> {
        let near = self.near()?;
        let server = server_url(self.server.as_deref(), near.as_ref())?;
        let token = match &self.token {
            Some(token) => Some(token.trim().to_owned()).filter(|token| !token.is_empty()),
            None => near.as_ref().filter(|near| is_its_server(&server, near)).and_then(token_file),
        };
        Client::new(server, token.map(SecretString::from), self.ca.as_deref())
    }
}

fn server_url(named: Option<&str>, near: Option<&Near>) -> Result<Url, Failure> {
    let text = named.or(near.map(|near| near.public_url.as_str())).unwrap_or(DEFAULT_SERVER);
    let url = Url::parse(text.trim()).ok();
    let web = |url: &Url| matches!(url.scheme(), "http" | "https") && url.has_host();
    url.filter(web).ok_or_else(|| {
        Failure::usage(format!("`{text}` is no address of a server."))
            .hint(format!("write it like {DEFAULT_SERVER}"))
    })
}

/// Whether this is the server that the configuration speaks of.
fn is_its_server(server: &Url, near: &Near) -> bool {
    [&near.public_url, &near.listen_url]
        .into_iter()
        .any(|own| Url::parse(own).is_ok_and(|own| own.origin() == server.origin()))
}

fn token_file(near: &Near) -> Option<String> {
    let text = std::fs::read_to_string(near.data.join(TOKEN_FILE)).ok()?;
    Some(text.trim().to_owned()).filter(|token| !token.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(dir: &Path) -> Near {
        let path = dir.join(DEFAULT_CONFIG);
        std::fs::write(&path, "public_url = \"https://bell.example.org\"").expect("written");
        Near::read(&path).expect("readable")
    }

    #[test]
    fn a_named_server_beats_the_configuration() {
        let dir = tempfile::tempdir().expect("a directory");
        let near = near(dir.path());
        let url = |named, near| server_url(named, near).map(|url| url.to_string());
        assert_eq!(url(None, None), Ok("http://127.0.0.1:7171/".to_owned()));
        assert_eq!(url(None, Some(&near)), Ok("https://bell.example.org/".to_owned()));
        assert_eq!(url(Some("http://[::1]:9/"), Some(&near)), Ok("http://[::1]:9/".to_owned()));
        for text in ["localhost:7171", "ftp://x", "", "bell"] {
            assert!(server_url(Some(text), None).is_err(), "{text}");
        }
    }

    #[test]
    fn a_found_token_goes_to_its_own_server_only() {
        let dir = tempfile::tempdir().expect("a directory");
        let near = near(dir.path());
        for (server, own) in [
            ("https://bell.example.org", true),
            ("http://127.0.0.1:7171", true),
            ("http://bell.example.org", false),
            ("https://other.example.org", false),
            ("http://127.0.0.1:7172", false),
        ] {
            assert_eq!(is_its_server(&Url::parse(server).expect("a url"), &near), own, "{server}");
        }
    }

    #[test]
    fn a_token_is_not_shown() {
        let connection =
            Connection { token: Some("nb_admin_x".to_owned()), ..Connection::default() };
        assert!(!format!("{connection:?}").contains("nb_admin"));
    }
}
