//! What `silence` and `maintenance` share: when something is quiet, as typed; and what a dry run shows.

use super::failure::Failure;
use super::json;
use super::look::{Look, Tone};
use super::session::{Session, short};
use super::table::{Table, cell};
use super::time::{self, When};
use clap::Args;
use jiff::civil::Time;
use jiff::{SignedDuration, Timestamp};
use nightbell_core::model::Weekdays;
use serde_json::{Value, json};

/// When: once, or again every week.
#[derive(Args, Clone, Debug)]
pub(super) struct Times {
    /// For so long: `2h`, `3 days`
    #[arg(
        long = "for", value_name = "LENGTH", value_parser = time::length,
        conflicts_with = "until", required_unless_present_any = ["until", "hours", "dry_run"]
    )]
    for_: Option<SignedDuration>,
    /// From then on
    #[arg(long, value_name = "TIME", value_parser = time::when, default_value = "now")]
    from: When,
    /// Until then
    #[arg(long, value_name = "TIME", value_parser = time::when)]
    until: Option<When>,
    #[command(flatten)]
    weekly: Week,
}

/// What comes again every week.
#[derive(Args, Clone, Debug)]
pub(super) struct Week {
    /// Only at these hours, every day or on `--days`: `22:00-06:00`
    #[arg(long, value_name = "FROM-TO", value_parser = hours)]
    hours: Option<(Time, Time)>,
    /// On which days it begins: `mon-fri`, `sat,sun`
    #[arg(long, value_name = "DAYS", value_parser = days, requires = "hours")]
    days: Option<Weekdays>,
    /// Whose wall clock: `Europe/Berlin`; yours unless you say
    #[arg(long, value_name = "ZONE", requires = "hours")]
    zone: Option<String>,
}

/// When a change is meant to end.
#[derive(Args, Clone, Debug)]
pub(super) struct NewTimes {
    /// For so long from now
    #[arg(long = "for", value_name = "LENGTH", value_parser = time::length, conflicts_with = "until")]
    for_: Option<SignedDuration>,
    /// Until then
    #[arg(long, value_name = "TIME", value_parser = time::when)]
    until: Option<When>,
    #[command(flatten)]
    weekly: Week,
}

/// How far a dry run looks back.
#[derive(Args, Clone, Debug)]
pub(super) struct Past {
    /// How far back to look: `48h`, `7 days`
    #[arg(long, value_name = "LENGTH", value_parser = time::length, default_value = "24h")]
    past: SignedDuration,
}

impl Default for Past {
    fn default() -> Self {
        Self { past: SignedDuration::from_hours(24) }
    }
}

/// Reads `22:00-06:00`.
fn hours(text: &str) -> Result<(Time, Time), String> {
    let clock = |text: &str| Time::strptime("%H:%M", text.trim()).ok();
    let read = text.split_once('-').and_then(|(from, to)| Some((clock(from)?, clock(to)?)));
    read.ok_or_else(|| format!("expected hours such as `22:00-06:00`, got `{text}`"))
}

/// Reads `mon-fri`, `sat,sun`.
fn days(text: &str) -> Result<Weekdays, String> {
    Weekdays::parse_spans(text)
        .ok_or_else(|| format!("expected days such as `mon-fri` or `sat,sun`, got `{text}`"))
}

impl Week {
    /// As the API reads it; null when it does not recur.
    fn body(&self, look: &Look) -> Result<Value, Failure> {
        let Some((from, to)) = self.hours else { return Ok(Value::Null) };
        let zone = self.zone.as_deref().or_else(|| look.zone.iana_name());
        let zone = zone.ok_or_else(|| {
            Failure::usage("Your time zone has no name here.")
                .hint("say whose wall clock: `--zone Europe/Berlin`")
        })?;
        let days = self.days.unwrap_or(Weekdays::ALL).words();
        let clock = |time: Time| time.strftime("%H:%M").to_string();
        Ok(json!({ "days": days, "from": clock(from), "to": clock(to), "time_zone": zone }))
    }
}

