//! Integrations' keys and parsers, and the operator's word on plugins. What is not said is denied (I13).

use super::super::mistake::{At, Mark, Mistake, quoted};
use super::super::plan::{IntegrationPlan, PluginPlan, SecretPlan};
use super::super::raw::{Raw, RawIntegration, RawPlugin, RawSecret, RawSettings, WrittenSecret};
use super::super::reader::list;
use super::super::value::{duration, nearest, origin, secret_host};
use super::names::check_id;
use super::secrets::{Literal, secret};
use super::{Context, signing};
use secrecy::ExposeSecret;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::path::Path;
use std::time::Duration;

/// How long a plugin may be told to rest.
const REST: RangeInclusive<Duration> = Duration::from_secs(1)..=Duration::from_secs(30 * 60);
/// Length of an integration's key, which is also PagerDuty's routing key.
const KEY_CHARS: usize = 32;
/// The parsers inside the binary.
const SHIPPED_PARSERS: &[&str] = &["generic", "nagios", "newrelic", "pagerduty", "prometheus"];

/// The keyed ways in.
pub(super) fn integrations(
    raw: &Raw,
    plugins_dir: &Path,
    context: &Context<'_>,
) -> Vec<IntegrationPlan> {
    let mut seen: BTreeMap<[u8; 32], Mark> = BTreeMap::new();
    let mut integrations = Vec::new();
    for integration in &raw.integrations {
        let keys =
            integration.keys.iter().filter_map(|key| Some((key_digest(key, context)?, key.at)));
        let keys: Vec<_> = keys.collect();
        for (digest, at) in &keys {
            if let Some(first) = seen.get(digest) {
                context.add(
                    Mistake::error(*at, "this key is in use already")
                        .label("again here")
                        .also(*first, "first here")
                        .hint("a key names one integration: make a new one with `openssl rand -hex 16`"),
                );
            }
            seen.entry(*digest).or_insert(*at);
        }
        let (Some(id), Some(parser)) =
            (&integration.name.id, check_parser(integration, plugins_dir, context))
        else {
            continue;
        };
        integrations.push(IntegrationPlan {
            id: id.as_str().into(),
            parser: parser.to_owned(),
            keys_sha256: keys.into_iter().map(|(digest, _)| digest).collect(),
            settings: settings(integration.settings.as_ref()),
        });
    }
    integrations
}

/// What is not said is an empty table.
fn settings(written: Option<&RawSettings>) -> serde_json::Value {
    let value = written.map(|settings| settings.value.clone());
    value.unwrap_or_else(|| serde_json::Value::Object(serde_json::Map::new()))
}

fn key_digest(key: &RawSecret, context: &Context<'_>) -> Option<[u8; 32]> {
    let value = secret(key, Literal::Allowed, context)?;
    let value = value.expose_secret();
    let count = value.chars().count();
    let problem = if count != KEY_CHARS {
        Some(format!("expected a key of {KEY_CHARS} letters and digits, got {count} characters"))
    } else if !value.bytes().all(|b| b.is_ascii_alphanumeric()) {
        Some(format!("expected a key of {KEY_CHARS} letters and digits, got other characters"))
    } else {
        None
    };
    if let Some(message) = problem {
        context.add(Mistake::error(key.at, message).hint("make one with `openssl rand -hex 16`"));
        return None;
    }
    Some(Sha256::digest(value.as_bytes()).into())
}

/// A parser that is neither shipped nor in the directory is only a warning: plugins come and go while the server runs.
fn check_parser<'r>(
    integration: &'r RawIntegration,
    plugins_dir: &Path,
    context: &Context<'_>,
) -> Option<&'r str> {
    let parser = integration.parser.as_ref()?;
    let name = parser.value.as_str();
    let is_plain = super::super::value::is_id(name);
    if !is_plain {
        check_id(parser, context.report);
        return None;
    }
    if !SHIPPED_PARSERS.contains(&name) && !plugins_dir.join(format!("{name}.wasm")).exists() {
        let hint = match nearest(name, SHIPPED_PARSERS.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("shipped are {}", list(SHIPPED_PARSERS)),
        };
        context.add(
            Mistake::warning(
                parser.at,
                format!("no parser {} is shipped or in the plugins directory", quoted(name)),
            )
            .label("payloads are kept unread until it is there")
            .hint(hint),
        );
    }
    Some(name)
}

