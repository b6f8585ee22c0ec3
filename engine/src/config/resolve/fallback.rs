//! The fallback, which must never end in nothing (I11): who is paged when a policy finds nobody or is used up.

use super::super::mistake::{At, Mark, Mistake, quoted};
use super::super::raw::Raw;
use super::Context;
use super::names::Written;
use super::targets::FirstSteps;
use nightbell_core::model::{Directory, PersonId, ScheduleId, Target};

/// Who is paged when nobody else is. `known` has the people, schedules, teams and rooms.
pub(super) fn fallback(
    raw: &Raw,
    known: &Directory,
    first_steps: &FirstSteps<'_>,
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
    let fallback = first_steps.targets(written, "the fallback is empty", None, context);
    for (item, read) in written.value.iter().filter_map(|item| Some((item, Written::peek(item)?))) {
        if let Written::Target(target) = read
            && let Some(why) = unreachable(&target, known)
        {
            context.add(
                Mistake::warning(item.at, format!("the fallback {} may reach nobody", quoted(item)))
                    .label(why)
                    .hint("give an `email`, so that the last bell can ring before anybody has set up contact methods"),
            );
        }
    }
    if !fallback.is_empty() && fallback.iter().all(|target| matches!(target, Target::Room(_))) {
        context.add(
            Mistake::error(written.at, "the fallback is a room, which wakes nobody")
                .hint("add a person: `\"person:<id>\"`"),
        );
    } else {
        warn_of_gaps(written, &fallback, known, context);
    }
    fallback
}

/// Why a target cannot be reached from the start, if so.
fn unreachable(target: &Target, known: &Directory) -> Option<&'static str> {
    let reachable =
        |id: &PersonId| known.people.get(id).is_some_and(|person| person.email.is_some());
    match target {
        Target::Person(id) => {
            (known.people.contains_key(id) && !reachable(id)).then_some("has no e-mail address")
        }
        Target::Schedule(id) | Target::Next(id) => {
            let layers = &known.schedules.get(id)?.layers;
            let mut on_call = layers.iter().flat_map(|layer| layer.people.iter().flatten());
            (!on_call.any(reachable)).then_some("nobody in it has an e-mail address")
        }
        Target::Team(id) => {
            let team = known.teams.get(id)?;
            let nobody = !team.members.iter().any(reachable);
            nobody.then_some("nobody in it has an e-mail address")
        }
        Target::Room(_) => None,
    }
}

fn warn_of_gaps(
    written: &At<Vec<At<String>>>,
    fallback: &[Target],
    known: &Directory,
    context: &Context<'_>,
) {
    let whole = |id: &ScheduleId| {
        known.schedules.get(id).is_none_or(|schedule| {
            let endless = |layer: &nightbell_core::model::Layer| {
                layer.end.is_none() && layer.people.iter().all(Option::is_some)
            };
            schedule.layers.iter().any(endless)
        })
    };
    let sure = |target: &Target| match target {
        Target::Person(_) | Target::Team(_) => true,
        Target::Schedule(id) => whole(id),
        Target::Next(_) | Target::Room(_) => false,
    };
    if !fallback.is_empty() && !fallback.iter().any(sure) {
        context.add(
            Mistake::warning(written.at, "the fallback has hours without anybody")
                .label("only schedules with gaps")
                .hint("add a person: `\"person:<id>\"`"),
        );
    }
}
