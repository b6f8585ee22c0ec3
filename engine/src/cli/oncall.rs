//! `nightbell oncall` and `nightbell schedule`: who must wake, now and later, and who could not.

use super::failure::Failure;
use super::json;
use super::look::{Look, Tone, span};
use super::session::{Session, Shown, short};
use super::table::{Table, cell};
use super::time::{self, When};
use clap::{Args, Subcommand};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

/// Who is on call.
#[derive(Args, Clone, Debug)]
pub(super) struct OncallArgs {
    #[command(flatten)]
    pub(super) connection: super::connect::Connection,
    /// At another time: `18:00`, `tomorrow 09:00`, `2h`, RFC 3339
    #[arg(long, value_name = "TIME", value_parser = time::when)]
    at: Option<When>,
    /// On this schedule only
    #[arg(long, value_name = "ID")]
    schedule: Option<String>,
}

/// A stretch of time.
#[derive(Args, Clone, Debug)]
pub(super) struct Window {
    /// From then on
    #[arg(long, value_name = "TIME", value_parser = time::when, default_value = "now")]
    from: When,
    /// Until then [default: two weeks later]
    #[arg(long, value_name = "TIME", value_parser = time::when)]
    until: Option<When>,
}

/// What to do with schedules.
#[derive(Subcommand, Clone, Debug)]
pub(super) enum ScheduleCommand {
    /// List schedules
    List,
    /// Show who has which shift
    Show {
        /// Which schedule
        schedule: String,
        #[command(flatten)]
        window: Window,
    },
    /// Show when nobody is on call
    Gaps {
        /// Which schedule
        schedule: String,
        #[command(flatten)]
        window: Window,
    },
    /// Exceptions: somebody else takes the duty
    #[command(subcommand)]
    Override(OverrideCommand),
}

/// What to do with overrides.
#[derive(Subcommand, Clone, Debug)]
pub(super) enum OverrideCommand {
    /// Let somebody take the duty for a while
    Add {
        /// On which schedule
        schedule: String,
        /// Who takes it
        #[arg(long, value_name = "ID")]
        person: String,
        /// From then on
        #[arg(long, value_name = "TIME", value_parser = time::when, default_value = "now")]
        from: When,
        /// Until then
        #[arg(long, value_name = "TIME", value_parser = time::when)]
        until: When,
    },
    /// List the overrides of a schedule
    List {
        /// Which schedule
        schedule: String,
    },
    /// Take an override away
    Remove {
        /// Of which schedule
        schedule: String,
        /// Which override: its id, or the beginning of it
        #[arg(value_name = "OVERRIDE")]
        id: String,
    },
}

/// Shows who is on call.
///
/// # Errors
/// See [`Failure`].
pub(super) async fn oncall(session: &Session<'_>, args: &OncallArgs) -> Result<(), Failure> {
    let mut query = Vec::new();
    if let Some(at) = &args.at {
        query.push(("at", session.instant(at)?.to_string()));
    }
    query.extend(args.schedule.clone().map(|schedule| ("schedule", schedule)));
    let shown = Shown { rows: duty, nothing: "There are no schedules." };
    session.list(&["oncall"], query, None, shown).await
}

/// Does something with schedules.
///
/// # Errors
/// See [`Failure`].
pub(super) async fn schedule(
    session: &Session<'_>,
    command: ScheduleCommand,
) -> Result<(), Failure> {
    match command {
        ScheduleCommand::List => {
            let shown = Shown { rows: schedules, nothing: "There are no schedules." };
            session.list(&["schedules"], Vec::new(), None, shown).await
        }
        ScheduleCommand::Show { schedule, window } => {
            let shown = Shown { rows: shifts, nothing: "Nobody has a shift in that time." };
            let query = window.query(session)?;
            session.list(&["schedules", &schedule, "shifts"], query, None, shown).await
        }
        ScheduleCommand::Gaps { schedule, window } => {
            let shown = Shown { rows: gaps, nothing: "No gaps: somebody is on call all the time." };
            let query = window.query(session)?;
            session.list(&["schedules", &schedule, "gaps"], query, None, shown).await
        }
        ScheduleCommand::Override(command) => overrides(session, command).await,
    }
}

async fn overrides(session: &Session<'_>, command: OverrideCommand) -> Result<(), Failure> {
    match command {
        OverrideCommand::Add { schedule, person, from, until } => {
            let (from, until) = (session.instant(&from)?, session.instant(&until)?);
            ordered(from, until)?;
            let body = json!({
                "person": person, "starts_at": from.to_string(), "ends_at": until.to_string(),
            });
            let answer = session.client.post(&["schedules", &schedule, "overrides"], &body).await?;
            let look = session.out.look();
            let (from, until) = (look.day(from), look.day(until));
            let said = format!("{person} has {schedule} from {from} to {until}.");
            session.changed(&answer, &said)
        }
        OverrideCommand::List { schedule } => {
            let shown = Shown { rows: exceptions, nothing: "There are no overrides." };
            session.list(&["schedules", &schedule, "overrides"], Vec::new(), None, shown).await
        }
        OverrideCommand::Remove { schedule, id } => {
            let list = ["schedules", &schedule, "overrides"];
            let id = session.whole_id(&list, "override", &id).await?;
            let path = ["schedules", &schedule, "overrides", &id];
            let answer = session.client.delete(&path).await?;
            session.changed(&answer, "The override is gone; the layers hold again.")
        }
    }
}