impl Times {
    /// Adds the times to a request.
    ///
    /// # Errors
    /// When the end is not after the start.
    pub(super) fn put(&self, session: &Session<'_>, body: &mut Value) -> Result<(), Failure> {
        let from = session.instant(&self.from)?;
        let until = match (self.for_, &self.until) {
            (Some(length), _) => from.checked_add(length).ok(),
            (None, Some(until)) => Some(session.instant(until)?),
            (None, None) => None,
        };
        if (self.for_.is_some() || self.until.is_some()) && until.is_none_or(|until| until <= from)
        {
            return Err(Failure::usage("It would end before it begins.")
                .hint("check `--from`, `--until` and `--for`"));
        }
        body["starts_at"] = from.to_string().into();
        if let Some(until) = until {
            body["ends_at"] = until.to_string().into();
        }
        let weekly = self.weekly.body(session.out.look())?;
        if !weekly.is_null() {
            body["weekly"] = weekly;
        }
        Ok(())
    }
}

impl NewTimes {
    /// Changes what is there already, and leaves the rest as it was.
    ///
    /// # Errors
    /// When a time lies outside the calendar.
    pub(super) fn change(&self, session: &Session<'_>, body: &mut Value) -> Result<(), Failure> {
        let until = match (self.for_, &self.until) {
            (Some(length), _) => Some(session.instant(&When::In(length))?),
            (None, Some(until)) => Some(session.instant(until)?),
            (None, None) => None,
        };
        if let Some(until) = until {
            body["ends_at"] = until.to_string().into();
        }
        let weekly = self.weekly.body(session.out.look())?;
        if !weekly.is_null() {
            body["weekly"] = weekly;
        }
        Ok(())
    }
}

/// What is named by its id or the beginning of it, out of a list: its whole id, and what of it a request repeats.
///
/// # Errors
/// When nothing begins so, or several do.
pub(super) async fn known(
    session: &Session<'_>,
    list: &str,
    what: &str,
    typed: &str,
    kept: &[&str],
) -> Result<(String, Value), Failure> {
    let id = session.whole_id(&[list], what, typed).await?;
    let all = session.all(&[list], Vec::new()).await?;
    let found = json::items(&all.json).iter().find(|one| json::text(one, "id") == id);
    let found =
        found.ok_or_else(|| Failure::new(format!("There is no {what} `{typed}` any more.")))?;
    let parts = kept.iter().map(|key| ((*key).to_owned(), json::at(found, key).clone()));
    Ok((id, Value::Object(parts.collect())))
}

/// When it ends, for a sentence.
pub(super) fn end(one: &Value, look: &Look) -> String {
    json::time(one, "ends_at").map(|at| look.when(at)).unwrap_or_default()
}

/// When it ends or, if it recurs, on which days and hours and until when.
pub(super) fn times(one: &Value, look: &Look) -> String {
    let ends = json::time(one, "ends_at").map(|at| look.when(at)).unwrap_or_default();
    if json::at(one, "weekly").is_null() {
        return match json::text(one, "status").as_str() {
            "pending" => {
                let begins = json::time(one, "starts_at").map(|at| look.when(at));
                format!("{} to {ends}", begins.unwrap_or_default())
            }
            _ => ends,
        };
    }
    let text = |path: &str| json::text(one, path);
    let days: Vec<String> = json::list(one, "weekly.days").iter().map(json::plain).collect();
    let (from, to, zone) = (text("weekly.from"), text("weekly.to"), text("weekly.time_zone"));
    format!("{} {from}-{to} {zone}, ends {ends}", days.join(","))
}

/// Asks for a dry run and shows it. `path` leads to the preview.
///
/// # Errors
/// See [`super::client::Client::post`].
pub(super) async fn preview(
    session: &Session<'_>,
    path: &[&str],
    mut body: Value,
    past: &Past,
) -> Result<(), Failure> {
    let hours = (past.past.as_secs() + 3_599) / 3_600;
    body["hours"] = hours.into();
    let answer = session.client.post(path, &body).await?;
    session.out.data(&answer.text, |look| shown(&answer.json, hours, look))
}

fn count(number: usize, one: &str, many: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{number} {many}") }
}

fn number(value: &Value, path: &str) -> usize {
    json::at(value, path).as_u64().and_then(|number| usize::try_from(number).ok()).unwrap_or(0)
}

