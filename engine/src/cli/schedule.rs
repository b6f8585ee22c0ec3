//! `nightbell schedule`: who must wake later, who could not, and how the duty is shared.

use super::absence::{self, FeedCommand};
use super::failure::Failure;
use super::json;
use super::look::{Look, Tone, span};
use super::session::{Session, Shown, short};
use super::swap::{self, SwapCommand};
use super::table::{Table, cell};
use super::temporary::{self, TemporaryCommand};
use super::time::{self, When};
use clap::{Args, Subcommand};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

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
    /// Show when nobody is on call, who is on call and absent, and who is on call twice at once
    Gaps {
        /// Which schedule
        schedule: String,
        /// From then on
        #[arg(long, value_name = "TIME", value_parser = time::when, default_value = "now")]
        from: When,
        /// Until then [default: 90 days later]
        #[arg(long, value_name = "TIME", value_parser = time::when)]
        until: Option<When>,
    },
    /// Exceptions: somebody else takes the duty
    #[command(subcommand)]
    Override(OverrideCommand),
    /// Fixed shifts that replace all layers for a while
    #[command(subcommand)]
    Temporary(TemporaryCommand),
    /// Give a shift away, perhaps for another
    #[command(subcommand)]
    Swap(SwapCommand),
    /// Show how the duty is shared: hours, nights and weekends per person
    Fairness {
        /// Which schedule
        schedule: String,
        /// From then on [default: 90 days ago]
        #[arg(long, value_name = "TIME", value_parser = time::when)]
        from: Option<When>,
        /// Until then [default: now, or 90 days after the beginning]
        #[arg(long, value_name = "TIME", value_parser = time::when)]
        until: Option<When>,
    },
    /// Secret addresses at which calendar programs read a whole schedule
    #[command(subcommand)]
    Ical(FeedCommand),
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

