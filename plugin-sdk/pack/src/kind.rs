//! The four kinds of plugin: what each exports and what it may import.
//! The contract is `plugin-sdk/wit/nightbell.wit`; this is its table in Rust, checked against it by a test.

use serde::Deserialize;

/// What a plugin is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Bytes to events.
    Parser,
    /// Events to verdicts.
    Filter,
    /// Events to services.
    Router,
    /// Notifications to the outside.
    Channel,
}

/// Something of the host that a plugin must ask for and an operator grant. `log` and `config` need no asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Capability {
    /// A small durable key-value store.
    State,
    /// HTTP to granted hosts.
    Http,
    /// Mail to the notification's own address.
    Mail,
    /// HMAC with a named secret.
    Secret,
}

/// What a plugin exports: exactly one of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Interface {
    /// Parser.
    Parsing,
    /// Filter, packed batches.
    Judging,
    /// Filter, JSON text.
    JudgingJson,
    /// Router, packed batches.
    Routing,
    /// Router, JSON text.
    RoutingJson,
    /// Channel.
    Delivery,
}

impl Kind {
    /// Every kind, in the order of an event's life.
    pub const ALL: [Self; 4] = [Self::Parser, Self::Filter, Self::Router, Self::Channel];

    /// The word in manifests, file names and messages.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Parser => "parser",
            Self::Filter => "filter",
            Self::Router => "router",
            Self::Channel => "channel",
        }
    }

    /// What a plugin of this kind may ask for.
    #[must_use]
    pub const fn capabilities(self) -> &'static [Capability] {
        match self {
            Self::Parser => &[],
            Self::Filter | Self::Router => &[Capability::State],
            Self::Channel => {
                &[Capability::State, Capability::Http, Capability::Mail, Capability::Secret]
            }
        }
    }

    /// True when the kind's world has this interface of `nightbell:plugin` as an import.
    #[must_use]
    pub fn may_import(self, interface: &str) -> bool {
        matches!(interface, "types" | "log" | "config")
            || self.capabilities().iter().any(|capability| capability.name() == interface)
    }
}

impl Capability {
    /// Every capability.
    pub const ALL: [Self; 4] = [Self::State, Self::Http, Self::Mail, Self::Secret];

    /// The word in manifests and grants, and the interface's name in the contract.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::State => "state",
            Self::Http => "http",
            Self::Mail => "mail",
            Self::Secret => "secret",
        }
    }
}

impl Interface {
    /// Every interface a plugin can export.
    pub const ALL: [Self; 6] = [
        Self::Parsing,
        Self::Judging,
        Self::JudgingJson,
        Self::Routing,
        Self::RoutingJson,
        Self::Delivery,
    ];

    /// Its name in the contract.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Parsing => "parsing",
            Self::Judging => "judging",
            Self::JudgingJson => "judging-json",
            Self::Routing => "routing",
            Self::RoutingJson => "routing-json",
            Self::Delivery => "delivery",
        }
    }

    /// The kind of a plugin that exports it.
    #[must_use]
    pub const fn kind(self) -> Kind {
        match self {
            Self::Parsing => Kind::Parser,
            Self::Judging | Self::JudgingJson => Kind::Filter,
            Self::Routing | Self::RoutingJson => Kind::Router,
            Self::Delivery => Kind::Channel,
        }
    }
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

impl std::fmt::Display for Capability {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

impl std::fmt::Display for Interface {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONTRACT: &str = include_str!("../../wit/nightbell.wit");

    /// The lines of the world with this name.
    fn world(name: &str) -> Vec<&'static str> {
        let head = format!("world {name} {{");
        let lines = CONTRACT.lines().skip_while(|line| *line != head).skip(1);
        lines.take_while(|line| *line != "}").map(str::trim).collect()
    }

    #[test]
    fn the_table_is_the_contract() {
        for interface in Interface::ALL {
            let kind = interface.kind();
            let json = interface.name().ends_with("-json");
            let name = if json { format!("{kind}-json") } else { kind.to_string() };
            let lines = world(&name);
            assert!(lines.contains(&format!("export {interface};").as_str()), "world {name}");
            for import in ["log", "config", "state", "http", "mail", "secret"] {
                let there = lines.contains(&format!("import {import};").as_str());
                assert_eq!(kind.may_import(import), there, "world {name}, {import}");
            }
        }
    }
}
