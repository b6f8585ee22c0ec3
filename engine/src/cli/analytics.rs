//! `nightbell analytics`: how incidents went, in numbers.

use super::connect::Connection;
use super::failure::Failure;
use super::json;
use super::look::{Look, Tone, safe};
use super::session::Session;
use super::table::{Cell, Table, cell};
use super::time::{self, When};
use clap::{Args, ValueEnum};
use jiff::SignedDuration;
use serde_json::Value;

/// What the lines are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum By {
    /// Services
    Service,
    /// Teams
    Team,
    /// People
    Person,
}

impl By {
    fn word(self) -> &'static str {
        match self {
            Self::Service => "service",
            Self::Team => "team",
            Self::Person => "person",
        }
    }
}

/// Of which incidents.
#[derive(Args, Clone, Debug)]
pub(super) struct AnalyticsArgs {
    /// Opened in so long before the end
    #[arg(long, value_name = "LENGTH", default_value = "30d", value_parser = time::length)]
    since: SignedDuration,
    /// Opened before then: `2026-11-23 09:00`, RFC 3339; now when left out
    #[arg(long, value_name = "TIME", value_parser = time::when)]
    until: Option<When>,
    /// One line for each what
    #[arg(long, value_enum, default_value_t = By::Service)]
    by: By,
    #[command(flatten)]
    pub(super) connection: Connection,
}

/// Shows it.
///
/// # Errors
/// See [`Failure`].
pub(super) async fn run(session: &Session<'_>, args: &AnalyticsArgs) -> Result<(), Failure> {
    let to = session.instant(args.until.as_ref().unwrap_or(&When::Now))?;
    let from = to.checked_sub(args.since).map_err(|error| {
        Failure::usage(format!("That time lies outside the calendar: {error}."))
    })?;
    let query =
        [("from", from.to_string()), ("to", to.to_string()), ("by", args.by.word().to_owned())];
    let answer = session.client.get(&["analytics"], &query).await?;
    session.out.data(&answer.text, |look| table(&answer.json, look))?;
    if answer.json["total"]["incidents"] == 0 {
        session.out.done("No incident was opened in that time.");
    }
    if answer.json["complete"] == false {
        session.out.done("There were more incidents than one report counts: these are the newest. Ask for less time.");
    }
    Ok(())
}

/// One line for each service, team or person, and one for all together.
fn table(report: &Value, look: &Look) -> String {
    let of_people = json::text(report, "by") == "person";
    let headings: &[&str] = if of_people { &PEOPLE } else { &SERVICES };
    let mut table = Table::new(headings);
    for item in json::items(report) {
        let name = json::first(item, &["key"]);
        let name =
            if name.is_empty() { cell("(none)").tone(Tone::Quiet) } else { cell(safe(&name)) };
        table.row(row(name, item, of_people));
    }
    if !json::items(report).is_empty() {
        table.row(row(cell("all").tone(Tone::Strong), json::at(report, "total"), of_people));
    }
    table.render(look)
}

const SERVICES: [&str; 10] = [
    "of",
    "incidents",
    "escalated",
    "reopened",
    "pages",
    "asleep",
    "first page",
    "mtta, p50, p90",
    "mttr, p50, p90",
    "open",
];
const PEOPLE: [&str; 8] =
    ["of", "incidents", "acknowledged", "pages", "high", "asleep", "first page", "mtta, p50, p90"];

fn row(name: Cell, numbers: &Value, of_people: bool) -> Vec<Cell> {
    let number = |key: &str| cell(json::text(numbers, key));
    let times = |key: &str| cell(times(json::at(numbers, key)));
    let first = cell(length(&numbers["time_to_first_page"]["mean_seconds"]));
    if of_people {
        return vec![
            name,
            number("incidents"),
            number("acknowledged"),
            number("pages"),
            number("high_pages"),
            number("sleep_interruptions"),
            first,
            times("time_to_acknowledge"),
        ];
    }
    vec![
        name,
        number("incidents"),
        number("escalated"),
        number("reopened"),
        number("pages"),
        number("sleep_interruptions"),
        first,
        times("time_to_acknowledge"),
        times("time_to_resolve"),
        cell(open(numbers)),
    ]
}

