//! The manifest: what a plugin says about itself in `plugin.toml`.
//! It asks; it never grants. The text travels inside the plugin file as it was written, comments included.

use serde::Deserialize;

use crate::{AddressForm, Capability, Kind, MANIFEST_MAX_BYTES, Settings};

/// A checked manifest.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Lower-case letters, digits and hyphens, at most 63; begins with a letter. The operator's config names it so.
    pub name: String,
    /// `major.minor.patch`, with an optional `-suffix`.
    pub version: String,
    /// Must be the kind that the component exports.
    pub kind: Kind,
    /// One line.
    pub description: String,
    /// Without a grant for each of these the plugin is not loaded.
    #[serde(default)]
    pub requires: Vec<Capability>,
    /// Without a grant these answer `denied` at the call.
    #[serde(default)]
    pub optional: Vec<Capability>,
    /// Keeps the instance from batch to batch. Verdicts may then depend on what came before, so replay promises nothing.
    #[serde(default)]
    pub reuse: bool,
    /// What it asks for; the operator's own limits win when they are lower.
    #[serde(default)]
    pub limits: Limits,
    /// What the operator can set; see [`check_settings`](crate::check_settings).
    #[serde(default)]
    pub settings: Settings,
    /// Of a channel: how a person is asked for an address.
    #[serde(default)]
    pub address: Option<AddressForm>,
}

/// The limits a plugin asks for. `None` is the host's default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Linear memory of one instance, 1 to 256 MiB.
    pub memory_mib: Option<u32>,
    /// Computing time of one call, 1 to 60,000 ms. Waiting does not count.
    pub cpu_ms: Option<u32>,
    /// Time of one call by the clock, 1 to 120,000 ms.
    pub wall_ms: Option<u32>,
}

/// Why a manifest cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ManifestError {
    /// More than [`MANIFEST_MAX_BYTES`].
    #[error("manifest has {bytes} bytes, expected at most {MANIFEST_MAX_BYTES}")]
    TooLarge {
        /// Bytes it has.
        bytes: usize,
    },
    /// Not TOML, a missing or unknown key, a wrong type. The text has line and column.
    #[error("manifest: {0}")]
    Toml(String),
    /// A name that could not be a config key.
    #[error(
        "manifest: name `{0}`: expected 1 to 63 lower-case letters, digits and hyphens, beginning with a letter"
    )]
    Name(String),
    /// Not a version.
    #[error("manifest: version `{0}`: expected `major.minor.patch`, such as `1.0.0`")]
    Version(String),
    /// No description, or more than a line.
    #[error("manifest: description: expected one line of 1 to 200 characters")]
    Description,
    /// The kind's world does not have it.
    #[error("manifest: a {kind} cannot ask for `{capability}`; {}", offer(*kind))]
    OutsideKind {
        /// The plugin's kind.
        kind: Kind,
        /// What it asks for.
        capability: Capability,
    },
    /// Asked for twice.
    #[error("manifest: `{0}` is asked for twice in `requires` and `optional`")]
    Twice(Capability),
    /// Outside the range.
    #[error("manifest: limits.{name} is {got}, expected 1 to {max}")]
    Limit {
        /// The key.
        name: &'static str,
        /// Its value.
        got: u32,
        /// The most it can be.
        max: u32,
    },
    /// A setting is described as none can be.
    #[error("manifest: settings.{name}: {why}")]
    Setting {
        /// Which.
        name: String,
        /// What was expected.
        why: String,
    },
    /// The form for an address cannot be shown, or the plugin has no addresses.
    #[error("manifest: address: {0}")]
    Address(String),
}

fn offer(kind: Kind) -> String {
    let names: Vec<_> = kind.capabilities().iter().map(|c| c.name()).collect();
    match names.as_slice() {
        [] => "it has `log` and `config` only".to_owned(),
        names => format!("it can ask for {}", names.join(", ")),
    }
}

