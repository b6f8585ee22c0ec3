//! Which keys each table has. Reads tables into [`Raw`]; what a value means is not its business.

use super::{
    Raw, RawIntegration, RawLayer, RawLengthLimit, RawMail, RawName, RawNetwork, RawNotify,
    RawPerson, RawPlugin, RawPolicy, RawReach, RawRestriction, RawRoom, RawSchedule, RawSecret,
    RawSecretFrom, RawService, RawSettings, RawSigning, RawSupportHours, RawTeam, RawTls,
    WrittenSecret,
};
use crate::config::mistake::{At, Mark, Mistake, Report};
use crate::config::reader::{Table, Value};

impl Raw {
    /// Reads one file's tables into it.
    pub(in crate::config) fn read(&mut self, top: Table<'_>, report: &Report) {
        let text = |key| top.optional(key).and_then(|value| value.string());
        self.listen.extend(text("listen"));
        self.public_url.extend(text("public_url"));
        self.data.extend(text("data"));
        self.plugins_dir.extend(text("plugins"));
        self.fallback_is_there |= top.has("fallback");
        self.fallback.extend(top.optional("fallback").and_then(|value| strings_at(&value)));
        let table = |key, header| top.optional(key).and_then(|value| value.table(header));
        self.mail_is_there |= top.has("mail");
        self.mail.extend(table("mail", "[mail]").map(|mail| RawMail::read(mail, report)));
        self.tls.extend(table("tls", "[tls]").map(RawTls::read));
        self.network.extend(table("network", "[network]").map(RawNetwork::read));
        self.signing.extend(table("signing", "[signing]").map(RawSigning::read));
        self.reach.extend(table("reach", "[reach]").map(RawReach::read));
        self.silence.extend(table("silence", "[silence]").map(RawLengthLimit::read));
        let windows = table("maintenance_window", "[maintenance_window]");
        self.maintenance_window.extend(windows.map(RawLengthLimit::read));
        self.notify.extend(table("notify", "[notify]").map(RawNotify::read));
        let tables =
            |key, header| top.optional(key).map(|value| value.tables(header)).unwrap_or_default();
        self.people.extend(tables("person", "[[person]]").into_iter().map(RawPerson::read));
        self.schedules
            .extend(tables("schedule", "[[schedule]]").into_iter().map(RawSchedule::read));
        self.policies.extend(
            tables("escalation_policy", "[[escalation_policy]]").into_iter().map(RawPolicy::read),
        );
        self.services.extend(tables("service", "[[service]]").into_iter().map(RawService::read));
        self.teams.extend(tables("team", "[[team]]").into_iter().map(RawTeam::read));
        let rooms = tables("room", "[[room]]").into_iter();
        self.rooms.extend(rooms.map(|room| RawRoom::read(room, report)));
        let integrations = tables("integration", "[[integration]]");
        self.integrations
            .extend(integrations.into_iter().map(|table| RawIntegration::read(table, report)));
        if let Some(plugins) = table("plugin", "[plugin.<name>]") {
            for (name, value) in plugins.entries() {
                let header = format!("[plugin.{}]", name.value);
                self.plugins
                    .extend(value.table(&header).map(|table| RawPlugin::read(name, table, report)));
            }
        }
        top.finish();
    }
}

pub(super) fn text(table: &Table<'_>, key: &'static str) -> Option<At<String>> {
    table.optional(key).and_then(|value| value.string())
}

pub(super) fn required(table: &Table<'_>, key: &'static str, example: &str) -> Option<At<String>> {
    table.required(key, example).and_then(|value| value.string_such_as(example))
}

fn strings(table: &Table<'_>, key: &'static str) -> Vec<At<String>> {
    table.optional(key).and_then(|value| value.strings()).unwrap_or_default()
}

pub(super) fn strings_at(value: &Value<'_>) -> Option<At<Vec<At<String>>>> {
    // An item of the wrong type is reported; the list must not look empty because of it.
    let items = value.list()?;
    let texts: Vec<_> = items.iter().filter_map(Value::string).collect();
    (texts.len() == items.len()).then_some(At { value: texts, at: value.at })
}

impl RawName {
    pub(super) fn read(table: &Table<'_>, example: &str) -> Self {
        let unnamed = Self::unnamed(table, example);
        Self { name: text(table, "name"), ..unnamed }
    }

    /// Of a thing that has an id only.
    pub(super) fn unnamed(table: &Table<'_>, example: &str) -> Self {
        Self { at: table.at, id: required(table, "id", example), name: None }
    }
}

impl RawMail {
    fn read(table: Table<'_>, report: &Report) -> Self {
        let mail = Self {
            at: table.at,
            server: required(&table, "server", "\"mail.example.org:587\""),
            from: required(&table, "from", "\"nightbell@example.org\""),
            tls: text(&table, "tls"),
            username: text(&table, "username"),
            password: table.optional("password").and_then(|value| RawSecret::read(&value, report)),
        };
        table.finish();
        mail
    }
}

