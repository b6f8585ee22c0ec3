//! `nightbell person`: how people are reached, which is their own decision.

use super::failure::Failure;
use super::json;
use super::look::{Look, Tone, paint};
use super::session::{Session, Shown, short};
use super::table::{Table, cell, facts};
use super::time;
use clap::Subcommand;
use jiff::SignedDuration;
use reqwest::Method;
use serde_json::{Value, json};

/// What to do with people.
#[derive(Subcommand, Clone, Debug)]
pub(super) enum PersonCommand {
    /// List people
    List,
    /// Show how a person is reached
    Show {
        /// Who
        person: String,
    },
    /// Contact methods: addresses on channels
    #[command(subcommand)]
    Method(MethodCommand),
    /// Show or replace a person's notification rules
    Rules {
        /// Whose
        person: String,
        /// A rule `URGENCY:METHOD[:DELAY]`, such as `high:email:5m`; repeat it: together they replace all rules
        #[arg(long, value_name = "RULE", value_parser = rule)]
        set: Vec<Rule>,
    },
}

/// What to do with contact methods.
#[derive(Subcommand, Clone, Debug)]
pub(super) enum MethodCommand {
    /// Add an address
    Add {
        /// Whose
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
    /// List a person's addresses
    List {
        /// Whose
        person: String,
    },
    /// Take an address away, with the rules that use it
    Remove {
        /// Whose
        person: String,
        /// Which: its id, or the beginning of it
        method: String,
    },
}

/// A rule as typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Rule {
    urgency: String,
    method: String,
    delay: SignedDuration,
}

fn rule(text: &str) -> Result<Rule, String> {
    let expected =
        || format!("expected `URGENCY:METHOD[:DELAY]`, such as `high:email:5m`, got `{text}`");
    let mut parts = text.splitn(3, ':');
    let (Some(urgency @ ("high" | "low")), Some(method)) = (parts.next(), parts.next()) else {
        return Err(expected());
    };
    if method.is_empty() {
        return Err(expected());
    }
    let delay = parts.next().map_or(Ok(SignedDuration::ZERO), time::delay)?;
    Ok(Rule { urgency: urgency.to_owned(), method: method.to_owned(), delay })
}

/// Does it.
///
/// # Errors
/// See [`Failure`].
pub(super) async fn run(session: &Session<'_>, command: PersonCommand) -> Result<(), Failure> {
    match command {
        PersonCommand::List => {
            let shown = Shown { rows: people, nothing: "There is nobody." };
            session.list(&["people"], Vec::new(), None, shown).await
        }
        PersonCommand::Show { person } => show(session, &person).await,
        PersonCommand::Method(command) => method(session, command).await,
        PersonCommand::Rules { person, set } if set.is_empty() => {
            let nothing = "There are no rules: this person is never paged.";
            let shown = Shown { rows: rules, nothing };
            session.list(&["people", &person, "notification-rules"], Vec::new(), None, shown).await
        }
        PersonCommand::Rules { person, set } => {
            let mut rules = Vec::new();
            for rule in set {
                let list = ["people", &person, "contact-methods"];
                let method = session.whole_id(&list, "contact method", &rule.method).await?;
                rules.push(wire(&Rule { method, ..rule }));
            }
            let path = ["people", &person, "notification-rules"];
            let answer = session.client.send(Method::PUT, &path, &Value::Array(rules)).await?;
            session.changed(&answer, &format!("The rules of {person} are replaced."))
        }
    }
}

fn wire(rule: &Rule) -> Value {
    json!({ "urgency": rule.urgency, "contact_method": rule.method, "delay": time::written(rule.delay) })
}

