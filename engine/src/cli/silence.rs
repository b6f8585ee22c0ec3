//! `nightbell silence`: keep quiet what matches, for a while, with a reason.

use super::failure::Failure;
use super::json;
use super::look::{Look, Tone};
use super::session::{Session, Shown, short};
use super::table::{Table, cell};
use super::time::{self, When};
use clap::{ArgGroup, Subcommand};
use jiff::{SignedDuration, Timestamp};
use nightbell_core::model::Matcher;
use serde_json::{Value, json};

/// What to do with silences.
#[derive(Subcommand, Clone, Debug)]
pub(super) enum SilenceCommand {
    /// Silence alerts that match all of these
    #[command(group(ArgGroup::new("length").required(true).args(["for_", "until"])))]
    Add {
        /// `name=value`, `name!=value`, `name=~regex`, `name!~regex` on labels and fields
        #[arg(required = true, value_name = "MATCHER", value_parser = matcher)]
        matchers: Vec<String>,
        /// For so long: `2h`, `3 days`
        #[arg(long = "for", value_name = "LENGTH", value_parser = time::length)]
        for_: Option<SignedDuration>,
        /// From then on
        #[arg(long, value_name = "TIME", value_parser = time::when, default_value = "now")]
        from: When,
        /// Until then
        #[arg(long, value_name = "TIME", value_parser = time::when)]
        until: Option<When>,
        /// Why; shown to whoever asks why they were not paged
        #[arg(long, short = 'm', value_name = "TEXT")]
        comment: String,
    },
    /// List silences
    List {
        /// Also those that have ended
        #[arg(long)]
        all: bool,
    },
    /// End a silence now
    Expire {
        /// Which: its id, or the beginning of it
        id: String,
    },
}

/// Checks a matcher where it is typed, and keeps it as typed.
fn matcher(text: &str) -> Result<String, String> {
    Matcher::parse(text).map(|_| text.to_owned()).map_err(|error| error.to_string())
}

/// Does it.
///
/// # Errors
/// See [`Failure`].
pub(super) async fn run(session: &Session<'_>, command: SilenceCommand) -> Result<(), Failure> {
    match command {
        SilenceCommand::Add { matchers, for_, from, until, comment } => {
            let from = session.instant(&from)?;
            let until = end(session, from, for_, until.as_ref())?;
            let body = json!({
                "matchers": matchers, "starts_at": from.to_string(),
                "ends_at": until.to_string(), "comment": comment,
            });
            let answer = session.client.post(&["silences"], &body).await?;
            if !session.out.is_json() {
                session.out.text(&json::text(&answer.json, "id"))?;
            }
            let when = session.out.look().when(until);
            session.changed(&answer, &format!("Silenced; it ends {when}."))
        }
        SilenceCommand::List { all: false } => {
            let shown = Shown { rows: table, nothing: "Nothing is silenced." };
            session.list(&["silences"], Vec::new(), None, shown).await
        }
        SilenceCommand::List { all: true } => {
            let shown = Shown { rows: whole_table, nothing: "There are no silences." };
            session.list(&["silences"], Vec::new(), None, shown).await
        }
        SilenceCommand::Expire { id } => {
            let id = session.whole_id(&["silences"], "silence", &id).await?;
            let answer = session.client.delete(&["silences", &id]).await?;
            session.changed(&answer, "The silence has ended; what still fires pages again.")
        }
    }
}

fn end(
    session: &Session<'_>,
    from: Timestamp,
    length: Option<SignedDuration>,
    until: Option<&When>,
) -> Result<Timestamp, Failure> {
    let end = match (length, until) {
        (Some(length), _) => from.checked_add(length).ok(),
        (None, Some(until)) => Some(session.instant(until)?),
        (None, None) => None,
    };
    end.filter(|end| *end > from).ok_or_else(|| {
        Failure::usage("The silence would end before it begins.")
            .hint("check `--from`, `--until` and `--for`")
    })
}

fn table(answer: &Value, look: &Look) -> String {
    rows(answer, look, |status| status != "expired")
}

fn whole_table(answer: &Value, look: &Look) -> String {
    rows(answer, look, |_| true)
}

fn rows(answer: &Value, look: &Look, wanted: impl Fn(&str) -> bool) -> String {
    let mut table = Table::new(&["id", "status", "ends", "matches", "by", "comment"]);
    for silence in json::items(answer) {
        let status = json::text(silence, "status");
        if !wanted(&status) {
            continue;
        }
        let matchers: Vec<String> =
            json::list(silence, "matchers").iter().map(json::plain).collect();
        table.row([
            cell(short(&json::text(silence, "id"))).tone(Tone::Strong),
            cell(status).state(),
            cell(json::time(silence, "ends_at").map(|at| look.when(at)).unwrap_or_default()),
            cell(matchers.join(" ")),
            cell(json::text(silence, "created_by")),
            cell(json::text(silence, "comment")),
        ]);
    }
    table.render(look)
}
