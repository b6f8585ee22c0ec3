//! `nightbell status`: how the engine is, in a few lines.

use super::connect::Connection;
use super::failure::Failure;
use super::json;
use super::look::Look;
use super::session::Session;
use super::table::{Cell, cell, facts};
use clap::Args;
use serde_json::Value;

/// Whose status.
#[derive(Args, Clone, Debug)]
pub(super) struct StatusArgs {
    #[command(flatten)]
    pub(super) connection: Connection,
}

/// Shows it.
///
/// # Errors
/// See [`Failure`].
pub(super) async fn run(session: &Session<'_>) -> Result<(), Failure> {
    let answer = session.get(&["status"]).await?;
    session.out.data(&answer.text, |look| page(session.client.server(), &answer.json, look))
}

/// Whatever the server says about itself, one fact a line, in its order of names.
fn page(server: &str, status: &Value, look: &Look) -> String {
    let mut found: Vec<(String, Cell)> = vec![("server".to_owned(), cell(server))];
    collect("", status, look, &mut found);
    let pairs: Vec<(&str, Cell)> =
        found.iter().map(|(name, cell)| (name.as_str(), cell.clone())).collect();
    facts(&pairs, look)
}

fn collect(prefix: &str, value: &Value, look: &Look, found: &mut Vec<(String, Cell)>) {
    let Value::Object(fields) = value else { return };
    for (key, value) in fields {
        let name = format!("{prefix}{}", key.trim_end_matches("_at").replace('_', " "));
        match value {
            Value::Object(_) => collect(&format!("{name}, "), value, look, found),
            Value::String(text) => {
                let time = text.parse().ok().filter(|_| key.ends_with("_at"));
                let shown = time.map_or_else(|| text.clone(), |at| look.when(at));
                found.push((name, cell(shown).state()));
            }
            Value::Array(items) if items.is_empty() => {}
            _ => found.push((name, cell(json::plain(value)))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::tz::TimeZone;

    #[test]
    fn whatever_the_server_says_is_shown() {
        let now = "2026-03-02T00:44:00Z".parse().expect("a time");
        let look = Look { width: None, color: false, now, zone: TimeZone::UTC };
        let status = serde_json::json!({
            "version": "0.1.0", "started_at": "2026-03-02T00:41:00Z", "incidents": {"triggered": 1, "acknowledged": 0},
        });
        insta::assert_snapshot!(page("http://127.0.0.1:7171", &status, &look), @r"
        server                   http://127.0.0.1:7171
        incidents, acknowledged  0
        incidents, triggered     1
        started                  3 min ago, 00:41
        version                  0.1.0
        ");
    }
}
