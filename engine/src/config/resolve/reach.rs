//! What the reachability proof asks when nothing else is said.

use super::super::mistake::{Mistake, quoted};
use super::super::plan::ReachPlan;
use super::super::raw::Raw;
use super::super::value::duration;
use super::Context;
use jiff::SignedDuration;

/// A page later than this is no page.
const WITHIN_MAX: SignedDuration = SignedDuration::from_hours(24);

/// What is not said is [`ReachPlan::default`].
pub(super) fn reach(raw: &Raw, context: &Context<'_>) -> ReachPlan {
    let usual = ReachPlan::default();
    let Some(written) = context.once("[reach]", &raw.reach, |reach| reach.at) else { return usual };
    let within = written.within.as_ref().and_then(|within| match duration(within) {
        Some(length) if (SignedDuration::ZERO..=WITHIN_MAX).contains(&length) => Some(length),
        _ => {
            let message = format!("expected a length of at most a day, got {}", quoted(within));
            context.add(Mistake::error(within.at, message).hint("write it as \"15m\""));
            None
        }
    });
    ReachPlan {
        days: written.days.and_then(|days| u32::try_from(days).ok()).unwrap_or(usual.days),
        within: within.unwrap_or(usual.within),
        page: written.page.unwrap_or(usual.page),
    }
}
