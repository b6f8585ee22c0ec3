//! `nightbell person absence`, `person ical` and `person handoff`: when a person is away, and what they see and hear of
//! their own shifts.

use super::failure::Failure;
use super::json;
use super::look::{Look, Tone};
use super::session::{Session, Shown, short};
use super::table::{Table, cell};
use super::time::{self, When};
use clap::{Args, Subcommand};
use jiff::SignedDuration;
use reqwest::Method;
use serde_json::{Value, json};
use std::path::PathBuf;

/// What to do with absences.
#[derive(Subcommand, Clone, Debug)]
pub(super) enum AbsenceCommand {
    /// Say that somebody is away
    Add {
        /// Who
        person: String,
        /// From then on
        #[arg(long, value_name = "TIME", value_parser = time::when, default_value = "now")]
        from: When,
        /// Until then
        #[arg(long, value_name = "TIME", value_parser = time::when)]
        until: When,
        /// Why; colleagues see it
        #[arg(long, short = 'm', value_name = "TEXT")]
        summary: Option<String>,
    },
    /// List a person's absences
    List {
        /// Whose
        person: String,
    },
    /// Take an absence away; one that has begun ends now
    Remove {
        /// Whose
        person: String,
        /// Which: its id, or the beginning of it
        absence: String,
    },
    /// Import absences from a calendar file (iCalendar), in place of those of its last import
    Import {
        /// Whose
        person: String,
        /// The file; `-` is standard input
        #[arg(value_name = "FILE.ics")]
        file: PathBuf,
        /// The calendar's name: its next import replaces this one [default: the file's name]
        #[arg(long, value_name = "NAME")]
        source: Option<String>,
    },
}

/// Does it.
///
/// # Errors
/// See [`Failure`].
pub(super) async fn run(session: &Session<'_>, command: AbsenceCommand) -> Result<(), Failure> {
    match command {
        AbsenceCommand::Add { person, from, until, summary } => {
            let (from, until) = (session.instant(&from)?, session.instant(&until)?);
            let mut body = json!({ "starts_at": from.to_string(), "ends_at": until.to_string() });
            if let Some(summary) = summary {
                body["summary"] = summary.into();
            }
            let answer = session.client.post(&["people", &person, "absences"], &body).await?;
            let look = session.out.look();
            let said = format!("{person} is away from {} to {}.", look.day(from), look.day(until));
            session.changed(&answer, &said)
        }
        AbsenceCommand::List { person } => {
            let shown = Shown { rows: absences, nothing: "There are no absences." };
            session.list(&["people", &person, "absences"], Vec::new(), None, shown).await
        }
        AbsenceCommand::Remove { person, absence } => {
            let list = ["people", &person, "absences"];
            let id = session.whole_id(&list, "absence", &absence).await?;
            let path = ["people", &person, "absences", &id];
            let answer = session.client.delete(&path).await?;
            session.changed(&answer, "The absence is over.")
        }
        AbsenceCommand::Import { person, file, source } => {
            import(session, &person, &file, source).await
        }
    }
}

async fn import(
    session: &Session<'_>,
    person: &str,
    file: &std::path::Path,
    source: Option<String>,
) -> Result<(), Failure> {
    let shown = file.display();
    let read = match file.as_os_str() == "-" {
        true => std::io::read_to_string(std::io::stdin()).map(String::into_bytes),
        false => std::fs::read(file),
    };
    let calendar = read.map_err(|error| {
        Failure::new(format!("The calendar {shown} cannot be read: {error}."))
            .hint("expected a file that a calendar program exported, such as `leave.ics`")
    })?;
    let named = file.file_stem().map(|stem| stem.to_string_lossy().into_owned());
    let source =
        source.or(named.filter(|name| name != "-")).unwrap_or_else(|| "calendar".to_owned());
    let path = ["people", person, "absences", "import"];
    let answer = session.client.post_file(&path, &[("source", source)], Some(calendar)).await?;
    let look = session.out.look();
    let told = &answer.json;
    for unread in json::list(told, "unread") {
        let (line, why) = (json::text(unread, "line"), json::text(unread, "why"));
        session.out.hint(&format!("line {line} was left out: {why}"));
    }
    let uncovered = json::list(told, "uncovered");
    if !uncovered.is_empty() && !session.out.is_json() {
        session.out.text(&super::schedule::amiss(&json!({ "items": uncovered }), look))?;
    }
    let count = match json::text(told, "absences").as_str() {
        "1" => "one absence".to_owned(),
        count => format!("{count} absences"),
    };
    let but = match uncovered.len() {
        0 => "none of their shifts within 90 days is uncovered".to_owned(),
        n => format!(
            "{n} of their shifts within 90 days are uncovered, as above: `nightbell schedule override add` or `schedule swap offer`"
        ),
    };
    session.changed(&answer, &format!("{person} has {count} from this calendar; {but}."))
}

