//! `nightbell oncall`: who must wake, now or at another time, for a schedule, a policy or a service.

use super::failure::Failure;
use super::json;
use super::look::{Look, Tone};
use super::session::{Session, Shown};
use super::table::{Table, cell};
use super::time::{self, When};
use clap::Args;
use serde_json::Value;

/// Who is on call.
#[derive(Args, Clone, Debug)]
pub(super) struct OncallArgs {
    #[command(flatten)]
    pub(super) connection: super::connect::Connection,
    /// At another time: `18:00`, `tomorrow 09:00`, `2h`, RFC 3339
    #[arg(long, value_name = "TIME", value_parser = time::when)]
    at: Option<When>,
    /// On this schedule only
    #[arg(long, value_name = "ID", conflicts_with_all = ["policy", "service"])]
    schedule: Option<String>,
    /// Step by step for this escalation policy
    #[arg(long, value_name = "ID", conflicts_with = "service")]
    policy: Option<String>,
    /// Step by step for this service
    #[arg(long, value_name = "ID")]
    service: Option<String>,
}

/// Shows who is on call.
///
/// # Errors
/// See [`Failure`].
pub(super) async fn oncall(session: &Session<'_>, args: &OncallArgs) -> Result<(), Failure> {
    let mut query = Vec::new();
    if let Some(at) = &args.at {
        query.push(("at", session.instant(at)?.to_string()));
    }
    query.extend(args.schedule.clone().map(|schedule| ("schedule", schedule)));
    query.extend(args.policy.clone().map(|policy| ("policy", policy)));
    query.extend(args.service.clone().map(|service| ("service", service)));
    let shown = match args.policy.is_some() || args.service.is_some() {
        true => Shown { rows: ladder, nothing: "Nobody: the fallback is paged." },
        false => Shown { rows: duty, nothing: "There are no schedules." },
    };
    session.list(&["oncall"], query, None, shown).await
}

/// One line a duty.
fn duty(answer: &Value, look: &Look) -> String {
    let mut table = Table::new(&["schedule", "on call", "until", "layer", "next"]);
    for duty in json::items(answer) {
        let person = json::text(duty, "person");
        let who = if person.is_empty() {
            cell("nobody").tone(Tone::Bad)
        } else {
            cell(person).tone(Tone::Strong)
        };
        let until = json::time(duty, "ends_at").map(|at| look.when(at)).unwrap_or_default();
        let next = json::text(duty, "next");
        let layer = json::text(duty, "layer");
        table.row([cell(json::text(duty, "schedule")), who, cell(until), cell(layer), cell(next)]);
    }
    table.render(look)
}

/// One line a person or schedule that a policy leads to, step by step.
fn ladder(answer: &Value, look: &Look) -> String {
    let mut table = Table::new(&["step", "on call", "schedule", "until", "next"]);
    for duty in json::items(answer) {
        let step = match json::text(duty, "step") {
            none if none.is_empty() => "fallback".to_owned(),
            step => step,
        };
        let who = match json::text(duty, "person") {
            nobody if nobody.is_empty() => cell("nobody").tone(Tone::Bad),
            person => cell(person).tone(Tone::Strong),
        };
        let until = json::time(duty, "ends_at").map(|at| look.when(at)).unwrap_or_default();
        let text = |key| cell(json::text(duty, key));
        table.row([cell(step), who, text("schedule"), cell(until), text("next")]);
    }
    table.render(look)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::tz::TimeZone;
    use serde_json::json;

    #[test]
    fn nobody_on_call_is_said_loudly() {
        let now = "2026-03-02T00:44:00Z".parse().expect("a time");
        let zone = TimeZone::get("Asia/Tokyo").expect("a zone");
        let look = Look { width: None, color: false, now, zone };
        let answer = json!({"items": [
            {"schedule": "primary", "person": "alice", "starts_at": "2026-03-02T00:00:00Z",
             "ends_at": "2026-03-09T00:00:00Z", "layer": "week", "next": "bob"},
            {"schedule": "second", "person": null, "starts_at": null, "ends_at": null, "layer": null, "next": null},
        ], "next": null});
        insta::assert_snapshot!(duty(&answer, &look), @r"
        SCHEDULE  ON CALL  UNTIL                LAYER  NEXT
        primary   alice    in 6 d, Mar 9 09:00  week   bob
        second    nobody
        ");
    }
}
