//! What the targets of a step or of the fallback stand for: policies are written out here, so that a running incident holds
//! all that it needs (I5).

use super::super::mistake::{At, Mistake, quoted};
use super::super::raw::Raw;
use super::Context;
use super::names::Written;
use nightbell_core::model::Target;
use std::collections::BTreeMap;

/// The first steps of all policies, which a target `policy:<id>` stands for.
pub(super) struct FirstSteps<'r> {
    of: BTreeMap<&'r str, &'r At<Vec<At<String>>>>,
}

impl<'r> FirstSteps<'r> {
    /// Of all policies as written.
    pub(super) fn of(raw: &'r Raw) -> Self {
        let of = raw.policies.iter().filter_map(|policy| {
            let id = policy.name.id.as_ref()?.value.as_str();
            Some((id, policy.steps.first()?.targets.as_ref()?))
        });
        Self { of: of.collect() }
    }

    /// Reads a list; what is unknown, twice in it, or leads back to itself is reported. `own` is the policy whose first step
    /// it is, if it is one.
    pub(super) fn targets(
        &self,
        list: &At<Vec<At<String>>>,
        empty: &str,
        own: Option<&str>,
        context: &Context<'_>,
    ) -> Vec<Target> {
        if list.is_empty() {
            context.add(
                Mistake::error(list.at, empty)
                    .hint("name at least one `person:<id>` or `schedule:<id>`"),
            );
        }
        let mut targets: Vec<Target> = Vec::new();
        let mut seen: Vec<&str> = Vec::new();
        for written in &list.value {
            let Some(read) = context.names.target(written, context.report) else { continue };
            if seen.contains(&written.as_str()) {
                context.add(
                    Mistake::warning(written.at, format!("{} is listed twice", quoted(written)))
                        .hint("everybody is told once; remove one"),
                );
                continue;
            }
            seen.push(written);
            let stands_for = match read {
                Written::Target(target) => vec![target],
                Written::Policy(id) => {
                    let mut trail: Vec<&str> = own.into_iter().collect();
                    self.first_step(&id, &mut trail).unwrap_or_else(|circle| {
                        context.add(
                            Mistake::error(
                                written.at,
                                format!("{} leads back to itself: {circle}", quoted(written)),
                            )
                            .hint("a policy stands for the targets of its first step; name those here"),
                        );
                        Vec::new()
                    })
                }
            };
            for target in stands_for {
                if !targets.contains(&target) {
                    targets.push(target);
                }
            }
        }
        targets
    }

    /// What a policy's first step tells.
    ///
    /// # Errors
    /// The way round, when it comes back to where it was.
    fn first_step<'t>(
        &'t self,
        id: &'t str,
        trail: &mut Vec<&'t str>,
    ) -> Result<Vec<Target>, String> {
        let again = trail.contains(&id);
        trail.push(id);
        if again {
            return Err(trail.join(" → "));
        }
        let mut targets = Vec::new();
        // One that is not known has been reported where it stands.
        for written in self.of.get(id).iter().flat_map(|list| &list.value) {
            match Written::peek(written) {
                Some(Written::Target(target)) => targets.push(target),
                Some(Written::Policy(_)) => {
                    let (_, inner) = written.split_once(':').unwrap_or_default();
                    targets.extend(self.first_step(inner, trail)?);
                }
                None => {}
            }
        }
        trail.pop();
        Ok(targets)
    }
}
