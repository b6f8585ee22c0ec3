//! `nightbell incident`: what people own, and what they do about it.

use super::failure::{Exit, Failure};
use super::json;
use super::look::{Look, Tone, paint, safe};
use super::session::{Paging, Session, Shown};
use super::table::{Table, cell, facts};
use super::time::{self, When};
use clap::{ArgGroup, Subcommand, ValueEnum};
use jiff::SignedDuration;
use serde_json::{Value, json};

/// Which incidents by where they are in their life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Status {
    /// Triggered and acknowledged ones
    Open,
    /// Somebody must be found
    Triggered,
    /// Somebody has it
    Acknowledged,
    /// Over
    Resolved,
    /// All of them
    All,
}

impl Status {
    fn query(self) -> Option<&'static str> {
        match self {
            Self::Open => Some("open"),
            Self::Triggered => Some("triggered"),
            Self::Acknowledged => Some("acknowledged"),
            Self::Resolved => Some("resolved"),
            Self::All => None,
        }
    }
}

/// What to do with incidents.
#[derive(Subcommand, Clone, Debug)]
pub(super) enum IncidentCommand {
    /// List incidents, the newest first
    List {
        /// Which ones
        #[arg(long, value_enum, default_value_t = Status::Open)]
        status: Status,
        /// Of this service only
        #[arg(long, value_name = "ID")]
        service: Option<String>,
        #[command(flatten)]
        paging: Paging,
    },
    /// Show one incident with its timeline
    Show {
        /// Its number
        #[arg(value_parser = number)]
        incident: u64,
    },
    /// Show what happened to an incident, by whom and why
    Timeline {
        /// Its number
        #[arg(value_parser = number)]
        incident: u64,
    },
    /// Show every page of an incident on its way
    Deliveries {
        /// Its number
        #[arg(value_parser = number)]
        incident: u64,
    },
    /// Say that you have it: no further pages
    #[command(visible_alias = "acknowledge")]
    Ack {
        /// Their numbers
        #[arg(required = true, value_parser = number, value_name = "INCIDENT")]
        incidents: Vec<u64>,
    },
    /// Say that it is over
    Resolve {
        /// Their numbers
        #[arg(required = true, value_parser = number, value_name = "INCIDENT")]
        incidents: Vec<u64>,
    },
    /// Say that you have it, and be paged again later
    #[command(group(ArgGroup::new("length").required(true).args(["for_", "until"])))]
    Snooze {
        /// Its number
        #[arg(value_parser = number)]
        incident: u64,
        /// For so long: `30m`, `2h`
        #[arg(long = "for", value_name = "LENGTH", value_parser = time::length)]
        for_: Option<SignedDuration>,
        /// Until then: `09:00`, `tomorrow 09:00`, RFC 3339
        #[arg(long, value_name = "TIME", value_parser = time::when)]
        until: Option<When>,
    },
    /// Hand it to other people and page them
    Reassign {
        /// Its number
        #[arg(value_parser = number)]
        incident: u64,
        /// To whom; several by commas or repeated
        #[arg(long, value_name = "PERSON", required = true, value_delimiter = ',')]
        to: Vec<String>,
    },
    /// Page more people and ask them to help; nobody is taken away
    #[command(visible_alias = "respond")]
    AddResponder {
        /// Its number
        #[arg(value_parser = number)]
        incident: u64,
        /// Whom
        #[arg(required = true, value_name = "PERSON")]
        people: Vec<String>,
    },
    /// Page the next step now
    Escalate {
        /// Its number
        #[arg(value_parser = number)]
        incident: u64,
    },
    /// Let other incidents go on in one; they end, and their pages with them
    Merge {
        /// Their numbers
        #[arg(required = true, value_parser = number, value_name = "INCIDENT")]
        incidents: Vec<u64>,
        /// The number of the one that stays
        #[arg(long, value_parser = number, value_name = "INCIDENT")]
        into: u64,
    },
    /// Let some of its alerts go on in a new incident
    Split {
        /// Its number
        #[arg(value_parser = number)]
        incident: u64,
        /// Which, as `incident show` names them: `nagios/disk`; may be repeated
        #[arg(long = "alert", required = true, value_parser = life::alert, value_name = "ALERT")]
        alerts: Vec<life::Named>,
    },
    /// Say how important it is: P1 to P5, or `none`
    Priority {
        /// Its number
        #[arg(value_parser = number)]
        incident: u64,
        /// How important
        #[arg(value_parser = life::priority, value_name = "P1…P5|none")]
        priority: life::Priority,
    },
    /// Be told how it goes on, without being paged
    Subscribe {
        /// Its number
        #[arg(value_parser = number)]
        incident: u64,
        /// Somebody else, by an admin
        #[arg(long, value_name = "PERSON")]
        person: Option<String>,
    },
    /// Be told no longer how it goes on
    Unsubscribe {
        /// Its number
        #[arg(value_parser = number)]
        incident: u64,
        /// Who
        #[arg(long, value_name = "PERSON")]
        person: String,
    },
    /// Tell those who were paged and those who follow it how it stands
    Update {
        /// Its number
        #[arg(value_parser = number)]
        incident: u64,
        /// How; several words need no quotes
        #[arg(required = true, value_name = "TEXT")]
        text: Vec<String>,
    },
    /// Write something down on its timeline
    Note {
        /// Its number
        #[arg(value_parser = number)]
        incident: u64,
        /// What; several words need no quotes
        #[arg(required = true, value_name = "TEXT")]
        text: Vec<String>,
    },
}

