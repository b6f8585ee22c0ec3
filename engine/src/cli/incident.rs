//! `nightbell incident`: what people own, and what they do about it.

use super::failure::{Exit, Failure};
use super::json;
use super::look::{Look, Tone, paint, safe};
use super::session::{Session, Shown};
use super::table::{Table, cell, facts};
use super::time::When;

use serde_json::{Value, json};

pub(super) use command::IncidentCommand;

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

/// Whom a delivery goes to.
fn told(delivery: &Value) -> String {
    match json::text(delivery, "room") {
        room if room.is_empty() => json::text(delivery, "person"),
        room => format!("room {room}"),
    }
}

/// One line a delivery.
pub(super) fn deliveries(answer: &Value, look: &Look) -> String {
    let mut table =
        Table::new(&["decided", "what", "to", "channel", "status", "attempts", "remark"]);
    for delivery in json::items(answer) {
        table.row([
            cell(json::time(delivery, "created_at").map(|at| look.when(at)).unwrap_or_default()),
            cell(json::text(delivery, "purpose")),
            cell(told(delivery)),
            cell(json::text(delivery, "channel")),
            cell(json::text(delivery, "status")).state(),
            cell(json::text(delivery, "attempts")),
            cell(json::first(delivery, &["error", "update", "reason"])),
        ]);
    }
    table.render(look)
}

mod command;
mod life;
#[cfg(test)]
mod tests;
