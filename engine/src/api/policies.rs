//! Escalation policies, and dry runs of them: who would be paged when, and through what.

use super::duration;
use super::input::{Asked, unknown};
use super::page::{List, Paging};
use super::problem::Problem;
use super::refusal::Refused;
use super::words;
use crate::server::Doors;
use axum::Json;
use axum::extract::{Path, State};
use jiff::Timestamp;
use nightbell_core::escalate::{self, Explained, Question};
use nightbell_core::model::{
    Conditions, Directory, EscalationPolicy, Fate, PolicyId, Priority, ServiceId, Side,
    Step as Domain, StepStrategy, Target, TimelineEntry, TimelineKind, Urgency, Window,
};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};

/// Whom to tell, in which order, and how long each has to answer.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Policy {
    id: String,
    /// Gone through `1 + repeat` times, then the fallback. Policies named as targets are written out.
    steps: Vec<Step>,
    repeat: u32,
    /// How many people must acknowledge.
    acknowledgements: u32,
    /// Acknowledged this long, it rings again, such as `2h`; null: never.
    acknowledge_timeout: Option<String>,
    /// Without news this long, it resolves; null: never.
    resolve_after: Option<String>,
    /// After which times the same people are paged again while a step waits; the last repeats.
    repage: Vec<String>,
    /// Services whose policy it is.
    services: Vec<String>,
}

/// One step.
#[derive(Debug, Serialize, ToSchema)]
struct Step {
    /// `person:alice`, `schedule:primary`, `next:primary`, `team:crew`, `room:ops`.
    targets: Vec<String>,
    /// Unanswered this long, the next step follows: `5m`.
    delay: String,
    /// `all` or `round_robin`.
    strategy: &'static str,
    /// How many people must acknowledge once it is reached, when it says so.
    acknowledgements: Option<u32>,
    when: When,
}

/// When a step tells anybody: all that is not null must hold.
#[derive(Debug, Serialize, ToSchema)]
struct When {
    /// `high` or `low`.
    urgency: Option<&'static str>,
    /// One of these; empty: any.
    priority: Vec<&'static str>,
    /// `inside` or `outside` of the service's support hours.
    support_hours: Option<&'static str>,
    /// Of the windows.
    time_zone: Option<String>,
    /// `mon-fri 09:00-17:00`; empty: at any time.
    windows: Vec<String>,
    /// At least so many alerts fire.
    alerts: Option<u32>,
}

/// A target as the configuration writes it.
fn target(target: &Target) -> String {
    match target {
        Target::Person(id) => format!("person:{id}"),
        Target::Schedule(id) => format!("schedule:{id}"),
        Target::Next(id) => format!("next:{id}"),
        Target::Team(id) => format!("team:{id}"),
        Target::Room(id) => format!("room:{id}"),
    }
}

fn when(conditions: &Conditions) -> When {
    let Conditions { urgency, priorities, support_hours, hours, alerts } = conditions;
    When {
        urgency: urgency.map(Urgency::as_str),
        priority: priorities.iter().map(|priority| priority.as_str()).collect(),
        support_hours: support_hours.map(|side| match side {
            Side::Inside => "inside",
            Side::Outside => "outside",
        }),
        time_zone: hours.as_ref().and_then(|hours| hours.time_zone.iana_name().map(str::to_owned)),
        windows: hours.iter().flat_map(|hours| &hours.windows).map(Window::to_string).collect(),
        alerts: *alerts,
    }
}

fn step(step: &Domain) -> Step {
    Step {
        targets: step.targets.iter().map(target).collect(),
        delay: duration::show(step.delay),
        strategy: match step.strategy {
            StepStrategy::All => "all",
            StepStrategy::RoundRobin => "round_robin",
        },
        acknowledgements: step.acknowledgements,
        when: when(&step.conditions),
    }
}

fn show(policy: &EscalationPolicy, directory: &Directory) -> Policy {
    let services = directory.services.values().filter(|service| service.policy == policy.id);
    Policy {
        id: policy.id.to_string(),
        steps: policy.steps.iter().map(step).collect(),
        repeat: policy.repeat,
        acknowledgements: policy.acknowledgements,
        acknowledge_timeout: policy.acknowledge_timeout.map(duration::show),
        resolve_after: policy.resolve_after.map(duration::show),
        repage: policy.repage.iter().copied().map(duration::show).collect(),
        services: services.map(|service| service.id.to_string()).collect(),
    }
}

/// Lists escalation policies by id.
#[utoipa::path(get, path = "/api/v1/policies", tag = "configuration", params(Paging),
    responses((status = 200, body = List<Policy>), Refused))]
