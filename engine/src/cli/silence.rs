//! `nightbell silence`: keep quiet what matches, for a while or every week, with a reason.

use super::failure::Failure;
use super::json;
use super::look::{Look, Tone};
use super::quiet::{self, NewTimes, Past, Times};
use super::session::{Session, Shown, short};
use super::table::{Table, cell};
use clap::Subcommand;
use nightbell_core::model::Matcher;
use reqwest::Method;
use serde_json::{Value, json};

const PREVIEW: &[&str] = &["silences", "preview"];

/// What to do with silences.
#[derive(Subcommand, Clone, Debug)]
pub(super) enum SilenceCommand {
    /// Silence alerts that match all of these
    Add {
        /// `name=value`, `name!=value`, `name=~regex`, `name!~regex` on labels and fields
        #[arg(required = true, value_name = "MATCHER", value_parser = matcher)]
        matchers: Vec<String>,
        #[command(flatten)]
        times: Times,
        /// Why; shown to whoever asks why they were not paged
        #[arg(long, short = 'm', value_name = "TEXT", required_unless_present = "dry_run")]
        comment: Option<String>,
        /// Only show what it would mute, as `preview` does
        #[arg(long)]
        dry_run: bool,
    },
    /// Show what a silence would mute now, and would have muted lately
    Preview {
        /// As in `add`
        #[arg(required = true, value_name = "MATCHER", value_parser = matcher)]
        matchers: Vec<String>,
        #[command(flatten)]
        past: Past,
    },
    /// List silences
    List {
        /// Also those that have ended
        #[arg(long)]
        all: bool,
    },
    /// Change a silence; what is not said stays as it is
    Edit {
        /// Which: its id, or the beginning of it
        id: String,
        /// Other matchers instead
        #[arg(value_name = "MATCHER", value_parser = matcher)]
        matchers: Vec<String>,
        #[command(flatten)]
        times: NewTimes,
        /// Why
        #[arg(long, short = 'm', value_name = "TEXT")]
        comment: Option<String>,
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
        SilenceCommand::Add { matchers, times, comment, dry_run } => {
            let mut body = json!({ "matchers": matchers });
            times.put(session, &mut body)?;
            if dry_run {
                return quiet::preview(session, PREVIEW, body, &Past::default()).await;
            }
            body["comment"] = comment.into();
            let answer = session.client.post(&["silences"], &body).await?;
            if !session.out.is_json() {
                session.out.text(&json::text(&answer.json, "id"))?;
            }
            let when = quiet::end(&answer.json, session.out.look());
            session.changed(&answer, &format!("Silenced; it ends {when}."))
        }
        SilenceCommand::Preview { matchers, past } => {
            quiet::preview(session, PREVIEW, json!({ "matchers": matchers }), &past).await
        }
        SilenceCommand::List { all: false } => {
            let shown = Shown { rows: table, nothing: "Nothing is silenced." };
            session.list(&["silences"], Vec::new(), None, shown).await
        }
        SilenceCommand::List { all: true } => {
            let shown = Shown { rows: whole_table, nothing: "There are no silences." };
            session.list(&["silences"], Vec::new(), None, shown).await
        }
        SilenceCommand::Edit { id, matchers, times, comment } => {
            let kept = ["matchers", "starts_at", "ends_at", "weekly", "comment"];
            let (id, mut body) = quiet::known(session, "silences", "silence", &id, &kept).await?;
            if !matchers.is_empty() {
                body["matchers"] = matchers.into();
            }
            times.change(session, &mut body)?;
            if let Some(comment) = comment {
                body["comment"] = comment.into();
            }
            let answer = session.client.send(Method::PUT, &["silences", &id], &body).await?;
            let when = quiet::end(&answer.json, session.out.look());
            session.changed(&answer, &format!("The silence is changed; it ends {when}."))
        }
        SilenceCommand::Expire { id } => {
            let id = session.whole_id(&["silences"], "silence", &id).await?;
            let answer = session.client.delete(&["silences", &id]).await?;
            session.changed(&answer, "The silence has ended; what still fires pages again.")
        }
    }
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
            cell(quiet::times(silence, look)),
            cell(matchers.join(" ")),
            cell(json::text(silence, "created_by")),
            cell(json::text(silence, "comment")),
        ]);
    }
    table.render(look)
}
