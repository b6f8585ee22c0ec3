//! `nightbell plugin show`: how is one plugin, and under which terms does it work?

use super::super::connect::Connection;
use super::super::failure::Failure;
use super::super::json;
use super::super::look::{Look, Tone, safe_lines};
use super::super::out::Out;
use super::super::session::Session;
use super::super::table::{cell, facts};
use super::list::duration;
use serde_json::Value;

/// Does it.
///
/// # Errors
/// See [`Failure`].
pub(super) async fn run(connection: &Connection, out: &Out, name: &str) -> Result<(), Failure> {
    let session = Session::open(connection, out)?;
    let answer = session.get(&["plugins", name]).await?;
    out.data(&answer.text, |look| page(&answer.json, look))
}

/// Everything about one plugin.
pub(super) fn page(plugin: &Value, look: &Look) -> String {
    let text = |key: &str| json::text(plugin, key);
    let limits = ["memory_mib", "cpu_ms", "wall_ms", "rest_s"]
        .map(|key| json::text(plugin, &format!("limits.{key}")));
    let [memory, cpu, wall, rest] = &limits;
    let limits = match limits.iter().any(String::is_empty) {
        true => String::new(),
        false => format!(
            "{memory} MiB memory, {cpu} ms computing, {wall} ms by the clock; rests {rest} s after failing too often"
        ),
    };
    let facts = facts(
        &[
            ("plugin", cell(format!("{} {}", text("name"), text("version"))).tone(Tone::Strong)),
            ("about", cell(text("description"))),
            ("kind", cell(text("kind"))),
            ("state", cell(text("state")).state()),
            ("mode", cell(text("mode"))),
            ("order", cell(text("order"))),
            ("scope", cell(text("scope"))),
            ("from", cell(first(&[text("file"), text("source")]))),
            ("sha256", cell(text("sha256"))),
            ("signature", cell(signature(plugin))),
            ("capabilities", cell(capabilities(plugin))),
            ("limits", cell(limits)),
            ("calls", cell(calls(plugin))),
            ("settings", cell(settings(json::at(plugin, "settings")))),
            ("shadow", cell(shadow(plugin))),
            ("log", cell(log(plugin))),
        ],
        look,
    );
    let remarks: Vec<_> = remarks(plugin, look).iter().map(|remark| safe_lines(remark)).collect();
    if remarks.is_empty() { facts } else { format!("{facts}\n\n{}", remarks.join("\n")) }
}

/// What there is to know about a plugin beyond its line in a table: why it does not run, what it may not do, how it fails.
pub(super) fn remarks(plugin: &Value, look: &Look) -> Vec<String> {
    let text = |key: &str| json::text(plugin, key);
    let mut remarks = Vec::new();
    if !text("error").is_empty() {
        remarks.push(text("error").trim_end().to_owned());
    }
    if text("state") == "quarantined" {
        let until = json::time(plugin, "quarantined_until").filter(|until| *until > look.now);
        let until = until.map_or_else(
            || "the next call decides whether it works again".to_owned(),
            |until| format!("rests until {} ({})", look.second(until, false), look.ago(until)),
        );
        let name = text("name");
        remarks.push(format!("{until}; `nightbell plugin reset {name}` brings it back at once"));
    }
    if let Some(at) = json::time(plugin, "last_failure.at") {
        let (at, message) = (look.when(at), text("last_failure.message"));
        remarks.push(format!("{}; last {at}: {message}", failures(plugin)));
    }
    let of = json::list(plugin, "capabilities").iter();
    // What is required and missing is its error already.
    for denied in of.filter(|one| one["granted"] == false && one["required"] == false) {
        remarks.push(format!("{}; it runs without", json::text(denied, "reason")));
    }
    remarks
}

fn failures(plugin: &Value) -> String {
    let causes = json::pairs(json::at(plugin, "failures_by_cause"));
    let causes: Vec<_> = causes.iter().map(|(cause, count)| format!("{count} {cause}")).collect();
    let count = json::text(plugin, "failures");
    let noun = if count == "1" { "failure" } else { "failures" };
    format!("{count} {noun} ({})", causes.join(", "))
}

fn first(texts: &[String]) -> String {
    texts.iter().find(|text| !text.is_empty()).cloned().unwrap_or_default()
}

