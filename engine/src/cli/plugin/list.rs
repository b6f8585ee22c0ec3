//! `nightbell plugin list`: which plugins the server has, and how they are?

use super::super::connect::Connection;
use super::super::failure::Failure;
use super::super::json;
use super::super::look::{Look, Tone, safe, safe_lines};
use super::super::out::Out;
use super::super::session::{Session, Shown, short};
use super::super::table::{Table, cell};
use serde_json::Value;

/// Does it.
///
/// # Errors
/// See [`Failure`].
pub(super) async fn run(connection: &Connection, out: &Out) -> Result<(), Failure> {
    let session = Session::open(connection, out)?;
    let shown = Shown { rows: table, nothing: "There are no plugins." };
    session.list(&["plugins"], Vec::new(), None, shown).await
}

/// One line a plugin, and below it what there is to know about some.
pub(super) fn table(answer: &Value, look: &Look) -> String {
    let mut table = Table::new(&[
        "name", "kind", "state", "version", "sha256", "order", "calls", "failed", "p50", "p99",
    ]);
    let mut remarks = Vec::new();
    for plugin in json::items(answer) {
        let text = |key: &str| cell(json::text(plugin, key));
        let is_judge = matches!(json::text(plugin, "kind").as_str(), "filter" | "router");
        table.row([
            text("name").tone(Tone::Strong),
            text("kind"),
            text("state").state(),
            text("version"),
            cell(short(&json::text(plugin, "sha256"))),
            if is_judge { text("order") } else { cell("") },
            text("calls"),
            text("failures"),
            cell(duration(plugin, "p50_us")),
            cell(duration(plugin, "p99_us")),
        ]);
        let name = safe(&json::text(plugin, "name"));
        let all = super::show::remarks(plugin, look).into_iter();
        remarks.extend(all.map(|remark| format!("{name}: {}", safe_lines(&remark))));
    }
    let table = table.render(look);
    if remarks.is_empty() { table } else { format!("{table}\n\n{}", remarks.join("\n")) }
}

/// Microseconds as people read them; empty when there are none.
pub(super) fn duration(plugin: &Value, key: &str) -> String {
    let Some(us) = json::at(plugin, key).as_u64() else { return String::new() };
    match us {
        ..1_000 => format!("{us} µs"),
        1_000..10_000 => format!("{:.1} ms", us as f64 / 1e3),
        10_000..1_000_000 => format!("{} ms", us / 1_000),
        _ => format!("{:.1} s", us as f64 / 1e6),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::tz::TimeZone;
    use serde_json::json;

    fn look() -> Look {
        let now = "2026-03-02T00:44:00Z".parse().expect("a time");
        Look { width: None, color: false, now, zone: TimeZone::UTC }
    }

    #[test]
    fn every_state_is_told_with_what_to_know_about_it() {
        let sha256 = "0123456789abcdef".repeat(4);
        let plugin = |name: &str, kind: &str, state: &str, more: Value| {
            let mut plugin = json!({
                "name": name, "kind": kind, "state": state, "version": "1.0.0", "source": "directory",
                "sha256": sha256, "calls": 0, "failures": 0, "order": 100, "mode": "live",
            });
            let all = plugin.as_object_mut().expect("an object");
            all.extend(more.as_object().expect("an object").clone());
            plugin
        };
        let denied = json!({
            "name": "http", "required": false, "granted": false,
            "reason": "`chat` asks for `http`, which is not granted: add `hosts = […]` under `[plugin.chat]` in the config",
        });
        let answer = json!({ "items": [
            plugin("by-label", "router", "running", json!({"calls": 120_431, "p50_us": 92, "p99_us": 1_740, "order": 10})),
            plugin("chat", "channel", "running", json!({"calls": 12, "p50_us": 212_000, "p99_us": 1_304_000, "capabilities": [denied]})),
            plugin("count", "filter", "waiting-for-grant", json!({"error": "`count` asks for `state`, which is not granted: add `state = true` under `[plugin.count]` in the config"})),
            plugin("judge", "filter", "quarantined", json!({
                "calls": 5, "failures": 5, "p50_us": 300, "p99_us": 410,
                "failures_by_cause": {"trap": 4, "cpu": 1},
                "last_failure": {"at": "2026-03-02T00:43:30Z", "cause": "trap", "message": "trap: wasm `unreachable` instruction executed; at judge"},
                "quarantined_until": "2026-03-02T00:44:30Z",
            })),
            plugin("quiet", "filter", "shadow", json!({"mode": "shadow", "calls": 7})),
        ]});
        let shown = table(&answer, &look());
        insta::assert_snapshot!(shown, @r"
        NAME      KIND     STATE              VERSION  SHA256    ORDER  CALLS   FAILED  P50     P99
        by-label  router   running            1.0.0    01234567  10     120431  0       92 µs   1.7 ms
        chat      channel  running            1.0.0    01234567         12      0       212 ms  1.3 s
        count     filter   waiting-for-grant  1.0.0    01234567  100    0       0
        judge     filter   quarantined        1.0.0    01234567  100    5       5       300 µs  410 µs
        quiet     filter   shadow             1.0.0    01234567  100    7       0

        chat: `chat` asks for `http`, which is not granted: add `hosts = […]` under `[plugin.chat]` in the config; it runs without
        count: `count` asks for `state`, which is not granted: add `state = true` under `[plugin.count]` in the config
        judge: rests until 00:44:30 (in 30 s); `nightbell plugin reset judge` brings it back at once
        judge: 5 failures (1 cpu, 4 trap); last 30 s ago, 00:43: trap: wasm `unreachable` instruction executed; at judge
        ");
        let longest = shown.lines().take_while(|line| !line.is_empty());
        assert!(longest.map(|line| line.chars().count()).all(|width| width <= 100));
    }
}