impl Manifest {
    /// Reads and checks a `plugin.toml`.
    ///
    /// # Errors
    /// The first [`ManifestError`] found.
    pub fn parse(text: &str) -> Result<Self, ManifestError> {
        if text.len() > MANIFEST_MAX_BYTES {
            return Err(ManifestError::TooLarge { bytes: text.len() });
        }
        let manifest: Self = toml::from_str(text)
            .map_err(|error| ManifestError::Toml(error.to_string().trim_end().to_owned()))?;
        manifest.check()?;
        Ok(manifest)
    }

    /// True when the plugin asks for it, as required or optional.
    #[must_use]
    pub fn asks_for(&self, capability: Capability) -> bool {
        self.requires.contains(&capability) || self.optional.contains(&capability)
    }

    fn check(&self) -> Result<(), ManifestError> {
        if !is_name(&self.name) {
            return Err(ManifestError::Name(self.name.clone()));
        }
        if !is_version(&self.version) {
            return Err(ManifestError::Version(self.version.clone()));
        }
        let length = self.description.chars().count();
        if !(1..=200).contains(&length) || self.description.contains(['\n', '\r']) {
            return Err(ManifestError::Description);
        }
        self.check_capabilities()?;
        let limits = [
            ("memory_mib", self.limits.memory_mib, 256),
            ("cpu_ms", self.limits.cpu_ms, 60_000),
            ("wall_ms", self.limits.wall_ms, 120_000),
        ];
        for (name, value, max) in limits {
            if let Some(got) = value.filter(|value| !(1..=max).contains(value)) {
                return Err(ManifestError::Limit { name, got, max });
            }
        }
        for (name, setting) in &self.settings {
            let refused = |why| ManifestError::Setting { name: name.clone(), why };
            setting.check_itself(name).map_err(refused)?;
        }
        let address = self.address.as_ref().map_or(Ok(()), |form| form.check(self.kind));
        address.map_err(ManifestError::Address)
    }

    fn check_capabilities(&self) -> Result<(), ManifestError> {
        let mut seen = vec![];
        for &capability in self.requires.iter().chain(&self.optional) {
            if !self.kind.capabilities().contains(&capability) {
                return Err(ManifestError::OutsideKind { kind: self.kind, capability });
            }
            if seen.contains(&capability) {
                return Err(ManifestError::Twice(capability));
            }
            seen.push(capability);
        }
        Ok(())
    }
}

fn is_name(name: &str) -> bool {
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    name.len() <= 63
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(allowed)
}