impl Window {
    fn query(&self, session: &Session<'_>) -> Result<Vec<(&'static str, String)>, Failure> {
        let from = session.instant(&self.from)?;
        let until = match &self.until {
            Some(until) => session.instant(until)?,
            None => from + SignedDuration::from_hours(14 * 24),
        };
        ordered(from, until)?;
        Ok(vec![("from", from.to_string()), ("to", until.to_string())])
    }
}

fn ordered(from: Timestamp, until: Timestamp) -> Result<(), Failure> {
    if from < until {
        return Ok(());
    }
    Err(Failure::usage("The end does not lie after the beginning.")
        .hint("check `--from` and `--until`"))
}

fn day(value: &Value, key: &str, look: &Look) -> String {
    json::time(value, key).map(|at| look.day(at)).unwrap_or_default()
}

/// One line a duty.
fn duty(answer: &Value, look: &Look) -> String {
    let mut table = Table::new(&["schedule", "on call", "until", "layer", "next"]);
    for duty in json::items(answer) {
        let person = json::text(duty, "person");
        let who = if person.is_empty() {
            cell("nobody").tone(Tone::Bad)
        } else {
            cell(person).tone(Tone::Strong)
        };
        let until = json::time(duty, "ends_at").map(|at| look.when(at)).unwrap_or_default();
        let next = json::text(duty, "next");
        let layer = json::text(duty, "layer");
        table.row([cell(json::text(duty, "schedule")), who, cell(until), cell(layer), cell(next)]);
    }
    table.render(look)
}

fn schedules(answer: &Value, look: &Look) -> String {
    let mut table = Table::new(&["id", "name", "time zone", "layers"]);
    for schedule in json::items(answer) {
        let layers: Vec<String> = json::list(schedule, "layers").iter().map(layer).collect();
        table.row([
            cell(json::text(schedule, "id")).tone(Tone::Strong),
            cell(json::text(schedule, "name")),
            cell(json::text(schedule, "time_zone")),
            cell(layers.join("; ")),
        ]);
    }
    table.render(look)
}

/// A rotation and its people in the order of turns.
fn layer(layer: &Value) -> String {
    let person = |person: &Value| match json::plain(person) {
        nobody if nobody.is_empty() => "nobody".to_owned(),
        person => person,
    };
    let people: Vec<String> = json::list(layer, "people").iter().map(person).collect();
    format!("{}: {}", json::text(layer, "name"), people.join(", "))
}

fn shifts(answer: &Value, look: &Look) -> String {
    let mut table = Table::new(&["from", "to", "person", "layer"]);
    for shift in json::items(answer) {
        table.row([
            cell(day(shift, "starts_at", look)),
            cell(day(shift, "ends_at", look)),
            cell(json::text(shift, "person")).tone(Tone::Strong),
            cell(json::text(shift, "layer")),
        ]);
    }
    table.render(look)
}

fn gaps(answer: &Value, look: &Look) -> String {
    let mut table = Table::new(&["from", "to", "length"]);
    for gap in json::items(answer) {
        let ends = (json::time(gap, "starts_at"), json::time(gap, "ends_at"));
        let length = match ends {
            (Some(from), Some(to)) => span(to.duration_since(from)),
            _ => String::new(),
        };
        table.row([
            cell(day(gap, "starts_at", look)).tone(Tone::Bad),
            cell(day(gap, "ends_at", look)),
            cell(length),
        ]);
    }
    table.render(look)
}

fn exceptions(answer: &Value, look: &Look) -> String {
    let mut table = Table::new(&["id", "person", "from", "to", "by"]);
    for exception in json::items(answer) {
        table.row([
            cell(short(&json::text(exception, "id"))),
            cell(json::text(exception, "person")).tone(Tone::Strong),
            cell(day(exception, "starts_at", look)),
            cell(day(exception, "ends_at", look)),
            cell(json::text(exception, "created_by")),
        ]);
    }
    table.render(look)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::tz::TimeZone;

    #[test]
    fn nobody_on_call_is_said_loudly() {
        let now = "2026-03-02T00:44:00Z".parse().expect("a time");
        let zone = TimeZone::get("Asia/Tokyo").expect("a zone");
        let look = Look { width: None, color: false, now, zone };
        let answer = json!({"items": [
            {"schedule": "primary", "person": "alice", "starts_at": "2026-03-02T00:00:00Z",
             "ends_at": "2026-03-09T00:00:00Z", "layer": "week", "next": "bob"},
            {"schedule": "second", "person": null, "starts_at": null, "ends_at": null, "layer": null, "next": null},
        ], "next": null});
        insta::assert_snapshot!(duty(&answer, &look), @r"
        SCHEDULE  ON CALL  UNTIL                LAYER  NEXT
        primary   alice    in 6 d, Mar 9 09:00  week   bob
        second    nobody
        ");
    }
}