/// Reads `12` or `#12`.
fn number(text: &str) -> Result<u64, String> {
    text.strip_prefix('#')
        .unwrap_or(text)
        .parse()
        .map_err(|_| "expected an incident's number, such as `12`".to_owned())
}

/// Does it.
///
/// # Errors
/// See [`Failure`].
pub(super) async fn run(session: &Session<'_>, command: IncidentCommand) -> Result<(), Failure> {
    match command {
        IncidentCommand::List { status, service, paging } => {
            let status = status.query().map(|status| ("status", status.to_owned()));
            let service = service.map(|service| ("service", service));
            let shown = Shown { rows: table, nothing: "There are no such incidents." };
            let query = status.into_iter().chain(service).collect();
            session.list(&["incidents"], query, Some(&paging), shown).await
        }
        IncidentCommand::Show { incident } => show(session, incident).await,
        IncidentCommand::Timeline { incident } => {
            let shown = Shown { rows: timeline, nothing: "Its timeline is empty." };
            let path = ["incidents", &incident.to_string(), "timeline"];
            session.list(&path, Vec::new(), None, shown).await
        }
        IncidentCommand::Deliveries { incident } => {
            let shown = Shown { rows: deliveries, nothing: "Nobody was paged for it." };
            let query = vec![("incident", incident.to_string())];
            session.list(&["deliveries"], query, None, shown).await
        }
        IncidentCommand::Ack { incidents } => each(session, &incidents, "acknowledge").await,
        IncidentCommand::Resolve { incidents } => each(session, &incidents, "resolve").await,
        IncidentCommand::Snooze { incident, for_, until } => {
            let until = until.or(for_.map(When::In)).unwrap_or(When::Now);
            let until = session.instant(&until)?;
            let when = session.out.look().when(until);
            let body = json!({ "until": until.to_string() });
            let said = format!("Incident {incident} sleeps; it rings again {when}.");
            act(session, incident, "snooze", &body, &said).await
        }
        IncidentCommand::Reassign { incident, to } => {
            let said = format!("Incident {incident} is handed to {}.", to.join(", "));
            act(session, incident, "reassign", &json!({ "to": to }), &said).await
        }
        IncidentCommand::AddResponder { incident, people } => {
            let said = format!("{} was asked to help with incident {incident}.", people.join(", "));
            act(session, incident, "responders", &json!({ "people": people }), &said).await
        }
        IncidentCommand::Escalate { incident } => {
            let said = format!("The next step of incident {incident} is paged.");
            act(session, incident, "escalate", &Value::Null, &said).await
        }
        IncidentCommand::Merge { incidents, into } => life::merge(session, &incidents, into).await,
        IncidentCommand::Split { incident, alerts } => {
            life::split(session, incident, &alerts).await
        }
        IncidentCommand::Priority { incident, priority } => {
            life::set_priority(session, incident, &priority).await
        }
        IncidentCommand::Subscribe { incident, person } => {
            life::subscribe(session, incident, person).await
        }
        IncidentCommand::Unsubscribe { incident, person } => {
            life::unsubscribe(session, incident, &person).await
        }
        IncidentCommand::Update { incident, text } => {
            let body = json!({ "text": text.join(" ") });
            let said = format!("Told how incident {incident} stands.");
            act(session, incident, "updates", &body, &said).await
        }
        IncidentCommand::Note { incident, text } => {
            let body = json!({ "text": text.join(" ") });
            act(session, incident, "notes", &body, &format!("Noted on incident {incident}.")).await
        }
    }
}