/// Those that are not over: whoever looks at a mean should know of those that are not in it.
fn open(numbers: &Value) -> String {
    let count = |key: &str| numbers[key].as_u64().unwrap_or(0);
    let over = count("resolved").saturating_add(count("merged"));
    count("incidents").saturating_sub(over).to_string()
}

/// Mean, half, nine of ten.
fn times(times: &Value) -> String {
    if times.is_null() {
        return String::new();
    }
    let [mean, p50, p90] =
        ["mean_seconds", "p50_seconds", "p90_seconds"].map(|key| length(&times[key]));
    format!("{mean}, {p50}, {p90}")
}

/// The two largest units, rounded down: `45s`, `3m20s`, `2h5m`, `3d4h`.
fn length(seconds: &Value) -> String {
    let Some(seconds) = seconds.as_u64() else { return String::new() };
    let two = |large: u64, large_unit: &str, small: u64, unit: &str| match small {
        0 => format!("{large}{large_unit}"),
        _ => format!("{large}{large_unit}{small}{unit}"),
    };
    match seconds {
        ..60 => format!("{seconds}s"),
        60..3_600 => two(seconds / 60, "m", seconds % 60, "s"),
        3_600..86_400 => two(seconds / 3_600, "h", seconds % 3_600 / 60, "m"),
        _ => two(seconds / 86_400, "d", seconds % 86_400 / 3_600, "h"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::tz::TimeZone;
    use serde_json::json;

    fn look() -> Look {
        let now = "2026-03-02T00:44:00Z".parse().expect("a time");
        Look { width: None, color: false, now, zone: TimeZone::UTC }
    }

    fn numbers() -> Value {
        let times = |mean: u64| json!({"count": 3, "mean_seconds": mean, "p50_seconds": mean / 2, "p90_seconds": mean * 2, "max_seconds": mean * 3});
        json!({
            "key": "shop", "name": "Shop", "incidents": 12, "triggered": 1, "acknowledged": 10, "resolved": 9, "merged": 1,
            "escalated": 2, "reopened": 3, "reopenings": 7, "pages": 31, "high_pages": 30, "sleep_interruptions": 4,
            "time_to_first_page": times(2), "time_to_acknowledge": times(200), "time_to_resolve": times(90_000),
        })
    }

    #[test]
    fn services_have_their_numbers_on_one_line() {
        let bare = json!({"key": null, "incidents": 1, "escalated": 0, "reopened": 0, "pages": 0, "sleep_interruptions": 0,
            "time_to_first_page": null, "time_to_acknowledge": null, "time_to_resolve": null});
        let report = json!({"by": "service", "items": [numbers(), bare], "total": numbers()});
        insta::assert_snapshot!(table(&report, &look()), @r"
        OF      INCIDENTS  ESCALATED  REOPENED  PAGES  ASLEEP  FIRST PAGE  MTTA, P50, P90       MTTR, P50, P90      OPEN
        shop    12         2          3         31     4       2s          3m20s, 1m40s, 6m40s  1d1h, 12h30m, 2d2h  2
        (none)  1          0          0         0      0                                                            1
        all     12         2          3         31     4       2s          3m20s, 1m40s, 6m40s  1d1h, 12h30m, 2d2h  2
        ");
    }

    #[test]
    fn people_have_theirs() {
        let report = json!({"by": "person", "items": [numbers()], "total": numbers()});
        insta::assert_snapshot!(table(&report, &look()), @r"
        OF    INCIDENTS  ACKNOWLEDGED  PAGES  HIGH  ASLEEP  FIRST PAGE  MTTA, P50, P90
        shop  12         10            31     30    4       2s          3m20s, 1m40s, 6m40s
        all   12         10            31     30    4       2s          3m20s, 1m40s, 6m40s
        ");
    }

    #[test]
    fn lengths_have_two_units_at_most() {
        for (seconds, shown) in [
            (0, "0s"),
            (59, "59s"),
            (60, "1m"),
            (200, "3m20s"),
            (7_500, "2h5m"),
            (90_000, "1d1h"),
            (86_400, "1d"),
        ] {
            assert_eq!(length(&json!(seconds)), shown);
        }
    }
}
