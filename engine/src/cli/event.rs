//! `nightbell event`: bring an event in as a monitor would, and ask what became of one.

use super::client::Answer;
use super::connect::Connection;
use super::explain;
use super::failure::Failure;
use super::json;
use super::look::{Look, Tone};
use super::session::{Paging, Remote, Session, Shown};
use super::table::{Table, cell};
use clap::{ArgGroup, Args, Subcommand, ValueEnum};
use serde_json::{Map, Value, json};
use std::io::Read;
use std::path::{Path, PathBuf};

/// Largest body that is read, in bytes; what a server takes is its own to say.
const BODY_MAX_BYTES: u64 = 64 << 20;

/// What an event says about its condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Kind {
    /// The condition holds
    Trigger,
    /// Somebody took it on
    Acknowledge,
    /// The condition is over
    Resolve,
    /// Something changed; never pages
    Change,
}

/// The source's claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Severity {
    /// Loudest
    Critical,
    /// An error
    Error,
    /// A warning
    Warning,
    /// For information
    Info,
}

/// An event as an integration's monitor would send it.
#[derive(Args, Clone)]
#[command(
    after_help = "With --title the event travels in PagerDuty's format, which every integration takes; with --file the body goes \
        as it is to the integration's own parser."
)]
#[command(group(ArgGroup::new("what").required(true).args(["title", "file", "dedup_key"]).multiple(true)))]
#[command(group(ArgGroup::new("door").required(true).args(["key", "integration"])))]
pub(super) struct SendArgs {
    /// The integration's key
    #[arg(long, env = "NIGHTBELL_KEY", hide_env_values = true, value_name = "KEY")]
    key: Option<String>,
    /// The integration, its key read from the configuration
    #[arg(long, value_name = "ID")]
    integration: Option<String>,

    /// One line that says what is wrong
    #[arg(long, value_name = "TEXT", required_if_eq_any([("kind", "change")]))]
    title: Option<String>,
    /// What the event says about its condition
    #[arg(long, value_enum, default_value_t = Kind::Trigger, conflicts_with = "file")]
    kind: Kind,
    /// How bad it is
    #[arg(long, value_enum, default_value_t = Severity::Error, conflicts_with = "file")]
    severity: Severity,
    /// The condition it speaks of; needed to acknowledge or resolve
    #[arg(
        long,
        value_name = "KEY",
        conflicts_with = "file",
        required_if_eq_any([("kind", "acknowledge"), ("kind", "resolve")])
    )]
    dedup_key: Option<String>,
    /// What is affected
    #[arg(
        long,
        value_name = "TEXT",
        default_value = "nightbell event send",
        conflicts_with = "file"
    )]
    source: String,
    /// A name and a value; repeat it. `component`, `group` and `class` are labels, others are details
    #[arg(long, value_name = "NAME=VALUE", value_parser = label, conflicts_with = "file")]
    label: Vec<(String, String)>,

    /// A payload as a monitor sends it; `-` reads standard input
    #[arg(long, value_name = "FILE", conflicts_with = "title")]
    file: Option<PathBuf>,
    /// Its media type [default: JSON when it looks like it, else text]
    #[arg(long, value_name = "TYPE", conflicts_with_all = ["title", "dedup_key"])]
    content_type: Option<String>,
    /// What follows the key in the door's address, such as `api/v2/alerts`
    #[arg(long, value_name = "PATH", conflicts_with_all = ["title", "dedup_key"])]
    path: Option<String>,
}

/// What to do with events.
#[derive(Subcommand, Clone)]
pub(super) enum EventCommand {
    /// Bring an event in, as a monitor would
    Send(Box<SendArgs>),
    /// List events, the newest first
    List {
        /// Of this integration only
        #[arg(long, value_name = "ID")]
        integration: Option<String>,
        /// Only payloads that no parser could read
        #[arg(long)]
        unparsed: bool,
        #[command(flatten)]
        paging: Paging,
    },
    /// Show every stage of an event's way, and why it did or did not page
    Explain {
        /// Its id
        id: u64,
    },
}

fn label(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err(format!("expected `NAME=VALUE`, got `{text}`")),
    }
}

/// Does it.
///
/// # Errors
/// See [`Failure`].
pub(super) async fn run(
    session: &Session<'_>,
    remote: Remote<EventCommand>,
) -> Result<(), Failure> {
    match remote.command {
        EventCommand::Send(args) => send(session, &remote.connection, &args).await,
        EventCommand::List { integration, unparsed, paging } => {
            let integration = integration.map(|id| ("integration", id));
            let unparsed = unparsed.then(|| ("unparsed", "true".to_owned()));
            let query = integration.into_iter().chain(unparsed).collect();
            let shown = Shown { rows: table, nothing: "There are no such events." };
            session.list(&["events"], query, Some(&paging), shown).await
        }
        EventCommand::Explain { id } => {
            let answer = session.get(&["events", &id.to_string(), "explain"]).await?;
            session.out.data(&answer.text, |look| explain::page(&answer.json, look))
        }
    }
}

async fn send(
    session: &Session<'_>,
    connection: &Connection,
    args: &SendArgs,
) -> Result<(), Failure> {
    let key = key(connection, args)?;
    let answer = match &args.file {
        Some(file) => {
            let body = read(file)?;
            let guessed = guess(&body);
            let content_type = args.content_type.as_deref().unwrap_or(guessed);
            let rest = args.path.as_deref().unwrap_or_default();
            let rest = rest.split('/').filter(|part| !part.is_empty());
            let path: Vec<&str> = ["in", key.as_str()].into_iter().chain(rest).collect();
            session.client.deliver(&path, body, content_type).await?
        }
        None => {
            let path: &[&str] = match args.kind {
                Kind::Change => &["v2", "change", "enqueue"],
                Kind::Trigger | Kind::Acknowledge | Kind::Resolve => &["v2", "enqueue"],
            };
            let body = compose(args, &key).to_string().into_bytes();
            session.client.deliver(path, body, "application/json").await?
        }
    };
    accepted(session, &answer)
}

