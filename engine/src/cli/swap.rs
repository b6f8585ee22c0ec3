//! `nightbell schedule swap`: give a shift away, perhaps for another.

use super::failure::Failure;
use super::json;
use super::look::{Look, Tone};
use super::session::{Session, Shown, short};
use super::table::{Table, cell};
use super::time::{self, When};
use clap::Subcommand;
use reqwest::Method;
use serde_json::{Value, json};

/// What to do with swaps.
#[derive(Subcommand, Clone, Debug)]
pub(super) enum SwapCommand {
    /// Offer a shift of yours to one person, or to anybody
    Offer {
        /// On which schedule
        schedule: String,
        /// The shift's beginning
        #[arg(long, value_name = "TIME", value_parser = time::when)]
        from: When,
        /// The shift's end
        #[arg(long, value_name = "TIME", value_parser = time::when)]
        until: When,
        /// To whom [default: anybody]
        #[arg(long, value_name = "ID")]
        to: Option<String>,
        /// Whose shift it is; for admins
        #[arg(long, value_name = "ID")]
        of: Option<String>,
        /// The beginning of the shift that you take in return
        #[arg(long, value_name = "TIME", value_parser = time::when, requires_all = ["to", "return_until"])]
        return_from: Option<When>,
        /// Its end
        #[arg(long, value_name = "TIME", value_parser = time::when, requires = "return_from")]
        return_until: Option<When>,
        /// On which schedule it is [default: the same]
        #[arg(long, value_name = "ID", requires = "return_from")]
        return_on: Option<String>,
        /// When the offer ends by itself [default: when the earlier shift begins]
        #[arg(long, value_name = "TIME", value_parser = time::when)]
        expires: Option<When>,
        /// For whoever reads it
        #[arg(long, short = 'm', value_name = "TEXT")]
        note: Option<String>,
    },
    /// Take an offered shift
    Accept {
        /// Which: its id, or the beginning of it
        swap: String,
        /// Who takes it; for admins
        #[arg(long, value_name = "ID")]
        person: Option<String>,
    },
    /// Say no to a shift that was offered to you by name
    Decline {
        /// Which: its id, or the beginning of it
        swap: String,
    },
    /// Take an offer back
    Withdraw {
        /// Which: its id, or the beginning of it
        swap: String,
    },
    /// List swaps: those that wait, and those of the last 30 days
    List {
        /// Only those of this schedule
        #[arg(long, value_name = "ID")]
        schedule: Option<String>,
        /// Only those that concern this person
        #[arg(long, value_name = "ID")]
        person: Option<String>,
        /// Only those in this state: `offered`, `accepted`, `declined`, `withdrawn`, `expired`
        #[arg(long, value_name = "STATUS")]
        status: Option<String>,
    },
}

/// Does it.
///
/// # Errors
/// See [`Failure`].
pub(super) async fn run(session: &Session<'_>, command: SwapCommand) -> Result<(), Failure> {
    match command {
        SwapCommand::Offer { .. } => offer(session, command).await,
        SwapCommand::Accept { swap, person } => {
            let id = session.whole_id(&["swaps"], "swap", &swap).await?;
            let query: Vec<_> = person.into_iter().map(|person| ("person", person)).collect();
            let path = ["swaps", &id, "accept"];
            let answer = session.client.post_file(&path, &query, None).await?;
            let taken = json::text(&answer.json, "accepted_by");
            session.changed(&answer, &format!("{taken} has the shift; the overrides are made."))
        }
        SwapCommand::Decline { swap } => {
            end(session, &swap, "decline", "Declined; the shift stays where it is.").await
        }
        SwapCommand::Withdraw { swap } => {
            end(session, &swap, "withdraw", "Withdrawn; the shift stays where it is.").await
        }
        SwapCommand::List { schedule, person, status } => {
            let given = [("schedule", schedule), ("person", person), ("status", status)];
            let query = given.into_iter().filter_map(|(name, value)| Some((name, value?)));
            let shown = Shown { rows: swaps, nothing: "There are no such swaps." };
            session.list(&["swaps"], query.collect(), None, shown).await
        }
    }
}

async fn end(session: &Session<'_>, swap: &str, verb: &str, sentence: &str) -> Result<(), Failure> {
    let id = session.whole_id(&["swaps"], "swap", swap).await?;
    let answer = session.client.send(Method::POST, &["swaps", &id, verb], &Value::Null).await?;
    session.changed(&answer, sentence)
}

async fn offer(session: &Session<'_>, command: SwapCommand) -> Result<(), Failure> {
    let SwapCommand::Offer {
        schedule,
        from,
        until,
        to,
        of,
        return_from,
        return_until,
        return_on,
        expires,
        note,
    } = command
    else {
        return Ok(());
    };
    let at = |when: &When| session.instant(when).map(|at| at.to_string());
    let mut body = json!({
        "gives": { "schedule": schedule, "starts_at": at(&from)?, "ends_at": at(&until)? },
    });
    if let (Some(from), Some(until)) = (&return_from, &return_until) {
        let on = return_on.unwrap_or_else(|| schedule.clone());
        body["in_return"] =
            json!({ "schedule": on, "starts_at": at(from)?, "ends_at": at(until)? });
    }
    if let Some(expires) = &expires {
        body["expires_at"] = at(expires)?.into();
    }
    for (name, value) in [("to", to), ("from", of), ("note", note)] {
        if let Some(value) = value {
            body[name] = value.into();
        }
    }
    let answer = session.client.post(&["swaps"], &body).await?;
    if !session.out.is_json() {
        session.out.text(&json::text(&answer.json, "id"))?;
    }
    let whom = match json::text(&answer.json, "to") {
        nobody if nobody.is_empty() => "whoever is on call there before long".to_owned(),
        person => person,
    };
    let until = json::time(&answer.json, "expires_at").map(|at| session.out.look().when(at));
    let until = until.unwrap_or_default();
    session.changed(&answer, &format!("Offered; {whom} is told. The offer ends {until}."))
}

/// `primary, Mon Mar 2 09:00 to Tue Mar 3 09:00`.
fn span(value: &Value, key: &str, look: &Look) -> String {
    let day = |end: &str| {
        let at = json::time(value, &format!("{key}.{end}"));
        at.map(|at| look.day(at)).unwrap_or_default()
    };
    match json::text(value, &format!("{key}.schedule")) {
        none if none.is_empty() => String::new(),
        schedule => format!("{schedule}, {} to {}", day("starts_at"), day("ends_at")),
    }
}

fn swaps(answer: &Value, look: &Look) -> String {
    let mut table =
        Table::new(&["id", "status", "from", "to", "shift", "in return", "ends", "note"]);
    for swap in json::items(answer) {
        let to = match json::first(swap, &["accepted_by", "to"]) {
            nobody if nobody.is_empty() => "anybody".to_owned(),
            person => person,
        };
        let ends = json::time(swap, "ended_at").or_else(|| json::time(swap, "expires_at"));
        table.row([
            cell(short(&json::text(swap, "id"))).tone(Tone::Strong),
            cell(json::text(swap, "status")).state(),
            cell(json::text(swap, "from")),
            cell(to),
            cell(span(swap, "gives", look)),
            cell(span(swap, "in_return", look)),
            cell(ends.map(|at| look.when(at)).unwrap_or_default()),
            cell(json::text(swap, "note")),
        ]);
    }
    table.render(look)
}