async fn method(session: &Session<'_>, command: MethodCommand) -> Result<(), Failure> {
    match command {
        MethodCommand::Add { person, channel, address, verified } => {
            let mut body = json!({ "channel": channel, "address": address });
            if verified {
                body["verified"] = Value::Bool(true);
            }
            let path = ["people", &person, "contact-methods"];
            let answer = session.client.post(&path, &body).await?;
            if !session.out.is_json() {
                session.out.text(&json::text(&answer.json, "id"))?;
            }
            session.changed(
                &answer,
                "Added. Name it in a rule to be paged there: `nightbell person rules`.",
            )
        }
        MethodCommand::List { person } => {
            let shown = Shown { rows: methods, nothing: "There are no contact methods." };
            session.list(&["people", &person, "contact-methods"], Vec::new(), None, shown).await
        }
        MethodCommand::Remove { person, method } => {
            let list = ["people", &person, "contact-methods"];
            let method = session.whole_id(&list, "contact method", &method).await?;
            let path = ["people", &person, "contact-methods", &method];
            let answer = session.client.delete(&path).await?;
            session.changed(&answer, "Removed, with the rules that used it.")
        }
    }
}

async fn show(session: &Session<'_>, person: &str) -> Result<(), Failure> {
    let people = session.all(&["people"], Vec::new()).await?;
    let found = json::items(&people.json).iter().find(|one| json::text(one, "id") == person);
    let Some(found) = found else {
        return Err(Failure::new(format!("There is no person `{person}`."))
            .hint("`nightbell person list` shows who there is"));
    };
    let own_methods = session.get(&["people", person, "contact-methods"]).await?;
    let own_rules = session.get(&["people", person, "notification-rules"]).await?;
    let all = json!({
        "person": found, "contact_methods": own_methods.json["items"], "notification_rules": own_rules.json["items"],
    });
    session.out.made(&all, |look| page(found, &own_methods.json, &own_rules.json, look))
}

fn page(person: &Value, own_methods: &Value, own_rules: &Value, look: &Look) -> String {
    let text = |key: &str| cell(json::text(person, key));
    let facts = facts(
        &[
            ("person", text("id").tone(Tone::Strong)),
            ("name", text("name")),
            ("time zone", text("time_zone")),
            ("language", text("language")),
        ],
        look,
    );
    let or =
        |shown: String, nothing: &str| if shown.is_empty() { nothing.to_owned() } else { shown };
    let heading = |text| paint(text, Tone::Strong, look.color);
    format!(
        "{facts}\n\n{}\n{}\n\n{}\n{}",
        heading("contact methods"),
        or(methods(own_methods, look), "none"),
        heading("notification rules"),
        or(rules(own_rules, look), "none: this person is never paged"),
    )
}

fn people(answer: &Value, look: &Look) -> String {
    let mut table = Table::new(&["id", "name", "time zone", "language"]);
    for person in json::items(answer) {
        let text = |key| cell(json::text(person, key));
        table.row([
            text("id").tone(Tone::Strong),
            text("name"),
            text("time_zone"),
            text("language"),
        ]);
    }
    table.render(look)
}

fn methods(answer: &Value, look: &Look) -> String {
    let mut table = Table::new(&["id", "channel", "address", "verified"]);
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
        ]);
    }
    table.render(look)
}

fn rules(answer: &Value, look: &Look) -> String {
    let mut table = Table::new(&["urgency", "contact method", "delay"]);
    for rule in json::items(answer) {
        let delay = match json::text(rule, "delay").as_str() {
            "" | "0s" | "0" => "at once".to_owned(),
            delay => format!("after {delay}"),
        };
        let text = |key| cell(json::text(rule, key));
        table.row([
            text("urgency").state(),
            cell(short(&json::text(rule, "contact_method"))),
            cell(delay),
        ]);
    }
    table.render(look)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_reads_as_typed() {
        for (text, expected) in [
            (
                "high:email",
                Some(json!({"urgency": "high", "contact_method": "email", "delay": "0s"})),
            ),
            (
                "low:phone:1h30m",
                Some(json!({"urgency": "low", "contact_method": "phone", "delay": "1h30m"})),
            ),
            (
                "high:email:0",
                Some(json!({"urgency": "high", "contact_method": "email", "delay": "0s"})),
            ),
            ("loud:email", None),
            ("high", None),
            ("high:", None),
            ("high:email:soon", None),
        ] {
            assert_eq!(rule(text).ok().as_ref().map(wire), expected, "{text}");
        }
    }
}
