//! `nightbell plugin shadow`: what would be otherwise if this plugin counted?

use super::super::connect::Connection;
use super::super::failure::Failure;
use super::super::json;
use super::super::look::{Look, Tone};
use super::super::out::Out;
use super::super::session::{Paging, Session, Shown};
use super::super::table::{Table, cell};
use serde_json::Value;

/// Does it.
///
/// # Errors
/// See [`Failure`].
pub(super) async fn run(
    connection: &Connection,
    out: &Out,
    name: &str,
    paging: &Paging,
) -> Result<(), Failure> {
    let session = Session::open(connection, out)?;
    let plugin = session.get(&["plugins", name]).await?;
    let nothing = "No event would have come out otherwise.";
    let shown = Shown { rows: table, nothing };
    let path = ["plugins", name, "differences"];
    session.list(&path, Vec::new(), Some(paging), shown).await?;
    out.done(&sentence(&plugin.json, name));
    Ok(())
}

fn sentence(plugin: &Value, name: &str) -> String {
    let number = |key: &str| json::at(plugin, key).as_u64().unwrap_or(0);
    let (events, differ) = (number("shadow_events"), number("shadow_differences"));
    if json::text(plugin, "mode") != "shadow" {
        return format!(
            "Plugin {name} is not in shadow: write `mode = \"shadow\"` into {name}.toml in the plugins directory."
        );
    }
    format!("{differ} of {events} events that {name} saw would have come out otherwise.")
}

fn table(answer: &Value, look: &Look) -> String {
    let mut table = Table::new(&["event", "received", "title", "decided", "the shadow says"]);
    for one in json::items(answer) {
        let received = json::time(one, "received_at").map(|at| look.when(at)).unwrap_or_default();
        table.row([
            cell(json::text(one, "event")).tone(Tone::Strong),
            cell(received),
            cell(json::text(one, "title")),
            cell(json::text(one, "live")),
            cell(json::text(one, "shadow")),
        ]);
    }
    table.render(look)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::tz::TimeZone;
    use serde_json::json;

    #[test]
    fn both_outcomes_stand_beside_each_other() {
        let now = "2026-03-02T00:44:00Z".parse().expect("a time");
        let look = Look { width: None, color: false, now, zone: TimeZone::UTC };
        let answer = json!({"items": [{
            "event": "12", "title": "Disk full", "received_at": "2026-03-02T00:41:00Z",
            "live": "pass", "shadow": "drop: load test",
        }]});
        insta::assert_snapshot!(table(&answer, &look), @r"
        EVENT  RECEIVED          TITLE      DECIDED  THE SHADOW SAYS
        12     3 min ago, 00:41  Disk full  pass     drop: load test
        ");
        let plugin = json!({"mode": "shadow", "shadow_events": 3, "shadow_differences": 1});
        assert_eq!(
            sentence(&plugin, "q"),
            "1 of 3 events that q saw would have come out otherwise."
        );
        assert!(sentence(&json!({"mode": "live"}), "q").contains("not in shadow"));
    }
}