fn shown(answer: &Value, hours: i64, look: &Look) -> String {
    let mut parts = Vec::new();
    let stretch = |one: &Value| {
        let at = |path| json::time(one, path).map(|at: Timestamp| look.clock(at));
        Some(format!("{} to {}", at("starts_at")?, at("ends_at")?))
    };
    let stretches: Vec<String> =
        json::list(answer, "occurrences").iter().filter_map(stretch).collect();
    parts.push(format!("It would hold {}.", stretches.join("; ")));
    let (alerts, incidents) =
        (number(answer, "now.alert_count"), number(answer, "now.incident_count"));
    parts.push(match alerts {
        0 => "Now: nothing that fires would be quiet.".to_owned(),
        _ => format!(
            "Now: {} would be quiet, of {}.",
            count(alerts, "firing alert", "firing alerts"),
            count(incidents, "open incident", "open incidents")
        ),
    });
    parts.extend(table_of(answer, look, "now.incidents", incidents_table));
    parts.extend(table_of(answer, look, "now.alerts", alerts_table));
    let events = number(answer, "past.event_count");
    parts.push(match events {
        0 => format!("Last {hours} h: nothing that paged would have been quiet."),
        _ => format!(
            "Last {hours} h: {} would not have gone out, {} would not have opened.",
            count(events, "page", "pages"),
            count(number(answer, "past.incident_count"), "incident", "incidents")
        ),
    });
    parts.extend(table_of(answer, look, "past.events", events_table));
    if json::text(answer, "past.complete") == "false" {
        parts.push("There were too many events to look at all of them.".to_owned());
    }
    parts.join("\n\n")
}

fn table_of(
    answer: &Value,
    look: &Look,
    path: &str,
    table: fn(&[Value], &Look) -> Table,
) -> Option<String> {
    let items = json::list(answer, path);
    (!items.is_empty()).then(|| table(items, look).render(look))
}

fn incidents_table(items: &[Value], _: &Look) -> Table {
    let mut table = Table::new(&["incident", "status", "then", "service", "title"]);
    for one in items {
        let pauses = json::text(one, "pauses") == "true";
        table.row([
            cell(format!("#{}", json::text(one, "id"))).tone(Tone::Strong),
            cell(json::text(one, "status")).state(),
            cell(if pauses { "pauses" } else { "goes on" }),
            cell(json::text(one, "service")),
            cell(json::text(one, "title")),
        ]);
    }
    table
}

/// `maintenance window 01ab23cd`: its id as lists show it.
fn holder(by: &str) -> String {
    by.rsplit_once(' ').map_or_else(String::new, |(what, id)| format!("{what} {}", short(id)))
}

fn alerts_table(items: &[Value], _: &Look) -> Table {
    let mut table = Table::new(&["alert", "severity", "service", "already quiet by", "title"]);
    for one in items {
        let id = format!("{}/{}", json::text(one, "integration"), json::text(one, "dedup_key"));
        table.row([
            cell(id).tone(Tone::Strong),
            cell(json::text(one, "severity")).state(),
            cell(json::text(one, "service")),
            cell(holder(&json::text(one, "suppressed_by"))),
            cell(json::text(one, "title")),
        ]);
    }
    table
}

fn events_table(items: &[Value], look: &Look) -> Table {
    let mut table = Table::new(&["event", "came", "incident", "service", "title"]);
    for one in items {
        table.row([
            cell(json::text(one, "id")).tone(Tone::Strong),
            cell(json::time(one, "received_at").map(|at| look.when(at)).unwrap_or_default()),
            cell(format!("#{}", json::text(one, "incident"))),
            cell(json::text(one, "service")),
            cell(json::text(one, "title")),
        ]);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_hours_read_as_people_write_them() {
        for (text, expected) in [
            ("mon-fri", "mon,tue,wed,thu,fri"),
            ("sat,sun", "sat,sun"),
            ("Fri-Mon", "mon,fri,sat,sun"),
            ("wed", "wed"),
            ("mon-tue, sun", "mon,tue,sun"),
        ] {
            assert_eq!(days(text).expect(text).words().join(","), expected, "{text}");
        }
        for text in ["", "mon-", "weekdays", "mon tue"] {
            assert!(days(text).is_err(), "{text}");
        }
        assert!(hours("22:00-06:00").is_ok() && hours("00:00-00:00").is_ok());
        for text in ["22:00", "22-06", "22:00-25:00", ""] {
            assert!(hours(text).is_err(), "{text}");
        }
    }
}