fn signature(plugin: &Value) -> String {
    let (state, key) = (json::text(plugin, "signature"), json::text(plugin, "signed_by"));
    match state.as_str() {
        "shipped" => "inside the binary".to_owned(),
        "verified" => format!("verified, key {key}"),
        "unchecked" => "there is one, and no key in `[signing]` to check it with".to_owned(),
        _ => state,
    }
}

fn capabilities(plugin: &Value) -> String {
    let of = json::list(plugin, "capabilities").iter();
    let each = of.map(|one| {
        let need = if one["required"] == true { "required" } else { "optional" };
        let granted = if one["granted"] == true { "granted" } else { "not granted" };
        format!("{} ({need}, {granted})", json::text(one, "name"))
    });
    each.collect::<Vec<_>>().join(", ")
}

fn calls(plugin: &Value) -> String {
    let (p50, p99) = (duration(plugin, "p50_us"), duration(plugin, "p99_us"));
    let calls = json::text(plugin, "calls");
    if p50.is_empty() {
        return calls;
    }
    let longest = duration(plugin, "longest_us");
    let failed = json::text(plugin, "failures");
    format!("{calls}, {failed} failed; p50 {p50}, p99 {p99}, longest {longest}")
}

fn settings(settings: &Value) -> String {
    let is_empty = settings.as_object().is_none_or(serde_json::Map::is_empty);
    if is_empty { String::new() } else { settings.to_string() }
}

fn shadow(plugin: &Value) -> String {
    let (events, differ) =
        (json::text(plugin, "shadow_events"), json::text(plugin, "shadow_differences"));
    if matches!(events.as_str(), "" | "0") {
        return String::new();
    }
    format!("{differ} of {events} events would have come out otherwise")
}

fn log(plugin: &Value) -> String {
    match json::text(plugin, "log_lines").as_str() {
        "" | "0" => String::new(),
        "1" => "1 line".to_owned(),
        lines => format!("{lines} lines"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::tz::TimeZone;
    use serde_json::json;

    #[test]
    fn everything_is_told_and_nothing_is_told_of_nothing() {
        let now = "2026-03-02T00:44:00Z".parse().expect("a time");
        let look = Look { width: None, color: false, now, zone: TimeZone::UTC };
        let plugin = json!({
            "name": "quiet", "version": "1.2.0", "description": "Drops noise.", "kind": "filter", "state": "shadow",
            "source": "directory", "file": "quiet.wasm", "sha256": "ab".repeat(32), "error": null, "calls": 31,
            "failures": 1, "failures_by_cause": {"cpu": 1}, "p50_us": 92, "p99_us": 1_740, "longest_us": 2_004,
            "last_failure": {"at": "2026-03-02T00:40:00Z", "cause": "cpu", "message": "stalled: computed for more than 250 ms"},
            "quarantined_until": null, "order": 5, "mode": "shadow", "scope": ["team=\"shop\""],
            "capabilities": [{"name": "state", "required": true, "granted": true, "reason": null}],
            "signature": "verified", "signed_by": "0102030405060708",
            "limits": {"memory_mib": 32, "cpu_ms": 250, "wall_ms": 1000, "rest_s": 60},
            "settings": {"rules": [1]}, "log_lines": 3, "shadow_events": 310, "shadow_differences": 12,
        });
        insta::assert_snapshot!(page(&plugin, &look), @r#"
        plugin        quiet 1.2.0
        about         Drops noise.
        kind          filter
        state         shadow
        mode          shadow
        order         5
        scope         team="shop"
        from          quiet.wasm
        sha256        abababababababababababababababababababababababababababababababab
        signature     verified, key 0102030405060708
        capabilities  state (required, granted)
        limits        32 MiB memory, 250 ms computing, 1000 ms by the clock; rests 60 s after failing too often
        calls         31, 1 failed; p50 92 µs, p99 1.7 ms, longest 2.0 ms
        settings      {"rules":[1]}
        shadow        12 of 310 events would have come out otherwise
        log           3 lines

        1 failure (1 cpu); last 4 min ago, 00:40: stalled: computed for more than 250 ms
        "#);
        let broken = json!({"name": "x", "state": "failed", "source": "directory", "file": "x.wasm", "error": "not WebAssembly"});
        insta::assert_snapshot!(page(&broken, &look), @r"
        plugin  x
        state   failed
        from    x.wasm

        not WebAssembly
        ");
    }
}