/// The operator's word on each plugin.
pub(super) fn plugins(raw: &Raw, context: &Context<'_>) -> BTreeMap<String, PluginPlan> {
    let mut plugins = BTreeMap::new();
    let mut seen: BTreeMap<&str, Mark> = BTreeMap::new();
    for plugin in &raw.plugins {
        check_id(&plugin.name, context.report);
        if let Some(first) = seen.insert(&plugin.name.value, plugin.name.at) {
            context.add(
                Mistake::error(
                    plugin.name.at,
                    format!("`[plugin.{}]` stands in two files", plugin.name.value),
                )
                .label("again here")
                .also(first, "first here")
                .hint("keep one of them: grants of one plugin stand in one place"),
            );
        }
        plugins.insert(plugin.name.value.clone(), resolve_plugin(raw, plugin, context));
    }
    plugins
}

fn resolve_plugin(raw: &Raw, plugin: &RawPlugin, context: &Context<'_>) -> PluginPlan {
    let (signature_required, signing_keys) = signing::of_plugin(raw, plugin, context);
    let narrow = |number: Option<i64>| number.and_then(|number| u32::try_from(number).ok());
    PluginPlan {
        sha256: plugin.sha256.as_ref().and_then(|sha256| resolve_sha256(sha256, context)),
        hosts: plugin.hosts.iter().filter_map(|host| resolve_origin(host, context)).collect(),
        secrets: plugin
            .secrets
            .iter()
            .filter_map(|secret| resolve_secret(secret, context))
            .collect(),
        mail: plugin.mail,
        state: plugin.state,
        from_directory: plugin.from.as_ref().is_some_and(|from| is_from_directory(from, context)),
        enabled: plugin.enabled,
        settings: settings(plugin.settings.as_ref()),
        order: plugin.order.and_then(|order| i32::try_from(order).ok()),
        memory_mib: narrow(plugin.memory_mib),
        cpu_ms: narrow(plugin.cpu_ms),
        wall_ms: narrow(plugin.wall_ms),
        rest: plugin.rest.as_ref().and_then(|rest| resolve_rest(rest, context)),
        signature_required,
        signing_keys,
    }
}

fn resolve_rest(written: &At<String>, context: &Context<'_>) -> Option<Duration> {
    let rest = duration(written).and_then(|rest| Duration::try_from(rest).ok());
    if let Some(rest) = rest.filter(|rest| REST.contains(rest)) {
        return Some(rest);
    }
    context.add(
        Mistake::error(
            written.at,
            format!("expected 1 second to 30 minutes, such as `2m`, got {}", quoted(written)),
        )
        .hint("it is how long the plugin rests after failing too often, the first time"),
    );
    None
}

fn resolve_sha256(written: &At<String>, context: &Context<'_>) -> Option<String> {
    let hex = written.trim().to_ascii_lowercase();
    let fine = hex.len() == 64 && hex.bytes().all(|b| b.is_ascii_hexdigit());
    if !fine {
        context.add(
            Mistake::error(
                written.at,
                format!(
                    "expected a SHA-256 of 64 hex digits, got {} characters",
                    written.chars().count()
                ),
            )
            .hint("`nightbell plugin inspect <file>` prints it"),
        );
    }
    fine.then_some(hex)
}

fn resolve_origin(written: &At<String>, context: &Context<'_>) -> Option<String> {
    let read = origin(written);
    if read.is_none() {
        context.add(
            Mistake::error(
                written.at,
                format!(
                    "expected an origin such as `https://hooks.example.org`, got {}",
                    quoted(written)
                ),
            )
            .hint("write scheme, host and port if it is not the usual one; no path, no `*`"),
        );
    }
    read
}

fn resolve_secret(
    WrittenSecret { name, from, hosts, in_body }: &WrittenSecret,
    context: &Context<'_>,
) -> Option<(String, SecretPlan)> {
    let mut granted = Vec::new();
    for written in hosts {
        match secret_host(written) {
            Some(host) => granted.push(host),
            None => context.add(
                Mistake::error(
                    written.at,
                    format!("expected a host such as `hooks.example.org`, got {}", quoted(written)),
                )
                .hint("write the host, and the port if it is not 443; no scheme, no path, no `*`"),
            ),
        }
    }
    if !super::super::value::is_id(name) {
        check_id(name, context.report);
    }
    let value = secret(from, Literal::Refused, context)?;
    Some((name.value.clone(), SecretPlan { value, hosts: granted, in_body: *in_body }))
}

fn is_from_directory(written: &At<String>, context: &Context<'_>) -> bool {
    if !matches!(written.as_str(), "directory" | "shipped") {
        context.add(
            Mistake::error(
                written.at,
                format!("expected `directory` or `shipped`, got {}", quoted(written)),
            )
            .hint("`directory` takes your own file although a shipped plugin has this name"),
        );
    }
    written.value == "directory"
}