/// Does something with schedules.
///
/// # Errors
/// See [`Failure`].
pub(super) async fn run(session: &Session<'_>, command: ScheduleCommand) -> Result<(), Failure> {
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
        ScheduleCommand::Gaps { schedule, from, until } => {
            let nothing = "No gaps: somebody is on call all the time, and nobody absent or twice.";
            let shown = Shown { rows: amiss, nothing };
            let from = session.instant(&from)?;
            let until = until.map(|until| session.instant(&until)).transpose()?;
            let until = until.unwrap_or(from + SignedDuration::from_hours(90 * 24));
            ordered(from, until)?;
            let query = vec![("from", from.to_string()), ("to", until.to_string())];
            session.list(&["schedules", &schedule, "outlook"], query, None, shown).await
        }
        ScheduleCommand::Fairness { schedule, from, until } => {
            let mut query = Vec::new();
            for (name, when) in [("from", &from), ("to", &until)] {
                if let Some(when) = when {
                    query.push((name, session.instant(when)?.to_string()));
                }
            }
            let shown = Shown { rows: fairness, nothing: "Nobody was on call in that time." };
            session.list(&["schedules", &schedule, "fairness"], query, None, shown).await
        }
        ScheduleCommand::Temporary(command) => temporary::run(session, command).await,
        ScheduleCommand::Swap(command) => swap::run(session, command).await,
        ScheduleCommand::Ical(command) => absence::feed(session, "schedules", command).await,
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

pub(super) fn ordered(from: Timestamp, until: Timestamp) -> Result<(), Failure> {
    if from < until {
        return Ok(());
    }
    Err(Failure::usage("The end does not lie after the beginning.")
        .hint("check `--from` and `--until`"))
}

pub(super) fn day(value: &Value, key: &str, look: &Look) -> String {
    json::time(value, key).map(|at| look.day(at)).unwrap_or_default()
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
    let mut table = Table::new(&["from", "to", "person", "layer", "note"]);
    for shift in json::items(answer) {
        let instead = json::text(shift, "instead_of");
        let note = match (shift["absent"] == true, instead.is_empty()) {
            (true, _) => cell("is absent").tone(Tone::Bad),
            (false, false) => cell(format!("instead of {instead}, who is absent")),
            (false, true) => cell(short(&json::text(shift, "source_id"))).tone(Tone::Quiet),
        };
        let layer = cell(json::text(shift, "layer"));
        let exception = json::text(shift, "source") != "layer";
        table.row([
            cell(day(shift, "starts_at", look)),
            cell(day(shift, "ends_at", look)),
            cell(json::text(shift, "person")).tone(Tone::Strong),
            if exception { layer.tone(Tone::Note) } else { layer },
            note,
        ]);
    }
    table.render(look)
}

/// Gaps, uncovered shifts and overlaps.
pub(super) fn amiss(answer: &Value, look: &Look) -> String {
    let mut table = Table::new(&["from", "to", "length", "what", "told"]);
    for one in json::items(answer) {
        let ends = (json::time(one, "starts_at"), json::time(one, "ends_at"));
        let length = match ends {
            (Some(from), Some(to)) => span(to.duration_since(from)),
            _ => String::new(),
        };
        let (person, schedule) = (json::text(one, "person"), json::text(one, "schedule"));
        let what = match (json::text(one, "kind").as_str(), json::text(one, "absence")) {
            ("uncovered", why) if why.is_empty() => {
                cell(format!("{person} is absent on {schedule}"))
            }
            ("uncovered", why) => cell(format!("{person} is absent on {schedule}: {why}")),
            ("overlap", _) => {
                cell(format!("{person} is on call on {}, too", json::text(one, "also_on")))
            }
            _ => cell(format!("nobody is on call on {schedule}")),
        };
        let tone = if json::text(one, "kind") == "overlap" { Tone::Warn } else { Tone::Bad };
        table.row([
            cell(day(one, "starts_at", look)),
            cell(day(one, "ends_at", look)),
            cell(length),
            what.tone(tone),
            cell(json::time(one, "told_at").map(|at| look.when(at)).unwrap_or_default()),
        ]);
    }
    table.render(look)
}

fn fairness(answer: &Value, look: &Look) -> String {
    let mut table = Table::new(&[
        "person",
        "shifts",
        "hours",
        "share",
        "nights",
        "weekends",
        "pages",
        "of them at night",
    ]);
    for load in json::items(answer) {
        let hours = |key| {
            let hours = load[key].as_f64().unwrap_or_default();
            cell(format!("{hours:.1} h"))
        };
        table.row([
            cell(json::text(load, "person")).tone(Tone::Strong),
            cell(json::text(load, "shifts")),
            hours("hours"),
            cell(format!("{} %", json::text(load, "share"))),
            hours("night_hours"),
            hours("weekend_hours"),
            cell(json::text(load, "pages")),
            cell(json::text(load, "sleep_interruptions")),
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

    fn look() -> Look {
        let now = "2026-03-02T00:44:00Z".parse().expect("a time");
        Look { width: None, color: false, now, zone: TimeZone::UTC }
    }

    #[test]
    fn whatever_is_amiss_says_what_it_is() {
        let answer = json!({"items": [
            {"kind": "gap", "schedule": "first", "starts_at": "2026-03-03T00:00:00Z", "ends_at": "2026-03-04T00:00:00Z", "told_at": "2026-03-02T00:41:00Z"},
            {"kind": "uncovered", "schedule": "first", "person": "bob", "absence": "leave", "starts_at": "2026-03-05T00:00:00Z", "ends_at": "2026-03-05T12:00:00Z"},
            {"kind": "overlap", "schedule": "first", "person": "bob", "also_on": "second", "starts_at": "2026-03-06T00:00:00Z", "ends_at": "2026-03-06T01:00:00Z"},
        ]});
        insta::assert_snapshot!(amiss(&answer, &look()), @r"
        FROM             TO               LENGTH  WHAT                           TOLD
        Tue Mar 3 00:00  Wed Mar 4 00:00  24 h    nobody is on call on first     3 min ago, 00:41
        Thu Mar 5 00:00  Thu Mar 5 12:00  12 h    bob is absent on first: leave
        Fri Mar 6 00:00  Fri Mar 6 01:00  1 h     bob is on call on second, too
        ");
    }

    #[test]
    fn a_shift_says_where_it_comes_from() {
        let answer = json!({"items": [
            {"person": "alice", "layer": "week", "source": "layer", "absent": true, "starts_at": "2026-03-02T00:00:00Z", "ends_at": "2026-03-03T00:00:00Z"},
            {"person": "bob", "layer": "week", "source": "layer", "absent": false, "instead_of": "carol", "starts_at": "2026-03-03T00:00:00Z", "ends_at": "2026-03-04T00:00:00Z"},
            {"person": "bob", "layer": "override", "source": "override", "source_id": "0123456789ab", "absent": false, "starts_at": "2026-03-04T00:00:00Z", "ends_at": "2026-03-05T00:00:00Z"},
        ]});
        insta::assert_snapshot!(shifts(&answer, &look()), @r"
        FROM             TO               PERSON  LAYER     NOTE
        Mon Mar 2 00:00  Tue Mar 3 00:00  alice   week      is absent
        Tue Mar 3 00:00  Wed Mar 4 00:00  bob     week      instead of carol, who is absent
        Wed Mar 4 00:00  Thu Mar 5 00:00  bob     override  01234567
        ");
    }
}