impl RawTls {
    fn read(table: Table<'_>) -> Self {
        let tls = Self {
            at: table.at,
            certificate: required(&table, "certificate", "\"fullchain.pem\""),
            key: required(&table, "key", "\"key.pem\""),
        };
        table.finish();
        tls
    }
}

impl RawReach {
    fn read(table: Table<'_>) -> Self {
        let reach = Self {
            at: table.at,
            days: table.optional("days").and_then(|days| days.integer(1..=90)),
            within: table.optional("within").and_then(|within| within.string()),
            page: table.optional("page").and_then(|page| page.boolean()),
        };
        table.finish();
        reach
    }
}

impl RawNetwork {
    fn read(table: Table<'_>) -> Self {
        let network = Self { at: table.at, allow_private: strings(&table, "allow_private") };
        table.finish();
        network
    }
}

impl RawSigning {
    fn read(table: Table<'_>) -> Self {
        let required = table.optional("required");
        let required =
            required.and_then(|value| Some(At { at: value.at, value: value.boolean()? }));
        let signing = Self { at: table.at, keys: strings(&table, "keys"), required };
        table.finish();
        signing
    }
}

impl RawLengthLimit {
    fn read(table: Table<'_>) -> Self {
        let (max, recurring_max) = (text(&table, "max"), text(&table, "recurring_max"));
        let limit = Self { at: table.at, max, recurring_max };
        table.finish();
        limit
    }
}

impl RawPerson {
    fn read(table: Table<'_>) -> Self {
        let person = Self {
            name: RawName::read(&table, "\"alice\""),
            email: text(&table, "email"),
            time_zone: text(&table, "time_zone"),
            language: text(&table, "language"),
        };
        table.finish();
        person
    }
}

impl RawSchedule {
    fn read(table: Table<'_>) -> Self {
        let layers = table.optional("layer").map(|value| value.tables("[[schedule.layer]]"));
        let schedule = Self {
            name: RawName::read(&table, "\"primary\""),
            time_zone: required(&table, "time_zone", "\"Europe/Berlin\""),
            effective_from: table.optional("effective_from").and_then(|value| value.time()),
            on_absence: text(&table, "on_absence"),
            layers: layers.unwrap_or_default().into_iter().map(RawLayer::read).collect(),
        };
        table.finish();
        schedule
    }
}

impl RawLayer {
    fn read(table: Table<'_>) -> Self {
        let layer = Self {
            at: table.at,
            name: text(&table, "name"),
            start: table.required("start", "\"2026-01-05T09:00\"").and_then(|value| value.time()),
            end: table.optional("end").and_then(|value| value.time()),
            turn: required(&table, "turn", "\"1 week\""),
            handoff: table.optional("handoff").and_then(|value| value.time()),
            time_zone: text(&table, "time_zone"),
            advance: text(&table, "advance"),
            restrict: table.optional("restrict").map(|value| At {
                at: value.at,
                value: value
                    .tables("restrict = [{ … }]")
                    .into_iter()
                    .map(RawRestriction::read)
                    .collect(),
            }),
            people: table
                .required("people", "[\"alice\", \"bob\"]")
                .and_then(|value| strings_at(&value)),
        };
        table.finish();
        layer
    }
}

impl RawRestriction {
    fn read(table: Table<'_>) -> Self {
        let restriction = Self {
            at: table.at,
            days: table.optional("days").and_then(|value| strings_at(&value)),
            from: required(&table, "from", "\"09:00\""),
            to: required(&table, "to", "\"17:00\""),
        };
        table.finish();
        restriction
    }
}

impl RawService {
    fn read(table: Table<'_>) -> Self {
        let service = Self {
            name: RawName::read(&table, "\"shop\""),
            policy: required(&table, "escalation_policy", "\"shop\""),
            urgency: text(&table, "urgency"),
            support_hours: table
                .optional("support_hours")
                .and_then(|value| value.table("[service.support_hours]"))
                .map(RawSupportHours::read),
            team: text(&table, "team"),
            reopen_within: text(&table, "reopen_within"),
            subscribers: table.optional("subscribers").and_then(|value| strings_at(&value)),
        };
        table.finish();
        service
    }
}

impl RawIntegration {
    fn read(table: Table<'_>, report: &Report) -> Self {
        let integration = Self {
            name: RawName::unnamed(&table, "\"nagios\""),
            service: required(&table, "service", "\"shop\""),
            parser: required(&table, "parser", "\"nagios\""),
            keys: Self::read_keys(&table, report),
            settings: settings(&table),
        };
        table.finish();
        integration
    }

