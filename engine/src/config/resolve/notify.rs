//! How close together messages to one person may come: the operator's bounds, within those of the engine.

use super::super::mistake::{At, Mistake, quoted};
use super::super::raw::{Raw, RawBounds};
use super::super::value::duration;
use super::Context;
use jiff::SignedDuration;
use nightbell_core::model::{Bounds, Pacing};
use std::ops::RangeInclusive;

/// A first window.
const WINDOW: RangeInclusive<SignedDuration> =
    SignedDuration::from_secs(10)..=SignedDuration::from_hours(1);
/// The longest window of what can wait.
const WINDOW_MAX: RangeInclusive<SignedDuration> =
    SignedDuration::from_secs(10)..=SignedDuration::from_hours(24);
/// The longest window of what cannot: nobody sleeps through an outage because of a setting.
const URGENT_WINDOW_MAX: RangeInclusive<SignedDuration> =
    SignedDuration::from_secs(10)..=SignedDuration::from_mins(10);

/// What `[notify]` says, over what holds without it.
pub(super) fn pacing(raw: &Raw, context: &Context<'_>) -> Pacing {
    let mut pacing = Pacing::default();
    let Some(notify) = context.once("[notify]", &raw.notify, |notify| notify.at) else {
        return pacing;
    };
    pacing.usual = bounds(&notify.usual, pacing.usual, context);
    for (name, written) in &notify.channels {
        let under = match name.as_str() {
            Pacing::CALLS => Bounds::CALLS,
            _ => pacing.usual,
        };
        pacing.channels.insert(name.value.clone(), bounds(written, under, context));
    }
    pacing
}

fn bounds(written: &RawBounds, under: Bounds, context: &Context<'_>) -> Bounds {
    let within = |key, written: &Option<At<String>>, range, otherwise| {
        written.as_ref().and_then(|at| length(key, at, range, context)).unwrap_or(otherwise)
    };
    let window = within("window", &written.window, WINDOW, under.window);
    let resolved = Bounds {
        window,
        window_max: within("window_max", &written.window_max, WINDOW_MAX, under.window_max),
        urgent_window_max: within(
            "urgent_window_max",
            &written.urgent_window_max,
            URGENT_WINDOW_MAX,
            under.urgent_window_max,
        ),
        burst: written.burst.unwrap_or(under.burst),
    };
    let longest = [
        ("window_max", &written.window_max, resolved.window_max),
        ("urgent_window_max", &written.urgent_window_max, resolved.urgent_window_max),
    ];
    for (key, at, longest) in longest {
        if let Some(at) = at.as_ref().filter(|_| longest < window) {
            context.add(
                Mistake::error(at.at, format!("`{key}` is shorter than `window`"))
                    .hint("the first window is the shortest one: make this at least as long"),
            );
        }
    }
    resolved
}

fn length(
    key: &str,
    written: &At<String>,
    range: RangeInclusive<SignedDuration>,
    context: &Context<'_>,
) -> Option<SignedDuration> {
    let length = duration(written);
    let shown = format!("{:#} to {:#}", range.start(), range.end());
    let message = match length {
        Some(length) if range.contains(&length) => return Some(length),
        Some(_) => format!("expected {shown} for `{key}`, got {}", quoted(written)),
        None => format!("expected a length of time for `{key}`, got {}", quoted(written)),
    };
    context
        .add(Mistake::error(written.at, message).hint("write it as \"90s\", \"2m\" or \"1h30m\""));
    None
}
