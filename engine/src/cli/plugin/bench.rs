//! `nightbell plugin bench`: how many events a second, and what does one cost?

use super::super::failure::Failure;
use super::super::out::Out;
use super::super::table::{Table, cell};
use super::input::{self, Around};
use super::subject::Subject;
use super::test::grouped;
use crate::plugin::{Count, Pace, PaceOrder, Piece};
use clap::Args;
use nightbell_pack::Kind;
use nightbell_plugin::testing::Case;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What to measure.
#[derive(Args, Clone, Debug)]
pub(in crate::cli) struct BenchArgs {
    /// A `.wasm` file
    file: PathBuf,
    /// How long each way is measured, in seconds
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u64).range(1..=60))]
    seconds: u64,
    /// Events of a batch, for filters and routers
    #[arg(long, default_value_t = 64, value_parser = clap::value_parser!(u64).range(1..=256))]
    batch: u64,
    /// What to give it, as for `plugin run`; filters and routers have an event of their own for it
    #[arg(long, value_name = "FILE")]
    input: Option<PathBuf>,
    /// The operator's settings, as JSON or TOML
    #[arg(long, value_name = "FILE")]
    settings: Option<PathBuf>,
}

/// An event as monitors send them: ten labels and some details.
const EVENT: &str = r#"
[[input.events]]
title = "Disk usage on db-3 is above 90 percent"
severity = "warning"
dedup_key = "db-3/disk"
source = "db-3.example.org"
details = '{ "used": 0.93, "mount": "/var/lib/data", "device": "nvme0n1" }'
links = [{ href = "https://monitor.example.org/graph?host=db-3", text = "Graph" }]
[input.events.labels]
alertname = "DiskUsage"
cluster = "eu-1"
environment = "production"
host = "db-3"
job = "node"
mount = "/var/lib/data"
namespace = "storage"
region = "eu-central"
severity = "warning"
team = "storage"
"#;

/// Does it.
///
/// # Errors
/// When the plugin cannot be tried, the input is none, or the plugin breaks off.
pub(super) async fn run(args: &BenchArgs, out: &Out) -> Result<(), Failure> {
    let subject = Subject::open(&args.file, out)?;
    let counting = subject.load(Count::Fuel)?;
    let piece = subject.load(Count::Nothing)?;
    let case = case(args, piece.outline().kind)?;
    let order = PaceOrder {
        duration: Duration::from_secs(args.seconds),
        batch: usize::try_from(args.batch).unwrap_or(usize::MAX),
    };
    let broke = |why: String| Failure::new(format!("The plugin cannot be measured: {why}."));
    out.done(&format!("Measuring for {} s, two ways", args.seconds));
    let fuel = counting.event_fuel(&case, order).await.map_err(broke)?;
    let fresh = piece.pace_fresh(&case, order).await.map_err(broke)?;
    let kept = piece.pace_kept(&case, order).await.map_err(broke)?;
    let json = json!({
        "plugin": piece.outline().manifest.name,
        "sha256": piece.outline().sha256,
        "batch": batch(&piece, order),
        "fuel_per_event": fuel,
        "fresh": pace_json(&fresh),
        "kept": pace_json(&kept),
    });
    let reuse = piece.outline().manifest.reuse;
    out.made(&json, |look| {
        let mut table =
            Table::new(&["instance", "events/s", "ns/event", "fuel/event", "memory", "calls"]);
        let own = |used: bool| if used { " (as it runs)" } else { "" };
        for (way, pace, used) in [("fresh", &fresh, !reuse), ("kept", &kept, reuse)] {
            table.row([
                cell(format!("{way}{}", own(used))),
                cell(grouped(pace.events_per_s() as u64)),
                cell(grouped(pace.event_ns() as u64)),
                cell(grouped(fuel as u64)),
                cell(format!("{} KiB", pace.memory_bytes.div_ceil(1_024))),
                cell(grouped(pace.calls)),
            ]);
        }
        table.render(look)
    })
}

fn batch(piece: &Piece, order: PaceOrder) -> usize {
    match piece.outline().kind {
        Kind::Filter | Kind::Router => order.batch,
        Kind::Parser | Kind::Channel => 1,
    }
}

fn case(args: &BenchArgs, kind: Kind) -> Result<Case, Failure> {
    let settings = args.settings.as_deref();
    if let Some(file) = &args.input {
        return input::case(kind, file, &Around::default(), settings);
    }
    let text = match kind {
        Kind::Filter | Kind::Router => EVENT,
        Kind::Channel => "input.notification = {}",
        Kind::Parser => {
            return Err(Failure::usage("A parser needs a payload to be measured with.")
                .hint("name one with `--input FILE`: the raw payload, or a case file"));
        }
    };
    let settings = settings.map(input::settings_of).transpose()?;
    let own = |why: String| Failure::new(format!("The event for measuring cannot be used: {why}."));
    let mut table: toml::Table = text.parse().map_err(|_| own("no TOML".to_owned()))?;
    table.extend(settings.map(|settings| ("settings".to_owned(), toml::Value::Table(settings))));
    let text = toml::to_string(&table).map_err(|error| own(error.to_string()))?;
    Case::read(Path::new("event.toml"), text).map_err(own)
}

fn pace_json(pace: &Pace) -> Value {
    json!({
        "events_per_s": pace.events_per_s(),
        "event_ns": pace.event_ns(),
        "calls": pace.calls,
        "events": pace.events,
        "memory_bytes": pace.memory_bytes,
    })
}
