//! `nightbell policy`: escalation policies, and what one would do.

use super::failure::Failure;
use super::json;
use super::look::{Look, Tone, safe};
use super::session::{Session, Shown};
use super::table::{Table, cell};
use super::time::{self, When};
use clap::{Subcommand, ValueEnum};
use serde_json::Value;

/// How loud.
#[derive(ValueEnum, Clone, Copy, Debug)]
pub(super) enum Loudness {
    /// Wake somebody
    High,
    /// It can wait
    Low,
}

/// What to do with escalation policies.
#[derive(Subcommand, Clone, Debug)]
pub(super) enum PolicyCommand {
    /// List escalation policies with their steps
    List,
    /// Print who would be paged when, and through what, if nobody answered; nothing is sent
    Explain {
        /// Which policy
        policy: String,
        /// When the incident opens: `now`, `tomorrow 03:00`, RFC 3339
        #[arg(long, value_name = "TIME", value_parser = time::when, default_value = "now")]
        at: When,
        /// How loud it is; as a critical event of the service would be when left out
        #[arg(long, value_enum)]
        urgency: Option<Loudness>,
        /// Of which service; the first one that has the policy when left out
        #[arg(long, value_name = "ID")]
        service: Option<String>,
        /// How important: `P1` to `P5`
        #[arg(long, value_name = "P1..P5")]
        priority: Option<String>,
    },
}

/// Does it.
///
/// # Errors
/// See [`Failure`].
pub(super) async fn run(session: &Session<'_>, command: PolicyCommand) -> Result<(), Failure> {
    match command {
        PolicyCommand::List => {
            let shown = Shown { rows: policies, nothing: "There are no escalation policies." };
            session.list(&["policies"], Vec::new(), None, shown).await
        }
        PolicyCommand::Explain { policy, at, urgency, service, priority } => {
            let mut query = vec![("at", session.instant(&at)?.to_string())];
            query.extend(urgency.map(|loudness| match loudness {
                Loudness::High => ("urgency", "high".to_owned()),
                Loudness::Low => ("urgency", "low".to_owned()),
            }));
            query.extend(service.map(|service| ("service", service)));
            query.extend(priority.map(|priority| ("priority", priority)));
            let nothing = "Nobody would be paged.";
            let shown = Shown { rows: dry_run, nothing };
            session.list(&["policies", &policy, "explain"], query, None, shown).await
        }
    }
}

fn policies(answer: &Value, look: &Look) -> String {
    let mut table = Table::new(&["policy", "step", "targets", "delay", "when", "services"]);
    for policy in json::items(answer) {
        let mut name = json::text(policy, "id");
        let mut services = json::text(policy, "services");
        for (place, step) in json::list(policy, "steps").iter().enumerate() {
            let targets = json::text(step, "targets");
            let targets = match json::text(step, "strategy").as_str() {
                "round_robin" => format!("one of {targets}"),
                _ => targets,
            };
            table.row([
                cell(std::mem::take(&mut name)).tone(Tone::Strong),
                cell((place + 1).to_string()),
                cell(targets),
                cell(json::text(step, "delay")),
                cell(conditions(json::at(step, "when"))),
                cell(std::mem::take(&mut services)),
            ]);
        }
        if !name.is_empty() {
            // Without steps: the fallback is paged at once.
            let [dash, fallback] = ["", "fallback"].map(cell);
            table.row([
                cell(name).tone(Tone::Strong),
                dash,
                fallback,
                cell(""),
                cell(""),
                cell(services),
            ]);
        }
    }
    table.render(look)
}

fn conditions(when: &Value) -> String {
    let named = |key: &str, text: String| (!text.is_empty()).then(|| format!("{key} {text}"));
    let hours = json::text(when, "windows");
    let all = [
        named("urgency", json::text(when, "urgency")),
        named("priority", json::text(when, "priority")),
        named("support hours:", json::text(when, "support_hours")),
        (!hours.is_empty()).then(|| format!("{hours} {}", json::text(when, "time_zone"))),
        named("alerts ≥", json::text(when, "alerts")),
    ];
    all.into_iter().flatten().collect::<Vec<_>>().join("; ")
}

fn dry_run(answer: &Value, look: &Look) -> String {
    let held = json::text(answer, "held");
    if !held.is_empty() {
        return format!("Nobody would be paged: {}.", safe(held.trim_end_matches('.')));
    }
    let mut table = Table::new(&["after", "at", "who", "through", "what"]);
    for line in json::items(answer) {
        let kind = json::text(line, "kind");
        let room = json::text(line, "room");
        let who = match room.is_empty() {
            true => json::text(line, "person"),
            false => format!("room {room}"),
        };
        let tone = match kind.as_str() {
            "paged" | "posted" => Tone::Strong,
            _ => Tone::Quiet,
        };
        table.row([
            cell(json::text(line, "after")),
            cell(json::time(line, "at").map(|at| look.day(at)).unwrap_or_default()),
            cell(who).tone(Tone::Strong),
            cell(json::text(line, "channel")),
            cell(json::text(line, "text")).tone(tone),
        ]);
    }
    table.render(look)
}
