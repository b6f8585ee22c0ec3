//! Between which instants the answer for a service cannot change.
//!
//! An incident that opens at `t` meets the world at `t + o`, where `o` is a sum of delays of steps and of one rule. Its answer
//! changes with `t` only where such a meeting crosses an instant `c` at which a shift, quiet hours or a condition's hours begin
//! or end (`t = c − o`), or where something that happens at `c + o` comes within the time allowed (`t = c + o − within`).

use super::Ask;
use crate::hours;
use crate::model::{Directory, EscalationPolicy, PersonId, ScheduleId, Service, Target, View};
use crate::notify::{self, quiet_hours};
use crate::schedule;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeSet;

/// Different sums of delays that are looked at; a policy has a handful within the time allowed.
const OFFSETS_MAX: usize = 600;

/// Edges are looked for so much later than anything can be decided: a page that a rule delays waits for what comes then.
const LONGEST_RULE: SignedDuration = SignedDuration::from_hours(24);

/// The instants to ask at, in order, the first being the start.
pub(super) fn of_service(view: View<'_>, service: &Service, ask: Ask) -> Vec<Timestamp> {
    let end = ask.to.saturating_add(ask.within).unwrap_or(Timestamp::MAX);
    let end = end.saturating_add(LONGEST_RULE).unwrap_or(Timestamp::MAX);
    let targets = targets(view.directory, service);
    let mut people: BTreeSet<PersonId> = BTreeSet::new();
    let mut changes: BTreeSet<Timestamp> = BTreeSet::new();
    for target in &targets {
        match target {
            Target::Person(person) => drop(people.insert(person.clone())),
            Target::Team(id) => {
                let team = view.directory.teams.get(id);
                people.extend(team.into_iter().flat_map(|team| team.members.iter().cloned()));
            }
            Target::Schedule(id) | Target::Next(id) => {
                shifts(view, id, ask.from, end, &mut changes, &mut people);
            }
            Target::Room(_) => {}
        }
    }
    let policy = view.directory.policies.get(&service.policy);
    let conditions = policy.iter().flat_map(|policy| policy.steps.iter());
    let conditions = conditions.filter_map(|step| step.conditions.hours.as_ref());
    let support = service.support_hours.as_ref().map(|support| &support.hours);
    for hours in conditions.chain(support) {
        changes.extend(hours::edges(hours, ask.from, end));
    }
    let mut delays: BTreeSet<SignedDuration> = BTreeSet::new();
    for id in &people {
        let profile = notify::profile(view, id);
        delays.extend(profile.rules.iter().map(|rule| rule.delay));
        if let Some(person) = view.directory.people.get(id) {
            let hours = &profile.preferences.quiet_hours;
            changes.extend(quiet_hours::edges(hours, &person.time_zone, ask.from, end));
        }
    }
    let offsets = offsets(policy.map(AsRef::as_ref), &delays, ask.within);
    instants(&changes, &offsets, ask)
}

fn instants(
    changes: &BTreeSet<Timestamp>,
    offsets: &BTreeSet<SignedDuration>,
    ask: Ask,
) -> Vec<Timestamp> {
    let mut found = BTreeSet::from([ask.from]);
    for change in changes {
        for offset in offsets {
            for back in [*offset, ask.within.saturating_sub(*offset)] {
                found.extend(change.checked_sub(back).ok());
            }
        }
    }
    found.into_iter().filter(|at| ask.from <= *at && *at < ask.to).collect()
}

/// Everybody and every schedule that the policy's steps mean; of a policy without steps, the fallback.
fn targets(directory: &Directory, service: &Service) -> Vec<Target> {
    let policy = directory.policies.get(&service.policy);
    let steps = policy.iter().flat_map(|policy| policy.steps.iter());
    let targets: Vec<Target> = steps.flat_map(|step| step.targets.iter().cloned()).collect();
    match targets.is_empty() {
        true => directory.fallback.clone(),
        false => targets,
    }
}

fn shifts(
    view: View<'_>,
    id: &ScheduleId,
    from: Timestamp,
    to: Timestamp,
    changes: &mut BTreeSet<Timestamp>,
    people: &mut BTreeSet<PersonId>,
) {
    let Some(calendar) = schedule::calendar(view, id) else { return };
    let next = calendar.next_after(to);
    for shift in calendar.shifts(from, to).into_iter().chain(next) {
        changes.extend([shift.starts_at, shift.ends_at]);
        people.insert(shift.person);
    }
}

/// How long after the opening something can be decided: sums of delays of steps within the time allowed, and of one
/// rule on top; zero and the time itself too.
fn offsets(
    policy: Option<&EscalationPolicy>,
    rules: &BTreeSet<SignedDuration>,
    within: SignedDuration,
) -> BTreeSet<SignedDuration> {
    let steps: BTreeSet<SignedDuration> =
        policy.iter().flat_map(|policy| policy.steps.iter().map(|step| step.delay)).collect();
    let mut sums = BTreeSet::from([SignedDuration::ZERO]);
    let mut fresh = vec![SignedDuration::ZERO];
    while let Some(sum) = fresh.pop() {
        for delay in steps.iter().filter(|delay| **delay > SignedDuration::ZERO) {
            let more = sum.saturating_add(*delay);
            if more <= within && sums.len() < OFFSETS_MAX && sums.insert(more) {
                fresh.push(more);
            }
        }
    }
    let with_rule = sums.iter().flat_map(|sum| rules.iter().map(|rule| sum.saturating_add(*rule)));
    // A page due later counts too: one that quiet hours will hold lets the escalation go on at once.
    let with_rule: Vec<_> = with_rule.take(OFFSETS_MAX).collect();
    sums.extend(with_rule);
    sums.insert(within);
    sums
}