pub(super) async fn list(
    State(doors): State<Arc<Doors>>,
    Asked(paging): Asked<Paging>,
) -> Result<Json<List<Policy>>, Problem> {
    doors
        .door
        .view(|view| {
            let all = view.directory.policies.values();
            paging.cut(all, |policy| policy.id.as_str(), |policy| show(policy, view.directory))
        })
        .map(Json)
}

/// Of which incident.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Which {
    /// When it opens; now when absent.
    #[param(value_type = Option<String>, format = DateTime)]
    at: Option<Timestamp>,
    /// `high` or `low`; as a critical event of the service would be when absent.
    urgency: Option<String>,
    /// A service's id; the first one that has the policy when absent.
    service: Option<String>,
    /// `P1` to `P5`; none when absent.
    priority: Option<String>,
}

/// A dry run.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DryRun {
    policy: String,
    /// Of which service the incident would be.
    service: String,
    /// `high` or `low`.
    urgency: &'static str,
    #[schema(value_type = String, format = DateTime)]
    opens_at: Timestamp,
    /// Why no incident would open at all: a silence or a maintenance window holds it.
    held: Option<String>,
    /// Whether there is more than is shown.
    cut: bool,
    /// In order of time: all passes, then the fallback until it was paged twice, if every page arrives and nobody answers.
    items: Vec<Line>,
}

/// What would happen.
#[derive(Debug, Serialize, ToSchema)]
struct Line {
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// How long after the opening: `5m`.
    after: String,
    /// As in a timeline: `step-reached`, `paged`, `not-paged`, `posted`, `repaged` and so on.
    kind: &'static str,
    /// Who would be paged.
    person: Option<String>,
    /// Which room would be told.
    room: Option<String>,
    /// Through which channel.
    channel: Option<String>,
    /// Which of the person's contact methods.
    method: Option<String>,
    /// As a sentence.
    text: String,
}

fn line(entry: &TimelineEntry, opens_at: Timestamp, directory: &Directory) -> Line {
    let at = escalate::told_at(entry);
    let (mut person, mut room, mut channel, mut method) = (None, None, None, None);
    match &entry.kind {
        TimelineKind::Paged { person: who, channel: on, method: through, .. } => {
            person = Some(who.to_string());
            channel = Some(on.clone());
            method = Some(through.to_string());
        }
        TimelineKind::Posted { room: which, channel: on, .. } => {
            room = Some(which.to_string());
            channel = Some(on.clone());
        }
        _ => {}
    }
    Line {
        at,
        after: duration::show(at.duration_since(opens_at)),
        kind: words::kind(&entry.kind),
        person,
        room,
        channel,
        method,
        text: words::sentence(entry, directory),
    }
}

fn dry_run(question: &Question, told: &Explained, directory: &Directory) -> DryRun {
    let mut items: Vec<Line> =
        told.entries.iter().map(|entry| line(entry, question.at, directory)).collect();
    items.sort_by_key(|line| line.at);
    DryRun {
        policy: question.policy.to_string(),
        service: told.service.to_string(),
        urgency: told.urgency.as_str(),
        opens_at: question.at,
        held: match &told.outcome.fate {
            Fate::Suppressed { reason, by, .. } => Some(format!("{by}: {reason}")),
            _ => None,
        },
        cut: told.cut,
        items,
    }
}

/// Tells who would be paged when, and through what, if an incident opened then and nobody answered. Nothing is sent.
#[utoipa::path(get, path = "/api/v1/policies/{id}/explain", tag = "configuration",
    params(("id" = String, Path), Which), responses((status = 200, body = DryRun), Refused))]
pub(super) async fn explain(
    State(doors): State<Arc<Doors>>,
    Path(id): Path<String>,
    Asked(which): Asked<Which>,
) -> Result<Json<DryRun>, Problem> {
    let urgency = match which.urgency.as_deref() {
        None => None,
        Some("high") => Some(Urgency::High),
        Some("low") => Some(Urgency::Low),
        Some(_) => return Err(Problem::bad_request("`urgency`: expected `high` or `low`")),
    };
    let priority = which.priority.as_deref().map(|text| {
        let read = Priority::parse(text);
        read.ok_or_else(|| Problem::bad_request("`priority`: expected `P1` to `P5`"))
    });
    let question = Question {
        policy: PolicyId::new(&id),
        service: which.service.as_ref().map(ServiceId::new),
        urgency,
        priority: priority.transpose()?,
        at: which.at.unwrap_or_else(|| doors.now()),
    };
    doors.door.view(|view| {
        if let Some(service) = &which.service
            && !view.directory.services.contains_key(service.as_str())
        {
            return Err(unknown("service", service));
        }
        let told = escalate::explain(view, &question);
        let told = told.ok_or_else(|| unknown("escalation policy", &id))?;
        Ok(Json(dry_run(&question, &told, view.directory)))
    })
}