async fn act(
    session: &Session<'_>,
    incident: u64,
    action: &str,
    body: &Value,
    said: &str,
) -> Result<(), Failure> {
    let path = ["incidents", &incident.to_string(), action];
    let answer = session.client.post(&path, body).await?;
    session.changed(&answer, said)
}

/// Goes on after a failure, so that one closed incident does not leave the others ringing.
async fn each(session: &Session<'_>, incidents: &[u64], action: &str) -> Result<(), Failure> {
    let mut failed = false;
    for &incident in incidents {
        let past = if action == "resolve" { "resolved" } else { "acknowledged" };
        let path = ["incidents", &incident.to_string(), action];
        let done = session.client.post(&path, &Value::Null).await.and_then(|answer| {
            let counted = |have: String| {
                format!("It counts: {have} for incident {incident}; it rings on for the others.")
            };
            let said = match json::text(&answer.json, "status").as_str() {
                "triggered" => counted(answers(&answer.json)),
                _ => format!("Incident {incident} is {past}."),
            };
            session.changed(&answer, &said)
        });
        match done {
            Ok(()) => {}
            Err(failure) if incidents.len() == 1 => return Err(failure),
            Err(failure) => {
                session.out.failure(&failure);
                failed = true;
            }
        }
    }
    if failed { Err(Failure::said(Exit::Failed)) } else { Ok(()) }
}

async fn show(session: &Session<'_>, incident: u64) -> Result<(), Failure> {
    let id = incident.to_string();
    let answer = session.get(&["incidents", &id]).await?;
    if session.out.is_json() {
        return session.out.text(&answer.text);
    }
    let entries = session.get(&["incidents", &id, "timeline"]).await?;
    let look = session.out.look();
    let told = timeline(&entries.json, look);
    session.out.text(&format!("{}\n\n{told}", page(&answer.json, look)))
}

/// One line an incident.
pub(super) fn table(answer: &Value, look: &Look) -> String {
    let mut table =
        Table::new(&["number", "status", "urgency", "service", "opened", "who", "title"]);
    for incident in json::items(answer) {
        table.row([
            cell(format!("#{}", json::first(incident, &["number", "id"]))).tone(Tone::Strong),
            cell(status(incident)).state(),
            cell(json::text(incident, "urgency")).state(),
            cell(json::text(incident, "service")),
            cell(json::time(incident, "created_at").map(|at| look.when(at)).unwrap_or_default()),
            cell(json::text(incident, "acknowledged_by")),
            cell(json::text(incident, "title")),
        ]);
    }
    table.render(look)
}

/// A snoozed incident is an acknowledged one that rings again.
fn status(incident: &Value) -> String {
    let status = json::text(incident, "status");
    let sleeps = !json::text(incident, "snoozed_until").is_empty();
    if status == "acknowledged" && sleeps { "snoozed".to_owned() } else { status }
}

/// Everything about one incident but its timeline.
pub(super) fn page(incident: &Value, look: &Look) -> String {
    let when =
        |key: &str| cell(json::time(incident, key).map(|at| look.when(at)).unwrap_or_default());
    let text = |key: &str| cell(json::text(incident, key));
    let number = json::first(incident, &["number", "id"]);
    let title = safe(&json::text(incident, "title"));
    let heading = paint(&format!("#{number} {title}"), Tone::Strong, look.color);
    let facts = facts(
        &[
            ("status", cell(status(incident)).state()),
            ("urgency", text("urgency").state()),
            ("priority", text("priority")),
            ("service", text("service")),
            ("opened", when("created_at")),
            ("acknowledged", when("acknowledged_at")),
            ("by", text("acknowledged_by")),
            ("rings again", when("snoozed_until")),
            ("resolved", when("resolved_at")),
            ("resolved by", text("resolved_by")),
            ("handed to", text("assigned_to")),
            ("paged", text("paged")),
            ("answered", cell(answers(incident))),
            ("escalation", cell(escalation(incident))),
            ("alerts", cell(alerts(incident))),
            ("subscribers", text("subscribers")),
            ("reopened", cell(life::reopened(incident, look))),
            ("merged into", cell(life::numbers(incident, "merged_into"))),
            ("merged", cell(life::numbers(incident, "merged"))),
            ("split from", cell(life::numbers(incident, "split_from"))),
        ],
        look,
    );
    format!("{heading}\n{facts}")
}

