//! `nightbell plugin list`: which plugins the server has, and how they are?

use super::super::connect::Connection;
use super::super::failure::Failure;
use super::super::json;
use super::super::look::{Look, Tone, safe_lines};
use super::super::out::Out;
use super::super::session::{Session, Shown, short};
use super::super::table::{Table, cell};
use serde_json::Value;

/// Does it.
///
/// # Errors
/// See [`Failure`].
pub(super) async fn run(connection: &Connection, out: &Out) -> Result<(), Failure> {
    let session = Session::open(connection, out)?;
    let shown = Shown { rows: table, nothing: "There are no plugins." };
    session.list(&["plugins"], Vec::new(), None, shown).await
}

/// One line a plugin, and below it what is wrong with some.
fn table(answer: &Value, look: &Look) -> String {
    let mut table =
        Table::new(&["name", "kind", "state", "version", "from", "sha256", "calls", "failures"]);
    let mut errors = Vec::new();
    for plugin in json::items(answer) {
        let text = |key: &str| cell(json::text(plugin, key));
        table.row([
            text("name").tone(Tone::Strong),
            text("kind"),
            text("state").state(),
            text("version"),
            text("source"),
            cell(short(&json::text(plugin, "sha256"))),
            text("calls"),
            text("failures"),
        ]);
        let error = json::text(plugin, "error");
        if !error.is_empty() {
            errors.push(format!(
                "{}: {}",
                json::text(plugin, "name"),
                safe_lines(error.trim_end())
            ));
        }
    }
    let table = table.render(look);
    if errors.is_empty() { table } else { format!("{table}\n\n{}", errors.join("\n")) }
}
