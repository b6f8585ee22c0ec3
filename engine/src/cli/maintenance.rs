//! `nightbell maintenance`: plan work during which the alerts of services or integrations page nobody.

use super::failure::Failure;
use super::json;
use super::look::{Look, Tone};
use super::quiet::{self, NewTimes, Past, Times};
use super::session::{Session, Shown, short};
use super::table::{Table, cell};
use clap::{Args, Subcommand};
use reqwest::Method;
use serde_json::{Value, json};

const WINDOWS: &str = "maintenance-windows";
const PREVIEW: &[&str] = &[WINDOWS, "preview"];

/// What is worked on.
#[derive(Args, Clone, Debug)]
#[group(required = true, multiple = true)]
pub(super) struct Scope {
    /// All alerts of this service; several are separated by commas
    #[arg(long = "service", value_name = "SERVICE", value_delimiter = ',')]
    services: Vec<String>,
    /// All alerts that come in through this integration
    #[arg(long = "integration", value_name = "INTEGRATION", value_delimiter = ',')]
    integrations: Vec<String>,
}

impl Scope {
    fn body(self) -> Value {
        json!({ "services": self.services, "integrations": self.integrations })
    }
}

/// What to do with maintenance windows.
#[derive(Subcommand, Clone, Debug)]
pub(super) enum MaintenanceCommand {
    /// Plan work: now, later, or every week
    Add {
        #[command(flatten)]
        scope: Scope,
        #[command(flatten)]
        times: Times,
        /// Why; shown to whoever asks why they were not paged
        #[arg(long, short = 'm', value_name = "TEXT", required_unless_present = "dry_run")]
        comment: Option<String>,
        /// Only show what it would mute, as `preview` does
        #[arg(long)]
        dry_run: bool,
    },
    /// Show what a maintenance window would mute now, and would have muted lately
    Preview {
        #[command(flatten)]
        scope: Scope,
        #[command(flatten)]
        past: Past,
    },
    /// List maintenance windows
    List {
        /// Also those that have ended
        #[arg(long)]
        all: bool,
    },
    /// Change a maintenance window; what is not said stays as it is
    Edit {
        /// Which: its id, or the beginning of it
        id: String,
        /// Other services instead
        #[arg(long = "service", value_name = "SERVICE", value_delimiter = ',')]
        services: Vec<String>,
        /// Other integrations instead
        #[arg(long = "integration", value_name = "INTEGRATION", value_delimiter = ',')]
        integrations: Vec<String>,
        #[command(flatten)]
        times: NewTimes,
        /// Why
        #[arg(long, short = 'm', value_name = "TEXT")]
        comment: Option<String>,
    },
    /// End a maintenance window now
    End {
        /// Which: its id, or the beginning of it
        id: String,
    },
}

/// Does it.
///
/// # Errors
/// See [`Failure`].
pub(super) async fn run(session: &Session<'_>, command: MaintenanceCommand) -> Result<(), Failure> {
    match command {
        MaintenanceCommand::Add { scope, times, comment, dry_run } => {
            let mut body = scope.body();
            times.put(session, &mut body)?;
            if dry_run {
                return quiet::preview(session, PREVIEW, body, &Past::default()).await;
            }
            body["comment"] = comment.into();
            let answer = session.client.post(&[WINDOWS], &body).await?;
            if !session.out.is_json() {
                session.out.text(&json::text(&answer.json, "id"))?;
            }
            let when = quiet::end(&answer.json, session.out.look());
            session.changed(&answer, &format!("Planned; it ends {when}."))
        }
        MaintenanceCommand::Preview { scope, past } => {
            quiet::preview(session, PREVIEW, scope.body(), &past).await
        }
        MaintenanceCommand::List { all: false } => {
            let shown = Shown { rows: table, nothing: "Nothing is planned." };
            session.list(&[WINDOWS], Vec::new(), None, shown).await
        }
        MaintenanceCommand::List { all: true } => {
            let shown = Shown { rows: whole_table, nothing: "There are no maintenance windows." };
            session.list(&[WINDOWS], Vec::new(), None, shown).await
        }
        MaintenanceCommand::Edit { id, services, integrations, times, comment } => {
            let kept = ["services", "integrations", "starts_at", "ends_at", "weekly", "comment"];
            let (id, mut body) =
                quiet::known(session, WINDOWS, "maintenance window", &id, &kept).await?;
            if !services.is_empty() {
                body["services"] = services.into();
            }
            if !integrations.is_empty() {
                body["integrations"] = integrations.into();
            }
            times.change(session, &mut body)?;
            if let Some(comment) = comment {
                body["comment"] = comment.into();
            }
            let answer = session.client.send(Method::PUT, &[WINDOWS, &id], &body).await?;
            let when = quiet::end(&answer.json, session.out.look());
            session.changed(&answer, &format!("The maintenance window is changed; it ends {when}."))
        }
        MaintenanceCommand::End { id } => {
            let id = session.whole_id(&[WINDOWS], "maintenance window", &id).await?;
            let answer = session.client.delete(&[WINDOWS, &id]).await?;
            let sentence = "The maintenance window has ended; what still fires pages again.";
            session.changed(&answer, sentence)
        }
    }
}

fn table(answer: &Value, look: &Look) -> String {
    rows(answer, look, |status| status != "expired")
}

fn whole_table(answer: &Value, look: &Look) -> String {
    rows(answer, look, |_| true)
}

/// `shop, search; integration nagios`.
fn covers(window: &Value) -> String {
    let integrations = json::list(window, "integrations").len();
    let kind = if integrations == 1 { "integration" } else { "integrations" };
    let named =
        (integrations > 0).then(|| format!("{kind} {}", json::text(window, "integrations")));
    let services = Some(json::text(window, "services")).filter(|services| !services.is_empty());
    services.into_iter().chain(named).collect::<Vec<_>>().join("; ")
}

fn rows(answer: &Value, look: &Look, wanted: impl Fn(&str) -> bool) -> String {
    let mut table = Table::new(&["id", "status", "when", "covers", "by", "comment"]);
    for window in json::items(answer) {
        let status = json::text(window, "status");
        if !wanted(&status) {
            continue;
        }
        table.row([
            cell(short(&json::text(window, "id"))).tone(Tone::Strong),
            cell(status).state(),
            cell(quiet::times(window, look)),
            cell(covers(window)),
            cell(json::text(window, "created_by")),
            cell(json::text(window, "comment")),
        ]);
    }
    table.render(look)
}