/// Who has acknowledged, when several should: `1 of 2 (alice)`.
fn answers(incident: &Value) -> String {
    let escalation = json::at(incident, "escalation");
    let (needed, have) = (json::text(escalation, "needed"), json::list(escalation, "answers"));
    if matches!(needed.as_str(), "" | "1") {
        return String::new();
    }
    let who = json::text(escalation, "answers");
    let who = if who.is_empty() { who } else { format!(" ({who})") };
    format!("{} of {needed}{who}", have.len())
}

/// Where the ringing stands; empty once it is over.
fn escalation(incident: &Value) -> String {
    if json::text(incident, "status") == "resolved" {
        return String::new();
    }
    let text = |key: &str| json::text(json::at(incident, "escalation"), key);
    let stands = match text("phase").as_str() {
        "steps" => {
            format!("step {} of policy {}, pass {}", text("step"), text("policy"), text("pass"))
        }
        "fallback" => format!("the fallback, round {}", text("round")),
        "assigned" => "with those it was handed to".to_owned(),
        other => other.to_owned(),
    };
    if text("paused") == "true" { format!("{stands}; paused: all is quiet") } else { stands }
}

fn alerts(incident: &Value) -> String {
    let name = |alert: &Value| {
        let text = |key: &str| json::text(alert, key);
        format!("{}/{} ({})", text("integration"), text("dedup_key"), text("status"))
    };
    let shown = json::list(incident, "alerts");
    let mut names: Vec<String> = shown.iter().map(name).collect();
    let all = incident["alert_count"].as_u64().and_then(|count| usize::try_from(count).ok());
    if let Some(more) = all.and_then(|all| all.checked_sub(shown.len())).filter(|more| *more > 0) {
        names.push(format!("and {more} more"));
    }
    names.join(", ")
}

/// One line an entry, oldest first.
pub(super) fn timeline(answer: &Value, look: &Look) -> String {
    entries(json::items(answer), look)
}

/// As [`timeline`], for some of its entries.
pub(super) fn entries(entries: &[Value], look: &Look) -> String {
    let time = |entry: &Value| json::time(entry, "at");
    let dated = entries.iter().filter_map(time).any(|at| !look.is_today(at));
    let mut lines = Vec::new();
    for entry in entries {
        let at = time(entry).map(|at| look.second(at, dated)).unwrap_or_default();
        let tone = match json::text(entry, "kind").as_str() {
            "not-paged" | "step-skipped" | "delivery-failed" | "update-failed"
            | "answer-refused" => Tone::Warn,
            "acknowledged" | "resolved" => Tone::Good,
            "opened" | "reopened" | "retriggered" | "fallback-reached" => Tone::Bad,
            _ => Tone::Plain,
        };
        let text = paint(&safe(&json::text(entry, "text")), tone, look.color);
        let door = paint(&life::door(entry), Tone::Quiet, look.color);
        lines.push(format!("{}  {text}{door}", paint(&at, Tone::Quiet, look.color)));
    }
    lines.join("\n")
}

/// One line a delivery.
pub(super) fn deliveries(answer: &Value, look: &Look) -> String {
    let mut table =
        Table::new(&["decided", "what", "person", "channel", "status", "attempts", "remark"]);
    for delivery in json::items(answer) {
        table.row([
            cell(json::time(delivery, "created_at").map(|at| look.when(at)).unwrap_or_default()),
            cell(json::text(delivery, "purpose")),
            cell(json::text(delivery, "person")),
            cell(json::text(delivery, "channel")),
            cell(json::text(delivery, "status")).state(),
            cell(json::text(delivery, "attempts")),
            cell(json::first(delivery, &["error", "update", "reason"])),
        ]);
    }
    table.render(look)
}

mod life;
#[cfg(test)]
mod tests;
