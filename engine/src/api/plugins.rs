//! Plugins: which run, which do not, and why not; what each may do, what it said, and how to bring one back.

use super::auth::{Admin, Caller};
use super::input::{Asked, unknown};
use super::page::{List, Paging};
use super::problem::Problem;
use super::refusal::Refused;
use crate::plugin::{
    CapabilityStatus, Difference as Different, Health, Kind, LogLine, PluginStatus, Signature,
    TermsStatus, Voice,
};
use crate::server::Doors;
use axum::Json;
use axum::extract::{Path, State};
use jiff::Timestamp;
use nightbell_core::model::PluginStamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};

/// A plugin's exact version.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Stamp {
    name: String,
    /// Hex of the SHA-256 of its file.
    sha256: String,
}

impl Stamp {
    pub(super) fn of(stamp: &PluginStamp) -> Self {
        Self { name: stamp.name.to_string(), sha256: stamp.sha256.to_string() }
    }
}

/// A plugin.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Plugin {
    name: String,
    version: String,
    description: String,
    /// `parser`, `filter`, `router` or `channel`; null when the file cannot be read.
    kind: Option<&'static str>,
    /// `running`, `shadow`, `disabled`, `failed`, `quarantined` or `waiting-for-grant`.
    state: &'static str,
    /// `shipped` or `directory`.
    source: &'static str,
    /// The file in the plugins directory.
    file: Option<String>,
    /// Hex, of what runs.
    sha256: String,
    /// Hex, of the file as the server last saw it: another one than `sha256` when it is refused and the version before goes
    /// on.
    file_sha256: String,
    /// Why it does not run, or why a newer file does not replace the running one.
    error: Option<String>,
    /// Since this version was loaded.
    calls: u64,
    /// Events, payloads and attempts it failed on.
    failures: u64,
    /// The same by cause: `trap`, `cpu` (it computed for too long), `wall` (it took too long in all), `memory`, `nonsense`
    /// (its answer makes no sense).
    failures_by_cause: BTreeMap<&'static str, u64>,
    last_failure: Option<LastFailure>,
    /// Half of the calls took at most about so long, in microseconds; null without calls.
    p50_us: Option<u64>,
    /// 99 of 100 calls took at most about so long, in microseconds; null without calls.
    p99_us: Option<u64>,
    /// When its quarantine ends: the first call after that decides whether it works again.
    #[schema(value_type = Option<String>, format = DateTime)]
    quarantined_until: Option<Timestamp>,
    /// Its place among filters or routers.
    order: i32,
    /// `live` or `shadow`.
    mode: &'static str,
    /// Which events it is shown; empty: all.
    scope: Vec<String>,
    /// What its manifest asks for.
    capabilities: Vec<Capability>,
    /// `shipped`, `verified`, `unsigned` or `unchecked` (there is a signature and no key); null when it does not run.
    signature: Option<&'static str>,
    /// The id of the minisign key it is verified with.
    signed_by: Option<String>,
}

/// A failure.
#[derive(Debug, Serialize, ToSchema)]
struct LastFailure {
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// As in `failures_by_cause`.
    cause: &'static str,
    message: String,
}

/// Something a plugin asks for.
#[derive(Debug, Serialize, ToSchema)]
struct Capability {
    /// `http`, `mail`, `state` or `secret`.
    name: &'static str,
    /// Whether it does not run without.
    required: bool,
    granted: bool,
    /// Why not, and the line of the configuration that would grant it.
    reason: Option<String>,
}

/// A plugin, with everything.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PluginDetail {
    #[serde(flatten)]
    plugin: Plugin,
    /// The longest call, in microseconds.
    longest_us: u64,
    /// All calls together, in microseconds.
    total_us: u64,
    /// What bounds a call; null when the file cannot be read.
    limits: Option<Limits>,
    /// The settings it runs with; null when it does not run, and for everybody but admins.
    settings: Value,
    /// The settings it knows, as its manifest describes them.
    settings_schema: Value,
    /// What an address of this channel is, as its manifest describes it.
    address: Value,
    /// Lines in its log.
    log_lines: usize,
    /// Events it was shown as a shadow.
    shadow_events: u64,
    /// Of these, events that would have come out otherwise.
    shadow_differences: u64,
}

