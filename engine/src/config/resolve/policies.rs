//! Escalation policies, services, and the fallback: the way to a person, which must never end in nothing (I11).

use super::super::mistake::{At, Mark, Mistake, quoted};
use super::super::raw::{Raw, RawStep};
use super::super::value::duration;
use super::Context;
use super::care;
use super::names::{Kind, Names};
use jiff::SignedDuration;
use nightbell_core::model::{
    EscalationPolicy, Integration, IntegrationId, Person, PersonId, PolicyId, Schedule, ScheduleId,
    Service, ServiceId, Step, Target, Urgency,
};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Shortest delay of a step.
const DELAY_MIN: SignedDuration = SignedDuration::from_secs(1);
/// Longest delay of a step.
const DELAY_MAX: SignedDuration = SignedDuration::from_hours(30 * 24);

type People = BTreeMap<PersonId, Person>;
type Schedules = BTreeMap<ScheduleId, Arc<Schedule>>;

/// All escalation policies.
pub(super) fn policies(
    raw: &Raw,
    context: &Context<'_>,
) -> BTreeMap<PolicyId, Arc<EscalationPolicy>> {
    let mut policies = BTreeMap::new();
    for policy in &raw.policies {
        let id = policy.name.id.as_ref().map_or("", |id| id.value.as_str());
        if policy.steps.is_empty() {
            context.add(
                Mistake::error(
                    policy.name.at,
                    format!("escalation policy {} has no steps", quoted(id)),
                )
                .hint("add an `[[escalation_policy.step]]` with `targets` and `delay`"),
            );
        }
        let steps = policy.steps.iter().map(|step| resolve_step(step, context)).collect();
        let resolved = EscalationPolicy::new(id.into(), steps, policy.repeat);
        policies.insert(resolved.id.clone(), Arc::new(resolved));
    }
    policies
}

fn resolve_step(step: &RawStep, context: &Context<'_>) -> Step {
    let told = step.targets.as_ref().map(|list| targets(list, "this step tells nobody", context));
    let delay = step.delay.as_ref().and_then(|delay| resolve_delay(delay, context));
    Step::new(told.unwrap_or_default(), delay.unwrap_or(DELAY_MAX))
}

fn targets(list: &At<Vec<At<String>>>, empty: &str, context: &Context<'_>) -> Vec<Target> {
    if list.is_empty() {
        context.add(
            Mistake::error(list.at, empty)
                .hint("name at least one `person:<id>` or `schedule:<id>`"),
        );
    }
    let mut targets: Vec<Target> = Vec::new();
    for written in &list.value {
        let Some(target) = context.names.target(written, context.report) else { continue };
        if targets.contains(&target) {
            context.add(
                Mistake::warning(written.at, format!("{} is listed twice", quoted(written)))
                    .hint("everybody is told once; remove one"),
            );
        } else {
            targets.push(target);
        }
    }
    targets
}

fn resolve_delay(written: &At<String>, context: &Context<'_>) -> Option<SignedDuration> {
    let delay = duration(written);
    let message = match delay {
        Some(delay) if (DELAY_MIN..=DELAY_MAX).contains(&delay) => return Some(delay),
        Some(_) => format!("expected a delay of 1 second to 30 days, got {}", quoted(written)),
        None => format!("expected a delay such as `5m`, got {}", quoted(written)),
    };
    context.add(
        Mistake::error(written.at, message)
            .hint("write it as \"90s\", \"5m\", \"1h30m\" or \"2 days\""),
    );
    None
}

/// All services.
pub(super) fn services(raw: &Raw, context: &Context<'_>) -> BTreeMap<ServiceId, Service> {
    let mut services = BTreeMap::new();
    for service in &raw.services {
        let id = service.name.id.as_ref().map_or("", |id| id.value.as_str());
        if let Some(policy) = &service.policy {
            context.names.check(Kind::Policy, policy, policy.at, context.report);
        }
        let resolved = Service {
            id: id.into(),
            name: service.name.name.as_ref().map_or(id, |name| name.value.as_str()).to_owned(),
            policy: service.policy.as_ref().map_or("", |policy| policy.value.as_str()).into(),
            urgency: service.urgency.as_ref().and_then(|urgency| resolve_urgency(urgency, context)),
            support_hours: None,
            reopen_within: care::reopen_within(service, context),
            subscribers: care::subscribers(service, context),
        };
        services.insert(resolved.id.clone(), resolved);
    }
    services
}

