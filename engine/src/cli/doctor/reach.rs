//! `nightbell doctor reach`: when, in days to come, would nobody be told in time?

use crate::cli::failure::{Exit, Failure};
use crate::cli::json;
use crate::cli::look::{Look, Tone, paint};
use crate::cli::session::Session;
use crate::cli::time;
use clap::Args;
use jiff::SignedDuration;
use serde_json::Value;

/// What to look at.
#[derive(Args, Clone, Debug)]
pub(in crate::cli) struct ReachArgs {
    /// How many days from now on; without it as the configuration says, else 14
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=90))]
    days: Option<u16>,
    /// How soon after an incident opens its first page must go out; without it as the configuration says, else 15m
    #[arg(long, value_name = "TIME", value_parser = time::delay)]
    within: Option<SignedDuration>,
    /// How loud the incidents are; without it as a critical event of each service would be
    #[arg(long, value_parser = ["high", "low"])]
    urgency: Option<String>,
}

/// Asks the server and prints every hole.
///
/// # Errors
/// See [`Failure`]; also when there are holes.
pub(super) async fn run(session: &Session<'_>, args: &ReachArgs) -> Result<(), Failure> {
    let days = args.days.map(|days| ("days", days.to_string()));
    let within = args.within.map(|within| ("within", time::written(within)));
    let urgency = args.urgency.clone().map(|urgency| ("urgency", urgency));
    let query: Vec<_> = [days, within, urgency].into_iter().flatten().collect();
    let answer = session.client.get(&["reach"], &query).await?;
    session.out.data(&answer.text, |look| page(&answer.json, look))?;
    if answer.json["complete"].as_bool() == Some(false) {
        session.out.hint("there was more than is looked at in one answer: ask for fewer `--days`");
    }
    let holes = json::items(&answer.json).len();
    let (services, within) =
        (json::text(&answer.json, "services"), json::text(&answer.json, "within"));
    if holes == 0 {
        session.out.done(&format!(
            "At any time somebody would be told within {within}, for each of {services} services."
        ));
        return Ok(());
    }
    let count =
        if holes == 1 { "There is a hole".to_owned() } else { format!("There are {holes} holes") };
    session.out.done(&format!("{count}: nobody would be told within {within}."));
    Err(Failure::said(Exit::Failed))
}

fn page(answer: &Value, look: &Look) -> String {
    let mut lines = Vec::new();
    for hole in json::items(answer) {
        let at = |key: &str| json::time(hole, key);
        let (Some(from), Some(to)) = (at("starts_at"), at("ends_at")) else { continue };
        let service = paint(&json::text(hole, "service"), Tone::Strong, look.color);
        let shown = |at| look.when(at);
        let length = crate::cli::look::span(to.duration_since(from));
        let word = paint("hole", Tone::Bad, look.color);
        lines.push(format!("{word}  {service}  {} – {}  ({length})", shown(from), shown(to)));
        for reason in json::list(hole, "reasons") {
            let reason = crate::cli::look::safe(&json::plain(reason));
            lines.push(format!("      {reason}"));
        }
    }
    lines.join("\n")
}