fn absences(answer: &Value, look: &Look) -> String {
    let mut table = Table::new(&["id", "from", "to", "why", "source"]);
    let mut all: Vec<&Value> = json::items(answer).iter().collect();
    all.sort_by_key(|absence| json::time(absence, "starts_at"));
    for absence in all {
        let day = |key| json::time(absence, key).map(|at| look.day(at)).unwrap_or_default();
        let over = json::time(absence, "ends_at").is_some_and(|end| end <= look.now);
        let tone = if over { Tone::Quiet } else { Tone::Plain };
        table.row([
            cell(short(&json::text(absence, "id"))).tone(Tone::Strong),
            cell(day("starts_at")).tone(tone),
            cell(day("ends_at")).tone(tone),
            cell(json::text(absence, "summary")),
            cell(json::text(absence, "source")),
        ]);
    }
    table.render(look)
}

/// What to do with calendar feeds.
#[derive(Subcommand, Clone, Debug)]
pub(super) enum FeedCommand {
    /// Make a feed and print its secret address: the only time it is seen
    Create {
        /// Whose
        id: String,
        /// What it is for
        #[arg(long, value_name = "TEXT", default_value = "calendar")]
        name: String,
    },
    /// List feeds, without their secrets
    List {
        /// Whose
        id: String,
    },
    /// Make a feed's address worthless
    Revoke {
        /// Whose
        id: String,
        /// Which feed, as `list` shows it
        feed: String,
    },
}

/// Does something with the feeds of a schedule or a person: `of` is `schedules` or `people`.
///
/// # Errors
/// See [`Failure`].
pub(super) async fn feed(
    session: &Session<'_>,
    of: &str,
    command: FeedCommand,
) -> Result<(), Failure> {
    match command {
        FeedCommand::Create { id, name } => {
            let answer = session.client.post(&[of, &id, "feeds"], &json!({ "name": name })).await?;
            if session.out.is_json() {
                return session.out.text(&answer.text);
            }
            session.out.text(&json::text(&answer.json, "url"))?;
            session
                .out
                .done("Whoever has this address sees who is on call; it is not shown again.");
            Ok(())
        }
        FeedCommand::List { id } => {
            let shown = Shown { rows: feeds, nothing: "There are no feeds." };
            session.list(&[of, &id, "feeds"], Vec::new(), None, shown).await
        }
        FeedCommand::Revoke { id, feed } => {
            let feed = session.whole_id(&[of, &id, "feeds"], "feed", &feed).await?;
            let answer = session.client.delete(&["feeds", &feed]).await?;
            session.changed(&answer, "Revoked: the address is worthless.")
        }
    }
}

fn feeds(answer: &Value, look: &Look) -> String {
    let mut table = Table::new(&["id", "for", "made", "by"]);
    for feed in json::items(answer) {
        let made = json::time(feed, "created_at").map(|at| look.when(at)).unwrap_or_default();
        let by = match json::text(feed, "made_by") {
            nobody if nobody.is_empty() => "an admin".to_owned(),
            person => person,
        };
        let id = cell(json::text(feed, "id")).tone(Tone::Strong);
        table.row([id, cell(json::text(feed, "name")), cell(made), cell(by)]);
    }
    table.render(look)
}

/// What a person hears of their own shifts; what is not said stays as it is.
#[derive(Args, Clone, Debug)]
pub(super) struct HandoffArgs {
    /// Whose
    person: String,
    /// When a shift begins
    #[arg(long, value_name = "true|false")]
    start: Option<bool>,
    /// When a shift ends
    #[arg(long, value_name = "true|false")]
    end: Option<bool>,
    /// So long before it begins: `30m`, `1 day`; `0`: not
    #[arg(long, value_name = "LENGTH", value_parser = time::delay)]
    before: Option<SignedDuration>,
}

/// Shows or changes what a person hears of their own shifts.
///
/// # Errors
/// See [`Failure`].
pub(super) async fn handoff(session: &Session<'_>, args: &HandoffArgs) -> Result<(), Failure> {
    let path = ["people", &args.person, "handoff-notices"];
    let mut answer = session.get(&path).await?;
    if args.start.is_some() || args.end.is_some() || args.before.is_some() {
        let now = |key: &str| answer.json[key].as_bool().unwrap_or_default();
        let mut body = json!({
            "at_start": args.start.unwrap_or_else(|| now("at_start")),
            "at_end": args.end.unwrap_or_else(|| now("at_end")),
        });
        body["before"] = match args.before {
            None => answer.json["before"].clone(),
            Some(before) if before.is_zero() => Value::Null,
            Some(before) => time::written(before).into(),
        };
        answer = session.client.send(Method::PUT, &path, &body).await?;
    }
    session.out.data(&answer.text, |_| told(&answer.json))
}

fn told(wish: &Value) -> String {
    let mut when = Vec::new();
    if wish["at_start"] == true {
        when.push("when a shift begins".to_owned());
    }
    if wish["at_end"] == true {
        when.push("when it ends".to_owned());
    }
    match json::text(wish, "before") {
        none if none.is_empty() => {}
        before => when.push(format!("{before} before it begins")),
    }
    match when.is_empty() {
        true => "Nothing is told of hand-offs.".to_owned(),
        false => format!("Told {}.", when.join(", ")),
    }
}