fn is_version(version: &str) -> bool {
    let (numbers, suffix) =
        version.split_once('-').map_or((version, None), |(numbers, rest)| (numbers, Some(rest)));
    let number = |part: &str| {
        (1..=9).contains(&part.len())
            && part.bytes().all(|b| b.is_ascii_digit())
            && (part == "0" || !part.starts_with('0'))
    };
    let suffix_is_fine = suffix.is_none_or(|text| {
        (1..=64).contains(&text.len())
            && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '.' || c == '-')
    });
    let parts: Vec<_> = numbers.split('.').collect();
    suffix_is_fine && parts.len() == 3 && parts.into_iter().all(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FULL: &str = r#"
name = "webhook"
version = "1.2.3-rc.1"
kind = "channel"
description = "Posts notifications."
requires = ["http"]
optional = ["secret"]
reuse = true
[limits]
memory_mib = 8
wall_ms = 10000
[settings.url]
type = "string"
"#;

    fn refusal(from: &str, to: &str) -> String {
        assert!(FULL.contains(from), "{from}");
        Manifest::parse(&FULL.replace(from, to)).expect_err("must be refused").to_string()
    }

    #[test]
    fn a_full_manifest_is_read() {
        let manifest = Manifest::parse(FULL).expect("valid");
        assert_eq!(manifest.kind, Kind::Channel);
        assert_eq!(
            (&manifest.requires[..], &manifest.optional[..]),
            (&[Capability::Http][..], &[Capability::Secret][..])
        );
        assert!(manifest.asks_for(Capability::Secret) && !manifest.asks_for(Capability::Mail));
        assert_eq!(
            manifest.limits,
            Limits { memory_mib: Some(8), cpu_ms: None, wall_ms: Some(10_000) }
        );
        assert_eq!(manifest.settings["url"].types, [crate::SettingType::String]);
    }

    #[test]
    fn a_short_manifest_has_defaults() {
        let text = "name='m'\nversion='0.1.0'\nkind='parser'\ndescription='d'";
        let manifest = Manifest::parse(text).expect("valid");
        assert!(manifest.requires.is_empty() && !manifest.reuse && manifest.settings.is_empty());
    }

    #[test]
    fn mistakes_are_named() {
        for name in ["", "Webhook", "1st", "a_b", "a b", "ä", &"a".repeat(64)] {
            let message = refusal("name = \"webhook\"", &format!("name = \"{name}\""));
            assert!(
                message.starts_with(&format!("manifest: name `{name}`: expected")),
                "{message}"
            );
        }
        for version in ["", "1", "1.2", "1.2.3.4", "01.2.3", "1.2.x", "1.2.3-", "v1.2.3"] {
            let message = refusal("1.2.3-rc.1", version);
            assert!(message.starts_with(&format!("manifest: version `{version}`")), "{message}");
        }
        assert_eq!(
            refusal("kind = \"channel\"", "kind = \"filter\""),
            "manifest: a filter cannot ask for `http`; it can ask for state"
        );
        assert_eq!(
            refusal("kind = \"channel\"", "kind = \"parser\""),
            "manifest: a parser cannot ask for `http`; it has `log` and `config` only"
        );
        assert_eq!(
            refusal("[\"secret\"]", "[\"http\"]"),
            "manifest: `http` is asked for twice in `requires` and `optional`"
        );
        assert_eq!(
            refusal("memory_mib = 8", "memory_mib = 0"),
            "manifest: limits.memory_mib is 0, expected 1 to 256"
        );
        assert_eq!(
            refusal("wall_ms = 10000", "wall_ms = 120001"),
            "manifest: limits.wall_ms is 120001, expected 1 to 120000"
        );
        assert!(refusal("Posts notifications.", "").contains("description: expected one line"));
        assert!(
            refusal("Posts notifications.", "a\\nb").contains("description: expected one line")
        );
        let unknown = refusal("reuse = true", "reuze = true");
        assert!(unknown.contains("line 8") && unknown.contains("reuze"), "{unknown}");
        assert!(refusal("[\"http\"]", "[\"sockets\"]").contains("sockets"));
        assert!(refusal("version = ", "#").contains("version"));
    }

    #[test]
    fn every_shipped_manifest_is_read_and_every_channel_says_what_an_address_is() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../plugins");
        let mut count = 0;
        for entry in std::fs::read_dir(folder).expect("the plugins") {
            let path = entry.expect("an entry").path().join("plugin.toml");
            let text = std::fs::read_to_string(&path).expect("a manifest");
            let manifest = Manifest::parse(&text)
                .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            let is_channel = manifest.kind == Kind::Channel;
            assert_eq!(manifest.address.is_some(), is_channel, "{}", manifest.name);
            let described = manifest.settings.values().all(|one| !one.description.is_empty());
            assert!(described, "{}: a setting without description", manifest.name);
            count += 1;
        }
        assert!(count >= 9, "only {count} were found");
    }

    #[test]
    fn a_huge_manifest_is_refused_before_it_is_read() {
        let text = format!("{FULL}\n#{}", "x".repeat(MANIFEST_MAX_BYTES));
        assert_eq!(Manifest::parse(&text), Err(ManifestError::TooLarge { bytes: text.len() }));
    }
}
