//! What a service says of its incidents after they opened: whether a flap reopens them, who follows them, whose
//! they are.

use super::super::mistake::{At, Mistake, quoted};
use super::super::raw::RawService;
use super::super::value::duration;
use super::Context;
use super::names::Kind;
use jiff::SignedDuration;
use nightbell_core::model::{PersonId, TeamId};

/// Longest time after its end within which an incident is reopened.
const REOPEN_WITHIN_MAX: SignedDuration = SignedDuration::from_hours(24);
/// People who follow a service.
const SUBSCRIBERS_MAX: usize = 50;

/// How long after its end an incident is reopened; zero: never.
pub(super) fn reopen_within(service: &RawService, context: &Context<'_>) -> SignedDuration {
    let Some(written) = &service.reopen_within else { return SignedDuration::ZERO };
    let message = match duration(written) {
        Some(within) if (SignedDuration::ZERO..=REOPEN_WITHIN_MAX).contains(&within) => {
            return within;
        }
        Some(_) => format!("expected at most 24 hours, got {}", quoted(written)),
        None => format!("expected a length such as `10m`, got {}", quoted(written)),
    };
    let hint = "write it as \"90s\", \"10m\" or \"1h30m\"; leave it out and every trigger after the end opens a new incident";
    context.add(Mistake::error(written.at, message).hint(hint));
    SignedDuration::ZERO
}

/// Whose the service is.
pub(super) fn team(service: &RawService, context: &Context<'_>) -> Option<TeamId> {
    let written = service.team.as_ref()?;
    context.names.check(Kind::Team, written, written.at, context.report);
    Some(written.as_str().into())
}

/// The people who follow all of a service's incidents, each once.
pub(super) fn subscribers(service: &RawService, context: &Context<'_>) -> Vec<PersonId> {
    let mut people: Vec<PersonId> = Vec::new();
    for written in service.subscribers.iter().flat_map(|list| &list.value) {
        let Some(id) = written.strip_prefix("person:") else {
            context.add(
                Mistake::error(
                    written.at,
                    format!("expected `person:<id>`, got {}", quoted(written)),
                )
                .hint(offer(written, context)),
            );
            continue;
        };
        context.names.check(Kind::Person, id, written.at, context.report);
        let person = PersonId::new(id);
        if people.contains(&person) {
            context.add(
                Mistake::warning(written.at, format!("{} is listed twice", quoted(written)))
                    .hint("everybody is told once; remove one"),
            );
        } else {
            people.push(person);
        }
    }
    if let Some(list) = service.subscribers.as_ref().filter(|list| list.len() > SUBSCRIBERS_MAX) {
        context.add(Mistake::error(
            list.at,
            format!("expected at most {SUBSCRIBERS_MAX} subscribers, got {}", list.len()),
        ));
    }
    people
}

fn offer(written: &At<String>, context: &Context<'_>) -> String {
    match context.names.has(Kind::Person, written) {
        true => format!("write `person:{}`", written.value),
        false => "only people follow a service".to_owned(),
    }
}