/// The bounds of a call.
#[derive(Debug, Serialize, ToSchema)]
struct Limits {
    memory_mib: u32,
    cpu_ms: u32,
    wall_ms: u32,
    /// How long it rests after failing too often, the first time; soon after, twice as long.
    rest_s: u64,
}

/// Lines of a plugin's log.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Log {
    /// Oldest first; at most the last 200 are kept, in memory.
    items: Vec<Line>,
    /// Give it back as `after` for what comes next; always there.
    next: String,
    /// Whether lines since `after` are gone already.
    gap: bool,
}

/// One line.
#[derive(Debug, Serialize, ToSchema)]
struct Line {
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// `debug`, `info`, `warn` or `error`.
    level: &'static str,
    /// `plugin`, or `engine` for what happened to it.
    by: &'static str,
    /// Hex of the SHA-256 of the version that it is about.
    sha256: String,
    message: String,
}

/// An event that would have come out otherwise with a plugin in shadow.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Difference {
    /// The event.
    event: String,
    title: String,
    #[schema(value_type = String, format = DateTime)]
    received_at: Timestamp,
    /// What was decided without the plugin.
    live: String,
    /// What the plugin said.
    shadow: String,
}

/// From where.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct After {
    /// `next` of an earlier answer.
    after: Option<String>,
}

fn show(status: PluginStatus) -> Plugin {
    let PluginStatus { health, terms, .. } = status;
    Plugin {
        name: status.name,
        version: status.version,
        description: status.description,
        kind: status.kind.map(Kind::name),
        state: status.state.as_str(),
        source: status.source.as_str(),
        file: status.file,
        sha256: status.sha256,
        file_sha256: status.file_sha256,
        error: status.error,
        calls: status.calls,
        failures: status.failures,
        p50_us: timed(&health, health.times.p50_us),
        p99_us: timed(&health, health.times.p99_us),
        quarantined_until: health.quarantined_until,
        failures_by_cause: health.causes,
        last_failure: health.last_failure.map(|failure| LastFailure {
            at: failure.at,
            cause: failure.cause,
            message: failure.message,
        }),
        order: status.order,
        mode: if terms.shadow { "shadow" } else { "live" },
        scope: terms.scope,
        signature: terms.signature.as_ref().map(Signature::as_str),
        signed_by: terms.signature.as_ref().and_then(Signature::key).map(str::to_owned),
        capabilities: terms.capabilities.into_iter().map(capability).collect(),
    }
}

fn timed(health: &Health, us: u64) -> Option<u64> {
    (health.times.count > 0).then_some(us)
}

fn capability(status: CapabilityStatus) -> Capability {
    Capability {
        name: status.name,
        required: status.is_required,
        granted: status.denied.is_none(),
        reason: status.denied,
    }
}

fn detail(status: PluginStatus, caller: &Caller) -> PluginDetail {
    let (times, terms) = (status.health.times, status.terms.clone());
    let (judged, differences) = (status.health.judged_in_shadow, status.health.differences);
    let TermsStatus { limits, settings, settings_schema, address, log_lines, .. } = terms;
    PluginDetail {
        plugin: show(status),
        longest_us: times.longest_us,
        total_us: times.total_us,
        limits: limits.map(|limits| Limits {
            memory_mib: limits.memory_mib,
            cpu_ms: limits.cpu_ms,
            wall_ms: limits.wall_ms,
            rest_s: limits.rest_s,
        }),
        // Whatever an operator wrote into settings, it was not for every reader.
        settings: if caller.is_admin() { settings } else { Value::Null },
        settings_schema,
        address,
        log_lines,
        shadow_events: judged,
        shadow_differences: differences,
    }
}

fn line(line: LogLine) -> Line {
    Line {
        at: line.at,
        level: line.level.as_str(),
        by: match line.voice {
            Voice::Plugin => "plugin",
            Voice::Engine => "engine",
        },
        sha256: line.sha256.to_string(),
        message: line.message,
    }
}

fn difference(different: Different) -> Difference {
    Difference {
        event: different.event.to_string(),
        title: different.title,
        received_at: different.received_at,
        live: different.live,
        shadow: different.shadow,
    }
}

