//! `nightbell person`: how people are reached, which is their own decision.

mod method;
mod prefer;

use super::absence::{self, AbsenceCommand, FeedCommand, HandoffArgs};
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
        /// Who; `me`: the person whose token it is
        #[arg(default_value = "me")]
        person: String,
    },
    /// Contact methods: addresses on channels
    #[command(subcommand)]
    Method(method::MethodCommand),
    /// Show or replace a person's notification rules
    Rules {
        /// Whose; `me`: your own
        person: String,
        /// A rule `URGENCY:METHOD[:DELAY]`, such as `high:email:5m`; repeat it: together they replace all rules
        #[arg(long, value_name = "RULE", value_parser = rule)]
        set: Vec<Rule>,
    },
    /// Show or replace the hours in which pages wait
    Quiet {
        /// Whose; `me`: your own
        person: String,
        /// Hours `[DAYS/]FROM-TO[/WHAT RINGS]` on the person's own clock: `22:00-07:00`, `mon-fri/22:00-07:00/P2`,
        /// `sat,sun/00:00-10:00/nothing`; repeat it: together they replace all quiet hours. High urgency rings unless you say otherwise
        #[arg(long, value_name = "HOURS", value_parser = prefer::quiet, conflicts_with = "clear")]
        set: Vec<prefer::Quiet>,
        /// Have none
        #[arg(long)]
        clear: bool,
    },
    /// Show or choose what is told on a channel beside pages
    Prefer {
        /// Whose; `me`: your own
        person: String,
        /// The channel plugin: `slack`, `twilio`
        #[arg(long)]
        channel: Option<String>,
        /// That an incident was acknowledged, snoozed or rings again
        #[arg(long, value_name = "YES|NO", requires = "channel")]
        status_updates: Option<prefer::Wanted>,
        /// That an incident was resolved
        #[arg(long, value_name = "YES|NO", requires = "channel")]
        resolve_notices: Option<prefer::Wanted>,
    },
    /// Show or choose the language that Nightbell writes and speaks to a person
    Language {
        /// Whose; `me`: your own
        person: String,
        /// `en`, `ja`, or `default`: as the configuration says
        language: Option<prefer::Language>,
    },
    /// When people are away: add, list, remove, import
    #[command(subcommand)]
    Absence(AbsenceCommand),
    /// Secret addresses at which calendar programs read a person's own duty
    #[command(subcommand)]
    Ical(FeedCommand),
    /// Show or change what a person hears of their own shifts
    Handoff(HandoffArgs),
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
        PersonCommand::Absence(command) => absence::run(session, command).await,
        PersonCommand::Ical(command) => absence::feed(session, "people", command).await,
        PersonCommand::Handoff(args) => absence::handoff(session, &args).await,
        PersonCommand::List => {
            let shown = Shown { rows: people, nothing: "There is nobody." };
            session.list(&["people"], Vec::new(), None, shown).await
        }
        PersonCommand::Show { person } => show(session, &person).await,
        PersonCommand::Method(command) => method::run(session, command).await,
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
        PersonCommand::Quiet { person, set, clear } => {
            prefer::set_quiet(session, &person, &set, clear).await
        }
        PersonCommand::Prefer { person, channel, status_updates, resolve_notices } => {
            let channel = channel.as_deref();
            prefer::set_channel(session, &person, channel, status_updates, resolve_notices).await
        }
        PersonCommand::Language { person, language } => {
            prefer::set_language(session, &person, language).await
        }
    }
}

fn wire(rule: &Rule) -> Value {
    json!({ "urgency": rule.urgency, "contact_method": rule.method, "delay": time::written(rule.delay) })
}

async fn show(session: &Session<'_>, person: &str) -> Result<(), Failure> {
    let found = session.get(&["people", person]).await.map_err(|failure| {
        failure.hint("`nightbell person list` shows who there is; `me` needs a person's own token")
    })?;
    let own_methods = session.get(&["people", person, "contact-methods"]).await?;
    let own_rules = session.get(&["people", person, "notification-rules"]).await?;
    let preferences = session.get(&["people", person, "preferences"]).await?;
    let all = json!({
        "person": found.json, "contact_methods": own_methods.json["items"], "notification_rules": own_rules.json["items"],
        "preferences": preferences.json,
    });
    let parts = [&found.json, &own_methods.json, &own_rules.json, &preferences.json];
    session.out.made(&all, |look| page(parts, look))
}

fn page([person, own_methods, own_rules, preferences]: [&Value; 4], look: &Look) -> String {
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
        "{facts}\n\n{}\n{}\n\n{}\n{}\n\n{}\n{}\n\n{}\n{}",
        heading("contact methods"),
        or(method::methods(own_methods, look), "none"),
        heading("notification rules"),
        or(rules(own_rules, look), "none: this person is never paged"),
        heading("quiet hours"),
        or(prefer::hours(preferences, look), "none: pages come at any hour"),
        heading("beside pages"),
        or(prefer::channels(preferences, look), "everything, on every channel"),
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
