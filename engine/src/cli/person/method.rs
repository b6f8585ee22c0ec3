//! `nightbell person method`: addresses on channels, and the proof that they work.

use crate::cli::failure::Failure;
use crate::cli::json;
use crate::cli::look::{Look, Tone};
use crate::cli::session::{Session, Shown, short};
use crate::cli::table::{Cell, Table, cell};
use clap::Subcommand;
use serde_json::{Value, json};

/// What to do with contact methods.
#[derive(Subcommand, Clone, Debug)]
pub(in crate::cli) enum MethodCommand {
    /// Add an address
    Add {
        /// Whose; `me`: your own
        person: String,
        /// The channel plugin that reaches it: `email`, `webhook`
        #[arg(long)]
        channel: String,
        /// In the channel's own terms: a mail address, a URL, a number
        #[arg(long)]
        address: String,
        /// Vouch for it yourself; admins only
        #[arg(long)]
        verified: bool,
    },
    /// List a person's addresses and whether they work
    List {
        /// Whose; `me`: your own
        person: String,
    },
    /// Send a code to an address, or confirm it with the code that came
    Verify {
        /// Whose; `me`: your own
        person: String,
        /// Which: its id, or the beginning of it
        method: String,
        /// The code that came; without it one is sent
        code: Option<String>,
    },
    /// Send a test page to an address
    Test {
        /// Whose; `me`: your own
        person: String,
        /// Which: its id, or the beginning of it
        method: String,
    },
    /// Take an address away, with the rules that use it
    Remove {
        /// Whose; `me`: your own
        person: String,
        /// Which: its id, or the beginning of it
        method: String,
    },
}

/// Does it.
///
/// # Errors
/// See [`Failure`].
pub(super) async fn run(session: &Session<'_>, command: MethodCommand) -> Result<(), Failure> {
    match command {
        MethodCommand::Add { person, channel, address, verified } => {
            let mut body = json!({ "channel": channel, "address": address });
            if verified {
                body["verified"] = Value::Bool(true);
            }
            let path = ["people", &person, "contact-methods"];
            let answer = session.client.post(&path, &body).await?;
            let id = json::text(&answer.json, "id");
            if !session.out.is_json() {
                session.out.text(&id)?;
            }
            let next = match answer.json["verified"].as_bool() {
                Some(true) => {
                    "Added. Name it in a rule to be paged there: `nightbell person rules`."
                        .to_owned()
                }
                _ => format!(
                    "Added. It is used once it is verified: `nightbell person method verify {person} {}` sends a code.",
                    short(&id)
                ),
            };
            session.changed(&answer, &next)
        }
        MethodCommand::List { person } => {
            let shown = Shown { rows: methods, nothing: "There are no contact methods." };
            session.list(&["people", &person, "contact-methods"], Vec::new(), None, shown).await
        }
        MethodCommand::Verify { person, method, code: None } => {
            let id = named(session, &person, &method).await?;
            let path = ["people", &person, "contact-methods", &id, "verification"];
            let answer = session.client.post(&path, &json!({})).await?;
            let sentence = format!(
                "A code is on its way and holds for 10 minutes. Enter it: `nightbell person method verify {person} {} CODE`.",
                short(&id)
            );
            session.changed(&answer, &sentence)
        }
        MethodCommand::Verify { person, method, code: Some(code) } => {
            let id = named(session, &person, &method).await?;
            let path = ["people", &person, "contact-methods", &id, "verification", "confirm"];
            let answer = session.client.post(&path, &json!({ "code": code })).await?;
            let next = "Verified. Name it in a rule to be paged there: `nightbell person rules`.";
            session.changed(&answer, next)
        }
        MethodCommand::Test { person, method } => {
            let id = named(session, &person, &method).await?;
            let path = ["people", &person, "contact-methods", &id, "test"];
            let answer = session.client.post(&path, &json!({})).await?;
            let sentence = format!(
                "A test page is on its way: `nightbell person method list {person}` shows how it went."
            );
            session.changed(&answer, &sentence)
        }
        MethodCommand::Remove { person, method } => {
            let id = named(session, &person, &method).await?;
            let answer =
                session.client.delete(&["people", &person, "contact-methods", &id]).await?;
            session.changed(&answer, "Removed, with the rules that used it.")
        }
    }
}

async fn named(session: &Session<'_>, person: &str, typed: &str) -> Result<String, Failure> {
    session.whole_id(&["people", person, "contact-methods"], "contact method", typed).await
}

/// Methods as a table; empty without any.
pub(super) fn methods(answer: &Value, look: &Look) -> String {
    let mut table = Table::new(&["id", "channel", "address", "verified", "works"]);
    for method in json::items(answer) {
        let text = |key| cell(json::text(method, key));
        let verified = match method["verified"].as_bool() {
            Some(true) => cell("yes").tone(Tone::Good),
            _ => cell("no: it is not used").tone(Tone::Warn),
        };
        table.row([
            cell(short(&json::text(method, "id"))).tone(Tone::Strong),
            text("channel"),
            text("address"),
            verified,
            works(method, look),
        ]);
    }
    table.render(look)
}

/// What is known of whether it works: the mark, a code that is waited for, or the last test.
fn works(method: &Value, look: &Look) -> Cell {
    let ago = |value: &Value, key: &str| {
        json::time(value, key).map(|at| look.ago(at)).unwrap_or_default()
    };
    let because = |value: &Value| match json::text(value, "reason") {
        reason if reason.is_empty() => String::new(),
        reason => format!(": {reason}"),
    };
    let mark = &method["undeliverable"];
    if mark.is_object() {
        return cell(format!("no, since {}{}", ago(mark, "since"), because(mark))).tone(Tone::Bad);
    }
    if let Some(until) = json::time(method, "code_expires_at").filter(|until| look.now < *until) {
        return cell(format!("a code was sent, it holds until {}", look.clock(until)))
            .tone(Tone::Warn);
    }
    let test = &method["test"];
    match json::text(test, "status").as_str() {
        "delivered" => cell(format!("tested {}", ago(test, "ended_at"))).tone(Tone::Good),
        "failed" => {
            let text = format!("the test failed {}{}", ago(test, "ended_at"), because(test));
            cell(text).tone(Tone::Bad)
        }
        "under-way" => cell("a test is on its way").tone(Tone::Warn),
        _ => cell(""),
    }
}
