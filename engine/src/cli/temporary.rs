//! `nightbell schedule temporary`: fixed shifts that replace the layers for a while.

use super::failure::Failure;
use super::json;
use super::look::{Look, Tone};
use super::schedule::{day, ordered};
use super::session::{Session, Shown, short};
use super::table::{Table, cell};
use super::time::{self, When};
use clap::Subcommand;
use serde_json::{Value, json};

/// What to do with temporary schedules.
#[derive(Subcommand, Clone, Debug)]
pub(super) enum TemporaryCommand {
    /// Replace all layers for a while; what no shift covers is a gap
    Add {
        /// Of which schedule
        schedule: String,
        /// Why
        #[arg(long, value_name = "TEXT")]
        name: String,
        /// From then on
        #[arg(long, value_name = "TIME", value_parser = time::when)]
        from: When,
        /// Until then
        #[arg(long, value_name = "TIME", value_parser = time::when)]
        until: When,
        /// A shift `PERSON=FROM..UNTIL`, such as `alice=2026-12-24 09:00..2026-12-26 09:00`; repeat it
        #[arg(long, value_name = "SHIFT", value_parser = fixed)]
        shift: Vec<Fixed>,
    },
    /// List the temporary schedules of a schedule
    List {
        /// Which schedule
        schedule: String,
    },
    /// Take a temporary schedule away; one that has begun ends now
    Remove {
        /// Of which schedule
        schedule: String,
        /// Which: its id, or the beginning of it
        #[arg(value_name = "TEMPORARY")]
        id: String,
    },
}

/// A shift as typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fixed {
    person: String,
    from: When,
    until: When,
}

fn fixed(text: &str) -> Result<Fixed, String> {
    let expected = || format!("expected `PERSON=FROM..UNTIL`, got `{text}`");
    let (person, span) = text.split_once('=').ok_or_else(expected)?;
    let (from, until) = span.split_once("..").ok_or_else(expected)?;
    Ok(Fixed { person: person.to_owned(), from: time::when(from)?, until: time::when(until)? })
}

/// Does it.
///
/// # Errors
/// See [`Failure`].
pub(super) async fn run(session: &Session<'_>, command: TemporaryCommand) -> Result<(), Failure> {
    match command {
        TemporaryCommand::Add { schedule, name, from, until, shift } => {
            let (from, until) = (session.instant(&from)?, session.instant(&until)?);
            ordered(from, until)?;
            let mut shifts = Vec::new();
            for Fixed { person, from, until } in shift {
                let (from, until) = (session.instant(&from)?, session.instant(&until)?);
                shifts.push(json!({
                    "person": person, "starts_at": from.to_string(), "ends_at": until.to_string(),
                }));
            }
            let body = json!({
                "name": name, "starts_at": from.to_string(), "ends_at": until.to_string(), "shifts": shifts,
            });
            let path = ["schedules", &schedule, "temporaries"];
            let answer = session.client.post(&path, &body).await?;
            let look = session.out.look();
            let (from, until) = (look.day(from), look.day(until));
            let said = format!(
                "{name} replaces the layers of {schedule} from {from} to {until}; `schedule gaps` shows what nobody has."
            );
            session.changed(&answer, &said)
        }
        TemporaryCommand::List { schedule } => {
            let nothing = "There are no temporary schedules.";
            let shown = Shown { rows: temporary, nothing };
            session.list(&["schedules", &schedule, "temporaries"], Vec::new(), None, shown).await
        }
        TemporaryCommand::Remove { schedule, id } => {
            let list = ["schedules", &schedule, "temporaries"];
            let id = session.whole_id(&list, "temporary schedule", &id).await?;
            let path = ["schedules", &schedule, "temporaries", &id];
            let answer = session.client.delete(&path).await?;
            session.changed(&answer, "The temporary schedule is over; the layers hold again.")
        }
    }
}

fn temporary(answer: &Value, look: &Look) -> String {
    let mut table = Table::new(&["id", "name", "from", "to", "shifts", "by"]);
    for one in json::items(answer) {
        let shift = |shift: &Value| {
            let (from, to) = (day(shift, "starts_at", look), day(shift, "ends_at", look));
            format!("{} {from} to {to}", json::text(shift, "person"))
        };
        let shifts: Vec<String> = json::list(one, "shifts").iter().map(shift).collect();
        table.row([
            cell(short(&json::text(one, "id"))),
            cell(json::text(one, "name")).tone(Tone::Strong),
            cell(day(one, "starts_at", look)),
            cell(day(one, "ends_at", look)),
            cell(if shifts.is_empty() { "nobody".to_owned() } else { shifts.join("; ") }),
            cell(json::text(one, "created_by")),
        ]);
    }
    table.render(look)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fixed_shift_reads_as_typed() {
        let read = fixed("alice=2026-12-24 09:00..2026-12-26 09:00").expect("a shift");
        assert_eq!(read.person, "alice");
        for text in ["", "alice", "alice=soon..later", "alice=2026-12-24 09:00"] {
            assert!(fixed(text).is_err(), "{text}");
        }
    }
}