fn resolve_urgency(written: &At<String>, context: &Context<'_>) -> Option<Urgency> {
    match written.as_str() {
        "high" => Some(Urgency::High),
        "low" => Some(Urgency::Low),
        _ => {
            context.add(
                Mistake::error(
                    written.at,
                    format!("expected `high` or `low`, got {}", quoted(written)),
                )
                .hint("leave it out to take the urgency from each event's severity"),
            );
            None
        }
    }
}

/// What the core knows of integrations.
pub(super) fn integrations(
    raw: &Raw,
    context: &Context<'_>,
) -> BTreeMap<IntegrationId, Integration> {
    let mut integrations = BTreeMap::new();
    for integration in &raw.integrations {
        let (Some(id), Some(service)) = (&integration.name.id, &integration.service) else {
            continue;
        };
        context.names.check(Kind::Service, service, service.at, context.report);
        let resolved = Integration { id: id.as_str().into(), service: service.as_str().into() };
        integrations.insert(resolved.id.clone(), resolved);
    }
    integrations
}

/// Who is paged when nobody else is.
pub(super) fn fallback(
    raw: &Raw,
    people: &People,
    schedules: &Schedules,
    context: &Context<'_>,
) -> Vec<Target> {
    let Some(written) = context.once("fallback", &raw.fallback, |fallback| fallback.at) else {
        // One of the wrong type has been reported, and one may stand in a file that cannot be read.
        if !raw.fallback_is_there && context.report.knows_all_names() {
            context.add(
                Mistake::error(Mark { file: 0, start: 0, end: 0 }, "there is no `fallback`")
                    .hint("say who is paged when a policy finds nobody: `fallback = [\"person:alice\"]`, above the first table"),
            );
        }
        return Vec::new();
    };
    let fallback = targets(written, "the fallback is empty", context);
    for (item, target) in written.value.iter().filter_map(|item| Some((item, Names::peek(item)?))) {
        if let Some(why) = unreachable(&target, people, schedules) {
            context.add(
                Mistake::warning(item.at, format!("the fallback {} may reach nobody", quoted(item)))
                    .label(why)
                    .hint("give an `email`, so that the last bell can ring before anybody has set up contact methods"),
            );
        }
    }
    warn_of_gaps(written, &fallback, schedules, context);
    fallback
}

/// Why a target cannot be reached from the start, if so.
fn unreachable(target: &Target, people: &People, schedules: &Schedules) -> Option<&'static str> {
    let reachable = |id: &PersonId| people.get(id).is_some_and(|person| person.email.is_some());
    match target {
        Target::Person(id) => {
            (people.contains_key(id) && !reachable(id)).then_some("has no e-mail address")
        }
        Target::Schedule(id) => {
            let mut on_call =
                schedules.get(id)?.layers.iter().flat_map(|layer| layer.people.iter().flatten());
            (!on_call.any(reachable)).then_some("nobody in it has an e-mail address")
        }
        Target::Next(_) | Target::Team(_) | Target::Room(_) => None,
    }
}

fn warn_of_gaps(
    written: &At<Vec<At<String>>>,
    fallback: &[Target],
    schedules: &Schedules,
    context: &Context<'_>,
) {
    let sure = |target: &Target| match target {
        Target::Person(_) | Target::Next(_) | Target::Team(_) => true,
        Target::Room(_) => false,
        Target::Schedule(id) => schedules.get(id).is_none_or(|schedule| {
            schedule
                .layers
                .iter()
                .any(|layer| layer.end.is_none() && layer.people.iter().all(Option::is_some))
        }),
    };
    if !fallback.is_empty() && !fallback.iter().any(sure) {
        context.add(
            Mistake::warning(written.at, "the fallback has hours without anybody")
                .label("only schedules with gaps")
                .hint("add a person: `\"person:<id>\"`"),
        );
    }
}
