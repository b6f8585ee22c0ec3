//! `nightbell token`: keys to the API. A token is printed once, when it is made, and never again.

use super::failure::Failure;
use super::json;
use super::look::{Look, Tone};
use super::session::{Session, Shown};
use super::table::{Table, cell};
use super::time::{self, When};
use clap::{Subcommand, ValueEnum};
use serde_json::{Value, json};

/// What a token may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Kind {
    /// Reads everything
    Read,
    /// Reads everything, acts as one person, edits their contact methods and rules
    Person,
    /// Everything
    Admin,
}

/// What to do with tokens.
#[derive(Subcommand, Clone, Debug)]
pub(super) enum TokenCommand {
    /// Make a token and print it on standard output: the only time it is seen
    Create {
        /// What it is for
        name: String,
        /// What it may do
        #[arg(long, value_enum, required_unless_present = "person")]
        kind: Option<Kind>,
        /// Whose; makes a token of kind `person`
        #[arg(long, value_name = "ID", required_if_eq("kind", "person"))]
        person: Option<String>,
        /// When it ends by itself: `90 days`, RFC 3339 [default: never]
        #[arg(long, value_name = "TIME", value_parser = time::when)]
        expires: Option<When>,
    },
    /// List tokens, without their secrets
    List,
    /// Make a token worthless
    Revoke {
        /// Its id, as `list` shows it
        id: String,
    },
}

/// Does it.
///
/// # Errors
/// See [`Failure`].
pub(super) async fn run(session: &Session<'_>, command: TokenCommand) -> Result<(), Failure> {
    match command {
        TokenCommand::Create { name, kind, person, expires } => {
            let expires = expires.map(|when| session.instant(&when)).transpose()?;
            let body = request(&name, kind, person.as_deref(), expires.map(|at| at.to_string()))?;
            let answer = session.client.post(&["tokens"], &body).await?;
            if session.out.is_json() {
                return session.out.text(&answer.text);
            }
            session.out.text(&json::text(&answer.json, "token"))?;
            session.out.done("This is the only time the token is shown: keep it where only its user can read it.");
            Ok(())
        }
        TokenCommand::List => {
            let shown = Shown { rows: table, nothing: "There are no tokens." };
            session.list(&["tokens"], Vec::new(), None, shown).await
        }
        TokenCommand::Revoke { id } => {
            let answer = session.client.delete(&["tokens", &id]).await?;
            session.changed(&answer, &format!("Token {id} is worthless now."))
        }
    }
}

fn request(
    name: &str,
    kind: Option<Kind>,
    person: Option<&str>,
    expires_at: Option<String>,
) -> Result<Value, Failure> {
    let kind = match (kind, person) {
        (None | Some(Kind::Person), _) => "person",
        (Some(_), Some(_)) => {
            return Err(Failure::usage("Only a token of kind `person` belongs to a person.")
                .hint("leave out `--person`, or `--kind`"));
        }
        (Some(Kind::Read), None) => "read",
        (Some(Kind::Admin), None) => "admin",
    };
    let mut body = json!({ "kind": kind, "name": name });
    if let Some(person) = person {
        body["person"] = person.into();
    }
    if let Some(end) = expires_at {
        body["expires_at"] = end.into();
    }
    Ok(body)
}

fn table(answer: &Value, look: &Look) -> String {
    let mut table = Table::new(&["id", "kind", "person", "name", "made", "ends"]);
    for token in json::items(answer) {
        let text = |key| cell(json::text(token, key));
        let when = |key| json::time(token, key).map(|at| look.when(at));
        table.row([
            text("id").tone(Tone::Strong),
            text("kind"),
            text("person"),
            text("name"),
            cell(when("created_at").unwrap_or_default()),
            cell(when("expires_at").unwrap_or_else(|| "never".to_owned())),
        ]);
    }
    table.render(look)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_makes_it_a_persons_token() {
        let made = |kind, person| request("ci", kind, person, None).ok();
        assert_eq!(
            made(None, Some("bob")),
            Some(json!({"kind": "person", "name": "ci", "person": "bob"}))
        );
        assert_eq!(made(Some(Kind::Read), None), Some(json!({"kind": "read", "name": "ci"})));
        assert_eq!(made(Some(Kind::Admin), Some("bob")), None);
    }
}