    fn read_keys(table: &Table<'_>, report: &Report) -> Vec<RawSecret> {
        let (one, many) = (table.optional("key"), table.optional("keys"));
        if let (Some(one), Some(many)) = (&one, &many) {
            report.add(
                Mistake::error(many.at, "expected `key` or `keys`, got both")
                    .also(one.at, "and here")
                    .hint("while a key is being replaced, write `keys = [old, new]` alone"),
            );
        }
        let mut values: Vec<Value<'_>> = match (one, many) {
            (None, None) => table.required("key", "{ env = \"NAGIOS_KEY\" }").into_iter().collect(),
            (one, None) => one.into_iter().collect(),
            (_, Some(many)) => {
                let keys = many.list();
                if let Some(count) =
                    keys.as_ref().map(Vec::len).filter(|count| !(1..=2).contains(count))
                {
                    report.add(
                        Mistake::error(many.at, format!("expected one or two keys, got {count}"))
                            .hint("write one key, or the old and the new one"),
                    );
                }
                keys.unwrap_or_default()
            }
        };
        values.truncate(2);
        values.iter().filter_map(|value| RawSecret::read(value, report)).collect()
    }
}

/// A plugin's own words.
pub(in crate::config) fn settings(table: &Table<'_>) -> Option<RawSettings> {
    let written = table.optional("settings")?;
    let entries = written.table("settings = { … }")?.entries();
    let entries = entries.into_iter().map(|(name, value)| (name, value.at)).collect();
    Some(RawSettings { at: written.at, value: written.json()?, entries })
}

impl RawSecret {
    /// A text, `{ env = "X" }` or `{ file = "…" }`.
    pub(super) fn read(value: &Value<'_>, report: &Report) -> Option<Self> {
        if !value.is_table() {
            let literal = value.string()?;
            return Some(Self { at: literal.at, from: RawSecretFrom::Literal(literal.value) });
        }
        let table = value.table(&format!("{} = {{ … }}", value.key()))?;
        let secret = Self::read_table(&table, value.at, report);
        table.finish();
        secret
    }

    fn read_table(table: &Table<'_>, at: Mark, report: &Report) -> Option<Self> {
        let (env, file) = (table.optional("env"), table.optional("file"));
        let from = match (env, file) {
            (Some(env), None) => RawSecretFrom::Env(env.string()?),
            (None, Some(file)) => RawSecretFrom::File(file.string()?),
            (env, _) => {
                let got = if env.is_some() { "both" } else { "neither" };
                report.add(
                    Mistake::error(at, format!("expected `env` or `file`, got {got}"))
                        .hint(format!("write `{SECRET}` or `{{ file = \"secret.txt\" }}`")),
                );
                return None;
            }
        };
        Some(Self { at, from })
    }
}

/// How a secret is written.
const SECRET: &str = "{ env = \"NAME\" }";

impl RawPlugin {
    fn read(name: At<String>, table: Table<'_>, report: &Report) -> Self {
        let flag = |key| table.optional(key).and_then(|value| value.boolean());
        let number = |key, most| table.optional(key).and_then(|value| value.integer(1..=most));
        let plugin = Self {
            sha256: text(&table, "sha256"),
            hosts: strings(&table, "hosts"),
            secrets: Self::read_secrets(&table, report),
            mail: flag("mail").unwrap_or(false),
            state: flag("state").unwrap_or(false),
            from: text(&table, "from"),
            enabled: flag("enabled"),
            settings: settings(&table),
            order: table.optional("order").and_then(|value| value.integer(-1_000_000..=1_000_000)),
            memory_mib: number("memory_mib", 256),
            cpu_ms: number("cpu_ms", 60_000),
            wall_ms: number("wall_ms", 300_000),
            rest: text(&table, "rest"),
            signature: text(&table, "signature"),
            signing_keys: table.has("signing_keys").then(|| strings(&table, "signing_keys")),
            name,
        };
        table.finish();
        plugin
    }

    fn read_secrets(table: &Table<'_>, report: &Report) -> Vec<WrittenSecret> {
        let header = "secrets = { name = { env = \"NAME\" } }";
        let Some(secrets) = table.optional("secrets").and_then(|value| value.table(header)) else {
            return Vec::new();
        };
        let mut read = Vec::new();
        for (name, value) in secrets.entries() {
            if !value.is_table() {
                let hint = format!(
                    "a secret comes from outside: write `{SECRET}` or `{{ file = \"secret.txt\" }}`"
                );
                value.refuse::<()>("a table", &hint);
                continue;
            }
            let Some(secret) = value.table(&format!("{} = {{ … }}", name.value)) else {
                continue;
            };
            let hosts = strings(&secret, "hosts");
            if let Some(from) = RawSecret::read_table(&secret, value.at, report) {
                let in_body = secret.optional("in_body").and_then(|value| value.boolean());
                let in_body = in_body.unwrap_or(false);
                read.push(WrittenSecret { name, from, hosts, in_body });
            }
            secret.finish();
        }
        read
    }
}