/// Prints what a script wants to go on with: the dedup key, or the events' ids.
fn accepted(session: &Session<'_>, answer: &Answer) -> Result<(), Failure> {
    if session.out.is_json() {
        return session.out.text(&answer.text);
    }
    session.out.text(&super::look::safe(&json::first(&answer.json, &["dedup_key", "ids"])))?;
    session.out.done("Accepted. `nightbell event list` shows it, `nightbell event explain ID` what became of it.");
    Ok(())
}

fn key(connection: &Connection, args: &SendArgs) -> Result<String, Failure> {
    match (&args.key, &args.integration) {
        // An integration that is named beats a key that lies in the environment.
        (_, Some(integration)) => match connection.near()? {
            Some(near) => near.key(integration),
            None => Err(Failure::new("There is no configuration here to read the key from.")
                .hint("name it with `--config`, or pass `--key`")),
        },
        (Some(key), None) => Ok(key.trim().to_owned()),
        (None, None) => {
            Err(Failure::usage("No integration is named.").hint("pass `--integration` or `--key`"))
        }
    }
}

fn compose(args: &SendArgs, key: &str) -> Value {
    let title = args.title.clone().unwrap_or_else(|| args.dedup_key.clone().unwrap_or_default());
    let mut payload = json!({
        "summary": title, "source": args.source, "severity": word(args.severity),
    });
    let mut details = Map::new();
    for (name, value) in &args.label {
        if matches!(name.as_str(), "component" | "group" | "class") {
            payload[name.as_str()] = value.as_str().into();
        } else {
            details.insert(name.clone(), value.as_str().into());
        }
    }
    if !details.is_empty() {
        payload["custom_details"] = Value::Object(details);
    }
    let mut body = json!({ "routing_key": key, "payload": payload });
    if args.kind != Kind::Change {
        body["event_action"] = word(args.kind).into();
    }
    if let Some(dedup_key) = &args.dedup_key {
        body["dedup_key"] = dedup_key.as_str().into();
    }
    body
}

/// A choice as it is typed, which is PagerDuty's word for it too.
fn word(choice: impl ValueEnum) -> String {
    choice.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    let mut body = Vec::new();
    let done = if path == Path::new("-") {
        std::io::stdin().lock().take(BODY_MAX_BYTES).read_to_end(&mut body)
    } else {
        std::fs::File::open(path).and_then(|file| file.take(BODY_MAX_BYTES).read_to_end(&mut body))
    };
    match done {
        Ok(_) => Ok(body),
        Err(error) => Err(Failure::new(format!("{} cannot be read: {error}.", path.display()))
            .hint("`--file` takes a payload's file, or `-` for standard input")),
    }
}

fn guess(body: &[u8]) -> &'static str {
    match body.trim_ascii_start().first() {
        Some(b'{' | b'[') => "application/json",
        _ => "text/plain; charset=utf-8",
    }
}

/// One line an event.
fn table(answer: &Value, look: &Look) -> String {
    let mut table = Table::new(&[
        "id",
        "received",
        "integration",
        "kind",
        "severity",
        "title",
        "what became of it",
    ]);
    for event in json::items(answer) {
        let text = |key: &str| cell(json::text(event, key));
        table.row([
            text("id").tone(Tone::Strong),
            cell(json::time(event, "received_at").map(|at| look.when(at)).unwrap_or_default()),
            text("integration"),
            text("kind"),
            text("severity").state(),
            text("title"),
            cell(explain::fate(event)),
        ]);
    }
    table.render(look)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        args: SendArgs,
    }

    fn parse(line: &str) -> Result<SendArgs, clap::Error> {
        let words = std::iter::once("send").chain(line.split_whitespace());
        Line::try_parse_from(words).map(|line| line.args)
    }

    #[test]
    fn an_event_is_composed_in_pagerdutys_format() {
        let args = parse("--key K --title Full --severity critical --dedup-key db1 --label group=db --label team=shop")
            .expect("fits");
        assert_eq!(
            compose(&args, "K"),
            json!({
                "routing_key": "K", "event_action": "trigger", "dedup_key": "db1",
                "payload": {
                    "summary": "Full", "source": "nightbell event send", "severity": "critical",
                    "group": "db", "custom_details": {"team": "shop"},
                },
            })
        );
    }

    #[test]
    fn what_does_not_go_together_is_refused() {
        for line in [
            "--title Full",
            "--key K",
            "--key K --file x --title Full",
            "--key K --file x --severity info",
            "--key K --title Full --content-type text/plain",
            "--key K --kind resolve --title x",
            "--key K --kind change --dedup-key x",
            "--key K --title x --label team",
            "--key K --integration nagios --title x",
        ] {
            assert!(parse(line).is_err(), "{line}");
        }
        for line in [
            "--key K --kind resolve --dedup-key x",
            "--key K --file - --path api/v2/alerts",
            "--integration a --title x",
        ] {
            assert!(parse(line).is_ok(), "{line}");
        }
    }

    #[test]
    fn json_is_recognised() {
        assert_eq!(guess(b" \n[1]"), "application/json");
        assert_eq!(guess(b"host=a"), "text/plain; charset=utf-8");
        assert_eq!(guess(b""), "text/plain; charset=utf-8");
    }
}
