//! What commands that talk to a server share: a client, a place for words, pages of lists.

use super::client::{Answer, Client};
use super::connect::Connection;
use super::failure::Failure;
use super::json;
use super::look::Look;
use super::out::Out;
use super::time::When;
use clap::{Args, Subcommand};
use jiff::Timestamp;
use serde_json::Value;

/// Most pages of a list that are read without being asked for one by one.
const PAGES_MAX: usize = 100;
/// What is shown of an id.
const SHORT: usize = 8;

/// The beginning of an id or a hash: enough to tell one from another, and to name it by.
pub(super) fn short(id: &str) -> &str {
    id.get(..SHORT).unwrap_or(id)
}

fn pick(ids: &[String], what: &str, typed: &str) -> Result<String, Failure> {
    if ids.iter().any(|id| id == typed) {
        return Ok(typed.to_owned());
    }
    let mut found = ids.iter().filter(|id| !typed.is_empty() && id.starts_with(typed));
    match (found.next(), found.next()) {
        (Some(id), None) => Ok(id.clone()),
        (None, _) => Err(Failure::new(format!("There is no {what} `{typed}`."))
            .hint("the matching `list` command shows what there is")),
        (Some(_), Some(_)) => {
            Err(Failure::new(format!("More than one {what} begins with `{typed}`."))
                .hint("type more of its id; `-o json` shows all of it"))
        }
    }
}

/// A noun's commands, with the connection's options after any of them.
#[derive(Args, Clone, Debug)]
pub(super) struct Remote<C: Subcommand> {
    #[command(flatten)]
    pub(super) connection: Connection,
    #[command(subcommand)]
    pub(super) command: C,
}

/// Which page of a list.
#[derive(Args, Clone, Debug, Default)]
pub(super) struct Paging {
    /// At most so many
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=200))]
    pub(super) limit: Option<u16>,
    /// Go on where an earlier page ended
    #[arg(long, value_name = "CURSOR")]
    pub(super) cursor: Option<String>,
}

impl Paging {
    fn query(&self) -> Vec<(&'static str, String)> {
        let limit = self.limit.map(|limit| ("limit", limit.to_string()));
        let cursor = self.cursor.clone().map(|cursor| ("cursor", cursor));
        limit.into_iter().chain(cursor).collect()
    }
}

/// A server to ask and a place to print.
pub(super) struct Session<'o> {
    pub(super) client: Client,
    pub(super) out: &'o Out,
}

impl<'o> Session<'o> {
    /// Gets ready to talk to the server that is meant.
    ///
    /// # Errors
    /// See [`Connection::open`].
    pub(super) fn open(connection: &Connection, out: &'o Out) -> Result<Self, Failure> {
        Ok(Self { client: connection.open()?, out })
    }

    /// Reads a list and prints it; says `nothing` when there is nothing. Without `paging`, all pages.
    ///
    /// # Errors
    /// See [`Client::get`].
    pub(super) async fn list(
        &self,
        path: &[&str],
        mut query: Vec<(&str, String)>,
        paging: Option<&Paging>,
        shown: Shown<'_>,
    ) -> Result<(), Failure> {
        let answer = match paging {
            Some(paging) => {
                query.extend(paging.query());
                self.client.get(path, &query).await?
            }
            None => self.all(path, query).await?,
        };
        let rows = (shown.rows)(&answer.json, self.out.look());
        self.out.data(&answer.text, |_| rows.clone())?;
        if rows.is_empty() {
            self.out.done(shown.nothing);
        }
        let next = json::text(&answer.json, "next");
        if !next.is_empty() {
            self.out.done(&format!("There are more: add `--cursor {next}`."));
        }
        Ok(())
    }

    /// Reads a whole list, page by page; a list of one page as it came.
    ///
    /// # Errors
    /// See [`Client::get`].
    pub(super) async fn all(
        &self,
        path: &[&str],
        query: Vec<(&str, String)>,
    ) -> Result<Answer, Failure> {
        let mut answer = self.client.get(path, &query).await?;
        for _ in 1..PAGES_MAX {
            let next = json::text(&answer.json, "next");
            if next.is_empty() {
                break;
            }
            let mut query = query.clone();
            query.push(("cursor", next));
            let mut page = self.client.get(path, &query).await?;
            let mut items = json::items(&answer.json).to_vec();
            items.extend_from_slice(json::items(&page.json));
            page.json["items"] = Value::Array(items);
            page.text = page.json.to_string();
            answer = page;
        }
        Ok(answer)
    }

    /// The whole id of what is named by its id or the beginning of it, out of a list.
    ///
    /// # Errors
    /// When nothing begins so, or several do.
    pub(super) async fn whole_id(
        &self,
        list: &[&str],
        what: &str,
        typed: &str,
    ) -> Result<String, Failure> {
        let all = self.all(list, Vec::new()).await?;
        let ids: Vec<String> =
            json::items(&all.json).iter().map(|item| json::text(item, "id")).collect();
        pick(&ids, what, typed)
    }

    /// Reads one thing.
    ///
    /// # Errors
    /// See [`Client::get`].
    pub(super) async fn get(&self, path: &[&str]) -> Result<Answer, Failure> {
        self.client.get(path, &[]).await
    }

    /// Prints the answer to a change: JSON for programs, a sentence for people.
    ///
    /// # Errors
    /// When standard output cannot be written to.
    pub(super) fn changed(&self, answer: &Answer, sentence: &str) -> Result<(), Failure> {
        if self.out.is_json() && !answer.text.is_empty() {
            self.out.text(&answer.text)?;
        }
        self.out.done(sentence);
        Ok(())
    }

    /// The instant that a typed time means.
    ///
    /// # Errors
    /// When it lies outside the calendar.
    pub(super) fn instant(&self, when: &When) -> Result<Timestamp, Failure> {
        let look = self.out.look();
        when.instant(look.now, &look.zone).map_err(|error| {
            Failure::usage(format!("That time lies outside the calendar: {error}."))
        })
    }
}

/// How a list is shown.
#[derive(Clone, Copy)]
pub(super) struct Shown<'a> {
    /// To people, from the API's JSON; empty without items.
    pub(super) rows: fn(&Value, &Look) -> String,
    /// What is said when there are no items.
    pub(super) nothing: &'a str,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_beginning_of_an_id_names_it_when_it_is_one() {
        let ids = ["ab12", "ab34", "cd", "cde"].map(str::to_owned);
        assert_eq!(pick(&ids, "silence", "ab1").as_deref(), Ok("ab12"));
        assert_eq!(pick(&ids, "silence", "cd").as_deref(), Ok("cd"), "a whole id wins");
        for typed in ["ab", "x", "", "ab123"] {
            assert!(pick(&ids, "silence", typed).is_err(), "{typed}");
        }
    }
}
