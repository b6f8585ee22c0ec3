//! Escalation policies and services: the way to a person. The fallback has a file of its own.

use super::super::mistake::{At, Mistake, quoted};
use super::super::raw::{Raw, RawPolicy, RawStep, RawWhen};
use super::super::value::duration;
use super::Context;
use super::names::Kind;
use super::targets::FirstSteps;
use super::{care, hours};
use jiff::SignedDuration;
use nightbell_core::model::{
    Conditions, EscalationPolicy, Integration, IntegrationId, PolicyId, Priority, Service,
    ServiceId, Side, Step, StepStrategy,
};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Shortest delay of a step.
const DELAY_MIN: SignedDuration = SignedDuration::from_secs(1);
/// Longest delay of a step.
const DELAY_MAX: SignedDuration = SignedDuration::from_hours(30 * 24);

/// All escalation policies.
pub(super) fn policies(
    raw: &Raw,
    first_steps: &FirstSteps<'_>,
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
        let resolved = resolve_policy(policy, id, first_steps, context);
        policies.insert(resolved.id.clone(), Arc::new(resolved));
    }
    policies
}

/// Shortest pause before people are paged again, and shortest other time of a policy.
const MINUTE: SignedDuration = SignedDuration::from_mins(1);
/// Longest of them.
const YEAR: SignedDuration = SignedDuration::from_hours(24 * 366);
/// Different pauses before people are paged again.
const REPAGE_MAX: usize = 16;

fn resolve_policy(
    policy: &RawPolicy,
    id: &str,
    first_steps: &FirstSteps<'_>,
    context: &Context<'_>,
) -> EscalationPolicy {
    let steps = policy.steps.iter().enumerate();
    let steps = steps.map(|(place, step)| {
        let own = (place == 0).then_some(id);
        resolve_step(step, own, first_steps, context)
    });
    let time = |written: &Option<At<String>>| {
        written.as_ref().and_then(|written| resolve_time(written, MINUTE, YEAR, context))
    };
    let repage = policy.repage.as_ref().map(|list| {
        if list.value.len() > REPAGE_MAX {
            let got = list.value.len();
            context.add(
                Mistake::error(list.at, format!("expected at most {REPAGE_MAX} times, got {got}"))
                    .hint("the last one repeats"),
            );
        }
        let all = list.value.iter().take(REPAGE_MAX);
        all.filter_map(|written| resolve_time(written, MINUTE, YEAR, context)).collect()
    });
    EscalationPolicy {
        acknowledgements: policy.acknowledgements.unwrap_or(1),
        acknowledge_timeout: time(&policy.acknowledge_timeout),
        resolve_after: time(&policy.resolve_after),
        repage: repage.unwrap_or_default(),
        ..EscalationPolicy::new(id.into(), steps.collect(), policy.repeat)
    }
}

fn resolve_step(
    step: &RawStep,
    own: Option<&str>,
    first_steps: &FirstSteps<'_>,
    context: &Context<'_>,
) -> Step {
    let told = step
        .targets
        .as_ref()
        .map(|list| first_steps.targets(list, "this step tells nobody", own, context));
    let delay = step.delay.as_ref().and_then(|delay| resolve_delay(delay, context));
    let strategy = step.strategy.as_ref().map(|written| match written.as_str() {
        "all" => StepStrategy::All,
        "round_robin" => StepStrategy::RoundRobin,
        _ => {
            let message = format!("expected `all` or `round_robin`, got {}", quoted(written));
            context
                .add(Mistake::error(written.at, message).hint("leave it out to tell all at once"));
            StepStrategy::All
        }
    });
    Step {
        strategy: strategy.unwrap_or_default(),
        conditions: step.when.as_ref().map(|when| conditions(when, context)).unwrap_or_default(),
        acknowledgements: step.acknowledgements,
        ..Step::new(told.unwrap_or_default(), delay.unwrap_or(DELAY_MAX))
    }
}

fn conditions(when: &RawWhen, context: &Context<'_>) -> Conditions {
    let urgency = when.urgency.as_ref().and_then(|written| {
        hours::urgency(written, "leave it out and the step tells whatever the urgency is", context)
    });
    let priorities = when.priority.iter().flat_map(|list| &list.value).filter_map(|written| {
        let priority = Priority::parse(written);
        if priority.is_none() {
            let message = format!("expected `P1` to `P5`, got {}", quoted(written));
            context.add(
                Mistake::error(written.at, message)
                    .hint("write it as `priority = [\"P1\", \"P2\"]`"),
            );
        }
        priority
    });
    let support_hours = when.support_hours.as_ref().and_then(|written| match written.as_str() {
        "inside" => Some(Side::Inside),
        "outside" => Some(Side::Outside),
        _ => {
            let message = format!("expected `inside` or `outside`, got {}", quoted(written));
            context.add(
                Mistake::error(written.at, message)
                    .hint("the hours themselves are the service's: `[service.support_hours]`"),
            );
            None
        }
    });
    Conditions {
        urgency,
        priorities: priorities.collect(),
        support_hours,
        hours: when.hours.as_ref().map(|raw| hours::hours(raw, context)),
        alerts: when.alerts,
    }
}

fn resolve_time(
    written: &At<String>,
    least: SignedDuration,
    most: SignedDuration,
    context: &Context<'_>,
) -> Option<SignedDuration> {
    let message = match duration(written) {
        Some(time) if (least..=most).contains(&time) => return Some(time),
        Some(_) => format!("expected 1 minute to 366 days, got {}", quoted(written)),
        None => format!("expected a time such as `2h`, got {}", quoted(written)),
    };
    context.add(
        Mistake::error(written.at, message)
            .hint("write it as \"90s\", \"5m\", \"1h30m\" or \"2 days\""),
    );
    None
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
            urgency: service.urgency.as_ref().and_then(|urgency| {
                let hint = "leave it out to take the urgency from each event's severity";
                hours::urgency(urgency, hint, context)
            }),
            support_hours: service
                .support_hours
                .as_ref()
                .map(|raw| Arc::new(hours::support_hours(raw, context))),
            team: care::team(service, context),
            reopen_within: care::reopen_within(service, context),
            subscribers: care::subscribers(service, context),
        };
        services.insert(resolved.id.clone(), resolved);
    }
    services
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
