//! `nightbell plugin run`: what does a plugin make of one input? Nothing is sent: requests and mails are shown, and
//! answered as if they had succeeded.

use super::super::failure::{Exit, Failure};
use super::super::look::{Look, Tone, paint, safe_lines};
use super::super::out::Out;
use super::input::{self, Around};
use super::subject::Subject;
use super::test::{broken_lines, grouped};
use crate::plugin::{Count, Tried};
use clap::Args;
use nightbell_plugin::testing::{Output, outcome_text};
use serde_json::{Value, json};
use std::path::PathBuf;

/// What to try.
#[derive(Args, Clone, Debug)]
pub(in crate::cli) struct RunArgs {
    /// A `.wasm` file, or a project's folder, which is built first
    #[arg(value_name = "FILE|DIR")]
    path: PathBuf,
    /// What to give it: for a parser the raw payload, for a filter or router an event or a list of events as JSON, for
    /// a channel a notification as JSON; for all a case file (`.toml`)
    #[arg(long, value_name = "FILE")]
    input: PathBuf,
    /// The operator's settings, as JSON or TOML
    #[arg(long, value_name = "FILE")]
    settings: Option<PathBuf>,
    /// Of a raw payload; JSON is recognised
    #[arg(long, value_name = "TYPE")]
    content_type: Option<String>,
    /// Of a raw payload; may be given several times
    #[arg(long = "header", value_name = "NAME: VALUE")]
    headers: Vec<String>,
}

/// Does it.
///
/// # Errors
/// When the plugin cannot be tried, the input is none, or the plugin breaks off.
pub(super) async fn run(args: &RunArgs, out: &Out) -> Result<(), Failure> {
    let subject = Subject::open(&args.path, out)?;
    let piece = subject.load(Count::Fuel)?;
    let around = Around { content_type: args.content_type.clone(), headers: args.headers.clone() };
    let kind = piece.outline().kind;
    let case = input::case(kind, &args.input, &around, args.settings.as_deref())?;
    let unfit =
        |why: String| Failure::new(format!("{} cannot be used: {why}.", args.input.display()));
    let host = case.host().map_err(unfit)?;
    host.answer_the_rest();
    let tried = piece.run_case(&case, &host).await.map_err(unfit)?;
    let outcome = outcome_text(&tried.output, &host)
        .map_err(|why| Failure::new(format!("What came makes no sense: {why}.")))?;
    out.made(&as_json(&outcome, &tried), |look| page(&outcome, &tried, look))?;
    match tried.output {
        Output::Trap(_) => Err(Failure::said(Exit::Failed)),
        _ => Ok(()),
    }
}

fn as_json(outcome: &str, tried: &Tried) -> Value {
    // The same words as in a case file; dates as text.
    let outcome = outcome.parse::<toml::Table>().ok();
    let outcome = outcome.and_then(|mut table| table.remove("expect"));
    json!({
        "outcome": outcome.map(|outcome| json_of(&outcome)),
        "broke_off": (!tried.broke_off.is_empty()).then_some(&tried.broke_off),
        "frames": tried.frames,
        "fuel": tried.fuel,
        "took_us": u64::try_from(tried.took.as_micros()).unwrap_or(u64::MAX),
        "memory_bytes": tried.memory_bytes,
    })
}

fn json_of(value: &toml::Value) -> Value {
    match value {
        toml::Value::Datetime(at) => Value::from(at.to_string()),
        toml::Value::Array(list) => list.iter().map(json_of).collect(),
        toml::Value::Table(table) => {
            table.iter().map(|(key, value)| (key.clone(), json_of(value))).collect()
        }
        toml::Value::String(text) => Value::from(text.as_str()),
        toml::Value::Integer(number) => Value::from(*number),
        toml::Value::Float(number) => Value::from(*number),
        toml::Value::Boolean(truth) => Value::from(*truth),
    }
}

fn page(outcome: &str, tried: &Tried, look: &Look) -> String {
    // `expect` is a case's word for it; here it is simply what came.
    let came =
        outcome.replace("[[expect.", "[[").replace("[expect.", "[").replace("[expect]\n", "");
    let came = safe_lines(came.trim());
    let came = if came.is_empty() { "nothing came".to_owned() } else { came };
    let mut lines = vec![came, String::new()];
    if matches!(tried.output, Output::Trap(_)) {
        lines.extend(broken_lines(tried));
    }
    let fuel = tried.fuel.map(|fuel| format!("{} fuel, ", grouped(fuel))).unwrap_or_default();
    let cost = format!(
        "{fuel}{:.1} ms, {} KiB of memory",
        tried.took.as_secs_f64() * 1_000.0,
        tried.memory_bytes.div_ceil(1_024)
    );
    lines.push(paint(&cost, Tone::Quiet, look.color));
    lines.join("\n")
}
