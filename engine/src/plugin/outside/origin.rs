//! Origins: scheme, host and port, as grants name them and as requests go to them.

use reqwest::Url;
use std::fmt;

/// Where a request goes. Compared as a whole: another port or scheme is another origin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::plugin) struct Origin {
    scheme: String,
    host: String,
    port: u16,
}

impl Origin {
    /// The origin of a URL. Only http and https, without a user name.
    ///
    /// # Errors
    /// In words that show the origin at most, never the rest of the URL.
    pub(in crate::plugin) fn of(url: &Url) -> Result<Self, String> {
        let scheme = url.scheme();
        if scheme != "http" && scheme != "https" {
            return Err(format!("expected an http or https URL, got scheme `{scheme}`"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err("a URL with a user name is not allowed: use a header".to_owned());
        }
        let host = url.host_str().ok_or("expected a URL with a host")?;
        // `example.org.` and `example.org` are one host.
        let host = host.strip_suffix('.').unwrap_or(host).to_owned();
        let port = url.port_or_known_default().ok_or("expected a URL with a port")?;
        Ok(Self { scheme: scheme.to_owned(), host, port })
    }

    /// Reads a grant: `https://host` or `http://host:port`.
    ///
    /// # Errors
    /// When it is no URL or not http or https.
    pub(in crate::plugin) fn parse(text: &str) -> Result<Self, String> {
        let url = Url::parse(text).map_err(|error| format!("`{text}` is no URL: {error}"))?;
        Self::of(&url)
    }

    /// Whether a secret's host (`example.org`, `example.org:8443`) means this origin. Without a port: the scheme's own.
    pub(in crate::plugin) fn is_host(&self, host: &str) -> bool {
        Self::parse(&format!("{}://{host}", self.scheme)).is_ok_and(|other| other == *self)
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let usual = if self.scheme == "http" { 80 } else { 443 };
        write!(f, "{}://{}", self.scheme, self.host)?;
        if self.port == usual { Ok(()) } else { write!(f, ":{}", self.port) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_compared_as_a_whole() {
        for (a, b, same) in [
            ("https://example.org", "https://EXAMPLE.org:443/x?y", true),
            ("https://example.org", "https://example.org./", true),
            ("https://example.org", "http://example.org", false),
            ("https://example.org", "https://example.org:8443", false),
            ("https://example.org", "https://example.org.evil.example", false),
            ("http://127.0.0.1:9", "http://127.1:9", true),
            ("http://127.0.0.1", "http://0x7f000001", true),
        ] {
            let (a, b) = (Origin::parse(a).expect(a), Origin::parse(b).expect(b));
            assert_eq!(a == b, same, "{a} {b}");
        }
    }

    #[test]
    fn what_is_no_origin_is_refused() {
        for text in [
            "example.org",
            "ftp://example.org",
            "file:///etc/passwd",
            "https://a:b@example.org",
            "https://",
        ] {
            assert!(Origin::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_secret_s_host_without_a_port_is_the_usual_port() {
        let origin = Origin::parse("https://example.org").expect("a URL");
        assert!(origin.is_host("example.org") && origin.is_host("example.org:443"));
        assert!(
            !origin.is_host("example.org:8443") && !origin.is_host("org") && !origin.is_host("")
        );
    }
}
