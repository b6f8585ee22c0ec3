//! `nightbell plugin logs`: what did a plugin say, and what happened to it? With `-f`, as it happens.

use super::super::connect::Connection;
use super::super::failure::Failure;
use super::super::json;
use super::super::look::{Look, Tone, paint, safe};
use super::super::out::Out;
use super::super::session::{Session, short};
use serde_json::Value;
use std::time::Duration;

/// How often a follower asks.
const EVERY: Duration = Duration::from_secs(1);

/// Does it. Following ends with the process, or when the server is gone for good.
///
/// # Errors
/// See [`Failure`].
pub(super) async fn run(
    connection: &Connection,
    out: &Out,
    name: &str,
    follow: bool,
) -> Result<(), Failure> {
    let session = Session::open(connection, out)?;
    let path = ["plugins", name, "logs"];
    let first = session.client.get(&path, &[]).await?;
    if !follow {
        let shown = lines(&first.json, out.look());
        out.data(&first.text, |_| shown.clone())?;
        if shown.is_empty() {
            out.done("Nothing yet.");
        }
        return Ok(());
    }
    let mut answer = first.json;
    let mut after = String::new();
    loop {
        show(&answer, out)?;
        let next = json::text(&answer, "next");
        if !next.is_empty() {
            after = next;
        }
        tokio::time::sleep(EVERY).await;
        answer = match session.client.get(&path, &[("after", after.clone())]).await {
            Ok(answer) => answer.json,
            // It may be starting again: whoever follows waits for it.
            Err(failure) if is_away(&session).await => {
                out.say(&format!("{failure} Waiting for it."));
                wait_for(&session).await;
                Value::Null
            }
            Err(failure) => return Err(failure),
        };
    }
}

async fn is_away(session: &Session<'_>) -> bool {
    session.client.probe(&["-", "healthy"]).await.is_err()
}

async fn wait_for(session: &Session<'_>) {
    while is_away(session).await {
        tokio::time::sleep(EVERY).await;
    }
}

/// What a follower sees: text, or one JSON object a line.
fn show(answer: &Value, out: &Out) -> Result<(), Failure> {
    if answer["gap"] == true {
        out.say("… some lines were gone before they could be read …");
    }
    if out.is_json() {
        let all = json::items(answer).iter().map(|line| format!("{line}\n"));
        return out.text(&all.collect::<String>());
    }
    out.text(&lines(answer, out.look()))
}

/// One line each: when, how loud, which version, what.
fn lines(answer: &Value, look: &Look) -> String {
    let items = json::items(answer);
    let dated = items.iter().filter_map(|l| json::time(l, "at")).any(|at| !look.is_today(at));
    let mut text = String::new();
    for line in items {
        let at = json::time(line, "at").map(|at| look.second(at, dated)).unwrap_or_default();
        let level = json::text(line, "level");
        let tone = match level.as_str() {
            "error" => Tone::Bad,
            "warn" => Tone::Warn,
            "debug" => Tone::Quiet,
            _ => Tone::Plain,
        };
        let level = paint(&format!("{level:5}"), tone, look.color);
        let sha256 = json::text(line, "sha256");
        let version = paint(short(&sha256), Tone::Quiet, look.color);
        let message = safe(&json::text(line, "message"));
        // What the engine says about the plugin is no word of the plugin.
        let message = match json::text(line, "by").as_str() {
            "engine" => format!("[engine] {message}"),
            _ => message,
        };
        text.push_str(&format!("{at}  {level}  {version:8}  {message}\n"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::tz::TimeZone;
    use serde_json::json;

    #[test]
    fn lines_say_when_how_loud_by_which_version_and_what() {
        let now = "2026-03-02T00:44:00Z".parse().expect("a time");
        let look = Look { width: None, color: false, now, zone: TimeZone::UTC };
        let sha256 = "0123456789abcdef".repeat(4);
        let line = |level: &str, by: &str, message: &str| json!({"at": "2026-03-02T00:41:07Z", "level": level, "by": by, "sha256": sha256, "message": message});
        let answer = json!({"items": [
            line("info", "engine", "version 1.0.0 is loaded"),
            line("debug", "plugin", "saw 3 events"),
            line("error", "engine", "failed: trap: wasm `unreachable` instruction executed"),
        ], "next": "3", "gap": false});
        insta::assert_snapshot!(lines(&answer, &look), @r"
        00:41:07  info   01234567  [engine] version 1.0.0 is loaded
        00:41:07  debug  01234567  saw 3 events
        00:41:07  error  01234567  [engine] failed: trap: wasm `unreachable` instruction executed
        ");
    }
}