/// Lists plugins by name.
#[utoipa::path(get, path = "/api/v1/plugins", tag = "plugins", params(Paging),
    responses((status = 200, body = List<Plugin>), Refused))]
pub(super) async fn list(
    State(doors): State<Arc<Doors>>,
    Asked(paging): Asked<Paging>,
) -> Result<Json<List<Plugin>>, Problem> {
    let mut all = doors.plugins.list();
    all.sort_by(|a, b| a.name.cmp(&b.name));
    paging.cut(all.into_iter(), |status| &status.name, show).map(Json)
}

/// Of two with one name, the one that runs.
fn find(doors: &Doors, name: &str) -> Result<PluginStatus, Problem> {
    let named = doors.plugins.list().into_iter().filter(|status| status.name == name);
    named.min_by_key(|status| !status.state.runs()).ok_or_else(|| unknown("plugin", name))
}

/// Shows one plugin with everything.
#[utoipa::path(get, path = "/api/v1/plugins/{name}", tag = "plugins",
    params(("name" = String, Path)), responses((status = 200, body = PluginDetail), Refused))]
pub(super) async fn one(
    State(doors): State<Arc<Doors>>,
    Path(name): Path<String>,
    caller: Caller,
) -> Result<Json<PluginDetail>, Problem> {
    find(&doors, &name).map(|status| Json(detail(status, &caller)))
}

/// What a plugin said and what happened to it. To follow it, ask again with `next` as `after`, about once a second.
#[utoipa::path(get, path = "/api/v1/plugins/{name}/logs", tag = "plugins",
    params(("name" = String, Path), After), responses((status = 200, body = Log), Refused))]
pub(super) async fn logs(
    State(doors): State<Arc<Doors>>,
    Path(name): Path<String>,
    Asked(from): Asked<After>,
) -> Result<Json<Log>, Problem> {
    let read = |text: String| {
        text.parse().map_err(|_| Problem::bad_request("`after`: expected `next` of an answer"))
    };
    let after = from.after.map(read).transpose()?;
    let page = doors.plugins.log(&name, after).ok_or_else(|| unknown("plugin", &name))?;
    Ok(Json(Log {
        items: page.lines.into_iter().map(line).collect(),
        next: page.next.to_string(),
        gap: page.has_gap,
    }))
}

/// Lists the last events that would have come out otherwise with a plugin in shadow, newest first. The last 200 of the
/// version that runs are kept, in memory; each event's explanation keeps its own.
#[utoipa::path(get, path = "/api/v1/plugins/{name}/differences", tag = "plugins",
    params(("name" = String, Path), Paging),
    responses((status = 200, body = List<Difference>), Refused))]
pub(super) async fn differences(
    State(doors): State<Arc<Doors>>,
    Path(name): Path<String>,
    Asked(paging): Asked<Paging>,
) -> Result<Json<List<Difference>>, Problem> {
    let (limit, before) = (paging.limit()?, paging.before()?);
    let all = match doors.plugins.differences(&name) {
        Some(all) => all,
        // It does not run: nothing differs.
        None => find(&doors, &name).map(|_| Vec::new())?,
    };
    let is_next = |one: &Different| before.is_none_or(|before| one.number < before);
    let mut rest = all.into_iter().filter(is_next);
    let page: Vec<_> = rest.by_ref().take(limit).collect();
    let last = page.last().map(|one| one.number.to_string());
    let next = rest.next().and(last);
    Ok(Json(List { items: page.into_iter().map(difference).collect(), next }))
}

/// Ends a plugin's quarantine: it is called again at once, as if it had never failed. Admins only.
#[utoipa::path(post, path = "/api/v1/plugins/{name}/reset", tag = "plugins",
    params(("name" = String, Path)), responses((status = 200, body = PluginDetail), Refused))]
pub(super) async fn reset(
    State(doors): State<Arc<Doors>>,
    Admin(by): Admin,
    Path(name): Path<String>,
    caller: Caller,
) -> Result<Json<PluginDetail>, Problem> {
    match doors.plugins.reset(&name, by.name()) {
        Some(true) => find(&doors, &name).map(|status| Json(detail(status, &caller))),
        Some(false) | None => {
            let state = find(&doors, &name)?.state.as_str();
            Err(Problem::conflict(format!("`{name}` is not in quarantine: it is {state}")))
        }
    }
}
